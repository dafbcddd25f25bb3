//! One conversation.

pub mod close;
pub mod consent;
pub mod follow;
pub mod fork;
pub mod forking;
pub mod load;
pub mod loading;
pub mod log;
pub mod names;
pub mod open;
pub mod persist;
pub mod remarks;
pub mod rename;
pub mod rollback;
pub mod settings;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use crate::{
    engine::thread::settings::ThreadSettings,
    engine::{
        RequestedPermissions, Running, SessionApproval, ShellCommand, Turn,
        thread::{
            consent::Grants,
            log::{Log, Position},
            names::Names,
            remarks::Remarks,
        },
        undo::state::Undoing,
    },
    history::HistoryItem,
    item::{Item, ItemKind, Plan, Streamed, Usage, UserInput},
    key::{CallId, ItemId, Key, ProcessId, ThreadId, TurnId, Work},
    policy::SandboxPlan,
    rollout::{AuditRecord, RolloutItem, RolloutLine},
};

/// One conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Thread {
    /// Its id.
    pub id: ThreadId,
    /// The thread that it was copied from.
    pub forked_from: Option<ThreadId>,
    /// What it works under; a running turn has those that it began with.
    pub settings: Arc<ThreadSettings>,
    /// The name that the user gave it, as far as it is written down.
    pub name: Option<String>,
    /// Names that are being written down, by number.
    pub naming: BTreeMap<u64, String>,
    /// Its rollout file, when resumed.
    pub path: Option<String>,
    /// The conversation as the model sees it. Every call in it has exactly one output, except calls of the running turn.
    pub history: Vec<Arc<HistoryItem>>,
    /// What the user said in it, and where it stood before.
    pub log: Log,
    /// The names of its calls.
    pub names: Names,
    /// What the user sees.
    pub items: Vec<Arc<Item>>,
    /// The last item id that was given out.
    pub last_item: ItemId,
    /// The turn machine.
    pub turn: Turn,
    /// Turns begun so far, in this process.
    pub turns: u64,
    /// Input that waits for the answer about the folder.
    pub first: Option<UserInput>,
    /// It is being closed.
    pub is_closing: bool,
    /// Inputs held until the running turn has ended.
    pub queue: VecDeque<Queued>,
    /// Tokens so far, earlier sessions included.
    pub total: Usage,
    /// Tokens of the last response.
    pub last: Usage,
    /// What was accepted for this session, with the digests that the files it runs had then.
    pub accepted: BTreeMap<SessionApproval, Vec<(String, Option<String>)>>,
    /// What the user has granted to the commands of this session.
    pub granted: RequestedPermissions,
    /// How often that has changed.
    pub grants: Grants,
    /// Commands that are still running, by session.
    pub processes: BTreeMap<ProcessId, Process>,
    /// What came of commands of the user, with their items, until the conversation can take it.
    pub heard: Vec<(ItemId, HistoryItem)>,
    /// Records that wait to be written, in order.
    pub pending: Vec<RolloutLine>,
    /// Whether the waiting records must be on disk before they are acknowledged.
    pub pending_durable: bool,
    /// Appends that are not acknowledged yet, by number, so that a failed one can be tried again.
    pub appending: BTreeMap<u64, Vec<RolloutLine>>,
    /// Appends asked for so far.
    pub appends: u64,
    /// Whether the first records (session meta) are written or on their way.
    pub begun: bool,
    /// Writing the session failed; said once, the work goes on in memory.
    pub unsaved: bool,
    /// What its turns changed in the files.
    pub undo: Undoing,
    /// What the user was told of sandboxes that cannot do all that their plans say.
    pub remarks: BTreeSet<String>,
}

/// An input held in the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// The input.
    pub input: UserInput,
}

/// A command that is still running.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    /// The call that started it.
    pub call: CallId,
    /// The user has started it, by `!COMMAND`.
    pub by_user: bool,
    /// Its transcript item, if it has one.
    pub item: Option<ItemId>,
    /// The shell text.
    pub command: String,
    /// Its folder.
    pub cwd: String,
    /// Its process id, once it was started.
    pub pid: Option<u32>,
    /// Whether it runs in the sandbox.
    pub sandboxed: bool,
    /// The sandbox that it was started with, whether or not it runs in it: what explains a failure.
    pub plan: Option<Box<SandboxPlan>>,
    /// What would run again without the sandbox if it fails in it; only where the policy asks about that.
    pub again: Option<Box<ShellCommand>>,
    /// What was asked about, while it is not certain that it was started as it was asked.
    pub asked: Option<Box<ShellCommand>>,
    /// The turn whose work it is, if it is watched what it changes.
    pub watched: Option<TurnId>,
    /// What is written down when it has ended, or could not be started.
    pub draft: Option<Box<AuditRecord>>,
    /// What its sandbox cannot do, until a tool result has carried it to the model.
    pub remarks: Remarks,
    /// Output that no tool result has carried to the model yet.
    pub fresh: crate::text::head_tail::HeadTail,
    /// When it was started, monotonic milliseconds.
    pub started_ms: u64,
    /// How long its call waits for it, in milliseconds.
    pub yield_ms: u64,
    /// It has not begun, and the wait for it does not count yet.
    pub waits: bool,
    /// Writes so far.
    pub writes: u32,
    /// It is ended when the wait for it is over.
    pub is_bounded: bool,
    /// It was ended because it took too long.
    pub timed_out: bool,
    /// It was asked to end.
    pub killed: bool,
    /// It has ended with this code and wall time, and only its last output is still to be told to the model.
    pub exited: Option<(i32, u64)>,
}

