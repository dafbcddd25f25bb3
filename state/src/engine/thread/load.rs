//! A stored thread has been read: makes the conversation and the transcript of it, and mends what a crash left open.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    cmd::{Notice, Refusal, Reply},
    engine::{
        Ctx, Fold, Queued, Thread, shutdown,
        thread::{
            loading::Loading,
            names::{Mender, OpaqueCall, opaque_call},
            open,
        },
        turn::origin::Origin,
    },
    fault::Fault,
    history::{CallKind, HistoryItem, Part, Role},
    item::{Level, Usage},
    key::{CallId, ThreadId, TurnId},
    model::exit_code,
    msg::ClientId,
    rollout::{RolloutItem, RolloutLine},
};

mod transcript;

/// What the model reads about a turn that a crash or kill ended.
const CUT_OFF: &str = "<turn_aborted>\nThe program was ended in the middle of this turn. Commands may have run partly. Look before \
                       you go on.\n</turn_aborted>";
/// The output of a call that was open when the program was ended.
const CUT_OFF_OUTPUT: &str =
    "Cut off: the program was ended before this call had an output. It may have run partly, or not at all.";

/// Opens the stored thread; of its file, lines that could not be read and records that are left out are counted.
pub fn loaded(
    ctx: &mut Fold<'_>,
    target: &str,
    path: String,
    records: Vec<RolloutLine>,
    [skipped, left_out]: [u64; 2],
) {
    let Some(Loading { origin, settings, first }) = ctx.engine.loading.remove(target) else { return };
    let id = records.iter().find_map(|stamped| match &stamped.item {
        RolloutItem::Meta(meta) => Some(meta.id.clone()),
        RolloutItem::TurnContext(_)
        | RolloutItem::History(_)
        | RolloutItem::Compacted { .. }
        | RolloutItem::TurnStarted { .. }
        | RolloutItem::UserMessage { .. }
        | RolloutItem::AgentMessage { .. }
        | RolloutItem::AgentReasoning { .. }
        | RolloutItem::TokenCount { .. }
        | RolloutItem::Command(_)
        | RolloutItem::TurnCompleted { .. }
        | RolloutItem::TurnAborted { .. }
        | RolloutItem::TurnError { .. } => None,
    });
    let unix_ms = ctx.clock.unix_ms;
    let id = id.unwrap_or_else(|| ThreadId(ctx.ids.uuid(unix_ms)));
    ctx.cmd.reply(origin, Ok(Reply::Thread { thread: id.clone() }));
    if ctx.threads.contains_key(&id) {
        // It is open, and goes on as it is.
        let input = ctx.with_thread(&id, |_, thread| match first {
            Some(input) if thread.running().is_some() => {
                thread.queue.push_back(Queued { input });
                None
            }
            first => first,
        });
        return input.flatten().into_iter().for_each(|input| open::say_first(ctx, &id, input));
    }
    let mut thread = Thread::new(id.clone(), Arc::clone(&settings));
    thread.path = Some(path);
    thread.begun = true;
    let open_turn = replay(&mut thread, records, Origin::new(&settings.config));
    mend(&mut thread);
    open::install(ctx, thread, None);
    ctx.with_thread(&id, |ctx, thread| {
        if skipped > 0 {
            let lines = if skipped == 1 { "1 line" } else { "some lines" };
            ctx.note(
                thread,
                Level::Warning,
                format!("The session file has {lines} that could not be read ({skipped}); the rest is here."),
            );
        }
        if left_out > 0 {
            let line = format!(
                "The session is longer than what is kept in memory: its oldest entries ({left_out}) are left out here and for the model. All of them are in its file."
            );
            ctx.note(thread, Level::Warning, line);
        }
        if let Some(turn) = open_turn {
            close_turn(ctx, thread, turn);
        }
    });
    if let Some(input) = first {
        open::say_first(ctx, &id, input);
    }
}

