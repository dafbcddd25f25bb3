//! The table of keys.

use crate::{
    msg::{KeyCode, KeyPress},
    screen::{ctx::ScreenCtx, slash},
};

use super::Handled;

/// The table of keys, open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    /// Rows that are scrolled past.
    pub scrolled: u16,
}

impl Help {
    /// Scrolls; every other key closes it, and Esc does nothing else.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        let size = ctx.screen.size;
        let (last, page) = (rows(size.cols).saturating_sub(1), page(size.rows));
        let moves = !press.mods.ctrl && !press.mods.alt;
        let scrolled = match press.code {
            KeyCode::Up if moves => self.scrolled.saturating_sub(1),
            KeyCode::Down if moves => self.scrolled.saturating_add(1),
            KeyCode::PageUp => self.scrolled.saturating_sub(page),
            KeyCode::PageDown => self.scrolled.saturating_add(page),
            KeyCode::Home => 0,
            KeyCode::End => last,
            KeyCode::Esc => return Handled::Close,
            KeyCode::Char(_)
            | KeyCode::Enter
            | KeyCode::Tab
            | KeyCode::BackTab
            | KeyCode::Backspace
            | KeyCode::Delete
            | KeyCode::Insert
            | KeyCode::Left
            | KeyCode::Right
            | KeyCode::Up
            | KeyCode::Down
            | KeyCode::F(_) => return Handled::Pass,
        };
        self.scrolled = scrolled.min(last);
        Handled::Taken
    }
}

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
fn rows(cols: u16) -> u16 {
    let entries =
        u16::try_from(KEYS.len() + slash::TABLE.iter().flat_map(slash::Slash::names).count()).unwrap_or(u16::MAX);
    if cols >= 2 * ENTRY_COLS { entries.div_ceil(2) } else { entries }
}

/// Rows of a page: as many as are seen at least, on a screen of so many rows.
fn page(rows: u16) -> u16 {
    /// The table's head, the row that says what is seen of it, and the rows below it.
    const AROUND_ROWS: u16 = 8;
    rows.saturating_sub(AROUND_ROWS).max(1)
}
