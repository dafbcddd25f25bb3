//! Writing beneath a folder: whole or not at all, or at the end of what is known to be a plain file of one's own.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Write as _},
    os::{
        fd::{AsFd as _, AsRawFd, BorrowedFd},
        unix::ffi::OsStrExt as _,
    },
    path::Path,
};

use rustix::{
    fs::{AtFlags, CWD, Dir, Mode, OFlags},
    io::Errno,
};

use crate::{
    Facts, Folder, Kind, Unfit,
    facts::permissions,
    held::{SAFELY, regular},
    names,
    walk::{facts, facts_at},
};

/// How often is tried again what others are in the way of at the same moment.
const TRIES: u32 = 100;

/// Folders in folders that are removed with what is above them.
const DEEPEST: u32 = 64;

/// How a new file is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct New {
    /// Its permissions, whatever the umask says.
    pub mode: u32,
    /// Whether it is on disk, under its name, before the call returns.
    pub is_synced: bool,
}

impl New {
    /// A file for its owner alone.
    pub const PRIVATE: Self = Self { mode: 0o600, is_synced: false };

    /// The same, on disk before the call returns.
    #[must_use]
    pub const fn synced(self) -> Self {
        Self { is_synced: true, ..self }
    }
}

/// A file that is open for reading, and for writing at its end.
#[derive(Debug)]
pub struct Appending {
    /// The file.
    pub file: File,
    /// What it was when it was opened.
    pub facts: Facts,
    /// Whether it was made just now.
    pub is_new: bool,
}

impl Folder {
    /// Makes a file that is not there yet, and writes it whole. It never stands there half written.
    ///
    /// # Errors
    /// When something has that name, or it cannot be written.
    pub fn create(&self, path: impl AsRef<Path>, bytes: &[u8], new: New) -> io::Result<()> {
        let (dir, name) = self.beneath(path.as_ref())?;
        let staged = Staged::write(dir.fd(), bytes, new)?;
        staged.link(name)?;
        settle(dir.fd(), new)
    }

    /// Puts a file with this content in the place of the one of that name, if there is one. At every moment the name has the
    /// whole old or the whole new content. Other names of the old file keep the old content.
    ///
    /// # Errors
    /// When something else than a regular file has that name, or it cannot be written. The old content is there then.
    pub fn replace(&self, path: impl AsRef<Path>, bytes: &[u8], new: New) -> io::Result<()> {
        let (dir, name) = self.beneath(path.as_ref())?;
        replaceable(dir.fd(), name)?;
        Staged::write(dir.fd(), bytes, new)?.put(name)?;
        settle(dir.fd(), new)
    }

    /// Puts an empty file in the place of the one of that name, if there is one, and leaves it open for writing. Other names of
    /// the old file keep the old content.
    ///
    /// # Errors
    /// When something else than a regular file has that name, or it cannot be made.
    pub fn begin(&self, path: impl AsRef<Path>, new: New) -> io::Result<File> {
        let (dir, name) = self.beneath(path.as_ref())?;
        replaceable(dir.fd(), name)?;
        let staged = Staged::write(dir.fd(), &[], new)?;
        let file = staged.file.try_clone()?;
        staged.put(name)?;
        settle(dir.fd(), new)?;
        Ok(file)
    }

