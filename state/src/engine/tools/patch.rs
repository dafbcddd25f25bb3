//! `apply_patch`: the files are read first, so that the user is asked about what will really happen; written only
//! after that.

use std::sync::Arc;

use serde::Deserialize;

use crate::{
    cmd::{PatchEffect, PatchReach, Tool, ToolEffect, ToolFormat},
    config::{ApprovalPolicy, Config, SandboxMode},
    engine::{
        Action, Call, CallStep, Ctx, PatchCall, SessionApproval, Step, Thread, ToolState,
        approval::{self, vet::Vetted},
        calls::{arguments, close},
        sandbox, steered,
        tools::def::ToolDef,
        undo,
    },
    history::CallKind,
    item::{ItemKind, PatchFile, PatchItem, PatchStatus},
    key::Work,
    msg::{PatchReport, Report, ToolReport},
    patch::{self, Rejection},
    policy::{SandboxPlan, Verdict},
};
use serde_json::json;

pub mod shown;

#[derive(Deserialize)]
struct Arguments {
    #[serde(alias = "patch")]
    input: String,
}

/// Its row.
pub const TOOL: ToolDef =
    ToolDef { names: &["apply_patch"], kinds: &[CallKind::Function, CallKind::Custom], offer, start, report, stop };

fn offer(config: &Config, _: bool) -> Option<Tool> {
    Some(spec(config))
}

/// The patch as free text with its grammar where model and server can do that, else as a function.
fn spec(config: &Config) -> Tool {
    let description = "Changes files by a patch. It is checked whole first: either all files are changed or none.";
    if config.takes_free_text() {
        let format = ToolFormat::Grammar(include_str!("patch.lark").to_owned());
        return Tool { name: "apply_patch".to_owned(), description: description.to_owned(), format };
    }
    Tool::function(
        "apply_patch",
        &format!("{description} {PATCH_LANGUAGE}"),
        json!({
            "type": "object",
            "properties": {"input": {"type": "string", "description": "The whole patch."}},
            "required": ["input"],
            "additionalProperties": false,
        }),
    )
}

const PATCH_LANGUAGE: &str = "A patch begins with the line `*** Begin Patch` and ends with `*** End Patch`. Between them stand \
     sections: `*** Add File: PATH` with every line of the file behind a `+`; `*** Delete File: PATH`; `*** Update File: PATH`, \
     perhaps `*** Move to: PATH`, then hunks: a line `@@` (or `@@ CONTEXT`, a line above the place), then lines with a space \
     (kept), `-` (removed) or `+` (new) in front. Give three lines around each change.";

/// Takes up a patch, as free text or as the `input` of a function: a malformed one is refused at once, else its files are
/// read.
fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    let text = match call.kind {
        CallKind::Custom => Arc::clone(&call.arguments),
        CallKind::Function => match arguments::read::<Arguments>(&call.arguments) {
            Ok(arguments) => arguments.input.into(),
            Err(message) => return close::refuse(ctx, thread, at, message),
        },
    };
    let cwd = ctx.settings.host.cwd.clone();
    start_in(ctx, thread, at, PatchCall { text, cwd, paths: Vec::new(), plan: None, judged: None })
}

/// The same in a folder of its own.
pub fn start_in(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, patch: PatchCall) -> CallStep {
    let Some(id) = close::call(thread, at).map(|call| call.id.clone()) else {
        never!(ctx, thread, "call {at} is started and not there");
        return CallStep::Done(close::not_run());
    };
    let read = patch::parse(&patch.text);
    let files = read.as_ref().map(|read| shown::files(&patch::preview(read))).unwrap_or_default();
    close::show(ctx, thread, at, ItemKind::Patch(PatchItem { call: id, status: PatchStatus::Checking, files }));
    match read {
        Err(malformed) => reject(ctx, thread, at, Rejection::from(malformed).to_string()),
        Ok(_) => send(ctx, thread, patch, PatchReach::Nothing),
    }
}

