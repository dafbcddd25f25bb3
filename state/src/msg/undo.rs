//! Facts about what turns changed in the files.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    changes::{Change, Conflict, RawPath},
    item::DiffItem,
    key::TurnId,
};

/// A fact about the changes of a thread. Each is the only one under its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum UndoReport {
    /// What a turn comes to.
    Told {
        /// The turn.
        turn: TurnId,
        /// Its files, to be shown.
        diff: Arc<DiffItem>,
        /// The same as a unified diff, cut above [`crate::limits::DIFF_TEXT_BYTES`].
        text: Arc<str>,
    },
    /// A turn was taken back, or brought back.
    Done(Box<UndoDone>),
    /// Something stands in the way and nothing was touched.
    Blocked {
        /// The turn.
        turn: TurnId,
        /// What stands in the way; the first [`crate::limits::TOLD_PATHS`].
        conflicts: Vec<Conflict>,
        /// How many there are.
        conflict_count: u64,
        /// How many paths nothing stands in the way of.
        free_count: u64,
    },
    /// Something changed meanwhile, or the system refused. Every file is as before.
    Refused {
        /// Why: sentences.
        reason: String,
    },
    /// The folders are observed from now on.
    Observing,
    /// There is no turn to take back, or to bring back.
    Nothing,
    /// What going back would take back: the newest [`crate::limits::TALLIED_TURNS`] turns that stand, in their order.
    Tallied(Vec<TurnTally>),
}

/// What a turn changed in the files, and what going back to before it would take back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnTally {
    /// The turn.
    pub turn: TurnId,
    /// What it changed itself.
    pub own: Tally,
    /// What it and all turns after it come to.
    pub all: Tally,
    /// What would be left alone then; the first [`crate::limits::TOLD_PATHS`].
    pub kept: Vec<Conflict>,
}

/// Files and lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Files.
    pub files: u64,
    /// Lines that were added.
    pub added: u64,
    /// Lines that were removed.
    pub removed: u64,
}

/// What was done to the files. Folders are not among them; lists hold the first [`crate::limits::TOLD_PATHS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoDone {
    /// The turn.
    pub turn: TurnId,
    /// What became of the files.
    pub changes: Vec<Change>,
    /// How many files were changed.
    pub change_count: u64,
    /// What was left alone.
    pub conflicts: Vec<Conflict>,
    /// How many paths were left alone.
    pub conflict_count: u64,
    /// How many paths had been taken back already.
    pub settled_count: u64,
    /// Folders that stay because something else was put into them.
    pub in_use: Vec<RawPath>,
    /// The turn may have changed more than was seen.
    pub is_partial: bool,
    /// How many commands of the turn, the first ones, are not covered.
    #[serde(default)]
    pub early: u64,
    /// It could not be written down: the session does not know of it after it was resumed.
    pub is_forgotten: bool,
}
