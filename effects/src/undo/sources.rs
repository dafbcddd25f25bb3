//! Where contents are of which no turn speaks yet: in git's store, or in copies that last as long as the program.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt as _,
    path::Path,
    sync::{Mutex, PoisonError},
};

use quire_files::{Folder, Links};
use quire_state::changes::{Fact, Opaque, RawPath};
use rustix::{
    fs::{AtFlags, Mode, OFlags},
    io::Errno,
};

use super::{
    examine::opaque,
    git::{Oid, Repository},
    objects::{Objects, digest},
    stamp::Stamp,
};
use crate::store::place;

/// `undo` in `quire` in `$CODEX_HOME`.
const NEAR: usize = 3;

/// What is known of something that is there.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) stamp: Stamp,
    pub(crate) content: Content,
    /// It may change without its stamp.
    pub(crate) is_racy: bool,
}

/// What is known of it but its stamp. There is one for each file of a large folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Folder,
    /// Where a link leads.
    Link(Box<[u8]>),
    /// A file that was checked out, by git's name.
    Blob(Oid),
    /// A file that was read: where its copy begins.
    Copied(u64),
    Opaque(Opaque),
    /// It could not be looked at.
    Unknown,
}

/// What is known of a path at one moment.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Missing,
    Unknown,
    Known(Known),
}

/// What became of a path.
#[derive(Clone, Debug)]
pub(crate) struct Delta {
    pub(crate) path: RawPath,
    pub(crate) before: Piece,
    pub(crate) after: Piece,
    /// Tools of several threads ran meanwhile.
    pub(crate) is_shared: bool,
}

impl Known {
    pub(crate) fn is_unread(&self) -> bool {
        self.content == Content::Opaque(Opaque::NotRead)
    }

    /// It may change without its stamp, or without being told of by its name.
    pub(crate) fn is_restless(&self) -> bool {
        self.is_racy || self.stamp.is_linked()
    }

    /// Whether nothing has happened to it.
    pub(crate) fn is_same(&self, later: &Self) -> bool {
        match (&self.content, &later.content) {
            (Content::Unknown, _) | (_, Content::Unknown) => false,
            (Content::Opaque(_), _) | (_, Content::Opaque(_)) => self.stamp == later.stamp,
            (one, other) => one == other && (one.is_link() || self.stamp.mode() == later.stamp.mode()),
        }
    }
}

impl Content {
    fn is_link(&self) -> bool {
        matches!(self, Self::Link(_))
    }
}

/// Contents by what is known of them.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) repositories: Vec<Repository>,
    pub(crate) copies: Copies,
}

impl Sources {
    /// The content of a file, if it is there.
    pub(crate) fn content(&self, known: &Known) -> Option<Vec<u8>> {
        let size = known.stamp.size;
        match &known.content {
            Content::Blob(oid) => self.repositories.iter().find_map(|each| each.store().read(oid, size)),
            Content::Copied(at) => self.copies.read(*at, size),
            Content::Folder | Content::Link(_) | Content::Opaque(_) | Content::Unknown => None,
        }
    }

    /// The fact that a change speaks of; its content is kept for good.
    pub(crate) fn fact(&self, piece: &Piece, objects: &mut Objects) -> Fact {
        let known = match piece {
            Piece::Missing => return Fact::Missing,
            Piece::Unknown => return Fact::Unknown,
            Piece::Known(known) => known,
        };
        match &known.content {
            Content::Folder => Fact::Folder { mode: known.stamp.mode() },
            Content::Link(target) => Fact::Link { target: RawPath::from(target.to_vec()) },
            Content::Opaque(why) => opaque(*why, &known.stamp),
            Content::Unknown => Fact::Unknown,
            Content::Blob(_) | Content::Copied(_) => match self.content(known) {
                Some(bytes) => {
                    let digest = digest(&bytes);
                    let is_kept = objects.put(&digest, &bytes).unwrap_or(false);
                    Fact::File { digest, size: known.stamp.size, mode: known.stamp.mode(), is_kept }
                }
                None => opaque(Opaque::NotRead, &known.stamp),
            },
        }
    }
}

/// Copies in one file without a name, which is gone with the program.
#[derive(Debug)]
pub(crate) struct Copies {
    file: Option<File>,
    most: u64,
    used: Mutex<u64>,
}

impl Copies {
    /// No copies yet; at most so many bytes, in a file in this folder. Where it cannot be made there will be none.
    pub(crate) fn within(folder: &Path, most: u64) -> Self {
        Self { file: unnamed(folder).ok(), most, used: Mutex::default() }
    }

    /// Whether one of this size can be added.
    pub(crate) fn has_room(&self, size: u64) -> bool {
        self.file.is_some()
            && size <= self.most.saturating_sub(*self.used.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds one. `None` if there is no room.
    pub(crate) fn put(&self, bytes: &[u8]) -> Option<u64> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, size) = (*used, bytes.len() as u64);
        if size > self.most.saturating_sub(at) {
            return None;
        }
        self.file.as_ref()?.write_all_at(bytes, at).ok()?;
        // Each has a place of its own, an empty one as well: contents are the same where their places are.
        *used += size.max(1);
        Some(at)
    }

    pub(crate) fn read(&self, at: u64, size: u64) -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(size).ok()?];
        self.file.as_ref()?.read_exact_at(&mut bytes, at).ok()?;
        Some(bytes)
    }
}

/// A file that no other process can open, in this folder or the nearest one above it that is there.
fn unnamed(folder: &Path) -> io::Result<File> {
    let near = folder.ancestors().take(NEAR).find_map(|folder| Folder::open(folder, Links::Follow).ok());
    let folder = near.map_or_else(|| place::make_folder(folder), Ok)?;
    let (flags, mode) = (OFlags::RDWR | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR);
    match rustix::fs::openat(&folder, ".", flags | OFlags::TMPFILE, mode) {
        Ok(file) => Ok(File::from(file)),
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => {
            let name = format!("copies-{}", std::process::id());
            let file = rustix::fs::openat(&folder, &name, flags | OFlags::CREATE | OFlags::EXCL, mode)?;
            rustix::fs::unlinkat(&folder, &name, AtFlags::empty())?;
            Ok(File::from(file))
        }
        Err(error) => Err(error.into()),
    }
}
