//! Text objects: what a letter names around the caret.

use std::ops::Range;

use super::{
    super::motion::{Kind, left, line_end, line_start, right},
    motion::{closing, kind, opening, pair},
};

/// What `iw`, `a"`, `i(` and the like name; whether it is whole lines.
pub(super) fn object(text: &str, at: usize, letter: char, is_around: bool) -> Option<(Range<usize>, bool)> {
    let letter = match letter {
        'b' => '(',
        'B' => '{',
        other => other,
    };
    match letter {
        'w' | 'W' => Some((word(text, at, letter == 'W', is_around)?, false)),
        '"' | '\'' | '`' => Some((quoted(text, at, letter, is_around)?, false)),
        'p' => Some((paragraph(text, at, is_around), true)),
        _ => {
            let (open, close) = pair(letter)?;
            Some((bracketed(text, at, open, close, is_around)?, false))
        }
    }
}

fn kind_at(text: &str, at: usize, is_big: bool) -> Kind {
    kind(&text[at..right(text, at)], is_big)
}

/// A run of characters of one kind in the line, or of blanks; around: with the blanks behind it, or before it.
fn word(text: &str, at: usize, is_big: bool, is_around: bool) -> Option<Range<usize>> {
    let (start, end) = (line_start(text, at), line_end(text, at));
    if at >= end {
        return None;
    }
    let run = |at: usize| {
        let own = kind_at(text, at, is_big);
        let fits = |at: usize| own != Kind::Pill && kind_at(text, at, is_big) == own;
        let (mut from, mut to) = (at, right(text, at));
        while from > start && fits(left(text, from)) {
            from = left(text, from);
        }
        while to < end && fits(to) {
            to = right(text, to);
        }
        from..to
    };
    let own = run(at);
    if !is_around {
        return Some(own);
    }
    let is_blank = |at: usize| kind_at(text, at, is_big) == Kind::Space;
    if is_blank(at) {
        let to = if own.end < end { run(own.end).end } else { own.end };
        return Some(own.start..to);
    }
    if own.end < end && is_blank(own.end) {
        return Some(own.start..run(own.end).end);
    }
    let before = own.start > start && is_blank(left(text, own.start));
    Some(if before { run(left(text, own.start)).start..own.end } else { own })
}

/// What stands between two quotes of the line, around the caret or behind it.
fn quoted(text: &str, at: usize, quote: char, is_around: bool) -> Option<Range<usize>> {
    let (start, end) = (line_start(text, at), line_end(text, at));
    let mut quotes = Vec::new();
    let mut is_escaped = false;
    for (to, letter) in text[start..end].char_indices() {
        if letter == quote && !is_escaped {
            quotes.push(start + to);
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    let (open, close) = quotes.chunks_exact(2).map(|pair| (pair[0], pair[1])).find(|(_, close)| at <= *close)?;
    if !is_around {
        return Some(open + 1..close);
    }
    let behind = &text[close + 1..end];
    let blanks = behind.len() - behind.trim_start().len();
    if blanks > 0 {
        return Some(open..close + 1 + blanks);
    }
    let before = &text[start..open];
    Some(start + before.trim_end().len()..close + 1)
}

/// What stands between two brackets around the caret.
fn bracketed(text: &str, at: usize, open: char, close: char, is_around: bool) -> Option<Range<usize>> {
    let from = if text[at..].starts_with(open) { at } else { opening(text, at, open, close)? };
    let to = closing(text, from + 1, open, close)?;
    Some(if is_around { from..to + 1 } else { from + 1..to })
}

/// The lines around the caret that are all written, or all empty; around: with the empty lines behind them.
fn paragraph(text: &str, at: usize, is_around: bool) -> Range<usize> {
    let is_blank = |at: usize| text[line_start(text, at)..line_end(text, at)].trim().is_empty();
    let own = is_blank(at);
    let mut from = line_start(text, at);
    while from > 0 && is_blank(from - 1) == own {
        from = line_start(text, from - 1);
    }
    let run = |mut to: usize, own: bool| {
        while to < text.len() && is_blank(to + 1) == own {
            to = line_end(text, to + 1);
        }
        to
    };
    let mut to = run(line_end(text, at), own);
    if is_around && to < text.len() {
        to = run(to, !own);
    }
    from..to
}
