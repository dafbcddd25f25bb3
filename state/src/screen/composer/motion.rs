//! Where a caret may stand and where it goes: pure functions over a text and a byte offset.

use unicode_segmentation::GraphemeCursor;

use super::pills::is_pill;

/// The nearest place at or behind `at` where a caret may stand: never inside a grapheme cluster.
pub(super) fn settle(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    match GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0) {
        Ok(false) => right(text, at),
        Ok(true) | Err(_) => at,
    }
}

/// One grapheme cluster to the left.
pub(super) fn left(text: &str, at: usize) -> usize {
    GraphemeCursor::new(at, text.len(), true).prev_boundary(text, 0).ok().flatten().unwrap_or(0)
}

/// One grapheme cluster to the right.
pub(super) fn right(text: &str, at: usize) -> usize {
    GraphemeCursor::new(at, text.len(), true).next_boundary(text, 0).ok().flatten().unwrap_or(text.len())
}

/// The beginning of the word at or before the caret.
pub(super) fn word_left(text: &str, at: usize) -> usize {
    walk_word(at, |at| {
        let to = left(text, at);
        (to < at).then(|| (to, Kind::of(&text[to..at])))
    })
}

/// The end of the word at or behind the caret.
pub(super) fn word_right(text: &str, at: usize) -> usize {
    walk_word(at, |at| {
        let to = right(text, at);
        (to > at).then(|| (to, Kind::of(&text[at..to])))
    })
}

/// The beginning of the logical line.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |line_end| line_end + 1)
}

/// The end of the logical line.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |ahead| at + ahead)
}

/// Passes spaces, then one word. `step` gives the next place and what lies between.
fn walk_word(mut at: usize, step: impl Fn(usize) -> Option<(usize, Kind)>) -> usize {
    let mut word = Kind::Space;
    while let Some((to, kind)) = step(at) {
        if word != Kind::Space && (kind != word || word == Kind::Pill) {
            break;
        }
        word = kind;
        at = to;
    }
    at
}

/// What a cluster is to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    Word,
    Sign,
    /// A word of its own.
    Pill,
}

impl Kind {
    pub(super) fn of(cluster: &str) -> Self {
        match cluster.chars().next() {
            Some(first) if first.is_whitespace() => Self::Space,
            Some(first) if is_pill(first) => Self::Pill,
            Some(first) if first.is_ascii_punctuation() && first != '_' => Self::Sign,
            Some(_) | None => Self::Word,
        }
    }
}
