//! The table of keys.

use crate::{
    msg::KeyPress,
    screen::{
        ctx::ScreenCtx,
        keymap::{self, Action, Context},
        slash,
    },
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
        let Some(action) = keymap::action(Context::Help, press) else { return Handled::Pass };
        let scrolled = if action == Action::Previous {
            self.scrolled.saturating_sub(1)
        } else if action == Action::Next {
            self.scrolled.saturating_add(1)
        } else if action == Action::PageUp {
            self.scrolled.saturating_sub(page)
        } else if action == Action::PageDown {
            self.scrolled.saturating_add(page)
        } else if action == Action::First {
            0
        } else if action == Action::Last {
            last
        } else {
            return Handled::Close;
        };
        self.scrolled = scrolled.min(last);
        Handled::Taken
    }
}

/// Cells of an entry; where two fit side by side there are two columns.
pub const ENTRY_COLS: u16 = 40;

/// Rows of the table on a screen of so many columns.
fn rows(cols: u16) -> u16 {
    let entries = u16::try_from(keymap::table_rows() + slash::TABLE.iter().flat_map(slash::Slash::names).count())
        .unwrap_or(u16::MAX);
    if cols >= 2 * ENTRY_COLS { entries.div_ceil(2) } else { entries }
}

/// Rows of a page: as many as are seen at least, on a screen of so many rows.
fn page(rows: u16) -> u16 {
    /// The table's head, the row that says what is seen of it, and the rows below it.
    const AROUND_ROWS: u16 = 8;
    rows.saturating_sub(AROUND_ROWS).max(1)
}
