//! `apply_patch`: the files are read first, so that the user is asked about what will really happen; written only
//! after that.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    cmd::{Effect, PatchEffect, PatchReach},
    config::{ApprovalPolicy, SandboxMode},
    engine::{
        Action, CallPhase, Ctx, SessionApproval, Step, Thread, approval,
        calls::{arguments, close},
        steered,
        tools::permissions,
        turn::PatchCall,
        undo,
    },
    item::{CommandStatus, ItemKind, PatchFile, PatchItem, PatchStatus},
    key::{ItemId, Key},
    msg::PatchReport,
    patch::{self, Rejection},
    policy::{SandboxPlan, Verdict},
};

pub mod shown;

#[derive(Deserialize)]
struct Arguments {
    #[serde(alias = "patch")]
    input: String,
}

/// The function form: the patch as `input`.
pub fn start_function(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, arguments: &str) {
    match arguments::read::<Arguments>(arguments) {
        Ok(arguments) => start(ctx, thread, at, arguments.input.into()),
        Err(message) => close::refuse(ctx, thread, at, message),
    }
}

/// Takes up a patch: a malformed one is refused at once, else its files are read.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, text: Arc<str>) {
    let cwd = ctx.host.cwd.clone();
    start_in(ctx, thread, at, PatchCall { text, cwd, paths: Vec::new(), plan: None });
}

/// The same in a folder of its own.
pub fn start_in(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: PatchCall) {
    let read = patch::parse(&call.text);
    let files = read.as_ref().map(|patch| shown::files(&patch::preview(patch))).unwrap_or_default();
    let Some(id) = thread.running().and_then(|running| running.calls.get(at)).map(|call| call.id.clone()) else {
        return;
    };
    let kind = ItemKind::Patch(PatchItem { call: id, status: PatchStatus::Checking, files });
    let item = ctx.add_item(thread, true, kind);
    if let Some(call) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        call.item = Some(item);
    }
    match read {
        Err(malformed) => reject(ctx, thread, at, Rejection::from(malformed).to_string()),
        Ok(_) => run(ctx, thread, at, call, PatchReach::Nothing),
    }
}

/// The patch may be written.
pub fn write(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: PatchCall) {
    set(ctx, thread, at, PatchStatus::Applying);
    // What was asked about names its files one by one, so it reaches as wide as they need.
    let reach = inside(ctx, thread, &call).map_or(PatchReach::Everything, PatchReach::Within);
    run(ctx, thread, at, call, reach);
}

fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: PatchCall, reach: PatchReach) {
    ctx.engine.serials.patch += 1;
    let serial = ctx.engine.serials.patch;
    let writes = reach.writes();
    let shown = call.plan.clone().filter(|_| writes);
    let change_scope = if writes { undo::of_patch(ctx, thread) } else { None };
    let effect = PatchEffect { text: call.text.clone(), cwd: call.cwd.clone(), reach, shown, change_scope };
    ctx.run(Key::Patch(serial), Effect::Patch(effect));
    if let Some(waiting) = thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        waiting.phase = CallPhase::Patching { serial, patch: call, writes };
    }
}

/// The place of the call that waits for this effect.
pub fn place(thread: &Thread, action: u64) -> Option<usize> {
    close::find(thread, |call| matches!(call.phase, CallPhase::Patching { serial, .. } if serial == action))
}

/// The files were read, or written.
pub fn answered(ctx: &mut Ctx<'_>, thread: &mut Thread, serial: u64, report: PatchReport) {
    let Some(at) = place(thread, serial) else { return };
    let Some(CallPhase::Patching { patch, writes, .. }) =
        thread.running().map(|running| running.calls[at].phase.clone())
    else {
        return;
    };
    let is_stopping = thread.running().is_some_and(|running| matches!(running.step, Step::Stopping { .. }));
    match report {
        PatchReport::Rejected { text } => reject(ctx, thread, at, text),
        PatchReport::Fits { .. } if is_stopping => {
            close(ctx, thread, at, PatchStatus::Aborted, None);
            close::answer(thread, at, "Not applied: the user interrupted the turn.");
        }
        PatchReport::Fits { files, plan } if !writes => fits(ctx, thread, at, PatchCall { plan, ..patch }, files),
        PatchReport::Applied { files, text, steered } if writes => {
            close(ctx, thread, at, PatchStatus::Applied, Some(files));
            close::answer(thread, at, text);
            steered::tell(ctx, thread, &steered);
            undo::patch_changed(ctx, thread);
        }
        PatchReport::Fits { .. } | PatchReport::Applied { .. } => {
            reject(ctx, thread, at, "The patch was answered out of turn; look at the files.".to_owned());
        }
    }
}

fn fits(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, mut call: PatchCall, files: Vec<PatchFile>) {
    call.paths = files.iter().flat_map(PatchFile::places).map(str::to_owned).collect();
    let decision = vet(ctx, thread, &call);
    let item = item(thread, at);
    if let Some(item) = item {
        ctx.change_item(thread, item, |kind| {
            if let ItemKind::Patch(patch) = kind {
                patch.files = files;
                patch.status = PatchStatus::AwaitingApproval;
            }
        });
    }
    approval::carry_out(ctx, thread, at, Action::Patch(call), decision);
}

