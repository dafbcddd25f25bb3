//! What a patch that is being written would leave behind if it were killed: written down in the agent's home before
//! anything of it is made, and put right at the next start.
//!
//! A record has up to three lines. The plan names every place with the name beside it that is used meanwhile. Once all new
//! contents stand under these names, a second line tells them apart. Once all have changed places, a third line says
//! so. Without the third line everything is put back as it was before the patch; with it only the old contents go.
//! Only files are touched that the record knows by device and number; a file that was changed since stays as it is.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, ErrorKind, Read as _, Write as _},
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use quire_files::{Folder, Links};
use rustix::{
    fs::{AtFlags, CWD, FileType, FlockOperation, Mode, OFlags, ResolveFlags, Stat, flock},
    io::Errno,
};
use serde::{Deserialize, Serialize};

use super::names::{rename_to_free, swap};

/// How the names begin under which files stand meanwhile.
pub(super) const STAGED: &str = ".quire-patch-";
/// Most records that are looked at, and the largest.
const RECORDS: usize = 1000;
const RECORD_BYTES: u64 = 16 * 1024 * 1024;
/// How often we try again when a sweep takes our record away.
const TRIES: u32 = 100;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Tells a file from all others, and this content of it from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ident {
    device: u64,
    number: u64,
    size: i64,
    modified: (i64, u64),
}

impl From<&Stat> for Ident {
    fn from(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev,
            number: stat.st_ino,
            size: stat.st_size,
            modified: (stat.st_mtime, stat.st_mtime_nsec),
        }
    }
}

/// One file of the patch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    /// Its folder, by its real path.
    pub(super) folder: Vec<u8>,
    /// Its name there.
    pub(super) name: Vec<u8>,
    /// The name beside it.
    pub(super) other: Vec<u8>,
    /// What is there before the patch.
    pub(super) old: Option<Ident>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Plan {
    places: Vec<Place>,
    /// Folders that are made for it.
    folders: Vec<Vec<u8>>,
}

/// The record of a patch that is being written. Dropped, it is gone: nothing is left behind then.
#[derive(Debug)]
pub(super) struct Record {
    registry: Folder,
    name: String,
    file: File,
}

impl Record {
    /// Writes down what is about to be made.
    pub(super) fn begin(registry: &Path, places: Vec<Place>, folders: Vec<Vec<u8>>) -> io::Result<Self> {
        let registry = Folder::make(registry, Links::Follow, 0o700)?;
        for _ in 0..TRIES {
            let name = format!("{}.{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let file = match registry.make_file(&name, 0o600) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                file => file?,
            };
            flock(&file, FlockOperation::LockExclusive)?;
            // A sweep may have come between.
            if rustix::fs::fstat(&file)?.st_nlink == 0 {
                continue;
            }
            let mut record = Self { registry, name, file };
            record.line(&Plan { places, folders })?;
            return Ok(record);
        }
        Err(ErrorKind::WouldBlock.into())
    }

    /// All new contents stand under their other names, each of these.
    pub(super) fn staged(&mut self, new: &[Option<Ident>]) -> io::Result<()> {
        self.line(new)
    }

    /// All have changed places.
    pub(super) fn done(&mut self) -> io::Result<()> {
        self.line(&true)
    }

    fn line(&mut self, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // One that stays is looked at by the next start, which finds nothing to do.
        let _ = self.registry.remove(&self.name);
    }
}

/// Puts right what killed patches of this home left behind.
pub fn sweep(registry: &Path) {
    let Ok(registry) = Folder::open(registry, Links::Follow) else { return };
    let Ok(records) = registry.list(RECORDS) else { return };
    for record in records.entries {
        let Ok(held) = registry.hold(&record.name) else { continue };
        let file = held.into_file();
        // Who writes a patch holds its record.
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            continue;
        }
        let mut text = Vec::new();
        if (&file).take(RECORD_BYTES).read_to_end(&mut text).is_ok() {
            repair(&text);
        }
        // The lock is held until the record is gone, so that one start alone puts things right.
        let _ = registry.remove(&record.name);
    }
}

