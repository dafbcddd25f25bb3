//! What a server says about its own failure, in an error body or in the stream, and which sort of failure that is.

use quire_state::fault::FaultKind;
use serde_json::Value;

use super::wait;

/// How deep errors within errors are looked for: gateways wrap what the server behind them says.
const DEPTH: usize = 8;
/// Of a list of complaints, so many are told.
const COMPLAINTS: usize = 3;

/// A failure in the server's words. Any of them may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failure {
    /// For instance `context_length_exceeded`; some servers send the HTTP status here.
    pub(crate) code: String,
    /// The `type` that some servers send with it or instead.
    pub(crate) sort: String,
    /// The sentence.
    pub(crate) message: String,
    /// Codes and types of what is wrapped or wraps it, the nearest first.
    pub(crate) others: Vec<String>,
    /// How long it asks to be left alone, in milliseconds.
    pub(crate) wait_ms: Option<u64>,
}

impl Failure {
    /// Reads an error object, or whatever else a server put in its place.
    pub(crate) fn of(error: &Value) -> Self {
        read(error, DEPTH)
    }

    /// Reads the body of an error answer: `{"error": ..}`, a bare error object, a list of one of these, such a thing as an
    /// event of a stream, or none of these (`None`).
    pub(crate) fn of_body(body: &[u8]) -> Option<Self> {
        let found = match serde_json::from_slice::<Value>(body) {
            Ok(body) => Self::of(&body),
            Err(_) => {
                let mut events = body.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"data:"));
                events.find_map(|data| serde_json::from_slice(data).ok()).map(|body: Value| Self::of(&body))?
            }
        };
        (found != Self::default()).then_some(found)
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.code.is_empty() && self.sort.is_empty() && self.message.is_empty()
    }

    /// The same, completed by what `other` says of the same failure.
    #[must_use]
    pub(crate) fn or(mut self, other: Self) -> Self {
        let Self { code, sort, message, others, wait_ms } = other;
        for (mine, theirs) in [(&mut self.code, code), (&mut self.sort, sort)] {
            if mine.is_empty() {
                *mine = theirs;
            } else if *mine != theirs {
                self.others.push(theirs);
            }
        }
        if self.message.is_empty() {
            self.message = message;
        }
        self.others.extend(others);
        self.others.retain(|code| !code.is_empty());
        self.wait_ms = self.wait_ms.or(wait_ms);
        self
    }

    /// The sort of failure that codes, types, message or a status among the codes name.
    pub(crate) fn kind(&self) -> Option<FaultKind> {
        let codes = || [&self.code, &self.sort].into_iter().chain(&self.others).map(String::as_str);
        let statuses = || codes().filter_map(|code| code.parse::<u16>().ok());
        codes()
            .find_map(kind_of_code)
            .or_else(|| statuses().find_map(kind_of_status))
            .or_else(|| kind_of_message(&self.message))
            .or_else(|| {
                statuses().find_map(|status| match status {
                    408 | 425 | 500..600 => Some(FaultKind::Server),
                    400..500 => Some(FaultKind::BadRequest),
                    _ => None,
                })
            })
            .or_else(|| codes().find_map(kind_of_family))
    }
}

fn read(error: &Value, depth: usize) -> Failure {
    match error {
        Value::String(text) => match nested(text, depth) {
            Some(failure) => failure,
            None => Failure { message: text.clone(), ..Failure::default() },
        },
        Value::Object(_) if depth == 0 => Failure { message: error.to_string(), ..Failure::default() },
        Value::Object(_) => object(error, depth),
        Value::Array(list) => {
            let read = |item| read(item, depth.saturating_sub(1));
            let said = list.iter().filter(|item| item.is_object() || item.is_string());
            let mut all: Vec<Failure> = said.take(COMPLAINTS).map(read).filter(|one| !one.is_empty()).collect();
            let messages: Vec<String> = all.iter_mut().map(|one| std::mem::take(&mut one.message)).collect();
            let message = messages.into_iter().filter(|message| !message.is_empty()).collect::<Vec<_>>().join("; ");
            let first = all.into_iter().next().unwrap_or_default();
            Failure { message, ..first }
        }
        Value::Number(code) => Failure { code: code.to_string(), ..Failure::default() },
        Value::Null | Value::Bool(_) => Failure::default(),
    }
}

/// The error that a text spells as JSON, as gateways pass on what the server behind them said.
fn nested(text: &str, depth: usize) -> Option<Failure> {
    let is_json = depth > 0 && text.trim_start().starts_with(['{', '[']);
    let value: Value = is_json.then(|| serde_json::from_str(text).ok())??;
    Some(read(&value, depth - 1)).filter(|failure| !failure.is_empty())
}

