//! Tool calls: where each of them stands, and what it would do.

pub mod arguments;
pub mod close;
pub mod output;
pub mod run;
pub mod step;

use std::sync::Arc;

use crate::{
    engine::{RequestedPermissions, thread::consent::JudgedPlan},
    history::{CallKind, Part},
    item::UserQuestion,
    key::{CallId, ItemId, ProcessId, RequestId, Work},
    policy::Escalation,
    rollout::ApprovedBy,
};

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
    /// The id that its transcript item gets, and that its record was written with, until it has one.
    pub reserved: Option<ItemId>,
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
    /// Its tool works for it.
    Working(ToolState),
    /// It has its output.
    Done {
        /// What the model is told.
        content: Vec<Part>,
    },
}

/// What a tool waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolState {
    /// The files of its patch are being read or written.
    Patching {
        /// Number of the effect.
        serial: u64,
        /// The patch.
        patch: PatchCall,
        /// Written, not only read.
        writes: bool,
    },
    /// It is being found out where the paths lead that it asks for.
    ResolvingPaths {
        /// Number of the effect.
        serial: u64,
        /// What it asks for, by the text of its paths.
        permissions: RequestedPermissions,
    },
    /// The command that it started runs and the yield time has not passed.
    Process(ProcessWait),
    /// The command that it typed into runs and the yield time has not passed.
    Input(ProcessWait),
    /// What it asked for is under way, and it knows no more of it than its call says.
    Effect {
        /// Number of the effect.
        serial: u64,
        /// The first name of the tool that is at work.
        tool: &'static str,
    },
}

impl ToolState {
    /// Whether this work is what it waits for.
    pub fn awaits(&self, work: &Work) -> bool {
        match self {
            Self::Patching { serial, .. } | Self::ResolvingPaths { serial, .. } | Self::Effect { serial, .. } => {
                *work == Work::Tool(*serial)
            }
            Self::Process(wait) => wait.is_for(work),
            Self::Input(wait) => wait.is_for(work) || matches!(work, Work::Write(id, _) if *id == wait.process),
        }
    }

    /// The same with another wait, where it waits for a command.
    #[must_use]
    pub fn waiting(&self, wait: ProcessWait) -> Self {
        match self {
            Self::Process(_) => Self::Process(wait),
            Self::Input(_) => Self::Input(wait),
            Self::Patching { .. } | Self::ResolvingPaths { .. } | Self::Effect { .. } => self.clone(),
        }
    }

    /// How it waits for a command, if it does.
    pub fn process(&self) -> Option<ProcessWait> {
        match self {
            Self::Process(wait) | Self::Input(wait) => Some(*wait),
            Self::Patching { .. } | Self::ResolvingPaths { .. } | Self::Effect { .. } => None,
        }
    }
}

/// A call that waits for a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessWait {
    /// Which command.
    pub process: ProcessId,
    /// The yield timer.
    pub timer: u64,
    /// Output budget of the result in tokens.
    pub max_output_tokens: u64,
    /// When the call began to wait, monotonic milliseconds.
    pub since_ms: u64,
}

impl ProcessWait {
    fn is_for(self, work: &Work) -> bool {
        *work == Work::Process(self.process) || *work == Work::Timer(self.timer)
    }
}

/// What a tool wants next of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum CallStep {
    /// To wait: a report goes on with it.
    Wait(ToolState),
    /// To ask the user whether it may.
    Ask(Action, ApprovalContext),
    /// To do what it may.
    Run(Action),
    /// Nothing: the model is told this. Its item is finished.
    Done(Vec<Part>),
}

impl CallStep {
    /// The call is over, and the model reads this.
    pub fn done(text: impl Into<String>) -> Self {
        Self::Done(vec![Part::Text(text.into())])
    }
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
    /// What runs outside the sandbox may run more, which commands can change and which is not watched: each in a few words.
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
    /// The sandbox of commands that it was judged by, once it was.
    pub judged: Option<Box<JudgedPlan>>,
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
    /// The sandbox that it was judged with, once it was.
    pub judged: Option<Box<JudgedPlan>>,
    /// What allowed it to run, once something has.
    pub approved_by: Option<ApprovedBy>,
}
