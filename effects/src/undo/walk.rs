//! All files of a workspace with their stamps, without reading them and without following any link.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ffi::OsStr,
    os::{
        fd::{AsFd, OwnedFd},
        unix::ffi::OsStrExt as _,
    },
    path::{Path, PathBuf},
    rc::Rc,
    time::Instant,
};

use quire_state::{changes::RawPath, policy::PROTECTED};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags};

use super::{
    STAGING,
    examine::STRICT,
    rules::{Budget, Rules},
    stamp::Stamp,
    workspace::{Gap, Limits},
};

/// How many paths may be passed over for each one that may be found.
const PASSED_OVER: usize = 5;

/// What a walk found.
#[derive(Default)]
pub(crate) struct Walk {
    /// Files, links, folders and others by their absolute paths. The roots are not among them.
    pub(crate) found: BTreeMap<RawPath, Stamp>,
    /// Paths that were passed over with all that is beneath them.
    pub(crate) skipped: BTreeSet<RawPath>,
    /// Files that an earlier run left behind while it wrote.
    pub(crate) leftovers: Vec<RawPath>,
    /// Why the walk ended early.
    pub(crate) gap: Option<Gap>,
}

struct Folder {
    root: Rc<OwnedFd>,
    /// The path from the root.
    rest: PathBuf,
    path: PathBuf,
    rules: Rules,
}

impl Walk {
    /// Walks beneath these roots, which must be real paths, the folders nearest to them first; not into `but`.
    pub(crate) fn through(roots: &[PathBuf], but: Option<&Path>, limits: &Limits, deadline: Instant) -> Self {
        let mut walk = Self::default();
        let mut folders = VecDeque::new();
        let budget = Rc::new(Budget::default());
        for root in roots {
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            match rustix::fs::open(root, flags, Mode::empty()) {
                Ok(dir) => folders.push_back(Folder {
                    root: Rc::new(dir),
                    rest: PathBuf::from("."),
                    path: root.clone(),
                    rules: Rules::above(root, &budget),
                }),
                Err(_) => walk.skip(root),
            }
        }
        while let Some(folder) = folders.pop_front() {
            if walk.gap.is_none() && Instant::now() >= deadline {
                walk.gap = Some(Gap::Time);
            }
            let is_closed = walk.gap.is_some() || but == Some(folder.path.as_path());
            if is_closed || walk.enter(&folder, limits, deadline, &mut folders).is_none() {
                walk.skip(&folder.path);
            }
        }
        if budget.is_exceeded() {
            walk.gap.get_or_insert(Gap::Rules);
        }
        walk
    }

    /// Whether a path was passed over, or may have been.
    pub(crate) fn skip(&mut self, path: &Path) {
        self.skipped.insert(raw(path));
    }

    /// Lists a folder. None if not all of it was seen.
    fn enter(
        &mut self,
        folder: &Folder,
        limits: &Limits,
        deadline: Instant,
        folders: &mut VecDeque<Folder>,
    ) -> Option<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        // What is mounted beneath a root is another file system: `/proc`, or a disk of any size.
        let resolve = STRICT | ResolveFlags::NO_XDEV;
        let dir = rustix::fs::openat2(&folder.root, &folder.rest, flags, Mode::empty(), resolve).ok()?;
        let rules = folder.rules.inside(&folder.path, &dir);
        let is_top = folder.rest == Path::new(".");
        for entry in Dir::read_from(&dir).ok()? {
            let entry = entry.ok()?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            if Instant::now() >= deadline {
                self.gap = Some(Gap::Time);
                return None;
            }
            if self.skipped.len() + self.leftovers.len() > PASSED_OVER * limits.files.max(1) {
                self.gap = Some(Gap::Files);
                return None;
            }
            let path = folder.path.join(name);
            if is_protected(name, is_top) {
                self.skip(&path);
                continue;
            }
            if STAGING.iter().any(|prefix| name.as_bytes().starts_with(prefix.as_bytes())) {
                self.leftovers.push(raw(&path));
                continue;
            }
            let Some(stamp) = look(&dir, name) else { continue };
            let is_folder = stamp.kind() == FileType::Directory;
            if rules.ignores(&path, is_folder) {
                self.skip(&path);
                continue;
            }
            if self.found.len() >= limits.files {
                self.gap = Some(Gap::Files);
                return None;
            }
            self.found.insert(raw(&path), stamp);
            if is_folder {
                let (root, rest) = (Rc::clone(&folder.root), folder.rest.join(name));
                folders.push_back(Folder { root, rest, path, rules: rules.clone() });
            }
        }
        Some(())
    }
}

fn look(dir: impl AsFd, name: &OsStr) -> Option<Stamp> {
    // What is gone meanwhile is missing.
    rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).ok().map(|stat| Stamp::of(&stat))
}

/// The names that no tool may write: `.git` anywhere, the others at the top of a root.
fn is_protected(name: &OsStr, is_top: bool) -> bool {
    name == ".git" || (is_top && PROTECTED.iter().any(|protected| name == *protected))
}

fn raw(path: &Path) -> RawPath {
    RawPath::from(path.as_os_str().as_bytes().to_vec())
}
