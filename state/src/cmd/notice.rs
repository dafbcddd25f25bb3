//! Domain facts for observers: the faces that report instead of painting.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    item::{DiffItem, Item, Usage},
    key::{CallId, ItemId, RequestId, ThreadId, TurnId},
};

/// A fact for observers. Folding a thread's notices gives the transcript that the model holds. Items are shared with the
/// thread: when one changes there, a notice keeps what it told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Notice {
    /// A thread is open: new, or resumed.
    ThreadStarted {
        /// Its id.
        thread: ThreadId,
        /// The thread that it was copied from.
        #[serde(default)]
        forked_from: Option<ThreadId>,
        /// Items that a resumed thread, or a copied one, begins with.
        items: Vec<Arc<Item>>,
    },
    /// A thread is closed.
    ThreadClosed {
        /// Its id.
        thread: ThreadId,
    },
    /// A turn began.
    TurnStarted {
        /// The thread.
        thread: ThreadId,
        /// The turn.
        turn: TurnId,
        /// Its number in this program, from 1.
        number: u64,
        /// When, milliseconds since 1970.
        unix_ms: i64,
    },
    /// A thread has a name, and it is written down.
    ThreadRenamed {
        /// The thread.
        thread: ThreadId,
        /// Its name.
        name: String,
    },
    /// The last turns were taken out of the conversation.
    RolledBack {
        /// The thread.
        thread: ThreadId,
        /// How many turns.
        turns: usize,
        /// The first item that is gone, with all that came after it; `None` when none is.
        from: Option<ItemId>,
    },
    /// An item appeared. It may already be finished; then `ItemCompleted` follows all the same.
    ItemStarted {
        /// The thread.
        thread: ThreadId,
        /// The item as it is now.
        item: Arc<Item>,
    },
    /// Text was added to an open agent or reasoning item.
    ItemDelta {
        /// The thread.
        thread: ThreadId,
        /// Which item.
        item: ItemId,
        /// Which part, for reasoning; 0 for agent text.
        part: u32,
        /// The piece.
        delta: String,
    },
    /// A command printed.
    OutputDelta {
        /// The thread.
        thread: ThreadId,
        /// Which item.
        item: ItemId,
        /// The piece.
        delta: crate::text::head_tail::HeadTail,
    },
    /// An open item changed in another way.
    ItemUpdated {
        /// The thread.
        thread: ThreadId,
        /// The item as it is now.
        item: Arc<Item>,
    },
    /// An item is finished and will not change again.
    ItemCompleted {
        /// The thread.
        thread: ThreadId,
        /// The finished item.
        item: Arc<Item>,
    },
    /// A request waits for an answer.
    RequestOpened {
        /// The thread.
        thread: ThreadId,
        /// The request.
        request: RequestId,
        /// The call that asks.
        call: CallId,
    },
    /// A request is settled: answered, or what asked has ended.
    RequestResolved {
        /// The thread.
        thread: ThreadId,
        /// The request.
        request: RequestId,
    },
    /// What the files of a turn come to is known anew: after a tool has changed some, and at the turn's end.
    TurnDiff {
        /// The thread.
        thread: ThreadId,
        /// The turn.
        turn: TurnId,
        /// Its files.
        diff: Arc<DiffItem>,
        /// The same as a unified diff, cut above [`crate::limits::DIFF_TEXT_BYTES`].
        text: Arc<str>,
    },
    /// Something failed and is tried again.
    Retrying {
        /// The thread.
        thread: ThreadId,
        /// The turn.
        turn: TurnId,
        /// What failed.
        message: String,
        /// Which retry this is, from 1.
        attempt: u32,
        /// How many there may be.
        limit: u32,
        /// How long until then, in milliseconds.
        delay_ms: u64,
    },
    /// A turn ended well.
    TurnCompleted {
        /// The thread.
        thread: ThreadId,
        /// The turn.
        turn: TurnId,
        /// When, milliseconds since 1970.
        unix_ms: i64,
        /// How long it worked: without waiting for the user, milliseconds.
        worked_ms: u64,
        /// Tokens of this turn.
        usage: Usage,
        /// Tokens of the thread so far, earlier sessions included.
        total: Usage,
        /// The last answer text.
        last_message: Option<Arc<str>>,
    },
    /// A turn failed.
    TurnFailed {
        /// The thread.
        thread: ThreadId,
        /// The turn.
        turn: TurnId,
        /// When, milliseconds since 1970.
        unix_ms: i64,
        /// Why, with the next step.
        message: String,
    },
    /// A turn was stopped by the user.
    TurnInterrupted {
        /// The thread.
        thread: ThreadId,
        /// The turn.
        turn: TurnId,
        /// When, milliseconds since 1970.
        unix_ms: i64,
    },
    /// Something worth a line, outside of any turn.
    Warning {
        /// The line.
        message: String,
    },
    /// The program cannot go on (for instance: the session to resume does not exist).
    Fatal {
        /// Why, with the next step.
        message: String,
    },
}

impl Notice {
    /// The thread that it is about; `None` for the program as a whole.
    pub fn thread(&self) -> Option<&ThreadId> {
        match self {
            Self::ThreadStarted { thread, .. }
            | Self::ThreadClosed { thread, .. }
            | Self::TurnStarted { thread, .. }
            | Self::RolledBack { thread, .. }
            | Self::ThreadRenamed { thread, .. }
            | Self::ItemStarted { thread, .. }
            | Self::ItemDelta { thread, .. }
            | Self::OutputDelta { thread, .. }
            | Self::ItemUpdated { thread, .. }
            | Self::ItemCompleted { thread, .. }
            | Self::RequestOpened { thread, .. }
            | Self::RequestResolved { thread, .. }
            | Self::TurnDiff { thread, .. }
            | Self::Retrying { thread, .. }
            | Self::TurnCompleted { thread, .. }
            | Self::TurnFailed { thread, .. }
            | Self::TurnInterrupted { thread, .. } => Some(thread),
            Self::Warning { .. } | Self::Fatal { .. } => None,
        }
    }
}
