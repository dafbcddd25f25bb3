//! What is in a folder.

use std::{
    ffi::{OsStr, OsString},
    io,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::ffi::OsStrExt as _,
    },
};

use rustix::fs::Dir;

use crate::{Facts, Folder, Kind, walk::facts_at};

/// Something with a name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name.
    pub name: OsString,
    /// What it is; links are not followed.
    pub kind: Kind,
}

/// What is in a folder, as far as it was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The entries in the order of their names.
    pub entries: Vec<Entry>,
    /// Whether these are all.
    pub is_whole: bool,
}

/// The entries of a folder one by one, in no order.
#[derive(Debug)]
pub struct Entries {
    dir: Dir,
    folder: OwnedFd,
}

impl Entries {
    pub(crate) fn of(folder: &Folder) -> io::Result<Self> {
        let open = folder.readable()?;
        Ok(Self { dir: Dir::read_from(&open)?, folder: open })
    }

    /// What the system says of an entry; links are not followed. `None` when it is gone.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn facts(&self, name: &OsStr) -> io::Result<Option<Facts>> {
        facts_at(self.folder.as_fd(), name, false)
    }
}

impl Iterator for Entries {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = match self.dir.next()? {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            let name = entry.file_name().to_bytes();
            if matches!(name, b"." | b"..") {
                continue;
            }
            let name = OsStr::from_bytes(name).to_owned();
            let mut kind = Kind::of(entry.file_type());
            if kind == Kind::Unknown {
                // Some file systems say it only when asked.
                match facts_at(self.folder.as_fd(), &name, false) {
                    Ok(Some(facts)) => kind = facts.kind,
                    Ok(None) => continue,
                    Err(error) => return Some(Err(error)),
                }
            }
            return Some(Ok(Entry { name, kind }));
        }
    }
}
