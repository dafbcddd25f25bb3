//! Facts from outside, nested by where they come from.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{tool::ToolReport, undo::UndoReport};
use crate::{
    fault::Fault,
    history::HistoryItem,
    item::Usage,
    key::ThreadId,
    msg::Size,
    rollout::RolloutLine,
    screen::{Scroll, Shown, completion::FoundFiles},
    text::head_tail::HeadTail,
    theme_file::ThemeFile,
};

/// A fact from outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// From the model's stream.
    Model(ModelReport),
    /// From a command.
    Command(CommandReport),
    /// What came of what a tool asked for.
    Tool(ToolReport),
    /// The digests of files, in order; `None` where nothing is, [`UNREAD`] for what cannot be looked at.
    FileDigests(Vec<Option<String>>),
    /// About what turns changed in the files.
    Undo(UndoReport),
    /// From the session store.
    Store(StoreReport),
    /// From the machine and the terminal.
    Host(HostReport),
    /// A timer has run out.
    Elapsed,
    /// The effect failed; nothing more comes under its key.
    Failed(Fault),
}

impl Report {
    /// Whether this is the last report under its key.
    pub fn is_last(&self) -> bool {
        match self {
            Self::Model(report) => matches!(report, ModelReport::Completed { .. }),
            Self::Command(report) => {
                matches!(
                    report,
                    CommandReport::Exited { .. }
                        | CommandReport::Outdated { .. }
                        | CommandReport::Misled { .. }
                        | CommandReport::Written
                )
            }
            Self::Store(report) => !matches!(report, StoreReport::Searched { is_done: false, .. }),
            Self::Tool(_) | Self::Undo(_) | Self::FileDigests(_) | Self::Elapsed | Self::Failed(_) => true,
            Self::Host(HostReport::Found(found)) => found.is_done,
            Self::Host(report) => !matches!(
                report,
                HostReport::Painted { .. }
                    | HostReport::Sealed { .. }
                    | HostReport::Answers
                    | HostReport::Ground { .. }
                    | HostReport::Seen { .. }
                    | HostReport::Scrolled { .. }
                    | HostReport::Signal { .. }
            ),
        }
    }
}

/// A fact from the model's stream. `item` numbers the response's items from 0 in order of appearance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ModelReport {
    /// The server answered; the stream begins.
    Connected,
    /// A piece of answer text.
    Text {
        /// Which item.
        item: u32,
        /// The piece.
        delta: String,
    },
    /// A piece of a reasoning summary.
    Summary {
        /// Which item.
        item: u32,
        /// Which summary part, from 0.
        part: u32,
        /// The piece.
        delta: String,
    },
    /// A piece of raw reasoning.
    Reasoning {
        /// Which item.
        item: u32,
        /// Which content part, from 0.
        part: u32,
        /// The piece.
        delta: String,
    },
    /// Bytes of a call's arguments arrived; only their count is told, as a sign of life.
    CallInput {
        /// Which item.
        item: u32,
        /// Bytes in this piece.
        bytes: u64,
    },
    /// An item is complete.
    ItemDone {
        /// Which item.
        item: u32,
        /// The item.
        done: Arc<HistoryItem>,
    },
    /// The response is over.
    Completed {
        /// Token counts, where the server gave them.
        usage: Option<Usage>,
        /// How it ended.
        ended: Ended,
    },
}

/// How a response ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ended {
    /// `response.completed`, or an end of the stream that counts as one.
    Whole,
    /// `response.incomplete`.
    Incomplete {
        /// The server's reason, for instance `max_output_tokens`.
        reason: String,
    },
}

/// Who keeps the sandbox of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// The system's bubblewrap.
    Bubblewrap,
    /// Quire itself, with namespaces of its own.
    Native,
    /// Landlock and seccomp alone.
    Landlock,
    /// There is none.
    #[default]
    None,
}

/// The digest of what is there and cannot be looked at: no plain file, unreadable, or too large.
pub const UNREAD: &str = "unread";

/// A fact from a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CommandReport {
    /// It begins later: what its shell sets up is looked through first.
    Waiting,
    /// What its plan lets it do and its sandbox does not, a sentence each, and why it was ended by it. Comes before the start or
    /// the end, if at all.
    Limited {
        /// Told with its result.
        notes: Vec<String>,
        /// Told with its result when it fails.
        on_failure: Vec<String>,
    },
    /// It runs.
    Started {
        /// Process id.
        pid: u32,
        /// Who keeps its sandbox.
        #[serde(default)]
        backend: Backend,
    },
    /// Commands that could change what it runs stand still until it has read it.
    Standstill {
        /// How many.
        commands: usize,
    },
    /// It printed. Pieces merge by [`HeadTail::append`].
    Output(HeadTail),
    /// It, or another tool, has changed files that are watched. Comes before the end, if at all.
    Changed,
    /// It, or another tool, has changed what steers a later start of Quire or of the user's tools. Comes before the end, if at
    /// all.
    Steered(Vec<Steered>),
    /// It ended, and all its output has been reported.
    Exited {
        /// Exit code; 128 + n for signal n.
        code: i32,
        /// Wall time in milliseconds.
        wall_ms: u64,
    },
    /// It was not started: a file that it runs is not what it was when the user was asked.
    Outdated {
        /// The file.
        path: String,
    },
    /// It was not started: what commands can change has a say in which program that is.
    Misled {
        /// The program.
        program: String,
        /// The place on the way to it.
        path: String,
    },
    /// A write or signal was delivered.
    Written,
}

