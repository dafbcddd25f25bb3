//! The conversation as the model sees it: what goes up with each request and into the rollout file.
//!
//! These are our own shapes; `effects` translates them to and from the wire.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::key::CallId;

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Quire itself, on the user's behalf: permissions, instructions.
    Developer,
    /// The user, or context about the user's machine.
    User,
    /// The model.
    Assistant,
    /// The system role; only read from files of other programs.
    System,
}

/// One part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Text.
    Text(String),
    /// An image as a `data:` URL (or a plain URL) and its detail level.
    Image {
        /// `data:` or `https:` URL.
        url: Arc<str>,
        /// `auto`, `low` or `high`.
        detail: Option<String>,
    },
}

/// Which sort of call the model made; its output must be of the same sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallKind {
    /// `function_call`: arguments are JSON text.
    Function,
    /// `custom_tool_call`: the input is free text.
    Custom,
}

/// One item of the conversation, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistoryItem {
    /// A message of either side.
    Message {
        /// The server's id of the item, if it gave one.
        id: Option<String>,
        /// Who speaks.
        role: Role,
        /// Its parts in order.
        content: Vec<Part>,
        /// `commentary` or `final_answer`, where the model says so.
        phase: Option<String>,
    },
    /// The model's reasoning. `encrypted` is opaque and is sent back as it came.
    Reasoning {
        /// The server's id of the item.
        id: Option<String>,
        /// Summary parts, shown to the user.
        summary: Vec<String>,
        /// Raw reasoning parts, where a server sends them.
        content: Vec<String>,
        /// Encrypted content, never looked into.
        encrypted: Option<String>,
    },
    /// A tool call of the model.
    Call {
        /// The server's id of the item.
        id: Option<String>,
        /// The call's name, which its output repeats.
        call_id: CallId,
        /// Tool name.
        name: String,
        /// Tool namespace, where the call named one.
        namespace: Option<String>,
        /// JSON text or free text, by `kind`.
        arguments: Arc<str>,
        /// Function or custom.
        kind: CallKind,
    },
    /// The one output of a call.
    Output {
        /// The call that it answers.
        call_id: CallId,
        /// What the tool said.
        content: Vec<Part>,
        /// The kind of the call.
        kind: CallKind,
    },
    /// An item of a type that we do not act on (for instance `web_search_call`), kept whole and sent back.
    Opaque(serde_json::Value),
}

impl HistoryItem {
    /// A message of one text part without an id.
    pub fn message(role: Role, text: impl Into<String>) -> Self {
        Self::Message { id: None, role, content: vec![Part::Text(text.into())], phase: None }
    }

    /// Bytes that it holds, roughly.
    pub fn weight(&self) -> usize {
        let parts = |content: &[Part]| content.iter().map(Part::weight).sum::<usize>();
        let texts = |texts: &[String]| texts.iter().map(|text| text.len() + size_of::<String>()).sum::<usize>();
        match self {
            Self::Message { id, content, .. } => id.as_ref().map_or(0, String::len) + parts(content),
            Self::Output { call_id, content, .. } => call_id.0.len() + parts(content),
            Self::Reasoning { id, summary, content, encrypted } => {
                let single = [id, encrypted].into_iter().flatten().map(String::len).sum::<usize>();
                single + texts(summary) + texts(content)
            }
            Self::Call { id, call_id, name, arguments, .. } => {
                id.as_ref().map_or(0, String::len) + call_id.0.len() + name.len() + arguments.len()
            }
            Self::Opaque(value) => value_weight(value),
        }
    }

    /// The text of a message's or output's parts, joined by line ends; empty for other items.
    pub fn text(&self) -> String {
        match self {
            Self::Message { content, .. } | Self::Output { content, .. } => parts_text(content),
            Self::Reasoning { .. } | Self::Call { .. } | Self::Opaque(_) => String::new(),
        }
    }
}

impl Part {
    fn weight(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Text(text) => text.len(),
                Self::Image { url, .. } => url.len(),
            }
    }
}

fn value_weight(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    size_of::<Value>()
        + match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.len(),
            Value::Array(list) => list.iter().map(value_weight).sum(),
            Value::Object(map) => map.iter().map(|(key, value)| key.len() + value_weight(value)).sum(),
        }
}

/// The text parts joined by line ends.
pub fn parts_text(parts: &[Part]) -> String {
    let texts: Vec<&str> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Image { .. } => None,
        })
        .collect();
    texts.join("\n")
}