    /// Opens a file for reading, and for writing at its end; a missing one is made, with this mode.
    ///
    /// # Errors
    /// When it is not a regular file, has other names, belongs to another user, or cannot be opened or made.
    pub fn append(&self, path: impl AsRef<Path>, mode: u32) -> io::Result<Appending> {
        let (dir, name) = self.beneath(path.as_ref())?;
        for _ in 0..TRIES {
            if let Some(appending) = append_to(dir.fd(), name)? {
                return Ok(appending);
            }
            match make(dir.fd(), name, mode) {
                Ok(file) => return Ok(Appending { facts: facts(&file)?, file, is_new: true }),
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(Unfit::Replaced.error())
    }

    /// Opens a file that is there for reading, and for writing at its end.
    ///
    /// # Errors
    /// As [`Folder::append`], and when it is missing.
    pub fn append_existing(&self, path: impl AsRef<Path>) -> io::Result<Appending> {
        let (dir, name) = self.beneath(path.as_ref())?;
        append_to(dir.fd(), name)?.ok_or_else(|| Errno::NOENT.into())
    }

    /// Whether [`Folder::append`] would open what is there: `None` when nothing is.
    ///
    /// # Errors
    /// Why it would not.
    pub fn may_append(&self, path: impl AsRef<Path>) -> io::Result<Option<Facts>> {
        let (dir, name) = self.beneath(path.as_ref())?;
        let found = facts_at(dir.fd(), name, false)?;
        found.map(|facts| appendable(dir.fd(), &facts).map(|()| facts)).transpose()
    }

    /// Makes an empty file that is not there yet, open for reading and writing.
    ///
    /// # Errors
    /// When something has that name, or it cannot be made.
    pub fn make_file(&self, path: impl AsRef<Path>, mode: u32) -> io::Result<File> {
        let (dir, name) = self.beneath(path.as_ref())?;
        make(dir.fd(), name, mode)
    }

    /// Removes what has this name, unless it is a folder. A link is removed, not what it leads to.
    ///
    /// # Errors
    /// When it is missing, a folder, or cannot be removed.
    pub fn remove(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let (dir, name) = self.beneath(path.as_ref())?;
        Ok(rustix::fs::unlinkat(dir.fd(), name, AtFlags::empty())?)
    }

    /// Removes an empty folder.
    ///
    /// # Errors
    /// When it is missing, not empty, or cannot be removed.
    pub fn remove_folder(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let (dir, name) = self.beneath(path.as_ref())?;
        Ok(rustix::fs::unlinkat(dir.fd(), name, AtFlags::REMOVEDIR)?)
    }

    /// Removes what has this name, with all that is in it. No link is followed.
    ///
    /// # Errors
    /// When something of it cannot be removed; the rest of it is there then.
    pub fn remove_all(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let (dir, name) = self.beneath(path.as_ref())?;
        remove_tree(dir.fd(), name, DEEPEST)
    }

    /// Gives what has the first name the second one, in the place of what has that.
    ///
    /// # Errors
    /// When it cannot be done; everything is as it was.
    pub fn rename(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
        let (from, from_name) = self.beneath(from.as_ref())?;
        let (to, to_name) = self.beneath(to.as_ref())?;
        Ok(rustix::fs::renameat(from.fd(), from_name, to.fd(), to_name)?)
    }

    /// Makes the names in the folder last.
    ///
    /// # Errors
    /// When the file system cannot say that they do.
    pub fn sync(&self) -> io::Result<()> {
        Ok(rustix::fs::fsync(self.readable()?)?)
    }
}

fn remove_tree(dir: BorrowedFd<'_>, name: &OsStr, depth: u32) -> io::Result<()> {
    match rustix::fs::unlinkat(dir, name, AtFlags::empty()) {
        Err(Errno::ISDIR | Errno::PERM) => {}
        removed => return Ok(removed?),
    }
    let depth = depth.checked_sub(1).ok_or(Errno::NAMETOOLONG)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = rustix::fs::openat(dir, name, flags, Mode::empty())?;
    // Read whole before anything is removed: a folder that is read while it changes may pass over names.
    let names: Vec<_> = Dir::read_from(&folder)?.collect::<Result<_, Errno>>()?;
    for entry in names {
        let name = entry.file_name().to_bytes();
        if !matches!(name, b"." | b"..") {
            remove_tree(folder.as_fd(), OsStr::from_bytes(name), depth)?;
        }
    }
    Ok(rustix::fs::unlinkat(dir, name, AtFlags::REMOVEDIR)?)
}

/// What a file must be to be written in its place: regular, with one name, and of this user or of whom the folder belongs to.
fn appendable(dir: BorrowedFd<'_>, file: &Facts) -> io::Result<()> {
    regular(file)?;
    if file.names > 1 {
        return Err(Unfit::HardLinked.error());
    }
    let is_known = file.owner == rustix::process::geteuid().as_raw() || file.owner == facts(dir)?.owner;
    if is_known { Ok(()) } else { Err(Unfit::Foreign.error()) }
}

fn append_to(dir: BorrowedFd<'_>, name: &OsStr) -> io::Result<Option<Appending>> {
    let Some(seen) = facts_at(dir, name, false)? else { return Ok(None) };
    appendable(dir, &seen)?;
    let flags = SAFELY | OFlags::NOFOLLOW | OFlags::RDWR | OFlags::APPEND;
    let file = match rustix::fs::openat(dir, name, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP) => return Err(Unfit::Link.error()),
        file => File::from(file?),
    };
    let facts = facts(&file)?;
    appendable(dir, &facts)?;
    Ok(Some(Appending { file, facts, is_new: false }))
}

fn make(dir: BorrowedFd<'_>, name: &OsStr, mode: u32) -> io::Result<File> {
    let flags = SAFELY | OFlags::NOFOLLOW | OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::EXCL;
    let file = rustix::fs::openat(dir, name, flags, permissions(mode & 0o700))?;
    rustix::fs::fchmod(&file, permissions(mode))?;
    Ok(File::from(file))
}

fn replaceable(dir: BorrowedFd<'_>, name: &OsStr) -> io::Result<()> {
    match facts_at(dir, name, false)? {
        None => Ok(()),
        Some(Facts { kind: Kind::Link, .. }) => Err(Unfit::Link.error()),
        Some(facts) => regular(&facts),
    }
}

fn settle(dir: BorrowedFd<'_>, new: New) -> io::Result<()> {
    if new.is_synced {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        // The file is written; that its name outlasts a power cut is worth a try, not a failure.
        let _synced = rustix::fs::openat(dir, ".", flags, Mode::empty()).and_then(rustix::fs::fsync);
    }
    Ok(())
}

/// New content that waits for its name. Until then it has none where the file system can do that, so that nothing is left of it
/// when the program is killed.
pub(crate) struct Staged<'a> {
    dir: BorrowedFd<'a>,
    file: File,
    /// The name that it has meanwhile.
    name: Option<OsString>,
}

