//! The first line of a session file.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Payload of `session_meta`. Readers refuse a file whose first line lacks `id`, `timestamp`, `cwd`, `originator`
/// or `cli_version`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionMeta<'a> {
    /// Thread id.
    pub id: Cow<'a, str>,
    /// Thread that this one was forked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from_id: Option<Cow<'a, str>>,
    /// The fork begins with the lines of the other thread's file that have a smaller ordinal; they are not repeated here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forked_from_ordinal_exclusive: Option<u64>,
    /// When the session began, RFC 3339.
    pub timestamp: Cow<'a, str>,
    /// Working folder.
    #[serde(default)]
    pub cwd: Cow<'a, str>,
    /// Which face began it.
    #[serde(default)]
    pub originator: Cow<'a, str>,
    /// Version of the writing program.
    #[serde(default)]
    pub cli_version: Cow<'a, str>,
    /// `cli`, `exec`, ..; an object for threads that another thread began.
    #[serde(default)]
    pub source: Value,
    /// Provider name.
    #[serde(default)]
    pub model_provider: Option<Cow<'a, str>>,
    /// Base instructions.
    #[serde(default)]
    pub base_instructions: Option<BaseInstructions<'a>>,
    /// `paginated` where lines are numbered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_mode: Option<Cow<'a, str>>,
}

impl SessionMeta<'_> {
    /// Whether the file's lines are numbered and its transcript is written as completed items.
    pub fn is_paginated(&self) -> bool {
        self.history_mode.as_deref() == Some("paginated")
    }
}

/// The instructions that a session began with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseInstructions<'a> {
    /// Their text.
    #[serde(default)]
    pub text: Cow<'a, str>,
}
