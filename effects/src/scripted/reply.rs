//! What is answered, as data: the steps of a response and how it ends. Nothing here is wire format.

use serde_json::{Map, Value};

use super::prose::Chunks;

/// The answer to one request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A plain HTTP answer without a stream.
    Whole { code: u16, headers: Vec<(String, String)>, body: String },
    /// A stream of events.
    Stream(Reply),
}

/// A streamed response.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    pub(crate) steps: Vec<Step>,
    pub(crate) end: End,
    pub(crate) usage: Counts,
    /// Where the stream breaks off, if it does.
    pub(crate) stop: Option<Stop>,
}

/// One step of a response.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// An assistant message.
    Text { chunks: Chunks, phase: Option<String>, delay_ms: Option<u64> },
    /// A reasoning item with a summary and encrypted content.
    Reasoning { chunks: Chunks, delay_ms: Option<u64> },
    /// A tool call.
    Call(CallStep),
    /// Bytes between the events, as they are.
    Raw(Vec<u8>),
    /// An event of any type.
    Event { kind: String, fields: Map<String, Value> },
    /// Silence.
    Pause { delay_ms: u64 },
}

/// A tool call.
#[derive(Clone, Debug)]
pub(crate) struct CallStep {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    /// JSON text of a function call, free text of a custom one.
    pub(crate) input: String,
    pub(crate) is_custom: bool,
    pub(crate) delay_ms: Option<u64>,
}

/// How a stream ends.
#[derive(Clone, Debug, Default)]
pub(crate) enum End {
    /// `response.completed`.
    #[default]
    Completed,
    /// `response.incomplete` for this reason.
    Incomplete(String),
    /// `response.failed`.
    Failed { code: String, message: String },
    /// A bare `error` event.
    Error { code: String, message: String },
    /// `data: [DONE]` and nothing else.
    DoneMark,
    /// Nothing: the body just ends.
    Nothing,
}

/// Token counts to report; `None` leaves the usage out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counts {
    pub(crate) input: u64,
    pub(crate) cached: u64,
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
    pub(crate) is_told: bool,
}

impl Default for Counts {
    fn default() -> Self {
        Self { input: 1200, cached: 800, output: 60, reasoning: 20, is_told: true }
    }
}

/// A stream that breaks off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    pub(crate) at: StopAt,
    pub(crate) how: StopHow,
}

/// Where a stream breaks off.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StopAt {
    /// After so many deltas.
    Deltas(u64),
    /// After so many bytes of the body.
    Bytes(u64),
    /// After the last step.
    Steps,
}

/// How a stream breaks off.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StopHow {
    /// The connection is dropped.
    Cut,
    /// Silence for so long, then the connection is dropped.
    Hang { delay_ms: u64 },
}

/// Silence that outlasts every client.
pub(crate) const HANG_MS: u64 = 24 * 60 * 60 * 1000;

impl Step {
    /// A message in pieces of one word.
    pub(crate) fn say(text: impl Into<String>) -> Self {
        Self::Text { chunks: Chunks::words(text), phase: None, delay_ms: None }
    }

    /// A call of a function with these arguments.
    pub(crate) fn call(name: &str, namespace: Option<&str>, arguments: &Value) -> Self {
        Self::Call(CallStep {
            name: name.to_owned(),
            namespace: namespace.map(ToOwned::to_owned),
            input: arguments.to_string(),
            is_custom: false,
            delay_ms: None,
        })
    }

    /// A call of a tool that takes free text.
    pub(crate) fn custom(name: &str, input: impl Into<String>) -> Self {
        Self::Call(CallStep {
            name: name.to_owned(),
            namespace: None,
            input: input.into(),
            is_custom: true,
            delay_ms: None,
        })
    }
}

impl Reply {
    /// A response of these steps that completes.
    pub(crate) fn of(steps: Vec<Step>) -> Self {
        Self { steps, ..Self::default() }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Stream(reply)
    }
}
