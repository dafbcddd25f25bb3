//! Intents: what a keyboard, a command line, a script or a remote client may ask for.

use serde::{Deserialize, Serialize};

use crate::{
    changes::Consent,
    engine::thread::settings::SettingsChange,
    item::UserInput,
    key::{ProcessId, RequestId, ThreadId, TurnId},
};

/// An intent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// Open a new thread.
    StartThread {
        /// What is other than the settings of new threads.
        change: SettingsChange,
        /// What is said first.
        first: Option<UserInput>,
    },
    /// Open a stored thread. It is answered when the thread has been read.
    ResumeThread {
        /// Thread id, name or path; empty for the newest.
        target: String,
        /// Folder that "newest" is meant for; `None` for anywhere.
        cwd: Option<String>,
        /// What is other than the settings of new threads.
        change: SettingsChange,
        /// What is said first.
        first: Option<UserInput>,
    },
    /// Copy a thread into a new one, with a file of its own. It may be open, and run, or be stored. It is answered when the copy
    /// is there; a turn that ran is interrupted in the copy.
    ForkThread {
        /// What is copied.
        source: Box<ForkSource>,
        /// What is other than the settings of an open source, or of new threads for a stored one.
        change: SettingsChange,
        /// What is said first.
        first: Option<UserInput>,
    },
    /// Close a thread: stop its turn, end its commands, write everything down. Other threads go on.
    CloseThread {
        /// The thread.
        thread: ThreadId,
    },
    /// Start a turn with this input. Refused while one runs.
    Submit {
        /// The thread.
        thread: ThreadId,
        /// What the user says.
        input: UserInput,
    },
    /// Add to a running turn: the input goes up with its next request.
    Steer {
        /// The thread.
        thread: ThreadId,
        /// The turn that is meant.
        turn: TurnId,
        /// What the user says.
        input: UserInput,
    },
    /// Hold this input until the running turn has ended; without one, start a turn.
    Queue {
        /// The thread.
        thread: ThreadId,
        /// What the user says.
        input: UserInput,
    },
    /// Take the newest held input back out of the queue.
    Unqueue {
        /// The thread.
        thread: ThreadId,
    },
    /// Stop a running turn.
    Interrupt {
        /// The thread.
        thread: ThreadId,
        /// The turn that is meant.
        turn: TurnId,
    },
    /// Answer a request. The first valid answer to an open request counts.
    Respond {
        /// Which request.
        request: RequestId,
        /// The answer.
        response: Response,
    },
    /// Change the settings of a thread. A turn that runs goes on with those that it began with.
    ChangeSettings {
        /// The thread.
        thread: ThreadId,
        /// What is to be other than it is.
        change: SettingsChange,
    },
    /// Take the last turns out of the conversation: of what the model sees and of the transcript. Files stay as they are. Not
    /// while a turn runs.
    RollBack {
        /// The thread.
        thread: ThreadId,
        /// How many turns.
        turns: usize,
    },
    /// Give a thread a name, by which it is listed and can be resumed. What does not print is taken out of it.
    RenameThread {
        /// The thread.
        thread: ThreadId,
        /// Its name.
        name: String,
    },
    /// Run a command in the user's shell, with the user's rights and beside a turn that may run. The model is told what came of
    /// it with the next request.
    RunCommand {
        /// The thread.
        thread: ThreadId,
        /// The shell text.
        command: String,
    },
    /// End the commands of the user that run.
    InterruptCommands {
        /// The thread.
        thread: ThreadId,
    },
    /// Show which commands run.
    ListCommands {
        /// The thread.
        thread: ThreadId,
    },
    /// End commands that run, with everything that they started.
    StopCommands {
        /// The thread.
        thread: ThreadId,
        /// Which one; `None` for all.
        process: Option<ProcessId>,
    },
    /// Show what the running turn has changed in the files, or the last one.
    Diff {
        /// The thread.
        thread: ThreadId,
    },
    /// Take back what the newest turn that stands has changed in the files. Not while a turn runs.
    Undo {
        /// The thread.
        thread: ThreadId,
        /// Whether the rest is taken back where something stands in the way.
        consent: Consent,
    },
    /// Take back what these turns have changed in the files, the newest first; what something stands in the way of is left
    /// alone. Not while a turn runs.
    UndoTurns {
        /// The thread.
        thread: ThreadId,
        /// The turns, in their order; at least one.
        turns: Vec<TurnId>,
    },
    /// Bring back what was taken back last. Not while a turn runs.
    Redo {
        /// The thread.
        thread: ThreadId,
        /// Whether the rest is brought back where something stands in the way.
        consent: Consent,
    },
    /// End the program in order, as a user asks for it.
    Quit,
    /// End the program because of a signal: 128 + its number is the exit code.
    Terminate {
        /// Signal number.
        signal: u8,
    },
}

impl Op {
    /// What the user says with it, if anything.
    pub fn input(&self) -> Option<&UserInput> {
        match self {
            Self::StartThread { first, .. } | Self::ResumeThread { first, .. } | Self::ForkThread { first, .. } => {
                first.as_ref()
            }
            Self::Submit { input, .. } | Self::Steer { input, .. } | Self::Queue { input, .. } => Some(input),
            Self::Unqueue { .. }
            | Self::Interrupt { .. }
            | Self::Respond { .. }
            | Self::CloseThread { .. }
            | Self::ChangeSettings { .. }
            | Self::RollBack { .. }
            | Self::RenameThread { .. }
            | Self::RunCommand { .. }
            | Self::InterruptCommands { .. }
            | Self::ListCommands { .. }
            | Self::StopCommands { .. }
            | Self::Diff { .. }
            | Self::Undo { .. }
            | Self::UndoTurns { .. }
            | Self::Redo { .. }
            | Self::Quit
            | Self::Terminate { .. } => None,
        }
    }
}

/// What of a thread is copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForkSource {
    /// Thread id, name or path; empty for the newest stored one.
    pub target: String,
    /// Folder that "newest" is meant for; `None` for anywhere.
    pub cwd: Option<String>,
    /// How far it is copied.
    pub at: ForkPoint,
}

/// How far a thread is copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ForkPoint {
    /// All of it.
    End,
    /// Up to the end of this turn.
    Through(TurnId),
    /// Up to the beginning of this turn.
    Before(TurnId),
}

/// The answer to a request. It must fit what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response {
    /// To an approval.
    Review(ReviewDecision),
    /// To questions of the model: one text for each, in order.
    Answers(Vec<String>),
    /// To whether what a trusted folder brings is used.
    Trust {
        /// Whether it is.
        is_used: bool,
    },
}

/// The answer to an approval question. Whatever is no valid answer means no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReviewDecision {
    /// Run it, this once.
    Accept,
    /// Run it, and the same command in the same folder again without asking until the session ends.
    AcceptForSession,
    /// Run it, and keep the rule that was offered, so that commands which begin so are not asked about again. Where no rule
    /// was offered this is no valid answer.
    AcceptAlways,
    /// Do not run it; the model goes on and is told why.
    Decline {
        /// A sentence to the model.
        reason: Option<String>,
    },
    /// Do not run it and end the turn.
    CancelTurn,
}
