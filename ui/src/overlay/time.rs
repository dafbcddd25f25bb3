//! Time travel: which moment is shown, the message that led to it, and what that has changed.

use quire_state::screen::{keymap::Action, overlay::Time};
use ratatui::style::Style;

use super::{
    Painted, Room,
    panel::{self, EDGE_COLS, Panel},
};
use crate::text::{Spans, literal, span, truncate_line, visible, wrap_hard};

/// Rows of a message.
const MESSAGE_ROWS: usize = 3;

/// Paints it.
pub(super) fn paint(time: &Time, room: Room<'_>) -> Option<Painted> {
    let theme = room.theme;
    let inner = room.width.saturating_sub(EDGE_COLS);
    let title: Spans = vec![
        literal("Time travel", theme.strong),
        span(&format!(" · message {} of {}", time.at, time.last), theme.dim),
    ];
    let words = if time.message.is_empty() { "the beginning of what is kept" } else { &time.message };
    let mut below: Vec<Spans> = wrap_hard(&visible(words, Style::new(), theme.escape), inner);
    below.truncate(MESSAGE_ROWS);
    let changed = if time.changed.is_empty() { "nothing".to_owned() } else { time.changed.join(", ") };
    let mut row = vec![literal("changed  ", theme.dim)];
    row.extend(visible(&changed, Style::new(), theme.escape));
    below.push(truncate_line(row, inner).spans);
    let keys = [
        (panel::names(room, &[Action::Less, Action::More]), "one message"),
        (panel::names(room, &[Action::Previous, Action::Next]), "ten"),
        (panel::names(room, &[Action::PageUp, Action::PageDown]), "a hundred"),
        (panel::names(room, &[Action::Cancel]), "back to now"),
    ];
    // It hides as little of what it is about as it can.
    let room = Room { height: room.height.min(panel::AIRY_ROWS - 1), ..room };
    Some(Panel { title, head: None, rows: Vec::new(), marked: 0, beside: None, below, keys: keys.into() }.paint(room))
}
