//! Text in pieces: a given text cut at characters or words, or made-up prose of any length. Nothing is random.

/// A text that comes in pieces.
#[derive(Clone, Debug)]
pub(crate) enum Chunks {
    /// This text, in pieces of about `size` bytes; 0 means a word each.
    Text { text: String, at: usize, size: usize },
    /// Made-up prose: `count` pieces of `size` bytes, after `start` and before `end`.
    Prose { start: Option<String>, next: u64, count: u64, size: usize, end: Option<String> },
}

const WORDS: [&str; 18] = [
    "the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "seven", "wizards", "brew", "strong",
    "coffee", "near", "the", "old",
];

impl Chunks {
    /// A text in pieces of one word.
    pub(crate) fn words(text: impl Into<String>) -> Self {
        Self::sized(text, 0)
    }

    /// A text in pieces of about `size` bytes.
    pub(crate) fn sized(text: impl Into<String>, size: usize) -> Self {
        Self::Text { text: text.into(), at: 0, size }
    }

    /// `count` pieces of made-up prose of `size` bytes each.
    pub(crate) fn prose(count: u64, size: usize) -> Self {
        Self::Prose { start: None, next: 0, count, size, end: None }
    }

    /// Puts the next piece into `piece`; `false` when there is none.
    pub(crate) fn next_into(&mut self, piece: &mut String) -> bool {
        piece.clear();
        match self {
            Self::Text { text, at, size } => {
                let rest = text.get(*at..).unwrap_or_default();
                let length = piece_length(rest, *size);
                piece.push_str(&rest[..length]);
                *at += length;
                length > 0
            }
            Self::Prose { start, next, count, size, end } => {
                if let Some(text) = start.take() {
                    piece.push_str(&text);
                } else if next < count {
                    prose_into(*next, *size, piece);
                    *next += 1;
                } else if let Some(text) = end.take() {
                    piece.push_str(&text);
                } else {
                    return false;
                }
                true
            }
        }
    }
}

/// Bytes of the next piece: a word with the white space after it, or the characters that fit into `size` bytes.
fn piece_length(rest: &str, size: usize) -> usize {
    if size == 0 {
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let space = rest[word..].find(|character: char| !character.is_whitespace()).unwrap_or(rest.len() - word);
        return word + space;
    }
    let fitting = rest.char_indices().map(|(at, character)| at + character.len_utf8()).take_while(|end| *end <= size);
    let first = rest.chars().next().map_or(0, char::len_utf8);
    fitting.last().unwrap_or(first)
}

/// Piece number `index` of made-up prose, with a line break now and then.
fn prose_into(index: u64, size: usize, piece: &mut String) {
    let mut word = usize::try_from(index.wrapping_mul(7) % WORDS.len() as u64).unwrap_or_default();
    while piece.len() < size {
        piece.push_str(WORDS[word]);
        piece.push(' ');
        word = (word + 1) % WORDS.len();
    }
    piece.truncate(size);
    let breaks = match index % 60 {
        59 => "\n\n",
        at if at % 12 == 11 => "\n",
        _ => "",
    };
    if size > breaks.len() {
        piece.truncate(size - breaks.len());
        piece.push_str(breaks);
    }
}
