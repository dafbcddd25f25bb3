//! The tools that the model may call, each in its own file. This file knows all of them and only routes: a call to its tool,
//! what a call may do to the tool that does it, and a stop to the tool that is at work.

pub mod command;
pub mod image;
pub mod one_shot;
pub mod patch;
pub mod permissions;
pub mod plan;
pub mod process;
pub mod shell;
pub mod spawn;
pub mod stdin;
pub mod user_input;
pub mod web_search;

use crate::{
    cmd::Tool,
    config::Config,
    engine::{Action, Call, CallStep, Ctx, Thread, ToolState, calls::close, processes},
    history::CallKind,
};

/// A tool: a row of the table below, and its own file.
pub struct ToolDef {
    /// The names by which it may be called, the one on offer first.
    pub names: &'static [&'static str],
    /// How it may be called.
    pub kinds: &'static [CallKind],
    /// What the model is told of it, if it is on offer.
    pub offer: fn(&Config, bool) -> Option<Tool>,
    /// Reads a call of it and says what comes next.
    pub start: fn(&mut Ctx<'_>, &mut Thread, usize, &Call) -> CallStep,
}

const FUNCTION: &[CallKind] = &[CallKind::Function];

/// All tools, in the order in which they are offered: it stays, so that the server's prompt cache holds.
const TOOLS: &[ToolDef] = &[
    ToolDef { names: &["exec_command"], kinds: FUNCTION, offer: shell::offer, start: shell::start },
    ToolDef { names: &["write_stdin"], kinds: FUNCTION, offer: stdin::offer, start: stdin::start },
    ToolDef {
        names: &["shell_command", "shell", "container.exec", "local_shell"],
        kinds: FUNCTION,
        offer: one_shot::offer,
        start: one_shot::start,
    },
    ToolDef { names: &["update_plan"], kinds: FUNCTION, offer: plan::offer, start: plan::start },
    ToolDef { names: &["request_user_input"], kinds: FUNCTION, offer: user_input::offer, start: user_input::start },
    ToolDef {
        names: &["apply_patch"],
        kinds: &[CallKind::Function, CallKind::Custom],
        offer: patch::offer,
        start: patch::start,
    },
    ToolDef { names: &["view_image"], kinds: FUNCTION, offer: image::offer, start: image::start },
    ToolDef { names: &["request_permissions"], kinds: FUNCTION, offer: permissions::offer, start: permissions::start },
    ToolDef { names: &["web_search"], kinds: &[], offer: web_search::offer, start: unsupported },
];

/// The tools on offer.
pub fn offered(config: &Config, can_ask: bool) -> Vec<Tool> {
    TOOLS.iter().filter_map(|tool| (tool.offer)(config, can_ask)).collect()
}

/// Starts the call at this place.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    let fits = |tool: &&ToolDef| tool.names.contains(&call.name.as_str()) && tool.kinds.contains(&call.kind);
    let start = TOOLS.iter().find(fits).map_or(unsupported as _, |tool| tool.start);
    start(ctx, thread, at, call)
}

fn unsupported(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    close::refuse(ctx, thread, at, format!("unsupported call: {}", call.name))
}

/// Does what the call at this place may do.
pub fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, action: Action) -> CallStep {
    match action {
        Action::Patch(patch) => patch::run(ctx, thread, at, patch),
        Action::Permissions(permissions) => permissions::grant(ctx, thread, at, &permissions, false),
        Action::Answers(_) => user_input::run(ctx, thread, at),
        Action::Command(command) => match command.input_to {
            Some(process) => stdin::run(ctx, thread, at, process, &command),
            None => spawn::run(ctx, thread, at, &command),
        },
    }
}

/// Stops the work for the call at this place, whose turn is stopped. `None` when its end is reported.
pub fn stop(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, state: &ToolState) -> Option<CallStep> {
    match state {
        ToolState::Process(wait) => {
            processes::kill(ctx, thread, wait.process);
            None
        }
        // What is being written is written whole; its outcome is a moment away and is told.
        ToolState::Patching { .. } => None,
        ToolState::ReadingImage { .. } | ToolState::ResolvingPaths { .. } => {
            Some(close::abort(ctx, thread, at, close::INTERRUPTED))
        }
    }
}
