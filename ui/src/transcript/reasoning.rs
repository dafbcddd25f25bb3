//! The model's reasoning: quiet, and short unless details are shown.

use ratatui::style::Style;

use super::{Ink, PaintContext};
use crate::{
    markdown::{Start, render},
    text::{Frame, Rows, fill, line, literal, span, truncate_line},
};

/// Rows that are shown of the newest thought.
const ROWS: usize = 3;
/// End of the text that can matter for those rows.
const TAIL_BYTES: usize = 4 * 1024;

/// The lines of reasoning; none where it is hidden or empty.
pub(crate) fn rows(parts: &[String], is_open: bool, ink: &mut Ink<'_>) -> Rows {
    let context = ink.context;
    if context.hide_reasoning || parts.iter().all(|part| part.trim().is_empty()) {
        return Rows::new();
    }
    let frame = frame(context);
    let room = frame.room(context.width);
    if context.details {
        let mut rows = render(&join(parts), room, context.theme, ink.code, Start::default()).rows;
        frame.put(&mut rows, true);
        return rows;
    }
    let mut rows = if is_open { newest(parts, room, ink) } else { first(parts, room, ink) };
    frame.put(&mut rows, true);
    rows
}

/// What stands before reasoning.
pub(crate) fn frame(context: PaintContext<'_>) -> Frame {
    Frame { sign: literal("∴ ", context.theme.dim), under: context.theme.reasoning }
}

/// The parts as one text.
pub(crate) fn join(parts: &[String]) -> String {
    parts.join("\n\n")
}

/// The last rows of the last part, while it grows.
fn newest(parts: &[String], room: usize, ink: &mut Ink<'_>) -> Rows {
    let text = parts.iter().rev().find(|part| !part.trim().is_empty()).map_or("", String::as_str);
    let mut from = text.len().saturating_sub(TAIL_BYTES);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut rows = render(&text[from..], room, ink.context.theme, ink.code, Start::default()).rows;
    rows.retain(|row| !row.spans.is_empty());
    rows.split_off(rows.len().saturating_sub(ROWS))
}

/// The first line, and how much more there is.
fn first(parts: &[String], room: usize, ink: &mut Ink<'_>) -> Rows {
    let rows = render(&join(parts), room, ink.context.theme, ink.code, Start::default()).rows;
    let more = rows.iter().skip(1).filter(|row| !row.spans.is_empty()).count();
    let mut kept: Rows = rows.into_iter().take(1).collect();
    if more > 0 {
        let hint = span(&ink.context.folded(more as u64), Style::new());
        kept.push(truncate_line(vec![hint], room));
    }
    if kept.is_empty() {
        kept.push(line(vec![fill('…', 1, Style::new())]));
    }
    kept
}
