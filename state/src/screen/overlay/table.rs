//! Rows over the whole screen that are scrolled when they do not fit: what overlays have in common that only show.

use crate::{
    msg::KeyPress,
    screen::{
        ctx::ScreenCtx,
        keymap::{Action, Context},
    },
};

use super::Handled;

/// Scrolls past some of `rows` rows; every other key closes the overlay, and Esc does nothing else.
pub(super) fn key(scrolled: &mut u16, rows: u16, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
    let (last, page) = (rows.saturating_sub(1), page(ctx.screen.size.rows));
    let Some(action) = ctx.screen.keymap.action(Context::Help, press) else { return Handled::Pass };
    let to = if action == Action::Previous {
        scrolled.saturating_sub(1)
    } else if action == Action::Next {
        scrolled.saturating_add(1)
    } else if action == Action::PageUp {
        scrolled.saturating_sub(page)
    } else if action == Action::PageDown {
        scrolled.saturating_add(page)
    } else if action == Action::First {
        0
    } else if action == Action::Last {
        last
    } else {
        return Handled::Close;
    };
    *scrolled = to.min(last);
    Handled::Taken
}

/// Rows of a page: as many as are seen at least, on a screen of so many rows.
fn page(rows: u16) -> u16 {
    /// The table's head, the row that says what is seen of it, and the rows below it.
    const AROUND_ROWS: u16 = 8;
    rows.saturating_sub(AROUND_ROWS).max(1)
}
