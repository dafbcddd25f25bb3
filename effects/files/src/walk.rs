//! The way to a file: by the kernel where links are followed, name by name where they are not.

use std::{
    collections::VecDeque,
    ffi::{OsStr, OsString},
    fmt, io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::ffi::OsStringExt as _,
    },
    path::{Component, Path, PathBuf},
};

use rustix::{
    fs::{AtFlags, CWD, Mode, OFlags, Stat},
    io::Errno,
};

use crate::{Facts, Kind, Unfit};

/// Links that are followed on the way to one path, as in the kernel.
const LONGEST_CHAIN: usize = 40;

/// A folder that is held without a right to read it.
#[cfg(target_os = "linux")]
pub(crate) const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// A folder that is held. Other systems want a right to read it for that.
#[cfg(not(target_os = "linux"))]
pub(crate) const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// What is done with symbolic links on the way to a file.
#[derive(Clone, Copy)]
pub enum Links<'a> {
    /// They are followed, wherever they lead: for what the user has set up or named himself.
    Follow,
    /// What has the last name must be the file itself; folders above are taken as they are.
    NotLast,
    /// None is followed.
    Never,
    /// One that lies in the folder with this real path is followed if the answer is yes.
    Ask(&'a dyn Fn(&Path, &Facts) -> bool),
}

impl fmt::Debug for Links<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Follow => "Follow",
            Self::NotLast => "NotLast",
            Self::Never => "Never",
            Self::Ask(_) => "Ask",
        })
    }
}

/// A name in a folder that is held.
pub(crate) struct Spot {
    pub(crate) dir: OwnedFd,
    /// The folder's path; its real one where links were looked at.
    pub(crate) path: PathBuf,
    pub(crate) name: OsString,
}

/// The place of a path: the folder above its last name. The last name is followed only by [`Links::Ask`].
pub(crate) fn spot(path: &Path, links: Links<'_>) -> io::Result<Spot> {
    let name = || path.file_name().map(OsStr::to_owned).ok_or_else(|| Unfit::Kind(Kind::Folder).error());
    let folder = || path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match links {
        Links::Follow | Links::NotLast => {
            let dir = rustix::fs::openat(CWD, folder(), FOLDER, Mode::empty())?;
            Ok(Spot { dir, path: folder().to_owned(), name: name()? })
        }
        Links::Never => walk(path, &|_, _| false, false),
        Links::Ask(may_follow) => walk(path, may_follow, true),
    }
}

/// Opens a folder.
pub(crate) fn folder(path: &Path, links: Links<'_>) -> io::Result<OwnedFd> {
    let no_folder = |error: Errno| match error {
        Errno::NOTDIR | Errno::LOOP => facts_at(CWD, path, false)
            .ok()
            .flatten()
            .filter(|facts| facts.kind != Kind::Folder)
            .map_or_else(|| error.into(), |facts| not_folder(facts.kind)),
        other => other.into(),
    };
    match links {
        Links::Follow => rustix::fs::openat(CWD, path, FOLDER, Mode::empty()).map_err(no_folder),
        Links::NotLast => rustix::fs::openat(CWD, path, FOLDER | OFlags::NOFOLLOW, Mode::empty()).map_err(no_folder),
        Links::Never | Links::Ask(_) if path.file_name().is_none() => {
            Ok(rustix::fs::openat(CWD, path, FOLDER, Mode::empty())?)
        }
        Links::Never | Links::Ask(_) => {
            let spot = spot(path, links)?;
            step(spot.dir.as_fd(), &spot.name)
        }
    }
}

/// The folder of this name in another one; no link.
pub(crate) fn step(dir: BorrowedFd<'_>, name: &OsStr) -> io::Result<OwnedFd> {
    match rustix::fs::openat(dir, name, FOLDER | OFlags::NOFOLLOW, Mode::empty()) {
        Err(error @ (Errno::NOTDIR | Errno::LOOP)) => match facts_at(dir, name, false)? {
            Some(facts) if facts.kind != Kind::Folder => Err(not_folder(facts.kind)),
            _ => Err(error.into()),
        },
        opened => Ok(opened?),
    }
}

fn not_folder(kind: Kind) -> io::Error {
    if kind == Kind::Link { Unfit::Link.error() } else { Unfit::NoFolder(kind).error() }
}

/// What is at a path; `None` if nothing.
pub(crate) fn facts_at(dir: impl AsFd, path: impl rustix::path::Arg, follows: bool) -> io::Result<Option<Facts>> {
    let flags = if follows { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    match rustix::fs::statat(dir, path, flags) {
        Ok(stat) => Ok(Some(Facts::of(&stat))),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn facts(file: impl AsFd) -> io::Result<Facts> {
    let stat: Stat = rustix::fs::fstat(file)?;
    Ok(Facts::of(&stat))
}

/// Walks name by name, each folder held, so that what was looked at is what is gone through.
fn walk(path: &Path, may_follow: &dyn Fn(&Path, &Facts) -> bool, follows_last: bool) -> io::Result<Spot> {
    let mut ahead: VecDeque<OsString> = names(&std::path::absolute(path)?).collect();
    let root = || rustix::fs::openat(CWD, "/", FOLDER, Mode::empty());
    let (mut dir, mut reached, mut followed) = (root()?, PathBuf::from("/"), 0);
    while let Some(name) = ahead.pop_front() {
        if name == ".." {
            dir = rustix::fs::openat(&dir, "..", FOLDER, Mode::empty())?;
            reached.pop();
            continue;
        }
        let is_last = ahead.is_empty();
        let found = if is_last && !follows_last { None } else { facts_at(&dir, &name, false)? };
        match found.map(|facts| facts.kind) {
            Some(Kind::Link) => {
                followed += 1;
                if !may_follow(&reached, &facts(&dir)?) {
                    return Err(Unfit::Link.error());
                }
                if followed > LONGEST_CHAIN {
                    return Err(Errno::LOOP.into());
                }
                let target = rustix::fs::readlinkat(&dir, &name, Vec::new())?;
                let target = PathBuf::from(OsString::from_vec(target.into_bytes()));
                if target.is_absolute() {
                    (dir, reached) = (root()?, PathBuf::from("/"));
                }
                for name in names(&target).rev() {
                    ahead.push_front(name);
                }
            }
            _ if is_last => return Ok(Spot { dir, path: reached, name }),
            _ => {
                dir = step(dir.as_fd(), &name)?;
                reached.push(name);
            }
        }
    }
    // A path that ends in a folder: `/`, or behind a link with `..` at its end.
    Err(Unfit::Kind(Kind::Folder).error())
}

fn names(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    })
}

/// The names of a path beneath a folder.
///
/// # Errors
/// When it leads out by its letters.
pub(crate) fn plain(path: &Path) -> io::Result<Vec<&OsStr>> {
    path.components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| match part {
            Component::Normal(name) => Ok(name),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "the path leads out of its folder")),
        })
        .collect()
}
