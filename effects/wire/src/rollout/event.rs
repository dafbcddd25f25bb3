//! Payloads of `event_msg` lines: what happened, as far as a resumed session needs it. Deltas are never written.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

/// A turn began.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "task_started")]
pub struct TaskStarted<'a> {
    /// Turn id.
    #[serde(default)]
    pub turn_id: Cow<'a, str>,
    /// When, in seconds since 1970.
    #[serde(default)]
    pub started_at: Option<i64>,
    /// The model's context window in tokens.
    #[serde(default)]
    pub model_context_window: Option<u64>,
    /// Always `default` here; readers want it.
    #[serde(default)]
    pub collaboration_mode_kind: Cow<'a, str>,
}

/// The user said something.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "user_message")]
pub struct UserMessage<'a> {
    /// The text as it was written.
    pub message: Cow<'a, str>,
    /// `data:` URLs of images.
    #[serde(default)]
    pub images: Option<Vec<Arc<str>>>,
    /// Paths of images; never written here and not read, but readers want the field.
    #[serde(skip_deserializing)]
    pub local_images: [(); 0],
    /// Marked ranges of the text; the same.
    #[serde(skip_deserializing)]
    pub text_elements: [(); 0],
}

/// The model said something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "agent_message")]
pub struct AgentMessage<'a> {
    /// The text.
    pub message: Cow<'a, str>,
    /// `commentary` or `final_answer`.
    #[serde(default)]
    pub phase: Option<Cow<'a, str>>,
}

/// One part of a reasoning summary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "agent_reasoning")]
pub struct AgentReasoning<'a> {
    /// The text.
    pub text: Cow<'a, str>,
}

/// Tokens so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "token_count")]
pub struct TokenCount {
    /// The counts; none in lines that only tell rate limits.
    #[serde(default)]
    pub info: Option<TokenInfo>,
    /// Rate limits; written as `null` and not read.
    #[serde(skip_deserializing)]
    pub rate_limits: (),
}

/// The counts of a [`TokenCount`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenInfo {
    /// Sum of the thread.
    pub total_token_usage: TokenUsage,
    /// The last response.
    pub last_token_usage: TokenUsage,
    /// The model's context window in tokens.
    #[serde(default)]
    pub model_context_window: Option<u64>,
}

/// Token counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenUsage {
    /// Tokens sent.
    pub input_tokens: u64,
    /// Of those, from the server's cache.
    pub cached_input_tokens: u64,
    /// Tokens received.
    pub output_tokens: u64,
    /// Of those, reasoning.
    pub reasoning_output_tokens: u64,
    /// All together.
    pub total_tokens: u64,
}

/// A turn ended by itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "task_complete")]
pub struct TaskComplete<'a> {
    /// Turn id.
    #[serde(default)]
    pub turn_id: Cow<'a, str>,
    /// The last answer text.
    #[serde(default)]
    pub last_agent_message: Option<Cow<'a, str>>,
    /// Why it failed, when it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<TaskError<'a>>,
    /// When, in seconds since 1970.
    #[serde(default)]
    pub completed_at: Option<i64>,
    /// Wall time in milliseconds.
    #[serde(default)]
    pub duration_ms: Option<u64>,
}

/// Why a turn failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskError<'a> {
    /// The sentence.
    #[serde(default)]
    pub message: Cow<'a, str>,
}

/// A turn was stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "turn_aborted")]
pub struct TurnAborted<'a> {
    /// Turn id.
    #[serde(default)]
    pub turn_id: Option<Cow<'a, str>>,
    /// Why, for instance `interrupted`.
    #[serde(default)]
    pub reason: Cow<'a, str>,
}

/// The last things that the user said were taken out of the conversation, with all that followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "thread_rolled_back")]
pub struct ThreadRolledBack {
    /// How many things the user said: several, where the user added to a running turn.
    pub num_turns: u64,
}

/// Something failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "error")]
pub struct ErrorEvent<'a> {
    /// The sentence.
    pub message: Cow<'a, str>,
}

/// An item of the transcript is complete; numbered files tell messages and reasoning this way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "item_completed")]
pub struct ItemCompleted<'a, I> {
    /// The thread.
    #[serde(default)]
    pub thread_id: Cow<'a, str>,
    /// The turn.
    #[serde(default)]
    pub turn_id: Cow<'a, str>,
    /// The item.
    pub item: I,
}
