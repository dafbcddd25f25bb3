//! Earlier submissions by number, 0 is the oldest: for the search in them.

use std::collections::BTreeSet;

use super::{
    Composer, ComposerLayout,
    pills::{Draft, Pills},
    view::View,
};

impl Composer {
    /// The numbers of the earlier submissions that have this text, in upper or lower case, the newest first. Of those that read
    /// the same, the newest counts.
    pub(in crate::screen) fn earlier_with(&self, wanted: &str) -> Vec<usize> {
        let lower = wanted.to_lowercase();
        let mut seen = BTreeSet::new();
        let all = (0..self.recall.len()).rev().filter_map(|at| Some((at, self.recall.get(at)?)));
        all.filter(|(_, draft)| has(&draft.text, &lower) && seen.insert(&draft.text)).map(|(at, _)| at).collect()
    }

    /// An earlier submission, with placeholders for its pills.
    pub fn earlier(&self, at: usize) -> Option<String> {
        self.recall.get(at).map(|draft| Pills::of(draft).show(&draft.text))
    }

    /// The rows of an earlier submission at a width, the caret at its end.
    pub fn earlier_layout(&self, at: usize, width: u16) -> Option<ComposerLayout> {
        let draft = self.recall.get(at)?;
        Some(View::new(&draft.text, &Pills::of(draft), width).layout(draft.text.len(), None))
    }

    /// Makes an earlier submission the draft. The draft before is kept for the way back, as on the way with the arrow keys.
    pub(in crate::screen) fn recall_at(&mut self, at: usize) {
        let draft: Option<Draft> = self.recall.visit(at, self.draft());
        self.show(draft);
    }
}

/// Whether a text has another, which is in lower case.
fn has(text: &str, lower: &str) -> bool {
    if !lower.is_ascii() {
        return text.to_lowercase().contains(lower);
    }
    let Some(first) = lower.bytes().next() else { return true };
    let is_here = |part: &[u8]| part[0].eq_ignore_ascii_case(&first) && part.eq_ignore_ascii_case(lower.as_bytes());
    text.as_bytes().windows(lower.len()).any(is_here)
}
