//! A copy of a thread on its way.

use crate::{
    engine::thread::settings::SettingsChange,
    item::UserInput,
    key::ThreadId,
    msg::{ForkPoint, Origin},
};

/// A copy on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Forking {
    /// Who asked for it, and is answered when it is there.
    pub origin: Origin,
    /// What is copied.
    pub source: Source,
    /// How far.
    pub at: ForkPoint,
    /// What is other than the settings of the source.
    pub change: SettingsChange,
    /// What is said first.
    pub first: Option<UserInput>,
    /// The source is being read.
    pub is_reading: bool,
}

/// What is copied.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A thread that is open, once this append is answered.
    Open(ThreadId, u64),
    /// A stored one.
    Stored {
        /// Thread id, name or path; empty for the newest.
        target: String,
        /// Folder that "newest" is meant for.
        cwd: Option<String>,
    },
}
