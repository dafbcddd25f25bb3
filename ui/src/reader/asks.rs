//! What lies over the transcript, as rows that are read out: all of it when it opens, then what has changed.

use std::cell::RefCell;

use quire_state::{Model, screen::Overlay};

use super::items::bare;
use crate::{
    highlight::Highlighter,
    overlay::{self, Room},
    text::plain_text,
    theme::Theme,
};

/// Columns that it is laid out in, and rows: everything is read, so nothing is left out for want of room.
const COLS: usize = 400;
const ROWS: usize = 1_000;

/// The rows of an overlay, and which question it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    serial: Option<u64>,
    kind: std::mem::Discriminant<Overlay>,
    rows: Vec<(bool, String)>,
}

/// An overlay as rows.
pub(super) fn painted(overlay: &Overlay, model: &Model, code: &RefCell<Highlighter>) -> Option<Asked> {
    let theme = Theme::plain();
    let keymap = &model.screen.as_ref()?.keymap;
    let room = Room { model, keymap, theme: &theme, width: COLS, height: ROWS, code };
    let painted = overlay::paint(overlay, room)?;
    let mut number = 0;
    let rows = painted.rows.iter().map(plain_text).filter_map(|row| read(&row, &mut number));
    let serial = overlay.question().map(|question| question.serial);
    Some(Asked { serial, kind: std::mem::discriminant(overlay), rows: rows.collect() })
}

/// The labels of facts, and how they are read.
const LABELS: [(&str, &str); 6] = [
    ("$ ", "Command: "),
    ("reason, ", "Reason: "),
    ("rule, ", "Rule: "),
    ("folder, ", "Folder: "),
    ("sandbox, ", "Sandbox: "),
    ("policy, ", "Policy: "),
];

/// A row as it is read, and whether it is the marked one. A key in a cap gets the number of its choice.
fn read(row: &str, number: &mut usize) -> Option<(bool, String)> {
    let row = row.trim_start_matches(['▌', '┃', ' ']);
    let is_marked = row.starts_with('›');
    let words = |rest: &str| rest.trim_matches([',', ' ']).to_owned();
    let row = bare(row);
    let capped = row.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let row = match capped.filter(|(key, _)| key.chars().count() == 1) {
        Some((key, rest)) => {
            *number += 1;
            if key.starts_with(|letter: char| letter.is_ascii_digit()) {
                format!("{key}: {}", words(rest))
            } else {
                format!("{number}, {key}: {}", words(rest))
            }
        }
        None => match LABELS.iter().find_map(|(label, read)| Some((read, row.strip_prefix(label)?))) {
            Some((read, fact)) => format!("{read}{fact}"),
            None => row,
        },
    };
    (!row.is_empty()).then_some((is_marked, row))
}

/// Tells all of what has opened, or what is new in it: rows that were not there, and the row that is marked now.
pub(super) fn tell(told: &mut Option<Asked>, now: Option<Asked>, opening: &str, lines: &mut Vec<String>) {
    let before = told.take();
    if let Some(now) = &now {
        let same = before.filter(|before| (before.serial, before.kind) == (now.serial, now.kind));
        match same {
            None => {
                lines.extend((!opening.is_empty()).then(|| opening.to_owned()));
                lines.extend(now.rows.iter().map(|(is_marked, row)| marked(*is_marked, row)));
            }
            Some(before) => {
                let is_known = |row: &(bool, String)| {
                    before.rows.iter().any(|(was_marked, known)| *known == row.1 && (*was_marked || !row.0))
                };
                let new = now.rows.iter().filter(|row| !is_known(row));
                lines.extend(new.map(|(is_marked, row)| marked(*is_marked, row)));
            }
        }
    }
    *told = now;
}

fn marked(is_marked: bool, row: &str) -> String {
    if is_marked { format!("Marked: {row}") } else { row.to_owned() }
}
