//! Characters of a rules file: blanks, comments, names, indentation, and where the next statement may begin.

use super::tree::Function;

/// A position in a file, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules) struct Place {
    /// Line.
    pub(in crate::rules) line: u32,
    /// Column.
    pub(in crate::rules) column: u32,
}

/// Where the lines of a text begin.
pub(in crate::rules) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(in crate::rules) fn of(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The line of a byte.
    pub(in crate::rules) fn line(&self, at: usize) -> u32 {
        bounded(self.starts.partition_point(|start| *start <= at).max(1))
    }

    /// Line and column of a byte.
    pub(in crate::rules) fn place(&self, at: usize) -> Place {
        let at = at.min(self.text.len());
        let column = self.text.get(self.start_of_line(at)..at).map_or(0, |before| before.chars().count()) + 1;
        Place { line: self.line(at), column: bounded(column) }
    }

    fn start_of_line(&self, at: usize) -> usize {
        let behind = self.starts.partition_point(|start| *start <= at).max(1);
        self.starts.get(behind - 1).copied().unwrap_or_default()
    }
}

fn bounded(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Columns of a tab.
const TAB: usize = 8;

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    lines: Lines<'a>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, at, lines: Lines::of(text) }
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

    /// Takes the next character.
    pub(super) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    /// Takes this text if it stands here.
    pub(super) fn take(&mut self, wanted: &str) -> bool {
        let is_here = self.rest().starts_with(wanted);
        if is_here {
            self.at += wanted.len();
        }
        is_here
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

    /// How far the line of a byte is indented.
    pub(super) fn width(&self, at: usize) -> usize {
        let line = self.text.get(self.lines.start_of_line(at)..).unwrap_or_default();
        let mut width = 0;
        for character in line.trim_start_matches('\u{feff}').chars() {
            match character {
                ' ' => width += 1,
                '\t' => width = (width / TAB + 1) * TAB,
                _ => break,
            }
        }
        width
    }

    /// Goes to the first line behind that of `start` that begins a call, or, no further in than the line of `start`,
    /// another statement. A call within a longer call counts too: what is found there can only be stricter, as
    /// nothing of a file with a mistake is allowed.
    pub(super) fn resume_after(&mut self, start: usize) {
        let width = self.width(start);
        let is_beginning =
            |line: usize| self.begins_call(line) || (self.begins_other(line) && self.width(line) <= width);
        self.at = self.next_line(start, is_beginning);
    }

    /// The first line behind that of `start` that begins a call.
    pub(super) fn next_call(&self, start: usize) -> usize {
        self.next_line(start, |line| self.begins_call(line))
    }

    fn next_line(&self, start: usize, is_wanted: impl Fn(usize) -> bool) -> usize {
        let next = self.lines.starts.partition_point(|line| *line <= start);
        let found = self.lines.starts.iter().skip(next).copied().find(|line| is_wanted(*line));
        found.unwrap_or(self.text.len())
    }

    fn begins_call(&self, line: usize) -> bool {
        let rest = self.text.get(line..).unwrap_or_default().trim_start_matches([' ', '\t']);
        Function::ALL.iter().any(|function| rest.starts_with(function.name()))
    }

    /// Whether the line looks like `name = ...`, `for ...:` or `if ...:`.
    fn begins_other(&self, line: usize) -> bool {
        let rest = self.text.get(line..).unwrap_or_default();
        let rest = rest.split('\n').next().unwrap_or_default().trim();
        let (name, after) = rest.split_at(name_length(rest));
        let after = after.trim_start();
        match name {
            "" => false,
            "for" | "if" => rest.ends_with(':'),
            _ => after.starts_with("+=") || (after.starts_with('=') && !after.starts_with("==")),
        }
    }

    /// The name that begins here.
    pub(super) fn peek_name(&self) -> Option<&'a str> {
        let name = self.rest().get(..name_length(self.rest()))?;
        (!name.is_empty() && !name.starts_with(|letter: char| letter.is_ascii_digit())).then_some(name)
    }

    /// Takes a name, if one begins here.
    pub(super) fn name(&mut self) -> Option<&'a str> {
        let name = self.peek_name()?;
        self.at += name.len();
        Some(name)
    }

    /// Takes this word, if it stands here as a whole.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is_here = self.peek_name() == Some(word);
        if is_here {
            self.at += word.len();
        }
        is_here
    }

    /// Takes the digits that stand here.
    pub(super) fn digits(&mut self) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Takes `name =`, if it stands here.
    pub(super) fn name_of_argument(&mut self) -> Option<&'a str> {
        let name = self.peek_name()?;
        let after = self.rest().get(name.len()..)?.trim_start_matches([' ', '\t', '\r', '\n']);
        if !after.starts_with('=') || after.starts_with("==") {
            return None;
        }
        self.at += name.len();
        self.skip_blank();
        self.take("=");
        Some(name)
    }
}

fn name_length(text: &str) -> usize {
    text.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(text.len())
}
