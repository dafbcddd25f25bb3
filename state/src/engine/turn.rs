//! The turn machine's states.

pub mod begin;
pub mod context;
pub mod finish;
pub mod next;
pub mod origin;
pub mod request;
pub mod response;
pub mod retry;
pub mod stop;
pub mod stream;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use crate::{
    engine::tools::permissions::RequestedPermissions,
    history::{CallKind, Part},
    item::{Usage, UserInput, UserQuestion},
    key::{CallId, ItemId, ProcessId, RequestId, TurnId},
    policy::Escalation,
    rollout::ApprovedBy,
};

/// What a thread is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// Nothing.
    Idle,
    /// A turn runs.
    Running(Box<Running>),
}

/// A running turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    /// Its id in the rollout.
    pub id: TurnId,
    /// Its number, from 1.
    pub number: u64,
    /// When it began, monotonic milliseconds.
    pub started_ms: u64,
    /// How long it has waited for the user and done nothing else, the wait that goes on excepted.
    pub waited_ms: u64,
    /// Since when it does, monotonic milliseconds.
    pub waits_since_ms: Option<u64>,
    /// Requests sent so far; the last one's number is in its key.
    pub requests: u32,
    /// Where it stands.
    pub step: Step,
    /// Calls of the current response in call order, done ones included.
    pub calls: Vec<Call>,
    /// Inputs that go up with the next request.
    pub steer: Vec<UserInput>,
    /// Retries of broken streams since the last whole response, carried over rounds of calls.
    pub stream_retries: u32,
    /// Tokens of this turn.
    pub usage: Usage,
    /// The living plan item of this turn.
    pub plan: Option<ItemId>,
    /// What the user has granted to the commands of this turn.
    pub granted: RequestedPermissions,
    /// Commands that were started with what was granted for this turn; they end with it.
    pub widened: Vec<ProcessId>,
    /// Text of the last finished answer of this turn.
    pub last_message: Option<Arc<str>>,
}

impl Running {
    /// How long it has worked by now, in milliseconds: waiting for the user is no work.
    pub fn worked_ms(&self, now_ms: u64) -> u64 {
        let waits_ms = self.waits_since_ms.map_or(0, |since_ms| now_ms.saturating_sub(since_ms));
        now_ms.saturating_sub(self.started_ms).saturating_sub(self.waited_ms + waits_ms)
    }

    /// Notes whether it waits for the user from now on, and for nothing else.
    pub fn note_wait(&mut self, now_ms: u64) {
        let is_asking = |call: &Call| matches!(call.phase, CallPhase::AwaitingApproval { .. });
        let rests = |call: &Call| match &call.phase {
            CallPhase::New | CallPhase::AwaitingApproval { .. } | CallPhase::Done { .. } => true,
            CallPhase::Persisting { .. }
            | CallPhase::Patching { .. }
            | CallPhase::ReadingImage { .. }
            | CallPhase::ResolvingPaths { .. }
            | CallPhase::Running { .. } => false,
        };
        let waits = self.step == Step::RunningTools && self.calls.iter().any(is_asking) && self.calls.iter().all(rests);
        match self.waits_since_ms {
            None if waits => self.waits_since_ms = Some(now_ms),
            Some(since_ms) if !waits => {
                self.waited_ms += now_ms.saturating_sub(since_ms);
                self.waits_since_ms = None;
            }
            None | Some(_) => {}
        }
    }
}

/// Where a turn stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A request is out.
    Streaming(Attempt),
    /// A failed request waits for its retry.
    Waiting {
        /// Which timer ends the wait.
        timer: u64,
        /// When, monotonic milliseconds.
        until_ms: u64,
        /// What failed.
        reason: String,
        /// The failed attempt, whose open items the next one takes over.
        attempt: Attempt,
    },
    /// The response is whole; calls are being asked about or run.
    RunningTools,
    /// The turn was stopped; running commands are being ended.
    Stopping {
        /// Why.
        why: StopReason,
    },
}

/// Why a turn is being stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The user interrupted it, or cancelled it at a question.
    Interrupted,
}

/// How a turn ends. What follows is decided by its thread.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnEnd {
    /// The model is done.
    Completed,
    /// It could not go on.
    Failed,
    /// The user stopped it.
    Interrupted {
        /// What the user said since: what to do instead.
        instead: Vec<UserInput>,
    },
}

/// One request and what has come of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempt {
    /// Number of the request within its turn.
    pub request: u32,
    /// Retries before this one since the last success, before the stream began.
    pub request_retries: u32,
    /// Retries before this one since the last success, of broken streams.
    pub stream_retries: u32,
    /// Whether the server has answered.
    pub connected: bool,
    /// When the server was last heard of, monotonic milliseconds.
    pub heard_ms: u64,
    /// Open and finished items of this response by the response's item number.
    pub items: BTreeMap<u32, OpenItem>,
    /// Items of a failed earlier attempt that are still open on the screen, to be taken over.
    pub stale: Stale,
    /// Bytes of call arguments so far, as a sign of life.
    pub call_bytes: u64,
    /// An item has come that is an answer: text, a call, something that only the server knows.
    pub has_answered: bool,
}

/// Items that a failed attempt left open, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stale {
    /// Answers.
    pub answers: VecDeque<ItemId>,
    /// Reasoning.
    pub reasoning: VecDeque<ItemId>,
}

impl Stale {
    /// All of them, oldest first.
    pub fn all(&self) -> Vec<ItemId> {
        let mut all: Vec<ItemId> = self.answers.iter().chain(&self.reasoning).copied().collect();
        all.sort_unstable();
        all
    }
}

