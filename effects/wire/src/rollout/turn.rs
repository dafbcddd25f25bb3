//! The settings of a turn, and the line that replaces a conversation.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Payload of `turn_context`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TurnContext<'a> {
    /// Turn id.
    #[serde(default)]
    pub turn_id: Option<Cow<'a, str>>,
    /// Working folder.
    #[serde(default)]
    pub cwd: Cow<'a, str>,
    /// Date as yyyy-mm-dd.
    #[serde(default)]
    pub current_date: Option<Cow<'a, str>>,
    /// IANA time zone name.
    #[serde(default)]
    pub timezone: Option<Cow<'a, str>>,
    /// Approval policy: a name, or an object for finer ones.
    #[serde(default)]
    pub approval_policy: Value,
    /// Sandbox policy.
    #[serde(default)]
    pub sandbox_policy: Option<SandboxPolicy>,
    /// Model slug.
    #[serde(default)]
    pub model: Cow<'a, str>,
    /// Reasoning effort.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<Cow<'a, str>>,
    /// Reasoning summary setting; readers want one, `none` stands for no setting.
    #[serde(default)]
    pub summary: Option<Cow<'a, str>>,
    /// Which server and account answer, as far as it tells them from others. Quire's own; other readers pass it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_origin: Option<Cow<'a, str>>,
}

/// A sandbox policy as a session file tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxPolicy {
    /// The mode, in its configuration spelling.
    #[serde(rename = "type")]
    pub mode: String,
    /// Folders that may be written beside the working folder, for `workspace-write`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writable_roots: Option<Vec<String>>,
    /// Whether commands reach the network, for `workspace-write`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_access: Option<Value>,
    /// Whether `$TMPDIR` is closed, for `workspace-write`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_tmpdir_env_var: Option<bool>,
    /// Whether `/tmp` is closed, for `workspace-write`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclude_slash_tmp: Option<bool>,
}

/// Payload of `compacted`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compacted<'a> {
    /// The summary.
    #[serde(default)]
    pub message: Cow<'a, str>,
    /// The new conversation, as wire items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement_history: Option<Vec<Value>>,
}
