//! Conversations and the work in flight. Never reads the screen.

pub mod approval;
pub mod audit;
pub mod calls;
pub mod ctx;
pub mod jobs;
pub mod late;
pub mod op;
pub mod processes;
pub mod prompt;
pub mod report;
pub mod requests;
pub mod respond;
pub mod sandbox;
pub mod settle;
pub mod shutdown;
pub mod steered;
pub mod thread;
pub mod tools;
pub mod trust;
pub mod turn;
pub mod undo;
pub mod user_shell;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    engine::thread::{forking::Forking, loading::Loading},
    key::{Key, ThreadId},
};

pub use calls::{
    Action, ApprovalContext, Call, CallPhase, CallStep, PatchCall, PinnedFiles, ProcessWait, ShellCommand, ToolState,
};
pub use ctx::{Ctx, Fold};
pub use thread::{
    Process, Queued, Thread,
    consent::{RequestedPermissions, SessionApproval},
};
pub use turn::{Attempt, Running, Step, StopReason, Turn, TurnEnd};

/// Conversations and the work in flight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Engine {
    /// Threads by id.
    pub threads: BTreeMap<ThreadId, Thread>,
    /// The first thread that was opened: what concerns the program as a whole is told there.
    pub active: Option<ThreadId>,
    /// Keys of effects that have not reported their end. The one place that decides whether a report is late.
    pub in_flight: BTreeSet<Key>,
    /// Counters behind the keys.
    pub serials: Serials,
    /// Stored threads that are being read, by what was asked for.
    pub loading: BTreeMap<String, Loading>,
    /// Copies on their way, by number.
    pub forks: BTreeMap<u64, Forking>,
    /// What waits for an answer.
    pub requests: requests::Requests,
    /// What the folder brings that waits for the user's answer.
    pub news: Option<Box<crate::trust::News>>,
}

/// Counters behind the keys; each value is given out once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Serials {
    /// Last timer number.
    pub timer: u64,
    /// Last host request number.
    pub host: u64,
    /// Last terminal session number.
    pub process: u32,
    /// Last number of what a tool asked for.
    pub tool: u64,
    /// Last number of a request about changed files.
    pub undo: u64,
    /// Last number of a look at files.
    pub look: u64,
    /// Last number of a copy of a thread.
    pub fork: u64,
    /// Last number of a name that was given to a thread.
    pub name: u64,
    /// Last number of a rule that was to be kept.
    pub rule: u64,
}

impl Engine {
    /// The thread that this process works on.
    pub fn thread(&self) -> Option<&Thread> {
        self.active.as_ref().and_then(|id| self.threads.get(id))
    }
}
