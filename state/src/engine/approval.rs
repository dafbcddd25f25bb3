//! Whether a command may run: the policy, and the person's answer.

use std::collections::BTreeSet;

use crate::{
    boot::FaceKind,
    cmd::Notice,
    config::{ApprovalPolicy, Config, SandboxMode},
    item::CommandStatus,
    key::CallId,
    msg::Decision,
};

use super::{CallPhase, Ctx, Thread, Wanted, patch, shell, stdin, stop, tools, turn::ShellCommand};

/// What the policy says of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Run it.
    Run,
    /// Ask the person.
    Ask,
    /// Do not run it; the model is told this sentence.
    Refuse(String),
}

/// What the policy says of a command. Commands do not run in the sandbox yet, so every one asks unless the person has
/// given up the sandbox altogether; where nobody can be asked, that means no.
pub fn vet(
    config: &Config,
    face: FaceKind,
    accepted: &BTreeSet<(Vec<String>, String)>,
    command: &ShellCommand,
) -> Verdict {
    // Waiting for output types nothing, so there is nothing to ask.
    if command.input_to.is_some() && command.text.is_empty() {
        return Verdict::Run;
    }
    if accepted.contains(&(command.argv.clone(), command.cwd.clone())) {
        return Verdict::Run;
    }
    match (config.sandbox, config.approval) {
        (
            SandboxMode::DangerFullAccess,
            ApprovalPolicy::Never | ApprovalPolicy::OnRequest | ApprovalPolicy::OnFailure,
        ) => Verdict::Run,
        (SandboxMode::DangerFullAccess, ApprovalPolicy::Untrusted) if face.is_interactive() => Verdict::Ask,
        (SandboxMode::DangerFullAccess, ApprovalPolicy::Untrusted) => Verdict::Run,
        (SandboxMode::ReadOnly | SandboxMode::WorkspaceWrite, _) if !face.is_interactive() => Verdict::Refuse(
            "Not run: commands do not run in the sandbox yet, and nobody can be asked here. The person can allow commands \
             with `--sandbox danger-full-access`."
                .to_owned(),
        ),
        (SandboxMode::ReadOnly | SandboxMode::WorkspaceWrite, ApprovalPolicy::Never) => Verdict::Refuse(
            "Not run: commands do not run in the sandbox yet, and the approval policy is `never`. The person can allow \
             commands with `--ask-for-approval on-request` or `--sandbox danger-full-access`."
                .to_owned(),
        ),
        (
            SandboxMode::ReadOnly | SandboxMode::WorkspaceWrite,
            ApprovalPolicy::Untrusted | ApprovalPolicy::OnRequest | ApprovalPolicy::OnFailure,
        ) => Verdict::Ask,
    }
}

/// Does what the policy says with the call at this place.
pub fn carry_out(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, wanted: Wanted, verdict: Verdict) {
    match verdict {
        Verdict::Run => run(ctx, thread, at, wanted),
        Verdict::Refuse(reason) => shell::decline(ctx, thread, at, &reason),
        Verdict::Ask => {
            ctx.engine.serials.question += 1;
            let question = ctx.engine.serials.question;
            let thread_id = thread.id.clone();
            let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) else { return };
            call.phase = CallPhase::Asking { question, wanted };
            let call = call.id.clone();
            ctx.tell(Notice::ApprovalAsked { thread: thread_id, call });
        }
    }
}

/// Runs what was decided to run, once the records so far are on disk.
fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, wanted: Wanted) {
    let is_written = ctx.engine.ephemeral || thread.is_appended(thread.last_append());
    if is_written {
        return start(ctx, thread, at, wanted);
    }
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.phase = CallPhase::Cleared { wanted };
    }
}

/// The records are on disk: starts what waited for that.
pub fn run_cleared(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    if !thread.is_appended(thread.last_append()) {
        return;
    }
    while let Some(at) = tools::find(thread, |call| matches!(call.phase, CallPhase::Cleared { .. })) {
        let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) else { return };
        let CallPhase::Cleared { wanted } = std::mem::replace(&mut call.phase, CallPhase::New) else { return };
        start(ctx, thread, at, wanted);
    }
    tools::settle(ctx, thread);
}

fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, wanted: Wanted) {
    match wanted {
        Wanted::Patch(patch) => patch::write(ctx, thread, at, patch),
        Wanted::Command(command) => match command.input_to {
            Some(session) => stdin::run(ctx, thread, at, session, &command),
            None => shell::run(ctx, thread, at, &command),
        },
    }
}

/// What "for this session" means: this command in this folder, or these files.
fn remembered(wanted: &Wanted) -> Vec<(Vec<String>, String)> {
    match wanted {
        Wanted::Command(command) => vec![(command.argv.clone(), command.cwd.clone())],
        Wanted::Patch(patch) => patch.paths.iter().map(|path| patch::acceptance(path)).collect(),
    }
}

/// Takes the person's answer. An answer to a question that is not open changes nothing.
pub fn decide(ctx: &mut Ctx<'_>, thread: &mut Thread, call: &CallId, decision: Decision) {
    let at = tools::find(thread, |candidate| candidate.id == *call);
    let Some(at) = at else { return };
    let Some(CallPhase::Asking { wanted, .. }) = thread.running().map(|running| running.calls[at].phase.clone()) else {
        return;
    };
    ctx.tell(Notice::ApprovalResolved { thread: thread.id.clone(), call: call.clone() });
    match decision {
        Decision::Accept => run(ctx, thread, at, wanted),
        Decision::AcceptForSession => {
            thread.accepted.extend(remembered(&wanted));
            run(ctx, thread, at, wanted);
        }
        Decision::Decline { reason } => {
            let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
            let text = match &reason {
                Some(reason) => format!("Not run: the person declined it and said: {reason}"),
                None => "Not run: the person declined it.".to_owned(),
            };
            shell::decline(ctx, thread, at, &text);
        }
        Decision::CancelTurn => {
            shell::close(ctx, thread, at, CommandStatus::Aborted, None);
            tools::answer(thread, at, "Not run: the person declined it and stopped the turn.");
            return stop::interrupt(ctx, thread);
        }
    }
    tools::settle(ctx, thread);
}
