//! The body of `POST /responses`, its keys in the order in which the Codex CLI sends them.

use serde::Serialize;
use serde_json::Value;

use super::item::Item;

/// The body.
#[derive(Clone, Debug, Serialize)]
pub struct Request<'a> {
    /// Model slug.
    pub model: &'a str,
    /// Base instructions.
    pub instructions: &'a str,
    /// The conversation.
    pub input: Vec<Item<'a>>,
    /// Tools on offer.
    pub tools: Vec<Tool<'a>>,
    /// `auto`.
    pub tool_choice: &'static str,
    /// Whether several calls may come in one response.
    pub parallel_tool_calls: bool,
    /// Reasoning settings; `null` for models that have none.
    pub reasoning: Option<Reasoning<'a>>,
    /// Whether the server keeps the response: never.
    pub store: bool,
    /// Whether the answer is a stream of events: always.
    pub stream: bool,
    /// Extra fields that the answer should carry.
    pub include: &'static [&'static str],
    /// Names the conversation to the server's prompt cache.
    pub prompt_cache_key: &'a str,
    /// Settings of the answer's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<TextOptions<'a>>,
    /// Names of thread and turn.
    pub client_metadata: Metadata<'a>,
    /// Service tier, only when set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<&'a str>,
}

/// Reasoning settings.
#[derive(Clone, Debug, Serialize)]
pub struct Reasoning<'a> {
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<&'a str>,
    /// Which summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<&'a str>,
}

/// Settings of the answer's text.
#[derive(Clone, Debug, Serialize)]
pub struct TextOptions<'a> {
    /// How wordy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbosity: Option<&'a str>,
    /// A schema that the answer must fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<TextFormat<'a>>,
}

/// A schema that the answer must fit.
#[derive(Clone, Debug, Serialize)]
pub struct TextFormat<'a> {
    /// `json_schema`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whether the server enforces it.
    pub strict: bool,
    /// Its name.
    pub name: &'static str,
    /// The schema.
    pub schema: &'a Value,
}

/// Names of thread and turn, for the server's own records. No installation id: it would name the machine.
#[derive(Clone, Debug, Serialize)]
pub struct Metadata<'a> {
    /// The thread.
    pub session_id: &'a str,
    /// The thread.
    pub thread_id: &'a str,
    /// The turn.
    pub turn_id: &'a str,
}

/// A tool on offer.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Tool<'a> {
    /// Called with JSON arguments.
    Function {
        /// Name.
        name: &'a str,
        /// What it does.
        description: &'a str,
        /// Whether the server enforces the schema.
        strict: bool,
        /// JSON schema of the arguments.
        parameters: &'a Value,
    },
    /// Called with free text.
    Custom {
        /// Name.
        name: &'a str,
        /// What it does.
        description: &'a str,
        /// Shape of the text.
        format: Format<'a>,
    },
    /// One that the server carries out itself, as the server knows it.
    #[serde(untagged)]
    Native(&'a Value),
}

/// Shape of a custom tool's input.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Format<'a> {
    /// By a grammar.
    Grammar(Grammar<'a>),
}

/// A grammar.
#[derive(Clone, Debug, Serialize)]
pub struct Grammar<'a> {
    /// `lark`.
    pub syntax: &'static str,
    /// Its text.
    pub definition: &'a str,
}
