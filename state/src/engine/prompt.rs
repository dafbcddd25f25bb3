//! The base instructions.

use std::sync::Arc;

use crate::config::Config;

/// The base instructions: the user's own, or ours.
pub fn base(config: &Config) -> Arc<str> {
    match &config.instructions {
        Some(instructions) => instructions.as_str().into(),
        None => include_str!("prompt.md").into(),
    }
}
