//! Values of a rules file. Lists and strings are shared, and each knows its size, so that none grows without bound.

use std::rc::Rc;

/// Largest value: a string or an element is one, and each 16 bytes of a string one more.
pub(super) const SIZE: usize = 10_000;

/// Deepest nesting of lists within lists.
pub(super) const NESTING: usize = 8;

/// Bytes of a string that count as one.
const BYTES: usize = 16;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(Rc<str>),
    Number(i64),
    Truth(bool),
    List(Rc<Items>),
    Tuple(Rc<Items>),
}

/// The elements of a list or tuple.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Items {
    pub(super) values: Vec<Value>,
    size: usize,
    nesting: usize,
}

impl Items {
    pub(super) fn of(values: Vec<Value>) -> Self {
        let size = values.iter().fold(1_usize, |sum, value| sum.saturating_add(value.size()));
        let nesting = values.iter().map(Value::nesting).max().unwrap_or_default() + 1;
        Self { values, size, nesting }
    }

    /// Why it may not be, if it may not.
    pub(super) fn fault(&self) -> Option<&'static str> {
        match (self.size > SIZE, self.nesting > NESTING) {
            (true, _) => Some(TOO_LARGE),
            (false, true) => Some("Lists are nested too deeply here."),
            (false, false) => None,
        }
    }
}

/// What is said of a value that is over [`SIZE`].
pub(super) const TOO_LARGE: &str = "This value is too large.";

/// The size of a string of this many bytes.
pub(super) fn text_size(bytes: usize) -> usize {
    1 + bytes / BYTES
}

impl Value {
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Text(text) => text_size(text.len()),
            Self::Number(_) | Self::Truth(_) => 1,
            Self::List(items) | Self::Tuple(items) => items.size,
        }
    }

    fn nesting(&self) -> usize {
        match self {
            Self::Text(_) | Self::Number(_) | Self::Truth(_) => 0,
            Self::List(items) | Self::Tuple(items) => items.nesting,
        }
    }

    /// What an `if` takes it for.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) => *number != 0,
            Self::Truth(truth) => *truth,
            Self::List(items) | Self::Tuple(items) => !items.values.is_empty(),
        }
    }

    /// The elements of a list or tuple.
    pub(super) fn items(&self) -> Option<&Rc<Items>> {
        match self {
            Self::List(items) | Self::Tuple(items) => Some(items),
            Self::Text(_) | Self::Number(_) | Self::Truth(_) => None,
        }
    }

    /// The elements of a list.
    pub(super) fn list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(&items.values),
            Self::Text(_) | Self::Number(_) | Self::Truth(_) | Self::Tuple(_) => None,
        }
    }

    /// The string.
    pub(super) fn text(&self) -> Option<&Rc<str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) | Self::Truth(_) | Self::List(_) | Self::Tuple(_) => None,
        }
    }

    /// A list of nothing but strings.
    pub(super) fn strings(&self) -> Option<Vec<String>> {
        self.list()?.iter().map(|value| value.text().map(|text| text.to_string())).collect()
    }
}
