//! Keeps what tools change in the workspace, so that a turn can be told as a diff and taken back, without git.
//!
//! Before and after a tool runs, `Workspace` looks at the folders that it may write and keeps the contents in
//! `Objects`, by digest, beside the session. What differs between two looks is the tool's work; it goes into the
//! journal, turn by turn. `carry_out` makes the steps of a plan, all or none. What is worth taking back, and whether it
//! may be, is decided by [`quire_state::changes`] and by the user.
//!
//! What git ignores is not looked at, nor `.git` itself and the other protected folders; patches name their files, so those are
//! kept wherever they are. Everything here blocks.

mod carry;
mod examine;
mod git;
mod journal;
mod limits;
mod objects;
mod observer;
mod rules;
mod sources;
mod stamp;
mod stores;
mod table;
#[cfg(test)]
mod tests;
mod thread;
mod walk;
mod workspace;

pub use carry::{Done, Refusal, carry_out};
pub use examine::facts;
pub use journal::Journal;
pub use limits::Limits;
pub use objects::{Bounds, Objects, digest};
pub(crate) use observer::Observer;
pub(crate) use stores::{ChangeStores, Watched};
pub use thread::{Kept, Seen, Taken, Undo, prune};
pub use workspace::Gap;

/// How the names of files begin that are only there while something is written. A look passes them over.
const STAGING: [&str; 2] = [".quire-undo-", ".quire-patch-"];
