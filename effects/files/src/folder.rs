//! A folder that is held by descriptor, and what is looked at and read beneath it.

use std::{
    ffi::OsStr,
    io::{self, ErrorKind},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};

use crate::{
    Entries, Facts, Held, Links, Listing,
    facts::permissions,
    walk::{self, facts, facts_at, plain, step},
};

/// A folder that is held by descriptor: it cannot be replaced by another one. Paths beneath it are relative; no link on them
/// is followed, and none leads out.
#[derive(Debug)]
pub struct Folder {
    dir: OwnedFd,
    path: PathBuf,
}

impl Folder {
    /// Opens the folder at this path.
    ///
    /// # Errors
    /// When it is missing or no folder.
    pub fn open(path: &Path, links: Links<'_>) -> io::Result<Self> {
        Ok(Self { dir: walk::folder(path, links)?, path: path.to_owned() })
    }

    /// Opens the folder at this path; it and the missing ones above it are made, with this mode. Those that are there stay as they
    /// are.
    ///
    /// # Errors
    /// When one cannot be made, or something else has its name.
    pub fn make(path: &Path, links: Links<'_>, mode: u32) -> io::Result<Self> {
        match Self::open(path, links) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            opened => return opened,
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(Errno::NOENT.into());
        };
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let above = Self::make(parent, links, mode)?;
        let dir = above.make_one(name, mode)?;
        Ok(Self { dir, path: path.to_owned() })
    }

    /// The folder that a file is in, and its name there. With [`Links::Ask`] a link of that name is followed, too, and the path of
    /// the folder is its real one.
    ///
    /// # Errors
    /// When the folder cannot be opened, or the path ends in none.
    pub fn above<'a>(path: &'a Path, links: Links<'a>) -> io::Result<(Self, std::ffi::OsString)> {
        let spot = walk::spot(path, links)?;
        Ok((Self { dir: spot.dir, path: spot.path }, spot.name))
    }

    /// The path that it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the system says of the folder.
    ///
    /// # Errors
    /// When it does not say.
    pub fn facts(&self) -> io::Result<Facts> {
        facts(&self.dir)
    }

    /// What is at a path beneath, links not followed; `None` if nothing.
    ///
    /// # Errors
    /// When a link is on the way, or the system does not say.
    pub fn look(&self, path: impl AsRef<Path>) -> io::Result<Option<Facts>> {
        match self.beneath(path.as_ref()) {
            Ok((dir, name)) => facts_at(dir.fd(), name, false),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A folder beneath.
    ///
    /// # Errors
    /// When it is missing, no folder, or behind a link.
    pub fn folder(&self, path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let mut dir = rustix::fs::openat(&self.dir, ".", walk::FOLDER, Mode::empty())?;
        for name in plain(path)? {
            dir = step(dir.as_fd(), name)?;
        }
        Ok(Self { dir, path: self.path.join(path) })
    }

    /// A folder beneath; it and the missing ones above it are made, with this mode.
    ///
    /// # Errors
    /// When one cannot be made, or something else has its name.
    pub fn make_folder(&self, path: impl AsRef<Path>, mode: u32) -> io::Result<Self> {
        let path = path.as_ref();
        let mut at = self.folder(".")?;
        for name in plain(path)? {
            let path = at.path.join(name);
            at = match step(at.dir.as_fd(), name) {
                Err(error) if error.kind() == ErrorKind::NotFound => Self { dir: at.make_one(name, mode)?, path },
                opened => Self { dir: opened?, path },
            };
        }
        Ok(Self { path: self.path.join(path), ..at })
    }

    fn make_one(&self, name: &OsStr, mode: u32) -> io::Result<OwnedFd> {
        let mode = permissions(mode);
        match rustix::fs::mkdirat(&self.dir, name, mode) {
            Ok(()) => {
                // Whatever the umask says.
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let made = rustix::fs::openat(&self.dir, name, flags, Mode::empty());
                made.and_then(|made| rustix::fs::fchmod(made, mode))?;
            }
            // Another process was faster.
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        step(self.dir.as_fd(), name)
    }

    /// A regular file beneath, open for reading.
    ///
    /// # Errors
    /// When it is missing, no regular file, behind a link, or may not be read.
    pub fn hold(&self, path: impl AsRef<Path>) -> io::Result<Held> {
        let (dir, name) = self.beneath(path.as_ref())?;
        Held::open_at(dir.fd(), Path::new(name), false)
    }

    /// The content of a regular file beneath, at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Folder::hold`], and when it is larger.
    pub fn read(&self, path: impl AsRef<Path>, limit: u64) -> io::Result<Vec<u8>> {
        self.hold(path)?.bytes(limit)
    }

    /// The entries one by one, in no order.
    ///
    /// # Errors
    /// When the folder may not be read.
    pub fn entries(&self) -> io::Result<Entries> {
        Entries::of(self)
    }

    /// The entries in the order of their names, at most `most`.
    ///
    /// # Errors
    /// When the folder may not be read.
    pub fn list(&self, most: usize) -> io::Result<Listing> {
        let mut listing = Listing { entries: Vec::new(), is_whole: true };
        for entry in self.entries()? {
            let entry = entry?;
            if listing.entries.len() == most {
                listing.is_whole = false;
                break;
            }
            listing.entries.push(entry);
        }
        listing.entries.sort();
        Ok(listing)
    }

    /// The folder that a path beneath lies in, and its name there.
    pub(crate) fn beneath<'a>(&self, path: &'a Path) -> io::Result<(Within<'_>, &'a OsStr)> {
        let mut names = plain(path)?;
        let Some(last) = names.pop() else {
            return Err(io::Error::new(ErrorKind::InvalidInput, "the path names no file"));
        };
        let mut at = Within::Here(self.dir.as_fd());
        for name in names {
            at = Within::Below(step(at.fd(), name)?);
        }
        Ok((at, last))
    }

    /// The same folder, open for reading.
    pub(crate) fn readable(&self) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.dir, ".", flags, Mode::empty())?)
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }
}

/// A folder, held by who asks or only for the moment.
pub(crate) enum Within<'a> {
    Here(BorrowedFd<'a>),
    Below(OwnedFd),
}

impl Within<'_> {
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Here(dir) => *dir,
            Self::Below(dir) => dir.as_fd(),
        }
    }
}
