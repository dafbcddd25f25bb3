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

/// A transcript item's number within its thread, from 0, in order of appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ItemId(pub u64);

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
    /// One request to the model: thread, turn number from 1, request number within the turn from 1.
    Turn(ThreadId, u64, u32),
    /// One spawned command, from start to exit.
    Command(ProcessId),
    /// One write to (or signal of) a command: session, write number from 1.
    Write(ProcessId, u32),
    /// One reading or writing of a patch's files: number from 1, unique within the process.
    Patch(u64),
    /// One image file that is read for the model: number from 1, unique within the process.
    Image(u64),
    /// One look at files that an asked command runs: number from 1, unique within the process.
    HashFiles(u64),
    /// One rule that is to be kept: number from 1, unique within the process.
    Rule(u64),
    /// What is trusted of the folder, to be kept.
    Trust,
    /// One request about what turns changed in the files: number from 1, unique within the process.
    Undo(u64),
    /// The folders of a thread that are observed.
    Observe(ThreadId),
    /// A timer: number from 1, unique within the process.
    Timer(u64),
    /// One append to a thread's rollout: thread, append number from 1.
    Append(ThreadId, u64),
    /// Reading a stored thread.
    Load(String),
    /// One request to the host (clipboard, suspend, history file): number from 1.
    Host(u64),
    /// Facts that nobody asked for: signals, painted frames, terminal capabilities. Always accepted.
    World,
}
