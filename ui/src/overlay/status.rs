//! What the session works with: a name and a fact on each row. What does not fit is scrolled to.

use quire_state::screen::overlay::status::{NAME_COLS, Row, Status, rows};
use ratatui::style::Style;

use super::{Painted, Room, table};
use crate::text::{literal, spaces, span, truncate_line, width};

/// The facts, from the row that is scrolled to; nothing without a session.
pub(super) fn paint(status: &Status, room: Room<'_>) -> Option<Painted> {
    let thread = room.model.shown()?;
    let cols = u16::try_from(room.width).unwrap_or(u16::MAX);
    let row = |(name, fact): Row| {
        let gap = usize::from(NAME_COLS).saturating_sub(width(name));
        let spans =
            vec![literal("  ", Style::new()), span(name, room.theme.accent), spaces(gap), span(&fact, Style::new())];
        truncate_line(spans, room.width)
    };
    Some(table::paint(
        status.subject.name(),
        rows(status.subject, thread, cols).into_iter().map(row).collect(),
        status.scrolled,
        room,
    ))
}
