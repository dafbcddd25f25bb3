//! A request has failed: try again, or give up. Nothing is tried again that cannot get better.

use crate::{
    cmd::Notice,
    engine::{
        Attempt, Ctx, Step, Thread, TurnEnd,
        calls::run,
        turn::{finish, origin, request},
    },
    fault::{Fault, FaultKind},
    item::{Level, Streamed},
    limits::RETRY_AFTER_MS,
};

/// First backoff; each further one doubles it.
const BACKOFF_MS: u64 = 200;
/// The same where the server says that it has too much to do.
const OVERLOADED_BACKOFF_MS: u64 = 400;
/// Spread of the backoff, so that many clients do not come back in step.
const JITTER_PERCENT: u64 = 10;

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Recovery {
    /// Count it as a failed request.
    Request,
    /// Count it as a broken stream.
    Stream,
    /// The same request would fail again.
    None,
}

fn recovery(kind: FaultKind, connected: bool) -> Recovery {
    match kind {
        FaultKind::Network | FaultKind::Server | FaultKind::RateLimited | FaultKind::Overloaded => {
            if connected {
                Recovery::Stream
            } else {
                Recovery::Request
            }
        }
        FaultKind::StreamCut | FaultKind::StreamIdle => Recovery::Stream,
        FaultKind::Tls
        | FaultKind::MissingCredential
        | FaultKind::Auth
        | FaultKind::NotFound
        | FaultKind::BadRequest
        | FaultKind::ContextTooLong
        | FaultKind::ForeignReasoning
        | FaultKind::QuotaExceeded
        | FaultKind::Malformed
        | FaultKind::Incomplete
        | FaultKind::TooLarge
        | FaultKind::Spawn
        | FaultKind::Sandbox
        | FaultKind::Storage
        | FaultKind::Missing => Recovery::None,
    }
}

/// Handles the failure of the request that is out; how the turn ends, if it is given up.
pub fn failed(ctx: &mut Ctx<'_>, thread: &mut Thread, fault: Fault) -> Option<TurnEnd> {
    let Some(running) = thread.running_mut() else {
        never!(ctx, thread, "a request has failed, and no turn runs");
        return None;
    };
    let Step::Streaming(attempt) = &mut running.step else {
        never!(ctx, thread, "a request has failed that is not out");
        return None;
    };
    let mut attempt = std::mem::take(attempt);
    // Without what the server cannot read the same request may do, and at once.
    if fault.kind == FaultKind::ForeignReasoning && origin::forget(thread) {
        let line = "The server could not read the encrypted reasoning of earlier answers; it is left out from here on.";
        ctx.note(thread, Level::Info, line);
        leave_open(thread, &mut attempt);
        request::attempt(ctx, thread, attempt);
        return None;
    }
    let recovery = recovery(fault.kind, attempt.connected);
    let (count, limit) = count(ctx, &mut attempt, recovery);
    if let Some(running) = thread.running_mut() {
        running.stream_retries = attempt.stream_retries;
    }
    let too_long = fault.retry_after_ms.is_some_and(|wait| wait > RETRY_AFTER_MS);
    let may_retry = count <= limit && !too_long;
    // Calls that arrived whole before the break are work to go on with: their outputs make the next request.
    if may_retry && thread.running().is_some_and(|running| !running.calls.is_empty()) {
        leave_open(thread, &mut attempt);
        finish::cut_open_items(ctx, thread, &attempt);
        run::start(ctx, thread);
        return None;
    }
    if !may_retry {
        return give_up(ctx, thread, &attempt, &fault, count.saturating_sub(1));
    }
    let first_ms = if fault.kind == FaultKind::Overloaded { OVERLOADED_BACKOFF_MS } else { BACKOFF_MS };
    let backoff = ctx.ids.jitter(first_ms << (count - 1).min(10), JITTER_PERCENT);
    let delay_ms = fault.retry_after_ms.unwrap_or(0).max(backoff);
    leave_open(thread, &mut attempt);
    let timer = ctx.timer(&thread.id, delay_ms);
    let turn = thread.running()?.id.clone();
    ctx.tell(Notice::Retrying {
        thread: thread.id.clone(),
        turn,
        message: fault.summary.clone(),
        attempt: count,
        limit,
        delay_ms,
    });
    let until_ms = ctx.clock.mono_ms + delay_ms;
    if let Some(running) = thread.running_mut() {
        running.step = Step::Waiting { timer, until_ms, reason: fault.summary, attempt };
    }
    None
}

/// Counts the failure and gives the count so far (this one included) and the limit.
fn count(ctx: &Ctx<'_>, attempt: &mut Attempt, recovery: Recovery) -> (u32, u32) {
    let provider = ctx.settings.config.providers.get(&ctx.settings.config.provider);
    match recovery {
        Recovery::Request => {
            attempt.request_retries += 1;
            (attempt.request_retries, provider.map_or(0, |provider| provider.request_max_retries))
        }
        Recovery::Stream => {
            attempt.stream_retries += 1;
            (attempt.stream_retries, provider.map_or(0, |provider| provider.stream_max_retries))
        }
        Recovery::None => (1, 0),
    }
}

/// Moves the items that the broken stream left open to those that the next attempt takes over.
fn leave_open(thread: &Thread, attempt: &mut Attempt) {
    let open = attempt.items.values().filter(|open| !open.done).filter_map(|open| open.item);
    for item in open.filter_map(|id| thread.item(id)).filter(|item| item.open) {
        match item.kind.streamed() {
            Some(Streamed::Answer(_)) => attempt.stale.answers.push_back(item.id),
            Some(Streamed::Reasoning(_)) => attempt.stale.reasoning.push_back(item.id),
            // What a response leaves open is text of one of these two.
            None => {}
        }
    }
    attempt.items.clear();
    attempt.connected = false;
    attempt.call_bytes = 0;
    attempt.has_answered = false;
}

/// Sends the request again; its time has come.
pub fn again(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let Some(running) = thread.running_mut() else {
        never!(ctx, thread, "a request is to be sent again, and no turn runs");
        return;
    };
    let Step::Waiting { attempt, .. } = &mut running.step else {
        never!(ctx, thread, "a request is to be sent again that does not wait");
        return;
    };
    let attempt = std::mem::take(attempt);
    request::attempt(ctx, thread, attempt);
}

fn give_up(ctx: &mut Ctx<'_>, thread: &mut Thread, attempt: &Attempt, fault: &Fault, retries: u32) -> Option<TurnEnd> {
    let tries = match retries {
        0 => String::new(),
        1 => " It was tried again once.".to_owned(),
        retries => format!(" It was tried again {retries} times."),
    };
    let asks = match fault.retry_after_ms.filter(|wait| *wait > RETRY_AFTER_MS) {
        Some(wait_ms) => format!(" It asks to wait {}.", rough(wait_ms)),
        None => String::new(),
    };
    let hint = fault.hint.as_ref().map(|hint| format!(" {hint}")).unwrap_or_default();
    finish::fail(ctx, thread, attempt, format!("{}{tries}{asks}{hint}", fault.summary))
}

/// A long wait as a user says it, never shorter than it is.
fn rough(wait_ms: u64) -> String {
    const MINUTE_MS: u64 = 60_000;
    match wait_ms.div_ceil(MINUTE_MS) {
        minutes @ 0..=120 => format!("{minutes} minutes"),
        minutes @ 121..=2880 => format!("{} hours", minutes.div_ceil(60)),
        minutes => format!("{} days", minutes.div_ceil(60 * 24)),
    }
}
