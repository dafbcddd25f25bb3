//! Earlier submissions, walked with the arrow keys.
//!
//! Walking never loses text: the draft and every entry that was changed on the way are kept until the next submission.

use std::collections::{BTreeMap, VecDeque};

use super::pills::Draft;
use crate::limits::{RECALL_BYTES, RECALL_ITEMS};

/// Earlier submissions, oldest first, and where the user is among them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Recall {
    entries: VecDeque<Draft>,
    bytes: usize,
    /// Which entry the composer shows; `None` for the draft.
    at: Option<usize>,
    /// What was left behind on the way: changed entries by their place, the draft at the place behind the last.
    left: BTreeMap<usize, Draft>,
}

impl Recall {
    /// Submissions of earlier sessions, oldest first.
    pub(super) fn new(texts: impl IntoIterator<Item = Draft>) -> Self {
        let mut recall = Self::default();
        for draft in texts {
            recall.push(draft);
        }
        recall
    }

    /// Remembers a draft and leaves the walk. Blank drafts and repetitions are not kept.
    pub(super) fn push(&mut self, draft: Draft) {
        self.at = None;
        self.left.clear();
        if draft.text.trim().is_empty() || self.entries.back() == Some(&draft) {
            return;
        }
        self.bytes += draft.bytes();
        self.entries.push_back(draft);
        while self.entries.len() > RECALL_ITEMS || (self.bytes > RECALL_BYTES && self.entries.len() > 1) {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.bytes();
        }
    }

    /// Leaves the walk without remembering anything.
    pub(super) fn leave(&mut self) {
        self.at = None;
        self.left.clear();
    }

    /// The entry before the current one; `None` at the oldest.
    pub(super) fn previous(&mut self, current: Draft) -> Option<Draft> {
        let to = self.place().checked_sub(1)?;
        Some(self.go(to, current))
    }

    /// The entry after the current one, at last the draft; `None` when the composer shows the draft.
    pub(super) fn next(&mut self, current: Draft) -> Option<Draft> {
        let to = self.at? + 1;
        Some(self.go(to, current))
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// An entry as it was submitted, 0 is the oldest.
    pub(super) fn get(&self, at: usize) -> Option<&Draft> {
        self.entries.get(at)
    }

    /// Walks to an entry; `None` if there is none of this number.
    pub(super) fn visit(&mut self, at: usize, current: Draft) -> Option<Draft> {
        let entry = self.entries.get(at)?.clone();
        self.go(at, current);
        Some(entry)
    }

    fn place(&self) -> usize {
        self.at.unwrap_or(self.entries.len())
    }

    fn go(&mut self, to: usize, current: Draft) -> Draft {
        let from = self.place();
        if self.entries.get(from) != Some(&current) {
            self.left.insert(from, current);
        }
        self.at = (to < self.entries.len()).then_some(to);
        self.left.remove(&to).or_else(|| self.entries.get(to).cloned()).unwrap_or_default()
    }
}
