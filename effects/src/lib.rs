//! Runs the effects that the core asks for. Never decides: an effect runs exactly as it stands.

#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests set up by other means than what they test"))]

pub mod auth;
pub mod config;
pub mod host;
pub mod inbox;
mod json;
pub mod model;
pub mod rules;
pub mod runner;
pub mod scripted;
pub mod sealed;
pub mod secrets;
#[cfg(test)]
#[path = "../../tests/it/skip.rs"]
mod skip;
pub mod store;
pub mod subs;
pub mod themes;
pub mod tool;
pub mod trust;
pub mod undo;
pub mod vault;
pub mod zone;

pub use quire_wire as wire;
