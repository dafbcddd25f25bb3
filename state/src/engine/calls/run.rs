//! The calls of a response: started when the response is over, answered in call order.

use crate::{
    engine::{
        Call, CallPhase, Ctx, Step, Thread,
        calls::{close, step},
    },
    history::{HistoryItem, Part},
    limits::CALLS_PER_RESPONSE,
};

/// Starts every call that has not been looked at.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let Some(running) = thread.running_mut() else {
        never!(ctx, thread, "calls are to be started, and no turn runs");
        return;
    };
    running.step = Step::RunningTools;
    for at in 0..running.calls.len() {
        if at >= CALLS_PER_RESPONSE {
            let text = format!("Not run: one response may hold at most {CALLS_PER_RESPONSE} calls.");
            step::end(ctx, thread, at, vec![Part::Text(text)]);
        } else if close::call(thread, at).is_some_and(|call| call.phase == CallPhase::New) {
            step::start(ctx, thread, at);
        }
    }
}

/// Moves the outputs of all calls into the conversation, in call order.
pub fn give_outputs(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let Some(running) = thread.running_mut() else {
        never!(ctx, thread, "outputs are to be given, and no turn runs");
        return;
    };
    let calls = std::mem::take(&mut running.calls);
    for Call { id, kind, phase, .. } in calls {
        #[cfg(feature = "planted-bugs")]
        if crate::planted::is("lost-output") && !matches!(phase, CallPhase::Done { .. }) {
            continue;
        }
        let content = match phase {
            CallPhase::Done { content } => content,
            CallPhase::New
            | CallPhase::AwaitingApproval { .. }
            | CallPhase::Persisting { .. }
            | CallPhase::Working(_) => close::not_run(),
        };
        thread.push_history(ctx.clock.unix_ms, HistoryItem::Output { call_id: id, content, kind });
        thread.pending_durable = true;
    }
}
