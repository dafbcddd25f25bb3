//! The turn machine's states.

pub mod begin;
pub mod context;
pub mod finish;
pub mod next;
pub mod origin;
pub mod request;
pub mod response;
pub mod retry;
pub mod say;
pub mod stop;
pub mod stream;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use crate::{
    engine::thread::settings::ThreadSettings,
    engine::{Call, CallPhase, RequestedPermissions},
    item::{Usage, UserInput},
    key::{ItemId, ProcessId, TurnId},
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
    /// The settings that it began with.
    pub settings: Arc<ThreadSettings>,
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
            CallPhase::Persisting { .. } | CallPhase::Working(_) => false,
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
