//! `/permissions [approval=M] [sandbox=M]`: what commands may do, and when the user is asked.

use super::{Args, Slash, always};
use crate::{
    config::{ApprovalPolicy, SandboxMode},
    screen::{
        ctx::ScreenCtx,
        overlay::{
            Overlay,
            permissions::{self, Permissions},
        },
    },
};

pub(super) const SLASH: Slash = Slash {
    name: "permissions",
    aliases: &["approvals"],
    args: Args::Own,
    help: "what commands may do",
    available: always,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    if args.is_empty() {
        return open(ctx);
    }
    match read(args) {
        Ok((approval, sandbox)) => permissions::change(ctx, approval, sandbox),
        Err(why) => ctx.toast(why),
    }
}

/// Opens the choice.
pub(super) fn open(ctx: &mut ScreenCtx<'_>) {
    if let Some(thread) = ctx.thread {
        ctx.screen.open(Overlay::Permissions(Permissions::new(thread)));
    }
}

fn read(args: &str) -> Result<(Option<ApprovalPolicy>, Option<SandboxMode>), String> {
    let (mut approval, mut sandbox) = (None, None);
    for word in args.split_whitespace() {
        match word.split_once('=') {
            Some(("approval", value)) => approval = Some(approval_of(value)?),
            Some(("sandbox", value)) => sandbox = Some(sandbox_of(value)?),
            Some(_) | None => return Err("Use /permissions, or /permissions approval=M sandbox=M.".to_owned()),
        }
    }
    Ok((approval, sandbox))
}

/// The approval policy of this spelling.
pub(super) fn approval_of(word: &str) -> Result<ApprovalPolicy, String> {
    let all = ApprovalPolicy::ALL;
    let found = all.into_iter().find(|policy| policy.as_str() == word);
    found.ok_or_else(|| format!("The approval policy is one of {}.", all.map(ApprovalPolicy::as_str).join(", ")))
}

/// The sandbox mode of this spelling.
pub(super) fn sandbox_of(word: &str) -> Result<SandboxMode, String> {
    let all = SandboxMode::ALL;
    let found = all.into_iter().find(|mode| mode.as_str() == word);
    found.ok_or_else(|| format!("The sandbox is one of {}.", all.map(SandboxMode::as_str).join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{ApprovalPolicy, SandboxMode, read};

    #[test]
    fn arguments_are_read_and_wrong_ones_say_what_is_allowed() {
        assert_eq!(read("sandbox=read-only"), Ok((None, Some(SandboxMode::ReadOnly))));
        let both = Ok((Some(ApprovalPolicy::Never), Some(SandboxMode::WorkspaceWrite)));
        assert_eq!(read(" approval=never  sandbox=workspace-write "), both);
        for (args, told) in [
            ("approval=always", "untrusted, on-request, never, on-failure"),
            ("sandbox=", "read-only, workspace-write, danger-full-access"),
            ("never", "approval=M sandbox=M"),
            ("network=on", "approval=M sandbox=M"),
        ] {
            let why = read(args).unwrap_err();
            assert!(why.contains(told), "{args}: {why}");
        }
    }
}
