//! New contents, and the names under which they wait beside their places.

use std::{
    ffi::OsString,
    fs::File,
    io::Write as _,
    os::{
        fd::OwnedFd,
        unix::ffi::{OsStrExt as _, OsStringExt as _},
    },
    path::Path,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

use quire_state::changes::{Fact, RawPath, Step};
use rustix::{
    fs::{Dir, FileType, Mode, OFlags, Stat},
    io::Errno,
};

use super::{CHANGED, Hand, Refusal, stat};
use crate::{
    tool::patch::carried::{Lost, carry},
    undo::{STAGING, examine::STRICT},
};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// A name that is ours, in a folder that stays.
#[derive(Clone, Debug)]
pub(super) struct Staged {
    pub(super) dir: Rc<OwnedFd>,
    pub(super) name: OsString,
    /// The number of the file that was written there, if one was.
    pub(super) number: Option<u64>,
}

impl Hand<'_> {
    /// Prepares a step: the new content under another name, or only the name.
    pub(super) fn stage(&mut self, step: &Step) -> Result<Option<Staged>, Refusal> {
        let path = &step.path;
        let fail = |error| Refusal::failed(path, "the old content cannot be written", error);
        match (&step.from, &step.to) {
            (Fact::File { digest, .. }, Fact::File { digest: wanted, .. }) if digest == wanted => Ok(None),
            (_, Fact::File { digest, mode, .. }) => {
                let bytes = self.objects.read(digest);
                let bytes = bytes.map_err(|error| Refusal::at(path, format!("its copy cannot be read: {error}")))?;
                if mode & 0o6000 != 0 {
                    let reason = "it had set-user-id or set-group-id bits, which an undo does not give back; change it by a command";
                    return Err(Refusal::at(path, reason));
                }
                let replaced = self.replaced(step)?;
                let mut staged = self.other_name(path)?;
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                // No other user may look in before the mode is set.
                let file = rustix::fs::openat(&*staged.dir, &staged.name, flags, Mode::from_raw_mode(0o600));
                let mut file = File::from(file.map_err(fail)?);
                self.log.staged(&staged);
                let written = file.write_all(&bytes);
                let written = written.and_then(|()| if self.is_syncing { file.sync_all() } else { Ok(()) });
                written.map_err(|error| fail(Errno::from_io_error(&error).unwrap_or(Errno::IO)))?;
                let own = rustix::fs::fstat(&file).map_err(fail)?;
                let carried = match &replaced {
                    // What else could not be kept has no place in an undo's answer; it opens the file to no one.
                    Some((old, facts)) => carry(old, facts, *mode, &file).map(drop),
                    None => {
                        let error = |error| Lost { what: "its mode cannot be set", error };
                        rustix::fs::fchmod(&file, Mode::from_raw_mode(*mode)).map_err(error)
                    }
                };
                carried.map_err(|Lost { what, error }| Refusal::failed(path, what, error))?;
                staged.number = Some(own.st_ino);
                Ok(Some(staged))
            }
            (_, Fact::Link { target }) => {
                let mut staged = self.other_name(path)?;
                let target = OsString::from_vec(target.bytes().to_vec());
                rustix::fs::symlinkat(&target, &*staged.dir, &staged.name).map_err(fail)?;
                self.log.staged(&staged);
                staged.number = Some(stat(&staged.dir, &staged.name).map_err(fail)?.st_ino);
                Ok(Some(staged))
            }
            (Fact::File { .. } | Fact::Link { .. }, Fact::Missing) => self.other_name(path).map(Some),
            (_, Fact::Missing | Fact::Folder { .. } | Fact::Opaque(_) | Fact::Unknown) => Ok(None),
        }
    }

    /// The file that is replaced, whose owner, access list and attributes the new one gets.
    fn replaced(&mut self, step: &Step) -> Result<Option<(OwnedFd, Stat)>, Refusal> {
        let path = &step.path;
        if !matches!(step.from, Fact::File { .. }) {
            return Ok(None);
        }
        let (dir, name) = self.place(path, false)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let old = rustix::fs::openat(&*dir, &name, flags, Mode::empty()).map_err(|_| Refusal::at(path, CHANGED))?;
        let found = rustix::fs::fstat(&old).map_err(|_| Refusal::at(path, CHANGED))?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return Err(Refusal::at(path, CHANGED));
        }
        if found.st_nlink > 1 {
            return Err(Refusal::at(path, "the file has other names (hard links), which this would cut off"));
        }
        Ok(Some((old, found)))
    }

    /// A free name in the nearest folder above a path that is there, and stays.
    pub(super) fn other_name(&self, path: &RawPath) -> Result<Staged, Refusal> {
        let (top, names, _) = self.above(path)?;
        let (mut dir, mut walked) = (top, path.folders().nth(names.len()).map(|path| path.bytes().to_vec()));
        for name in names {
            let mut next = walked.take().unwrap_or_default();
            next.push(b'/');
            next.extend_from_slice(name.as_bytes());
            if self.going.contains(&RawPath::from(next.clone())) {
                break;
            }
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            match rustix::fs::openat2(&dir, Path::new(&name), flags, Mode::empty(), STRICT) {
                Ok(below) => dir = below,
                Err(_) => break,
            }
            walked = Some(next);
        }
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = OsString::from(format!("{}{}-{count}", STAGING[0], std::process::id()));
        Ok(Staged { dir: Rc::new(dir), name, number: None })
    }
}

/// Whether there is nothing in a folder.
pub(super) fn is_empty(folder: &OwnedFd) -> bool {
    let entries = Dir::read_from(folder).into_iter().flatten().flatten();
    entries.filter(|entry| !matches!(entry.file_name().to_bytes(), b"." | b"..")).count() == 0
}

/// Makes everything on a file system last.
pub(super) fn sync_all(dir: &OwnedFd) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    // What is not synced is still whole: the contents are kept beside the session, too.
    let _ = rustix::fs::openat(dir, ".", flags, Mode::empty()).and_then(rustix::fs::syncfs);
}
