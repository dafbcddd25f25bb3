//! The faces of Quire and the shell around its fold.

#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests set up by other means than what they test"))]

pub mod choose;
pub mod cli;
pub mod debug;
pub mod doctor;
pub mod driver;
pub mod early;
pub mod execpolicy;
pub mod exit;
pub mod face;
pub mod faces;
pub mod features;
pub mod launch;
pub mod output;
pub mod record;
pub mod run;
pub mod sandbox;
pub mod shelve;
#[cfg(test)]
#[path = "../tests/it/skip.rs"]
mod skip;
pub mod terminal;