/// A stored thread could not be read. At the start of the program it ends with the reason; else nothing else ends.
pub fn failed(ctx: &mut Fold<'_>, target: &str, fault: &Fault) {
    let Some(Loading { origin, .. }) = ctx.engine.loading.remove(target) else { return };
    ctx.cmd.reply(origin, Err(Refusal::Invalid(fault.line())));
    if origin.client == ClientId::BOOT {
        ctx.tell(Notice::Fatal { message: fault.line() });
        shutdown::quit(ctx, exit_code::FAILED);
    }
}

/// Builds conversation, transcript and sums from the records. Gives the id of a turn that never ended.
fn replay(thread: &mut Thread, records: Vec<RolloutLine>, mut origin: Origin<'_>) -> Option<String> {
    let mut open_turn = None;
    let mut transcript = transcript::Builder::default();
    let mut mender = Mender::knowing(records.iter().flat_map(|stamped| items(&stamped.item)));
    for stamped in records {
        match stamped.item {
            RolloutItem::History(item) => {
                let item = mender.mended(item);
                transcript.item(&item);
                thread.history.extend(origin.take(item));
            }
            RolloutItem::Compacted { message, replacement } => {
                let replacement = replacement.into_iter().filter_map(|item| origin.take(mender.mended(item))).collect();
                thread.history = compacted(message, replacement);
                transcript.note(Level::Info, "The conversation was compacted here.".to_owned());
            }
            RolloutItem::TurnStarted { turn, .. } => {
                transcript.turn(stamped.unix_ms);
                thread.undo.begun(TurnId(turn.clone()), "");
                open_turn = Some(turn);
            }
            RolloutItem::TurnCompleted { duration_ms, .. } => {
                transcript.turn_end(duration_ms);
                open_turn = None;
            }
            RolloutItem::TurnAborted { .. } => {
                transcript.note(Level::Warning, "Interrupted.".to_owned());
                open_turn = None;
            }
            RolloutItem::TurnError { message } => {
                transcript.note(Level::Error, message);
                open_turn = None;
            }
            RolloutItem::UserMessage { text, .. } => thread.undo.said(&text),
            RolloutItem::TokenCount { total, last, .. } => {
                thread.total = Usage { ..total };
                thread.last = last;
            }
            RolloutItem::Meta(meta) => origin.began(&meta),
            RolloutItem::TurnContext(context) => origin.turn(&context),
            RolloutItem::Command(_) | RolloutItem::AgentMessage { .. } | RolloutItem::AgentReasoning { .. } => {}
        }
    }
    thread.items = transcript.finish();
    open_turn
}

/// The items of the conversation that a record holds.
fn items(record: &RolloutItem) -> impl Iterator<Item = &HistoryItem> {
    let items = match record {
        RolloutItem::History(item) => std::slice::from_ref(item),
        RolloutItem::Compacted { replacement, .. } => replacement.as_slice(),
        RolloutItem::Meta(_)
        | RolloutItem::TurnContext(_)
        | RolloutItem::TurnStarted { .. }
        | RolloutItem::UserMessage { .. }
        | RolloutItem::AgentMessage { .. }
        | RolloutItem::AgentReasoning { .. }
        | RolloutItem::TokenCount { .. }
        | RolloutItem::Command(_)
        | RolloutItem::TurnCompleted { .. }
        | RolloutItem::TurnAborted { .. }
        | RolloutItem::TurnError { .. } => &[],
    };
    items.iter().map(Arc::as_ref)
}

/// The conversation after a compaction whose replacement the file may not hold.
fn compacted(message: String, replacement: Vec<Arc<HistoryItem>>) -> Vec<Arc<HistoryItem>> {
    if replacement.is_empty() { vec![Arc::new(HistoryItem::message(Role::User, message))] } else { replacement }
}

