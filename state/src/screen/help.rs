//! The table of keys.

use super::slash;

/// Cells of an entry; where two fit side by side there are two columns.
pub const ENTRY_COLS: u16 = 40;

/// The keys, the most needed ones first.
pub const KEYS: [(&str, &str); 19] = [
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
    ("ctrl-l", "paint the screen anew"),
    ("ctrl-z", "suspend"),
];

/// Rows of the table on a screen of so many columns.
pub fn rows(cols: u16) -> u16 {
    let entries =
        u16::try_from(KEYS.len() + slash::TABLE.iter().flat_map(slash::Slash::names).count()).unwrap_or(u16::MAX);
    if cols >= 2 * ENTRY_COLS { entries.div_ceil(2) } else { entries }
}

/// Rows of a page: as many as are seen at least, on a screen of so many rows.
pub fn page(rows: u16) -> u16 {
    /// The table's head, the row that says what is seen of it, and the rows below it.
    const AROUND_ROWS: u16 = 8;
    rows.saturating_sub(AROUND_ROWS).max(1)
}
