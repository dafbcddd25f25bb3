//! The base instructions, and how the model is asked to write.

use std::sync::Arc;

use crate::config::Config;

/// The base instructions: the user's own, or ours.
pub fn base(config: &Config) -> Arc<str> {
    match &config.instructions {
        Some(instructions) => instructions.as_str().into(),
        None => include_str!("prompt.md").into(),
    }
}

/// How the model is asked to write; `None` for the personality that asks for nothing.
pub fn personality(config: &Config) -> Option<String> {
    let words = match config.personality.as_deref()? {
        "friendly" => include_str!("personality/friendly.md"),
        "pragmatic" => include_str!("personality/pragmatic.md"),
        _ => return None,
    };
    Some(format!("<personality_spec>\n{}\n</personality_spec>", words.trim_end()))
}
