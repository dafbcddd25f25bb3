//! The lines of a session file (`rollout-*.jsonl`) in the format that the Codex CLI writes and reads.
//!
//! Reading takes two passes over a line and copies nothing that is not wanted: [`Head`] tells what the line is,
//! then the line is read again as a [`Line`] of the payload that fits. The same payload types are written.
//! Only shapes live here; what a line means is decided by `effects`.

pub mod command;
mod event;
pub mod item;
pub mod session;
pub mod turn;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::responses::Count;

pub use command::{AGENT, CommandExecution, ExecCommandEnd};
pub use event::{
    AgentMessage, AgentReasoning, ErrorEvent, ItemCompleted, TaskComplete, TaskError, TaskStarted, ThreadRolledBack,
    TokenCount, TokenInfo, TokenUsage, TurnAborted, UserMessage,
};
pub use item::{ItemHead, Piece, TurnItem};
pub use session::{BaseInstructions, SessionMeta};
pub use turn::{Compacted, SandboxPolicy, TurnContext};

/// Values of a line's `type`.
pub mod kind {
    /// The first line: whose session it is.
    pub const SESSION_META: &str = "session_meta";
    /// The settings of a turn.
    pub const TURN_CONTEXT: &str = "turn_context";
    /// An item of the conversation; the payload is the item as it goes over the wire.
    pub const RESPONSE_ITEM: &str = "response_item";
    /// The conversation was replaced by a shorter one.
    pub const COMPACTED: &str = "compacted";
    /// Something that happened; the payload's own `type` says what.
    pub const EVENT_MSG: &str = "event_msg";
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line<'a, P> {
    /// When it was written, RFC 3339 in UTC with milliseconds.
    #[serde(borrow)]
    pub timestamp: Cow<'a, str>,
    /// The line's number, in files of history mode `paginated` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinal: Option<u64>,
    /// What the payload is: one of [`kind`].
    #[serde(borrow, rename = "type")]
    pub kind: Cow<'a, str>,
    /// The transcript item that shows the line, by its number in the thread; read from the [`Head`]. Ours alone: the
    /// Codex CLI reads over it.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<u64>,
    /// The payload.
    pub payload: P,
}

/// What a line is, without its contents.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Head<'a> {
    /// When it was written.
    #[serde(borrow)]
    pub timestamp: Cow<'a, str>,
    /// The line's number, where lines are numbered.
    #[serde(default)]
    pub ordinal: Option<u64>,
    /// The transcript item that shows the line. What another program may have put here is no number of ours.
    #[serde(default)]
    pub item_id: Count,
    /// What the payload is.
    #[serde(borrow, rename = "type")]
    pub kind: Cow<'a, str>,
    /// The payload's own kind.
    #[serde(borrow)]
    pub payload: PayloadHead<'a>,
}

/// The `type` of a payload; empty for payloads that have none.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct PayloadHead<'a> {
    /// The kind, for instance `user_message`.
    #[serde(borrow, default, rename = "type")]
    pub kind: Cow<'a, str>,
}

/// One line of `history.jsonl`: a submission of the composer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry<'a> {
    /// The thread that it was submitted to.
    pub session_id: Cow<'a, str>,
    /// When, in seconds since 1970.
    pub ts: i64,
    /// The text.
    pub text: Cow<'a, str>,
}

/// One line of `session_index.jsonl`: the name that a user gave to a thread. The last line of a thread counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameEntry<'a> {
    /// The thread.
    pub id: Cow<'a, str>,
    /// Its name.
    pub thread_name: Cow<'a, str>,
    /// When it was named, RFC 3339.
    #[serde(default)]
    pub updated_at: Cow<'a, str>,
}