/// What the policy says of a patch: inside the workspace a user who lets commands write there is not asked; where
/// nobody can be asked, everything else means no.
fn vet(ctx: &Ctx<'_>, thread: &Thread, call: &PatchCall) -> Verdict {
    // What a command without a sandbox was accepted to run is not changed under it, either.
    let runs = |path: &String| thread.processes.values().any(|terminal| terminal.runs_without_walls(path));
    if let Some(path) = call.paths.iter().find(|path| runs(path)) {
        let words = format!("A command that runs outside the sandbox runs `{path}`");
        return match ctx.face.is_interactive() && ctx.config.approval != ApprovalPolicy::Never {
            true => Verdict::Ask { reason: format!("{words}."), sandboxed: false, offered_rule: None },
            false => Verdict::Refuse { reason: format!("Not applied: {words}. Wait until it has ended, or end it.") },
        };
    }
    let is_accepted = |path: &String| thread.accepted.contains_key(&SessionApproval::File(path.clone()));
    if !call.paths.is_empty() && call.paths.iter().all(is_accepted) {
        return Verdict::Run { sandboxed: false };
    }
    let asks_first = match ctx.config.approval {
        ApprovalPolicy::Untrusted => true,
        ApprovalPolicy::Never | ApprovalPolicy::OnRequest | ApprovalPolicy::OnFailure => false,
    };
    match ctx.config.sandbox {
        SandboxMode::DangerFullAccess if !asks_first => return Verdict::Run { sandboxed: false },
        SandboxMode::WorkspaceWrite if !asks_first && inside(ctx, thread, call).is_some() => {
            return Verdict::Run { sandboxed: true };
        }
        SandboxMode::DangerFullAccess | SandboxMode::WorkspaceWrite | SandboxMode::ReadOnly => {}
    }
    if ctx.face.is_interactive() && ctx.config.approval != ApprovalPolicy::Never {
        let reason = reason(ctx, thread, call);
        return Verdict::Ask { reason, sandboxed: false, offered_rule: None };
    }
    let reason = match ctx.config.sandbox {
        SandboxMode::ReadOnly => {
            "Not applied: nothing may be written here, and nobody can be asked. The user can allow patches in the \
             working folder with `--sandbox workspace-write`."
        }
        SandboxMode::WorkspaceWrite | SandboxMode::DangerFullAccess => {
            "Not applied: a file lies outside the writable folders or below a protected name (.git, .codex, .agents), and \
             nobody can be asked. The user can make a folder writable with `--add-dir FOLDER`."
        }
    };
    Verdict::Refuse { reason: reason.to_owned() }
}

/// Why a patch is asked about.
fn reason(ctx: &Ctx<'_>, thread: &Thread, call: &PatchCall) -> String {
    let plan = permissions::plan(ctx, thread, &call.cwd);
    let protected = plan.as_ref().and_then(|plan| call.paths.iter().find_map(|path| plan.protected_name(path)));
    if ctx.config.sandbox == SandboxMode::ReadOnly {
        return format!("Under `{}` nothing is written without a yes.", ctx.config.sandbox_name());
    }
    match protected {
        Some(name) => format!("`{name}` is protected: nothing is written there without a yes."),
        None if inside(ctx, thread, call).is_none() && plan.is_some() => {
            "It writes where commands may not write.".to_owned()
        }
        None => format!("The approval policy is `{}`.", ctx.config.approval.as_str()),
    }
}

/// The sandbox of commands, when every file may be written within it, wherever links lead.
fn inside(ctx: &Ctx<'_>, thread: &Thread, call: &PatchCall) -> Option<SandboxPlan> {
    let plan = permissions::plan(ctx, thread, &call.cwd)?;
    let may_write_all = !call.paths.is_empty() && call.paths.iter().all(|path| plan.may_write(path));
    may_write_all.then_some(plan)
}

/// Whether a question about the call at this place can show all of it. What cannot be read is nothing to say yes to for good.
pub fn is_shown_whole(thread: &Thread, at: usize) -> bool {
    let Some(item) = item(thread, at).and_then(|id| thread.item(id)) else { return true };
    let ItemKind::Patch(patch) = &item.kind else { return true };
    patch.files.iter().all(|file| file.hidden.is_nothing())
}

fn item(thread: &Thread, at: usize) -> Option<ItemId> {
    thread.running()?.calls.get(at)?.item
}

fn set(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, status: PatchStatus) {
    if let Some(item) = item(thread, at) {
        ctx.change_item(thread, item, |kind| {
            if let ItemKind::Patch(patch) = kind {
                patch.status = status;
            }
        });
    }
}

fn close(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, status: PatchStatus, files: Option<Vec<PatchFile>>) {
    if let Some(item) = item(thread, at) {
        ctx.close_item(thread, item, |kind| {
            if let ItemKind::Patch(patch) = kind {
                patch.status = status;
                patch.files = files.unwrap_or_else(|| std::mem::take(&mut patch.files));
            }
        });
    }
}

fn reject(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, text: String) {
    close(ctx, thread, at, PatchStatus::Rejected { reason: text.clone() }, None);
    close::answer(thread, at, text);
}

/// How the item of a patch ends that was answered like a command: declined or interrupted.
pub fn finish(patch: &mut PatchItem, status: CommandStatus) {
    patch.status = match status {
        CommandStatus::Declined { reason } | CommandStatus::FailedToStart { reason } => {
            PatchStatus::Declined { reason }
        }
        CommandStatus::Aborted
        | CommandStatus::AwaitingApproval
        | CommandStatus::Running
        | CommandStatus::Background { .. }
        | CommandStatus::Exited { .. } => PatchStatus::Aborted,
    };
}
