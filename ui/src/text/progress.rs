//! What a terminal would show of an output that moves up to write rows anew, as programs with several progress bars do.

use quire_state::text::{clean::clean, head_tail::HeadTail, width::graphemes};

use super::sgr::Sgr;

/// Bytes from the end of an output that grows which are played; what is above stays as it was written.
const PLAYED_BYTES: usize = 64 * 1024;
/// Columns of a row at most: what is written beyond them is dropped.
const COLS: usize = 1_000;

/// The output as a terminal would have left it; `None` where nothing moves up, so that it is as it was written.
pub(crate) fn played(output: &HeadTail, is_whole: bool) -> Option<HeadTail> {
    if !moves_up(&output.head) && !moves_up(&output.tail) {
        return None;
    }
    let mut played = output.clone();
    if output.omitted_bytes == 0 {
        played.head.push_str(&output.tail);
        played.tail = std::mem::take(&mut played.head);
    } else if is_whole {
        played.head = play(&played.head);
    }
    let begin = if is_whole { 0 } else { played.tail.len().saturating_sub(PLAYED_BYTES) };
    let begin = played.tail.floor_char_boundary(begin);
    let begin = if begin == 0 { 0 } else { played.tail[begin..].find('\n').map_or(begin, |end| begin + end + 1) };
    let end = play(&played.tail[begin..]);
    played.tail.truncate(begin);
    played.tail.push_str(&end);
    Some(played)
}

/// Whether a text moves the cursor up.
fn moves_up(text: &str) -> bool {
    text.split("\u{1b}[").skip(1).any(|part| {
        let behind = part.trim_start_matches(|letter: char| letter.is_ascii_digit());
        behind.starts_with(['A', 'F']) || behind.starts_with('H')
    })
}

/// A character on the screen; behind a wide one there is an empty one.
#[derive(Clone, Default)]
struct Cell {
    text: String,
    sgr: Sgr,
}

/// A screen without a lower or a right end.
#[derive(Default)]
struct Screen {
    rows: Vec<Vec<Cell>>,
    row: usize,
    col: usize,
    sgr: Sgr,
}

/// The rows that are left of a text, with the colours that they were written in.
fn play(text: &str) -> String {
    let mut screen = Screen { rows: vec![Vec::new()], ..Screen::default() };
    let mut rest = text;
    while let Some(at) = rest.find(['\u{1b}', '\r', '\n', '\u{8}']) {
        screen.write(&rest[..at]);
        rest = &rest[at..];
        let next = match rest.as_bytes() {
            [b'\n', ..] => {
                (screen.row, screen.col) = (screen.row + 1, 0);
                screen.current();
                1
            }
            [b'\r', ..] => {
                screen.col = 0;
                1
            }
            [8, ..] => {
                screen.col = screen.col.saturating_sub(1);
                1
            }
            [_, b'[', ..] => 2 + screen.sequence(&rest[2..]),
            // Others say nothing of where is written; they go when the row is cleaned.
            _ => {
                let end = rest.find('\u{7}').filter(|_| rest.starts_with("\u{1b}]"));
                end.map_or_else(|| rest.len().min(2), |end| end + 1)
            }
        };
        rest = rest.get(next..).or_else(|| rest.get(rest.ceil_char_boundary(next)..)).unwrap_or_default();
    }
    screen.write(rest);
    screen.text()
}

impl Screen {
    fn write(&mut self, text: &str) {
        let cleaned = clean(text);
        for cluster in graphemes(&cleaned) {
            if self.col + cluster.width > COLS {
                return;
            }
            let (col, sgr) = (self.col, self.sgr);
            let row = self.current();
            let end = col + cluster.width;
            if row.len() < end {
                row.resize_with(end, || Cell { text: " ".to_owned(), sgr: Sgr::default() });
            }
            // Half of a wide character does not stay.
            let is_cut = |row: &[Cell], at: usize| row.get(at).is_some_and(|cell| cell.text.is_empty());
            if cluster.width > 0 && is_cut(row, end) {
                row[end] = blank();
            }
            if cluster.width > 0 && col > 0 && is_cut(row, col) {
                row[col - 1] = blank();
            }
            for (at, cell) in row.iter_mut().enumerate().take(end).skip(col) {
                *cell = Cell { text: if at == col { cluster.text.to_owned() } else { String::new() }, sgr };
            }
            self.col = end;
        }
    }

