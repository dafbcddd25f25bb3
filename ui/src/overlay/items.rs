//! The choice of what the status row or the window's title shows, with what it would be.

use quire_state::screen::{
    Items,
    keymap::{Action, Context},
    overlay::items::Part,
};
use ratatui::style::Style;

use super::{
    Painted, Room,
    panel::{self, Panel},
};
use crate::{
    bottom,
    text::{Spans, literal, spaces, span, visible, width},
};

/// Cells of an item's name.
const NAME_COLS: usize = 23;

/// Paints it; nothing without a screen.
pub(super) fn paint(items: &Items, room: Room<'_>) -> Option<Painted> {
    let (theme, screen) = (room.theme, room.model.screen.as_ref()?);
    let marked = items.rows.at();
    let rows = items.rows.rows().iter().enumerate().map(|(at, item)| {
        let is_on = items.chosen.contains(item);
        let mut row: Spans = vec![literal(if is_on { "[x] " } else { "[ ] " }, theme.accent)];
        row.extend(visible(item, if at == marked { theme.strong } else { Style::new() }, theme.escape));
        row.push(spaces(NAME_COLS.saturating_sub(width(item)).max(1)));
        let says = bottom::item(item, room.model, screen).unwrap_or_else(|| "nothing now".to_owned());
        row.extend(visible(&says, theme.dim, theme.escape));
        row
    });
    let preview = match items.part {
        Part::Status => bottom::status_of(&items.chosen, room.model, screen, theme),
        Part::Title => {
            let title = bottom::title_of(&items.chosen, room.model, screen);
            std::iter::once(literal("  ", theme.dim)).chain(visible(&title, Style::new(), theme.escape)).collect()
        }
    };
    let preview: Spans = std::iter::once(literal("Preview", theme.dim)).chain(preview).collect();
    let keys = [
        (room.keymap.name(Context::Items, Action::Toggle), "on or off"),
        (panel::names(room, &[Action::Less, Action::More]), "move"),
        (panel::names(room, &[Action::Take]), "save"),
        (panel::names(room, &[Action::Cancel]), "cancel"),
    ];
    let panel = Panel {
        title: vec![
            literal(items.part.name(), theme.strong),
            span(&format!(" · {} on", items.chosen.len()), theme.dim),
        ],
        head: None,
        rows: rows.collect(),
        beside: None,
        marked,
        below: vec![preview],
        keys: keys.into(),
    };
    Some(panel.paint(room))
}
