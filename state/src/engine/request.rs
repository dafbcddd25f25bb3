//! The next request of a turn.

use crate::{
    cmd::{Effect, ModelRequest},
    key::Key,
};

use super::{Attempt, Ctx, Step, Thread, begin, prompt};

/// Time for a connection to be made.
const CONNECT_TIMEOUT_MS: u64 = 10_000;
/// Idle limit where a provider names none.
const IDLE_TIMEOUT_MS: u64 = 300_000;

/// Sends the next request; what the person said meanwhile goes with it.
pub fn send(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let steer = thread.running_mut().map(|running| std::mem::take(&mut running.steer)).unwrap_or_default();
    for input in steer {
        begin::say(ctx, thread, input);
    }
    let stream_retries = thread.running().map_or(0, |running| running.stream_retries);
    attempt(ctx, thread, Attempt { stream_retries, ..Attempt::default() });
}

/// Sends a request that counts as this attempt.
pub fn attempt(ctx: &mut Ctx<'_>, thread: &mut Thread, mut attempt: Attempt) {
    let thread_id = thread.id.clone();
    let input = thread.history.clone();
    let Some(running) = thread.running_mut() else { return };
    running.requests += 1;
    attempt.request = running.requests;
    let provider = ctx.config.providers.get(&ctx.config.provider);
    let request = ModelRequest {
        provider: ctx.config.provider.clone(),
        model: ctx.config.model.clone(),
        instructions: prompt::base(ctx.config),
        input,
        tools: prompt::tools(ctx.config, ctx.face),
        parallel_tool_calls: true,
        effort: ctx.config.effort.clone(),
        summary: ctx.config.summary.clone(),
        verbosity: ctx.config.verbosity.clone(),
        output_schema: ctx.engine.output_schema.clone(),
        service_tier: ctx.config.service_tier.clone(),
        thread: thread_id.clone(),
        turn: running.id.0.clone(),
        idle_timeout_ms: provider.map_or(IDLE_TIMEOUT_MS, |provider| provider.stream_idle_timeout_ms),
        connect_timeout_ms: CONNECT_TIMEOUT_MS,
    };
    let key = Key::Turn(thread_id, running.number, running.requests);
    running.step = Step::Asking(attempt);
    ctx.run(key, Effect::Request(Box::new(request)));
}

/// The key of the running request, if one is out.
pub fn key(thread: &Thread) -> Option<Key> {
    let running = thread.running()?;
    match &running.step {
        Step::Asking(attempt) => Some(Key::Turn(thread.id.clone(), running.number, attempt.request)),
        Step::Waiting { .. } | Step::Calling | Step::Stopping { .. } => None,
    }
}
