//! What a response brings while it streams: text, reasoning, finished items.

use std::{collections::VecDeque, sync::Arc};

use crate::{
    cmd::Notice,
    engine::{
        Attempt, Call, CallPhase, Ctx, Step, Thread,
        late::{Late, late},
        thread::names,
        turn::{OpenItem, Stale},
    },
    history::{HistoryItem, Part, Role, parts_text},
    item::{ItemKind, WebSearchItem},
    key::ItemId,
    msg::ModelReport,
    rollout::RolloutItem,
};

/// Applies a stream report, the end of the response excepted.
pub fn apply(ctx: &mut Ctx<'_>, thread: &mut Thread, report: ModelReport) {
    if let Some(attempt) = attempt(thread) {
        attempt.heard_ms = ctx.clock.mono_ms;
    }
    match report {
        ModelReport::Connected => {
            if let Some(attempt) = attempt(thread) {
                attempt.connected = true;
            }
        }
        ModelReport::Text { item, delta } => text(ctx, thread, item, &delta),
        ModelReport::Summary { item, part, delta } | ModelReport::Reasoning { item, part, delta } => {
            reasoning(ctx, thread, item, part, &delta);
        }
        ModelReport::CallInput { bytes, .. } => {
            if let Some(attempt) = attempt(thread) {
                attempt.call_bytes += bytes;
            }
        }
        ModelReport::ItemDone { item, done } => item_done(ctx, thread, item, &done),
        ModelReport::Completed { .. } => {}
    }
}

/// The request that is out.
pub fn attempt(thread: &mut Thread) -> Option<&mut Attempt> {
    match &mut thread.running_mut()?.step {
        Step::Streaming(attempt) => Some(attempt),
        Step::Waiting { .. } | Step::RunningTools | Step::Stopping { .. } => None,
    }
}

fn text(ctx: &mut Ctx<'_>, thread: &mut Thread, number: u32, delta: &str) {
    let Some(id) = agent_item(ctx, thread, number) else { return };
    let open = attempt(thread).and_then(|attempt| attempt.items.get_mut(&number));
    let behind = open.and_then(|open| open.behind.take());
    let Some(shared) = thread.open_shared(id) else {
        never!(ctx, thread, "text comes for {id:?}, which is finished");
        return;
    };
    let item = Arc::make_mut(shared);
    let ItemKind::Agent { text, .. } = &mut item.kind else { return late(Late::ItemDiffers) };
    let Some(mut behind) = behind else {
        text.push_str(delta);
        item.grow(delta.len());
        ctx.tell(Notice::ItemDelta { thread: thread.id.clone(), item: id, part: 0, delta: delta.to_owned() });
        return;
    };
    // A retry says again what is already shown: it stays shown, and only what goes beyond it is added.
    let from = behind.len();
    behind.push_str(delta);
    let shown_again = text.get(from..).is_some_and(|rest| rest.starts_with(delta));
    if shown_again && text.len() > behind.len() {
        if let Some(open) = attempt(thread).and_then(|attempt| attempt.items.get_mut(&number)) {
            open.behind = Some(behind);
        }
        return;
    }
    let grows = text.get(from..).is_some_and(|rest| delta.starts_with(rest));
    let beyond = if grows { behind.get(text.len()..).unwrap_or_default().to_owned() } else { String::new() };
    let bytes = behind.len();
    *text = behind;
    item.grow(bytes);
    if grows {
        if !beyond.is_empty() {
            ctx.tell(Notice::ItemDelta { thread: thread.id.clone(), item: id, part: 0, delta: beyond });
        }
    } else {
        let item = Arc::clone(shared);
        ctx.tell(Notice::ItemUpdated { thread: thread.id.clone(), item });
    }
}

/// The transcript item of an answer text: its own, one left open by a failed attempt, or a new one.
fn agent_item(ctx: &mut Ctx<'_>, thread: &mut Thread, number: u32) -> Option<ItemId> {
    if let Some(open) = attempt(thread)?.items.get(&number) {
        return if open.done { late(Late::ItemDone) } else { open.item };
    }
    let stale = take_stale(thread, |stale| &mut stale.answers);
    let behind = stale.map(|_| String::new());
    let id = match stale {
        Some(id) => id,
        None => ctx.add_item(thread, true, ItemKind::Agent { text: String::new(), phase: None, cut: false }),
    };
    attempt(thread)?.items.insert(number, OpenItem { item: Some(id), behind, done: false });
    Some(id)
}

