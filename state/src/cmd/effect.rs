//! Requests to the outside. An effect is run exactly as it stands; all deciding is done before.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    tool::ToolEffect,
    undo::{ChangeScope, UndoEffect},
};
use crate::{
    config::{ConfigEdit, ShellEnvironment},
    history::HistoryItem,
    key::{Key, ProcessId, ThreadId},
    msg::{LocalServer, Size},
    policy::SandboxPlan,
    rollout::RolloutLine,
};

/// A request to the outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Send one request to the model. Reports: [`crate::msg::ModelReport`]s, or a failure.
    Request(Box<ModelRequest>),
    /// Something about a command.
    Command(CommandEffect),
    /// What a tool asks for. Reports the [`crate::msg::ToolReport`] of the same name, or a failure.
    Tool(ToolEffect),
    /// Read these files, absolute paths, and report their digests in [`crate::msg::Report::FileDigests`].
    HashFiles(Vec<String>),
    /// Something about what turns changed in the files. Reports a [`crate::msg::UndoReport`].
    Undo(UndoEffect),
    /// Something about the session store.
    Store(StoreEffect),
    /// Something about the machine or the terminal.
    Host(HostEffect),
    /// Report [`crate::msg::Report::Elapsed`] after this many milliseconds.
    Wait {
        /// Delay in milliseconds.
        delay_ms: u64,
    },
    /// Drop the work under this key; nothing is reported for it any more. A hint: a late report is harmless.
    Cancel(Key),
}

/// One request to the model, as data. Secrets are added by the runner, from the provider's name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelRequest {
    /// Which provider of the configuration.
    pub provider: String,
    /// Model slug.
    pub model: String,
    /// Base instructions.
    pub instructions: Arc<str>,
    /// The conversation.
    pub input: Vec<Arc<HistoryItem>>,
    /// Tools on offer.
    pub tools: Arc<[Tool]>,
    /// Whether the model may make several calls in one response.
    pub parallel_tool_calls: bool,
    /// Reasoning effort; `None` leaves reasoning out of the request.
    pub effort: Option<String>,
    /// Reasoning summary setting.
    pub summary: Option<String>,
    /// Text verbosity.
    pub verbosity: Option<String>,
    /// JSON schema that the final answer must fit (`exec --output-schema`).
    pub output_schema: Option<Arc<serde_json::Value>>,
    /// Service tier, only when set.
    pub service_tier: Option<String>,
    /// The thread; prompt cache key, session and thread header.
    pub thread: ThreadId,
    /// The turn's id, for request metadata.
    pub turn: String,
    /// The stream is given up when no byte arrives for this long, in milliseconds.
    pub idle_timeout_ms: u64,
    /// The connection attempt is given up after this long, in milliseconds.
    pub connect_timeout_ms: u64,
}

/// A tool on offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// Name.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// How its input looks.
    pub format: ToolFormat,
}

impl Tool {
    /// A tool that is called by a JSON object of this schema.
    pub fn function(name: &str, description: &str, parameters: serde_json::Value) -> Self {
        Self { name: name.to_owned(), description: description.to_owned(), format: ToolFormat::Function(parameters) }
    }
}

/// How a tool's input looks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToolFormat {
    /// `function`: JSON schema of the arguments.
    Function(serde_json::Value),
    /// `custom` with a Lark grammar.
    Grammar(String),
    /// Carried out by the server: the whole tool object.
    Native(serde_json::Value),
}

/// A request about a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CommandEffect {
    /// Start it. Reports under the key: `Started`, `Output`s, `Changed` if it is watched, then `Exited`; or a failure of kind `Spawn`.
    Spawn {
        /// Its terminal session.
        process: ProcessId,
        /// Exactly what to run.
        spec: Box<CommandSpec>,
    },
    /// Write these characters to its input. Reports `Written`.
    Write {
        /// Which session.
        process: ProcessId,
        /// Characters, control characters included.
        chars: String,
    },
    /// End its whole process tree: first politely, after `grace_ms` by force. The exit is reported under the
    /// key of the spawn; this reports `Written`.
    Kill {
        /// Which session.
        process: ProcessId,
        /// Milliseconds between the two.
        grace_ms: u64,
    },
}

