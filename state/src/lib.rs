//! The pure core of Quire.
//!
//! [`boot`](boot::boot) makes the first [`Model`], [`update`](update::update) folds one [`Msg`] into it and
//! answers with a [`Cmd`], [`subscriptions`] says what must be listened to now, and
//! [`coalesce`](coalesce::coalesce) merges a batch without changing what the fold makes of it.
//!
//! Nothing here performs I/O, reads a clock, draws randomness, reads the environment or blocks.

#![deny(clippy::wildcard_enum_match_arm)]

#[macro_use]
mod never;

pub mod boot;
pub mod changes;
pub mod cmd;
pub mod coalesce;
pub mod config;
pub mod engine;
pub mod fault;
pub mod history;
pub mod id_generator;
pub mod item;
pub mod key;
pub mod limits;
pub mod model;
pub mod msg;
pub mod patch;
#[cfg(feature = "planted-bugs")]
pub mod planted;
pub mod policy;
pub mod replay;
pub mod rollout;
pub mod rules;
pub mod screen;
pub mod secrets;
pub mod sub;
pub mod text;
pub mod theme_file;
pub mod trust;
pub mod update;

pub use boot::{Boot, boot};
pub use cmd::{Cmd, Effect, Notice};
pub use coalesce::coalesce;
pub use key::Key;
pub use model::Model;
pub use msg::{Clock, Input, Msg, Op, Origin, Report};
pub use sub::{Sub, subscriptions};
pub use update::update;
