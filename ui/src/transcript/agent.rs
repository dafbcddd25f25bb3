//! The model's answer: Markdown behind a bullet.

use ratatui::style::Style;

use super::{Ink, Look};
use crate::{
    markdown::{Start, render},
    text::{Frame, Rows, blank, line, literal},
};

/// The lines of a finished answer.
pub(crate) fn rows(text: &str, is_cut: bool, ink: &mut Ink<'_>) -> Rows {
    let look = ink.look;
    let frame = frame(look);
    let room = frame.room(look.width);
    let start = Start { indent: look.width.saturating_sub(room), ..Start::default() };
    let mut rows = render(text, room, look.theme, ink.code, start).rows;
    frame.put(&mut rows, true);
    if is_cut {
        rows.extend(cut_rows(look, rows.is_empty()));
    }
    rows
}

/// The lines below an answer that has no end; `is_first` if nothing of it is above them.
pub(crate) fn cut_rows(look: Look<'_>, is_first: bool) -> Rows {
    let mut rows = vec![line(vec![literal("… cut off here", look.theme.dim)])];
    frame(look).put(&mut rows, is_first);
    if !is_first {
        rows.insert(0, blank());
    }
    rows
}

/// What stands before an answer.
pub(crate) fn frame(_look: Look<'_>) -> Frame {
    Frame::new(literal("• ", Style::new()))
}
