//! The keys of every action: a list that is searched by typing.

use quire_state::screen::{
    keymap::{Action, Named},
    overlay::Keys,
};
use ratatui::style::Style;

use super::{
    Painted, Room,
    panel::{self, Panel},
};
use crate::text::{Spans, literal, spaces, span, width};

/// Cells of an action's name.
const NAME_COLS: usize = 34;
/// The same where there is less room.
const NARROW_COLS: usize = 24;
/// Columns from which on there is room for the name with its table.
const WIDE_COLS: usize = 60;

/// Paints it.
pub(super) fn paint(keys: &Keys, room: Room<'_>) -> Option<Painted> {
    let theme = room.theme;
    let rows = keys.rows.rows().iter().filter_map(|row| Some(line(Keys::named(*row)?, room))).collect();
    let mut title: Spans = vec![literal("Keys", theme.strong)];
    match keys.query.as_str() {
        "" => title.push(literal("  type to search", theme.dim)),
        query => title.extend([literal("  with ", theme.dim), span(query, theme.accent)]),
    }
    let told = "Bound in [tui.keymap] of config.toml; a list binds several, [] none.";
    let panel = Panel {
        title,
        head: None,
        rows,
        marked: keys.rows.at(),
        beside: None,
        below: vec![vec![literal(told, theme.dim)]],
        keys: vec![
            (panel::names(room, &[Action::Previous, Action::Next]), "move"),
            (panel::names(room, &[Action::Take]), "how it is bound"),
            (panel::names(room, &[Action::Cancel]), "close"),
        ],
    };
    Some(panel.paint(room))
}

fn line(named: &Named, room: Room<'_>) -> Spans {
    let is_wide = room.width >= WIDE_COLS;
    let name = if is_wide { format!("{}.{}", named.group, named.name) } else { named.name.to_owned() };
    let cols = if is_wide { NAME_COLS } else { NARROW_COLS };
    let keys = Keys::shown(room.keymap, named);
    let is_own = named.bound.iter().any(|(context, action)| room.keymap.is_own(*context, *action));
    let mut row = vec![span(&name, Style::new()), spaces(cols.saturating_sub(width(&name)).max(1))];
    row.push(match keys.as_str() {
        "" => literal("no key", room.theme.dim),
        keys => span(keys, room.theme.accent),
    });
    if is_own {
        row.push(literal("  yours", room.theme.dim));
    }
    row
}
