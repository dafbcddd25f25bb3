//! The choice of what follows a slash command.

use quire_state::screen::{keymap::Action, overlay::Words};
use ratatui::style::Style;

use super::{
    Painted, Room,
    panel::{self, Panel},
};
use crate::text::{Spans, literal, spaces, span, width};

/// Paints it.
pub(super) fn paint(words: &Words, room: Room<'_>) -> Option<Painted> {
    let theme = room.theme;
    let cols = words.rows.rows().iter().map(|(word, _)| width(word)).max().unwrap_or(0) + 2;
    let rows = words.rows.rows().iter().enumerate().map(|(at, (word, means))| {
        let mut row: Spans = vec![span(&format!("{}  ", at + 1), theme.dim), literal(word, Style::new())];
        row.extend([spaces(cols - width(word)), literal(means, theme.dim)]);
        row.extend((Some(*word) == words.current).then(|| literal("  in use", theme.accent)));
        row
    });
    let name = |actions: &[Action]| panel::names(room, actions);
    let panel = Panel {
        title: vec![literal(words.title, theme.strong)],
        head: None,
        rows: rows.collect(),
        beside: None,
        marked: words.rows.at(),
        below: Vec::new(),
        keys: vec![
            (name(&[Action::Previous, Action::Next]), "choose"),
            (name(&[Action::Take]), "take it"),
            (name(&[Action::Cancel]), "back"),
        ],
    };
    Some(panel.paint(room))
}
