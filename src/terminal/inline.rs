//! The inline writer: finished lines go into the terminal's own scrollback, the live area stays below them.
//!
//! Finished lines are written once, by plain line feeds, so that the terminal itself scrolls at its bottom row.
//! No scroll region, no erase of the screen or the scrollback, no inserted lines: those are what loses history.
//! Pure: it makes bytes and never writes them. The cursor is only ever moved relative to the live area.
//!
//! A window that gets smaller has its terminal push upper rows of the live area into the scrollback, before anybody is
//! told, and one that gets larger brings them back. They are remembered: what is back is written over. While there are
//! such rows the live area begins in the first row of the screen, where a terminal that brings none back stops the
//! cursor, so that nothing that is finished is ever written over; and it is written as one line with them, which gets
//! lower when the window gets wider, so that a terminal has room to bring all of them back.

mod laid;
mod rows;

use quire_ui::Links;
use ratatui::{buffer::Buffer, text::Line};

use laid::{Laid, Row};
use rows::{cells, column, finished_line, joined_row, last_row, row};

use super::{full::framed, pen::Pen, sequence};

/// Most rows above the screen that are remembered.
const PUSHED_ROWS: usize = 1024;

/// What is to be shown next.
#[derive(Clone, Debug)]
pub struct InlinePicture<'a> {
    /// Lines that are finished: above the live area, for ever.
    pub finished: &'a [Line<'a>],
    /// The live area, as wide as the terminal.
    pub live: Buffer,
    /// Where the caret is in the live area; `None` hides the cursor.
    pub cursor: Option<(u16, u16)>,
    /// The window title; empty clears one that was set, and else leaves it alone.
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
    /// Rows of the screen that the live area was painted on.
    rows: u16,
    /// Rows of live areas that the terminal has pushed above the screen, right above the live area.
    pushed: Vec<Row>,
    /// The live area is one line with them.
    is_joined: bool,
    /// The row of the screen in which the cursor is after a change of size.
    found: Option<u16>,
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

    /// The other screen was shown in between: the cursor is where it was and hidden, and the title is not known.
    pub fn came_back(&mut self) {
        self.cursor = None;
        self.title.clear();
    }

    /// What the terminal shows is unknown: the next frame writes the whole screen from its first row on.
    pub fn begin_at_top(&mut self) {
        *self = Self { from_top: true, ..Self::default() };
    }

    /// What the links of the next picture lead to.
    pub fn know(&mut self, links: Links) {
        self.links = links;
    }

    /// The terminal has another size now, and its cursor is in this row of the screen, from 0.
    pub fn found(&mut self, row: u16) {
        self.found = Some(row);
    }

    /// The bytes that lead to `picture` on a terminal of `rows` rows; none when it is shown already.
    /// `reflows` says whether this terminal breaks long rows anew when it gets narrower.
    pub fn frame(&mut self, picture: InlinePicture<'_>, rows: u16, reflows: bool) -> Vec<u8> {
        let (live, cursor) = bounded(picture.live, picture.cursor, rows);
        let mut out = Vec::new();
        let links = std::mem::take(&mut self.links);
        let mut pen = Pen::new(&links);
        let same_width = self.live.as_ref().is_some_and(|shown| shown.area.width == live.area.width);
        let is_rewritten = self.is_joined && self.live.as_ref() != Some(&live);
        if picture.finished.is_empty() && same_width && self.rows == rows && !is_rewritten {
            self.change(&live, &mut pen, &mut out);
        } else {
            self.begin(picture.finished.is_empty(), live.area.width, rows, reflows, &mut out);
            self.is_joined = reflows && !self.pushed.is_empty() && live.area.height > 0;
            self.redraw(picture.finished, &live, rows, &mut pen, &mut out);
        }
        self.live = Some(live);
        self.rows = rows;
        self.found = None;
        self.caret(cursor, &mut out);
        if picture.title != self.title {
            sequence::title(&picture.title, &mut out);
            self.title = picture.title;
        }
        framed(out)
    }

    /// The bytes that take the live area away and leave the cursor where it began.
    pub fn leave(&self, reflowed: Option<u16>) -> Vec<u8> {
        let mut out = Vec::new();
        up_to(&self.laid(reflowed), &mut out);
        out.extend_from_slice(sequence::ERASE_FROM_HERE);
        out
    }

    /// Goes to where everything is to be written anew: the top of the live area, or of those rows of earlier ones that
    /// are back on the screen. Remembers what is above the screen now, unless something `finished` follows it for ever.
    fn begin(&mut self, is_last: bool, width: u16, rows: u16, reflows: bool, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.from_top) {
            return sequence::move_to(0, 0, out);
        }
        let mut laid = self.laid(reflows.then_some(width));
        up_to(&laid, out);
        let row = self.found.unwrap_or_else(|| self.lowest(width, rows));
        let above = if is_last { laid.cursor.saturating_sub(usize::from(row)) } else { 0 };
        laid.rows.truncate(above);
        self.pushed = laid.rows.split_off(above.saturating_sub(PUSHED_ROWS));
    }

    /// The lowest row of the screen that the cursor can be in after a change of size.
    fn lowest(&self, width: u16, rows: u16) -> u16 {
        let is_other_width = self.live.as_ref().is_none_or(|shown| shown.area.width != width);
        let last = rows.saturating_sub(1);
        if self.pushed.is_empty() || is_other_width {
            return last;
        }
        // The live area begins in the first row, and comes down by no more rows than there are new ones.
        last.min(self.at.1 + rows.saturating_sub(self.rows))
    }

    /// Writes everything anew from the cursor's row on.
    fn redraw(&mut self, finished: &[Line<'_>], live: &Buffer, rows: u16, pen: &mut Pen<'_>, out: &mut Vec<u8>) {
        let (new, was) = (live.area.width, self.live.as_ref().map(|shown| shown.area));
        let is_resized = was.is_none_or(|was| was.width != new) || self.rows != rows;
        // Rows from here on that may hold something old. After a change of size it is not known how many.
        let mut stale = match was {
            Some(was) if !is_resized => usize::from(was.height),
            Some(_) | None if self.is_joined => usize::MAX,
            Some(_) | None => 0,
        };
        if is_resized && !self.is_joined {
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
            let mut goes_on = false;
            if !self.is_joined {
                out.extend_from_slice(sequence::ERASE_ROW);
                row(live, y, pen, out);
            } else if y == last {
                last_row(live, y, pen, out);
            } else {
                goes_on = joined_row(live, y, pen, out);
            }
            match y == last {
                true => out.push(b'\r'),
                false if goes_on => {}
                false => out.extend_from_slice(b"\r\n"),
            }
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

    /// What was written and may be written over, on a terminal that has this width now and breaks rows anew, or leaves
    /// them as they are.
    fn laid(&self, reflowed: Option<u16>) -> Laid {
        let Some(live) = &self.live else { return Laid::default() };
        let (laid, x) = Laid::new(&self.pushed, live, self.is_joined, self.at.into());
        match reflowed {
            Some(width) if width > 0 && width != live.area.width => laid.at_width(width, x),
            Some(_) | None => laid,
        }
    }
}

/// Goes to the first of these rows that is on the screen; upwards the cursor stops at its top.
fn up_to(laid: &Laid, out: &mut Vec<u8>) {
    sequence::up(column(laid.cursor), out);
    out.push(b'\r');
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

#[cfg(test)]
#[path = "inline/tests.rs"]
mod tests;
#[cfg(test)]
#[path = "inline/window_tests.rs"]
mod window_tests;
