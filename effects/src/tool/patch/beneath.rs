//! Where a path of a patch leads: found by descriptors beneath the roots, never by a name that could change meanwhile.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    os::{fd::OwnedFd, unix::ffi::OsStringExt as _},
    path::{Component, Path, PathBuf},
    rc::Rc,
};

use quire_state::policy::PROTECTED;
use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat},
    io::Errno,
};

use super::reason;

const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);
const LOOK: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

/// The folders beneath which may be written.
pub(crate) struct Roots {
    roots: Vec<Root>,
    /// Folders that were found, by their real paths, so that many files of one folder share a descriptor.
    folders: RefCell<BTreeMap<PathBuf, Rc<OwnedFd>>>,
}

struct Root {
    /// Its path as given, and as it really is.
    paths: [PathBuf; 2],
    dir: OwnedFd,
    /// The folder that a `.git` file at its top points to.
    git_dir: Option<PathBuf>,
}

/// A place for a file.
pub(super) struct Spot {
    /// The folder that it is in, or the nearest one above that exists.
    pub(super) dir: Rc<OwnedFd>,
    /// Folders that are missing between `dir` and the file.
    pub(super) missing: Vec<OsString>,
    /// The file's name in its folder.
    pub(super) name: OsString,
    /// What is known of the file, if there is one.
    pub(super) stat: Option<Stat>,
    /// The path's last part is a link to the file.
    pub(super) is_link: bool,
    /// Where it really is.
    real: PathBuf,
}

impl Spot {
    /// Opens the file for reading. What is there now must be what was found.
    pub(super) fn open(&self) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&*self.dir, &self.name, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&file)?;
        if self.stat.as_ref().is_some_and(|found| is_same_file(found, &stat)) { Ok(file) } else { Err(Errno::STALE) }
    }

    /// What tells this file from all others, by whatever path it was found.
    pub(super) fn identity(&self) -> Identity {
        match &self.stat {
            Some(stat) => Identity::File { device: stat.st_dev, number: stat.st_ino },
            None => Identity::Free(self.real.clone()),
        }
    }
}

/// What tells one file from another.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Identity {
    /// It exists.
    File {
        /// The device that it is on.
        device: u64,
        /// Its number there.
        number: u64,
    },
    /// Nothing is at this path yet.
    Free(PathBuf),
}

/// Whether two looks saw the same file.
pub(crate) fn is_same_file(one: &Stat, two: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (two.st_dev, two.st_ino)
}

/// Why a path was not found beneath the roots.
enum Lost {
    /// By its letters, or by a link with an absolute target; its real path may still be beneath one.
    Outside,
    /// For good.
    Refused(String),
}

impl Roots {
    /// Opens the roots.
    ///
    /// # Errors
    /// When one of them is not there or is no folder; the reason as a clause.
    pub(crate) fn open(paths: &[PathBuf]) -> Result<Self, String> {
        let open = |path: &PathBuf| {
            let real = std::fs::canonicalize(path).map_err(|error| error.to_string());
            let real =
                real.map_err(|error| format!("the writable folder {} cannot be opened: {error}", path.display()))?;
            let dir = rustix::fs::open(&real, LOOK | OFlags::DIRECTORY, Mode::empty());
            let dir = dir.map_err(|error| {
                format!("the writable folder {} cannot be opened: {}", path.display(), reason(error))
            })?;
            let git_dir = git_dir(&real);
            Ok(Root { paths: [path.clone(), real], dir, git_dir })
        };
        let roots = paths.iter().map(open).collect::<Result<_, String>>()?;
        Ok(Self { roots, folders: RefCell::default() })
    }