/// What a response item has become in the transcript.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenItem {
    /// The transcript item, if it has one.
    pub item: Option<ItemId>,
    /// Text received in this attempt, while the item still shows a longer text of a failed attempt.
    pub behind: Option<String>,
    /// The response item is complete.
    pub done: bool,
}

/// One tool call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// Tool name.
    pub name: String,
    /// JSON text or free text.
    pub arguments: Arc<str>,
    /// Function or custom.
    pub kind: CallKind,
    /// Its transcript item, if it has one.
    pub item: Option<ItemId>,
    /// Where it stands.
    pub phase: CallPhase,
}

/// Where a call stands.
#[derive(Clone, Debug, PartialEq)]
pub enum CallPhase {
    /// It has not been looked at.
    New,
    /// The user is being asked.
    AwaitingApproval {
        /// The request that waits for the answer.
        request: RequestId,
        /// What would be done.
        action: Action,
        /// Why it is asked, and what can be allowed for good.
        context: ApprovalContext,
    },
    /// It may run, and waits until the conversation that asked for it is on disk, so that no kill can leave behind a
    /// command that the session does not know.
    Persisting {
        /// What will be done.
        action: Action,
    },
    /// The files of its patch are being read or written.
    Patching {
        /// Number of the effect.
        serial: u64,
        /// The patch.
        patch: PatchCall,
        /// Written, not only read.
        writes: bool,
    },
    /// Its image is being read.
    ReadingImage {
        /// Number of the effect.
        serial: u64,
    },
    /// It is being found out where the paths lead that it asks for.
    ResolvingPaths {
        /// Number of the effect.
        serial: u64,
        /// What it asks for, by the text of its paths.
        permissions: RequestedPermissions,
    },
    /// Its command runs and the yield time has not passed.
    Running {
        /// Which session.
        process: ProcessId,
        /// The yield timer.
        timer: u64,
        /// Output budget of the result in tokens.
        max_output_tokens: u64,
        /// When the call began to run, monotonic milliseconds.
        since_ms: u64,
    },
    /// It has its output.
    Done {
        /// What the model is told.
        content: Vec<Part>,
    },
}

/// Why something is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovalContext {
    /// One sentence for the user; empty when the question says it all.
    pub reason: String,
    /// The beginning of commands that can be allowed for good.
    pub offered_rule: Option<Vec<String>>,
    /// The files that the command runs, and its folder when it has no sandbox.
    pub pinned: Option<PinnedFiles>,
    /// What runs outside the sandbox may run more, which commands can change and nobody watches: each in a few words.
    pub unpinned: Vec<String>,
    /// Whether a yes counts this once only: a rule wants to ask every time, or not all that runs is watched.
    pub is_once: bool,
}

/// Files that an asked command runs. What the user saw of them is what may run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PinnedFiles {
    /// Number of the look at them.
    pub look: u64,
    /// Their absolute paths.
    pub paths: Vec<String>,
    /// Their digests, once they were looked at.
    pub digests: Option<Vec<Option<String>>>,
}

/// What a call would do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Run a command, or type into one.
    Command(ShellCommand),
    /// Change files.
    Patch(PatchCall),
    /// Reach further in later commands.
    Permissions(RequestedPermissions),
    /// Know what the user thinks.
    Answers(Vec<UserQuestion>),
}

impl Action {
    /// Says whether it runs in the sandbox. Patches are written by ourselves, beneath their roots.
    pub fn confine(&mut self, sandboxed: bool) {
        match self {
            Self::Command(command) => command.sandboxed = sandboxed,
            Self::Patch(_) | Self::Permissions(_) | Self::Answers(_) => {}
        }
    }

    /// Says which files must still be what they were.
    pub fn expect(&mut self, unchanged: Vec<(String, Option<String>)>) {
        match self {
            Self::Command(command) => command.unchanged = unchanged,
            Self::Patch(_) | Self::Permissions(_) | Self::Answers(_) => {}
        }
    }

    /// The command, if it is one.
    pub fn command(&self) -> Option<&ShellCommand> {
        match self {
            Self::Command(command) => Some(command),
            Self::Patch(_) | Self::Permissions(_) | Self::Answers(_) => None,
        }
    }
}

/// A patch call after parsing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchCall {
    /// The patch as the model wrote it.
    pub text: Arc<str>,
    /// Folder that its paths are relative to, absolute.
    pub cwd: String,
    /// The digest of all that it does, once the files were read. What is written must be that.
    pub plan: Option<String>,
    /// Absolute paths of all files that it touches, once they were read.
    pub paths: Vec<String>,
}

/// A shell call after parsing: exactly what would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellCommand {
    /// The shell text as the model wrote it.
    pub text: String,
    /// The argument vector.
    pub argv: Vec<String>,
    /// Working folder, absolute.
    pub cwd: String,
    /// Whether it gets a terminal.
    pub tty: bool,
    /// How long to wait before the model is told that it still runs, in milliseconds.
    pub yield_ms: u64,
    /// Whether it is ended when that time is over, instead of going on in the background.
    pub is_bounded: bool,
    /// Output budget in tokens.
    pub max_output_tokens: u64,
    /// Set when this is input for a running command instead of a new one: `text` is what would be typed.
    pub input_to: Option<ProcessId>,
    /// Why the model wants it, in the model's words.
    pub justification: Option<String>,
    /// Set when the model asks to run it outside the sandbox.
    pub escalation: Option<Escalation>,
    /// Files that it runs, with the digests that they must still have.
    pub unchanged: Vec<(String, Option<String>)>,
    /// A place that commands can change and that has a say in which programs it runs.
    pub misled_by: Option<String>,
    /// Whether it runs in the sandbox. Said by the policy, never by the call.
    pub sandboxed: bool,
    /// Who said that it may run, once somebody has.
    pub approved_by: Option<ApprovedBy>,
}
