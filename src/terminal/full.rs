//! The full-screen writer: from the picture that is shown to the one that is wanted, in as few bytes as it takes.
//!
//! Pure: it makes bytes and never writes them. It erases only to the end of a row, and never the screen.

use quire_ui::Links;
use ratatui::buffer::{Buffer, Cell};

use super::{
    glyph::{Glyph, blanks},
    pen::{CellStyle, Pen},
    sequence,
};

/// A wanted picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The cells.
    pub buffer: Buffer,
    /// Where the caret is, column and row from 0; `None` hides the cursor.
    pub cursor: Option<(u16, u16)>,
    /// The window title; empty clears one that was set, and else leaves it alone.
    pub title: String,
}

/// So many cells are written again rather than crossed by a control sequence, which takes as many bytes.
const SHORTER_THAN_MOVING: usize = 4;

/// Remembers what the terminal shows.
#[derive(Debug, Default)]
pub struct FullWriter {
    shown: Option<Shown>,
    title: String,
    links: Links,
}

#[derive(Debug)]
struct Shown {
    buffer: Buffer,
    covered: Vec<bool>,
    cursor: Option<(u16, u16)>,
}

impl FullWriter {
    /// A writer for a terminal whose picture is unknown and whose cursor is hidden.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next frame overwrites everything: the picture on the terminal is no longer known.
    pub fn forget(&mut self) {
        self.shown = None;
        self.title.clear();
    }

    /// What the links of the next picture lead to.
    pub fn know(&mut self, links: Links) {
        self.links = links;
    }

    /// The bytes that lead to `picture`; none when it is shown already.
    pub fn frame(&mut self, picture: Picture) -> Vec<u8> {
        let covered = covered(&picture.buffer);
        let cursor = picture.cursor.filter(|&at| picture.buffer.area.contains(at.into()));
        let shown = self.shown.take().filter(|shown| shown.buffer.area == picture.buffer.area);
        let was_known = shown.is_some();
        let old_cursor = shown.as_ref().and_then(|shown| shown.cursor);

        let mut page = Page { out: Vec::new(), pen: Pen::new(&self.links), at: None };
        page.cells(shown.as_ref(), &picture.buffer, &covered);
        let mut out = page.out;
        let moved = !out.is_empty();
        if picture.title != self.title {
            sequence::title(&picture.title, &mut out);
            self.title = picture.title;
        }
        match cursor {
            Some((x, y)) => {
                if moved || old_cursor != cursor {
                    sequence::move_to(x, y, &mut out);
                }
                if old_cursor.is_none() {
                    out.extend_from_slice(sequence::SHOW_CURSOR);
                }
            }
            None if old_cursor.is_some() || !was_known => out.extend_from_slice(sequence::HIDE_CURSOR),
            None => {}
        }
        self.shown = Some(Shown { buffer: picture.buffer, covered, cursor });
        framed(out)
    }
}

/// `bytes` as one frame that appears at once; nothing stays nothing.
pub(super) fn framed(bytes: Vec<u8>) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len() + 16);
    out.extend_from_slice(sequence::BEGIN_FRAME);
    out.extend(bytes);
    out.extend_from_slice(sequence::END_FRAME);
    out
}

/// A cell that erasing leaves behind.
pub(super) fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && CellStyle::of_cell(cell) == CellStyle::PLAIN
}

/// Which cells lie under the right part of a wide glyph.
fn covered(buffer: &Buffer) -> Vec<bool> {
    let width = usize::from(buffer.area.width);
    let mut covered = vec![false; buffer.content.len()];
    if width == 0 {
        return covered;
    }
    for (row, marks) in buffer.content.chunks(width).zip(covered.chunks_mut(width)) {
        let mut x = 0;
        while x < width {
            let glyph = Glyph::of(&row[x], room(width, x));
            for mark in marks.iter_mut().skip(x + 1).take(usize::from(glyph.width) - 1) {
                *mark = true;
            }
            x += usize::from(glyph.width);
        }
    }
    covered
}

fn room(width: usize, x: usize) -> u16 {
    u16::try_from(width - x).unwrap_or(u16::MAX)
}

fn column(x: usize) -> u16 {
    u16::try_from(x).unwrap_or(u16::MAX)
}

/// A row of cells, and which of them are covered.
#[derive(Clone, Copy)]
struct Row<'a> {
    cells: &'a [Cell],
    covered: &'a [bool],
}

impl Row<'_> {
    /// The column behind its last visible cell.
    fn end(&self) -> usize {
        self.cells.iter().rposition(|cell| !is_blank(cell)).map_or(0, |last| last + 1)
    }

    /// Columns by which its end is shifted where every character that may be wide is.
    fn shift(&self) -> usize {
        let width = self.cells.len();
        let glyphs = self.cells.iter().enumerate().filter(|(x, cell)| cell.symbol().len() > 1 && !self.covered[*x]);
        let glyphs = glyphs.map(|(x, cell)| Glyph::of(cell, room(width, x))).filter(|glyph| glyph.is_ambiguous);
        glyphs.map(|glyph| usize::from(glyph.most.max(2) - glyph.width)).sum()
    }

    fn differs(&self, other: &Self, x: usize) -> bool {
        match (self.covered[x], other.covered[x]) {
            (true, true) => false,
            (false, false) => self.cells[x] != other.cells[x],
            (true, false) | (false, true) => true,
        }
    }
}

