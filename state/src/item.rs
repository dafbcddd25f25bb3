//! The transcript: what the user sees of a thread, item by item.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    key::{CallId, ItemId, ProcessId},
    text::head_tail::HeadTail,
};

/// One entry of the transcript. `revision` changes with every change, so that painters can keep a memo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Its name within the thread.
    pub id: ItemId,
    /// Differs after every change.
    pub revision: u32,
    /// Whether more may still be added. A finished item never changes again.
    pub open: bool,
    /// What it is.
    pub kind: ItemKind,
}

impl Item {
    /// Counts a change that added this many bytes. Counting bytes, not messages, keeps merged messages equal to single ones.
    pub fn grow(&mut self, bytes: usize) {
        self.revision = self.revision.wrapping_add(bytes as u32);
    }
}

/// The kinds of transcript items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ItemKind {
    /// What the user said.
    User(UserInput),
    /// The model's answer, Markdown.
    Agent {
        /// Text so far. Append-only while open, except when a retry gives another text.
        text: String,
        /// `commentary` or `final_answer`, where the model says so.
        phase: Option<String>,
        /// The turn ended before the model had finished this text.
        cut: bool,
    },
    /// The model's reasoning summary (or raw reasoning), Markdown, a string per part.
    Reasoning {
        /// Parts so far.
        parts: Vec<String>,
    },
    /// A shell command.
    Command(CommandItem),
    /// A patch of files.
    Patch(PatchItem),
    /// Questions of the model to the user.
    Questions(UserQuestions),
    /// What a turn changed in the files.
    Diff(DiffItem),
    /// The plan as last updated, one living item per turn.
    Plan(Plan),
    /// Input typed into a command that runs.
    Input(InputItem),
    /// An image that the model looks at.
    Image(ImageItem),
    /// Permissions that the model asks for.
    Permissions(PermissionsItem),
    /// What the server has searched the web for.
    WebSearch(WebSearchItem),
    /// A call that was refused as it is, or of a stored session: all that is known is its name and its text.
    Call(CallItem),
    /// A sentence of Quire's own.
    Note {
        /// How much it matters.
        level: Level,
        /// The sentence.
        text: String,
    },
    /// The line under a finished turn.
    TurnEnd {
        /// Wall time of the turn in milliseconds.
        worked_ms: u64,
        /// When it ended, in minutes of the day where the user is, if that is known.
        #[serde(default)]
        ended: Option<u16>,
        /// Tokens that it took; 0 if that is not known.
        #[serde(default)]
        tokens: u64,
    },
}

impl ItemKind {
    /// The text of the model that a response streams, if it is such; nothing else grows with a response.
    pub fn streamed(&self) -> Option<Streamed<'_>> {
        match self {
            Self::Agent { text, .. } => Some(Streamed::Answer(text)),
            Self::Reasoning { parts } => Some(Streamed::Reasoning(parts)),
            Self::User(_)
            | Self::Command(_)
            | Self::Patch(_)
            | Self::Questions(_)
            | Self::Diff(_)
            | Self::Plan(_)
            | Self::Input(_)
            | Self::Image(_)
            | Self::Permissions(_)
            | Self::WebSearch(_)
            | Self::Call(_)
            | Self::Note { .. }
            | Self::TurnEnd { .. } => None,
        }
    }
}

/// What a response streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streamed<'a> {
    /// The answer, Markdown.
    Answer(&'a str),
    /// Reasoning, a text per part.
    Reasoning(&'a [String]),
}

/// How much a note matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Good to know.
    Info,
    /// Something is odd, the work goes on.
    Warning,
    /// Something failed.
    Error,
}

/// What a user submitted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UserInput {
    /// The text, pastes expanded.
    pub text: String,
    /// Images that go with it, in order of their `[Image #N]` placeholders.
    pub images: Vec<ImageInput>,
}

impl UserInput {
    /// Text without images.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), images: Vec::new() }
    }
}

/// An attached image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageInput {
    /// File name as the user knows it.
    pub name: String,
    /// `data:` URL.
    pub url: Arc<str>,
}

