//! What is wrong with a configuration, told so that a user can put it right.

use std::fmt::Write;

use super::source::{Place, Source};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The program starts and shows it.
    Warning,
    /// The program does not start.
    Error,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The file, or the option or variable, that it is in; `None` when it is in nothing that a user wrote.
    pub file: Option<String>,
    /// Line from 1, when it is in a file.
    pub line: Option<u32>,
    /// Column from 1, in characters.
    pub column: Option<u32>,
    /// What is wrong, one sentence. Never holds a secret.
    pub message: String,
    /// What to do about it, one sentence.
    pub hint: Option<String>,
    /// The line of the file with a caret under the place, where showing it is safe.
    pub excerpt: Option<String>,
    /// Whether the line must not be shown because a secret stands in it.
    pub is_secret: bool,
}

impl Problem {
    /// A problem that is in no file.
    pub fn new(severity: Severity, message: impl Into<String>) -> Self {
        Self {
            severity,
            file: None,
            line: None,
            column: None,
            message: message.into(),
            hint: None,
            excerpt: None,
            is_secret: false,
        }
    }

    /// The same problem with a next step.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same problem, placed where it was written.
    #[must_use]
    pub(crate) fn written(mut self, source: &Source, place: Option<Place>) -> Self {
        self.file = source.name();
        self.line = place.map(|place| place.line);
        self.column = place.map(|place| place.column);
        self
    }

    /// `file:line:column: message hint`, for a place where one line is shown. Holds no excerpt.
    pub fn line(&self) -> String {
        let mut text = self.place();
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&self.message);
        if let Some(hint) = &self.hint {
            text.push(' ');
            text.push_str(hint);
        }
        text
    }

    /// Place and message, the excerpt, and the next step, on several lines for an error stream.
    pub fn report(&self) -> String {
        let Some(excerpt) = &self.excerpt else { return self.line() };
        let mut text = format!("{}: {}\n{excerpt}", self.place(), self.message);
        if let Some(hint) = &self.hint {
            // Writing into a string cannot fail.
            let _ = write!(text, "\n{hint}");
        }
        text
    }

    fn place(&self) -> String {
        match (&self.file, self.line, self.column) {
            (Some(file), Some(line), Some(column)) => format!("{file}:{line}:{column}"),
            (Some(file), _, _) => file.clone(),
            (None, _, _) => String::new(),
        }
    }
}
