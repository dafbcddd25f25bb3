//! One event of the answer's stream. Which fields mean something depends on its `type`.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::loose::{Count, Text};

/// Most items of a response that its last event repeats.
pub const REPEATED_ITEMS: usize = 65_536;

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
    /// A part of a message or of reasoning, whole, in events that end it.
    #[serde(borrow)]
    pub text: Text<'a>,
    /// The same of a refusal.
    #[serde(borrow)]
    pub refusal: Text<'a>,
    /// The same as an object.
    #[serde(borrow)]
    pub part: Option<&'a RawValue>,
    /// The arguments of a call, whole, in the event that ends them.
    #[serde(borrow)]
    pub arguments: Option<&'a RawValue>,
    /// The same of a call with free text.
    #[serde(borrow)]
    pub input: Option<&'a RawValue>,
    /// The tool that is called, where an event about a call says so.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// The name of that call.
    #[serde(borrow)]
    pub call_id: Text<'a>,
    /// The whole item, in `output_item` events.
    #[serde(borrow)]
    pub item: Option<&'a RawValue>,
    /// The response, in events about all of it.
    #[serde(borrow)]
    pub response: Option<Response<'a>>,
    /// What failed, in `error` events of some servers.
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
    /// Failure code, in `error` events of others.
    #[serde(borrow)]
    pub code: Text<'a>,
    /// HTTP status of the failure, in `error` events of yet others.
    #[serde(borrow)]
    pub status: Text<'a>,
    /// Failure message that goes with `code`.
    #[serde(borrow)]
    pub message: Text<'a>,
}

/// The response as a whole. What it holds is not read with it, because it can be large.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Response<'a> {
    /// `completed`, `failed`, `incomplete`, `in_progress`.
    #[serde(borrow)]
    pub status: Option<&'a RawValue>,
    /// Its items, in events that end it.
    #[serde(borrow)]
    pub output: Outputs<'a>,
    /// Token counts.
    #[serde(borrow)]
    pub usage: Option<&'a RawValue>,
    /// Why it failed.
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
    /// Why it is incomplete.
    #[serde(borrow)]
    pub incomplete_details: Option<&'a RawValue>,
}

/// The elements of a list, unread. Anything but a list counts as an empty one.
#[derive(Debug, Default)]
pub struct Outputs<'a> {
    /// The elements.
    pub items: Vec<&'a RawValue>,
    /// There are more than [`REPEATED_ITEMS`].
    pub is_cut: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for Outputs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OutputsVisitor)
    }
}

struct OutputsVisitor;

impl<'de> Visitor<'de> for OutputsVisitor {
    type Value = Outputs<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut outputs = Outputs::default();
        while outputs.items.len() < REPEATED_ITEMS {
            let Some(item) = list.next_element::<&RawValue>()? else { return Ok(outputs) };
            outputs.items.push(item);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            outputs.is_cut = true;
        }
        Ok(outputs)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Outputs::default())
    }

    fn visit_str<E>(self, _text: &str) -> Result<Self::Value, E> {
        Ok(Outputs::default())
    }

    fn visit_bool<E>(self, _value: bool) -> Result<Self::Value, E> {
        Ok(Outputs::default())
    }

    fn visit_u64<E>(self, _value: u64) -> Result<Self::Value, E> {
        Ok(Outputs::default())
    }

    fn visit_i64<E>(self, _value: i64) -> Result<Self::Value, E> {
        Ok(Outputs::default())
    }

    fn visit_f64<E>(self, _value: f64) -> Result<Self::Value, E> {
        Ok(Outputs::default())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Outputs::default())
    }
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
        for output in ["null", "7", "-7", "1.5", "true", "\"x\"", "{\"a\":[1]}", "[]"] {
            let text = format!("{{\"response\":{{\"output\":{output}}}}}");
            let event: Event<'_> = serde_json::from_str(&text).unwrap();
            assert!(event.response.unwrap().output.items.is_empty(), "{output}");
        }
        let event: Event<'_> = serde_json::from_str(r#"{"response":{"output":[{"a":1}, 2]}}"#).unwrap();
        assert_eq!(event.response.unwrap().output.items[0].get(), r#"{"a":1}"#);
    }
}
