//! The one way in which Quire reads and writes files.
//!
//! A file may have been put there by a repository, by a command in the sandbox or by another user of the machine. So nothing here
//! waits (a pipe without a writer), nothing is opened that is no regular file (devices, sockets), nothing is read beyond a
//! [limit](limits), and nothing is written through a link, into a pipe or into a file that has other names. Everything else in
//! the program that opens files goes through here; a lint (`clippy::disallowed_methods`) forbids `std::fs` elsewhere.
//!
//! - [`read`], [`read_text`] and [`Held`] read one file; [`Held::stream`] reads a large one bit by bit.
//! - [`Folder`] is a folder that is held by descriptor: beneath it files are read, made, replaced, appended to and removed, so that
//!   it cannot be replaced by another folder meanwhile.
//! - [`Links`] says what is done with symbolic links on the way.
//!
//! Errors are [`io::Error`]s with the reason as a clause ("it is a pipe, not a regular file"); [`unfit`] tells what exactly was
//! wrong.

#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests set up by other means than what they test"))]

mod entries;
mod facts;
mod folder;
mod held;
pub mod limits;
mod links;
mod names;
pub mod priority;
#[cfg(test)]
mod tests;
mod unfit;
mod walk;
mod watches;
mod write;

use std::{io, path::Path};

pub use entries::{Entries, Entry, Listing};
pub use facts::{Facts, Kind};
pub use folder::Folder;
pub use held::{Held, Part, Stream};
pub use links::{LONGEST_CHAIN, follow};
pub use unfit::{Unfit, unfit};
pub use walk::Links;
pub use watches::{News, Watches};
pub use write::{Appending, New};

/// The content of a regular file, at most `limit` bytes.
///
/// # Errors
/// When it is missing, no regular file, larger than that, or cannot be read.
pub fn read(path: &Path, links: Links<'_>, limit: u64) -> io::Result<Vec<u8>> {
    Held::open(path, links)?.bytes(limit)
}

/// The content of a regular file as UTF-8 text, at most `limit` bytes.
///
/// # Errors
/// As [`read`], and when it is no text; the error names the line.
pub fn read_text(path: &Path, links: Links<'_>, limit: u64) -> io::Result<String> {
    Held::open(path, links)?.text(limit)
}

/// What is in a folder, at most `most` entries.
///
/// # Errors
/// When it is missing, no folder, or cannot be read.
pub fn list(path: &Path, links: Links<'_>, most: usize) -> io::Result<Listing> {
    Folder::open(path, links)?.list(most)
}