/// The patch may be written.
pub fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, mut patch: PatchCall) -> CallStep {
    close::change(ctx, thread, at, |kind| {
        if let ItemKind::Patch(patch) = kind {
            patch.status = PatchStatus::Applying;
        }
    });
    // What was asked about names its files one by one, so it reaches as wide as they need.
    let reach = inside(ctx, thread, &mut patch).map_or(PatchReach::Everything, PatchReach::Within);
    send(ctx, thread, patch, reach)
}

fn send(ctx: &mut Ctx<'_>, thread: &Thread, patch: PatchCall, reach: PatchReach) -> CallStep {
    let writes = reach.writes();
    let shown = patch.plan.clone().filter(|_| writes);
    let change_scope = if writes { undo::of_patch(ctx, thread) } else { None };
    let effect = PatchEffect { text: patch.text.clone(), cwd: patch.cwd.clone(), reach, shown, change_scope };
    let serial = ctx.tool(thread, ToolEffect::Patch(effect));
    CallStep::Wait(ToolState::Patching { serial, patch, writes })
}

/// What is being written is written whole; its outcome is a moment away and is told.
fn stop(_: &mut Ctx<'_>, _: &mut Thread, _: usize) -> Option<CallStep> {
    None
}

/// The files were read, or written.
fn report(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, work: &Work, report: Report) -> Option<CallStep> {
    let report = if let Report::Tool(ToolReport::Patch(report)) = report {
        report
    } else if let Report::Failed(fault) = report {
        PatchReport::Rejected { text: fault.line() }
    } else {
        never!(ctx, thread, "a patch was to be read or written, and something else came under {work:?}");
        return None;
    };
    let Some(ToolState::Patching { patch, writes, .. }) = close::tool_state(thread, at).cloned() else {
        never!(ctx, thread, "call {at} is at no patch, and {work:?} was brought to it");
        return None;
    };
    let is_stopping = thread.running().is_some_and(|running| matches!(running.step, Step::Stopping { .. }));
    Some(match report {
        PatchReport::Rejected { text } => reject(ctx, thread, at, text),
        PatchReport::Fits { .. } if is_stopping => {
            close::abort(ctx, thread, at, "Not applied: the user interrupted the turn.")
        }
        PatchReport::Fits { files, plan } if !writes => fits(ctx, thread, at, PatchCall { plan, ..patch }, files),
        PatchReport::Applied { files, text, steered } if writes => {
            finish(ctx, thread, at, PatchStatus::Applied, Some(files));
            steered::tell(ctx, thread, &steered);
            undo::patch_changed(ctx, thread);
            CallStep::done(text)
        }
        PatchReport::Fits { .. } | PatchReport::Applied { .. } => {
            reject(ctx, thread, at, "The patch was answered out of turn; look at the files.".to_owned())
        }
    })
}

fn fits(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, mut call: PatchCall, files: Vec<PatchFile>) -> CallStep {
    call.paths = files.iter().flat_map(PatchFile::places).map(str::to_owned).collect();
    let verdict = vet(ctx, thread, &mut call);
    close::change(ctx, thread, at, |kind| {
        if let ItemKind::Patch(patch) = kind {
            patch.files = files;
            patch.status = PatchStatus::AwaitingApproval;
        }
    });
    approval::vet::carry_out(ctx, thread, at, Action::Patch(call), Vetted::of(verdict))
}

