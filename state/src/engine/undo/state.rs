//! What a thread knows of the files that its turns changed.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use crate::{
    cmd::Way,
    item::DiffItem,
    key::{ItemId, TurnId},
};

/// Turns whose first words are known.
const KNOWN_TURNS: usize = 200;

/// Characters of what the user said that name a turn.
const NAME_CHARS: usize = 40;

/// What a thread knows of the files that its turns changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Undoing {
    /// The turns in their order, those of earlier sessions included, with the words that each began with.
    pub turns: VecDeque<(TurnId, String)>,
    /// What the newest turn that was told of comes to.
    pub diff: Option<(TurnId, Arc<DiffItem>)>,
    /// Requests without an answer, by number.
    pub asked: BTreeMap<u64, Asked>,
    /// What the model is told when the next turn begins, and the items that show it.
    pub untold: Vec<(String, ItemId)>,
    /// The folders are observed.
    pub is_observed: bool,
    /// The user was told that not all of the workspace is watched.
    pub is_gap_told: bool,
}

/// A request without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// What a turn comes to.
    Diff {
        /// The turn.
        turn: TurnId,
        /// The user wants to see it.
        shown: bool,
        /// Something has changed since it was asked.
        stale: bool,
    },
    /// To take back, or to bring back.
    Carry(Way, Vec<TurnId>),
}

impl Undoing {
    /// A turn begins, or is read from a stored session.
    pub fn begun(&mut self, turn: TurnId, text: &str) {
        if self.turns.len() >= KNOWN_TURNS {
            self.turns.pop_front();
        }
        self.turns.push_back((turn, first(text)));
    }

    /// What the user said in the newest turn, if it is not known yet.
    pub fn said(&mut self, text: &str) {
        if let Some((_, known)) = self.turns.back_mut().filter(|(_, known)| known.is_empty()) {
            *known = first(text);
        }
    }

    /// Whether a turn is being taken back, or brought back.
    pub fn is_carrying(&self) -> bool {
        self.asked.values().any(|asked| matches!(asked, Asked::Carry(..)))
    }
}

/// The first words of what the user said.
pub fn first(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default().trim_end();
    match line.char_indices().nth(NAME_CHARS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}
