//! One path: what is there now. Reached by descriptor, without following any link.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::File,
    io::Read as _,
    os::{fd::AsFd, unix::ffi::OsStrExt as _},
    path::Path,
};

use quire_state::changes::{Fact, Opaque, OpaqueFact, RawPath};
use rustix::{
    fs::{FileType, Mode, OFlags, ResolveFlags},
    io::Errno,
};

use super::{
    objects::{Objects, digest},
    stamp::{Stamp, now_ns},
};

/// No link is followed on the way. A link at its end is looked at itself.
pub(crate) const STRICT: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
/// How often a file is read again that changes while it is read.
const TRIES: usize = 3;

/// What was seen of a path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sight {
    pub(crate) fact: Fact,
    /// None where nothing is, or nobody could look.
    pub(crate) stamp: Option<Stamp>,
    /// The file may change without its stamp.
    pub(crate) is_racy: bool,
}

impl Sight {
    pub(crate) fn of(fact: Fact) -> Self {
        Self { fact, stamp: None, is_racy: false }
    }
}

/// What is at these absolute paths now. Nothing is kept of it.
pub fn facts<'p>(paths: impl IntoIterator<Item = &'p RawPath>, file_bytes: u64) -> BTreeMap<RawPath, Fact> {
    let mut eye = Eye { objects: None, file_bytes };
    paths.into_iter().map(|path| (path.clone(), eye.path(path).fact)).collect()
}

/// Looks at paths, and keeps what it reads if it is given a place for that.
pub(crate) struct Eye<'o> {
    pub(crate) objects: Option<&'o mut Objects>,
    /// Largest file that is read.
    pub(crate) file_bytes: u64,
}

impl Eye<'_> {
    /// What is at an absolute path.
    pub(crate) fn path(&mut self, path: &RawPath) -> Sight {
        let top = rustix::fs::open("/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
        let path = Path::new(OsStr::from_bytes(path.bytes()));
        match (top, path.strip_prefix("/")) {
            (Ok(top), Ok(rest)) => self.below(&top, rest),
            _ => Sight::of(Fact::Unknown),
        }
    }

    /// What is at a path beneath a folder.
    pub(crate) fn below(&mut self, folder: impl AsFd, rest: &Path) -> Sight {
        let rest = if rest.as_os_str().is_empty() { Path::new(".") } else { rest };
        for _ in 0..TRIES {
            match self.try_below(folder.as_fd(), rest) {
                Ok(Some(sight)) => return sight,
                Ok(None) => {}
                // Behind a link there is nothing of this name: what is there has another one.
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Sight::of(Fact::Missing),
                Err(_) => return Sight::of(Fact::Unknown),
            }
        }
        Sight::of(Fact::Unknown)
    }

    /// None if the path changed meanwhile.
    fn try_below(&mut self, folder: impl AsFd + Copy, rest: &Path) -> Result<Option<Sight>, Errno> {
        let moment = now_ns();
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let found = rustix::fs::openat2(folder, rest, flags, Mode::empty(), STRICT)?;
        let stamp = Stamp::of(&rustix::fs::fstat(&found)?);
        let fact = match stamp.kind() {
            FileType::RegularFile => match self.file(folder, rest, &stamp)? {
                Some(fact) => fact,
                None => return Ok(None),
            },
            FileType::Symlink => {
                let target = rustix::fs::readlinkat(&found, "", Vec::new())?;
                Fact::Link { target: RawPath::from(target.into_bytes()) }
            }
            FileType::Directory => Fact::Folder { mode: stamp.mode() },
            _ => opaque(Opaque::Special, &stamp),
        };
        let is_racy = stamp.is_racy(moment);
        Ok(Some(Sight { fact, stamp: Some(stamp), is_racy }))
    }

    fn file(&mut self, folder: impl AsFd, rest: &Path, stamp: &Stamp) -> Result<Option<Fact>, Errno> {
        if stamp.size > self.file_bytes {
            return Ok(Some(opaque(Opaque::TooLarge, stamp)));
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match rustix::fs::openat2(folder, rest, flags, Mode::empty(), STRICT) {
            Err(Errno::ACCESS | Errno::PERM) => return Ok(Some(opaque(Opaque::Unreadable, stamp))),
            file => File::from(file?),
        };
        let mut bytes = Vec::with_capacity(usize::try_from(stamp.size).unwrap_or_default() + 1);
        if (&file).take(self.file_bytes + 1).read_to_end(&mut bytes).is_err() {
            return Ok(Some(opaque(Opaque::Unreadable, stamp)));
        }
        if Stamp::of(&rustix::fs::fstat(&file)?) != *stamp || bytes.len() as u64 != stamp.size {
            return Ok(None);
        }
        let digest = digest(&bytes);
        // A copy that cannot be written is one that is not kept; the fact says so.
        let is_kept = self.objects.as_mut().is_some_and(|objects| objects.put(&digest, &bytes).unwrap_or(false));
        Ok(Some(Fact::File { digest, size: stamp.size, mode: stamp.mode(), is_kept }))
    }
}

/// A fact without a content.
pub(crate) fn opaque(why: Opaque, stamp: &Stamp) -> Fact {
    Fact::Opaque(OpaqueFact { why, size: stamp.size, mode: stamp.mode(), stamp: stamp.text() })
}
