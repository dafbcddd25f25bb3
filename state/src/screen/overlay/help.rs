//! The table of keys.

use crate::{
    msg::KeyPress,
    screen::{ctx::ScreenCtx, slash},
};

use super::{Handled, table};

/// The table of keys, open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    /// Rows that are scrolled past.
    pub scrolled: u16,
}

impl Help {
    /// Scrolls; every other key closes it, and Esc does nothing else.
    pub(super) fn key(&mut self, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
        let rows = rows(ctx.screen.keymap.table().len(), ctx.screen.size.cols);
        table::key(&mut self.scrolled, rows, ctx, press)
    }
}

/// Cells of an entry; where two fit side by side there are two columns.
pub const ENTRY_COLS: u16 = 40;

/// Rows of the table with so many keys on a screen of so many columns.
fn rows(keys: usize, cols: u16) -> u16 {
    let entries = u16::try_from(keys + slash::TABLE.iter().flat_map(slash::Slash::names).count()).unwrap_or(u16::MAX);
    if cols >= 2 * ENTRY_COLS { entries.div_ceil(2) } else { entries }
}
