//! What Quire asks of the operating system: to start a command apart from the agent, in the sandbox of a plan, to end
//! it with everything that it started, and to keep the agent itself private.
//!
//! Decides nothing: which command runs, and when it ends, is said by the caller. Knows no async runtime.

#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests set up by other means than what they test"))]
#![cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "what prepares the sandbox is used on Linux alone"))]

#[cfg(target_os = "linux")]
mod bwrap;
#[cfg(target_os = "linux")]
pub mod confine;
pub mod ends;
#[cfg(target_os = "linux")]
mod guard;
#[cfg(target_os = "linux")]
mod handoff;
pub mod harden;
#[cfg(target_os = "linux")]
pub mod inner;
#[cfg(target_os = "linux")]
mod layout;
pub mod leader;
pub mod links;
pub mod memory;
#[cfg(target_os = "linux")]
mod numbers;
pub mod plan;
mod process;
pub mod refusal;
mod reserve;
pub mod seatbelt;
#[cfg(test)]
#[path = "../../../tests/it/skip.rs"]
mod skip;
pub mod streams;
#[cfg(target_os = "linux")]
pub mod supervise;
mod target;
pub mod tree;
