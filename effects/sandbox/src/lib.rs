//! What Quire asks of the operating system: to start a command apart from the agent, to end it with everything that
//! it started, and to keep the agent itself private.
//!
//! Decides nothing: which command runs, and when it ends, is said by the caller. Knows no async runtime.

pub mod harden;
pub mod leader;
mod process;
mod target;
pub mod tree;
