//! The patch language in which a model changes files: reading it, placing its hunks, computing what becomes of every
//! file, and telling what was done.
//!
//! Everything here is computed in memory from the contents that the caller reads. Nothing is read or written here,
//! and nothing may be written before the whole plan stands. How much work a patch costs is bounded by its size and the
//! size of its targets; no patch makes it grow faster than that (but for the logarithm of a search).

mod edit;
mod fold;
mod index;
mod lines;
mod parse;
mod path;
mod place;
mod plan;
mod print;
mod rejection;
mod same;
mod shell;
mod summary;
mod wrapping;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use edit::ShownHunk;
pub use parse::{Malformed, parse};
pub use path::{PathFault, normalise};
pub use plan::{Change, ChangeKind, FileContent, ReadError, Target, plan};
pub use rejection::Rejection;
pub use shell::{ShellPatch, from_shell, from_shell_text};
pub use summary::{FileView, HunkView, LineView, line_views, preview, success, views};

/// Largest patch that is read.
pub const PATCH_BYTES: usize = 64 * 1024 * 1024;
/// Largest file that a patch may change.
pub const TARGET_BYTES: usize = 512 * 1024 * 1024;
/// Bytes that may be searched again because several sections of one patch name the same file.
pub const REPEATED_BYTES: usize = 1024 * 1024 * 1024;

/// A patch as it was written, before anything is known about the files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// What it does, in its order. Never empty when it comes from [`parse`].
    pub sections: Vec<Section>,
}

/// What a patch does to one file. Paths are as the patch wrote them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Section {
    /// A file is created; one that exists is replaced.
    Add {
        /// Its path.
        path: String,
        /// Its whole text; every line is ended by `\n`.
        content: String,
    },
    /// A file is removed.
    Delete {
        /// Its path.
        path: String,
    },
    /// A file is changed, moved, or both.
    Update {
        /// Its path before the patch.
        path: String,
        /// Its path afterwards, if it is moved.
        move_to: Option<String>,
        /// The changes, from the top of the file to its end. Empty only for a plain move.
        hunks: Vec<Hunk>,
    },
}

impl Section {
    /// The path that the section's heading names.
    pub fn path(&self) -> &str {
        match self {
            Self::Add { path, .. } | Self::Delete { path } | Self::Update { path, .. } => path,
        }
    }
}

/// One change inside a file: lines to find, and what becomes of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hunk {
    /// Lines that stand above the change, each below the one before; they narrow where it is searched for.
    pub contexts: Vec<String>,
    /// The lines, each with its mark in front (` `, `+` or `-`) and `\n` behind it.
    pub body: String,
    /// Whether its last line is the last line of the file.
    pub at_end: bool,
}

/// What a patch does with one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    /// It stays.
    Kept,
    /// It goes.
    Removed,
    /// It is new.
    Added,
}

impl Mark {
    /// The character in front of such a line.
    pub fn sign(self) -> char {
        match self {
            Self::Kept => ' ',
            Self::Removed => '-',
            Self::Added => '+',
        }
    }
}

impl Hunk {
    /// The lines with their marks.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = (Mark, &str)> {
        marked_lines(&self.body)
    }

    /// The lines that must be in the file: those that stay and those that go.
    pub(crate) fn old_lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.lines().filter(|(mark, _)| *mark != Mark::Added).map(|(_, text)| text)
    }

    /// Blank lines that stay, at the end of the hunk. They may be mere spacers before what comes next in the patch.
    pub(crate) fn blank_tail(&self) -> usize {
        self.lines().rev().take_while(|(mark, text)| *mark == Mark::Kept && text.trim().is_empty()).count()
    }
}

/// The lines of a body, which holds a mark in front of every line.
pub(crate) fn marked_lines(body: &str) -> impl DoubleEndedIterator<Item = (Mark, &str)> {
    body.split_terminator('\n').map(|line| match line.split_at_checked(1) {
        Some(("+", text)) => (Mark::Added, text),
        Some(("-", text)) => (Mark::Removed, text),
        Some((" ", text)) => (Mark::Kept, text),
        Some(_) | None => (Mark::Kept, line),
    })
}
