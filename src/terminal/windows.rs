//! A terminal for tests whose window changes its size: it breaks long rows and joins them again, pushes rows into its
//! scrollback and brings them back, as real ones do.

/// What becomes of rows when the size changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    /// Rows are broken and joined, and come back as far as there is room (tmux).
    Reflows,
    /// Rows are broken and joined. A window that gets higher has new rows below.
    Keeps,
    /// Rows stay as long as they are, and come back (xterm).
    Cuts,
}

#[derive(Clone, Debug, Default)]
struct Line {
    /// What was written, without what is behind it. `None` is the right part of the one before.
    cells: Vec<Option<char>>,
    is_wrapped: bool,
}

/// Its lines, the last ones of them on the screen.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    window: Window,
    size: (usize, usize),
    lines: Vec<Line>,
    at: (usize, usize),
    saved: (usize, usize),
    is_full: bool,
}

impl Terminal {
    pub(crate) fn new(window: Window, width: u16, height: u16) -> Self {
        let size = (usize::from(width), usize::from(height));
        let lines = vec![Line::default(); size.1];
        Self { window, size, lines, at: (0, 0), saved: (0, 0), is_full: false }
    }

    /// Scrollback and screen, without blank ends.
    pub(crate) fn rows(&self) -> Vec<String> {
        let text = |line: &Line| line.cells.iter().flatten().collect::<String>().trim_end().to_owned();
        let mut rows: Vec<String> = self.lines.iter().map(text).collect();
        rows.truncate(rows.iter().rposition(|row| !row.is_empty()).map_or(0, |last| last + 1));
        rows
    }

    /// The first line that is on the screen.
    pub(crate) fn top(&self) -> usize {
        self.lines.len() - self.size.1
    }

    /// The row of the cursor.
    pub(crate) fn row(&self) -> u16 {
        u16::try_from(self.at.1).unwrap()
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let mut rest = std::str::from_utf8(bytes).unwrap();
        while let Some(first) = rest.chars().next() {
            rest = &rest[first.len_utf8()..];
            match first {
                '\r' => self.go(0, self.at.1),
                '\n' => self.feed(),
                '\u{1b}' => rest = self.escape(rest),
                _ => self.print(first),
            }
        }
    }

    fn escape<'a>(&mut self, rest: &'a str) -> &'a str {
        let (x, y) = self.at;
        match rest.as_bytes()[0] {
            b'7' => self.saved = self.at,
            b'8' => self.go(self.saved.0, self.saved.1),
            b'[' => {
                let end = rest[1..].find(|last| matches!(last, '@'..='~')).unwrap() + 1;
                let number = rest[1..end].parse().unwrap_or(1);
                match rest.as_bytes()[end] {
                    b'A' => self.go(x, y.saturating_sub(number)),
                    b'B' => self.go(x, y + number),
                    b'C' => self.go(x + number, y),
                    b'G' => self.go(number - 1, y),
                    b'H' => self.go(0, 0),
                    b'K' => self.erase(x, y),
                    b'J' => {
                        self.erase(x, y);
                        (y + 1..self.size.1).for_each(|y| self.erase(0, y));
                    }
                    b'm' | b'h' | b'l' => {}
                    other => panic!("unknown sequence {}", char::from(other)),
                }
                return &rest[end + 1..];
            }
            other => panic!("unknown escape {}", char::from(other)),
        }
        &rest[1..]
    }

    fn go(&mut self, x: usize, y: usize) {
        self.at = (x.min(self.size.0 - 1), y.min(self.size.1 - 1));
        self.is_full = false;
    }

    fn feed(&mut self) {
        if self.at.1 + 1 < self.size.1 {
            self.at.1 += 1;
        } else {
            self.lines.push(Line::default());
        }
    }

    /// Erasing a whole row ends the line above, as in tmux.
    fn erase(&mut self, x: usize, y: usize) {
        let line = self.top() + y;
        self.lines[line].cells.truncate(x);
        if x == 0 {
            self.lines[line].is_wrapped = false;
            if let Some(above) = line.checked_sub(1) {
                self.lines[above].is_wrapped = false;
            }
        }
    }

    fn print(&mut self, typed: char) {
        let width = quire_state::text::width::cell_width(&typed.to_string());
        if self.is_full || self.at.0 + width > self.size.0 {
            let line = self.top() + self.at.1;
            self.lines[line].is_wrapped = true;
            self.go(0, self.at.1);
            self.feed();
        }
        let ((x, y), top) = (self.at, self.top());
        let cells = &mut self.lines[top + y].cells;
        cells.resize(cells.len().max(x + width), Some(' '));
        cells[x] = Some(typed);
        cells[x + 1..x + width].fill(None);
        self.go(x + width, y);
        self.is_full = x + width == self.size.0;
    }

    /// The window gets another size without a notification.
    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        let (width, height) = (usize::from(width), usize::from(height));
        let cursor = self.top() + self.at.1;
        if height < self.size.1 {
            // Rows below the cursor go first, and what has no room then is above the screen.
            let below = (self.size.1 - 1 - self.at.1).min(self.size.1 - height);
            self.lines.truncate(self.lines.len() - below);
        } else {
            let back = if self.window == Window::Keeps { 0 } else { self.top() };
            let new = (height - self.size.1).saturating_sub(back);
            self.lines.extend(vec![Line::default(); new]);
        }
        let is_as_wide = self.size.0 == width;
        self.size = (width, height);
        let (x, y) = match self.window {
            Window::Reflows | Window::Keeps if !is_as_wide => self.reflow(cursor),
            Window::Reflows | Window::Keeps | Window::Cuts => (self.at.0, cursor),
        };
        match y.checked_sub(self.top()) {
            Some(y) => self.go(x, y),
            None => self.go(0, 0),
        }
    }

    /// Breaks and joins all rows; gives the place of the cursor, which was in this line.
    fn reflow(&mut self, cursor: usize) -> (usize, usize) {
        let (mut place, mut first, mut lines) = ((0, 0), 0, Vec::new());
        for joined in self.lines.split_inclusive(|line| !line.is_wrapped) {
            let cells: Vec<_> = joined.iter().flat_map(|line| line.cells.iter().copied()).collect();
            let mark = (first..first + joined.len()).contains(&cursor).then(|| {
                let before: usize = joined[..cursor - first].iter().map(|line| line.cells.len()).sum();
                before + self.at.0.min(joined[cursor - first].cells.len())
            });
            first += joined.len();
            let mut from = 0;
            loop {
                let mut end = cells.len().min(from + self.size.0);
                // A wide character is not torn.
                end -= usize::from(end < cells.len() && cells[end].is_none());
                let is_wrapped = end < cells.len() || joined.last().is_some_and(|line| line.is_wrapped);
                if mark.is_some_and(|mark| mark >= from && (mark < end || end == cells.len())) {
                    place = (mark.unwrap_or(0) - from, lines.len());
                }
                lines.push(Line { cells: cells[from..end].to_vec(), is_wrapped });
                from = end;
                if from >= cells.len() {
                    break;
                }
            }
        }
        self.lines = lines;
        if self.lines.len() < self.size.1 {
            self.lines.resize(self.size.1, Line::default());
        }
        place
    }
}
