//! Why a patch was not applied, in words for the model.

use std::fmt;

use super::{Malformed, PathFault};

/// Lines of a hunk that are repeated in a rejection.
const SHOWN_LINES: usize = 40;
/// Bytes of one such line.
const SHOWN_BYTES: usize = 400;

/// Why a patch was not applied. Nothing was changed then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejection {
    /// The file that stood in the way, as the patch wrote it.
    pub path: Option<String>,
    /// The hunk of that file's section, counted from one.
    pub hunk: Option<usize>,
    /// What is wrong, as a clause without a full stop.
    pub reason: String,
    /// The lines that are not in the file; the first of many.
    pub lines: Vec<String>,
    /// How many more there are.
    pub more_lines: usize,
}

impl Rejection {
    /// About the patch as a whole.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), ..Self::default() }
    }

    /// About one file.
    pub fn of(path: &str, reason: impl Into<String>) -> Self {
        Self { path: Some(path.to_owned()), reason: reason.into(), ..Self::default() }
    }

    /// The same with lines to show.
    pub(super) fn with_lines<'a>(mut self, lines: impl Iterator<Item = &'a str>) -> Self {
        let mut lines = lines;
        self.lines = lines
            .by_ref()
            .take(SHOWN_LINES)
            .map(|line| match line.floor_char_boundary(SHOWN_BYTES) {
                end if end < line.len() => format!("{}…", &line[..end]),
                _ => line.to_owned(),
            })
            .collect();
        self.more_lines = lines.count();
        self
    }
}

impl From<Malformed> for Rejection {
    fn from(malformed: Malformed) -> Self {
        Self::new(format!("line {}: {}", malformed.line, malformed.reason.trim_end_matches('.')))
    }
}

impl Rejection {
    /// A path that can mean no file.
    pub(super) fn path(path: &str, fault: PathFault) -> Self {
        Self::of(path, fault.to_string())
    }
}

impl std::error::Error for Rejection {}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "apply_patch verification failed: ")?;
        match (&self.path, self.hunk) {
            (Some(path), Some(hunk)) => write!(out, "{path}, hunk {hunk}: ")?,
            (Some(path), None) => write!(out, "{path}: ")?,
            (None, Some(_) | None) => {}
        }
        write!(out, "{}.", self.reason)?;
        for line in &self.lines {
            write!(out, "\n{line}")?;
        }
        if self.more_lines > 0 {
            write!(out, "\n… and {} more lines", self.more_lines)?;
        }
        write!(out, "\nNothing was changed.")
    }
}
