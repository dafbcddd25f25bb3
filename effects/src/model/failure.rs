//! What a server says about its own failure, in an error body or in the stream, and which sort of failure that is.

use quire_state::fault::FaultKind;
use serde_json::Value;

/// A failure in the server's words. Any of them may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failure {
    /// For instance `context_length_exceeded`; some servers send the HTTP status here.
    pub(crate) code: String,
    /// The `type` that some servers send with it or instead.
    pub(crate) sort: String,
    /// The sentence.
    pub(crate) message: String,
}

impl Failure {
    /// Reads an error object, or whatever else a server put in its place.
    pub(crate) fn of(error: &Value) -> Self {
        match error {
            Value::String(message) => Self { message: message.clone(), ..Self::default() },
            Value::Object(_) => {
                let message = ["message", "detail", "error_description"].into_iter().find_map(|key| error.get(key));
                Self {
                    code: error.get("code").map(spell).unwrap_or_default(),
                    sort: error.get("type").map(spell).unwrap_or_default(),
                    message: message.map(spell).unwrap_or_default(),
                }
            }
            Value::Null => Self::default(),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => Self { message: spell(error), ..Self::default() },
        }
    }

    /// Reads the body of an error answer: `{"error": ..}`, a bare error object, or no JSON at all (`None`).
    pub(crate) fn of_body(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let failure = Self::of(body.get("error").filter(|error| !error.is_null()).unwrap_or(&body));
        (failure != Self::default()).then_some(failure)
    }

    /// The sort of failure that code, type or message name for certain.
    pub(crate) fn kind(&self) -> Option<FaultKind> {
        [self.code.as_str(), self.sort.as_str()].into_iter().find_map(kind_of_code).or_else(|| self.kind_of_message())
    }

    fn kind_of_message(&self) -> Option<FaultKind> {
        let message = self.message.to_ascii_lowercase();
        let says = |needles: &[&str]| needles.iter().any(|needle| message.contains(needle));
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
        says(&["not supported", "not support ", "unsupported", "not implemented"]).then_some(FaultKind::BadRequest)
    }
}

fn kind_of_code(code: &str) -> Option<FaultKind> {
    Some(match code {
        "context_length_exceeded" | "exceed_context_size_error" => FaultKind::ContextTooLong,
        "insufficient_quota" | "billing_hard_limit_reached" | "usage_limit_reached" | "usage_not_included" => {
            FaultKind::QuotaExceeded
        }
        "rate_limit_exceeded" | "rate_limit_error" => FaultKind::RateLimited,
        "server_is_overloaded" | "slow_down" | "overloaded_error" => FaultKind::Overloaded,
        "invalid_prompt" | "not_supported_error" => FaultKind::BadRequest,
        "invalid_api_key" | "authentication_error" => FaultKind::Auth,
        "model_not_found" => FaultKind::NotFound,
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