/// Something that a tool changed although it steers a later start of Quire or of the user's tools.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Steered {
    /// The file or folder, absolute.
    pub path: String,
    /// Whom it steers.
    pub by: SteeredBy,
}

/// Whom a file steers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SteeredBy {
    /// Git: the folder has become a repository, whose configuration can name programs.
    Repository,
    /// Git, or a manager of its hooks, runs the file or reads it.
    Git,
    /// The model: later sessions read the file as instructions.
    Instructions,
    /// Quire reads it when it starts.
    Quire,
    /// A shell or another tool of the user reads it when it starts.
    StartFile,
    /// Unknown: not every folder below this root could be looked through for repositories.
    Unseen,
}

/// A fact from the session store. Each is the only one under its key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StoreReport {
    /// The lines are written (and on disk, where that was asked for).
    Appended,
    /// A thread is stored there.
    Located {
        /// Its rollout file.
        path: String,
    },
    /// A stored thread.
    Loaded {
        /// Its rollout file.
        path: String,
        /// The name that the user gave it.
        #[serde(default)]
        name: Option<String>,
        /// Its records in order.
        records: Vec<RolloutLine>,
        /// Torn or unknown lines that were skipped.
        skipped: u64,
        /// Its oldest records that are not among these, because it is too long.
        #[serde(default)]
        left_out: u64,
    },
    /// Stored threads, the last changed first.
    Listed(Vec<StoredThread>),
    /// What a search found so far.
    Searched {
        /// Threads in which all words occur that were not reported yet, and the line that has the first of the words.
        hits: Vec<(ThreadId, String)>,
        /// Whether that is all.
        is_done: bool,
    },
    /// What was said last in a stored thread, in order.
    Told(Vec<StoredMessage>),
    /// Settings are saved.
    Saved {
        /// The file.
        path: String,
    },
}

/// A message of a stored thread, its beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMessage {
    /// Whether the user said it, and not the model.
    pub is_user: bool,
    /// What was said.
    pub text: String,
}

/// What a stored thread is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredThread {
    /// Its id.
    pub id: ThreadId,
    /// The folder that it was begun in.
    pub cwd: String,
    /// When it was begun, milliseconds since 1970.
    pub created_unix_ms: i64,
    /// When it changed last, milliseconds since 1970.
    pub updated_unix_ms: i64,
    /// The first line that the user said.
    pub title: Option<String>,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// The model of its last turn.
    pub model: Option<String>,
    /// Tokens so far, all together.
    pub tokens: u64,
}

/// A model server of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalServer {
    /// The provider of the configuration that it is.
    pub provider: String,
    /// What it is called.
    pub name: String,
    /// Where it answers: `localhost:11434`.
    pub place: String,
    /// Its models, by name.
    pub models: Vec<String>,
}

/// A fact from the machine or the terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum HostReport {
    /// The clipboard request is done: by which road, in words.
    Copied {
        /// What was done, a sentence without its full stop: `Copy sent to the terminal by OSC 52`.
        road: String,
    },
    /// The file is written.
    Exported {
        /// Which one.
        path: String,
    },
    /// The program was suspended and is back, with this terminal size.
    Resumed {
        /// Size now.
        size: Size,
    },
    /// The editor has ended well, and has left this text.
    Edited {
        /// The text.
        text: String,
    },
    /// The request is done and there is nothing to say.
    Done,
    /// The model servers of this machine that answered.
    Servers(Vec<LocalServer>),
    /// So much of a secret is typed. What it is stays outside.
    Sealed {
        /// Characters.
        chars: usize,
    },
    /// The key that was typed is the login now.
    KeyKept {
        /// The file that holds it.
        path: String,
        /// The digits that tell it from others.
        origin: String,
    },
    /// A folder for the demo is there.
    DemoMade {
        /// The folder, absolute.
        path: String,
    },
    /// Files that were looked for; more may come.
    Found(FoundFiles),
    /// A frame that shows this question has been written to the terminal.
    Painted {
        /// The question's number, from [`crate::screen::Question::serial`].
        question: u64,
        /// The rows of what is asked about that the frame shows.
        #[serde(default = "Shown::whole")]
        rows: Shown,
    },
    /// The terminal answers queries. From now on it has to answer one that was sent behind a question before a key can
    /// answer the question.
    Answers,
    /// These moments of this run are known, by the number of messages before them.
    Past {
        /// The oldest.
        first: u64,
        /// The newest.
        last: u64,
    },
    /// The user's themes are read.
    Themes {
        /// Those that are themes, by name.
        files: Vec<Arc<ThemeFile>>,
        /// Those that are none, each in a sentence with its file and line.
        faults: Vec<String>,
    },
    /// The terminal has told the colour of its ground.
    Ground {
        /// Whether it is light.
        is_light: bool,
    },
    /// The terminal has answered a query that was sent behind a frame that shows this question: it got that far.
    Seen {
        /// The question's number, as for [`HostReport::Painted`].
        question: u64,
        /// The rows that the frame shows.
        #[serde(default = "Shown::whole")]
        rows: Shown,
    },
    /// A frame has led where it was scrolled to: to a row, or to the end.
    Scrolled {
        /// What was wished.
        from: Scroll,
        /// What the frame shows.
        to: Scroll,
    },
    /// A signal arrived.
    Signal {
        /// Its number.
        number: u8,
    },
}
