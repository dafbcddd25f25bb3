//! What holds when nothing is configured: defaults, built-in providers, facts about known models.

use super::{layer::Layer, source::Source};

/// Model without configuration.
pub(crate) const MODEL: &str = "gpt-5.5";
/// Provider without configuration.
pub(crate) const PROVIDER: &str = "openai";
/// Retries of a request without configuration.
pub(crate) const REQUEST_MAX_RETRIES: u32 = 4;
/// Retries of a stream without configuration.
pub(crate) const STREAM_MAX_RETRIES: u32 = 5;
/// Silence that ends a stream without configuration, in milliseconds.
pub(crate) const STREAM_IDLE_TIMEOUT_MS: u64 = 300_000;
/// The provider that needs no server.
pub(crate) const DEMO: &str = "demo";

/// The lowest layer. The demo's address is never asked; it only stands where an address is shown.
pub(crate) fn layer() -> Layer {
    Layer::new(Source::Default)
        .with(&["model"], MODEL)
        .with(&["model_provider"], PROVIDER)
        .with(&["approval_policy"], "on-request")
        .with(&["hide_agent_reasoning"], false)
        .with(&["tui", "animations"], true)
        .with(&["model_providers", "openai", "name"], "OpenAI")
        .with(&["model_providers", "openai", "base_url"], "https://api.openai.com/v1")
        .with(&["model_providers", "openai", "requires_openai_auth"], true)
        .with(&["model_providers", "oss", "name"], "Ollama")
        .with(&["model_providers", "oss", "base_url"], "http://localhost:11434/v1")
        .with(&["model_providers", "ollama", "name"], "Ollama")
        .with(&["model_providers", "ollama", "base_url"], "http://localhost:11434/v1")
        .with(&["model_providers", "lmstudio", "name"], "LM Studio")
        .with(&["model_providers", "lmstudio", "base_url"], "http://localhost:1234/v1")
        .with(&["model_providers", DEMO, "name"], "Demo")
        .with(&["model_providers", DEMO, "base_url"], "http://localhost/demo")
}

/// The model that a local provider serves when none is named.
pub fn local_model(provider: &str) -> &'static str {
    if provider == "lmstudio" { "openai/gpt-oss-20b" } else { "gpt-oss:20b" }
}

/// Reasoning effort of a model when none is configured; `None` leaves reasoning out of its requests.
pub(crate) fn effort_of(model: &str) -> Option<&'static str> {
    is_gpt5(model).then_some("medium")
}

/// Context window of a model when none is configured, in tokens.
pub(crate) fn context_window_of(model: &str) -> Option<u64> {
    is_gpt5(model).then_some(272_000)
}

/// Whether the model was taught tools that take free text: GPT-5 and what came after it, by whichever vendor's name in front.
/// A tag after a colon names a copy of a model.
pub(crate) fn takes_free_text(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or_default();
    let Some(rest) = name.strip_prefix("gpt-").filter(|rest| !rest.contains(':')) else { return false };
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let generation: Option<u32> = rest[..digits].parse().ok();
    generation.is_some_and(|generation| generation >= 5)
        && matches!(rest.as_bytes().get(digits), None | Some(b'.' | b'-'))
}

fn is_gpt5(model: &str) -> bool {
    model.strip_prefix("gpt-5").is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}
