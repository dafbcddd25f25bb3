//! The model, and how it is asked.

use serde::{Deserialize, Serialize};

use super::{
    super::{builtin, resolution::Resolution},
    known::{Kind, Known, Reading, Section, key, unread},
};

/// How long a model can be asked to think.
pub const EFFORTS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"];
const PERSONALITIES: &[&str] = &["none", "friendly", "pragmatic"];
const INSTRUCTIONS: &str = "instructions to the model";
const COMPACTION: &str = "compaction";

/// How the model writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Personality {
    /// As it does by itself.
    #[default]
    None,
    /// Warm and encouraging.
    Friendly,
    /// Short and direct.
    Pragmatic,
}

impl Personality {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::None, Self::Friendly, Self::Pragmatic];

    /// The configuration spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Friendly => "friendly",
            Self::Pragmatic => "pragmatic",
        }
    }

    /// The one of this spelling.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|personality| personality.as_str() == word)
    }
}

pub(super) const SECTION: Section = Section { name: "Model", keys: KEYS, read: Some(read) };

const KEYS: &[Known] = &[
    key("model", Kind::Text, "The model that answers, by the name its provider gives it."),
    key("model_reasoning_effort", Kind::Choice(EFFORTS), "How long the model thinks."),
    key(
        "model_reasoning_summary",
        Kind::Choice(&["auto", "concise", "detailed", "none"]),
        "Which summary of its reasoning the model is asked for.",
    ),
    key("model_verbosity", Kind::Choice(&["low", "medium", "high"]), "How much the model writes."),
    key(
        "service_tier",
        Kind::Text,
        "The provider's service tier for requests: `fast` is sent as `priority`; `default` and `auto` are the server's own default, and are not sent.",
    ),
    key(
        "model_context_window",
        Kind::Whole { least: 1, most: 1_000_000_000 },
        "How many tokens the model can take in, for a model that is not known here.",
    ),
    key("instructions", Kind::Text, "Replaces the built-in instructions to the model."),
    key("personality", Kind::Choice(PERSONALITIES), "How the model writes: `none` leaves it to the model."),
    key("developer_instructions", Kind::Text, "Instructions added to the built-in ones."),
    unread("compact_prompt", COMPACTION),
    unread("experimental_compact_prompt_file", COMPACTION),
    unread("model_auto_compact_token_limit", COMPACTION),
    unread("model_auto_compact_token_limit_scope", COMPACTION),
    unread("experimental_instructions_file", INSTRUCTIONS),
    unread("include_apps_instructions", INSTRUCTIONS),
    unread("include_collaboration_mode_instructions", INSTRUCTIONS),
    unread("include_environment_context", INSTRUCTIONS),
    unread("include_permissions_instructions", INSTRUCTIONS),
    unread("model_instructions_file", INSTRUCTIONS),
    unread("disable_response_storage", "facts about models"),
    unread("model_catalog_json", "facts about models"),
    unread("model_supports_reasoning_summaries", "facts about models"),
    unread("plan_mode_reasoning_effort", "plan mode"),
    unread("review_model", "reviews"),
];

fn read(reading: &Reading<'_>, resolution: &mut Resolution) {
    let Reading { settings, .. } = reading;
    let text = |key: &str| settings.text(&[key]).map(str::to_owned);
    let config = &mut resolution.config;
    if let Some(model) = text("model") {
        config.model = model;
    }
    config.effort = text("model_reasoning_effort").or_else(|| builtin::effort_of(&config.model).map(str::to_owned));
    config.summary = text("model_reasoning_summary").filter(|summary| summary != "none");
    config.verbosity = text("model_verbosity");
    config.service_tier = text("service_tier");
    config.context_window =
        settings.whole(&["model_context_window"]).or_else(|| builtin::context_window_of(&config.model));
    config.personality = text("personality").and_then(|word| Personality::named(&word)).unwrap_or_default();
    config.instructions = text("instructions");
    config.developer_instructions = text("developer_instructions");
}