/// What the policy says of a patch: inside the workspace a user who lets commands write there is not asked; where
/// no approval can be given, everything else means no.
fn vet(ctx: &Ctx<'_>, thread: &Thread, call: &mut PatchCall) -> Verdict {
    // What a command without a sandbox was accepted to run is not changed under it, either.
    let runs = |path: &String| thread.processes.values().any(|terminal| terminal.runs_unsandboxed(path));
    if let Some(path) = call.paths.iter().find(|path| runs(path)) {
        let words = format!("A command that runs outside the sandbox runs `{path}`");
        return match ctx.settings.can_ask() && ctx.settings.config.approval != ApprovalPolicy::Never {
            true => Verdict::Ask { reason: format!("{words}."), sandboxed: false, offered_rule: None },
            false => Verdict::Refuse { reason: format!("Not applied: {words}. Wait until it has ended, or end it.") },
        };
    }
    let is_accepted = |path: &String| thread.accepted.contains_key(&SessionApproval::File(path.clone()));
    if !call.paths.is_empty() && call.paths.iter().all(is_accepted) {
        return Verdict::Run { sandboxed: false };
    }
    let asks_first = match ctx.settings.config.approval {
        ApprovalPolicy::Untrusted => true,
        ApprovalPolicy::Never | ApprovalPolicy::OnRequest | ApprovalPolicy::OnFailure => false,
    };
    match ctx.settings.config.sandbox {
        SandboxMode::DangerFullAccess if !asks_first => return Verdict::Run { sandboxed: false },
        SandboxMode::WorkspaceWrite if !asks_first && inside(ctx, thread, call).is_some() => {
            return Verdict::Run { sandboxed: true };
        }
        SandboxMode::DangerFullAccess | SandboxMode::WorkspaceWrite | SandboxMode::ReadOnly => {}
    }
    if ctx.settings.can_ask() && ctx.settings.config.approval != ApprovalPolicy::Never {
        let reason = reason(ctx, thread, call);
        return Verdict::Ask { reason, sandboxed: false, offered_rule: None };
    }
    let reason = match ctx.settings.config.sandbox {
        SandboxMode::ReadOnly => {
            "Not applied: nothing may be written here, and no approval can be given. The user can allow patches in the \
             working folder with `--sandbox workspace-write`."
        }
        SandboxMode::WorkspaceWrite | SandboxMode::DangerFullAccess => {
            "Not applied: a file lies outside the writable folders or below a protected name (.git, .codex, .agents), \
             and no approval can be given. The user can make a folder writable with `--add-dir FOLDER`."
        }
    };
    Verdict::Refuse { reason: reason.to_owned() }
}

/// Why a patch is asked about.
fn reason(ctx: &Ctx<'_>, thread: &Thread, call: &mut PatchCall) -> String {
    let is_inside = inside(ctx, thread, call).is_some();
    let plan = sandbox::judged(ctx, thread, &call.cwd, &mut call.judged);
    let protected = plan.and_then(|plan| call.paths.iter().find_map(|path| plan.protected_name(path)));
    if ctx.settings.config.sandbox == SandboxMode::ReadOnly {
        return format!("Under `{}` nothing is written without a yes.", ctx.settings.config.sandbox_name());
    }
    match protected {
        Some(name) => format!("`{name}` is protected: nothing is written there without a yes."),
        None if !is_inside && plan.is_some() => "It writes where commands may not write.".to_owned(),
        None => format!("The approval policy is `{}`.", ctx.settings.config.approval.as_str()),
    }
}

/// The sandbox of commands, when every file may be written within it, wherever links lead.
fn inside(ctx: &Ctx<'_>, thread: &Thread, call: &mut PatchCall) -> Option<SandboxPlan> {
    let plan = sandbox::judged(ctx, thread, &call.cwd, &mut call.judged)?;
    let may_write_all = !call.paths.is_empty() && call.paths.iter().all(|path| plan.may_write(path));
    may_write_all.then(|| plan.clone())
}

fn finish(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, status: PatchStatus, files: Option<Vec<PatchFile>>) {
    close::finish(ctx, thread, at, |kind| {
        if let ItemKind::Patch(patch) = kind {
            patch.status = status;
            patch.files = files.unwrap_or_else(|| std::mem::take(&mut patch.files));
        }
    });
}

fn reject(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, text: String) -> CallStep {
    finish(ctx, thread, at, PatchStatus::Rejected { reason: text.clone() }, None);
    CallStep::done(text)
}
