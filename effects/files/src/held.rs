//! One regular file, open for reading.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::fs::FileExt as _,
    },
    path::Path,
};

use rustix::{
    fs::{CWD, Mode, OFlags},
    io::Errno,
};

use crate::{
    Facts, Kind, Links, Unfit,
    walk::{self, facts, facts_at},
};

/// Opened without waiting, without becoming anybody's terminal, and never for a command to inherit.
pub(crate) const SAFELY: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// How much is read of a [`Held`] file at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// What [`Held::stream`] reads from.
pub type Stream = BufReader<Part>;

/// A part of a file. Reading it moves no other reader's place in the file.
#[derive(Debug)]
pub struct Part {
    file: File,
    at: u64,
    end: u64,
}

impl Read for Part {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX).min(room.len());
        let count = self.file.read_at(room.get_mut(..left).unwrap_or_default(), self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// One regular file, open for reading. What is read is this file, whatever gets its name later.
#[derive(Debug)]
pub struct Held {
    file: File,
    facts: Facts,
}

impl Held {
    /// Opens the file at this path.
    ///
    /// # Errors
    /// When it is missing, no regular file, or may not be read.
    pub fn open(path: &Path, links: Links<'_>) -> io::Result<Self> {
        match links {
            Links::Follow => Self::open_at(CWD.as_fd(), path, true),
            Links::NotLast => Self::open_at(CWD.as_fd(), path, false),
            Links::Never | Links::Ask(_) => {
                let spot = walk::spot(path, links)?;
                Self::open_at(spot.dir.as_fd(), Path::new(&spot.name), false)
            }
        }
    }

    /// Opens the file of this name in a folder that is held; no link is followed.
    ///
    /// # Errors
    /// As [`Held::open`].
    pub fn open_in(folder: impl AsFd, name: impl AsRef<std::ffi::OsStr>) -> io::Result<Self> {
        Self::open_at(folder.as_fd(), Path::new(name.as_ref()), false)
    }

    pub(crate) fn open_at(dir: BorrowedFd<'_>, path: &Path, follows: bool) -> io::Result<Self> {
        // Looked at first: opening a device can do something, and opening a pipe can end who writes into it.
        let seen = facts_at(dir, path, follows)?.ok_or(Errno::NOENT)?;
        regular(&seen)?;
        let flags = if follows { SAFELY } else { SAFELY | OFlags::NOFOLLOW };
        let file =
            rustix::fs::openat(dir, path, flags | OFlags::RDONLY, Mode::empty()).map_err(|error| match error {
                Errno::LOOP if !follows => Unfit::Link.error(),
                other => other.into(),
            })?;
        Self::of(File::from(file))
    }

    /// Takes a file that is open for reading.
    ///
    /// # Errors
    /// When it is not a regular file.
    pub fn of(file: File) -> io::Result<Self> {
        let facts = facts(&file)?;
        regular(&facts)?;
        Ok(Self { file, facts })
    }

    /// What it was when it was opened.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What it is now.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn facts_now(&self) -> io::Result<Facts> {
        facts(&self.file)
    }

    /// Its whole content.
    ///
    /// # Errors
    /// When that is more than `limit` bytes, or cannot be read.
    pub fn bytes(&self, limit: u64) -> io::Result<Vec<u8>> {
        let too_large = || Unfit::TooLarge { limit }.error();
        if self.facts.size > limit {
            return Err(too_large());
        }
        // The size of what the kernel makes up (`/proc`) is not known before, and any file can grow.
        let bytes = self.first(limit.saturating_add(1))?;
        if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
    }

    /// Its whole content as text.
    ///
    /// # Errors
    /// When that is more than `limit` bytes, not UTF-8, or cannot be read.
    pub fn text(&self, limit: u64) -> io::Result<String> {
        String::from_utf8(self.bytes(limit)?).map_err(|error| {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            Unfit::NotText { line }.error()
        })
    }

    /// The beginning of its content, at most `count` bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn first(&self, count: u64) -> io::Result<Vec<u8>> {
        self.part(0, count)
    }

    /// The part of its content that begins at `from`, at most `count` bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn part(&self, from: u64, count: u64) -> io::Result<Vec<u8>> {
        let expected = self.facts.size.saturating_sub(from).min(count);
        let mut bytes = Vec::new();
        bytes.try_reserve(usize::try_from(expected).unwrap_or(usize::MAX)).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let mut chunk = vec![0; CHUNK_BYTES.min(usize::try_from(count).unwrap_or(usize::MAX))];
        loop {
            let left = usize::try_from(count - bytes.len() as u64).unwrap_or(usize::MAX).min(chunk.len());
            let room = chunk.get_mut(..left).unwrap_or_default();
            if room.is_empty() {
                return Ok(bytes);
            }
            match self.file.read_at(room, from.saturating_add(bytes.len() as u64)) {
                Ok(0) => return Ok(bytes),
                Ok(count) => bytes.extend_from_slice(room.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Its content bit by bit, from `from` to where it ended when it was opened.
    ///
    /// # Errors
    /// When it is larger than `limit` bytes, or cannot be read.
    pub fn stream(&self, from: u64, limit: u64) -> io::Result<Stream> {
        if self.facts.size > limit {
            return Err(Unfit::TooLarge { limit }.error());
        }
        let part = Part { file: self.file.try_clone()?, at: from, end: self.facts.size };
        Ok(BufReader::with_capacity(CHUNK_BYTES, part))
    }

    /// The open file, for who must hand it on.
    pub fn into_file(self) -> File {
        self.file
    }
}

impl AsFd for Held {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

pub(crate) fn regular(facts: &Facts) -> io::Result<()> {
    match facts.kind {
        Kind::File => Ok(()),
        Kind::Link => Err(Unfit::Link.error()),
        other => Err(Unfit::Kind(other).error()),
    }
}
