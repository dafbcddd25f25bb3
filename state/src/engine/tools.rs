//! The registry of the tools that the model may call. This file knows all of them and only routes: a call to its tool, what a
//! call may do to the tool that does it, a report and a stop to the tool that is at work.

pub mod command;
pub mod def;
pub mod image;
pub mod one_shot;
pub mod patch;
pub mod permissions;
pub mod plan;
pub mod process;
pub mod remaining;
pub mod shell;
pub mod spawn;
pub mod stdin;
pub mod user_input;
pub mod web_search;

use crate::{
    cmd::Tool,
    config::Config,
    engine::{
        Action, Call, CallStep, Ctx, Thread, ToolState,
        calls::close,
        late::{Late, late},
    },
    key::Work,
    msg::Report,
};

use def::ToolDef;

/// All tools, in the order in which they are offered: it stays, so that the server's prompt cache holds.
const TOOLS: &[&ToolDef] = &[
    &shell::TOOL,
    &stdin::TOOL,
    &one_shot::TOOL,
    &plan::TOOL,
    &user_input::TOOL,
    &patch::TOOL,
    &image::TOOL,
    &permissions::TOOL,
    &remaining::TOOL,
    &web_search::TOOL,
];

/// The tools on offer.
pub fn offered(config: &Config, can_ask: bool) -> Vec<Tool> {
    TOOLS.iter().filter_map(|tool| (tool.offer)(config, can_ask)).collect()
}

/// Starts the call at this place.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    let fits = |tool: &&&ToolDef| tool.names.contains(&call.name.as_str()) && tool.kinds.contains(&call.kind);
    let start = TOOLS.iter().find(fits).map_or(def::unsupported as _, |tool| tool.start);
    start(ctx, thread, at, call)
}

/// Does what the call at this place may do.
pub fn run(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, action: Action) -> CallStep {
    match action {
        Action::Patch(patch) => patch::run(ctx, thread, at, patch),
        Action::Permissions(permissions) => permissions::grant(ctx, thread, at, &permissions, false),
        Action::Answers(_) => user_input::run(ctx, thread, at),
        Action::Command(command) => match command.input_to {
            Some(process) => stdin::run(ctx, thread, at, process, &command),
            None => spawn::run(ctx, thread, at, command),
        },
    }
}

/// Brings a report to the call that waits for it, and says how it goes on.
pub fn report(ctx: &mut Ctx<'_>, thread: &mut Thread, work: &Work, report: Report) -> Option<(usize, CallStep)> {
    let Some(at) = close::waiting(thread, work) else { return unawaited(ctx, thread, work) };
    let tool = at_work(ctx, thread, at)?;
    (tool.report)(ctx, thread, at, work, report).map(|step| (at, step))
}

/// Stops the work for the call at this place, whose turn is stopped. `None` when its end is reported.
pub fn stop(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) -> Option<CallStep> {
    match at_work(ctx, thread, at) {
        Some(tool) => (tool.stop)(ctx, thread, at),
        None => def::abandon(ctx, thread, at),
    }
}

/// No call waits for this work.
fn unawaited<T>(ctx: &mut Ctx<'_>, thread: &mut Thread, work: &Work) -> Option<T> {
    match work {
        Work::Process(_) => late(Late::CommandInBackground),
        Work::Write(..) => late(Late::InputDelivered),
        Work::Tool(_) => late(Late::CallEnded),
        // The end of the wait cancels the timer.
        Work::Timer(_) => {
            never!(ctx, thread, "{work:?} has elapsed, and nothing waits for it");
            None
        }
        Work::Request(..)
        | Work::Files(_)
        | Work::Rule(_)
        | Work::Name(_)
        | Work::Changes(_)
        | Work::Observe
        | Work::Append(_) => {
            never!(ctx, thread, "{work:?} is no work of a tool");
            None
        }
    }
}

/// The tool that is at work for the call at this place. Not always the one that was called: a patch may come through the shell.
fn at_work(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) -> Option<&'static ToolDef> {
    let found = match close::tool_state(thread, at) {
        Some(ToolState::Process(_)) => Some(&shell::TOOL),
        Some(ToolState::Input(_)) => Some(&stdin::TOOL),
        Some(ToolState::Patching { .. }) => Some(&patch::TOOL),
        Some(ToolState::ResolvingPaths { .. }) => Some(&permissions::TOOL),
        Some(ToolState::Effect { tool, .. }) => TOOLS.iter().find(|row| row.names[0] == *tool).copied(),
        None => None,
    };
    always!(ctx, thread, found.is_some(), "no tool is at work for call {at}").then_some(found)?
}
