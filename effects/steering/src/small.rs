//! Reading small files that another user may have put there.

use std::path::Path;

use quire_files::{Held, Links};

/// Most that is read of a file with one path or name in it, in bytes. What is longer is cut.
pub(crate) const POINTER: u64 = 8 * 1024;
/// Most that is read of a git configuration file, in bytes. What is longer is cut.
pub(crate) const CONFIG: u64 = 256 * 1024;

/// The first `limit` bytes of a regular file; nothing where there is none.
pub(crate) fn read(path: &Path, limit: u64) -> Option<Vec<u8>> {
    Held::open(path, Links::Follow).ok()?.first(limit).ok()
}
