//! The next request of a turn.

use std::sync::Arc;

use serde_json::json;

use crate::{
    cmd::{Effect, ModelRequest},
    config::Config,
    engine::{Attempt, Ctx, Step, Thread, prompt, tools, turn::say, user_shell},
    history::{CallKind, HistoryItem},
    key::{Key, Work},
};

/// Time for a connection to be made.
const CONNECT_TIMEOUT_MS: u64 = 10_000;
/// Idle limit where a provider names none.
const IDLE_TIMEOUT_MS: u64 = 300_000;

/// Sends the next request; what the user said meanwhile goes with it.
pub fn send(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    user_shell::tell(ctx, thread);
    let steer = thread.running_mut().map(|running| std::mem::take(&mut running.steer)).unwrap_or_default();
    for input in steer {
        say::say(ctx, thread, input);
    }
    let stream_retries = thread.running().map_or(0, |running| running.stream_retries);
    attempt(ctx, thread, Attempt { stream_retries, ..Attempt::default() });
}

/// Sends a request that counts as this attempt.
pub fn attempt(ctx: &mut Ctx<'_>, thread: &mut Thread, mut attempt: Attempt) {
    let thread_id = thread.id.clone();
    let input = input(&ctx.settings.config, &thread.history);
    let Some(running) = thread.running_mut() else {
        never!(ctx, thread, "a request is to be sent, and no turn runs");
        return;
    };
    running.requests += 1;
    attempt.request = running.requests;
    let provider = ctx.settings.config.providers.get(&ctx.settings.config.provider);
    let request = ModelRequest {
        provider: ctx.settings.config.provider.clone(),
        model: ctx.settings.config.model.clone(),
        instructions: prompt::base(&ctx.settings.config),
        input,
        tools: tools::offered(&ctx.settings.config, ctx.settings.can_ask()).into(),
        parallel_tool_calls: true,
        effort: ctx.settings.config.effort.clone(),
        summary: ctx.settings.config.summary.clone(),
        verbosity: ctx.settings.config.verbosity.clone(),
        output_schema: ctx.settings.output_schema.clone(),
        service_tier: ctx.settings.config.service_tier.as_deref().and_then(tier).map(str::to_owned),
        thread: thread_id.clone(),
        turn: running.id.0.clone(),
        idle_timeout_ms: provider.map_or(IDLE_TIMEOUT_MS, |provider| provider.stream_idle_timeout_ms),
        connect_timeout_ms: CONNECT_TIMEOUT_MS,
    };
    let key = Key::Thread(thread_id, Work::Request(running.number, running.requests));
    running.step = Step::Streaming(attempt);
    ctx.run(key, Effect::Request(Box::new(request)));
}

/// The service tier as servers know it. What the configuration calls `fast` is theirs of priority; the usual one is asked
/// for by not naming any.
fn tier(configured: &str) -> Option<&str> {
    let tier = configured.trim();
    let is = |name: &str| tier.eq_ignore_ascii_case(name);
    if tier.is_empty() || is("default") || is("auto") || is("standard") {
        None
    } else if is("fast") || is("priority") {
        Some("priority")
    } else if is("flex") {
        Some("flex")
    } else {
        Some(tier)
    }
}

/// The conversation as this model and server take it: where they know functions alone, calls by free text that another model
/// has made become calls of functions.
fn input(config: &Config, history: &[Arc<HistoryItem>]) -> Vec<Arc<HistoryItem>> {
    if config.takes_free_text() {
        return history.to_vec();
    }
    history.iter().map(|item| as_function(item).map_or_else(|| Arc::clone(item), Arc::new)).collect()
}

fn as_function(item: &HistoryItem) -> Option<HistoryItem> {
    let mut item = match item {
        HistoryItem::Call { kind: CallKind::Custom, .. } | HistoryItem::Output { kind: CallKind::Custom, .. } => {
            item.clone()
        }
        HistoryItem::Message { .. }
        | HistoryItem::Reasoning { .. }
        | HistoryItem::Call { kind: CallKind::Function, .. }
        | HistoryItem::Output { kind: CallKind::Function, .. }
        | HistoryItem::Opaque(_) => return None,
    };
    if let HistoryItem::Call { arguments, kind, .. } = &mut item {
        *kind = CallKind::Function;
        *arguments = json!({ "input": &**arguments }).to_string().into();
    } else if let HistoryItem::Output { kind, .. } = &mut item {
        *kind = CallKind::Function;
    }
    Some(item)
}

/// The key of the running request, if one is out.
pub fn key(thread: &Thread) -> Option<Key> {
    let running = thread.running()?;
    match &running.step {
        Step::Streaming(attempt) => Some(thread.key(Work::Request(running.number, attempt.request))),
        Step::Waiting { .. } | Step::RunningTools | Step::Stopping { .. } => None,
    }
}
