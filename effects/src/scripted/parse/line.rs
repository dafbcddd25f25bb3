//! The lines of a script as words: bare, quoted, JSON, here-documents and `name=value` options.

use std::collections::VecDeque;

use serde_json::Value;

use crate::scripted::ScriptError;

/// One line of a script, split.
#[derive(Debug)]
pub(super) struct Words {
    /// Its number, from 1.
    pub(super) line: usize,
    /// Its first word.
    pub(super) verb: String,
    words: VecDeque<Word>,
    options: Vec<(String, String)>,
}

/// A word after the verb.
#[derive(Debug, PartialEq)]
pub(super) enum Word {
    /// Text, quotes resolved.
    Text(String),
    /// A JSON object or list, written bare.
    Json(Value),
}

/// The lines that say something.
pub(super) struct Lines<'a> {
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { lines: text.lines().enumerate() }
    }

    /// The next line that is neither empty nor a comment, with its here-document.
    pub(super) fn next_line(&mut self) -> Result<Option<Words>, ScriptError> {
        let Some((at, text)) = self.lines.by_ref().find(|(_, text)| {
            let text = text.trim_start();
            !text.is_empty() && !text.starts_with('#')
        }) else {
            return Ok(None);
        };
        let line = at + 1;
        let fail = |message: String| ScriptError { line, message };
        let mut words = Words { line, verb: String::new(), words: VecDeque::new(), options: Vec::new() };
        let mut rest = text.trim();
        while !rest.is_empty() {
            rest = if let Some(after) = rest.strip_prefix("<<") {
                let end = after.find(char::is_whitespace).unwrap_or(after.len());
                let text = self.document(&after[..end]).map_err(fail)?;
                words.words.push_back(Word::Text(text));
                &after[end..]
            } else {
                words.read(rest).map_err(fail)?
            }
            .trim_start();
        }
        Ok(Some(words))
    }

    /// The lines up to one that is just `mark`, without the indentation that they share.
    fn document(&mut self, mark: &str) -> Result<String, String> {
        if mark.is_empty() {
            return Err("`<<` needs a word that ends the text, for instance `<<END`".to_owned());
        }
        let mut inner = Vec::new();
        loop {
            match self.lines.next() {
                Some((_, text)) if text.trim() == mark => break,
                Some((_, text)) => inner.push(text),
                None => return Err(format!("the text that begins here has no line `{mark}` at its end")),
            }
        }
        let indentation = |text: &str| text.len() - text.trim_start().len();
        let shared = inner.iter().filter(|text| !text.trim().is_empty()).map(|text| indentation(text)).min();
        let shared = shared.unwrap_or(0);
        Ok(inner.iter().map(|text| format!("{}\n", text.get(shared..).unwrap_or_default())).collect())
    }
}

impl Words {
    /// Reads one word or option from the front of `rest` and gives back what follows it.
    fn read<'r>(&mut self, rest: &'r str) -> Result<&'r str, String> {
        if rest.starts_with(['{', '[']) && !rest.starts_with("{{") {
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            return match values.next() {
                Some(Ok(value)) => {
                    self.words.push_back(Word::Json(value));
                    Ok(&rest[values.byte_offset()..])
                }
                Some(Err(error)) => Err(format!("this is not JSON: {error}")),
                None => Ok(""),
            };
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\'')).unwrap_or(rest.len());
        let (bare, after) = rest.split_at(end);
        if let Some(value) = after.strip_prefix('=').filter(|_| is_name(bare) && !self.verb.is_empty()) {
            let (value, after) = quoted(value)?;
            self.options.push((bare.to_owned(), value));
            return Ok(after);
        }
        let (text, after) = quoted(rest)?;
        if self.verb.is_empty() {
            self.verb = text;
        } else {
            self.words.push_back(Word::Text(text));
        }
        Ok(after)
    }

    /// The next word, which must be there.
    pub(super) fn word(&mut self, what: &str) -> Result<Word, String> {
        self.words.pop_front().ok_or_else(|| format!("`{}` needs {what}", self.verb))
    }

    /// The next word as text.
    pub(super) fn text(&mut self, what: &str) -> Result<String, String> {
        Ok(match self.word(what)? {
            Word::Text(text) => text,
            Word::Json(value) => value.to_string(),
        })
    }

    /// The next word as text, if there is one.
    pub(super) fn optional_text(&mut self) -> Option<String> {
        self.text("").ok()
    }

    /// The next word as a number.
    pub(super) fn number(&mut self, what: &str) -> Result<u64, String> {
        let text = self.text(what)?;
        number(&text).ok_or_else(|| format!("`{text}` is not a whole number; `{}` needs {what}", self.verb))
    }

    /// Takes the option of this name.
    pub(super) fn option(&mut self, name: &str) -> Option<String> {
        let at = self.options.iter().position(|(known, _)| known == name)?;
        Some(self.options.remove(at).1)
    }

    /// Takes the option of this name as a number.
    pub(super) fn number_option(&mut self, name: &str) -> Result<Option<u64>, String> {
        let Some(text) = self.option(name) else { return Ok(None) };
        number(&text).map(Some).ok_or_else(|| format!("`{name}={text}`: `{text}` is not a whole number"))
    }

    /// Takes all options.
    pub(super) fn all_options(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.options)
    }

    /// Nothing may be left.
    pub(super) fn finish(&self) -> Result<(), String> {
        if let Some((name, _)) = self.options.first() {
            return Err(format!("`{}` has no option `{name}`", self.verb));
        }
        match self.words.front() {
            Some(Word::Text(text)) => Err(format!("`{}` cannot use `{text}`; quote texts of several words", self.verb)),
            Some(Word::Json(value)) => Err(format!("`{}` cannot use the JSON `{value}`", self.verb)),
            None => Ok(()),
        }
    }
}

/// A whole number, with or without `ms` behind it.
fn number(text: &str) -> Option<u64> {
    text.strip_suffix("ms").unwrap_or(text).parse().ok()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || "-_".contains(character))
}

/// A word at the front of `rest` without its quotes, and what follows it.
fn quoted(rest: &str) -> Result<(String, &str), String> {
    let Some(quote) = rest.chars().next().filter(|first| matches!(first, '"' | '\'')) else {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        return Ok((rest[..end].to_owned(), &rest[end..]));
    };
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            _ if character == quote => return Ok((text, &rest[at + 1..])),
            '\\' if quote == '"' => {
                let escape = characters.next().map_or('\\', |(_, escape)| escape);
                text.push(match escape {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    '0' => '\0',
                    'e' => '\u{1b}',
                    other => other,
                });
            }
            _ => text.push(character),
        }
    }
    Err(format!("the text that begins with {quote} has no closing {quote}"))
}
