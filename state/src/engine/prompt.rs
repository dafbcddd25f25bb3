//! The base instructions, and how the model is asked to write.

use std::sync::Arc;

use crate::config::{Config, Personality};

/// The base instructions: the user's own, or ours.
pub fn base(config: &Config) -> Arc<str> {
    match &config.instructions {
        Some(instructions) => instructions.as_str().into(),
        None => include_str!("prompt.md").into(),
    }
}

/// How the model is asked to write; `None` for the personality that asks for nothing.
pub fn personality(config: &Config) -> Option<String> {
    let words = match config.personality {
        Personality::None => return None,
        Personality::Friendly => include_str!("personality/friendly.md"),
        Personality::Pragmatic => include_str!("personality/pragmatic.md"),
    };
    Some(format!("<personality_spec>\n{}\n</personality_spec>", words.trim_end()))
}
