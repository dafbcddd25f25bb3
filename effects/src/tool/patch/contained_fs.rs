//! Where a path of a patch leads: found by descriptors beneath the roots, never by a name that could change meanwhile.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    os::{fd::OwnedFd, unix::ffi::OsStringExt as _},
    path::{Path, PathBuf},
    rc::Rc,
};

use quire_sandbox::links;
use quire_state::policy::{PROTECTED, SandboxPlan};
use quire_steering::{Ground, Steering, Why};
use rustix::{
    fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, Stat},
    io::Errno,
};

use super::reason;
use crate::tool::sandbox::ground;

const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);
const LOOK: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

/// The folders beneath which may be written.
#[derive(Debug)]
pub struct Roots {
    roots: Vec<Root>,
    /// What commands can not write although it lies in a root, as it is named and as it really is.
    kept: Vec<PathBuf>,
    /// What steers a later start.
    ground: Ground,
    /// Folders that were found, by their real paths, so that many files of one folder share a descriptor.
    folders: RefCell<BTreeMap<PathBuf, Rc<OwnedFd>>>,
}

#[derive(Debug)]
struct Root {
    /// Its path as given, and as it really is.
    paths: [PathBuf; 2],
    dir: OwnedFd,
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
    pub(super) real: PathBuf,
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
    /// Everything that the user may write.
    ///
    /// # Errors
    /// When `/` cannot be opened; the reason as a clause.
    pub fn everything() -> Result<Self, String> {
        let roots = vec![Root::open(Path::new("/"))?];
        Ok(Self { roots, kept: Vec::new(), ground: Ground::default(), folders: RefCell::default() })
    }

    /// Opens the roots. What steers a later start stays as it is in them.
    ///
    /// # Errors
    /// When one of them is not there or is no folder; the reason as a clause.
    pub fn open(paths: &[PathBuf], steering: &Steering) -> Result<Self, String> {
        let roots = paths.iter().map(|path| Root::open(path)).collect::<Result<_, String>>()?;
        let protected = PROTECTED.map(str::to_owned).to_vec();
        let root = |path: &PathBuf| quire_steering::Root { path: path.clone(), protected: protected.clone() };
        let ground = steering.ground(&paths.iter().map(root).collect::<Vec<_>>(), &[]);
        Ok(Self { roots, kept: Vec::new(), ground, folders: RefCell::default() })
    }

    /// Opens the folders that commands may write in in this sandbox. One that is not there is none, as for them, and
    /// so is one to which a link leads that they can change.
    ///
    /// # Errors
    /// When one that has to be there is not; the reason as a clause.
    pub fn within(plan: &SandboxPlan, steering: &Steering) -> Result<Self, String> {
        let loose = plan.roots.iter().map(|root| &root.path).chain(&plan.workspace);
        let real: Vec<PathBuf> = loose.filter_map(|path| links::real(Path::new(path))).collect();
        let mut roots = Vec::new();
        for root in &plan.roots {
            let path = Path::new(&root.path);
            match (links::link_within(path, &real), Root::open(path)) {
                (None, Ok(open)) => roots.push(open),
                (Some(_), _) | (None, Err(_)) if root.is_optional => {}
                (None, Err(reason)) => return Err(reason),
                (Some(link), _) => {
                    return Err(format!("the link {} on the way to {} can be changed", link.display(), root.path));
                }
            }
        }
        let kept = plan.hidden.iter().chain(&plan.readable).map(PathBuf::from);
        let kept = kept.flat_map(|path| [links::real(&path), Some(path)]).flatten().collect();
        let ground = ground(plan, steering, |path| PathBuf::from(path));
        Ok(Self { roots, kept, ground, folders: RefCell::default() })
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
            Err(Lost::Outside) => match self.look(&links::real(path).ok_or_else(outside)?) {
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
        let real = descriptor_path(file).ok_or(Lost::Refused("its location cannot be determined".to_owned()))?;
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

    /// Refuses what is protected in any root, and what is kept from commands.
    fn check(&self, path: &Path) -> Result<(), String> {
        let depth = |above: &Path| path.starts_with(above).then(|| above.components().count());
        let kept = self.kept.iter().filter_map(|above| depth(above)).max();
        let open = self.roots.iter().flat_map(|root| &root.paths).filter_map(|above| depth(above)).max();
        if kept.is_some() && kept >= open {
            return Err("the path is hidden from commands, and so from patches".to_owned());
        }
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
        }
        if let Some(why) = self.ground.guards(path) {
            return Err(guarded(why));
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
            return Err(Lost::Refused("the path ends in a broken symbolic link".to_owned()));
        }
        let real = descriptor_path(&dir).ok_or(Lost::Refused("its location cannot be determined".to_owned()))?;
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
        Errno::LOOP => Lost::Refused("the path contains a broken symbolic link".to_owned()),
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

impl Root {
    fn open(path: &Path) -> Result<Self, String> {
        let told = |reason: &str| format!("the writable folder {} cannot be opened: {reason}", path.display());
        let real = std::fs::canonicalize(path).map_err(|error| told(&error.to_string()))?;
        // A link that has come into its place since is not followed.
        let flags = LOOK | OFlags::DIRECTORY;
        let dir = rustix::fs::openat2(CWD, &real, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS);
        let dir = dir.map_err(|error| told(&reason(error)))?;
        Ok(Self { paths: [path.to_owned(), real], dir })
    }
}

/// Why a path that steers a later start is not written.
fn guarded(why: &Why) -> String {
    match why {
        Why::Git | Why::GitRuns => "the path is protected: git reads it, or runs what it names".to_owned(),
        Why::Quire | Why::Instructions => "the path is protected: Quire reads it when it starts".to_owned(),
        Why::StartFile => "the path is protected: programs of the user read it when they start".to_owned(),
        Why::Home(link) => format!("the path is protected: {} leads there", link.display()),
    }
}