fn repair(text: &[u8]) {
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let plan = lines.next().and_then(|line| serde_json::from_slice::<Plan>(line).ok());
    let Some(Plan { places, folders }) = plan else { return };
    let staged = lines.next().and_then(|line| serde_json::from_slice::<Vec<Option<Ident>>>(line).ok());
    let is_done = lines.next().is_some_and(|line| line == b"true\n");
    for (at, place) in places.iter().enumerate().rev() {
        if !place.other.starts_with(STAGED.as_bytes()) {
            continue;
        }
        let Some(folder) = open(Path::new(OsStr::from_bytes(&place.folder))) else { continue };
        let spot = Spot { folder, place };
        match &staged {
            None => spot.remove_new(None),
            Some(new) => {
                let new = new.get(at).copied().flatten();
                if is_done { spot.finish() } else { spot.put_back(new) }
            }
        }
    }
    if !is_done {
        for folder in folders.iter().rev().map(|folder| Path::new(OsStr::from_bytes(folder))) {
            // One that is not empty is in use.
            if let (Some(above), Some(name)) = (folder.parent().and_then(open), folder.file_name()) {
                let _ = rustix::fs::unlinkat(above, name, AtFlags::REMOVEDIR);
            }
        }
    }
}

fn open(folder: &Path) -> Option<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    rustix::fs::openat2(CWD, folder, flags, Mode::empty(), resolve).ok()
}

/// A place, with its folder held.
struct Spot<'a> {
    folder: OwnedFd,
    place: &'a Place,
}

impl Spot<'_> {
    fn name(&self) -> &OsStr {
        OsStr::from_bytes(&self.place.name)
    }

    fn other(&self) -> &OsStr {
        OsStr::from_bytes(&self.place.other)
    }

    /// The name that [`swap`] uses where the file system cannot do it in one step.
    fn between(&self) -> std::ffi::OsString {
        let mut name = self.other().to_owned();
        name.push("-old");
        name
    }

    fn at(&self, name: &OsStr) -> Option<(Ident, bool)> {
        let stat = rustix::fs::statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        Some((Ident::from(&stat), FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile))
    }

    fn is(&self, name: &OsStr, wanted: Option<Ident>) -> bool {
        wanted.is_some() && self.at(name).map(|(ident, _)| ident) == wanted
    }

    fn remove(&self, name: &OsStr) {
        let _ = rustix::fs::unlinkat(&self.folder, name, AtFlags::empty());
    }

    /// Removes what stands under the other name, if it is the new content, or a part of it when none was whole yet.
    fn remove_new(&self, new: Option<Ident>) {
        let Some((found, is_file)) = self.at(self.other()) else { return };
        if is_file && Some(found) != self.place.old && new.is_none_or(|new| new == found) {
            self.remove(self.other());
        }
    }

    /// The patch was written: the old content goes.
    fn finish(&self) {
        for name in [self.other().to_owned(), self.between()] {
            if self.is(&name, self.place.old) {
                self.remove(&name);
            }
        }
    }

    /// Puts the old content in its place again, unless the new one has been changed since.
    fn put_back(&self, new: Option<Ident>) {
        let (folder, name, other, between) = (&self.folder, self.name(), self.other(), self.between());
        let old = self.place.old;
        if self.is(&between, old) {
            let is_ours = self.is(name, new) || self.is(name, old);
            if is_ours && rustix::fs::renameat(folder, &between, folder, name) == Ok(()) {
                // A rename between two names of one file does nothing.
                self.remove(&between);
            }
            return self.remove_new(new);
        }
        let done: Result<(), Errno> = match (old, new) {
            (Some(_), Some(_)) if self.is(other, old) && self.is(name, new) => swap((folder, name), (folder, other)),
            (None, Some(_)) if self.is(name, new) => rename_to_free((folder, name), (folder, other)),
            (Some(_), None) if self.is(other, old) => rename_to_free((folder, other), (folder, name)),
            (Some(_) | None, Some(_) | None) => Ok(()),
        };
        if done.is_ok() && new.is_some() {
            self.remove_new(new);
        }
    }
}
