//! What a thread's rollout file holds, in our own words. `effects` writes each record as one line in the
//! Codex CLI's format and reads that format back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    history::HistoryItem,
    item::Usage,
    key::{CallId, ItemId, ThreadId},
    msg::Backend,
    policy::SandboxPlan,
};

/// A record with the wall-clock time of its writing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RolloutLine {
    /// Milliseconds since 1970.
    pub unix_ms: i64,
    /// The record.
    pub item: RolloutItem,
    /// The transcript item that shows it, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_as: Option<ItemId>,
}

impl RolloutLine {
    /// A record that no transcript item shows.
    pub fn new(unix_ms: i64, item: RolloutItem) -> Self {
        Self { unix_ms, item, shown_as: None }
    }
}

/// One line of a rollout file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RolloutItem {
    /// `session_meta`: the first line.
    Meta(Box<SessionMeta>),
    /// `turn_context`: the settings that a turn runs under.
    TurnContext(Box<TurnContext>),
    /// `response_item`: an item of the conversation.
    History(Arc<HistoryItem>),
    /// `compacted`: the conversation was replaced by this one. Only read, until compaction is built.
    Compacted {
        /// The summary.
        message: String,
        /// The new conversation, where the file holds it.
        replacement: Vec<Arc<HistoryItem>>,
    },
    /// `event_msg` `task_started`.
    TurnStarted {
        /// Turn id.
        turn: String,
        /// The model's context window, tokens.
        context_window: Option<u64>,
    },
    /// `event_msg` `user_message`.
    UserMessage {
        /// The text as the user wrote it.
        text: String,
        /// `data:` URLs of its images.
        images: Vec<Arc<str>>,
    },
    /// `event_msg` `agent_message`.
    AgentMessage {
        /// The text.
        text: Arc<str>,
        /// Commentary or final answer.
        phase: Option<String>,
    },
    /// `event_msg` `agent_reasoning`: one summary part.
    AgentReasoning {
        /// The text.
        text: String,
    },
    /// `event_msg` `token_count`.
    TokenCount {
        /// The thread's sum.
        total: Usage,
        /// The last response's counts.
        last: Usage,
        /// The model's context window, tokens.
        context_window: Option<u64>,
    },
    /// `event_msg` `exec_command_end`: how a command came to run, or not to. What it printed is an item of the conversation.
    Command(Box<AuditRecord>),
    /// `event_msg` `task_complete`.
    TurnCompleted {
        /// Turn id.
        turn: String,
        /// The last answer text.
        last_message: Option<Arc<str>>,
        /// Wall time in milliseconds.
        duration_ms: u64,
    },
    /// `event_msg` `turn_aborted`.
    TurnAborted {
        /// Turn id.
        turn: String,
        /// `interrupted`, or `error`.
        reason: String,
    },
    /// `event_msg` `thread_rolled_back`: the last things that the user said are taken out of the conversation, with all that
    /// followed. Files stay as they are.
    RolledBack {
        /// How many things the user said.
        messages: u64,
    },
    /// `event_msg` `error`: a turn failed with this sentence.
    TurnError {
        /// Why.
        message: String,
    },
}

impl RolloutItem {
    /// The meta, if it is one.
    pub fn meta(&self) -> Option<&SessionMeta> {
        if let Self::Meta(meta) = self { Some(meta) } else { None }
    }
}

/// Whose session these records are of: the first meta says so. Later ones are of threads that it was forked from.
pub fn meta(records: &[RolloutLine]) -> Option<&SessionMeta> {
    records.iter().find_map(|line| line.item.meta())
}

/// How a command came to run, or not to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// The call that wanted it.
    pub call: CallId,
    /// The turn of that call.
    pub turn: String,
    /// The argument vector.
    pub argv: Vec<String>,
    /// Its folder, absolute.
    pub cwd: String,
    /// What allowed it; `None` when nothing did.
    pub approved_by: Option<ApprovedBy>,
    /// The sandbox that it was to run in; `None`: none.
    pub sandbox: Option<SandboxPlan>,
    /// Who kept it, once it was started.
    pub backend: Option<Backend>,
    /// What became of it.
    pub outcome: CommandOutcome,
}

/// Who said yes to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovedBy {
    /// The approval policy, which did not want it to be asked about.
    Policy,
    /// A rule that allows it.
    Rule,
    /// The user, earlier in this session.
    Session,
    /// The user, this once.
    User,
    /// The user, for the rest of the session.
    UserForSession,
    /// The user, by a rule that is kept.
    UserAlways,
}

/// What became of a command that was wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommandOutcome {
    /// It ran and ended.
    Exited {
        /// Exit code; 128 + n for signal n.
        code: i32,
        /// Wall time in milliseconds.
        wall_ms: u64,
    },
    /// Its sandbox could not be set up, so nothing was started.
    Refused {
        /// Why, in a sentence.
        reason: String,
    },
    /// It could not be started for another reason.
    Failed {
        /// Why, in a sentence.
        reason: String,
    },
    /// The policy, a rule or the user said no.
    Declined {
        /// What the model was told.
        reason: String,
    },
    /// The turn was interrupted before it started.
    Aborted,
}

/// The first line of a rollout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionMeta {
    /// Thread id.
    pub id: ThreadId,
    /// When the session began, milliseconds since 1970.
    pub started_unix_ms: i64,
    /// Working folder.
    pub cwd: String,
    /// Which face began it: `codex_exec`, `codex-tui`.
    pub originator: String,
    /// Version of the writing program.
    pub cli_version: String,
    /// `cli` for the TUI, `exec` for scripts.
    pub source: String,
    /// Provider name.
    pub model_provider: String,
    /// Base instructions.
    pub instructions: Option<String>,
    /// Thread that this one was forked from.
    pub forked_from: Option<ThreadId>,
}

/// The settings of a turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnContext {
    /// Turn id.
    pub turn: String,
    /// Working folder.
    pub cwd: String,
    /// Date as yyyy-mm-dd.
    pub date: String,
    /// IANA time zone name.
    pub timezone: String,
    /// Approval policy, in its configuration spelling.
    pub approval_policy: String,
    /// Sandbox mode, in its configuration spelling.
    pub sandbox_mode: String,
    /// Model slug.
    pub model: String,
    /// Reasoning effort.
    pub effort: Option<String>,
    /// Reasoning summary setting.
    pub summary: Option<String>,
    /// Which server and account answer, as far as it tells them from others.
    #[serde(default)]
    pub origin: Option<String>,
}
