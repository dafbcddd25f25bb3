//! What a tool is: a row of the registry, which stands in the file of the tool.

use crate::{
    cmd::Tool,
    config::Config,
    engine::{Call, CallStep, Ctx, Thread, calls::close},
    history::CallKind,
    key::Work,
    msg::Report,
};

/// A tool.
#[derive(Debug)]
pub struct ToolDef {
    /// The names by which it may be called, the one on offer first.
    pub names: &'static [&'static str],
    /// How it may be called.
    pub kinds: &'static [CallKind],
    /// What the model is told of it, if it is on offer; the second argument says whether the user can be asked.
    pub offer: fn(&Config, bool) -> Option<Tool>,
    /// Reads a call of it and says what comes next.
    pub start: fn(&mut Ctx<'_>, &mut Thread, usize, &Call) -> CallStep,
    /// Goes on with the call at this place, which waits for this work. `None`: it goes on waiting.
    pub report: fn(&mut Ctx<'_>, &mut Thread, usize, &Work, Report) -> Option<CallStep>,
    /// Stops the work for the call at this place, whose turn is stopped. `None`: its end is reported, and awaited.
    pub stop: fn(&mut Ctx<'_>, &mut Thread, usize) -> Option<CallStep>,
}

/// For tools that are called as functions only.
pub const FUNCTION: &[CallKind] = &[CallKind::Function];

/// The report of tools that wait for nothing: they answer when they are called, or when the user has.
pub fn waits_for_nothing(
    ctx: &mut Ctx<'_>,
    thread: &mut Thread,
    at: usize,
    work: &Work,
    _: Report,
) -> Option<CallStep> {
    never!(ctx, thread, "call {at} waits for nothing, and {work:?} was brought to it");
    None
}

/// The stop of tools whose work need not be awaited.
pub fn abandon(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) -> Option<CallStep> {
    Some(close::abort(ctx, thread, at, close::INTERRUPTED))
}

/// Refuses a call of what is no tool here.
pub fn unsupported(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, call: &Call) -> CallStep {
    close::refuse(ctx, thread, at, format!("unsupported call: {}", call.name))
}
