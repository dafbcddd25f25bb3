//! Where the motions of vim lead: pure functions over a text and a byte offset.

use std::ops::Range;

use super::super::motion::{Kind, left, line_end, line_start, right};

/// A search for a character in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Find {
    /// `f`: onto the next one.
    Onto,
    /// `t`: before the next one.
    Before,
    /// `F`: onto the one before.
    BackOnto,
    /// `T`: behind the one before.
    BackBehind,
}

impl Find {
    /// The same the other way round.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Onto => Self::BackOnto,
            Self::Before => Self::BackBehind,
            Self::BackOnto => Self::Onto,
            Self::BackBehind => Self::Before,
        }
    }

    pub(super) fn is_forward(self) -> bool {
        matches!(self, Self::Onto | Self::Before)
    }
}

/// The cluster at a place; empty at the end.
fn cluster(text: &str, at: usize) -> &str {
    &text[at..right(text, at)]
}

/// What a cluster is to a word; to a word between blanks (`is_big`), everything else is one.
pub(super) fn kind(cluster: &str, is_big: bool) -> Kind {
    match Kind::of(cluster) {
        Kind::Space => Kind::Space,
        Kind::Word | Kind::Sign | Kind::Pill if is_big => Kind::Word,
        own @ (Kind::Word | Kind::Sign | Kind::Pill) => own,
    }
}

/// Whether an empty line is here: it is a word of its own.
fn is_empty_line(text: &str, at: usize) -> bool {
    text[at..].starts_with('\n') && line_start(text, at) == at
}

/// Whether the cluster at `next` goes on with the word at `at`.
fn goes_on(text: &str, at: usize, next: usize, is_big: bool) -> bool {
    let own = kind(cluster(text, at), is_big);
    own != Kind::Pill && next < text.len() && kind(cluster(text, next), is_big) == own
}

/// `w`, `W`.
pub(super) fn word(text: &str, at: usize, is_big: bool) -> usize {
    let mut to = at;
    if to < text.len() && kind(cluster(text, to), is_big) != Kind::Space {
        loop {
            let next = right(text, to);
            let ends = !goes_on(text, to, next, is_big);
            to = next;
            if ends {
                break;
            }
        }
    }
    let mut is_first = to == at;
    while to < text.len() && kind(cluster(text, to), is_big) == Kind::Space {
        if is_empty_line(text, to) && !is_first {
            break;
        }
        is_first = false;
        to = right(text, to);
    }
    to
}

/// `b`, `B`.
pub(super) fn word_back(text: &str, at: usize, is_big: bool) -> usize {
    let mut to = at;
    while to > 0 {
        let before = left(text, to);
        if is_empty_line(text, before) && before < at {
            return before;
        }
        if kind(cluster(text, before), is_big) != Kind::Space {
            break;
        }
        to = before;
    }
    if to == 0 {
        return 0;
    }
    to = left(text, to);
    while to > 0 && goes_on(text, left(text, to), to, is_big) {
        to = left(text, to);
    }
    to
}

/// `e`, `E`: onto the last character of a word.
pub(super) fn word_end(text: &str, at: usize, is_big: bool) -> usize {
    let mut to = right(text, at);
    while to < text.len() && kind(cluster(text, to), is_big) == Kind::Space {
        to = right(text, to);
    }
    if to >= text.len() {
        return on_text(text, text.len());
    }
    while goes_on(text, to, right(text, to), is_big) {
        to = right(text, to);
    }
    to
}

/// `ge`, `gE`: onto the last character of the word before.
pub(super) fn word_end_back(text: &str, at: usize, is_big: bool) -> usize {
    let mut to = at;
    if to < text.len() && kind(cluster(text, to), is_big) != Kind::Space {
        while to > 0 && goes_on(text, left(text, to), to, is_big) {
            to = left(text, to);
        }
    }
    while to > 0 {
        to = left(text, to);
        if kind(cluster(text, to), is_big) != Kind::Space || is_empty_line(text, to) {
            return to;
        }
    }
    0
}

/// `^`: the first character of the line that is no blank.
pub(super) fn first_written(text: &str, at: usize) -> usize {
    let start = line_start(text, at);
    let line = &text[start..line_end(text, at)];
    start + (line.len() - line.trim_start().len())
}

/// The nearest place in the line that has a character.
pub(super) fn on_text(text: &str, at: usize) -> usize {
    let is_end = at >= text.len() || text[at..].starts_with('\n');
    if is_end && line_start(text, at) < at { left(text, at) } else { at }
}

/// `f`, `t`, `F`, `T`; `None` where there is none.
pub(super) fn find(text: &str, at: usize, how: Find, wanted: char, count: usize) -> Option<usize> {
    let mut found = at;
    for _ in 0..count {
        found = if how.is_forward() {
            let from = right(text, found);
            let end = line_end(text, at).max(from);
            from + text.get(from..end)?.find(wanted)?
        } else {
            let start = line_start(text, at);
            start + text[start..found].rfind(wanted)?
        };
    }
    Some(match how {
        Find::Onto | Find::BackOnto => found,
        Find::Before => left(text, found),
        Find::BackBehind => right(text, found),
    })
}

/// `%`: the bracket that belongs to the first one at or behind the caret.
pub(super) fn bracket(text: &str, at: usize) -> Option<usize> {
    let line = &text[at..line_end(text, at)];
    let (from, found) = line.char_indices().find(|(_, letter)| "()[]{}".contains(*letter))?;
    let from = at + from;
    let (open, close) = pair(found)?;
    if found == open {
        let behind = right(text, from);
        closing(text, behind, open, close)
    } else {
        opening(text, from, open, close)
    }
}

/// The two brackets of a kind, by either of them.
pub(super) fn pair(letter: char) -> Option<(char, char)> {
    [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>')]
        .into_iter()
        .find(|(open, close)| letter == *open || letter == *close)
}

/// The bracket that closes what is open at a place.
pub(super) fn closing(text: &str, at: usize, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (to, letter) in text[at..].char_indices() {
        if letter == open {
            depth += 1;
        } else if letter == close {
            if depth == 0 {
                return Some(at + to);
            }
            depth -= 1;
        }
    }
    None
}

/// The bracket that has opened what is open before a place.
pub(super) fn opening(text: &str, at: usize, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (to, letter) in text[..at].char_indices().rev() {
        if letter == close {
            depth += 1;
        } else if letter == open {
            if depth == 0 {
                return Some(to);
            }
            depth -= 1;
        }
    }
    None
}

/// `}` and `{`: the next empty line, or the one before.
pub(super) fn paragraph(text: &str, at: usize, is_forward: bool) -> usize {
    let is_blank = |at: usize| line_start(text, at) == line_end(text, at);
    let mut to = at;
    let mut was_written = false;
    loop {
        let next = if is_forward { line_end(text, to) + 1 } else { line_start(text, to).wrapping_sub(1) };
        was_written |= !is_blank(to);
        if next > text.len() {
            return if is_forward { text.len() } else { 0 };
        }
        to = if is_forward { next } else { line_start(text, next) };
        if is_blank(to) && was_written {
            return to;
        }
    }
}

/// The lines that a stretch touches, the line end of the last one included if it has one.
pub(super) fn lines(text: &str, touched: &Range<usize>) -> Range<usize> {
    let end = line_end(text, touched.end);
    line_start(text, touched.start)..(end + 1).min(text.len()).max(end)
}

/// The line so many lines down (or up), at the same distance from its start as far as there is text.
pub(super) fn line_at(text: &str, number: usize) -> usize {
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    starts.take(number.max(1)).last().unwrap_or_default()
}