/// Takes the oldest still open item of a failed attempt, of this kind.
fn take_stale(thread: &mut Thread, kind: fn(&mut Stale) -> &mut VecDeque<ItemId>) -> Option<ItemId> {
    loop {
        let id = kind(&mut attempt(thread)?.stale).pop_front()?;
        if thread.item(id).is_some_and(|item| item.open) {
            return Some(id);
        }
    }
}

fn reasoning(ctx: &mut Ctx<'_>, thread: &mut Thread, number: u32, part: u32, delta: &str) {
    /// Reasoning parts of one item beyond which a part number is taken for garbage.
    const PARTS: u32 = 10_000;
    if ctx.settings.config.hide_reasoning || part > PARTS {
        return;
    }
    let Some(attempt) = attempt(thread) else {
        never!(ctx, thread, "reasoning comes, and no request is out");
        return;
    };
    let known = attempt.items.get(&number).map(|open| if open.done { None } else { open.item });
    let id = match known {
        Some(None) => return late(Late::ItemDone),
        Some(Some(id)) => id,
        None => {
            let stale = take_stale(thread, |stale| &mut stale.reasoning);
            let id = match stale {
                // Reasoning is not said twice in the same words, so the new attempt's replaces the old one.
                Some(id) => {
                    ctx.change_item(thread, id, |kind| *kind = ItemKind::Reasoning { parts: Vec::new() });
                    id
                }
                None => ctx.add_item(thread, true, ItemKind::Reasoning { parts: Vec::new() }),
            };
            if let Some(attempt) = self::attempt(thread) {
                attempt.items.insert(number, OpenItem { item: Some(id), behind: None, done: false });
            }
            id
        }
    };
    let thread_id = thread.id.clone();
    let Some(item) = thread.open_item(id) else {
        never!(ctx, thread, "reasoning comes for {id:?}, which is finished");
        return;
    };
    let ItemKind::Reasoning { parts } = &mut item.kind else { return late(Late::ItemDiffers) };
    let at = part as usize;
    if parts.len() <= at {
        parts.resize(at + 1, String::new());
    }
    parts[at].push_str(delta);
    item.grow(delta.len());
    ctx.tell(Notice::ItemDelta { thread: thread_id, item: id, part, delta: delta.to_owned() });
}

fn item_done(ctx: &mut Ctx<'_>, thread: &mut Thread, number: u32, done: &Arc<HistoryItem>) {
    let Some(attempt) = attempt(thread) else {
        never!(ctx, thread, "an item comes, and no request is out");
        return;
    };
    if attempt.items.get(&number).is_some_and(|open| open.done) {
        return late(Late::ItemDone);
    }
    let unix_ms = ctx.clock.unix_ms;
    let mut item = None;
    match done.as_ref() {
        HistoryItem::Message { role: Role::Assistant, content, phase, .. } => {
            let text: Arc<str> = parts_text(content).into();
            item = message_done(ctx, thread, number, &text, phase.as_ref());
            thread.push_shared(unix_ms, Arc::clone(done));
            item.into_iter().for_each(|id| thread.shown_as(id));
            thread.record(unix_ms, RolloutItem::AgentMessage { text, phase: phase.clone() });
            thread.pending_durable = true;
        }
        HistoryItem::Reasoning { summary, content, .. } => {
            let parts = if summary.is_empty() { content } else { summary };
            item = reasoning_done(ctx, thread, number, parts);
            thread.push_shared(unix_ms, Arc::clone(done));
            item.into_iter().for_each(|id| thread.shown_as(id));
            for text in summary {
                thread.record(unix_ms, RolloutItem::AgentReasoning { text: text.clone() });
            }
        }
        HistoryItem::Call { .. } => call_done(ctx, thread, done),
        // An output that no call of ours waits for would make the next request invalid.
        HistoryItem::Output { .. } => {}
        HistoryItem::Opaque(value) => {
            item = searched(ctx, thread, value);
            // A call without an answer would make the next request invalid, and so would an answer to none.
            if names::opaque_call(value).is_none() {
                thread.push_shared(unix_ms, Arc::clone(done));
            }
        }
        HistoryItem::Message { role: Role::Developer | Role::User | Role::System, .. } => {
            thread.push_shared(unix_ms, Arc::clone(done));
        }
    }
    if let Some(attempt) = self::attempt(thread) {
        attempt.items.insert(number, OpenItem { item, behind: None, done: true });
        attempt.has_answered |= is_answer(done);
    }
}