/// A command in the transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandItem {
    /// The call that asked for it.
    pub call: CallId,
    /// The user ran it, by `!COMMAND`.
    #[serde(default)]
    pub by_user: bool,
    /// Its terminal session, once started.
    pub process: Option<ProcessId>,
    /// The shell text as the model wrote it.
    pub command: String,
    /// The argument vector that runs.
    pub argv: Vec<String>,
    /// Working folder.
    pub cwd: String,
    /// Where it stands.
    pub status: CommandStatus,
    /// Output so far, head and tail.
    pub output: HeadTail,
    /// Wall time in milliseconds, once over.
    pub wall_ms: Option<u64>,
    /// What the sandbox was in the way of, and what would allow it.
    #[serde(default)]
    pub blocked: Option<String>,
}

/// Where a command stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommandStatus {
    /// The user is being asked.
    AwaitingApproval,
    /// It runs.
    Running,
    /// It still runs, and the model was told so; its further output comes with `write_stdin`.
    Background {
        /// Its terminal session.
        process: ProcessId,
    },
    /// It ran and exited.
    Exited {
        /// Exit code; 128 + n for signal n.
        code: i32,
    },
    /// It could not be started.
    FailedToStart {
        /// Why.
        reason: String,
    },
    /// The user (or the policy) said no; nothing ran.
    Declined {
        /// What the model was told.
        reason: String,
    },
    /// The turn was interrupted before it started or while it ran.
    Aborted,
}

/// Input typed into a command that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputItem {
    /// The command.
    pub process: ProcessId,
    /// What is typed; empty to wait only.
    pub chars: String,
    /// The arguments of the call as the model wrote them.
    pub arguments: String,
    /// What the command printed meanwhile, or why nothing was typed, once known.
    pub output: Option<String>,
    /// It was not typed, or the turn was stopped.
    pub failed: bool,
}

/// An image that the model looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageItem {
    /// The file, absolute.
    pub path: String,
    /// The arguments of the call as the model wrote them.
    pub arguments: String,
    /// Its size in words, or why it was not shown, once known.
    pub output: Option<String>,
    /// It was not shown.
    pub failed: bool,
}

/// Permissions that the model asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionsItem {
    /// The arguments of the call as the model wrote them.
    pub arguments: String,
    /// Where the call stands.
    pub status: PermissionsStatus,
}

/// Where a call for permissions stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PermissionsStatus {
    /// The user is being asked, or it is being found out where the paths lead.
    Asking,
    /// They were granted.
    Granted {
        /// For how long, and what: a sentence.
        text: String,
    },
    /// They were not granted.
    Declined {
        /// What the model was told.
        reason: String,
    },
    /// The turn was stopped before an answer.
    Aborted,
}

/// What the server has searched the web for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebSearchItem {
    /// What was searched for or opened; empty when the server does not say.
    pub query: String,
    /// What was done: a sentence.
    pub done: String,
    /// It failed.
    pub failed: bool,
}

/// A call of which only its name and its text are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallItem {
    /// Tool name.
    pub name: String,
    /// Arguments as the model wrote them.
    pub arguments: String,
    /// Text of the output, once known.
    pub output: Option<String>,
    /// The call did not succeed.
    pub failed: bool,
}

/// Questions of the model to the user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserQuestions {
    /// The call that asks.
    pub call: CallId,
    /// The questions.
    pub questions: Vec<UserQuestion>,
    /// The answers, one for each, once given; never for questions that were withdrawn.
    pub answers: Option<Vec<String>>,
}

/// One question of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserQuestion {
    /// The model's name for it.
    pub id: String,
    /// A few words.
    #[serde(default)]
    pub header: String,
    /// The question.
    pub question: String,
    /// What may be answered; something else may be answered all the same.
    #[serde(default)]
    pub options: Vec<UserOption>,
}

/// An answer that the model suggests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserOption {
    /// The answer.
    pub label: String,
    /// What it means.
    #[serde(default)]
    pub description: String,
}

/// A patch in the transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatchItem {
    /// The call that asked for it.
    pub call: CallId,
    /// Where it stands.
    pub status: PatchStatus,
    /// What it does, file by file: as the patch says at first, as the files say once they were read.
    pub files: Vec<PatchFile>,
}

