//! The one answer to an intent: what came of it, or why nothing did.

use serde::{Deserialize, Serialize};

use crate::{
    item::UserInput,
    key::{ThreadId, TurnId},
};

/// What came of an intent that was accepted. What follows from it is told by notices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// It is done, or under way.
    Done,
    /// A turn was started, or takes the input up.
    Turn {
        /// Which turn.
        turn: TurnId,
    },
    /// The input is held until the running turn has ended.
    Queued {
        /// How many inputs are held now, this one included.
        waiting: usize,
    },
    /// The input was taken back out of the queue.
    Unqueued {
        /// The input.
        input: UserInput,
    },
    /// A thread is open.
    Thread {
        /// Which thread.
        thread: ThreadId,
    },
}

/// Why nothing came of an intent. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// No open thread has this id.
    NoSuchThread,
    /// The conversation has no turn of this id.
    NoSuchTurn,
    /// No turn is running.
    NoTurn,
    /// Another turn runs than the one that was named.
    WrongTurn {
        /// The one that runs.
        running: TurnId,
    },
    /// The request that was answered is not open: it was answered before, or what asked has ended.
    Stale,
    /// As many inputs wait as may wait.
    QueueFull,
    /// A turn runs, so that no other can be started.
    Busy,
    /// A turn runs, and what was asked for is done between turns.
    TurnRuns,
    /// The conversation has not so many turns, or none was asked for.
    TurnCount {
        /// How many it has.
        turns: usize,
    },
    /// The request cannot be answered yet: the files that it is about are still being read.
    NotReady,
    /// It cannot be done as it was asked.
    Invalid(String),
}

impl Refusal {
    /// One sentence for the user.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoSuchThread => "This session is not open.".to_owned(),
            Self::NoSuchTurn => "The conversation has no such turn.".to_owned(),
            Self::NoTurn => "No turn is running.".to_owned(),
            Self::WrongTurn { .. } => "That turn has ended; another one is running.".to_owned(),
            Self::Stale => "That request has already been answered.".to_owned(),
            Self::QueueFull => {
                "Not sent: too many messages are already waiting. Wait until the turn picks them up.".to_owned()
            }
            Self::Busy => "Not sent: a turn is running.".to_owned(),
            Self::TurnRuns => "A turn is running. Interrupt it, or wait for its end.".to_owned(),
            Self::TurnCount { turns: 0 } => "There is no turn to remove from the conversation.".to_owned(),
            Self::TurnCount { turns: 1 } => {
                "The conversation has one turn: only that one can be removed from it.".to_owned()
            }
            Self::TurnCount { turns } => {
                format!("The conversation has {turns} turns: from 1 to {turns} of them can be removed from it.")
            }
            Self::NotReady => "The files that it runs are still being read. Answer again in a moment.".to_owned(),
            Self::Invalid(why) => why.clone(),
        }
    }
}
