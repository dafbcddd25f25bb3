//! Changes a text file of the user's as a whole: at every moment it has its whole old or its whole new text.

use std::{
    fs::{File, TryLockError},
    io::{self, ErrorKind},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use quire_files::{Folder, Held, Links, New};
use quire_state::fault::Fault;

use super::place;

/// How long is waited for another process that changes the file, and how often it is looked at.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
const LOCK_LOOK: Duration = Duration::from_millis(5);

/// A file that is changed.
pub(crate) struct Rewrite<'a> {
    /// The file. A link keeps it elsewhere on purpose: what it leads to is replaced, not the link.
    pub(crate) path: &'a Path,
    /// The lock beside it. Several of us may write at once; each must see what the one before it wrote.
    pub(crate) lock: &'a Path,
    /// What is being done, as a message begins.
    pub(crate) doing: &'a str,
    /// Whether it is private from now on, whatever it was; else an old one keeps its permissions.
    pub(crate) is_private: bool,
    /// Bytes that are read at most.
    pub(crate) limit: u64,
}

impl Rewrite<'_> {
    /// Gives the text to `change`, and puts what comes of it in its place; `None` leaves the file as it is. A new file is private.
    ///
    /// # Errors
    /// Why it could not be changed. The file is as it was.
    pub(crate) fn run(&self, change: impl FnOnce(String) -> Result<Option<String>, Fault>) -> Result<(), Fault> {
        let storage = |error: io::Error| place::storage(self.doing, self.path, &error);
        place::make_folder(self.path.parent().unwrap_or(self.path)).map_err(storage)?;
        let lock = place::open_for_append(self.lock).map_err(storage)?;
        wait_for(&lock).map_err(storage)?;
        let target = match self.path.canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == ErrorKind::NotFound && !self.path.is_symlink() => self.path.to_owned(),
            Err(error) => return Err(storage(error)),
        };
        let (text, new) = match Held::open(&target, Links::NotLast) {
            Ok(held) => {
                let mode = if self.is_private { New::PRIVATE.mode } else { held.facts().mode & 0o777 };
                (held.text(self.limit).map_err(storage)?, New { mode, ..New::PRIVATE })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => (String::new(), New::PRIVATE),
            Err(error) => return Err(storage(error)),
        };
        let Some(text) = change(text)? else { return Ok(()) };
        let (folder, name) = Folder::above(&target, Links::Follow).map_err(storage)?;
        folder.replace(name, text.as_bytes(), new.synced()).map_err(storage)
    }
}

fn wait_for(lock: &File) -> io::Result<()> {
    let until = Instant::now() + LOCK_PATIENCE;
    loop {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(LOCK_LOOK),
            Err(TryLockError::WouldBlock) => return Err(io::Error::other("another process holds the lock beside it")),
            Err(TryLockError::Error(error)) if error.kind() != ErrorKind::Unsupported => return Err(error),
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(()),
        }
    }
}