/// Exactly what to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandSpec {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Working folder, absolute.
    pub cwd: String,
    /// Variables set on top of the inherited environment.
    pub env: Vec<(String, String)>,
    /// Variables taken out of the inherited environment (credentials among them).
    pub env_remove: Vec<String>,
    /// Which variables it gets of the environment and of what start files set; `None`: all.
    #[serde(default)]
    pub environment: Option<Box<ShellEnvironment>>,
    /// Files that it runs, with the digests that they had when the user was asked. When one is different by now, nothing
    /// is started, and [`crate::msg::CommandReport::Changed`] is reported.
    #[serde(default)]
    pub unchanged: Vec<(String, Option<String>)>,
    /// How its programs must be found; when they are found otherwise, nothing is started, and
    /// [`crate::msg::CommandReport::Misled`] is reported. `None`: however they are found.
    #[serde(default)]
    pub finding: Option<Box<Finding>>,
    /// Whether its login shell may be started with what an earlier one has set up, instead of as a login shell.
    #[serde(default)]
    pub shell_snapshot: bool,
    /// The sandbox around it; `None`: none, it runs with the user's own rights.
    #[serde(default)]
    pub sandbox: Option<SandboxPlan>,
    /// Size of its terminal when it gets one. `None`: pipes, output and errors merged in one stream.
    pub tty: Option<Size>,
    /// For whom it is watched what it changes; `None`: it is not.
    #[serde(default)]
    pub change_scope: Option<Box<ChangeScope>>,
}

/// Programs that must be found where no command can have put them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Their names or paths.
    pub programs: Vec<String>,
    /// The folders that commands can write, absolute. No link and no interpreter on the way to a program lies in one.
    pub open: Vec<String>,
}

/// A request about the session store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StoreEffect {
    /// Append records to a thread's rollout file, making it first when needed. Reports `Appended`.
    Append {
        /// Which thread.
        thread: ThreadId,
        /// Where: known for a resumed thread, else built from the first record's session meta.
        path: Option<String>,
        /// The records in order, one line each.
        records: Vec<RolloutLine>,
        /// Whether the lines must be on disk before the report.
        durable: bool,
    },
    /// Read a stored thread. Reports `Loaded`, or a failure of kind `Missing` or `Storage`.
    Load {
        /// Thread id, a unique name, or a path; empty for the newest of `cwd`.
        target: String,
        /// Working folder that "newest" is meant for; `None` for anywhere.
        cwd: Option<String>,
    },
    /// Read a stored thread, which another process may write. Reports `Loaded`, or a failure of kind `Missing` or `Storage`.
    Read {
        /// As for `Load`.
        target: String,
        /// As for `Load`.
        cwd: Option<String>,
    },
    /// List the stored threads, the last changed first. Reports `Listed`, or a failure of kind `Storage`.
    List {
        /// Only those that were begun in this folder; `None` for all.
        cwd: Option<String>,
        /// At most so many.
        limit: usize,
        /// Those that were put away, in the place of the others.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_archived: bool,
    },
    /// Look for words in what was said in stored threads. Reports `Searched`, once for each thread in which all of them occur and at
    /// the end; a search ends soon when another begins or it is cancelled.
    Search {
        /// The words, in lower case; all of them must occur.
        words: Vec<String>,
        /// Where to look, in order.
        among: Vec<ThreadId>,
    },
    /// Read what was said last in a stored thread. Reports `Told`, or a failure of kind `Missing` or `Storage`.
    Preview {
        /// Which thread.
        thread: ThreadId,
    },
    /// Put a stored thread away among the archived ones, or take it back. Reports `Appended`, or a failure of kind `Missing` or
    /// `Storage`: what is open anywhere is left alone.
    Archive {
        /// Which thread.
        thread: ThreadId,
        /// Whether it is taken back.
        is_back: bool,
    },
    /// Delete a stored thread for good. Reports as `Archive`.
    Delete {
        /// Which thread.
        thread: ThreadId,
    },
    /// Say which file a thread is stored in. Reports `Located`, or a failure of kind `Missing`.
    Locate {
        /// Which thread.
        thread: ThreadId,
    },
    /// Write down the name of a thread. Reports `Appended`.
    Rename {
        /// Which thread.
        thread: ThreadId,
        /// Its name.
        name: String,
        /// When it was named, milliseconds since 1970.
        unix_ms: i64,
    },
    /// Append a rule to the user's rules file. Reports `Appended`.
    KeepRule {
        /// Its line, as [`crate::rules::rule_text`] makes it.
        rule: String,
    },
    /// Change single keys of the user's `config.toml`; everything else in it stays byte for byte. All or none. Reports `Saved`,
    /// or a failure of kind `Storage` that names file and line.
    SaveConfig {
        /// The profile whose own file is meant, `NAME.config.toml`; `None`: `config.toml`.
        profile: Option<String>,
        /// What changes.
        edits: Vec<ConfigEdit>,
    },
    /// Write down what is trusted of a folder. Reports `Appended`.
    KeepTrust {
        /// What is written.
        record: Box<crate::trust::TrustRecord>,
    },
    /// Append a submission to `history.jsonl`. Reports `Appended`.
    Remember {
        /// The thread.
        thread: ThreadId,
        /// What was submitted.
        text: String,
        /// When, in seconds since 1970.
        ts: i64,
    },
}

