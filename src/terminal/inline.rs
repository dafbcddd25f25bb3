//! The inline writer: finished lines go into the terminal's own scrollback, the live area stays below them.
//!
//! Finished lines are written once, by plain line feeds, so that the terminal itself scrolls at its bottom row.
//! No scroll region, no erase of the screen or the scrollback, no inserted lines: those are what loses history.
//! Pure: it makes bytes and never writes them. The cursor is only ever moved relative to the live area.

use quire_state::text::width::{graphemes, is_unsure};
use quire_ui::Links;
use ratatui::{
    buffer::{Buffer, Cell},
    text::Line,
};

use super::{
    full::{framed, is_blank},
    glyph::{self, Glyph, blanks},
    pen::{CellStyle, Pen},
    sequence,
};

/// What is to be shown next.
#[derive(Clone, Debug)]
pub struct InlinePicture<'a> {
    /// Lines that are finished: above the live area, for ever.
    pub finished: &'a [Line<'a>],
    /// The live area, as wide as the terminal.
    pub live: Buffer,
    /// Where the caret is in the live area; `None` hides the cursor.
    pub cursor: Option<(u16, u16)>,
    /// The window title; empty leaves it alone.
    pub title: String,
}

/// Remembers what the live area shows and where the cursor is in it.
#[derive(Debug, Default)]
pub struct InlineWriter {
    live: Option<Buffer>,
    at: (u16, u16),
    cursor: Option<(u16, u16)>,
    title: String,
    from_top: bool,
    links: Links,
}

impl InlineWriter {
    /// A writer for a terminal whose cursor is hidden and at the beginning of a row.
    pub fn new() -> Self {
        Self::default()
    }

    /// The live area is gone from the terminal and the cursor is somewhere below: the next frame starts afresh.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// What the terminal shows is unknown: the next frame writes the whole screen from its first row on.
    pub fn begin_at_top(&mut self) {
        *self = Self { from_top: true, ..Self::default() };
    }

    /// What the links of the next picture lead to.
    pub fn know(&mut self, links: Links) {
        self.links = links;
    }

    /// The bytes that lead to `picture` on a terminal of `rows` rows; none when it is shown already.
    /// `reflows` says whether this terminal breaks long rows anew when it gets narrower.
    pub fn frame(&mut self, picture: InlinePicture<'_>, rows: u16, reflows: bool) -> Vec<u8> {
        let (live, cursor) = bounded(picture.live, picture.cursor, rows);
        let mut out = Vec::new();
        let links = std::mem::take(&mut self.links);
        let mut pen = Pen::new(&links);
        let same_width = self.live.as_ref().is_some_and(|shown| shown.area.width == live.area.width);
        if picture.finished.is_empty() && same_width {
            self.change(&live, &mut pen, &mut out);
        } else {
            self.redraw(picture.finished, &live, reflows, &mut pen, &mut out);
        }
        self.live = Some(live);
        self.caret(cursor, &mut out);
        if picture.title != self.title && !picture.title.is_empty() {
            sequence::title(&picture.title, &mut out);
            self.title = picture.title;
        }
        framed(out)
    }

    /// The bytes that take the live area away and leave the cursor where it began.
    pub fn leave(&self, reflowed: Option<u16>) -> Vec<u8> {
        let mut out = Vec::new();
        let width = reflowed.or(self.live.as_ref().map(|live| live.area.width)).unwrap_or(0);
        sequence::up(self.rows_above(width), &mut out);
        out.push(b'\r');
        out.extend_from_slice(sequence::ERASE_FROM_HERE);
        out
    }

