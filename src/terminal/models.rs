//! Terminals for tests that disagree about the widths of characters, as real ones do.

use quire_state::text::width::{cell_width, graphemes, is_ambiguous, most_width};

/// How a terminal measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    /// Character by character: selectors and joiners are nothing, the rest adds up (tmux, xterm).
    Added,
    /// Cluster by cluster (kitty, Ghostty, `DECSET 2027`).
    Clusters,
    /// Symbols of the last years, and whatever has a selector, are one column each (old tables).
    Old,
    /// Like `Added`, for East Asia: ambiguous characters and halves of flags are two columns each.
    East,
}

impl Model {
    pub(crate) const ALL: [Self; 4] = [Self::Added, Self::Clusters, Self::Old, Self::East];

    /// The pieces that take cells of their own, and how many.
    fn pieces(self, text: &str) -> Vec<(String, usize)> {
        if self == Self::Clusters {
            return graphemes(text).map(|cluster| (cluster.text.to_owned(), cluster.width)).collect();
        }
        let mut pieces: Vec<(String, usize)> = Vec::new();
        for character in text.chars() {
            let symbol = character.to_string();
            let width = match (self, cell_width(&symbol)) {
                (Self::Old, 2) if matches!(character, '\u{2300}'..='\u{2bff}' | '\u{1fa00}'..='\u{1faff}') => 1,
                (Self::East, _) if is_ambiguous(&symbol) => 2,
                (Self::East, 1) => most_width(&symbol),
                (_, width) => width,
            };
            match pieces.last_mut() {
                Some(last) if width == 0 => last.0.push(character),
                _ => pieces.push((symbol, width)),
            }
        }
        pieces
    }
}

/// A screen that knows the sequences of the writers and nothing else. Each cell holds what was written there; `None` is
/// the right part of the one before.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    model: Model,
    width: usize,
    rows: Vec<Vec<Option<String>>>,
    at: (usize, usize),
    saved: (usize, usize),
    is_full: bool,
}

impl Terminal {
    /// A screen that is full of old letters.
    pub(crate) fn new(model: Model, width: u16, height: u16) -> Self {
        let width = usize::from(width);
        let rows = vec![vec![Some("#".to_owned()); width]; usize::from(height)];
        Self { model, width, rows, at: (0, 0), saved: (0, 0), is_full: false }
    }

    /// The rows, with nothing in the place of a right part.
    pub(crate) fn rows(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.iter().flatten().map(String::as_str).collect::<String>()).collect()
    }

    /// What a cell holds.
    pub(crate) fn cell(&self, x: u16, y: u16) -> Option<&str> {
        self.rows[usize::from(y)][usize::from(x)].as_deref()
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).unwrap();
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|character: char| character.is_control()).unwrap_or(rest.len());
            let (plain, behind) = rest.split_at(end);
            self.print(plain);
            rest = self.control(behind);
        }
    }

    /// Obeys what begins here; gives what is behind it.
    fn control<'a>(&mut self, text: &'a str) -> &'a str {
        if let Some(behind) = text.strip_prefix("\u{1b}[") {
            let end = behind.find(|character| matches!(character, '@'..='~')).unwrap();
            self.sequence(&behind[..end], behind.as_bytes()[end]);
            return &behind[end + 1..];
        }
        if let Some(behind) = text.strip_prefix("\u{1b}]") {
            let bell = behind.find('\u{7}').map(|at| (at, 1));
            let end = behind.find("\u{1b}\\").map(|at| (at, 2));
            let (at, length) = [bell, end].into_iter().flatten().min().unwrap();
            return &behind[at + length..];
        }
        let (length, ()) = match text.as_bytes() {
            [] => (0, ()),
            [b'\r', ..] => (1, self.go(0, self.at.1)),
            [b'\n', ..] => (1, self.feed()),
            [0x1b, b'7', ..] => (2, self.saved = self.at),
            [0x1b, b'8', ..] => (2, self.go(self.saved.0, self.saved.1)),
            other => panic!("unknown control {:?}", &other[..other.len().min(8)]),
        };
        &text[length..]
    }

    fn sequence(&mut self, body: &str, last: u8) {
        let number = |at: usize| body.split(';').nth(at).and_then(|part| part.parse::<usize>().ok()).unwrap_or(1);
        let (x, y) = self.at;
        match last {
            b'H' => self.go(number(1) - 1, number(0) - 1),
            b'G' => self.go(number(0) - 1, y),
            b'A' => self.go(x, y.saturating_sub(number(0))),
            b'B' => self.go(x, y + number(0)),
            b'C' => self.go(x + number(0), y),
            b'K' => {
                self.cut(x, y);
                self.rows[y][x..].fill(Some(" ".to_owned()));
            }
            b'J' => {
                self.rows[y][x..].fill(Some(" ".to_owned()));
                self.rows[y + 1..].iter_mut().for_each(|row| row.fill(Some(" ".to_owned())));
            }
            b'm' | b'h' | b'l' => {}
            other => panic!("unknown sequence CSI {body}{}", char::from(other)),
        }
    }

    fn go(&mut self, x: usize, y: usize) {
        self.at = (x.min(self.width - 1), y.min(self.rows.len() - 1));
        self.is_full = false;
    }

    fn feed(&mut self) {
        if self.at.1 + 1 < self.rows.len() {
            self.at.1 += 1;
        } else {
            self.rows.remove(0);
            self.rows.push(vec![Some(" ".to_owned()); self.width]);
        }
    }

    fn print(&mut self, text: &str) {
        for (symbol, width) in self.model.pieces(text) {
            if width == 0 || width > self.width {
                continue;
            }
            if self.is_full || self.at.0 + width > self.width {
                self.go(0, self.at.1);
                self.feed();
            }
            let (x, y) = self.at;
            (x..x + width).for_each(|x| self.cut(x, y));
            self.rows[y][x] = Some(symbol);
            self.rows[y][x + 1..x + width].fill(None);
            self.go(x + width, y);
            self.is_full = x + width == self.width;
        }
    }

    /// What is about to be overwritten in part goes as a whole.
    fn cut(&mut self, x: usize, y: usize) {
        let row = &mut self.rows[y];
        if x >= row.len() {
            return;
        }
        let first = (0..=x).rev().find(|&x| row[x].is_some()).unwrap_or(0);
        let last = (x + 1..row.len()).find(|&x| row[x].is_some()).unwrap_or(row.len());
        if last - first > 1 {
            row[first..last].fill(Some(" ".to_owned()));
        }
    }
}
