//! The draft as it is shown at a width: pills as labels, tabs as spaces, wrapped into rows.

use std::ops::Range;

use super::pills::{Pills, is_pill};
use crate::text::{
    clean::TAB_COLS,
    width::{cell_width, graphemes, take_width},
    wrap::wrap,
};

/// The rows of the draft at a width and where the caret stands in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComposerLayout {
    /// The rows from the first to the last.
    pub rows: Vec<String>,
    /// The caret's row.
    pub caret_row: u16,
    /// The caret's column, always less than the width.
    pub caret_col: u16,
    /// What is selected: a row, and bytes of it.
    pub selected: Vec<(usize, Range<usize>)>,
}

/// A text wrapped for a width. Offsets into the text ("at") and into what is shown ("shown") are kept apart.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) width: u16,
    shown: String,
    rows: Vec<Range<usize>>,
    swaps: Vec<Swap>,
}

/// A character of the text that is shown as something else.
#[derive(Clone, Debug)]
struct Swap {
    at: Range<usize>,
    shown: Range<usize>,
}

impl View {
    /// Wraps a text of the buffer. The last column is the caret's: no text goes there, so that the caret always has
    /// a place behind a full row.
    pub(super) fn new(text: &str, pills: &Pills, width: u16) -> Self {
        let (shown, swaps) = show(text, pills);
        let rows = wrap(&shown, text_cols(width));
        Self { width, shown, rows, swaps }
    }

    pub(super) fn height(&self) -> u16 {
        saturate(self.rows.len())
    }

    /// The layout with the caret at `at`. Rows before the last 65,535 up to the caret are left out.
    pub(super) fn layout(&self, at: usize, selected: Option<Range<usize>>) -> ComposerLayout {
        let caret = self.caret(at);
        let first = caret.row.saturating_sub(usize::from(u16::MAX) - 1);
        let rows: Vec<String> = self.rows[first..].iter().map(|row| self.row_text(row).to_owned()).collect();
        let selected = selected.map_or_else(Vec::new, |selected| self.selected(first, &rows, selected));
        ComposerLayout { rows, caret_row: saturate(caret.row - first), caret_col: saturate(caret.col), selected }
    }

    /// The place one row above (`rows` is -1) or below (1) the caret, as near as can be to the goal column; `None`
    /// where there is no such row. The second value is the goal column.
    pub(super) fn vertical(&self, at: usize, rows: isize, goal: Option<usize>) -> Option<(usize, usize)> {
        let caret = self.caret(at);
        let goal = goal.unwrap_or(caret.col);
        let index = caret.row.checked_add_signed(rows)?;
        let row = self.rows.get(index)?;
        // On a row that goes on in the next one, the place behind its last cluster shows there.
        let goes_on = self.rows.get(index + 1).is_some_and(|next| next.start == row.end);
        let mut used = 0;
        let mut last = row.start;
        for cluster in graphemes(&self.shown[row.clone()]) {
            last = row.start + cluster.at;
            used += cluster.width;
            if used > goal {
                return Some((self.at_of(last), goal));
            }
        }
        Some((self.at_of(if goes_on { last } else { row.end }), goal))
    }

    /// The bytes of rows that a stretch of the text covers.
    fn selected(&self, first: usize, rows: &[String], stretch: Range<usize>) -> Vec<(usize, Range<usize>)> {
        let (start, end) = (self.shown_of(stretch.start), self.shown_of(stretch.end));
        let mut selected = Vec::new();
        for (at, (row, text)) in self.rows[first..].iter().zip(rows).enumerate() {
            let from = start.max(row.start).min(row.start + text.len()) - row.start;
            let to = end.max(row.start).min(row.start + text.len()) - row.start;
            if from < to {
                selected.push((at, from..to));
            }
        }
        selected
    }

    fn caret(&self, at: usize) -> Caret {
        let shown = self.shown_of(at);
        let row = self.rows.partition_point(|row| row.start <= shown).saturating_sub(1);
        let start = self.rows.get(row).map_or(0, |row| row.start);
        let col = cell_width(&self.shown[start..shown]).min(usize::from(self.width.saturating_sub(1)));
        Caret { row, col }
    }

    /// A row without the spaces at its end that do not fit.
    fn row_text(&self, row: &Range<usize>) -> &str {
        let text = &self.shown[row.clone()];
        let cols = text_cols(self.width);
        if text.len() <= cols {
            return text;
        }
        match take_width(text, cols.max(cell_width(text.trim_end()))) {
            // One cluster that is wider than the row: it overflows rather than vanishes.
            "" => graphemes(text).next().map_or("", |cluster| cluster.text),
            fitting => fitting,
        }
    }

    fn shown_of(&self, at: usize) -> usize {
        let before = self.swaps.partition_point(|swap| swap.at.end <= at);
        match self.swaps[..before].last() {
            Some(swap) => swap.shown.end + (at - swap.at.end),
            None => at,
        }
    }

    fn at_of(&self, shown: usize) -> usize {
        let before = self.swaps.partition_point(|swap| swap.shown.end <= shown);
        if let Some(swap) = self.swaps.get(before)
            && swap.shown.start < shown
        {
            let nearer_start = shown - swap.shown.start < swap.shown.end - shown;
            return if nearer_start { swap.at.start } else { swap.at.end };
        }
        match self.swaps[..before].last() {
            Some(swap) => swap.at.end + (shown - swap.shown.end),
            None => shown,
        }
    }
}

struct Caret {
    row: usize,
    col: usize,
}

/// Columns of the width that text may take.
fn text_cols(width: u16) -> usize {
    usize::from(width).saturating_sub(1).max(1)
}

fn saturate(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

fn show(text: &str, pills: &Pills) -> (String, Vec<Swap>) {
    if !text.contains(|character| character == '\t' || is_pill(character)) {
        return (text.to_owned(), Vec::new());
    }
    let labels = pills.shown(text);
    let mut shown = String::with_capacity(text.len() + 64);
    let mut swaps = Vec::new();
    // Where the columns for the next tab stop are counted from; a tab brings the count to a multiple of the stops.
    let mut counted_from = 0;
    for (at, character) in text.char_indices() {
        let start = shown.len();
        if character == '\t' {
            let cols = TAB_COLS - cell_width(&shown[counted_from..]) % TAB_COLS;
            shown.extend(std::iter::repeat_n(' ', cols));
            counted_from = shown.len();
        } else if is_pill(character) {
            shown.push_str(labels.get(&character).map_or("", String::as_str));
        } else {
            shown.push(character);
            if character == '\n' {
                counted_from = shown.len();
            }
            continue;
        }
        swaps.push(Swap { at: at..at + character.len_utf8(), shown: start..shown.len() });
    }
    (shown, swaps)
}
