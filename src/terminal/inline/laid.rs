//! Rows that were written, as a terminal breaks and joins them when its width changes.

use ratatui::{
    buffer::{Buffer, Cell},
    layout::Position,
};

use super::rows::{cells, goes_on, used};
use crate::terminal::glyph::Glyph;

/// A row on the screen or above it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// The widths of its characters up to the last visible one.
    glyphs: Vec<u16>,
    /// The terminal has broken it: the next row goes on with it, and is joined to it where there is room again.
    goes_on: bool,
}

impl Row {
    fn of(cells: &[Cell], end: usize) -> Self {
        let (mut x, mut glyphs) = (0, Vec::new());
        while x < end {
            let width = Glyph::of(&cells[x], u16::MAX).width;
            glyphs.push(width);
            x += usize::from(width.max(1));
        }
        Self { glyphs, goes_on: false }
    }

    fn columns(&self) -> usize {
        self.glyphs.iter().copied().map(usize::from).sum()
    }
}

/// Rows one below the other, the last ones those of the live area.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Laid {
    pub(super) rows: Vec<Row>,
    /// The row with the cursor in it.
    pub(super) cursor: usize,
}

impl Laid {
    /// What stands above the screen, and the live area below it, as they were written.
    pub(super) fn new(above: &[Row], live: &Buffer, is_joined: bool, at: Position) -> (Self, usize) {
        let last = live.area.height.saturating_sub(1);
        let shown = (0..live.area.height).map(|y| {
            let cells = cells(live, y);
            match is_joined {
                true if y < last => Row { goes_on: goes_on(cells), ..Row::of(cells, cells.len()) },
                true => Row::of(cells, used(cells).max(1)),
                false => Row::of(cells, used(cells)),
            }
        });
        let rows = above.iter().cloned().chain(shown).collect();
        (Self { rows, cursor: above.len() + usize::from(at.y) }, usize::from(at.x))
    }

    /// The same on a terminal of another width that breaks rows anew; `x` is the cursor's column.
    pub(super) fn at_width(&self, width: u16, x: usize) -> Self {
        let mut laid = Self::default();
        let mut first = 0;
        for line in self.rows.split_inclusive(|row| !row.goes_on) {
            let mark = self.cursor.checked_sub(first).filter(|row| *row < line.len());
            let before = |row: usize| line[..row].iter().map(Row::columns).sum::<usize>();
            laid.line(line, width, mark.map(|row| before(row) + x));
            first += line.len();
        }
        laid
    }

    /// Adds one line, broken at `width`. The cursor stays at the character at which it was, or in the line's last row.
    fn line(&mut self, line: &[Row], width: u16, mark: Option<usize>) {
        let goes_on = line.last().is_some_and(|row| row.goes_on);
        let (mut row, mut column, mut columns, mut is_marked) = (Row::default(), 0, 0, false);
        for glyph in line.iter().flat_map(|row| &row.glyphs).copied() {
            if column + glyph > width && column > 0 {
                let full = std::mem::take(&mut row);
                self.rows.push(Row { goes_on: true, ..full });
                column = 0;
            }
            columns += usize::from(glyph);
            if !is_marked && mark.is_some_and(|mark| mark < columns) {
                is_marked = true;
                self.cursor = self.rows.len();
            }
            column += glyph;
            row.glyphs.push(glyph);
        }
        if mark.is_some() && !is_marked {
            self.cursor = self.rows.len();
        }
        self.rows.push(Row { goes_on, ..row });
    }
}