    /// Writes everything anew from the top of the live area.
    fn redraw(&mut self, finished: &[Line<'_>], live: &Buffer, reflows: bool, pen: &mut Pen<'_>, out: &mut Vec<u8>) {
        let (new, was) = (live.area.width, self.live.as_ref().map(|shown| shown.area));
        let old = was.map_or(new, |was| was.width);
        if std::mem::take(&mut self.from_top) {
            sequence::move_to(0, 0, out);
        } else {
            sequence::up(self.rows_above(if reflows { new.min(old) } else { old }), out);
            out.push(b'\r');
        }
        // Rows from here on that may hold something old. After a change of width nobody knows how many.
        let mut stale = was.filter(|was| was.width == new).map_or(0, |was| usize::from(was.height));
        if old != new || was.is_none() {
            out.extend_from_slice(sequence::ERASE_FROM_HERE);
        }
        for line in finished {
            out.extend_from_slice(sequence::ERASE_ROW);
            finished_line(line, new, pen, out);
            out.extend_from_slice(b"\r\n");
            stale = stale.saturating_sub(line.width().div_ceil(usize::from(new.max(1))).max(1));
        }
        let last = live.area.height.saturating_sub(1);
        for y in 0..live.area.height {
            out.extend_from_slice(sequence::ERASE_ROW);
            row(live, y, pen, out);
            out.extend_from_slice(if y == last { b"\r".as_slice() } else { b"\r\n" });
        }
        self.at = (0, last);
        if live.area.height == 0 && stale > 0 {
            out.extend_from_slice(sequence::ERASE_FROM_HERE);
        } else if stale > usize::from(live.area.height) {
            sequence::down(1, out);
            out.extend_from_slice(sequence::ERASE_FROM_HERE);
            sequence::up(1, out);
        }
    }

    /// Writes the rows that differ; both areas have the same width.
    fn change(&mut self, live: &Buffer, pen: &mut Pen<'_>, out: &mut Vec<u8>) {
        let Some(shown) = self.live.take() else { return };
        let (had, has) = (shown.area.height, live.area.height);
        for y in 0..has {
            if y < had && cells(&shown, y) == cells(live, y) {
                continue;
            }
            if y < had || y == 0 {
                self.go_to_row(y, out);
            } else {
                // A new row: only a line feed makes room at the bottom of the screen.
                self.go_to_row(y - 1, out);
                out.extend_from_slice(b"\r\n");
            }
            out.extend_from_slice(sequence::ERASE_ROW);
            row(live, y, pen, out);
            out.push(b'\r');
            self.at = (0, y);
        }
        if has < had {
            self.go_to_row(has, out);
            out.extend_from_slice(sequence::ERASE_FROM_HERE);
            if has > 0 {
                self.go_to_row(has - 1, out);
            }
        }
    }

    /// Moves to the beginning of a row that exists.
    fn go_to_row(&mut self, y: u16, out: &mut Vec<u8>) {
        sequence::up(self.at.1.saturating_sub(y), out);
        sequence::down(y.saturating_sub(self.at.1), out);
        if self.at.0 != 0 {
            out.push(b'\r');
        }
        self.at = (0, y);
    }

    fn caret(&mut self, cursor: Option<(u16, u16)>, out: &mut Vec<u8>) {
        if let Some((x, y)) = cursor
            && self.at != (x, y)
        {
            self.go_to_row(y, out);
            sequence::right(x, out);
            self.at = (x, y);
        }
        match (self.cursor.is_some(), cursor.is_some()) {
            (false, true) => out.extend_from_slice(sequence::SHOW_CURSOR),
            (true, false) => out.extend_from_slice(sequence::HIDE_CURSOR),
            (true, true) | (false, false) => {}
        }
        self.cursor = cursor;
    }

    /// Rows of the terminal between the top of the live area and the cursor, when rows are broken at `width`.
    fn rows_above(&self, width: u16) -> u16 {
        let Some(live) = &self.live else { return 0 };
        if width == 0 || width >= live.area.width {
            return self.at.1;
        }
        let above: u16 = (0..self.at.1).map(|y| broken_rows(cells(live, y), width)).sum();
        above + self.at.0 / width
    }
}

/// At most all rows but one, so that the row above the live area stays in sight; the end matters most.
fn bounded(live: Buffer, cursor: Option<(u16, u16)>, rows: u16) -> (Buffer, Option<(u16, u16)>) {
    let most = rows.saturating_sub(1).max(1);
    let cursor = cursor.filter(|&at| live.area.contains(at.into()));
    let excess = live.area.height.saturating_sub(most);
    if excess == 0 {
        return (live, cursor);
    }
    let first = cursor.map_or(excess, |(_, y)| y.min(excess));
    let width = usize::from(live.area.width);
    let mut kept = Buffer::empty(ratatui::layout::Rect::new(0, 0, live.area.width, most));
    let from = usize::from(first) * width;
    kept.content.clone_from_slice(&live.content[from..from + usize::from(most) * width]);
    (kept, cursor.map(|(x, y)| (x, y - first)))
}

fn cells(live: &Buffer, y: u16) -> &[Cell] {
    let width = usize::from(live.area.width);
    &live.content[usize::from(y) * width..(usize::from(y) + 1) * width]
}

/// Columns of a row up to its last visible cell.
fn used(cells: &[Cell]) -> usize {
    cells.iter().rposition(|cell| !is_blank(cell)).map_or(0, |last| last + 1)
}

/// How many rows of `width` columns a terminal makes of one longer row.
fn broken_rows(cells: &[Cell], width: u16) -> u16 {
    let end = used(cells);
    let (mut rows, mut column, mut x) = (1, 0, 0);
    while x < end {
        let glyph = Glyph::of(&cells[x], u16::MAX);
        if column + glyph.width > width {
            rows += 1;
            column = 0;
        }
        column += glyph.width;
        x += usize::from(glyph.width);
    }
    rows
}

/// Writes a row without its blank end: spaces that are written would count when the terminal reflows.
fn row(live: &Buffer, y: u16, pen: &mut Pen<'_>, out: &mut Vec<u8>) {
    let cells = cells(live, y);
    let end = used(cells);
    let (mut x, mut spilt) = (0, 0);
    while x < end {
        let glyph = Glyph::of(&cells[x], column(cells.len() - x));
        pen.change(CellStyle::of_cell(&cells[x]), out);
        spilt = put(&glyph, x, out).unwrap_or(0).max(spilt);
        x += usize::from(glyph.width);
    }
    pen.rest(out);
    erase_spilt(spilt > x, out);
}

fn column(x: usize) -> u16 {
    u16::try_from(x).unwrap_or(u16::MAX)
}

/// Writes a glyph at a column. Of one whose width is unsure it gives the column behind all that any terminal has painted
/// over.
fn put(glyph: &Glyph<'_>, x: usize, out: &mut Vec<u8>) -> Option<usize> {
    if glyph.is_unsure && glyph.width > 1 {
        blanks(glyph.width, out);
        sequence::move_to_column(column(x), out);
    }
    out.extend_from_slice(glyph.text.as_bytes());
    glyph.is_unsure.then(|| {
        sequence::move_to_column(column(x).saturating_add(glyph.width), out);
        x + usize::from(glyph.most)
    })
}

/// Takes away what has been painted over behind the end of a row, where the cursor is.
fn erase_spilt(is_spilt: bool, out: &mut Vec<u8>) {
    if is_spilt {
        out.extend_from_slice(sequence::ERASE_ROW);
    }
}

/// Writes a line of the scrollback. A terminal that finds it too long breaks it.
fn finished_line(line: &Line<'_>, width: u16, pen: &mut Pen<'_>, out: &mut Vec<u8>) {
    let (mut x, mut spilt) = (0, 0);
    for span in &line.spans {
        pen.change(CellStyle::of_style(line.style.patch(span.style)), out);
        let text = glyph::clean(&span.content);
        if text.is_ascii() {
            out.extend_from_slice(text.as_bytes());
            x += text.len();
            continue;
        }
        for cluster in graphemes(&text) {
            let room = usize::from(width).saturating_sub(x);
            if !is_unsure(cluster.text) || cluster.width == 0 || cluster.width > room {
                out.extend_from_slice(cluster.text.as_bytes());
            } else {
                let mut cell = Cell::EMPTY;
                cell.set_symbol(cluster.text);
                spilt = put(&Glyph::of(&cell, column(room)), x, out).unwrap_or(0).max(spilt);
            }
            x += cluster.width;
        }
    }
    pen.rest(out);
    erase_spilt(spilt > x, out);
}

#[cfg(test)]
#[path = "inline/tests.rs"]
mod tests;
