//! The calls of a response: started when the response is over, answered in call order.

use crate::{
    history::HistoryItem,
    item::{Level, Usage},
    limits::CALLS_PER_RESPONSE,
    msg::Ended,
    rollout::RolloutItem,
};

use crate::engine::{
    Attempt, Call, CallPhase, Ctx, Step, StopReason, Thread,
    calls::{self, close},
    turn::{finish, request, stop},
};

/// The response is over: count its tokens, then run its calls, answer the user's steering, or finish.
pub fn response_over(ctx: &mut Ctx<'_>, thread: &mut Thread, usage: Option<Usage>, ended: Ended) {
    let Some(running) = thread.running_mut() else { return };
    let Step::Streaming(attempt) = &mut running.step else { return };
    let attempt = std::mem::take(attempt);
    running.stream_retries = 0;
    if let Some(usage) = usage {
        running.usage = running.usage.plus(usage);
        thread.total = thread.total.plus(usage);
        thread.last = usage;
        let record =
            RolloutItem::TokenCount { total: thread.total, last: usage, context_window: ctx.config.context_window };
        thread.record(ctx.clock.unix_ms, record);
    }
    finish::cut_open_items(ctx, thread, &attempt);
    match ended {
        Ended::Whole if attempt.has_answered || !is_alone(thread) => start(ctx, thread),
        Ended::Whole => empty(ctx, thread, &attempt),
        Ended::Incomplete { reason } => {
            let message = format!(
                "The model stopped before its answer was complete ({reason}). Ask it to go on, or ask for less at once."
            );
            finish::fail(ctx, thread, &attempt, message);
        }
    }
}

/// Whether nothing else makes the turn go on: no call, and nothing that the user said meanwhile.
fn is_alone(thread: &Thread) -> bool {
    thread.running().is_some_and(|running| running.calls.is_empty() && running.steer.is_empty())
}

/// The answer was empty. A turn that has said something before ends with that; another one has failed.
fn empty(ctx: &mut Ctx<'_>, thread: &mut Thread, attempt: &Attempt) {
    let message = format!(
        "The answer of `{}` (provider `{}`) was empty: no text and no tool call.",
        ctx.config.model, ctx.config.provider
    );
    if thread.running().is_some_and(|running| running.last_message.is_some()) {
        ctx.note(thread, Level::Warning, message);
        return start(ctx, thread);
    }
    let hint = "Send the message again, or choose another model with `-m`.";
    finish::fail(ctx, thread, attempt, format!("{message} {hint}"));
}

/// Starts every call that has not been looked at, then settles.
pub fn start(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let Some(running) = thread.running_mut() else { return };
    running.step = Step::RunningTools;
    for at in 0..running.calls.len() {
        if at >= CALLS_PER_RESPONSE {
            let text = format!("Not run: one response may hold at most {CALLS_PER_RESPONSE} calls.");
            close::answer(thread, at, text);
        } else if thread.running().is_some_and(|running| running.calls[at].phase == CallPhase::New) {
            calls::start(ctx, thread, at);
        }
    }
    settle(ctx, thread);
}

/// Goes on when every call has its output.
pub fn settle(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let Some(running) = thread.running() else { return };
    if !running.calls.iter().all(|call| matches!(call.phase, CallPhase::Done { .. })) {
        return;
    }
    match running.step {
        Step::RunningTools => {}
        Step::Stopping { why: StopReason::Interrupted } => return stop::stopped(ctx, thread),
        Step::Streaming(_) | Step::Waiting { .. } => return,
    }
    let had_calls = !running.calls.is_empty();
    let steered = !running.steer.is_empty();
    give_outputs(ctx, thread);
    if had_calls || steered {
        request::send(ctx, thread);
    } else {
        finish::complete(ctx, thread);
    }
}

/// Moves the outputs of all calls into the conversation, in call order.
pub fn give_outputs(ctx: &Ctx<'_>, thread: &mut Thread) {
    let Some(running) = thread.running_mut() else { return };
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
            | CallPhase::Patching { .. }
            | CallPhase::ReadingImage { .. }
            | CallPhase::ResolvingPaths { .. }
            | CallPhase::Running { .. } => close::not_run(),
        };
        thread.push_history(ctx.clock.unix_ms, HistoryItem::Output { call_id: id, content, kind });
        thread.pending_durable = true;
    }
}
