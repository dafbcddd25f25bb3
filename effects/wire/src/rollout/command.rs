//! How a command came to run, or not to, and what became of it. Written only: a resumed session takes commands from the
//! conversation. Field names and words are those of the Codex CLI 0.131 (`exec_command_end`) and 0.169 (`CommandExecution`),
//! as observed; `quire` is ours, and both pass over it.

use std::{borrow::Cow, time::Duration};

use serde::Serialize;

/// `event_msg` of files without numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "exec_command_end")]
pub struct ExecCommandEnd<'a, Q> {
    /// The call.
    pub call_id: Cow<'a, str>,
    /// The turn.
    pub turn_id: Cow<'a, str>,
    /// The argument vector.
    pub command: &'a [String],
    /// Its folder, a plain path.
    pub cwd: Cow<'a, str>,
    /// What the command does, in parts; never written here, but readers want the field.
    pub parsed_cmd: [(); 0],
    /// Always [`AGENT`].
    pub source: &'static str,
    /// What it printed; it stands in the conversation, so it is empty here.
    pub stdout: &'static str,
    /// The same.
    pub stderr: &'static str,
    /// The same.
    pub aggregated_output: &'static str,
    /// The same.
    pub formatted_output: &'static str,
    /// Exit code; -1 when it did not run.
    pub exit_code: i32,
    /// Wall time.
    pub duration: Duration,
    /// `completed`, `failed` or `declined`.
    pub status: &'static str,
    /// What only Quire knows.
    pub quire: Q,
}

/// The item of files with numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "CommandExecution")]
pub struct CommandExecution<'a, Q> {
    /// The call.
    pub id: Cow<'a, str>,
    /// The argument vector.
    pub command: &'a [String],
    /// Its folder, as a `file` address.
    pub cwd: Cow<'a, str>,
    /// As in [`ExecCommandEnd`].
    pub parsed_cmd: [(); 0],
    /// Always [`AGENT`].
    pub source: &'static str,
    /// `completed`, `failed` or `declined`.
    pub status: &'static str,
    /// Empty, as in [`ExecCommandEnd`].
    pub aggregated_output: &'static str,
    /// Exit code; -1 when it did not run.
    pub exit_code: i32,
    /// Wall time.
    pub duration: Duration,
    /// What only Quire knows.
    pub quire: Q,
}

/// Who ran it: the model's tool, not the user.
pub const AGENT: &str = "agent";
