//! The response is over: its tokens are counted and its calls are started, or the turn ends with it.

use crate::{
    engine::{Attempt, Ctx, Step, Thread, TurnEnd, calls::run, turn::finish},
    item::{Level, Usage},
    msg::Ended,
    rollout::RolloutItem,
};

/// Counts its tokens, then has its calls run; or the turn ends.
pub fn over(ctx: &mut Ctx<'_>, thread: &mut Thread, usage: Option<Usage>, ended: Ended) -> Option<TurnEnd> {
    let Some(running) = thread.running_mut() else {
        never!(ctx, thread, "a response is over, and no turn runs");
        return None;
    };
    let Step::Streaming(attempt) = &mut running.step else {
        never!(ctx, thread, "a response is over that was not requested");
        return None;
    };
    let attempt = std::mem::take(attempt);
    running.stream_retries = 0;
    if let Some(usage) = usage {
        running.usage = running.usage.plus(usage);
        thread.total = thread.total.plus(usage);
        thread.last = usage;
        let record = RolloutItem::TokenCount {
            total: thread.total,
            last: usage,
            context_window: ctx.settings.config.context_window,
        };
        thread.record(ctx.clock.unix_ms, record);
    }
    finish::cut_open_items(ctx, thread, &attempt);
    match ended {
        Ended::Whole if attempt.has_answered || !is_alone(thread) => {
            run::start(ctx, thread);
            None
        }
        Ended::Whole => empty(ctx, thread, &attempt),
        Ended::Incomplete { reason } => {
            let message = format!(
                "The model stopped before its answer was complete ({reason}). Ask it to go on, or ask for less at once."
            );
            finish::fail(ctx, thread, &attempt, message)
        }
    }
}

/// Whether nothing else makes the turn go on: no call, and nothing that the user said meanwhile.
fn is_alone(thread: &Thread) -> bool {
    thread.running().is_some_and(|running| running.calls.is_empty() && running.steer.is_empty())
}

/// The answer was empty. A turn that has said something before ends with that; another one has failed.
fn empty(ctx: &mut Ctx<'_>, thread: &mut Thread, attempt: &Attempt) -> Option<TurnEnd> {
    let message = format!(
        "The answer of `{}` (provider `{}`) was empty: no text and no tool call.",
        ctx.settings.config.model, ctx.settings.config.provider
    );
    if thread.running().is_some_and(|running| running.last_message.is_some()) {
        ctx.note(thread, Level::Warning, message);
        run::start(ctx, thread);
        return None;
    }
    let hint = "Send the message again, or choose another model with `-m`.";
    finish::fail(ctx, thread, attempt, format!("{message} {hint}"))
}