/// A request about the machine or the terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum HostEffect {
    /// Put text on the clipboard. Reports `Copied` or a failure.
    Copy {
        /// The text.
        text: String,
    },
    /// Write text into a new file. Reports `Exported`, or a failure of kind `Storage`.
    Export {
        /// The file, absolute.
        path: String,
        /// The text.
        text: String,
    },
    /// Look for files below a folder, without those that its ignore files name. Reports `Found` as long as more come, at last
    /// with all. The next one for the same folder goes on with what is known; to cancel the last one ends the search.
    Find {
        /// The folder, absolute.
        folder: String,
        /// What their paths must have, letters of it in their order.
        wanted: String,
    },
    /// Read the image that is on the clipboard. Reports [`crate::msg::ToolReport::Image`], or a failure.
    PasteImage,
    /// Lend the terminal to the user's editor, with this text. Nothing else is done until it has ended. Reports `Edited`, or a
    /// failure.
    Edit {
        /// The text.
        text: String,
    },
    /// Read the user's themes in this folder, absolute. Reports `Themes`.
    Themes {
        /// The folder, absolute.
        folder: String,
    },
    /// Ask these model servers of this machine for their models. Reports those that answer in `Servers`.
    FindServers {
        /// Whom to ask; their models are not known yet.
        servers: Vec<LocalServer>,
    },
    /// Keep what was typed out of sight (see [`crate::screen::Seal`]) as the login, in `auth.json`. Reports `KeyKept`, or a failure.
    KeepKey {
        /// The provider that it is for, too.
        provider: String,
    },
    /// Make a folder to try the demo in; it goes with the program. Reports `DemoMade`, or a failure.
    MakeDemo,
    /// Stop the program as Ctrl-Z does, and report `Resumed` when it is back.
    Suspend,
    /// Tell which moments of this run are still known. Reports `Past`, or a failure where none are kept.
    Past,
    /// Paint everything anew, whatever the terminal shows, and report `Done`.
    Repaint,
    /// Leave the program with this exit code once everything before this is done. Nothing comes back.
    Exit {
        /// Exit code, from [`crate::model::exit_code`].
        code: u8,
    },
}
