//! What one cell puts on the terminal: the last wall against control characters, and how wide it gets.

use std::borrow::Cow;

use quire_state::text::clean::bounded;
use ratatui::buffer::{Cell, CellWidth};

/// What stands in for a character that must not reach the terminal.
pub const REPLACEMENT: &str = "\u{fffd}";

/// A symbol that is safe to write, with its width in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph<'a> {
    /// Text to write.
    pub text: &'a str,
    /// Columns that it takes: 1 or more.
    pub width: u16,
    /// Terminals disagree about the width of clusters, so the cursor must be placed anew after one.
    pub is_cluster: bool,
}

impl<'a> Glyph<'a> {
    /// What the cell puts on the terminal, when `room` columns are left in its row.
    pub fn of(cell: &'a Cell, room: u16) -> Self {
        let symbol = cell.symbol();
        if let [byte] = symbol.as_bytes() {
            let text = if byte.is_ascii_control() { REPLACEMENT } else { symbol };
            return Self { text, width: 1, is_cluster: false };
        }
        if symbol.chars().any(is_forbidden) || matches!(bounded(symbol), Cow::Owned(_)) {
            return Self { text: REPLACEMENT, width: 1, is_cluster: false };
        }
        let width = symbol.cell_width();
        if width == 0 || width > room {
            return Self { text: " ", width: 1, is_cluster: false };
        }
        Self { text: symbol, width, is_cluster: symbol.chars().nth(1).is_some() }
    }
}

/// Control characters, and the marks that reorder text.
pub fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text for a title or a plain line: forbidden characters replaced.
pub fn clean(text: &str) -> String {
    let text: String =
        text.chars().map(|character| if is_forbidden(character) { '\u{fffd}' } else { character }).collect();
    bounded(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyph(symbol: &str, room: u16) -> (String, u16) {
        let mut cell = Cell::EMPTY;
        cell.set_symbol(symbol);
        let glyph = Glyph::of(&cell, room);
        (glyph.text.to_owned(), glyph.width)
    }

    #[test]
    fn control_characters_never_pass() {
        for symbol in ["\u{1b}", "\u{7}", "\u{7f}", "\u{9b}", "a\u{1b}[2J", "\u{202e}", "\n"] {
            assert_eq!(glyph(symbol, 10), (REPLACEMENT.to_owned(), 1), "{symbol:?}");
        }
    }

    #[test]
    fn an_overloaded_cluster_never_passes() {
        for symbol in [format!("a{}", "\u{20dd}".repeat(50)), "\u{1100}".repeat(99), "\u{200d}😀".repeat(50)] {
            assert_eq!(glyph(&symbol, 500), (REPLACEMENT.to_owned(), 1), "{symbol:?}");
        }
    }

    #[test]
    fn a_wide_symbol_needs_room() {
        assert_eq!(glyph("漢", 2), ("漢".to_owned(), 2));
        assert_eq!(glyph("漢", 1), (" ".to_owned(), 1));
        assert_eq!(glyph("", 5), (" ".to_owned(), 1));
        assert_eq!(glyph("e\u{301}", 5), ("e\u{301}".to_owned(), 1));
    }
}
