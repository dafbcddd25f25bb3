//! The draft in the user's own editor.

use super::Screen;
use crate::{
    key::Key,
    msg::{HostReport, Report},
};

/// The number of the signal that Ctrl-C sends to every program of a terminal.
const INTERRUPT: u8 = 2;

impl Screen {
    /// The draft has gone to the editor under this key.
    pub(super) fn edits(&mut self, key: Key) {
        self.close_offer();
        self.editing = Some((key, self.composer.place()));
    }

    /// Whether this signal was meant for the editor that has the terminal: its user has pressed Ctrl-C in it.
    pub fn is_of_editor(&self, signal: u8) -> bool {
        signal == INTERRUPT && self.editing.is_some()
    }

    /// The request of this key has been answered: if it was the editor, its text is the draft. What was typed into the draft
    /// meanwhile is kept among the earlier inputs.
    pub(super) fn edited(&mut self, key: &Key, report: &Report) {
        let Some((_, place)) = self.editing.take_if(|(own, _)| own == key) else { return };
        let Report::Host(HostReport::Edited { text }) = report else { return };
        if self.composer.place().revision != place.revision {
            self.composer.clear_to_recall();
        }
        self.composer.edited(text);
        self.draft_replaced();
    }
}
