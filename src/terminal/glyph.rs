//! What one cell puts on the terminal: the last defence against control characters, and how wide it gets.

use std::borrow::Cow;

use quire_state::text::{
    clean::bounded,
    width::{is_ambiguous, is_unsure, most_width},
};
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
    /// Columns that it takes on the terminal that gives it most, as far as the row has them.
    pub most: u16,
    /// Terminals disagree about its width, so its columns are blanked before, and the cursor is placed anew after it.
    pub is_unsure: bool,
    /// It is narrow here and wide on terminals that are set up for East Asia: what stands behind it in a row may have
    /// been shifted.
    pub is_ambiguous: bool,
}

impl<'a> Glyph<'a> {
    /// What the cell puts on the terminal, when `room` columns are left in its row.
    pub fn of(cell: &'a Cell, room: u16) -> Self {
        let symbol = cell.symbol();
        if let [byte] = symbol.as_bytes() {
            return Self::sure(if byte.is_ascii_control() { REPLACEMENT } else { symbol }, 1);
        }
        if symbol.chars().any(is_forbidden) || matches!(bounded(symbol), Cow::Owned(_)) {
            return Self::sure(REPLACEMENT, 1);
        }
        let width = symbol.cell_width();
        if width == 0 || width > room {
            return Self::sure(" ", 1);
        }
        Self::within(symbol, width, room)
    }

    /// A symbol that is wider than it should be on some terminals must not reach over the end of the row there, or it
    /// would go on in the next one: then it is its first character alone.
    fn within(symbol: &'a str, width: u16, room: u16) -> Self {
        let most = |text: &str| u16::try_from(most_width(text)).unwrap_or(u16::MAX).max(width);
        let (is_unsure, is_ambiguous) = (is_unsure(symbol), is_ambiguous(symbol));
        if !is_unsure || most(symbol) <= room {
            return Self { text: symbol, width, most: most(symbol).min(room), is_unsure, is_ambiguous };
        }
        let first = symbol.chars().next().map_or("", |first| &symbol[..first.len_utf8()]);
        let text = if most(first) <= room { first } else { " " };
        Self { text, width, most: width, is_unsure, is_ambiguous }
    }

    fn sure(text: &'a str, width: u16) -> Self {
        Self { text, width, most: width, is_unsure: false, is_ambiguous: false }
    }
}

/// The columns that a glyph takes, blank: what was there before would show beside one that is narrower than it should be.
pub fn blanks(width: u16, out: &mut Vec<u8>) {
    out.resize(out.len() + usize::from(width), b' ');
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

    #[test]
    fn no_terminal_lets_a_symbol_reach_over_the_end_of_its_row() {
        let family = "👨\u{200d}👩\u{200d}👧";
        assert_eq!(glyph(family, 6), (family.to_owned(), 2));
        assert_eq!(glyph(family, 5), ("👨".to_owned(), 2));
        assert_eq!(glyph("🇩🇪", 3), ("🇩".to_owned(), 2));
        assert_eq!(glyph("⚠\u{fe0f}", 2), ("⚠\u{fe0f}".to_owned(), 2));
    }
}
