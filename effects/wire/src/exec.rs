//! The events of `exec --json`, one object a line on standard output (behaviour.md section 5).

use serde::Serialize;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type")]
pub enum Event<'a> {
    /// The thread is open.
    #[serde(rename = "thread.started")]
    ThreadStarted {
        /// Its id.
        thread_id: &'a str,
    },
    /// A turn began.
    #[serde(rename = "turn.started")]
    TurnStarted {},
    /// A turn ended well.
    #[serde(rename = "turn.completed")]
    TurnCompleted {
        /// Tokens of the thread so far, earlier turns included.
        usage: Usage,
    },
    /// A turn failed or was interrupted.
    #[serde(rename = "turn.failed")]
    TurnFailed {
        /// Why.
        error: Message<'a>,
    },
    /// An item appeared.
    #[serde(rename = "item.started")]
    ItemStarted {
        /// The item.
        item: Item<'a>,
    },
    /// An item changed.
    #[serde(rename = "item.updated")]
    ItemUpdated {
        /// The item.
        item: Item<'a>,
    },
    /// An item is finished.
    #[serde(rename = "item.completed")]
    ItemCompleted {
        /// The item.
        item: Item<'a>,
    },
    /// Something went wrong; the turn may go on.
    #[serde(rename = "error")]
    Error {
        /// What.
        message: &'a str,
    },
}

/// A sentence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message<'a> {
    /// The sentence.
    pub message: &'a str,
}

/// Token counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Of the requests.
    pub input_tokens: u64,
    /// Of those, cached.
    pub cached_input_tokens: u64,
    /// Of the answers.
    pub output_tokens: u64,
    /// Of those, reasoning.
    pub reasoning_output_tokens: u64,
}

/// An item with its number, `item_0` and so on in order of appearance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item<'a> {
    /// `item_N`.
    pub id: String,
    /// What it is.
    #[serde(flatten)]
    pub body: Body<'a>,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Body<'a> {
    /// An answer.
    AgentMessage {
        /// Its text.
        text: &'a str,
    },
    /// A reasoning summary.
    Reasoning {
        /// Its text.
        text: String,
    },
    /// A command.
    CommandExecution {
        /// The whole command line.
        command: String,
        /// What it printed.
        aggregated_output: String,
        /// Its exit code, once it has one.
        exit_code: Option<i32>,
        /// `in_progress`, `completed` or `failed`.
        status: &'static str,
    },
    /// Changed files.
    FileChange {
        /// Each file.
        changes: Vec<Change<'a>>,
        /// `in_progress`, `completed` or `failed`.
        status: &'static str,
    },
    /// The plan.
    TodoList {
        /// Its steps.
        items: Vec<Todo<'a>>,
    },
    /// What the server searched the web for.
    WebSearch {
        /// The words, or the address.
        query: &'a str,
    },
    /// A sentence that something is wrong.
    Error {
        /// The sentence.
        message: &'a str,
    },
}

/// One changed file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change<'a> {
    /// Its absolute path.
    pub path: &'a str,
    /// `add`, `delete` or `update`.
    pub kind: &'static str,
}

/// One step of the plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Todo<'a> {
    /// What is to be done.
    pub text: &'a str,
    /// Whether it is.
    pub completed: bool,
}
