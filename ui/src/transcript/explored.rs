//! Commands that only look, one after the other, as one cell: what was read, listed and searched for.

use std::sync::Arc;

use quire_state::{
    item::{CommandItem, CommandStatus, Item, ItemKind},
    policy::{Counts, Look, explore},
    text::head_tail::HeadTail,
};
use ratatui::style::Style;

use super::PaintContext;
use crate::text::{Frame, Rows, Spans, line, literal, span, spans_width, visible, wrap_words};

/// Rows that are shown of what was looked at.
const ROWS: usize = 12;
/// Cells of a label, with the blanks behind it.
const LABEL_COLS: usize = 9;

/// What an item is to the cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A command that only looks, and that went well or still runs.
    Look,
    /// Nothing is seen of it, so it parts nothing.
    Unseen,
    /// Something else.
    Other,
}

/// What an item is to the cell.
pub(crate) fn part(item: &Item, context: PaintContext<'_>) -> Part {
    match &item.kind {
        ItemKind::Command(command) if looks(command).is_some() => Part::Look,
        ItemKind::Reasoning { parts } if context.hide_reasoning || parts.iter().all(|part| part.trim().is_empty()) => {
            Part::Unseen
        }
        ItemKind::Command(_)
        | ItemKind::Reasoning { .. }
        | ItemKind::User(_)
        | ItemKind::Agent { .. }
        | ItemKind::Patch(_)
        | ItemKind::Questions(_)
        | ItemKind::Diff(_)
        | ItemKind::Plan(_)
        | ItemKind::Input(_)
        | ItemKind::Image(_)
        | ItemKind::Permissions(_)
        | ItemKind::WebSearch(_)
        | ItemKind::Call(_)
        | ItemKind::Note { .. }
        | ItemKind::TurnEnd { .. } => Part::Other,
    }
}

/// What a command looked at; `None` for one that is to be seen as it is: it may do more, it failed, or was not run.
fn looks(command: &CommandItem) -> Option<Vec<Look>> {
    let looks = match command.status {
        CommandStatus::Running | CommandStatus::Exited { code: 0 } => explore(&command.command)?,
        // Nothing was found, which is no failure.
        CommandStatus::Exited { code: 1 } if command.output.is_empty() => {
            let looks = explore(&command.command)?;
            if !matches!(looks.as_slice(), [Look::Search { .. }]) {
                return None;
            }
            looks
        }
        CommandStatus::Exited { .. }
        | CommandStatus::AwaitingApproval
        | CommandStatus::Background { .. }
        | CommandStatus::FailedToStart { .. }
        | CommandStatus::Declined { .. }
        | CommandStatus::Aborted => return None,
    };
    // What the user has run is run to be read.
    (command.blocked.is_none() && !command.by_user).then_some(looks)
}

/// The lines of the cell.
pub(crate) fn rows(items: &[Arc<Item>], context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let commands = items.iter().filter_map(|item| match &item.kind {
        ItemKind::Command(command) => Some(command),
        _ => None,
    });
    let (mut told, mut is_running) = (Told::default(), false);
    for command in commands {
        is_running |= command.status == CommandStatus::Running;
        for look in looks(command).into_iter().flatten() {
            told.take(look, command);
        }
    }
    let (sign, verb) = if is_running { (theme.accent, "Exploring") } else { (theme.good, "Explored") };
    let mut rows = vec![line(vec![literal("• ", sign), literal(verb, theme.strong)])];
    let frame = Frame::new(literal("  └ ", theme.dim));
    let mut looks: Rows =
        told.entries.iter().flat_map(|entry| entry.rows(frame.room(context.width), context)).collect();
    let hidden = looks.len().saturating_sub(ROWS);
    if hidden > 0 {
        looks.drain(..hidden);
        looks.push(line(vec![span(&context.folded(hidden as u64), theme.dim)]));
    }
    frame.put(&mut looks, true);
    rows.extend(looks);
    rows
}

/// What was looked at, each once, files that are read one after the other in one entry.
#[derive(Default)]
struct Told {
    entries: Vec<Entry>,
}

struct Entry {
    label: &'static str,
    /// What is in normal weight, in parts that a row may break between.
    names: Vec<String>,
    /// What stands behind it.
    note: Option<String>,
}

impl Told {
    fn take(&mut self, look: Look, command: &CommandItem) {
        let entry = match look {
            Look::Read(path) => {
                if let Some(last) = self.entries.last_mut().filter(|last| last.label == "Read") {
                    return last.read(path);
                }
                Entry { label: "Read", names: vec![path], note: None }
            }
            Look::List(path) => Entry { label: "List", names: vec![path], note: None },
            Look::Search { what, place, counts } => {
                let place = if place.is_empty() { String::new() } else { format!(" in {place}") };
                let is_over = command.status != CommandStatus::Running;
                let note = is_over.then(|| found(counts, &command.output)).flatten();
                Entry { label: "Search", names: vec![format!("{what}{place}")], note }
            }
        };
        let is_same = |last: &Entry| (last.label, &last.names, &last.note) == (entry.label, &entry.names, &entry.note);
        if !self.entries.last().is_some_and(is_same) {
            self.entries.push(entry);
        }
    }
}

/// How much a search has found.
fn found(counts: Counts, output: &HeadTail) -> Option<String> {
    let unit = match counts {
        Counts::Hits => "hit",
        Counts::Files => "file",
        Counts::Nothing => return None,
    };
    let lines = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).count() as u64;
    let count = match output.omitted_bytes {
        0 => lines(&format!("{}{}", output.head, output.tail)),
        _ => lines(&output.head) + output.omitted_lines + lines(&output.tail),
    };
    Some(match count {
        0 => format!("no {unit}s"),
        1 => format!("1 {unit}"),
        _ => format!("{count} {unit}s"),
    })
}

impl Entry {
    /// Takes another file; one of the folder of the one before goes by its name alone.
    fn read(&mut self, path: String) {
        if !self.names.contains(&path) {
            self.names.push(path);
        }
    }

    /// The names as they are shown.
    fn shown(&self) -> String {
        let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let mut shown = String::new();
        let mut before = None;
        for name in &self.names {
            let own = folder(name);
            let is_beside = own.is_some() && own == before;
            if !shown.is_empty() {
                shown.push_str(", ");
            }
            shown.push_str(if is_beside { name.rsplit('/').next().unwrap_or(name) } else { name });
            before = own;
        }
        shown
    }

    fn rows(&self, room: usize, context: PaintContext<'_>) -> Rows {
        let theme = context.theme;
        let label = Frame::new(span(&format!("{:<LABEL_COLS$}", self.label), theme.dim));
        let mut words: Spans = visible(&self.shown(), Style::new(), theme.escape);
        if let Some(note) = &self.note {
            words.push(span(&format!(" · {note}"), theme.dim));
        }
        let hang = context.width.saturating_sub(room) + LABEL_COLS;
        let mut rows: Rows = wrap_words(&words, label.room(room), hang).into_iter().map(line).collect();
        rows.retain(|row| spans_width(&row.spans) > 0);
        label.put(&mut rows, true);
        rows
    }
}
