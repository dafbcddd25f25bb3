//! How the outside fails, as data. The reducer holds one recovery for each kind.

use serde::{Deserialize, Serialize};

/// A failure outside, told in words that a user can act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What sort of failure this is; it decides whether a retry can help.
    pub kind: FaultKind,
    /// One sentence: what happened, where.
    pub summary: String,
    /// What the user can do next, when there is something.
    pub hint: Option<String>,
    /// HTTP status, when an answer came.
    pub status: Option<u16>,
    /// How long the server asked us to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl Fault {
    /// A fault of `kind` with a summary and nothing else.
    pub fn new(kind: FaultKind, summary: impl Into<String>) -> Self {
        Self { kind, summary: summary.into(), hint: None, status: None, retry_after_ms: None }
    }

    /// The same fault with a next step for the user.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Summary and hint in one line.
    pub fn line(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{} {hint}", self.summary),
            None => self.summary.clone(),
        }
    }
}

/// The sort of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FaultKind {
    /// The server's name was not found, or nothing answers at its address.
    Network,
    /// The TLS handshake failed: certificate, protocol or a proxy in between.
    Tls,
    /// The key or token is missing on our side; nothing was sent.
    MissingCredential,
    /// 401 or 403.
    Auth,
    /// 404: wrong address or unknown model.
    NotFound,
    /// The server rejected the request (400 and other 4xx).
    BadRequest,
    /// The conversation is longer than the model's context window.
    ContextTooLong,
    /// The server cannot read encrypted reasoning that it was sent.
    ForeignReasoning,
    /// 429, or `rate_limit_exceeded` in the stream.
    RateLimited,
    /// The account's quota is used up; waiting does not help.
    QuotaExceeded,
    /// 5xx, or `server_error` in the stream.
    Server,
    /// 529, or the server says that it is overloaded.
    Overloaded,
    /// The stream ended or broke before the response was complete.
    StreamCut,
    /// No byte arrived within the idle limit.
    StreamIdle,
    /// The server sent bytes that are no Responses stream, or not a decodable body.
    Malformed,
    /// The server ended the response early (`response.incomplete`).
    Incomplete,
    /// An event or body above our limit.
    TooLarge,
    /// A program could not be started.
    Spawn,
    /// The sandbox of a command could not be set up, and nothing was started.
    Sandbox,
    /// A file could not be read or written.
    Storage,
    /// The named thing (thread, session) does not exist.
    Missing,
}
