//! Conversation items between our shapes and the wire's. What we do not understand stays whole.

use std::sync::Arc;

use quire_state::{
    history::{CallKind, HistoryItem, Part, Role},
    key::CallId,
};
use quire_wire::responses::{Item, Output, Part as WirePart, TextPart};
use serde_json::{Map, Value};

/// The item as the wire (and a rollout file) spells it, ids included.
pub fn item_to_value(item: &HistoryItem) -> Value {
    // Writing borrowed text into a value cannot fail; `null` would be read back as an opaque item.
    serde_json::to_value(to_wire(item)).unwrap_or_default()
}

/// An item of the wire (or of a rollout file) in our shape. Types and parts that we do not know make it opaque.
pub fn item_from_value(value: Value) -> HistoryItem {
    let Value::Object(map) = value else { return HistoryItem::Opaque(value) };
    let kind = map.get("type").and_then(Value::as_str).unwrap_or("message").to_owned();
    let read = match kind.as_str() {
        "message" => message(map),
        "reasoning" => Ok(reasoning(map)),
        "function_call" => Ok(call(map, CallKind::Function, "arguments")),
        "custom_tool_call" => Ok(call(map, CallKind::Custom, "input")),
        "function_call_output" => Ok(output(map, CallKind::Function)),
        "custom_tool_call_output" => Ok(output(map, CallKind::Custom)),
        _ => Err(map),
    };
    read.unwrap_or_else(|map| HistoryItem::Opaque(Value::Object(map)))
}

/// The item as the wire spells it, borrowed.
pub(crate) fn to_wire(item: &HistoryItem) -> Item<'_> {
    match item {
        HistoryItem::Message { id, role, content, phase } => Item::Message {
            id: id.as_deref(),
            role: role_name(*role),
            content: content.iter().map(|part| part_to_wire(part, *role)).collect(),
            phase: phase.as_deref(),
        },
        HistoryItem::Reasoning { id, summary, content, encrypted } => Item::Reasoning {
            id: id.as_deref(),
            summary: text_parts("summary_text", summary),
            content: text_parts("reasoning_text", content),
            encrypted_content: encrypted.as_deref(),
        },
        HistoryItem::Call { id, call_id, name, namespace, arguments, kind } => match kind {
            CallKind::Function => Item::FunctionCall {
                id: id.as_deref(),
                name,
                namespace: namespace.as_deref(),
                arguments,
                call_id: &call_id.0,
            },
            CallKind::Custom => Item::CustomToolCall {
                id: id.as_deref(),
                call_id: &call_id.0,
                name,
                namespace: namespace.as_deref(),
                input: arguments,
            },
        },
        HistoryItem::Output { call_id, content, kind } => {
            let output = output_to_wire(content);
            match kind {
                CallKind::Function => Item::FunctionCallOutput { call_id: &call_id.0, output },
                CallKind::Custom => Item::CustomToolCallOutput { call_id: &call_id.0, output },
            }
        }
        HistoryItem::Opaque(value) => Item::Raw(value),
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Developer => "developer",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::System => "system",
    }
}

fn part_to_wire(part: &Part, role: Role) -> WirePart<'_> {
    match (part, role) {
        (Part::Text(text), Role::Assistant) => WirePart::OutputText { text },
        (Part::Text(text), Role::Developer | Role::User | Role::System) => WirePart::InputText { text },
        (Part::Image { url, detail }, _) => WirePart::InputImage { image_url: url, detail: detail.as_deref() },
    }
}

fn text_parts<'a>(kind: &'static str, texts: &'a [String]) -> Vec<TextPart<'a>> {
    texts.iter().map(|text| TextPart { kind, text }).collect()
}

fn output_to_wire(content: &[Part]) -> Output<'_> {
    match content {
        [] => Output::Text(""),
        [Part::Text(text)] => Output::Text(text),
        parts => Output::Parts(parts.iter().map(|part| part_to_wire(part, Role::User)).collect()),
    }
}

