//! What a question is about: rows of which a window is seen at a time, the others counted and reached by paging.

use std::cell::RefCell;

use quire_state::{
    item::PatchFile,
    screen::{
        Keymap, Question, Shown,
        keymap::{Action, Context},
    },
};

use crate::{
    highlight::Highlighter,
    text::{Rows, span, truncate_line},
    theme::Theme,
    transcript::{
        part::Part,
        patch::{self, Headings, Pencil},
    },
};

/// What is asked about.
pub(super) enum Matter<'a> {
    /// These rows.
    Rows(Rows),
    /// What a patch does; of its rows only those are made that are seen.
    Patch(&'a [PatchFile], Headings, &'a RefCell<Highlighter>),
}

/// The rows that are seen.
pub(super) struct Window {
    /// The rows, and one that says what of it they are where there is room for that.
    pub(super) rows: Rows,
    /// Which rows they are.
    pub(super) shown: Shown,
    /// What of it they are, where that has no row of its own.
    pub(super) note: Option<String>,
}

/// Rows from which on what is seen is told in a row of its own.
const NOTE_ROWS: usize = 3;

impl Matter<'_> {
    /// How many rows there are.
    pub(super) fn count(&self, theme: &Theme, width: usize) -> usize {
        match self {
            Self::Rows(rows) => rows.len(),
            Self::Patch(..) => self.part(0, 0, theme, width).total,
        }
    }

    fn part(&self, skip: usize, room: usize, theme: &Theme, width: usize) -> Part {
        let mut part = Part::new(skip, room);
        match self {
            Self::Rows(rows) => rows.iter().for_each(|row| part.take(1, || vec![row.clone()])),
            Self::Patch(files, headings, code) => {
                let mut pencil = Pencil { theme, width, code: &mut code.borrow_mut() };
                patch::diff(&mut part, files, *headings, &mut pencil);
            }
        }
        part
    }

    /// As many rows as there is room for, from where the user has paged to; the others are counted.
    pub(super) fn cut(&self, keymap: &Keymap, question: &Question, room: usize, theme: &Theme, width: usize) -> Window {
        let all = self.count(theme, width);
        if all <= room {
            let rows = self.part(0, all, theme, width).rows;
            return Window { rows, shown: shown(0, all, all, width), note: None };
        }
        let key = |action| keymap.name(Context::Question, action);
        let down = key(Action::PageDown);
        let has_note = room >= NOTE_ROWS;
        let kept = room - usize::from(has_note);
        let hidden = all - kept;
        let above = match question.is_from_end {
            true => hidden.saturating_sub(question.scrolled),
            false => question.scrolled.min(hidden),
        };
        let mut rows = self.part(above, kept, theme, width).rows;
        if !has_note {
            let note = (kept > 0).then(|| format!("{} to {} of {all}, {down}", above + 1, above + kept));
            return Window { rows, shown: shown(above, above + kept, all, width), note };
        }
        let words = match above {
            0 => format!("    … +{hidden} rows hidden ({down}, {})", key(Action::Last)),
            _ => format!("    … rows {} to {} of {all} ({}, {down})", above + 1, above + kept, key(Action::PageUp)),
        };
        rows.push(truncate_line(vec![span(&words, theme.warning)], width));
        Window { rows, shown: shown(above, above + kept, all, width), note: None }
    }
}

fn shown(from: usize, to: usize, of: usize, width: usize) -> Shown {
    let count = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX);
    Shown { from: count(from), to: count(to), of: count(of), cols: u16::try_from(width).unwrap_or(u16::MAX) }
}
