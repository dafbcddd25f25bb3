//! Whether a turn goes on: its calls have their outputs, and the next request, the end or the stop follows.

use crate::engine::{
    CallPhase, Ctx, Step, StopReason, Thread, TurnEnd,
    calls::run,
    turn::{finish, request, stop},
};

/// Goes on when every call has its output; how the turn ends, if that was all.
pub fn go_on(ctx: &mut Ctx<'_>, thread: &mut Thread) -> Option<TurnEnd> {
    let running = thread.running()?;
    if !running.calls.iter().all(|call| matches!(call.phase, CallPhase::Done { .. })) {
        return None;
    }
    match running.step {
        Step::RunningTools => {}
        Step::Stopping { why: StopReason::Interrupted } => return stop::stopped(ctx, thread),
        Step::Streaming(_) | Step::Waiting { .. } => return None,
    }
    let had_calls = !running.calls.is_empty();
    let steered = !running.steer.is_empty();
    run::give_outputs(ctx, thread);
    if had_calls || steered {
        request::send(ctx, thread);
        return None;
    }
    finish::complete(ctx, thread)
}