fn object(error: &Value, depth: usize) -> Failure {
    let first = |keys: &[&str]| keys.iter().find_map(|key| error.get(*key).map(scalar).filter(|text| !text.is_empty()));
    let message = ["message", "detail", "error_description", "msg", "Message", "errors", "title", "reason"];
    let message = message.iter().find_map(|key| error.get(*key).filter(|said| !said.is_null()));
    let said = message.map(|message| read(message, depth - 1)).unwrap_or_default();
    let own = Failure {
        code: first(&["code", "status_code", "error_code"]).unwrap_or_default(),
        sort: first(&["type", "status", "error_type", "__type"]).unwrap_or_default(),
        // A message of an unknown form is shown as it is.
        message: if said.message.is_empty() { message.map(spell).unwrap_or_default() } else { said.message.clone() },
        others: Vec::new(),
        wait_ms: wait::from_error(error),
    };
    let own = own.or(Failure { message: String::new(), ..said });
    let wrapped = error.get("error").filter(|inner| !inner.is_null()).map(|inner| read(inner, depth - 1));
    let own = match wrapped {
        Some(inner) if !inner.is_empty() => inner.or(own),
        Some(_) | None => own,
    };
    // What the server behind a gateway said.
    match error.pointer("/metadata/raw").map(|raw| read(raw, depth - 1)) {
        Some(raw) if !raw.is_empty() => behind(own, raw),
        Some(_) | None => own,
    }
}

fn behind(mut own: Failure, raw: Failure) -> Failure {
    if !own.message.contains(&raw.message) {
        let stop = if own.message.is_empty() { "" } else { ": " };
        own.message = format!("{}{stop}{}", own.message.trim_end_matches(['.', ':']), raw.message);
    }
    own.or(raw)
}

/// What a code or type may be: a word or a number.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

fn kind_of_message(message: &str) -> Option<FaultKind> {
    let message = message.to_ascii_lowercase();
    let says = |needles: &[&str]| needles.iter().any(|needle| message.contains(needle));
    let is_unread = || says(&["could not be", "cannot be", "verif", "decrypt", "invalid", "input["]);
    if says(&["encrypted content", "encrypted_content"]) && is_unread() {
        return Some(FaultKind::ForeignReasoning);
    }
    if says(&[
        "context length",
        "context window",
        "context size",
        "maximum context",
        "prompt is too long",
        "too many tokens",
    ]) {
        return Some(FaultKind::ContextTooLong);
    }
    if says(&[
        "insufficient credit",
        "more credits",
        "out of credits",
        "credit balance",
        "insufficient balance",
        "payment required",
    ]) {
        return Some(FaultKind::QuotaExceeded);
    }
    if says(&["invalid api key", "incorrect api key", "api key not valid", "no auth credentials"]) {
        return Some(FaultKind::Auth);
    }
    let is_unknown = says(&["not found", "not exist", "no such", "unknown model", "not a valid model"]);
    if message.contains("model") && is_unknown {
        return Some(FaultKind::NotFound);
    }
    if says(&["overloaded", "at capacity", "over capacity"]) {
        return Some(FaultKind::Overloaded);
    }
    if says(&["rate limit", "rate-limit", "too many requests"]) {
        return Some(FaultKind::RateLimited);
    }
    says(&["not supported", "not support ", "unsupported", "not implemented"]).then_some(FaultKind::BadRequest)
}

fn kind_of_code(code: &str) -> Option<FaultKind> {
    Some(match code {
        "context_length_exceeded" | "exceed_context_size_error" => FaultKind::ContextTooLong,
        "insufficient_quota"
        | "billing_hard_limit_reached"
        | "billing_error"
        | "insufficient_credits"
        | "payment_required"
        | "usage_limit_reached"
        | "usage_not_included" => FaultKind::QuotaExceeded,
        "rate_limit_exceeded" | "rate_limit_error" | "too_many_requests" | "RESOURCE_EXHAUSTED" => {
            FaultKind::RateLimited
        }
        "server_is_overloaded"
        | "server_overloaded"
        | "slow_down"
        | "overloaded_error"
        | "overloaded"
        | "UNAVAILABLE" => FaultKind::Overloaded,
        "invalid_prompt"
        | "not_supported_error"
        | "unsupported_parameter"
        | "unsupported_value"
        | "unknown_parameter"
        | "invalid_value"
        | "missing_required_parameter"
        | "content_filter"
        | "content_policy_violation"
        | "cyber_policy"
        | "INVALID_ARGUMENT"
        | "FAILED_PRECONDITION" => FaultKind::BadRequest,
        "invalid_api_key"
        | "authentication_error"
        | "permission_error"
        | "permission_denied"
        | "PERMISSION_DENIED"
        | "UNAUTHENTICATED" => FaultKind::Auth,
        "model_not_found" | "not_found_error" | "NOT_FOUND" => FaultKind::NotFound,
        "invalid_encrypted_content" => FaultKind::ForeignReasoning,
        "request_too_large" => FaultKind::TooLarge,
        _ => return None,
    })
}

/// A type that goes with many codes and says little beside them.
fn kind_of_family(sort: &str) -> Option<FaultKind> {
    match sort {
        "invalid_request_error" => Some(FaultKind::BadRequest),
        "server_error" | "api_error" | "internal_error" | "INTERNAL" => Some(FaultKind::Server),
        _ => None,
    }
}

/// A status, sent as a code, that leaves no doubt.
fn kind_of_status(status: u16) -> Option<FaultKind> {
    Some(match status {
        401 | 403 => FaultKind::Auth,
        402 => FaultKind::QuotaExceeded,
        404 => FaultKind::NotFound,
        413 => FaultKind::TooLarge,
        429 => FaultKind::RateLimited,
        503 | 529 => FaultKind::Overloaded,
        _ => return None,
    })
}

fn spell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