    /// Finds the place of an absolute path.
    ///
    /// # Errors
    /// When nothing may be written there; the reason as a clause.
    pub(super) fn find(&self, path: &Path) -> Result<Spot, String> {
        // By its letters, and below by where it really is: a link must stand at an allowed place and lead to one.
        self.check(path)?;
        let outside = || "the path leads out of the folders that may be written".to_owned();
        let mut spot = match self.look(path) {
            Ok(spot) => spot,
            Err(Lost::Refused(reason)) => return Err(reason),
            Err(Lost::Outside) => match self.look(&real_path(path).ok_or_else(outside)?) {
                Ok(spot) => spot,
                Err(Lost::Refused(reason)) => return Err(reason),
                Err(Lost::Outside) => return Err(outside()),
            },
        };
        self.check(&spot.real)?;
        let folder = spot.real.ancestors().nth(1 + spot.missing.len()).unwrap_or(Path::new("/")).to_owned();
        spot.dir = Rc::clone(self.folders.borrow_mut().entry(folder).or_insert(spot.dir));
        Ok(spot)
    }

    /// The innermost root above an absolute path that leads through no links, and the rest of the path.
    ///
    /// # Errors
    /// When nothing may be written there; the reason as a clause.
    pub(crate) fn above<'r, 'p>(&'r self, path: &'p Path) -> Result<(&'r OwnedFd, &'p Path), String> {
        self.check(path)?;
        let outside = || "the path leads out of the folders that may be written".to_owned();
        self.root_of(path).map(|(root, rest)| (&root.dir, rest)).ok_or_else(outside)
    }

    /// The innermost root above a path, and the rest of the path.
    fn root_of<'r, 'p>(&'r self, path: &'p Path) -> Option<(&'r Root, &'p Path)> {
        let beneath = |root: &'r Root| {
            let rest = root.paths.iter().find_map(|above| path.strip_prefix(above).ok())?;
            (!rest.as_os_str().is_empty()).then_some((root, rest))
        };
        self.roots.iter().filter_map(beneath).min_by_key(|(_, rest)| rest.as_os_str().len())
    }

    fn look(&self, path: &Path) -> Result<Spot, Lost> {
        let (root, rest) = self.root_of(path).ok_or(Lost::Outside)?;
        match rustix::fs::openat2(&root.dir, rest, LOOK, Mode::empty(), BENEATH) {
            Ok(file) => self.existing(root, rest, &file),
            Err(Errno::NOENT) => missing(root, rest),
            Err(error) => Err(lost(error)),
        }
    }

    fn existing(&self, root: &Root, rest: &Path, file: &OwnedFd) -> Result<Spot, Lost> {
        let stat = rustix::fs::fstat(file).map_err(lost)?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {}
            FileType::Directory => return Err(Lost::Refused("it is a folder".to_owned())),
            _ => return Err(Lost::Refused("it is not a regular file".to_owned())),
        }
        let unfollowed = rustix::fs::openat2(&root.dir, rest, LOOK | OFlags::NOFOLLOW, Mode::empty(), BENEATH);
        let unfollowed = unfollowed.and_then(rustix::fs::fstat).map_err(lost)?;
        let is_link = FileType::from_raw_mode(unfollowed.st_mode) == FileType::Symlink;
        let real = descriptor_path(file).ok_or(Lost::Refused("it cannot be found out where it is".to_owned()))?;
        let (Some(folder), Some(name)) = (real.parent(), real.file_name()) else { return Err(Lost::Outside) };
        let (root, rest) = self.root_of(&real).ok_or(Lost::Outside)?;
        let rest = rest.parent().filter(|_| folder != root.paths[1]);
        let dir = open_folder(root, rest, ResolveFlags::NO_SYMLINKS).map_err(lost)?;
        let seen = rustix::fs::statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW).map_err(lost)?;
        if !is_same_file(&seen, &stat) {
            return Err(Lost::Refused("the file was moved while it was looked at".to_owned()));
        }
        let name = name.to_owned();
        Ok(Spot { dir: Rc::new(dir), missing: Vec::new(), name, stat: Some(stat), is_link, real })
    }

    /// Refuses what is protected in any root.
    fn check(&self, path: &Path) -> Result<(), String> {
        if self.roots.iter().any(|root| root.paths[1] == Path::new("/")) {
            return Ok(());
        }
        let is = |part: &OsStr, name: &str| part.eq_ignore_ascii_case(name);
        let mut found = path.iter().rev().find(|part| is(part, ".git"));
        for root in &self.roots {
            for above in &root.paths {
                let top = path.strip_prefix(above).ok().and_then(|rest| rest.iter().next());
                found = found.or(top.filter(|part| PROTECTED.iter().any(|name| is(part, name))));
            }
            if root.git_dir.as_ref().is_some_and(|git_dir| path.starts_with(git_dir)) {
                return Err("the path is protected: it lies in the folder's git directory".to_owned());
            }
        }
        match found {
            Some(part) => Err(format!("the path is protected: no patch may write to `{}`", part.to_string_lossy())),
            None => Ok(()),
        }
    }
}

