//! A stored thread has been read: makes the conversation and the transcript of it, and mends what a crash left open.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    cmd::Notice,
    fault::Fault,
    history::{CallKind, HistoryItem, Part, Role},
    item::{Level, Usage},
    key::{CallId, ThreadId, TurnId},
    model::exit_code,
    record::{Record, Stamped},
};

use super::{Ctx, Thread, life, open};

mod transcript;

/// What the model reads about a turn that a crash or kill ended.
const CUT_OFF: &str = "<turn_aborted>\nThe program was ended in the middle of this turn. Commands may have run partly. Look before \
                       you go on.\n</turn_aborted>";
/// The output of a call that was open when the program was ended.
const CUT_OFF_OUTPUT: &str =
    "Cut off: the program was ended before this call had an output. It may have run partly, or not at all.";

/// Opens the stored thread.
pub fn loaded(ctx: &mut Ctx<'_>, path: String, records: Vec<Stamped>, skipped: u64) {
    let id = records.iter().find_map(|stamped| match &stamped.record {
        Record::Meta(meta) => Some(meta.id.clone()),
        Record::TurnContext(_)
        | Record::History(_)
        | Record::Compacted { .. }
        | Record::TurnStarted { .. }
        | Record::UserMessage { .. }
        | Record::AgentMessage { .. }
        | Record::AgentReasoning { .. }
        | Record::TokenCount { .. }
        | Record::Command(_)
        | Record::TurnCompleted { .. }
        | Record::TurnAborted { .. }
        | Record::TurnError { .. } => None,
    });
    let id = id.unwrap_or_else(|| ThreadId(ctx.mint.uuid(ctx.clock.unix_ms)));
    let mut thread = Thread::new(id.clone());
    thread.path = Some(path);
    thread.begun = true;
    let open_turn = replay(&mut thread, records);
    mend(&mut thread);
    let first = ctx.engine.waiting_first.take();
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
        if let Some(turn) = open_turn {
            close_turn(ctx, thread, turn);
        }
    });
    if let Some(input) = first {
        open::say_first(ctx, &id, input);
    }
}

/// The stored thread could not be read: the program ends with the reason.
pub fn failed(ctx: &mut Ctx<'_>, fault: &Fault) {
    ctx.tell(Notice::Fatal { message: fault.line() });
    life::quit(ctx, exit_code::FAILED);
}

/// Builds conversation, transcript and sums from the records. Gives the id of a turn that never ended.
fn replay(thread: &mut Thread, records: Vec<Stamped>) -> Option<String> {
    let mut open_turn = None;
    let mut transcript = transcript::Builder::default();
    for stamped in records {
        match stamped.record {
            Record::History(item) => {
                transcript.item(&item);
                thread.history.push(item);
            }
            Record::Compacted { message, replacement } => {
                thread.history = compacted(message, replacement);
                transcript.note(Level::Info, "The conversation was compacted here.".to_owned());
            }
            Record::TurnStarted { turn, .. } => {
                transcript.turn(stamped.unix_ms);
                thread.undo.begun(TurnId(turn.clone()), "");
                open_turn = Some(turn);
            }
            Record::TurnCompleted { duration_ms, .. } => {
                transcript.turn_end(duration_ms);
                open_turn = None;
            }
            Record::TurnAborted { .. } => {
                transcript.note(Level::Warning, "Interrupted.".to_owned());
                open_turn = None;
            }
            Record::TurnError { message } => {
                transcript.note(Level::Error, message);
                open_turn = None;
            }
            Record::UserMessage { text, .. } => thread.undo.said(&text),
            Record::TokenCount { total, last, .. } => {
                thread.total = Usage { ..total };
                thread.last = last;
            }
            Record::Meta(_)
            | Record::TurnContext(_)
            | Record::Command(_)
            | Record::AgentMessage { .. }
            | Record::AgentReasoning { .. } => {}
        }
    }
    thread.items = transcript.finish();
    open_turn
}

/// The conversation after a compaction whose replacement the file may not hold.
fn compacted(message: String, replacement: Vec<Arc<HistoryItem>>) -> Vec<Arc<HistoryItem>> {
    if replacement.is_empty() { vec![Arc::new(HistoryItem::message(Role::User, message))] } else { replacement }
}

/// Makes the conversation well formed: each call has exactly one output, each output a call before it. Outputs that
/// had to be made up are written to the file too.
fn mend(thread: &mut Thread) {
    let calls: BTreeSet<CallId> = thread.history.iter().filter_map(|item| call_of(item)).map(|(id, _)| id).collect();
    let answered: BTreeSet<CallId> = thread.history.iter().filter_map(|item| output_of(item)).collect();
    let mut open = BTreeSet::new();
    let mut done = BTreeSet::new();
    let mut history = Vec::with_capacity(thread.history.len());
    for item in std::mem::take(&mut thread.history) {
        if let Some((id, kind)) = call_of(&item) {
            if done.contains(&id) || !open.insert(id.clone()) {
                continue;
            }
            history.push(item);
            if !answered.contains(&id) {
                let output = Arc::new(HistoryItem::Output {
                    call_id: id.clone(),
                    content: vec![Part::Text(CUT_OFF_OUTPUT.to_owned())],
                    kind,
                });
                thread.record(0, Record::History(Arc::clone(&output)));
                history.push(output);
                open.remove(&id);
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
    // A call whose output stood only before it is open still.
    for id in open {
        let at = history.iter().position(|item| call_of(item).is_some_and(|(call, _)| call == id));
        let Some(at) = at else { continue };
        let kind = call_of(&history[at]).map_or(CallKind::Function, |(_, kind)| kind);
        let content = vec![Part::Text(CUT_OFF_OUTPUT.to_owned())];
        history.insert(at + 1, Arc::new(HistoryItem::Output { call_id: id, content, kind }));
    }
    thread.history = history;
}

fn call_of(item: &HistoryItem) -> Option<(CallId, CallKind)> {
    if let HistoryItem::Call { call_id, kind, .. } = item { Some((call_id.clone(), *kind)) } else { None }
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
    thread.record(unix_ms, Record::TurnAborted { turn, reason: "interrupted".to_owned() });
    thread.pending_durable = true;
    let line =
        "The last turn was cut off when the program ended; what it had done is above. Say \"go on\" to continue it.";
    ctx.note(thread, Level::Warning, line);
}
