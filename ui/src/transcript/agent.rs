//! The model's answer: Markdown behind a bullet.

use ratatui::style::Style;

use super::{Ink, PaintContext};
use crate::{
    markdown::{Start, render},
    text::{Frame, Rows, blank, line, literal, visible, wrap_hard},
};

/// The lines of a finished answer.
pub(crate) fn rows(text: &str, is_cut: bool, ink: &mut Ink<'_>) -> Rows {
    let context = ink.context;
    if context.raw {
        return written(text, is_cut, context);
    }
    let frame = frame(context);
    let room = frame.room(context.width);
    let start = Start { indent: context.width.saturating_sub(room), ..Start::default() };
    let mut rows = render(text, room, context.theme, ink.code, start).rows;
    frame.put(&mut rows, true);
    if is_cut {
        rows.extend(cut_rows(context, rows.is_empty()));
    }
    rows
}

/// The answer as it was written, with nothing before its lines.
fn written(text: &str, is_cut: bool, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let lines = text.trim_end().lines().map(|text| visible(text, Style::new(), theme.escape));
    let mut rows: Rows = lines.flat_map(|spans| wrap_hard(&spans, context.width)).map(line).collect();
    if is_cut {
        rows.push(line(vec![literal("… cut off here", theme.dim)]));
    }
    rows
}

/// The lines below an answer that has no end; `is_first` if nothing of it is above them.
pub(crate) fn cut_rows(context: PaintContext<'_>, is_first: bool) -> Rows {
    let mut rows = vec![line(vec![literal("… cut off here", context.theme.dim)])];
    frame(context).put(&mut rows, is_first);
    if !is_first {
        rows.insert(0, blank());
    }
    rows
}

/// What stands before an answer.
pub(crate) fn frame(_look: PaintContext<'_>) -> Frame {
    Frame::new(literal("• ", Style::new()))
}
