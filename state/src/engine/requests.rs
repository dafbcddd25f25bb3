//! The one table of what waits for an answer. A response counts for the one open request that it names, while that is
//! open, and for nothing else: a late answer to an earlier question of the same call finds no request any more.

use std::collections::BTreeMap;

use crate::{
    cmd::Notice,
    engine::{Action, Ctx, Thread},
    key::{CallId, ItemId, RequestId, ThreadId, TurnId},
};

/// What waits for an answer, by its number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requests {
    open: BTreeMap<RequestId, PendingRequest>,
    /// The last number that was given out.
    last: u64,
}

/// A request that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRequest {
    /// What asks.
    pub asker: Asker,
    /// When it was opened, milliseconds since 1970.
    pub opened_ms: i64,
    /// What is asked.
    pub kind: RequestKind,
}

/// What asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A tool call.
    Call {
        /// Its thread.
        thread: ThreadId,
        /// Its turn.
        turn: TurnId,
        /// The call.
        call: CallId,
        /// Its transcript item, if it has one.
        item: Option<ItemId>,
    },
    /// The folder that the program was started in.
    Folder,
}

/// What is asked, and so which [`crate::msg::Response`] fits. The data stands where the request was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// Whether a command may run, or be typed into.
    Command,
    /// Whether files may be changed.
    FileChange,
    /// Whether later commands may reach further.
    Permissions,
    /// Questions of the model.
    UserInput,
    /// Whether what a trusted folder brings is used.
    Trust,
}

impl RequestKind {
    /// The kind that an action asks for.
    pub fn of(action: &Action) -> Self {
        match action {
            Action::Command(_) => Self::Command,
            Action::Patch(_) => Self::FileChange,
            Action::Permissions(_) => Self::Permissions,
            Action::Answers(_) => Self::UserInput,
        }
    }
}

impl Requests {
    /// The open request of this number.
    pub fn get(&self, id: RequestId) -> Option<&PendingRequest> {
        self.open.get(&id)
    }

    /// All open requests, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (RequestId, &PendingRequest)> {
        self.open.iter().map(|(id, pending)| (*id, pending))
    }

    /// Enters an open request under its number.
    pub fn enter(&mut self, id: RequestId, pending: PendingRequest) {
        self.open.insert(id, pending);
    }

    /// Closes a request; `false` when it is not open.
    pub fn close(&mut self, id: RequestId) -> bool {
        self.open.remove(&id).is_some()
    }
}

/// Opens a request of the call at this place, and gives its number.
pub fn open(ctx: &mut Ctx<'_>, thread: &Thread, at: usize, kind: RequestKind) -> Option<RequestId> {
    let running = thread.running()?;
    let call = running.calls.get(at)?;
    let requests = &mut *ctx.engine.requests;
    requests.last += 1;
    let id = RequestId(requests.last);
    let (thread, turn) = (thread.id.clone(), running.id.clone());
    let asker = Asker::Call { thread: thread.clone(), turn, call: call.id.clone(), item: call.item };
    requests.enter(id, PendingRequest { asker, opened_ms: ctx.clock.unix_ms, kind });
    ctx.tell(Notice::RequestOpened { thread, request: id, call: call.id.clone() });
    Some(id)
}

/// Closes a request of a thread, and tells so.
pub fn close(ctx: &mut Ctx<'_>, thread: &Thread, id: RequestId) {
    if ctx.engine.requests.close(id) {
        ctx.tell(Notice::RequestResolved { thread: thread.id.clone(), request: id });
    }
}