    fn current(&mut self) -> &mut Vec<Cell> {
        if self.rows.len() <= self.row {
            self.rows.resize_with(self.row + 1, Vec::new);
        }
        let last = self.rows.len() - 1;
        &mut self.rows[self.row.min(last)]
    }

    /// Carries out a sequence behind its beginning; gives its length.
    fn sequence(&mut self, text: &str) -> usize {
        let Some(end) = text.find(|letter: char| ('\u{40}'..='\u{7e}').contains(&letter)) else { return text.len() };
        let numbers = &text[..end];
        let number = numbers.split(';').next().and_then(|number| number.parse().ok()).unwrap_or(0_usize);
        let count = number.clamp(1, COLS);
        let col = self.col;
        match text.as_bytes()[end] {
            b'A' => self.row = self.row.saturating_sub(count),
            b'B' => self.row = (self.row + count).min(self.rows.len().saturating_sub(1).max(self.row)),
            b'C' => self.col = (self.col + count).min(COLS),
            b'D' => self.col = self.col.saturating_sub(count),
            b'E' => (self.row, self.col) = (self.row + count.min(self.rows.len()), 0),
            b'F' => (self.row, self.col) = (self.row.saturating_sub(count), 0),
            b'G' => self.col = count - 1,
            b'H' => (self.row, self.col) = (0, 0),
            b'K' => match number {
                0 => self.current().truncate(col),
                1 => self.current().iter_mut().take(col + 1).for_each(|cell| *cell = blank()),
                _ => self.current().clear(),
            },
            b'J' if number == 0 => {
                self.current().truncate(col);
                self.rows.truncate(self.row + 1);
            }
            b'J' => self.rows.iter_mut().for_each(Vec::clear),
            b'm' => self.sgr.apply(numbers),
            _ => {}
        }
        end + 1
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                text.push('\n');
            }
            let mut sgr = Sgr::default();
            for cell in row {
                if cell.sgr != sgr && !cell.text.is_empty() {
                    sgr = cell.sgr;
                    text.push_str(&sgr.sequence());
                }
                text.push_str(&cell.text);
            }
        }
        text
    }
}

fn blank() -> Cell {
    Cell { text: " ".to_owned(), sgr: Sgr::default() }
}

#[cfg(test)]
mod tests {
    use super::{play, played};
    use quire_state::text::head_tail::HeadTail;

    #[test]
    fn rows_that_are_written_anew_are_as_they_were_last() {
        let cases = [
            ("a: 1%\nb: 1%\n\u{1b}[2Aa: 90%\nb: 80%\n", "a: 90%\nb: 80%\n"),
            ("one\ntwo\n\u{1b}[1A\u{1b}[2Kdone", "one\ndone\n"),
            ("one\ntwo\u{1b}[1F\u{1b}[Kx", "x\ntwo"),
            ("long row\n\u{1b}[1Ashort\u{1b}[K\n", "short\n"),
            ("abc\u{1b}[5A\u{1b}[2Dx", "axc"),
            ("a\nb\nc\u{1b}[2A\r\u{1b}[J", ""),
            ("日本\r\u{1b}[0Ax", "x 本"),
            ("\u{1b}[32mok\u{1b}[0m\n\u{1b}[1A\u{1b}[10Gx", "\u{1b}[0;32mok\u{1b}[0m       x\n"),
            ("\u{1b}]0;t\u{7}a\u{1b}[0A", "a"),
            ("\u{1b}[", ""),
            ("\u{1b}", ""),
            ("a\u{1b}é", "a"),
        ];
        for (text, wanted) in cases {
            assert_eq!(play(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn only_what_moves_is_played_and_only_the_end_of_what_grows() {
        assert_eq!(played(&HeadTail::of("a\rb\n\u{1b}[31mc"), true), None);
        let text = format!("{}a 1%\n\u{1b}[1Aa 2%\n", "x\n".repeat(100_000));
        let output = HeadTail::of(&text);
        let (whole, end) = (played(&output, true).unwrap_or_default(), played(&output, false).unwrap_or_default());
        for played in [whole, end] {
            assert_eq!(format!("{}{}", played.head, played.tail).lines().count(), 100_001);
            assert!(played.tail.ends_with("x\na 2%\n"));
        }
    }
}
