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
    let mut rows = render(text, frame.room(look.width), look.theme, ink.code, Start::default()).rows;
    if is_cut {
        rows.push(blank());
        rows.push(line(vec![literal("… cut off here", look.theme.dim)]));
    }
    frame.put(&mut rows, true);
    rows
}

/// What stands before an answer.
pub(crate) fn frame(_look: Look<'_>) -> Frame {
    Frame::new(literal("• ", Style::new()))
}
