//! A sentence of Quire's own. Its sign tells how much it matters, also without colour.

use quire_state::item::Level;
use ratatui::style::Style;

use super::{PaintContext, sentence::coded};
use crate::text::{Frame, Rows, line, literal, wrap};

/// The lines of a note.
pub(crate) fn rows(level: Level, text: &str, context: PaintContext<'_>) -> Rows {
    let theme = context.theme;
    let (sign, first, rest) = match level {
        Level::Info => (literal("≡ ", theme.dim), theme.dim, theme.dim),
        Level::Warning => (literal("! ", theme.warning), Style::new(), Style::new()),
        Level::Error => (literal("✗ ", theme.error), theme.error, Style::new()),
    };
    let frame = Frame::new(sign);
    let room = frame.room(context.width);
    let text = text.trim_end();
    // What has happened stands out; what follows is what to do, in normal weight.
    let end = text.find('\n').into_iter().chain(text.find(". ").map(|at| at + 1)).min().unwrap_or(text.len());
    let row = |(at, line): (usize, &str)| {
        let cut = if at == 0 { end.min(line.len()) } else { 0 };
        [coded(&line[..cut], first, theme), coded(&line[cut..], rest, theme)].concat()
    };
    let lines = text.split('\n').enumerate().map(row);
    let mut rows = lines.flat_map(|spans| wrap(&spans, room)).map(line).collect();
    frame.put(&mut rows, true);
    rows
}
