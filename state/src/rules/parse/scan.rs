//! Characters of a rules file: blanks, comments, names, string literals, and positions in lines and columns.

use super::Wrong;

/// A position in a file, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules) struct Place {
    /// Line.
    pub(in crate::rules) line: u32,
    /// Column.
    pub(in crate::rules) column: u32,
}

/// The functions of a rules file.
pub(super) const FUNCTIONS: [&str; 3] = ["prefix_rule", "network_rule", "host_executable"];

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, lines: std::iter::once(0).chain(breaks).collect() }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes this text if it stands here.
    pub(super) fn take(&mut self, wanted: &str) -> bool {
        let is_here = self.rest().starts_with(wanted);
        if is_here {
            self.at += wanted.len();
        }
        is_here
    }

    pub(super) fn place(&self, at: usize) -> Place {
        let at = at.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= at).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count()) + 1;
        let bounded = |number| u32::try_from(number).unwrap_or(u32::MAX);
        Place { line: bounded(line), column: bounded(column) }
    }

    /// Skips blanks, line ends and comments.
    pub(super) fn skip_blank(&mut self) {
        loop {
            self.skip_in_line();
            if !self.take("\n") {
                return;
            }
        }
    }

    /// Skips blanks and a comment, but no line end.
    pub(super) fn skip_in_line(&mut self) {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
            self.at += blanks;
            if self.peek() == Some('#') {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if !(self.take("\\\n") || self.take("\\\r\n")) {
                return;
            }
        }
    }

    /// Goes to the first line behind that of `start` that begins a call. A line within a longer call counts too: what
    /// is found there can only be stricter, as nothing of a file with a mistake is allowed.
    pub(super) fn resume_after(&mut self, start: usize) {
        self.at = self.next_call(start);
    }

    /// The text from a byte to where [`resume_after`](Self::resume_after) would go on.
    pub(super) fn statement_text(&self, start: usize) -> &'a str {
        self.text.get(start..self.next_call(start)).unwrap_or_default()
    }

    fn next_call(&self, start: usize) -> usize {
        let next = self.lines.partition_point(|line| *line <= start);
        let begins_call = |line: &usize| {
            let rest = self.text.get(*line..).unwrap_or_default().trim_start_matches([' ', '\t']);
            FUNCTIONS.iter().any(|function| rest.starts_with(function))
        };
        let found = self.lines.iter().skip(next).copied().find(begins_call);
        found.unwrap_or(self.text.len())
    }

    /// Takes a name, if one begins here.
    pub(super) fn name(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let length = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(rest.len());
        let name = rest.get(..length)?;
        if name.is_empty() || name.starts_with(|letter: char| letter.is_ascii_digit()) {
            return None;
        }
        self.at += length;
        Some(name)
    }

    /// Whether a string literal begins here.
    pub(super) fn is_at_string(&self) -> bool {
        self.rest().trim_start_matches('r').starts_with(['"', '\'']) && !self.rest().starts_with("rr")
    }

    /// Takes the string literal that begins here.
    pub(super) fn string(&mut self) -> Result<String, Wrong> {
        let start = self.at;
        let is_raw = self.take("r");
        let close = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| self.take(quote)).unwrap_or("\"");
        let mut text = String::new();
        loop {
            if self.take(close) {
                return Ok(text);
            }
            let at = self.at;
            let Some(character) = self.peek() else { return Err(Wrong::new("This string has no end.", start)) };
            self.at += character.len_utf8();
            match character {
                '\n' if close.len() == 1 => return Err(Wrong::new("This string has no end on its line.", start)),
                '\\' if is_raw => {
                    text.push('\\');
                    text.extend(self.escaped_raw());
                }
                '\\' => self.escape(at, &mut text)?,
                plain => text.push(plain),
            }
        }
    }

    fn escaped_raw(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    /// Takes an escape; its backslash has been taken. One that means nothing stands for itself.
    fn escape(&mut self, at: usize, text: &mut String) -> Result<(), Wrong> {
        let wrong = || Wrong::new("This escape is not whole; write \\\\ for a backslash.", at);
        let character = self.escaped_raw().ok_or_else(wrong)?;
        let meant = match character {
            '\n' => return Ok(()),
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '\\' | '\'' | '"' => character,
            'x' => self.code(2).ok_or_else(wrong)?,
            'u' => self.code(4).ok_or_else(wrong)?,
            'U' => self.code(8).ok_or_else(wrong)?,
            other => {
                text.push('\\');
                other
            }
        };
        text.push(meant);
        Ok(())
    }

    fn code(&mut self, digits: usize) -> Option<char> {
        let text = self.rest().get(..digits)?;
        let is_hex = text.chars().all(|digit| digit.is_ascii_hexdigit());
        let code = u32::from_str_radix(text, 16).ok().filter(|_| is_hex)?;
        self.at += digits;
        char::from_u32(code)
    }
}
