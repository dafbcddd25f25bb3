//! Merging of messages that say more of the same. Never changes what the fold makes of a batch.

use std::collections::VecDeque;

use crate::key::Key;
use crate::msg::{CommandReport, ModelReport, Msg, Report, UndoReport};

/// How far back a piece of a stream looks for the one before it.
const REACH: usize = 16;

/// Merges what can be merged in a batch without changing what it comes to.
pub fn coalesce(batch: Vec<Msg>) -> Vec<Msg> {
    let mut merged = VecDeque::with_capacity(batch.len());
    batch.into_iter().for_each(|msg| add(&mut merged, msg));
    merged.into()
}

/// Adds a message at the end of a batch, or to the piece of the same stream before it, past pieces of other streams: those of
/// different keys change nothing of each other.
pub fn add(batch: &mut VecDeque<Msg>, mut msg: Msg) {
    for last in batch.iter_mut().rev().take(REACH) {
        match merge(last, msg) {
            None => return,
            Some(next) => msg = next,
        }
        if !(is_piece(last) && is_piece(&msg)) || key(last) == key(&msg) {
            break;
        }
    }
    batch.push_back(msg);
}

fn key(msg: &Msg) -> Option<&Key> {
    match msg {
        Msg::Report(key, _) => Some(key),
        Msg::Clock(_) | Msg::Input(_) | Msg::Op(..) => None,
    }
}

/// Whether a message is a piece of a stream.
fn is_piece(msg: &Msg) -> bool {
    let Msg::Report(_, report) = msg else { return false };
    match report {
        Report::Model(
            ModelReport::Text { .. }
            | ModelReport::Summary { .. }
            | ModelReport::Reasoning { .. }
            | ModelReport::CallInput { .. },
        ) => true,
        Report::Command(report) => matches!(report, CommandReport::Output(_)),
        Report::Model(ModelReport::Connected | ModelReport::ItemDone { .. } | ModelReport::Completed { .. })
        | Report::Tool(_)
        | Report::FileDigests(_)
        | Report::Undo(_)
        | Report::Store(_)
        | Report::Host(_)
        | Report::Failed(_)
        | Report::Elapsed => false,
    }
}

/// Merges `next` into `last` when both are pieces of the same stream; else gives `next` back.
pub fn merge(last: &mut Msg, next: Msg) -> Option<Msg> {
    match (last, next) {
        (Msg::Report(key, report), Msg::Report(next_key, next_report)) if *key == next_key => {
            merge_report(report, next_report).map(|report| Msg::Report(next_key, report))
        }
        (Msg::Clock(_) | Msg::Input(_) | Msg::Op(..) | Msg::Report(..), next) => Some(next),
    }
}

fn merge_report(last: &mut Report, next: Report) -> Option<Report> {
    if let Report::Model(last) = last {
        let Report::Model(next) = next else { return Some(next) };
        return merge_model(last, next).map(Report::Model);
    }
    let Report::Command(CommandReport::Output(last)) = last else { return Some(next) };
    let Report::Command(CommandReport::Output(next)) = next else { return Some(next) };
    last.append(&next);
    None
}

/// Merges two reports of one response; else gives `next` back.
pub fn merge_model(last: &mut ModelReport, next: ModelReport) -> Option<ModelReport> {
    match (last, next) {
        (ModelReport::Text { item, delta }, ModelReport::Text { item: next_item, delta: next })
            if same_item(*item, next_item) =>
        {
            delta.push_str(&next);
            None
        }
        (
            ModelReport::Summary { item, part, delta },
            ModelReport::Summary { item: next_item, part: next_part, delta: next },
        )
        | (
            ModelReport::Reasoning { item, part, delta },
            ModelReport::Reasoning { item: next_item, part: next_part, delta: next },
        ) if *item == next_item && *part == next_part => {
            delta.push_str(&next);
            None
        }
        (ModelReport::CallInput { item, bytes }, ModelReport::CallInput { item: next_item, bytes: next })
            if *item == next_item =>
        {
            *bytes += next;
            None
        }
        (
            ModelReport::Connected
            | ModelReport::Text { .. }
            | ModelReport::Summary { .. }
            | ModelReport::Reasoning { .. }
            | ModelReport::CallInput { .. }
            | ModelReport::ItemDone { .. }
            | ModelReport::Completed { .. },
            next,
        ) => Some(next),
    }
}

fn same_item(item: u32, next: u32) -> bool {
    #[cfg(feature = "planted-bugs")]
    if crate::planted::is("merge-across-items") {
        return true;
    }
    item == next
}

/// Bytes that a waiting message holds, roughly: what the inbox's bound counts.
pub fn weight(msg: &Msg) -> usize {
    const BASE: usize = 64;
    BASE + match msg {
        Msg::Report(_, report) => report_weight(report),
        Msg::Clock(_) | Msg::Input(_) | Msg::Op(..) => 0,
    }
}

fn report_weight(report: &Report) -> usize {
    match report {
        Report::Model(report) => match report {
            ModelReport::Text { delta, .. }
            | ModelReport::Summary { delta, .. }
            | ModelReport::Reasoning { delta, .. } => delta.len(),
            ModelReport::ItemDone { done, .. } => done.weight(),
            ModelReport::Connected | ModelReport::CallInput { .. } | ModelReport::Completed { .. } => 0,
        },
        Report::Command(report) => match report {
            CommandReport::Output(output) => output.head.len() + output.tail.len(),
            CommandReport::Waiting
            | CommandReport::Limited { .. }
            | CommandReport::Started { .. }
            | CommandReport::Standstill { .. }
            | CommandReport::Changed
            | CommandReport::Steered(_)
            | CommandReport::Exited { .. }
            | CommandReport::Outdated { .. }
            | CommandReport::Misled { .. }
            | CommandReport::Written => 0,
        },
        Report::Undo(report) => match report {
            UndoReport::Told { text, .. } => text.len(),
            UndoReport::Done(_)
            | UndoReport::Blocked { .. }
            | UndoReport::Refused { .. }
            | UndoReport::Observing
            | UndoReport::Nothing
            | UndoReport::Tallied(_) => 0,
        },
        Report::Tool(_)
        | Report::FileDigests(_)
        | Report::Store(_)
        | Report::Host(_)
        | Report::Elapsed
        | Report::Failed(_) => 0,
    }
}