/// Whether the item alone can be what a model answers. Reasoning and a search are on the way there.
fn is_answer(item: &HistoryItem) -> bool {
    match item {
        HistoryItem::Message { role: Role::Assistant, content, .. } => content.iter().any(|part| match part {
            Part::Text(text) => !text.trim().is_empty(),
            Part::Image { .. } => true,
        }),
        HistoryItem::Call { .. } => true,
        HistoryItem::Opaque(value) => value["type"] != "web_search_call",
        HistoryItem::Message { role: Role::Developer | Role::User | Role::System, .. }
        | HistoryItem::Reasoning { .. }
        | HistoryItem::Output { .. } => false,
    }
}

/// Shows what the server has searched the web for. Its result goes to the model alone: the entry says what was done.
fn searched(ctx: &mut Ctx<'_>, thread: &mut Thread, value: &serde_json::Value) -> Option<ItemId> {
    if value["type"] != "web_search_call" {
        return None;
    }
    let action = &value["action"];
    let said = |name: &str| action[name].as_str().filter(|text| !text.is_empty());
    let query = said("query").or_else(|| action["queries"][0].as_str());
    let (done, what) = match (query, said("pattern"), said("url")) {
        (Some(query), _, _) => ("Searched the web: ", query.to_owned()),
        (None, Some(pattern), Some(url)) => ("Searched a page: ", format!("{pattern} in {url}")),
        (None, Some(pattern), None) => ("Searched a page: ", pattern.to_owned()),
        (None, None, Some(url)) => ("Opened ", url.to_owned()),
        (None, None, None) => ("Searched the web", String::new()),
    };
    let failed = value["status"] == "failed";
    let output = match (failed, what.as_str()) {
        (true, "") => "The web search failed".to_owned(),
        (true, what) => format!("The web search failed: {what}"),
        (false, what) => format!("{done}{what}"),
    };
    let kind = ItemKind::WebSearch(WebSearchItem { query: what, done: output, failed });
    Some(ctx.add_item(thread, false, kind))
}

fn message_done(
    ctx: &mut Ctx<'_>,
    thread: &mut Thread,
    number: u32,
    whole: &Arc<str>,
    phase: Option<&String>,
) -> Option<ItemId> {
    let id = agent_item(ctx, thread, number)?;
    ctx.close_item(thread, id, |kind| {
        // What has come in pieces is there already, as a rule.
        let shown = if let ItemKind::Agent { text, .. } = kind { std::mem::take(text) } else { String::new() };
        let text = if *shown == **whole { shown } else { whole.to_string() };
        *kind = ItemKind::Agent { text, phase: phase.cloned(), cut: false };
    });
    if let Some(running) = thread.running_mut().filter(|_| !whole.trim().is_empty()) {
        running.last_message = Some(Arc::clone(whole));
    }
    Some(id)
}

fn reasoning_done(ctx: &mut Ctx<'_>, thread: &mut Thread, number: u32, parts: &[String]) -> Option<ItemId> {
    let known = attempt(thread)?.items.get(&number).and_then(|open| open.item);
    let has_text = parts.iter().any(|part| !part.trim().is_empty());
    if known.is_none() && (ctx.settings.config.hide_reasoning || !has_text) {
        return None;
    }
    let id = known
        .or_else(|| take_stale(thread, |stale| &mut stale.reasoning))
        .unwrap_or_else(|| ctx.add_item(thread, true, ItemKind::Reasoning { parts: Vec::new() }));
    ctx.close_item(thread, id, |kind| {
        if has_text {
            *kind = ItemKind::Reasoning { parts: parts.to_vec() };
        }
    });
    Some(id)
}

/// Takes up a call. One whose name is taken, or that no server would accept, gets a new one, since each call has exactly
/// one output.
fn call_done(ctx: &mut Ctx<'_>, thread: &mut Thread, done: &HistoryItem) {
    let HistoryItem::Call { id, call_id, name, namespace, arguments, kind } = done else {
        never!(ctx, thread, "a call is taken up that is none");
        return;
    };
    let unique = thread.names.take(call_id);
    let name = names::tool(name);
    let item = HistoryItem::Call {
        id: if unique == *call_id { id.clone() } else { None },
        call_id: unique.clone(),
        name: name.to_owned(),
        namespace: namespace.clone(),
        arguments: arguments.clone(),
        kind: *kind,
    };
    thread.push_history(ctx.clock.unix_ms, item);
    let reserved = thread.next_item();
    thread.shown_as(reserved);
    thread.pending_durable = true;
    if let Some(running) = thread.running_mut() {
        running.calls.push(Call {
            id: unique,
            name: name.to_owned(),
            arguments: arguments.clone(),
            kind: *kind,
            reserved: Some(reserved),
            item: None,
            phase: CallPhase::New,
        });
    }
}
