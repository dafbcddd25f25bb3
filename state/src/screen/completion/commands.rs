//! The slash commands that fit what is written, and the words that may follow one.

use std::ops::Range;

use super::List;
use crate::screen::slash::{self, Args, Slash};

/// What fits the word at the caret.
#[derive(Clone, Debug, PartialEq)]
pub struct Commands {
    /// The command whose argument it is; `None` while the command itself is written.
    pub of: Option<&'static str>,
    /// What fits, the best first. Of arguments none is marked before something is written: they may be left out.
    pub rows: List<Row>,
    /// How many there are in all.
    pub total: usize,
    word: Range<usize>,
}

/// A command, or a word that may follow one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The word, without a slash.
    pub word: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Which of its letters fit what is written, from 0.
    pub hits: Vec<usize>,
    /// Whether something may follow.
    pub needs_blank: bool,
    /// Whether something must follow.
    pub needs_text: bool,
}

impl Commands {
    /// What of the draft a row replaces.
    pub fn word(&self) -> Range<usize> {
        self.word.clone()
    }

    /// Whether the word is a name as it stands: one that there is, or that the Codex CLI has.
    pub(super) fn is_named(&self, text: &str) -> bool {
        let word = text.get(self.word()).unwrap_or_default();
        self.rows.rows().iter().any(|row| row.word == word) || self.of.is_none() && slash::is_missing(word)
    }
}

/// What fits a draft; `None` where it is no command, and where nothing fits.
pub(super) fn read(text: &str, caret: usize) -> Option<Commands> {
    let rest = text.get(..caret)?.strip_prefix('/')?;
    let is_at_end = text[caret..].chars().next().is_none_or(char::is_whitespace);
    let is_inside = rest.contains(['/', '\n']);
    if !is_at_end || is_inside {
        return None;
    }
    let (of, rows, total, start) = match rest.split_once(' ') {
        None => (None, names(rest), slash::TABLE.len(), 1),
        Some((name, behind)) => {
            let written = behind.trim_start();
            let slash = slash::TABLE.iter().find(|slash| slash.names().any(|own| own == name))?;
            let Args::Word { words, .. } = slash.args else { return None };
            (Some(slash.name), arguments(words, written), words.len(), caret - written.len())
        }
    };
    let is_marked = of.is_none() || start < caret;
    let commands = Commands { of, rows: List::new(rows, is_marked), total, word: start..caret };
    (!commands.rows.rows().is_empty()).then_some(commands)
}

fn names(written: &str) -> Vec<Row> {
    let row = |slash: &'static Slash| {
        let fits = slash.names().filter_map(|name| fit(written, name).map(|(rank, hits)| (rank, name, hits)));
        let (rank, word, hits) = fits.min_by_key(|(rank, ..)| *rank)?;
        let needs_text = matches!(slash.args, Args::Text { .. });
        let needs_blank = slash.args != Args::Unread;
        Some((rank, Row { word, help: slash.help, hits, needs_blank, needs_text }))
    };
    sorted(slash::TABLE.iter().filter_map(row).collect())
}

fn arguments(words: &'static [&'static str], written: &str) -> Vec<Row> {
    let row = |word: &&'static str| {
        let (rank, hits) = fit(written, word)?;
        Some((rank, Row { word, help: "", hits, needs_blank: false, needs_text: false }))
    };
    sorted(words.iter().filter_map(row).collect())
}

fn sorted(mut rows: Vec<(Rank, Row)>) -> Vec<Row> {
    rows.sort_by_key(|(rank, _)| *rank);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// How well something fits, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Whole,
    Beginning,
    Inside,
    Letters,
}

/// How what is written fits a word, and by which letters; upper case counts as lower case.
fn fit(written: &str, word: &str) -> Option<(Rank, Vec<usize>)> {
    let written = written.to_ascii_lowercase();
    if let Some(at) = word.find(&written) {
        let rank = match at {
            0 if written.len() == word.len() => Rank::Whole,
            0 => Rank::Beginning,
            _ => Rank::Inside,
        };
        return Some((rank, (at..at + written.len()).collect()));
    }
    let mut letters = word.char_indices();
    let hits = written.chars().map(|wanted| letters.find(|(_, letter)| *letter == wanted).map(|(at, _)| at));
    Some((Rank::Letters, hits.collect::<Option<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::{fit, read};

    /// The rows for a draft with the caret at `|`; letters that fit stand in capitals, the marked row behind `>`.
    fn rows(draft: &str) -> String {
        let caret = draft.find('|').unwrap_or(draft.len());
        let Some(commands) = read(&draft.replace('|', ""), caret) else { return "-".to_owned() };
        let row = |(at, row): (usize, &super::Row)| {
            let letter = |(at, letter): (usize, char)| {
                if row.hits.contains(&at) { letter.to_ascii_uppercase() } else { letter }
            };
            let mark = if commands.rows.at() == Some(at) { ">" } else { "" };
            format!("{mark}{}", row.word.char_indices().map(letter).collect::<String>())
        };
        commands.rows.rows().iter().enumerate().map(row).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_written_tells_what_fits() {
        let cases = [
            ("/ren|", ">REName"),
            ("/REN|", ">REName"),
            ("/redo|", ">REDO"),
            ("/exi|", ">EXIt"),
            ("/qt|", ">QuiT"),
            ("/nam|", ">reNAMe"),
            ("/do|", ">unDO reDO"),
            ("/undo |", "rest"),
            ("/undo   r|", ">Rest"),
            ("/redo x|", "-"),
            ("/quit |", "-"),
            ("/rename a|", "-"),
            ("/usr/|", "-"),
            ("/ren|ame", "-"),
            ("/ren| name", ">REName"),
            ("|/re", "-"),
            (" /re|", "-"),
            ("a /re|", "-"),
            ("/re\n|", "-"),
            ("/frobnicate|", "-"),
            ("|", "-"),
            ("/é|", "-"),
        ];
        for (draft, expected) in cases {
            let rows = rows(draft);
            assert!(rows.starts_with(expected), "{draft}: {rows}");
        }
    }

    #[test]
    fn letters_may_lie_apart_in_their_order() {
        assert!(fit("hlp", "help").is_some() && fit("hpl", "help").is_none());
        assert!(read("/", 1).is_some_and(|all| all.rows.rows().len() == all.total));
    }
}
