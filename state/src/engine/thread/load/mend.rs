//! Makes a stored conversation one that a server takes.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    engine::{
        Thread,
        thread::{
            loading::Ending,
            names::{OpaqueCall, opaque_call},
        },
    },
    history::{CallKind, HistoryItem, Part},
    key::CallId,
    rollout::RolloutItem,
};

/// The output of a call that was open when the program was ended.
const CUT_OFF_OUTPUT: &str =
    "Cut off: the program was ended before this call had an output. It may have run partly, or not at all.";

/// The output of a call that was open when the conversation was copied.
const COPIED_OUTPUT: &str =
    "Cut off: this conversation was copied before this call had an output. It may have run partly, or not at all.";

/// An item with its place in the conversation as it was read.
type Placed = (usize, Arc<HistoryItem>);

/// Makes the conversation well formed: each call has exactly one output, each output a call before it. Outputs that
/// had to be made up are written to the file too.
pub(super) fn mend(thread: &mut Thread, unix_ms: i64, ending: Ending) {
    let mut made_up = Vec::new();
    let mut names = std::mem::take(&mut thread.names);
    thread.log.each(&mut thread.history, |history, lengths| {
        // Those of a conversation from before a compaction are not sent, unless it is rolled back to.
        made_up.clear();
        *history = well_formed(std::mem::take(history), lengths, ending, &mut made_up);
        history.iter().for_each(|item| names.note(item));
    });
    thread.names = names;
    made_up.into_iter().for_each(|output| thread.record(unix_ms, RolloutItem::History(output)));
}

/// The conversation with one output for each call; lengths of its beginnings are carried over.
fn well_formed(
    before: Vec<Arc<HistoryItem>>,
    lengths: &mut [&mut usize],
    ending: Ending,
    made_up: &mut Vec<Arc<HistoryItem>>,
) -> Vec<Arc<HistoryItem>> {
    let before: Vec<Placed> = before.into_iter().enumerate().filter(|(_, item)| is_sendable(item)).collect();
    let calls: BTreeSet<CallId> = before.iter().filter_map(|(_, item)| call_of(item)).map(|(id, _)| id).collect();
    let answered: BTreeSet<CallId> = before.iter().filter_map(|(_, item)| output_of(item)).collect();
    let mut open = BTreeSet::new();
    let mut done = BTreeSet::new();
    let mut history: Vec<Placed> = Vec::with_capacity(before.len());
    for (at, item) in before {
        if let Some((id, kind)) = call_of(&item) {
            if done.contains(&id) || open.contains(&id) {
                continue;
            }
            if answered.contains(&id) {
                open.insert(id);
                history.push((at, item));
            } else if let Some(output) = kind.map(|kind| cut_off(&id, kind, ending)) {
                made_up.push(Arc::clone(&output));
                history.extend([(at, item), (at, output)]);
                done.insert(id);
            }
        } else if let Some(id) = output_of(&item) {
            // An output before its call, a second one, or one without a call would make every request invalid.
            if calls.contains(&id) && open.remove(&id) {
                done.insert(id);
                history.push((at, item));
            }
        } else {
            history.push((at, item));
        }
    }
    if !open.is_empty() {
        history = closed(history, &open, ending);
    }
    for length in lengths {
        **length = history.partition_point(|(at, _)| *at < **length);
    }
    history.into_iter().map(|(_, item)| item).collect()
}

/// Gives calls an output whose output stood only before them.
fn closed(history: Vec<Placed>, open: &BTreeSet<CallId>, ending: Ending) -> Vec<Placed> {
    let mut whole = Vec::with_capacity(history.len() + open.len());
    for (at, item) in history {
        match call_of(&item).filter(|(id, _)| open.contains(id)) {
            Some((id, Some(kind))) => whole.extend([(at, item), (at, cut_off(&id, kind, ending))]),
            Some((_, None)) => {}
            None => whole.push((at, item)),
        }
    }
    whole
}

fn cut_off(call: &CallId, kind: CallKind, ending: Ending) -> Arc<HistoryItem> {
    let text = match ending {
        Ending::Killed => CUT_OFF_OUTPUT,
        Ending::Copied => COPIED_OUTPUT,
    };
    let content = vec![Part::Text(text.to_owned())];
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
