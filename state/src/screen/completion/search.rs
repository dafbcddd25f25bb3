//! Search in earlier inputs.

use crate::{screen::Composer, text::clean::clean};

/// Characters that are searched for at most.
const QUERY_CHARS: usize = 200;

/// What is searched for, and what is found.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// What is searched for.
    pub query: String,
    /// The numbers of the earlier inputs that have it, the newest first.
    pub found: Vec<usize>,
    /// Which of them is marked.
    pub at: usize,
    /// How many there are in all.
    pub total: usize,
}

impl Search {
    /// Everything is found as long as nothing is searched for.
    pub(super) fn new(composer: &Composer) -> Self {
        let found = composer.earlier_with("");
        Self { query: String::new(), total: found.len(), found, at: 0 }
    }

    /// The number of the marked input.
    pub fn marked(&self) -> Option<usize> {
        self.found.get(self.at).copied()
    }

    /// Marks the next older or newer one; at the ends the mark stays.
    pub(super) fn step(&mut self, is_older: bool) {
        let to = if is_older { self.at + 1 } else { self.at.saturating_sub(1) };
        self.at = to.min(self.found.len().saturating_sub(1));
    }

    pub(super) fn type_char(&mut self, character: char) {
        if self.query.chars().count() < QUERY_CHARS {
            self.query.push_str(&clean(character.encode_utf8(&mut [0; 4])));
        }
    }

    pub(super) fn erase(&mut self) {
        self.query.pop();
    }

    /// Searches. The mark stays on its input if that is still found, else it goes to the next older one.
    pub(super) fn find(&mut self, composer: &Composer) {
        let marked = self.marked();
        self.found = composer.earlier_with(&self.query);
        let still = |marked: usize| self.found.iter().position(|found| *found <= marked);
        self.at = marked.and_then(still).unwrap_or(0);
    }
}
