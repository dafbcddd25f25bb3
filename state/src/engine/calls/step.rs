//! The steps of a call. Its phase is set here and nowhere else: a tool says what it wants next, and this does it.

use crate::{
    engine::{
        Action, ApprovalContext, CallPhase, CallStep, Ctx, Thread,
        calls::close,
        requests::{self, RequestKind},
        tools,
    },
    history::Part,
};

/// Starts the call at this place.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize) {
    let Some(call) = close::call(thread, at).cloned() else {
        never!(ctx, thread, "call {at} is to be started, and is not there");
        return;
    };
    let step = tools::start(ctx, thread, at, &call);
    take(ctx, thread, at, step);
}

/// Does what a tool wants next of the call at this place.
pub fn take(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, mut step: CallStep) {
    loop {
        step = match step {
            CallStep::Wait(state) => return set(ctx, thread, at, CallPhase::Working(state)),
            CallStep::Done(content) => return end(ctx, thread, at, content),
            CallStep::Ask(action, context) => return ask(ctx, thread, at, action, context),
            CallStep::Run(action) if is_persisted(ctx, thread) => tools::run(ctx, thread, at, action),
            CallStep::Run(action) => return set(ctx, thread, at, CallPhase::Persisting { action }),
        };
    }
}

/// The same for the call that a report was about, if it was about one.
pub fn go_on(ctx: &mut Ctx<'_>, thread: &mut Thread, next: Option<(usize, CallStep)>) {
    if let Some((at, step)) = next {
        take(ctx, thread, at, step);
    }
}

/// Ends the call at this place with this output, whatever it was doing.
pub fn end(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, content: Vec<Part>) {
    set(ctx, thread, at, CallPhase::Done { content });
}

/// The records are on disk: starts what waited for that.
pub fn persisted(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    if !thread.is_appended(thread.last_append()) {
        return;
    }
    while let Some((at, action)) = waiting(thread) {
        let step = tools::run(ctx, thread, at, action);
        take(ctx, thread, at, step);
    }
}

/// The first call that waits for the disk, and what it would do.
fn waiting(thread: &Thread) -> Option<(usize, Action)> {
    thread.running()?.calls.iter().enumerate().find_map(|(at, call)| match &call.phase {
        CallPhase::Persisting { action } => Some((at, action.clone())),
        CallPhase::New | CallPhase::AwaitingApproval { .. } | CallPhase::Working(_) | CallPhase::Done { .. } => None,
    })
}

fn is_persisted(ctx: &Ctx<'_>, thread: &Thread) -> bool {
    ctx.settings.is_ephemeral() || thread.is_appended(thread.last_append())
}

fn ask(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, action: Action, context: ApprovalContext) {
    match requests::open(ctx, thread, at, RequestKind::of(&action)) {
        Some(request) => set(ctx, thread, at, CallPhase::AwaitingApproval { request, action, context }),
        None => never!(ctx, thread, "call {at} asks, and is not there"),
    }
}

fn set(ctx: &mut Ctx<'_>, thread: &mut Thread, at: usize, phase: CallPhase) {
    match thread.running_mut().and_then(|running| running.calls.get_mut(at)) {
        Some(call) => call.phase = phase,
        None => never!(ctx, thread, "a step of call {at}, of which the turn does not know"),
    }
}
