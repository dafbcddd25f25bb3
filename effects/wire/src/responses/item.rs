//! Items of the conversation as they are written: in a request's `input` and in a rollout's `response_item`.

use serde::Serialize;
use serde_json::Value;

/// One item. Ids are written only where they are set.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Item<'a> {
    /// A message of either side.
    Message {
        /// The server's id.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        /// `developer`, `user`, `assistant` or `system`.
        role: &'static str,
        /// Its parts.
        content: Vec<Part<'a>>,
        /// `commentary` or `final_answer`.
        #[serde(skip_serializing_if = "Option::is_none")]
        phase: Option<&'a str>,
    },
    /// The model's reasoning.
    Reasoning {
        /// The server's id.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        /// Summary parts, of type `summary_text`.
        summary: Vec<TextPart<'a>>,
        /// Raw parts, of type `reasoning_text`.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<TextPart<'a>>,
        /// Opaque content, as it came.
        #[serde(skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<&'a str>,
    },
    /// A call with JSON arguments.
    FunctionCall {
        /// The server's id.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        /// Tool name.
        name: &'a str,
        /// Tool namespace.
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<&'a str>,
        /// JSON text.
        arguments: &'a str,
        /// The call's name.
        call_id: &'a str,
    },
    /// A call with free text.
    CustomToolCall {
        /// The server's id.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        /// The call's name.
        call_id: &'a str,
        /// Tool name.
        name: &'a str,
        /// Tool namespace.
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<&'a str>,
        /// Free text.
        input: &'a str,
    },
    /// The output of a `function_call`.
    FunctionCallOutput {
        /// The call that it answers.
        call_id: &'a str,
        /// What the tool said.
        output: Output<'a>,
    },
    /// The output of a `custom_tool_call`.
    CustomToolCallOutput {
        /// The call that it answers.
        call_id: &'a str,
        /// What the tool said.
        output: Output<'a>,
    },
    /// An item that is written as it came.
    #[serde(untagged)]
    Raw(&'a Value),
}

/// A part of a message or of a tool's output.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part<'a> {
    /// Text that goes to the model.
    InputText {
        /// The text.
        text: &'a str,
    },
    /// Text that came from the model.
    OutputText {
        /// The text.
        text: &'a str,
    },
    /// An image.
    InputImage {
        /// `data:` or `https:` URL.
        image_url: &'a str,
        /// Detail level.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<&'a str>,
    },
}

/// A part of a reasoning item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TextPart<'a> {
    /// `summary_text` or `reasoning_text`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The text.
    pub text: &'a str,
}

/// A tool's output: one text, or a list of parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Output<'a> {
    /// One text.
    Text(&'a str),
    /// Parts in order.
    Parts(Vec<Part<'a>>),
}