impl Process {
    /// Whether it has no sandbox and still runs, and the user was asked about the file at this path, which it runs.
    pub fn runs_unsandboxed(&self, path: &str) -> bool {
        let is_asked = |command: &ShellCommand| command.unchanged.iter().any(|(own, _)| own == path);
        self.exited.is_none() && !self.sandboxed && self.asked.as_deref().is_some_and(is_asked)
    }
}

impl Thread {
    /// An empty conversation.
    pub fn new(id: ThreadId, settings: Arc<ThreadSettings>) -> Self {
        Self {
            id,
            forked_from: None,
            settings,
            name: None,
            naming: BTreeMap::new(),
            path: None,
            history: Vec::new(),
            log: Log::default(),
            names: Names::default(),
            items: Vec::new(),
            last_item: ItemId::default(),
            turn: Turn::Idle,
            turns: 0,
            first: None,
            is_closing: false,
            queue: VecDeque::new(),
            total: Usage::default(),
            last: Usage::default(),
            accepted: BTreeMap::new(),
            granted: RequestedPermissions::default(),
            grants: Grants::default(),
            processes: BTreeMap::new(),
            heard: Vec::new(),
            pending: Vec::new(),
            pending_durable: false,
            appending: BTreeMap::new(),
            appends: 0,
            begun: false,
            unsaved: false,
            undo: Undoing::default(),
            remarks: BTreeSet::new(),
        }
    }

    /// The key of work of this thread.
    pub fn key(&self, work: Work) -> Key {
        Key::Thread(self.id.clone(), work)
    }

    /// An id for an item: one that was never given out.
    pub fn next_item(&mut self) -> ItemId {
        self.last_item.0 += 1;
        self.last_item
    }

    /// The item of this id. What is asked for is near the end, as a rule.
    pub fn item(&self, id: ItemId) -> Option<&Item> {
        self.items.iter().rfind(|item| item.id == id).map(Arc::as_ref)
    }

    /// The item of this id, to be changed, unless it is finished. A notice that shares it keeps what it told.
    pub fn open_item(&mut self, id: ItemId) -> Option<&mut Item> {
        self.open_shared(id).map(Arc::make_mut)
    }

    /// The same as it is shared with notices.
    pub fn open_shared(&mut self, id: ItemId) -> Option<&mut Arc<Item>> {
        self.items.iter_mut().rfind(|item| item.id == id).filter(|item| item.open)
    }

    /// Where the conversation stands.
    pub fn position(&self) -> Position {
        Position { history: self.history.len(), items: self.items.len(), last: self.last }
    }

    /// The commands of the user that run and are not being ended, the oldest first.
    pub fn user_commands(&self) -> impl DoubleEndedIterator<Item = (ProcessId, &Process)> {
        let runs = |process: &Process| process.by_user && process.exited.is_none() && !process.killed;
        self.processes.iter().filter(move |(_, process)| runs(process)).map(|(id, process)| (*id, process))
    }

    /// The running turn.
    pub fn running(&self) -> Option<&Running> {
        match &self.turn {
            Turn::Idle => None,
            Turn::Running(running) => Some(running),
        }
    }

    /// The running turn, to be changed.
    pub fn running_mut(&mut self) -> Option<&mut Running> {
        match &mut self.turn {
            Turn::Idle => None,
            Turn::Running(running) => Some(running),
        }
    }

    /// Remembers a record to be written when the current step is done.
    pub fn record(&mut self, unix_ms: i64, record: RolloutItem) {
        self.pending.push(RolloutLine::new(unix_ms, record));
    }

    /// Says that this item shows the record that was remembered last.
    pub fn shown_as(&mut self, id: ItemId) {
        if let Some(line) = self.pending.last_mut() {
            line.shown_as = Some(id);
        }
    }

    /// The number of the append that will have written down everything that is recorded so far.
    pub fn last_append(&self) -> u64 {
        self.appends + u64::from(!self.pending.is_empty())
    }

    /// Whether this append and those before it have been answered. A session that cannot be saved delays nothing.
    pub fn is_appended(&self, number: u64) -> bool {
        self.unsaved || (self.appends >= number && self.appending.keys().all(|append| *append > number))
    }

    /// Adds an item to the conversation and to what is to be written.
    pub fn push_history(&mut self, unix_ms: i64, item: HistoryItem) {
        self.push_shared(unix_ms, Arc::new(item));
    }

    /// The same for an item that is shared already.
    pub fn push_shared(&mut self, unix_ms: i64, item: Arc<HistoryItem>) {
        self.names.note(&item);
        self.record(unix_ms, RolloutItem::History(Arc::clone(&item)));
        self.history.push(item);
    }

    /// The running turn's plan, or the last one.
    pub fn plan(&self) -> Option<&Plan> {
        self.items.iter().rev().find_map(|item| if let ItemKind::Plan(plan) = &item.kind { Some(plan) } else { None })
    }

    /// The last finished answer text.
    pub fn last_message(&self) -> Option<&str> {
        self.items.iter().rev().filter(|item| !item.open).find_map(|item| match item.kind.streamed()? {
            Streamed::Answer(text) => Some(text),
            Streamed::Reasoning(_) => None,
        })
    }
}
