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
    /// None where nothing is, or it could not be looked at.
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
        match look(folder, rest, self.file_bytes) {
            Found::Missing => Sight::of(Fact::Missing),
            Found::Unknown => Sight::of(Fact::Unknown),
            Found::Is { stamp, body, is_racy } => {
                let fact = match body {
                    Body::File(bytes) => self.file(&bytes, &stamp),
                    Body::Link(target) => Fact::Link { target: RawPath::from(target) },
                    Body::Folder => Fact::Folder { mode: stamp.mode() },
                    Body::Opaque(why) => opaque(why, &stamp),
                };
                Sight { fact, stamp: Some(stamp), is_racy }
            }
        }
    }

    fn file(&mut self, bytes: &[u8], stamp: &Stamp) -> Fact {
        let digest = digest(bytes);
        // A copy that cannot be written is one that is not kept; the fact says so.
        let is_kept = self.objects.as_mut().is_some_and(|objects| objects.put(&digest, bytes).unwrap_or(false));
        Fact::File { digest, size: stamp.size, mode: stamp.mode(), is_kept }
    }
}

/// What was found at a path.
pub(crate) enum Found {
    Missing,
    /// It could not be looked at.
    Unknown,
    Is {
        stamp: Stamp,
        body: Body,
        /// The file may change without its stamp.
        is_racy: bool,
    },
}

/// What there is to know of something but its stamp.
pub(crate) enum Body {
    File(Vec<u8>),
    Link(Vec<u8>),
    Folder,
    Opaque(Opaque),
}

/// Looks at an absolute path. Files of up to so many bytes are read.
pub(crate) fn look_at(path: &Path, file_bytes: u64) -> Found {
    let top = rustix::fs::open("/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    match (top, path.strip_prefix("/")) {
        (Ok(top), Ok(rest)) => look(&top, rest, file_bytes),
        _ => Found::Unknown,
    }
}

/// Looks at a path beneath a folder.
pub(crate) fn look(folder: impl AsFd, rest: &Path, file_bytes: u64) -> Found {
    let rest = if rest.as_os_str().is_empty() { Path::new(".") } else { rest };
    for _ in 0..TRIES {
        match try_look(folder.as_fd(), rest, file_bytes) {
            Ok(Some(found)) => return found,
            Ok(None) => {}
            // Behind a link there is nothing of this name: what is there has another one.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Found::Missing,
            Err(_) => return Found::Unknown,
        }
    }
    Found::Unknown
}

/// None if the path changed meanwhile.
fn try_look(folder: impl AsFd + Copy, rest: &Path, file_bytes: u64) -> Result<Option<Found>, Errno> {
    let moment = now_ns();
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let found = rustix::fs::openat2(folder, rest, flags, Mode::empty(), STRICT)?;
    let stamp = Stamp::of(&rustix::fs::fstat(&found)?);
    let body = match stamp.kind() {
        FileType::RegularFile => match read(folder, rest, &stamp, file_bytes)? {
            Some(body) => body,
            None => return Ok(None),
        },
        FileType::Symlink => Body::Link(rustix::fs::readlinkat(&found, "", Vec::new())?.into_bytes()),
        FileType::Directory => Body::Folder,
        _ => Body::Opaque(Opaque::Special),
    };
    let is_racy = stamp.is_racy(moment);
    Ok(Some(Found::Is { stamp, body, is_racy }))
}

fn read(folder: impl AsFd, rest: &Path, stamp: &Stamp, file_bytes: u64) -> Result<Option<Body>, Errno> {
    if stamp.size > file_bytes {
        return Ok(Some(Body::Opaque(Opaque::TooLarge)));
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match rustix::fs::openat2(folder, rest, flags, Mode::empty(), STRICT) {
        Err(Errno::ACCESS | Errno::PERM) => return Ok(Some(Body::Opaque(Opaque::Unreadable))),
        file => File::from(file?),
    };
    let mut bytes = Vec::with_capacity(usize::try_from(stamp.size).unwrap_or_default() + 1);
    if (&file).take(file_bytes + 1).read_to_end(&mut bytes).is_err() {
        return Ok(Some(Body::Opaque(Opaque::Unreadable)));
    }
    if Stamp::of(&rustix::fs::fstat(&file)?) != *stamp || bytes.len() as u64 != stamp.size {
        return Ok(None);
    }
    Ok(Some(Body::File(bytes)))
}

/// A fact without a content.
pub(crate) fn opaque(why: Opaque, stamp: &Stamp) -> Fact {
    Fact::Opaque(OpaqueFact { why, size: stamp.size, mode: stamp.mode(), stamp: stamp.text() })
}
