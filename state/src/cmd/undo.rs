//! Requests about what turns changed in the files.

use serde::{Deserialize, Serialize};

use crate::{
    changes::Consent,
    key::{ThreadId, TurnId},
};

/// Where the changes of a thread are kept, and where its tools are watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeStoreRef {
    /// `$CODEX_HOME`, absolute. The changes are kept below it.
    pub home: String,
    /// Which thread.
    pub thread: ThreadId,
    /// The folders whose files are looked at, absolute; none when only patches are watched.
    pub roots: Vec<String>,
}

/// For whom a tool is watched: what it changes is kept as this turn's work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeScope {
    /// Where its changes go.
    pub store: ChangeStoreRef,
    /// Which turn.
    pub turn: TurnId,
}

/// A request about the changes of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UndoEffect {
    /// Begin to observe the folders of a thread, before its first tool needs them. Reports `Observing`.
    Observe(ChangeStoreRef),
    /// Tell what a turn comes to. Reports `Told`.
    Tell {
        /// The turn.
        scope: ChangeScope,
        /// The folder that paths are shown from, absolute.
        base: String,
        /// Whether the folders are looked at before, because a command still runs.
        look: bool,
    },
    /// Tell what going back to before each turn that stands would take back. Reports `Tallied`.
    Tally {
        /// Whose turns.
        store: ChangeStoreRef,
    },
    /// Take back the newest turn that stands, or bring back the one that was taken back last. Reports `Done`,
    /// `Blocked`, `Refused` or `Nothing`.
    Carry {
        /// Whose turn.
        store: ChangeStoreRef,
        /// Which of the two.
        way: Way,
        /// What the user agreed to.
        consent: Consent,
        /// Folders below which files may be written, absolute.
        roots: Vec<String>,
        /// The turns that are meant; none for any.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        turns: Vec<TurnId>,
    },
}

/// Taking back, or taking that back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A turn is taken back.
    Undo,
    /// A turn is brought back.
    Redo,
}
