//! How rows and lines are written.

use quire_state::text::width::{graphemes, is_unsure};
use ratatui::{
    buffer::{Buffer, Cell},
    text::Line,
};

use crate::terminal::{
    full::is_blank,
    glyph::{self, Glyph, blanks},
    pen::{CellStyle, Pen},
    sequence,
};

pub(super) fn cells(live: &Buffer, y: u16) -> &[Cell] {
    let width = usize::from(live.area.width);
    &live.content[usize::from(y) * width..(usize::from(y) + 1) * width]
}

/// Columns of a row up to its last visible cell.
pub(super) fn used(cells: &[Cell]) -> usize {
    let last = cells.iter().rposition(|cell| !is_blank(cell));
    last.map_or(0, |last| last + usize::from(Glyph::of(&cells[last], column(cells.len() - last)).width.max(1)))
}

/// Writes a row without its blank end: spaces that are written would count when the terminal reflows.
pub(super) fn row(live: &Buffer, y: u16, pen: &mut Pen<'_>, out: &mut Vec<u8>) {
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

pub(super) fn column(x: usize) -> u16 {
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
pub(super) fn finished_line(line: &Line<'_>, width: u16, pen: &mut Pen<'_>, out: &mut Vec<u8>) {
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

/// Writes a row with blanks up to its end, so that the terminal itself goes on in the next and takes both for one line.
/// Nothing is erased at its beginning, which would end the line above. `false` when the terminal would not go on.
pub(super) fn joined_row(live: &Buffer, y: u16, pen: &mut Pen<'_>, out: &mut Vec<u8>) -> bool {
    let shown = cells(live, y);
    let end = used(shown);
    row(live, y, pen, out);
    blanks(column(shown.len() - end), out);
    goes_on(shown)
}

/// Whether a terminal goes on by itself behind the last column of this row. After a character whose width is unsure the
/// cursor was moved.
pub(super) fn goes_on(shown: &[Cell]) -> bool {
    let before = shown.iter().rev().take(2);
    before.filter(|cell| is_unsure(cell.symbol())).count() == 0
}

/// The same for the last row of a line, whose end is erased.
pub(super) fn last_row(live: &Buffer, y: u16, pen: &mut Pen<'_>, out: &mut Vec<u8>) {
    let shown = cells(live, y);
    let end = used(shown);
    row(live, y, pen, out);
    if end == 0 {
        out.push(b' ');
    }
    if end.max(1) < shown.len() {
        out.extend_from_slice(sequence::ERASE_ROW);
    }
}
