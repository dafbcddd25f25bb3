//! `quire archive`, `unarchive` and `delete`: what is done with a stored session.

use clap::Args;

/// `archive` and `unarchive` as typed.
#[derive(Debug, Args)]
pub(super) struct Named {
    /// The session: its id or the beginning of one, its name, or its file.
    session: String,
}

/// `delete` as typed.
#[derive(Debug, Args)]
pub(super) struct Delete {
    #[command(flatten)]
    named: Named,
    /// Delete it without a question; SESSION must be a whole id.
    #[arg(long)]
    force: bool,
}

/// What is done with which stored session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelve {
    /// Which one.
    pub session: String,
    /// What is done with it.
    pub act: Act,
}

/// What is done with a stored session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is put away.
    Archive,
    /// It is taken back.
    Unarchive,
    /// It is deleted, after a question unless that was answered on the command line.
    Delete {
        /// Whether nothing is asked.
        force: bool,
    },
}

impl Named {
    pub(super) fn with(self, act: Act) -> Shelve {
        Shelve { session: self.session, act }
    }
}

impl Delete {
    pub(super) fn what(self) -> Shelve {
        self.named.with(Act::Delete { force: self.force })
    }
}