/// An item, or the untouched map when it is none that we understand.
type Read = Result<HistoryItem, Map<String, Value>>;

fn message(mut map: Map<String, Value>) -> Read {
    let role = match map.get("role").and_then(Value::as_str) {
        Some("developer") => Role::Developer,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("system") => Role::System,
        _ => return Err(map),
    };
    if !map.get("content").is_none_or(is_known_content) {
        return Err(map);
    }
    let content = map.remove("content").map(parts).unwrap_or_default();
    Ok(HistoryItem::Message { id: take(&mut map, "id"), role, content, phase: take(&mut map, "phase") })
}

fn reasoning(mut map: Map<String, Value>) -> HistoryItem {
    HistoryItem::Reasoning {
        id: take(&mut map, "id"),
        summary: texts(map.remove("summary")),
        content: texts(map.remove("content")),
        encrypted: take(&mut map, "encrypted_content"),
    }
}

/// Some servers name the call only by the item's id. One that has no name, or names no tool, is a call all the same: it
/// wants an output.
fn call(mut map: Map<String, Value>, kind: CallKind, input: &str) -> HistoryItem {
    let id = take(&mut map, "id");
    let call_id = take(&mut map, "call_id").or_else(|| id.clone());
    let arguments = match map.remove(input) {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    };
    HistoryItem::Call {
        id,
        call_id: CallId(call_id.unwrap_or_default()),
        name: take(&mut map, "name").unwrap_or_default(),
        namespace: take(&mut map, "namespace"),
        arguments: arguments.into(),
        kind,
    }
}

fn output(mut map: Map<String, Value>, kind: CallKind) -> HistoryItem {
    let content = match map.remove("output") {
        None | Some(Value::Null) => Vec::new(),
        Some(value) if is_known_content(&value) => parts(value),
        Some(other) => vec![Part::Text(other.to_string())],
    };
    HistoryItem::Output { call_id: CallId(take(&mut map, "call_id").unwrap_or_default()), content, kind }
}

/// Takes a text out of the map; empty and absent are the same.
fn take(map: &mut Map<String, Value>, key: &str) -> Option<String> {
    match map.get_mut(key).map(Value::take) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn is_known_content(content: &Value) -> bool {
    match content {
        Value::Null | Value::String(_) => true,
        Value::Array(list) => list.iter().all(is_known_part),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

fn is_known_part(part: &Value) -> bool {
    match part.get("type").and_then(Value::as_str) {
        Some("input_text" | "output_text" | "text") => part.get("text").is_some_and(Value::is_string),
        Some("refusal") => part.get("refusal").is_some_and(Value::is_string),
        Some("input_image") => image_url(part).is_some(),
        _ => false,
    }
}

fn image_url(part: &Value) -> Option<&str> {
    let url = part.get("image_url")?;
    url.as_str().or_else(|| url.get("url")?.as_str())
}

/// The parts of content that [`is_known_content`] has passed.
fn parts(content: Value) -> Vec<Part> {
    match content {
        Value::String(text) => vec![Part::Text(text)],
        Value::Array(list) => list.into_iter().filter_map(part).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

fn part(mut value: Value) -> Option<Part> {
    if let Some(url) = image_url(&value) {
        let detail = value.get("detail").and_then(Value::as_str).map(str::to_owned);
        return Some(Part::Image { url: Arc::from(url), detail });
    }
    let map = value.as_object_mut()?;
    ["text", "refusal"].into_iter().find_map(|key| match map.get_mut(key).map(Value::take) {
        Some(Value::String(text)) => Some(Part::Text(text)),
        _ => None,
    })
}

/// The texts of a reasoning item's parts.
fn texts(list: Option<Value>) -> Vec<String> {
    match list {
        Some(Value::Array(list)) => list.into_iter().filter_map(text).collect(),
        Some(Value::String(text)) if !text.is_empty() => vec![text],
        _ => Vec::new(),
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(mut map) => match map.get_mut("text").map(Value::take) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}
