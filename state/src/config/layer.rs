//! One layer of the configuration: values by dotted key, as one source wrote them, not yet checked.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::source::{Source, Spot};

/// A key by its segments, for instance `model_providers`, `mock`, `base_url`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyPath(pub Vec<String>);

impl KeyPath {
    /// A path of these segments.
    pub fn new<S: Into<String>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self(segments.into_iter().map(Into::into).collect())
    }

    /// Reads a dotted key. Segments that hold dots are quoted, as in TOML: `projects."/home/x.y".trust_level`.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        let mut rest = text.trim();
        loop {
            let (segment, after) = first_segment(rest)?;
            segments.push(segment);
            rest = after.trim_start();
            match rest.strip_prefix('.') {
                Some(next) => rest = next.trim_start(),
                None if rest.is_empty() => return Ok(Self(segments)),
                None => return Err(format!("`{rest}` follows a complete key; segments are joined by dots")),
            }
        }
    }

    /// Splits `key=value` at the first `=` outside quotes and reads the key. The value stays as typed.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse_assignment(text: &str) -> Result<(Self, &str), String> {
        let mut quote = None;
        for (at, character) in text.char_indices() {
            match (quote, character) {
                (None, '=') => return Ok((Self::parse(&text[..at])?, text[at + 1..].trim())),
                (None, '"' | '\'') => quote = Some(character),
                (Some(open), close) if open == close => quote = None,
                (None | Some(_), _) => {}
            }
        }
        Err("there is no `=`; write key=value, for instance model=\"gpt-5.5\"".to_owned())
    }

    /// This path with one more segment.
    #[must_use]
    pub fn child(&self, segment: &str) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment.to_owned());
        Self(segments)
    }
}

/// The first segment of a dotted key, unquoted, and what follows it.
fn first_segment(text: &str) -> Result<(String, &str), String> {
    match text.chars().next() {
        None | Some('.') => Err("a segment of the key is empty".to_owned()),
        Some('\'') => match text[1..].split_once('\'') {
            Some((segment, rest)) => Ok((segment.to_owned(), rest)),
            None => Err("a quote in the key is not closed".to_owned()),
        },
        Some('"') => basic_string(&text[1..]),
        Some(_) => {
            let end = text.find('.').unwrap_or(text.len());
            Ok((text[..end].trim_end().to_owned(), &text[end..]))
        }
    }
}

/// A double-quoted segment without its first quote; a backslash takes the next character as it is.
fn basic_string(text: &str) -> Result<(String, &str), String> {
    let mut segment = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((segment, &text[at + 1..])),
            '\\' => segment.extend(characters.next().map(|(_, escaped)| escaped)),
            plain => segment.push(plain),
        }
    }
    Err("a quote in the key is not closed".to_owned())
}

impl fmt::Display for KeyPath {
    /// Dotted, with quotes where a segment is no bare TOML key.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, segment) in self.0.iter().enumerate() {
            if number > 0 {
                formatter.write_str(".")?;
            }
            let bare = !segment.is_empty() && segment.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
            if bare {
                formatter.write_str(segment)?;
            } else {
                write!(formatter, "{segment:?}")?;
            }
        }
        Ok(())
    }
}

/// One value of a layer. A table is an entry of its own with an empty object, followed by what it holds.
#[derive(Clone, PartialEq)]
pub struct Entry {
    /// Its key.
    pub path: KeyPath,
    /// The value; may be a secret, which is why `Debug` does not show it.
    pub value: Value,
    /// Where it stands, when the layer is a file.
    pub spot: Option<Spot>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path, kind_of(&self.value))
    }
}

/// What sort of value this is, in words.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

/// What one source says.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Which source.
    pub source: Source,
    /// Its values in the order of their writing; a later one with the same key wins.
    pub entries: Vec<Entry>,
}

impl Layer {
    /// A layer that says nothing yet.
    pub fn new(source: Source) -> Self {
        Self { source, entries: Vec::new() }
    }

    /// Adds a value. A table is taken apart, so that every entry holds one value.
    pub fn set(&mut self, path: KeyPath, value: Value, spot: Option<Spot>) {
        match value {
            Value::Object(table) => {
                self.entries.push(Entry { path: path.clone(), value: Value::Object(serde_json::Map::new()), spot });
                for (key, inner) in table {
                    self.set(path.child(&key), inner, spot);
                }
            }
            single @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                self.entries.push(Entry { path, value: single, spot });
            }
        }
    }

    /// The same layer with one more text value; for built-in values and options of the command line.
    #[must_use]
    pub fn with(mut self, path: &[&str], value: impl Into<Value>) -> Self {
        self.set(KeyPath::new(path.iter().copied()), value.into(), None);
        self
    }
}