/// Where a patch stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PatchStatus {
    /// The files are being read.
    Checking,
    /// The user is being asked.
    AwaitingApproval,
    /// The files are being written.
    Applying,
    /// All files are written.
    Applied,
    /// It does not fit, or could not be written; no file was changed.
    Rejected {
        /// What the model was told.
        reason: String,
    },
    /// The user (or the policy) said no; no file was changed.
    Declined {
        /// What the model was told.
        reason: String,
    },
    /// The turn was interrupted before it was written.
    Aborted,
}

/// What a patch does to one file, to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchFile {
    /// What happens to it.
    pub kind: PatchKind,
    /// Its path as the patch wrote it.
    pub path: String,
    /// Its absolute path, once the files were read.
    pub absolute: Option<String>,
    /// Where links on its way lead, if that is another place; absolute, once the files were read.
    #[serde(default)]
    pub leads_to: Option<String>,
    /// Where it goes, if it moves, as the patch wrote it.
    pub move_to: Option<String>,
    /// The absolute path of where it goes, once the files were read.
    pub absolute_target: Option<String>,
    /// Where links on the way to that lead, if that is another place.
    #[serde(default)]
    pub target_leads_to: Option<String>,
    /// Lines that are new.
    pub added_lines: u64,
    /// Lines that go.
    pub removed_lines: u64,
    /// Its lines, hunk by hunk, cut where they are very many.
    pub hunks: Vec<PatchHunk>,
    /// What was cut off.
    #[serde(default)]
    pub hidden: Hidden,
}

/// What is not shown of a file of a patch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Lines of which at least a part is missing.
    pub lines: u64,
    /// Bytes that are missing.
    pub bytes: u64,
}

impl Hidden {
    /// Whether everything is shown.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl PatchFile {
    /// The absolute paths that it writes to: as they were written, and where links lead.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        let places = [&self.absolute, &self.leads_to, &self.absolute_target, &self.target_leads_to];
        places.into_iter().flatten().map(String::as_str)
    }
}

/// What a patch does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PatchKind {
    /// Writes it whole.
    Add,
    /// Changes it.
    Update,
    /// Removes it.
    Delete,
}

/// Lines of a patch that stand together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchHunk {
    /// Numbers of its first line in the old and the new file, from 1; `None` before the files were read.
    pub starts: Option<(u64, u64)>,
    /// Its lines, each with ` `, `+` or `-` in front and a line end behind.
    pub body: String,
}

/// What a turn changed in the files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffItem {
    /// The files in the order of their paths; the first [`crate::limits::DIFF_FILES`].
    pub files: Vec<ChangedFile>,
    /// How many there are.
    pub file_count: u64,
    /// Lines that are new, in all files.
    pub added_lines: u64,
    /// Lines that went.
    pub removed_lines: u64,
    /// There may be more changes than these.
    pub is_partial: bool,
    /// How many commands of the turn, the first ones, are not covered.
    #[serde(default)]
    pub early: u64,
    /// The turn was taken back.
    pub is_undone: bool,
}

/// What a turn changed in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// The file with its lines, cut where they are very many.
    pub file: PatchFile,
    /// What the lines do not say: a sentence.
    pub note: Option<String>,
}

/// A plan: what the model intends, step by step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Why the plan changed, if the model said so.
    pub explanation: Option<String>,
    /// The steps in order.
    pub steps: Vec<PlanStep>,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    /// What is to be done.
    pub step: String,
    /// How far it is.
    pub status: StepStatus,
}

/// How far a plan step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Not begun.
    Pending,
    /// Being done.
    InProgress,
    /// Done.
    Completed,
}

/// Token counts, as the server reports them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the request, cached ones included.
    pub input_tokens: u64,
    /// Of those, read from the server's cache.
    pub cached_input_tokens: u64,
    /// Tokens of the answer, reasoning included.
    pub output_tokens: u64,
    /// Of those, reasoning.
    pub reasoning_output_tokens: u64,
    /// All together.
    pub total_tokens: u64,
}

impl Usage {
    /// Field-wise sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            cached_input_tokens: self.cached_input_tokens.saturating_add(other.cached_input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            reasoning_output_tokens: self.reasoning_output_tokens.saturating_add(other.reasoning_output_tokens),
            total_tokens: self.total_tokens.saturating_add(other.total_tokens),
        }
    }
}
