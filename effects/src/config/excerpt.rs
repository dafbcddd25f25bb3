//! Positions in a file, and the line that a message is about with a caret under the place.

use quire_state::config::Place;

/// Most characters of a line that are shown.
const SHOWN_CHARS: usize = 100;

/// Where the lines of a text begin.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// Line and column of a byte offset.
    pub(super) fn place(&self, offset: usize) -> Place {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts[line - 1];
        // An offset inside a character counts as that character.
        let column = self.text[start..].char_indices().take_while(|(at, _)| start + at < offset).count();
        Place { line: bounded(line), column: bounded(column + 1) }
    }

    /// The line of a place with a caret below it; long lines are cut around the place.
    pub(super) fn excerpt(&self, place: Place) -> Option<String> {
        let index = usize::try_from(place.line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).copied().unwrap_or(self.text.len());
        let line: Vec<char> = self.text[start..end].trim_end_matches(['\n', '\r']).chars().map(printable).collect();
        let caret = usize::try_from(place.column).ok()?.saturating_sub(1).min(line.len());
        let first = caret.saturating_sub(SHOWN_CHARS / 2);
        let last = line.len().min(first + SHOWN_CHARS);
        let before = if first > 0 { "…" } else { "" };
        let after = if last < line.len() { "…" } else { "" };
        let shown: String = line[first..last].iter().collect();
        let gutter = " ".repeat(place.line.to_string().len());
        let indent = " ".repeat(caret - first + before.chars().count());
        Some(format!("{gutter} |\n{} | {before}{shown}{after}\n{gutter} | {indent}^", place.line))
    }
}

/// Control characters of a file never reach the terminal; each becomes one cell, so that the caret stays right.
fn printable(character: char) -> char {
    match character {
        '\t' => ' ',
        other if other.is_control() => '\u{fffd}',
        other => other,
    }
}

fn bounded(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn offsets_become_places() {
        let lines = Lines::of("ab\nä = 1\r\n\nz");
        for (offset, line, column) in
            [(0, 1, 1), (2, 1, 3), (3, 2, 1), (5, 2, 2), (4, 2, 2), (11, 3, 1), (12, 4, 1), (13, 4, 2), (99, 4, 2)]
        {
            let place = lines.place(offset);
            assert_eq!((place.line, place.column), (line, column), "offset {offset}");
        }
    }

    #[test]
    fn an_excerpt_points_at_the_place() {
        let lines = Lines::of("one\n\tkey = \u{1b}[31m bad\n");
        let place = lines.place(5);
        assert_eq!(lines.excerpt(place).unwrap(), "  |\n2 |  key = \u{fffd}[31m bad\n  |  ^");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}!{}", "a".repeat(400), "b".repeat(400));
        let lines = Lines::of(&text);
        let excerpt = lines.excerpt(lines.place(400)).unwrap();
        let rows: Vec<&str> = excerpt.lines().collect();
        assert_eq!(rows[1].chars().count(), 4 + 1 + 100 + 1);
        let under = rows[2].chars().position(|c| c == '^').unwrap();
        assert_eq!(rows[1].chars().nth(under), Some('!'));
    }
}
