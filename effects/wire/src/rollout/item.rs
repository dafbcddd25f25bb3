//! Items of `item_completed` lines, as far as a resumed session needs them.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

/// The kind of an item, without its contents.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ItemHead {
    /// The kind, for instance `CommandExecution`.
    #[serde(rename = "type")]
    pub kind: String,
}

impl ItemHead {
    /// Whether [`TurnItem`] can read an item of this kind.
    pub fn is_known(&self) -> bool {
        matches!(self.kind.as_str(), "UserMessage" | "AgentMessage" | "Reasoning")
    }
}

/// An item of the transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum TurnItem<'a> {
    /// What the user said.
    UserMessage {
        /// The item's id.
        id: Cow<'a, str>,
        /// Its pieces.
        content: Vec<Piece<'a>>,
    },
    /// What the model said.
    AgentMessage {
        /// The item's id.
        id: Cow<'a, str>,
        /// Its pieces.
        content: Vec<Piece<'a>>,
        /// `commentary` or `final_answer`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phase: Option<Cow<'a, str>>,
    },
    /// The model's reasoning.
    Reasoning {
        /// The item's id.
        id: Cow<'a, str>,
        /// Summary parts.
        #[serde(default)]
        summary_text: Vec<Cow<'a, str>>,
        /// Raw reasoning.
        #[serde(default)]
        raw_content: Vec<Cow<'a, str>>,
    },
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Piece<'a> {
    /// Text of the model.
    Text {
        /// The text.
        text: Cow<'a, str>,
    },
    /// Text of the user.
    #[serde(rename = "text")]
    UserText {
        /// The text.
        text: Cow<'a, str>,
        /// Marked ranges; never written here and not read, but readers want the field.
        #[serde(skip_deserializing)]
        text_elements: [(); 0],
    },
    /// An image of the user.
    #[serde(rename = "image")]
    Image {
        /// `data:` URL.
        image_url: Arc<str>,
    },
    /// Anything else.
    #[serde(other)]
    Other,
}
