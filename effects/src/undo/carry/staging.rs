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
    fs::{Dir, FileType, Gid, Mode, OFlags, Uid},
    io::Errno,
};

use super::{CHANGED, Hand, Refusal, stat};
use crate::undo::{STAGING, examine::STRICT};

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
                let owner = self.owner(step)?;
                let mut staged = self.other_name(path)?;
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                // Nobody else may look in before the mode is set.
                let file = rustix::fs::openat(&*staged.dir, &staged.name, flags, Mode::from_raw_mode(0o600));
                let mut file = File::from(file.map_err(fail)?);
                self.log.staged(&staged);
                let written = file.write_all(&bytes);
                let written = written.and_then(|()| if self.is_syncing { file.sync_all() } else { Ok(()) });
                written.map_err(|error| fail(Errno::from_io_error(&error).unwrap_or(Errno::IO)))?;
                let own = rustix::fs::fstat(&file).map_err(fail)?;
                if let Some((user, group)) = owner.filter(|owner| *owner != (own.st_uid, own.st_gid)) {
                    let kept = rustix::fs::fchown(&file, Some(Uid::from_raw(user)), Some(Gid::from_raw(group)));
                    kept.map_err(|error| Refusal::failed(path, "its owner cannot be kept", error))?;
                }
                rustix::fs::fchmod(&file, Mode::from_raw_mode(*mode)).map_err(fail)?;
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

    /// The owner and group of the file that is replaced.
    fn owner(&mut self, step: &Step) -> Result<Option<(u32, u32)>, Refusal> {
        if !matches!(step.from, Fact::File { .. } | Fact::Link { .. }) {
            return Ok(None);
        }
        let (dir, name) = self.place(&step.path, false)?;
        let found = stat(&dir, &name).map_err(|_| Refusal::at(&step.path, CHANGED))?;
        if FileType::from_raw_mode(found.st_mode) == FileType::RegularFile && found.st_nlink > 1 {
            return Err(Refusal::at(&step.path, "the file has other names (hard links), which this would cut off"));
        }
        Ok(Some((found.st_uid, found.st_gid)))
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
