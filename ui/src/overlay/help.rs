//! The table of keys: two columns where there is room, else one. What does not fit is scrolled to.

use quire_state::screen::{Help, overlay::help::ENTRY_COLS, slash};
use ratatui::style::Style;

use super::{Painted, Room, table};
use crate::{
    text::{Rows, Spans, literal, spaces, span, spans_width, truncate_line},
    theme::Theme,
};

/// Cells of a key's name.
const KEY_COLS: usize = 14;

/// The table, from the row that is scrolled to.
pub(super) fn paint(help: &Help, room: Room<'_>) -> Option<Painted> {
    let Room { theme, width, .. } = room;
    let keys = room.keymap.table();
    let mut entries: Vec<Spans> = keys.iter().map(|(key, does)| entry(key, does, theme)).collect();
    let words = slash::TABLE.iter().flat_map(|slash| slash.names().map(|name| (name, slash.help)));
    entries.extend(words.map(|(name, help)| entry(&format!("/{name}"), help, theme)));
    let entry_cols = usize::from(ENTRY_COLS);
    let columns = if width >= 2 * entry_cols { 2 } else { 1 };
    let per_column = entries.len().div_ceil(columns);
    let mut rows = Rows::new();
    for at in 0..per_column {
        let mut row = Spans::new();
        for column in 0..columns {
            let Some(entry) = entries.get(column * per_column + at) else { continue };
            let filled = spans_width(&row);
            row.push(spaces((column * entry_cols).saturating_sub(filled)));
            row.extend(entry.iter().cloned());
        }
        rows.push(truncate_line(row, width));
    }
    Some(table::paint("Keys", rows, help.scrolled, room))
}

fn entry(key: &str, does: &str, theme: &Theme) -> Spans {
    let name = span(key, theme.accent);
    let free = KEY_COLS.saturating_sub(crate::text::width(key));
    vec![literal("  ", Style::new()), name, spaces(free), span(does, Style::new())]
}

#[cfg(test)]
mod tests {
    use quire_state::screen::Keymap;

    use super::{ENTRY_COLS, entry, slash};
    use crate::{text::spans_width, theme::Theme};

    #[test]
    fn every_entry_fits_its_column() {
        let words =
            slash::TABLE.iter().flat_map(|slash| slash.names().map(|name| (format!("/{name}"), slash.help.to_owned())));
        for (key, does) in Keymap::default().table().into_iter().chain(words) {
            assert!(spans_width(&entry(&key, &does, &Theme::default())) <= usize::from(ENTRY_COLS), "{key}: {does}");
        }
    }
}
