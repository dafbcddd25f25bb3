//! What a turn changed in the files, and how it is taken back.
//!
//! A [`Change`] is two facts about one path: what was there before and what is there after. [`Net`] folds the changes of a
//! turn into one for each path, [`diff`] tells them as text, and [`take_back`] makes a plan of steps that restores what was
//! before, without touching what has been changed otherwise since. What was taken back is a list of changes again, so
//! taking back is taken back the same way.
//!
//! Nothing here reads or writes a file. Facts and contents come from outside, by digest.

mod diff;
mod fact;
mod journal;
mod net;
mod plan;
mod raw;
mod shown;
#[cfg(test)]
mod tests;

pub(crate) use diff::hunks;
pub use diff::{FileDiff, FileDiffKind, TurnDiff, diff};
pub use fact::{Digest, Fact, NoDigest, Opaque, OpaqueFact};
pub use journal::{Entry, History, Status, TurnChanges};
pub use net::{Change, Net};
pub use plan::{Conflict, Consent, Obstacle, Plan, Step, take_back};
pub use raw::RawPath;
pub use shown::early;

/// Largest file of which a copy is kept.
pub const KEPT_FILE_BYTES: u64 = 8 * 1024 * 1024;
/// Most bytes of copies that are kept for one thread.
pub const KEPT_THREAD_BYTES: u64 = 256 * 1024 * 1024;
/// Longest text of a turn's diff.
pub const DIFF_BYTES: usize = 4 * 1024 * 1024;