/// A place where no file is yet.
fn missing(root: &Root, rest: &Path) -> Result<Spot, Lost> {
    let parts: Vec<&OsStr> = rest.iter().collect();
    for depth in (0..parts.len()).rev() {
        let above: PathBuf = parts[..depth].iter().collect();
        let dir =
            match open_folder(root, Some(&above).filter(|_| depth > 0).map(PathBuf::as_path), ResolveFlags::empty()) {
                Ok(dir) => dir,
                Err(Errno::NOENT) => continue,
                Err(error) => return Err(lost(error)),
            };
        if rustix::fs::statat(&dir, parts[depth], AtFlags::SYMLINK_NOFOLLOW).is_ok() {
            return Err(Lost::Refused("the path ends in a symbolic link to nothing".to_owned()));
        }
        let real = descriptor_path(&dir).ok_or(Lost::Refused("it cannot be found out where it is".to_owned()))?;
        let real = parts[depth..].iter().fold(real, |path, part| path.join(part));
        let mut missing: Vec<OsString> = parts[depth..].iter().map(|part| (*part).to_owned()).collect();
        let name = missing.pop().unwrap_or_default();
        return Ok(Spot { dir: Rc::new(dir), missing, name, stat: None, is_link: false, real });
    }
    Err(Lost::Outside)
}

fn open_folder(root: &Root, rest: Option<&Path>, more: ResolveFlags) -> Result<OwnedFd, Errno> {
    let rest = rest.filter(|rest| !rest.as_os_str().is_empty()).unwrap_or(Path::new("."));
    rustix::fs::openat2(&root.dir, rest, LOOK | OFlags::DIRECTORY, Mode::empty(), BENEATH | more)
}

fn lost(error: Errno) -> Lost {
    match error {
        Errno::XDEV => Lost::Outside,
        Errno::LOOP => Lost::Refused("the path holds a symbolic link that leads nowhere".to_owned()),
        Errno::NOTDIR => Lost::Refused("a part of the path is a file, not a folder".to_owned()),
        _ => Lost::Refused(format!("the path cannot be opened: {}", reason(error))),
    }
}

/// Where a descriptor leads.
fn descriptor_path(descriptor: &OwnedFd) -> Option<PathBuf> {
    use std::os::fd::AsRawFd as _;
    let link = format!("/proc/self/fd/{}", descriptor.as_raw_fd());
    let path = rustix::fs::readlink(link, Vec::new()).ok()?;
    Some(PathBuf::from(OsString::from_vec(path.into_bytes())))
}

/// The path without links, as far as it exists.
fn real_path(path: &Path) -> Option<PathBuf> {
    let is_plain = |part: Component<'_>| matches!(part, Component::RootDir | Component::Normal(_));
    if !path.components().all(is_plain) {
        return None;
    }
    let existing = path.ancestors().find_map(|above| Some((above, std::fs::canonicalize(above).ok()?)));
    let (above, real) = existing?;
    Some(path.strip_prefix(above).ok().map_or_else(|| real.clone(), |rest| real.join(rest)))
}

/// The folder that the file `.git` in a folder points to.
fn git_dir(folder: &Path) -> Option<PathBuf> {
    let text = std::fs::read_to_string(folder.join(".git")).ok()?;
    std::fs::canonicalize(folder.join(text.strip_prefix("gitdir:")?.trim())).ok()
}