impl<'a> Staged<'a> {
    fn write(dir: BorrowedFd<'a>, bytes: &[u8], new: New) -> io::Result<Self> {
        let mut staged = Self::open(dir)?;
        staged.file.write_all(bytes)?;
        rustix::fs::fchmod(&staged.file, permissions(new.mode))?;
        if new.is_synced {
            staged.file.sync_all()?;
        }
        Ok(staged)
    }

    fn open(dir: BorrowedFd<'a>) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        {
            let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
            match rustix::fs::openat(dir, ".", flags, Mode::RUSR | Mode::WUSR) {
                Ok(file) if is_linkable(&file) => return Ok(Self { dir, file: File::from(file), name: None }),
                Ok(_) | Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Self::named(dir)
    }

    pub(crate) fn named(dir: BorrowedFd<'a>) -> io::Result<Self> {
        let own = Mode::RUSR | Mode::WUSR;
        let name = names::random();
        let flags = SAFELY | OFlags::NOFOLLOW | OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let file = File::from(rustix::fs::openat(dir, &name, flags, own)?);
        Ok(Self { dir, file, name: Some(name) })
    }

    /// Gives it a name that nothing has.
    pub(crate) fn link(mut self, name: &OsStr) -> io::Result<()> {
        match self.name.take() {
            None => self.link_to(name),
            Some(between) => {
                let linked = rustix::fs::linkat(self.dir, &between, self.dir, name, AtFlags::empty());
                self.name = Some(between);
                Ok(linked?)
            }
        }
    }

    /// Gives it a name, whatever has that.
    pub(crate) fn put(mut self, name: &OsStr) -> io::Result<()> {
        if self.name.is_none() {
            match self.link_to(name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                linked => return linked,
            }
            let between = names::random();
            self.link_to(&between)?;
            self.name = Some(between);
        }
        let Some(between) = &self.name else { return Ok(()) };
        rustix::fs::renameat(self.dir, between, self.dir, name)?;
        self.name = None;
        Ok(())
    }

    fn link_to(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::linkat(CWD, magic(&self.file), self.dir, name, AtFlags::SYMLINK_FOLLOW)?)
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let _left_behind = rustix::fs::unlinkat(self.dir, name, AtFlags::empty());
        }
    }
}

fn magic(file: &impl AsRawFd) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// Whether a file without a name can get one: that takes `/proc`.
#[cfg(target_os = "linux")]
fn is_linkable(file: &std::os::fd::OwnedFd) -> bool {
    let own = facts(file.as_fd());
    let seen = facts_at(CWD, magic(file), true);
    matches!((own, seen), (Ok(own), Ok(Some(seen))) if own.is_same_file(&seen))
}
