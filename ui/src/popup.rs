//! Popups: they cover the end of the transcript, above the bottom area.

mod help;

use quire_state::screen::Popup;

use crate::{text::Rows, theme::Theme};

/// The rows of a popup, at most `height`.
pub(crate) fn rows(popup: Popup, theme: &Theme, width: usize, height: usize) -> Rows {
    match popup {
        Popup::Help { scrolled } => help::rows(usize::from(scrolled), theme, width, height),
    }
}
