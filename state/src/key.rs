//! Names of work in flight. A key says what the work is for, so that a late report can be recognised.

use serde::{Deserialize, Serialize};

/// A thread's id: UUIDv7 text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ThreadId(pub String);

/// A turn's id: UUIDv7 text, written to the rollout.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TurnId(pub String);

/// The model's name for one tool call (`call_id` on the wire), unique within a thread.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId(pub String);

/// A transcript item's name within its thread: a number from 1 that is given once and never again, whatever becomes of
/// the item. It says nothing about the item's place. What is written to the rollout carries it, so that an item has the
/// same one when the thread is taken up again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ItemId(pub u64);

impl ItemId {
    /// The highest that is taken from a file; other programs read numbers up to here exactly.
    pub const MOST: u64 = 1 << 53;
}

/// A terminal session (one spawned command), unique within the process. Shown to the model as `session_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProcessId(pub u32);

/// The number of a request that waits for an answer (an approval, questions of the model), unique within the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub u64);

impl RequestId {
    /// The question about what the folder brings, which is asked once at most.
    pub const TRUST: Self = Self(0);
}

/// What an effect is for. Every report comes back with the key of the effect that it answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Key {
    /// Work of one thread.
    Thread(ThreadId, Work),
    /// Reading a stored thread, by what was asked for.
    Load(String),
    /// Reading a thread to copy it: number from 1.
    Fork(u64),
    /// What is trusted of the folder, to be kept.
    Trust,
    /// One request to the host (clipboard, suspend, history file): number from 1.
    Host(u64),
    /// Unsolicited facts: signals, painted frames, terminal capabilities. Always accepted.
    World,
}

/// Work of one thread. Numbers are from 1; where nothing else is said they are unique within the process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Work {
    /// One request to the model: turn number, request number within the turn.
    Request(u64, u32),
    /// One spawned command, from start to exit.
    Process(ProcessId),
    /// One write to (or signal of) a command: write number within the process.
    Write(ProcessId, u32),
    /// What a tool asked for.
    Tool(u64),
    /// One look at files that an asked command runs.
    Files(u64),
    /// One rule that is to be kept.
    Rule(u64),
    /// One request about what turns changed in the files.
    Changes(u64),
    /// One name that is given to the thread.
    Name(u64),
    /// The folders that are observed.
    Observe,
    /// A timer.
    Timer(u64),
    /// One append to the rollout: append number within the thread.
    Append(u64),
}

impl Key {
    /// The thread whose work it is.
    pub fn thread(&self) -> Option<&ThreadId> {
        match self {
            Self::Thread(thread, _) => Some(thread),
            Self::Load(_) | Self::Fork(_) | Self::Trust | Self::Host(_) | Self::World => None,
        }
    }
}
