//! One conversation.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use crate::{
    history::HistoryItem,
    item::{Body, Item, Usage, UserInput},
    key::{CallId, ItemId, SessionId, ThreadId},
};

use super::turn::Turn;

/// One conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Thread {
    /// Its id.
    pub id: ThreadId,
    /// Its rollout file, when resumed.
    pub path: Option<String>,
    /// The conversation as the model sees it. Every call in it has exactly one output, except calls of the running turn.
    pub history: Vec<Arc<HistoryItem>>,
    /// What the person sees.
    pub items: Vec<Item>,
    /// The turn machine.
    pub turn: Turn,
    /// Turns begun so far, in this process.
    pub turns: u64,
    /// Inputs held until the running turn has ended.
    pub queue: VecDeque<Queued>,
    /// Tokens so far, earlier sessions included.
    pub total: Usage,
    /// Tokens of the last response.
    pub last: Usage,
    /// Commands that were accepted for this session: argument vector and folder.
    pub accepted: BTreeSet<(Vec<String>, String)>,
    /// Commands that are still running, by session.
    pub terminals: BTreeMap<SessionId, Terminal>,
    /// Appends asked for so far.
    pub appends: u64,
    /// Whether the first records (session meta) are written or on their way.
    pub begun: bool,
    /// The context messages (permissions, environment) that the history holds already.
    pub context_sent: Option<String>,
    /// Writing the session failed; said once, the work goes on in memory.
    pub unsaved: bool,
}

/// An input held in the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// The input.
    pub input: UserInput,
}

/// A command that is still running.
#[derive(Clone, Debug, PartialEq)]
pub struct Terminal {
    /// The call that started it.
    pub call: CallId,
    /// Its transcript item.
    pub item: ItemId,
    /// The shell text.
    pub command: String,
    /// Output that no tool result has carried to the model yet.
    pub fresh: crate::text::head_tail::HeadTail,
    /// When it was started, monotonic milliseconds.
    pub started_ms: u64,
    /// Writes so far.
    pub writes: u32,
    /// It has ended with this code and wall time, and only its last output is still to be told to the model.
    pub exited: Option<(i32, u64)>,
}

impl Thread {
    /// An empty conversation.
    pub fn new(id: ThreadId) -> Self {
        Self {
            id,
            path: None,
            history: Vec::new(),
            items: Vec::new(),
            turn: Turn::Idle,
            turns: 0,
            queue: VecDeque::new(),
            total: Usage::default(),
            last: Usage::default(),
            accepted: BTreeSet::new(),
            terminals: BTreeMap::new(),
            appends: 0,
            begun: false,
            context_sent: None,
            unsaved: false,
        }
    }

    /// The item of this number.
    pub fn item(&self, id: ItemId) -> Option<&Item> {
        usize::try_from(id.0).ok().and_then(|at| self.items.get(at))
    }

    /// The last finished answer text.
    pub fn last_message(&self) -> Option<&str> {
        self.items.iter().rev().find_map(|item| match &item.body {
            Body::Agent { text, .. } if !item.open => Some(text.as_str()),
            _ => None,
        })
    }

    /// The running turn's plan, or the last one.
    pub fn plan(&self) -> Option<&crate::item::Plan> {
        self.items.iter().rev().find_map(|item| match &item.body {
            Body::Plan(plan) => Some(plan),
            _ => None,
        })
    }
}
