//! The table of keys: two columns where there is room, else one. What does not fit is counted.

use quire_state::screen::slash;
use ratatui::style::Style;

use crate::{
    text::{Rows, Spans, fill, line, literal, spaces, span, spans_width, truncate_line},
    theme::Theme,
};

/// Cells of a key's name and of a whole entry.
const KEY_COLS: usize = 14;
const ENTRY_COLS: usize = 40;

/// The keys, the most needed ones first.
const KEYS: [(&str, &str); 18] = [
    ("enter", "send, or steer the turn"),
    ("tab", "hold until the turn ends"),
    ("esc", "interrupt the turn"),
    ("ctrl-c", "clear, interrupt, exit"),
    ("ctrl-j", "new line (or alt-enter)"),
    ("↑ ↓", "earlier inputs"),
    ("page up/down", "scroll"),
    ("ctrl-t", "outputs, reasoning whole"),
    ("alt-↑", "edit the newest held one"),
    ("ctrl-o", "copy the last answer"),
    ("ctrl-home/end", "first row, last row"),
    ("alt-b/f", "word left, word right"),
    ("ctrl-a/e", "start, end of the line"),
    ("ctrl-w", "delete the word before"),
    ("ctrl-k/u", "delete to end, to start"),
    ("ctrl-y", "put deleted text back"),
    ("ctrl-_", "undo (alt-_ redo)"),
    ("ctrl-z", "suspend"),
];

/// The rows, at most `height`.
pub(super) fn rows(theme: &Theme, width: usize, height: usize) -> Rows {
    let mut entries: Vec<Spans> = KEYS.iter().map(|(key, does)| entry(key, does, theme)).collect();
    let slashes = slash::TABLE.iter().map(|slash| entry(&format!("/{}", slash.name), slash.help, theme));
    entries.extend(slashes);
    let columns = if width >= 2 * ENTRY_COLS { 2 } else { 1 };
    let per_column = entries.len().div_ceil(columns);
    let mut rows = vec![head(theme, width)];
    for at in 0..per_column {
        let mut row = Spans::new();
        for column in 0..columns {
            let Some(entry) = entries.get(column * per_column + at) else { continue };
            let filled = spans_width(&row);
            row.push(spaces((column * ENTRY_COLS).saturating_sub(filled)));
            row.extend(entry.iter().cloned());
        }
        rows.push(truncate_line(row, width));
    }
    if rows.len() > height {
        let hidden = (rows.len() + 1 - height) * columns;
        rows.truncate(height.saturating_sub(1));
        let words = format!("  … +{hidden} keys: a larger window shows all");
        rows.push(truncate_line(vec![span(&words, theme.dim)], width));
        rows.truncate(height);
    }
    rows
}

fn entry(key: &str, does: &str, theme: &Theme) -> Spans {
    let name = span(key, theme.accent);
    let free = KEY_COLS.saturating_sub(crate::text::width(key));
    vec![literal("  ", Style::new()), name, spaces(free), span(does, Style::new())]
}

fn head(theme: &Theme, width: usize) -> ratatui::text::Line<'static> {
    let mut spans =
        vec![literal("── ", theme.dim), literal("Keys", theme.strong), literal(" · esc closes ", theme.dim)];
    let rest = width.saturating_sub(spans_width(&spans));
    spans.push(fill('─', rest, theme.dim));
    if rest == 0 { truncate_line(spans, width) } else { line(spans) }
}

#[cfg(test)]
mod tests {
    use super::{ENTRY_COLS, KEYS, entry, slash};
    use crate::{text::spans_width, theme::Theme};

    #[test]
    fn every_entry_fits_its_column() {
        for (key, does) in KEYS.into_iter().chain(slash::TABLE.iter().map(|slash| (slash.name, slash.help))) {
            assert!(spans_width(&entry(key, does, &Theme::default())) <= ENTRY_COLS, "{key}: {does}");
        }
    }
}
