//! What a question is about: rows of which a window is seen at a time, the others counted and reached by paging.

use quire_state::{item::PatchFile, screen::Question};

use crate::{
    text::{Rows, span, truncate_line},
    theme::Theme,
    transcript::{
        part::Part,
        patch::{self, Headings},
    },
};

/// What is asked about.
pub(super) enum Matter<'a> {
    /// These rows.
    Rows(Rows),
    /// What a patch does; of its rows only those are made that are seen.
    Patch(&'a [PatchFile], Headings),
}

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
            Self::Patch(files, headings) => patch::diff(&mut part, files, *headings, theme, width),
        }
        part
    }

    /// As many rows as there is room for, from where the person has paged to; the others are counted.
    pub(super) fn cut(&self, question: &Question, room: usize, theme: &Theme, width: usize) -> Rows {
        let all = self.count(theme, width);
        if all <= room {
            return self.part(0, all, theme, width).rows;
        }
        let kept = room.saturating_sub(1);
        let hidden = all - kept;
        let above = match question.is_from_end {
            true => hidden.saturating_sub(question.scrolled),
            false => question.scrolled.min(hidden),
        };
        let mut rows = self.part(above, kept, theme, width).rows;
        if room > 0 {
            let words = match above {
                0 => format!("    … +{hidden} rows hidden (page down, end)"),
                _ => format!("    … rows {} to {} of {all} (page up, page down)", above + 1, above + kept),
            };
            rows.push(truncate_line(vec![span(&words, theme.warning)], width));
        }
        rows
    }
}