struct Page<'a> {
    out: Vec<u8>,
    pen: Pen<'a>,
    at: Option<(u16, u16)>,
}

impl Page<'_> {
    fn cells(&mut self, shown: Option<&Shown>, wanted: &Buffer, covered: &[bool]) {
        let width = usize::from(wanted.area.width);
        if width == 0 {
            return;
        }
        // The row above may have gone on in this one.
        let mut is_spoilt = false;
        for y in 0..wanted.area.height {
            let range = usize::from(y) * width..(usize::from(y) + 1) * width;
            let row = Row { cells: &wanted.content[range.clone()], covered: &covered[range.clone()] };
            let old =
                shown.map(|shown| Row { cells: &shown.buffer.content[range.clone()], covered: &shown.covered[range] });
            let is_same = old.is_some_and(|old| old.cells == row.cells && old.covered == row.covered);
            if is_same && !is_spoilt {
                continue;
            }
            let shift = row.shift();
            match old {
                Some(old) if shift == 0 && !is_spoilt && old.shift() == 0 => self.row(y, row, |x| row.differs(&old, x)),
                Some(_) | None => self.whole_row(y, row, shift > 0),
            }
            is_spoilt = row.end() + shift > width;
        }
        self.pen.rest(&mut self.out);
    }

    /// Writes the changed glyphs of a row, and erases its blank end when something was there.
    fn row(&mut self, y: u16, row: Row<'_>, changed: impl Fn(usize) -> bool) {
        let (behind, spilt) = self.glyphs(y, row, &changed);
        if let Some(first) = (behind..row.cells.len()).find(|&x| x < spilt || changed(x)) {
            self.go(column(first), y);
            self.pen.rest(&mut self.out);
            self.out.extend_from_slice(sequence::ERASE_ROW);
        }
    }

    /// Writes a row in one go. Where its characters may be wider than they should be, what is behind its end is erased
    /// from wherever the terminal got to, and the cursor is lost.
    fn whole_row(&mut self, y: u16, row: Row<'_>, is_shifted: bool) {
        self.go(0, y);
        let (behind, _) = self.glyphs(y, row, |_| true);
        if behind < row.cells.len() {
            if !is_shifted || self.at.is_none() {
                self.go(column(behind), y);
            }
            self.pen.rest(&mut self.out);
            self.out.extend_from_slice(sequence::ERASE_ROW);
        }
        if is_shifted {
            self.at = None;
        }
    }

    /// Writes the changed glyphs of a row; gives the column behind its last one, and the one behind all that any
    /// terminal has painted over.
    fn glyphs(&mut self, y: u16, row: Row<'_>, changed: impl Fn(usize) -> bool) -> (usize, usize) {
        let (width, end) = (row.cells.len(), row.end());
        let (mut x, mut spilt) = (0, 0);
        while x < end {
            let glyph = Glyph::of(&row.cells[x], room(width, x));
            let next = x + usize::from(glyph.width);
            if (x..next.min(width)).any(|x| x < spilt || changed(x)) {
                self.step_over(row, x, y);
                self.go(column(x), y);
                self.pen.change(CellStyle::of_cell(&row.cells[x]), &mut self.out);
                if glyph.is_unsure && glyph.width > 1 {
                    blanks(glyph.width, &mut self.out);
                    sequence::move_to(column(x), y, &mut self.out);
                }
                self.out.extend_from_slice(glyph.text.as_bytes());
                self.at = (!glyph.is_unsure && next < width).then(|| (column(next), y));
                if glyph.is_unsure {
                    spilt = spilt.max(x + usize::from(glyph.most));
                }
            }
            x = next;
        }
        (x, spilt)
    }

    /// Crosses a few unchanged cells by writing them again, where that is shorter than a movement.
    fn step_over(&mut self, row: Row<'_>, x: usize, y: u16) {
        let Some((at, _)) = self.at.filter(|(_, row)| *row == y) else { return };
        let gap = usize::from(at)..x;
        let is_simple = |cell: &Cell| {
            cell.symbol().len() == 1
                && CellStyle::of_cell(cell) == self.pen.look()
                && Glyph::of(cell, 1).text == cell.symbol()
        };
        if gap.len() <= SHORTER_THAN_MOVING && row.cells[gap.clone()].iter().all(is_simple) {
            row.cells[gap].iter().for_each(|cell| self.out.extend_from_slice(cell.symbol().as_bytes()));
            self.at = Some((column(x), y));
        }
    }

    fn go(&mut self, x: u16, y: u16) {
        match self.at {
            Some((at, row)) if row == y && at == x => {}
            Some((at, row)) if row == y && at < x => sequence::right(x - at, &mut self.out),
            Some(_) | None => sequence::move_to(x, y, &mut self.out),
        }
        self.at = Some((x, y));
    }
}

#[cfg(test)]
#[path = "full/tests.rs"]
mod tests;
