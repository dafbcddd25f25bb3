//! The files that fit the word behind an `@`. They are looked for outside; what is found comes in reports.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::List;
use crate::key::Key;

/// What fits the word at the caret.
#[derive(Clone, Debug, PartialEq)]
pub struct Files {
    /// What is looked for: the word without its `@`.
    pub wanted: String,
    /// What is found so far, the best first.
    pub rows: List<FoundFile>,
    /// How many are found so far, and how many files there are.
    pub count: (usize, usize),
    /// Whether everything has been looked at.
    pub is_done: bool,
    word: Range<usize>,
    /// Whether the mark was moved: then it stays on its file.
    is_moved: bool,
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundFile {
    /// Its path, from the folder that was searched.
    pub path: String,
    /// Which of its characters fit, from 0, in order.
    pub hits: Vec<u32>,
}

/// What was found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundFiles {
    /// The best files, the best first.
    pub rows: Vec<FoundFile>,
    /// How many fit.
    pub fitting: usize,
    /// How many there are.
    pub total: usize,
    /// Whether everything has been looked at.
    pub is_done: bool,
}

/// The search that runs outside, for as long as files are offered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    pub(super) key: Key,
    pub(super) wanted: String,
}

impl Files {
    /// What of the draft a row replaces.
    pub fn word(&self) -> Range<usize> {
        self.word.clone()
    }

    /// Marks the row behind the marked one, or the one before it.
    pub(super) fn step(&mut self, is_down: bool) {
        self.rows.step(is_down);
        self.is_moved = true;
    }

    /// The word has changed: until it is answered, what was found before is listed.
    pub(super) fn follow(&mut self, before: Self) {
        (self.rows, self.count) = (before.rows, before.count);
        self.rows.mark(0);
    }

    /// More is found.
    pub(super) fn found(&mut self, found: FoundFiles) {
        let marked = self.rows.marked().filter(|_| self.is_moved).map(|row| row.path.clone());
        self.rows = List::new(found.rows, true);
        self.count = (found.fitting, found.total);
        self.is_done = found.is_done;
        let again = marked.and_then(|marked| self.rows.rows().iter().position(|row| row.path == marked));
        again.into_iter().for_each(|at| self.rows.mark(at));
    }
}

/// The word behind an `@` that ends at the caret.
pub(super) fn read(text: &str, caret: usize) -> Option<Files> {
    let before = text.get(..caret)?;
    let is_at_end = text[caret..].chars().next().is_none_or(char::is_whitespace);
    let start =
        before.rfind(char::is_whitespace).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let wanted = before[start..].strip_prefix('@').filter(|_| is_at_end)?.to_owned();
    let rows = List::new(Vec::new(), true);
    Some(Files { wanted, rows, count: (0, 0), is_done: false, word: start..caret, is_moved: false })
}

/// A path as it is written into the draft: between quotes if it has blanks.
pub(super) fn written(path: &str) -> String {
    if !path.contains(char::is_whitespace) {
        return path.to_owned();
    }
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::{read, written};

    #[test]
    fn a_word_behind_an_at_is_looked_for() {
        let cases = [
            ("@|", Some("@")),
            ("@src|", Some("@src")),
            ("why @he|", Some("@he")),
            ("why\n@he| now", Some("@he")),
            ("why\u{3000}@he|", Some("@he")),
            ("@a@b|", Some("@a@b")),
            ("@he|al", None),
            ("@he |", None),
            ("me@he|", None),
            ("he|", None),
            ("|@he", None),
        ];
        for (draft, word) in cases {
            let caret = draft.find('|').unwrap();
            let text = draft.replace('|', "");
            assert_eq!(read(&text, caret).map(|files| text[files.word()].to_owned()).as_deref(), word, "{draft}");
        }
    }

    #[test]
    fn a_path_with_blanks_is_quoted() {
        assert_eq!(written("src/a.rs"), "src/a.rs");
        assert_eq!(written("my notes/a \"b\".md"), "\"my notes/a \\\"b\\\".md\"");
    }
}