/// Makes the conversation well formed: each call has exactly one output, each output a call before it. Outputs that
/// had to be made up are written to the file too.
fn mend(thread: &mut Thread) {
    let before: Vec<_> = std::mem::take(&mut thread.history).into_iter().filter(|item| is_sendable(item)).collect();
    let calls: BTreeSet<CallId> = before.iter().filter_map(|item| call_of(item)).map(|(id, _)| id).collect();
    let answered: BTreeSet<CallId> = before.iter().filter_map(|item| output_of(item)).collect();
    let mut open = BTreeSet::new();
    let mut done = BTreeSet::new();
    let mut history = Vec::with_capacity(before.len());
    for item in before {
        if let Some((id, kind)) = call_of(&item) {
            if done.contains(&id) || open.contains(&id) {
                continue;
            }
            if answered.contains(&id) {
                open.insert(id);
                history.push(item);
            } else if let Some(output) = kind.map(|kind| cut_off(&id, kind)) {
                thread.record(0, RolloutItem::History(Arc::clone(&output)));
                history.extend([item, output]);
                done.insert(id);
            }
        } else if let Some(id) = output_of(&item) {
            // An output before its call, a second one, or one without a call would make every request invalid.
            if calls.contains(&id) && open.remove(&id) {
                done.insert(id);
                history.push(item);
            }
        } else {
            history.push(item);
        }
    }
    if !open.is_empty() {
        history = closed(history, &open);
    }
    history.iter().for_each(|item| thread.names.note(item));
    thread.history = history;
}

/// Gives calls an output whose output stood only before them.
fn closed(history: Vec<Arc<HistoryItem>>, open: &BTreeSet<CallId>) -> Vec<Arc<HistoryItem>> {
    let mut whole = Vec::with_capacity(history.len() + open.len());
    for item in history {
        match call_of(&item).filter(|(id, _)| open.contains(id)) {
            Some((id, Some(kind))) => whole.extend([item, cut_off(&id, kind)]),
            Some((_, None)) => {}
            None => whole.push(item),
        }
    }
    whole
}

fn cut_off(call: &CallId, kind: CallKind) -> Arc<HistoryItem> {
    let content = vec![Part::Text(CUT_OFF_OUTPUT.to_owned())];
    Arc::new(HistoryItem::Output { call_id: call.clone(), content, kind })
}

/// Whether a server could take the item: what is kept whole must at least be an object that says what it is.
fn is_sendable(item: &HistoryItem) -> bool {
    let HistoryItem::Opaque(value) = item else { return true };
    if opaque_call(value) == Some(OpaqueCall::Output) {
        return false;
    }
    value.as_object().is_some_and(|object| object.get("type").is_none_or(serde_json::Value::is_string))
}

/// The call that an item is. One of a type that is kept whole has no kind: no output can be made up for it.
fn call_of(item: &HistoryItem) -> Option<(CallId, Option<CallKind>)> {
    match item {
        HistoryItem::Call { call_id, kind, .. } => Some((call_id.clone(), Some(*kind))),
        HistoryItem::Opaque(value) => match opaque_call(value)? {
            OpaqueCall::Call(id) => Some((CallId(id.to_owned()), None)),
            OpaqueCall::Output => None,
        },
        HistoryItem::Message { .. } | HistoryItem::Reasoning { .. } | HistoryItem::Output { .. } => None,
    }
}

fn output_of(item: &HistoryItem) -> Option<CallId> {
    if let HistoryItem::Output { call_id, .. } = item { Some(call_id.clone()) } else { None }
}

/// Closes a turn that the end of the program cut off, and says so.
fn close_turn(ctx: &mut Ctx<'_>, thread: &mut Thread, turn: String) {
    let unix_ms = ctx.clock.unix_ms;
    for stamped in &mut thread.pending {
        stamped.unix_ms = unix_ms;
    }
    thread.push_history(unix_ms, HistoryItem::message(Role::User, CUT_OFF));
    thread.record(unix_ms, RolloutItem::TurnAborted { turn, reason: "interrupted".to_owned() });
    thread.pending_durable = true;
    let line =
        "The last turn was cut off when the program ended; what it had done is above. Say \"go on\" to continue it.";
    ctx.note(thread, Level::Warning, line);
}
