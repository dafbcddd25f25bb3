//! Painters of the overlays, one for each in the file of its name. Beside them what they share: a question's page, its
//! matter and its choices.

mod choices;
mod matter;
mod page;
mod panel;
mod table;

use std::cell::RefCell;

use quire_state::{
    Model,
    screen::{Keymap, Overlay, Question, Shown},
};

use crate::{highlight::Highlighter, text::Rows, theme::Theme};

/// What an overlay is painted from, and the room that it has.
#[derive(Clone, Copy)]
pub(crate) struct Room<'a> {
    /// The model.
    pub(crate) model: &'a Model,
    /// The keys.
    pub(crate) keymap: &'a Keymap,
    /// Colours.
    pub(crate) theme: &'a Theme,
    /// Columns.
    pub(crate) width: usize,
    /// Rows at most.
    pub(crate) height: usize,
    /// Tokens of source code.
    pub(crate) code: &'a RefCell<Highlighter>,
}

/// A painted overlay.
pub(crate) struct Painted {
    /// Its rows.
    pub(crate) rows: Rows,
    /// The number of the question, and the rows of what is asked about that can be seen.
    pub(crate) sight: Option<(u64, Shown)>,
}

impl Painted {
    fn question(question: &Question, rows: Rows, shown: Shown) -> Self {
        Self { rows, sight: Some((question.shown(), shown)) }
    }
}

macro_rules! painters {
    ($($name:ident $file:ident),*) => {
        $(pub(crate) mod $file;)*

        /// Paints an overlay; `None` when there is nothing to show any more.
        pub(crate) fn paint(overlay: &Overlay, room: Room<'_>) -> Option<Painted> {
            match overlay {
                $(Overlay::$name(state) => $file::paint(state, room),)*
            }
        }
    };
}
quire_state::overlays!(painters);
