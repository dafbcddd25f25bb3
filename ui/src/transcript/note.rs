//! A sentence of Quire's own. Its sign tells how much it matters, also without colour.

use quire_state::item::Level;
use ratatui::style::Style;

use super::PaintContext;
use crate::text::{Frame, Rows, line, literal, span, wrap};

/// The lines of a note.
pub(crate) fn rows(level: Level, text: &str, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let (sign, style) = match level {
        Level::Info => (literal("· ", theme.dim), theme.dim),
        Level::Warning => (literal("⚠ ", theme.warning), Style::new()),
        Level::Error => (literal("■ ", theme.error), theme.error),
    };
    let frame = Frame::new(sign);
    let room = frame.room(context.width);
    let mut rows = text.trim_end().split('\n').flat_map(|text| wrap(&[span(text, style)], room)).map(line).collect();
    frame.put(&mut rows, true);
    rows
}
