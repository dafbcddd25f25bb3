//! One event of the answer's stream. Which fields mean something depends on its `type`.

use serde::Deserialize;
use serde_json::Value;

use super::loose::{Count, Text};

/// Any event: all the fields that any of them uses, each optional, everything else ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Event<'a> {
    /// For instance `response.output_text.delta`.
    #[serde(borrow, rename = "type")]
    pub kind: Text<'a>,
    /// Id of the item that the event is about.
    #[serde(borrow)]
    pub item_id: Text<'a>,
    /// Position of that item in the response's output.
    pub output_index: Count,
    /// Position of the part in a reasoning summary.
    pub summary_index: Count,
    /// Position of the part in an item's content.
    pub content_index: Count,
    /// The new piece.
    #[serde(borrow)]
    pub delta: Text<'a>,
    /// The whole item, in `output_item` events.
    pub item: Option<Value>,
    /// The response, in events about all of it.
    pub response: Option<Response>,
    /// What failed, in `error` events of some servers.
    pub error: Option<Value>,
    /// Failure code, in `error` events of others.
    #[serde(borrow)]
    pub code: Text<'a>,
    /// Failure message that goes with `code`.
    #[serde(borrow)]
    pub message: Text<'a>,
}

/// The response as a whole.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Response {
    /// `completed`, `failed`, `incomplete`, `in_progress`.
    pub status: Option<Value>,
    /// Its items, in events that end it.
    pub output: Option<Value>,
    /// Token counts.
    pub usage: Option<Value>,
    /// Why it failed.
    pub error: Option<Value>,
    /// Why it is incomplete.
    pub incomplete_details: Option<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_required_and_foreign_keys_are_ignored() {
        let event: Event<'_> = serde_json::from_str("{}").unwrap();
        assert_eq!(event.kind.get(), None);
        let event: Event<'_> = serde_json::from_str(
            r#"{"type":"response.completed","timings":{"ms":1.5},"response":{"id":"r","usage":null},"code":500}"#,
        )
        .unwrap();
        assert_eq!(event.kind.get(), Some("response.completed"));
        assert_eq!(event.code.get(), Some("500"));
        assert!(event.response.unwrap().usage.is_none());
    }
}
