//! What is known of the folders below one root.
//!
//! A folder is opened once. Later looks open those alone whose status-change time is another one, which no command can set
//! back; and where the system tells what has happened in all of them, they ask for the times of those alone in which something
//! has. A folder without folders in it is not listed for its repositories, where the file system counts them.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::{Path, PathBuf},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use quire_files::{News, Watches};
use rustix::fs::{Access, AtFlags, CWD, Dir, DirEntry, FileType, Mode, OFlags, Stat, fstat, statat};

use crate::git;

/// Most folders that are looked through below one root.
const FOLDERS: usize = 200_000;
/// Most entries of one folder that are looked at for folders.
const ENTRIES: usize = 50_000;
/// Most names that are read for one command, or ahead of one. The next one goes on from there.
pub(super) const NAMES: usize = 300_000;
/// How many folders deep a root is looked through.
const DEPTH: usize = 128;
/// How long after a change a folder may change again with the same time, in nanoseconds.
const RACY_NS: i128 = 50_000_000;
/// How many folders a root has at least that is watched. Fewer are looked through faster than the system ends watching them.
pub(super) const WATCHED_FROM: usize = 500;
/// File systems in which a folder has one name for each folder in it, and two more: ext2 to ext4, XFS, tmpfs.
const COUNTING: [u64; 3] = [0xEF53, 0x5846_5342, 0x0102_1994];

/// The folders below a root.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) root: PathBuf,
    top: Node,
    /// What happens in its folders; `None` where the system cannot tell, or is not asked.
    pub(super) watches: Option<Watches>,
    /// The system is asked as soon as there is enough to be looked through.
    may_watch: bool,
    /// How many names were read so far.
    pub(super) names: usize,
    /// All names were read once.
    pub(super) was_read: bool,
    /// Something that happens between the watch of a folder and its listing.
    #[cfg(test)]
    pub(super) between: Option<Between>,
}

/// What a test does to a folder that is watched, and not listed yet.
#[cfg(test)]
pub(super) type Between = fn(&Path);

/// A folder that is a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// It has no `.git`, and is a git folder itself.
    pub(crate) is_bare: bool,
    /// Which file its `.git` or its `HEAD` is: another one at the same place is another repository.
    number: u64,
}

/// Files with further names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Linked {
    /// Their names here.
    pub names: Vec<Name>,
    /// There was the time to look at all files.
    pub is_whole: bool,
}

/// A name of a file that has several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The path.
    pub path: PathBuf,
    /// Which file it is: its device and its number.
    pub file: (u64, u64),
    /// How many names it has.
    pub count: u64,
}

#[derive(Debug)]
struct Node {
    /// When it was changed last, and which one it is. None while it may change without that.
    stamp: Option<Stamp>,
    /// Something may have happened in it since it was looked at.
    is_told: bool,
    kind: Kind,
    names: Names,
    /// Files in it that have more than one name.
    linked: Vec<Box<OsStr>>,
    below: BTreeMap<Box<OsStr>, Node>,
}

/// Time and number of a folder.
type Stamp = (i128, u64);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Plain,
    HasGit,
    Bare,
}

/// What is known of the names in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Names {
    #[default]
    Unread,
    /// They were read, and may be others by now.
    Changed,
    Read,
}

/// One look through a tree.
struct Scan<'t> {
    /// The folder that is looked at.
    path: PathBuf,
    watches: Option<&'t mut Watches>,
    began_ns: i128,
    left: usize,
    is_partial: bool,
    found: BTreeSet<Found>,
    #[cfg(test)]
    between: Option<Between>,
}

/// What is read of names, and when it ends.
pub(super) struct Reading<'a> {
    closed: &'a BTreeSet<PathBuf>,
    /// Ends then.
    until: Option<Instant>,
    /// Ends when this says so.
    is_over: &'a dyn Fn() -> bool,
    /// But not before so many are read.
    sure: usize,
    /// Nothing waits for it: repositories' own folders are left out, and names that were read once.
    is_ahead: bool,
    /// How many were read by this reading, and by all before it.
    read: usize,
    before: usize,
    linked: Linked,
    /// There was no time for more.
    is_late: bool,
}

impl Default for Node {
    fn default() -> Self {
        let (stamp, kind, names, linked, below) = Default::default();
        Self { stamp, is_told: true, kind, names, linked, below }
    }
}

impl Found {
    fn at(folder: &Path, is_bare: bool) -> Self {
        let entry = folder.join(if is_bare { "HEAD" } else { ".git" });
        let stat = statat(CWD, &entry, AtFlags::SYMLINK_NOFOLLOW);
        Self { folder: folder.to_owned(), is_bare, number: stat.map_or(0, |stat| stat.st_ino) }
    }

    /// Whether it has a git folder that git would take, and not a stray empty one.
    pub(crate) fn is_live(&self) -> bool {
        let entry = self.folder.join(".git");
        self.is_bare || git::folders(&entry).iter().any(|folder| git::is_repository(folder))
    }
}

impl<'a> Reading<'a> {
    /// For a command: until then, and at least so many names.
    pub(super) fn new(closed: &'a BTreeSet<PathBuf>, until: Option<Instant>, sure: usize) -> Self {
        let linked = Linked { names: Vec::new(), is_whole: true };
        Self { closed, until, is_over: &|| false, sure, is_ahead: false, read: 0, before: 0, linked, is_late: false }
    }

    fn may_read(&self, names: Names) -> bool {
        let has_time = || self.until.is_none_or(|until| Instant::now() < until) && !(self.is_over)();
        self.read < NAMES
            && match names {
                Names::Unread => self.before + self.read < self.sure || has_time(),
                Names::Changed => self.read < self.sure || has_time(),
                Names::Read => true,
            }
    }
}

impl Tree {
    /// Nothing is known yet of this real root.
    pub(super) fn new(root: &Path, may_watch: bool) -> Self {
        Self { root: root.to_owned(), may_watch, ..Self::default() }
    }

    /// Looks through the folders for repositories. Whether there may be more.
    pub(super) fn look(&mut self) -> (BTreeSet<Found>, bool) {
        self.look_first(|| {})
    }

    /// The same, which calls `is_large` as soon as there is so much that the system is asked to watch it.
    pub(super) fn look_first(&mut self, is_large: impl FnOnce()) -> (BTreeSet<Found>, bool) {
        let most = if self.may_watch { WATCHED_FROM } else { FOLDERS };
        let (found, is_partial, left) = self.look_at(most);
        if !self.may_watch || left > 0 {
            return (found, is_partial);
        }
        is_large();
        self.may_watch = false;
        self.watches = Watches::new(Watches::allowed());
        if self.watches.is_some() {
            self.top = Node::default();
        }
        let (found, is_partial, _) = self.look_at(FOLDERS);
        (found, is_partial)
    }

    fn look_at(&mut self, most: usize) -> (BTreeSet<Found>, bool, usize) {
        self.hear();
        let (found, is_partial, left) = self.scan(most, |top, scan| {
            top.enter(0, scan);
            (std::mem::take(&mut scan.found), scan.is_partial, scan.left)
        });
        (found, is_partial, left)
    }

    /// Marks the folders in which something may have happened.
    fn hear(&mut self) {
        let (root, top) = (&self.root, &mut self.top);
        match self.watches.as_mut().map_or(News::Unsure, Watches::news) {
            News::Paths(paths) => {
                paths.iter().filter_map(|path| path.strip_prefix(root).ok()).for_each(|path| top.tell(path));
            }
            News::Unsure => top.tell_all(),
        }
    }

    fn scan<T>(&mut self, left: usize, way: impl FnOnce(&mut Node, &mut Scan<'_>) -> T) -> T {
        let began_ns = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos().cast_signed());
        // What is told needs no time to settle: a test that changes something at the wrong moment shows that.
        #[cfg(test)]
        let began_ns = if self.between.is_some() && self.watches.is_some() { i128::MAX } else { began_ns };
        let mut scan = Scan {
            path: self.root.clone(),
            watches: self.watches.as_mut(),
            began_ns,
            left,
            is_partial: false,
            found: BTreeSet::new(),
            #[cfg(test)]
            between: self.between,
        };
        let done = way(&mut self.top, &mut scan);
        self.watches.take_if(|watches| watches.is_exhausted());
        done
    }

    /// The files with further names.
    pub(super) fn linked(&mut self, mut reading: Reading<'_>) -> Linked {
        if self.may_watch {
            self.look();
        } else {
            self.hear();
        }
        self.read(&mut reading);
        self.was_read |= reading.linked.is_whole;
        reading.linked
    }

    /// Reads names until then or until it is over, those of one folder at least, for the commands that ask for them. Whether there is more
    /// to be read.
    pub(super) fn read_ahead(&mut self, until: Instant, is_over: &dyn Fn() -> bool) -> bool {
        let closed = BTreeSet::new();
        let mut reading = Reading { is_ahead: true, is_over, ..Reading::new(&closed, Some(until), 1) };
        self.read(&mut reading);
        reading.is_late
    }

    fn read(&mut self, reading: &mut Reading<'_>) {
        reading.before = if reading.is_ahead { 0 } else { self.names };
        self.scan(FOLDERS, |top, scan| top.read(0, scan, reading));
        self.names += reading.read;
    }
}

impl Node {
    /// Something has happened at a path below.
    fn tell(&mut self, path: &Path) {
        let depth = path.components().count();
        let mut node = self;
        for (at, name) in path.iter().enumerate() {
            let Some(below) = node.below.get_mut(name) else { return };
            node = below;
            // The folder that it happened in, and what it happened to.
            node.is_told |= at + 2 >= depth;
        }
    }

    /// Anything may have happened.
    fn tell_all(&mut self) {
        self.is_told = true;
        self.below.values_mut().for_each(Self::tell_all);
    }

    /// Looks for repositories at and below it.
    fn enter(&mut self, depth: usize, scan: &mut Scan<'_>) {
        if scan.left == 0 || depth > DEPTH {
            scan.is_partial = true;
            return;
        }
        scan.left -= 1;
        if !self.renew(depth, scan) {
            return;
        }
        match self.kind {
            Kind::Plain => {}
            Kind::HasGit => drop(scan.found.insert(Found::at(&scan.path, false))),
            Kind::Bare => {
                scan.found.insert(Found::at(&scan.path, true));
                return;
            }
        }
        for (name, node) in self.below.iter_mut().filter(|(name, _)| &***name != ".git") {
            scan.path.push(&**name);
            node.enter(depth + 1, scan);
            scan.path.pop();
        }
    }

    /// Opens the folder again if it has changed. False if it is gone.
    fn renew(&mut self, depth: usize, scan: &mut Scan<'_>) -> bool {
        // The root itself may be another one without a word.
        if !self.is_told && self.stamp.is_some() && depth > 0 {
            return true;
        }
        let Ok(stat) = statat(CWD, &scan.path, AtFlags::SYMLINK_NOFOLLOW) else { return false };
        self.is_told = false;
        let is_watched = scan.watches.as_ref().is_none_or(|watches| watches.has(&scan.path));
        if self.stamp == Some(stamp(&stat)) && is_watched {
            return true;
        }
        match self.open(scan) {
            Some(stamp) if stamp.0 + RACY_NS < scan.began_ns => self.stamp = Some(stamp),
            Some(_) => self.stamp = None,
            // What cannot be listed and can be written in may hold anything.
            None => {
                self.stamp = None;
                scan.is_partial |= rustix::fs::access(&scan.path, Access::WRITE_OK).is_ok();
            }
        }
        true
    }

    /// Finds the folders in it. None when not all of it was seen.
    fn open(&mut self, scan: &mut Scan<'_>) -> Option<Stamp> {
        let dir = open(&scan.path)?;
        // Before it is looked at, so that nothing comes between.
        if let Some(watches) = &mut scan.watches {
            watches.add(&scan.path, &dir);
        }
        let stat = fstat(&dir).ok()?;
        #[cfg(test)]
        scan.between.inspect(|between| between(&scan.path));
        if self.names == Names::Read {
            self.names = Names::Changed;
        }
        let mut before = std::mem::take(&mut self.below);
        let has = |name: &str| statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW).is_ok();
        self.kind = match has(".git") {
            true => Kind::HasGit,
            false if has("HEAD") && git::has_bare_layout(&scan.path) => Kind::Bare,
            false => Kind::Plain,
        };
        if is_without_folders(&dir, &stat) {
            return Some(stamp(&stat));
        }
        for (number, entry) in Dir::read_from(&dir).ok()?.enumerate() {
            if number >= ENTRIES {
                return None;
            }
            let entry = entry.ok()?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." && is_folder(&dir, &entry) {
                let (name, node) = before.remove_entry(name).unwrap_or_else(|| (name.into(), Self::default()));
                self.below.insert(name, node);
            }
        }
        Some(stamp(&stat))
    }

    /// Finds the files with further names at and below it.
    fn read(&mut self, depth: usize, scan: &mut Scan<'_>, reading: &mut Reading<'_>) {
        if reading.closed.contains(&scan.path) {
            return;
        }
        if scan.left == 0 || depth > DEPTH {
            reading.linked.is_whole = false;
            return;
        }
        scan.left -= 1;
        if !reading.is_ahead && !self.renew(depth, scan) {
            return;
        }
        let is_wanted = self.names == Names::Unread || (self.names == Names::Changed && !reading.is_ahead);
        if is_wanted {
            let may_read = reading.may_read(self.names);
            reading.is_late |= !may_read;
            reading.linked.is_whole &= may_read && self.read_names(&scan.path, &mut reading.read);
        }
        if !reading.is_ahead {
            let names = self.linked.iter().filter_map(|name| Name::at(scan.path.join(&**name)));
            reading.linked.names.extend(names.filter(|name| !reading.closed.contains(&name.path)));
        }
        if reading.is_ahead && self.kind == Kind::Bare {
            return;
        }
        for (name, node) in &mut self.below {
            if reading.is_ahead && (node.stamp.is_none() && node.is_told || &**name == ".git") {
                continue;
            }
            scan.path.push(&**name);
            node.read(depth + 1, scan, reading);
            scan.path.pop();
        }
    }

    /// Looks at every file of the folder. Whether that could be done to the end.
    fn read_names(&mut self, path: &Path, read: &mut usize) -> bool {
        let Some(dir) = open(path) else { return true };
        self.linked.clear();
        self.names = Names::Changed;
        let (Ok(stat), Ok(entries)) = (fstat(&dir), Dir::read_from(&dir)) else { return true };
        for entry in entries {
            let Ok(entry) = entry else { return true };
            if *read >= NAMES {
                return false;
            }
            *read += 1;
            if matches!(entry.file_type(), FileType::RegularFile | FileType::Unknown)
                && let Ok(stat) = statat(&dir, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)
                && is_file(&stat)
                && stat.st_nlink > 1
            {
                self.linked.push(OsStr::from_bytes(entry.file_name().to_bytes()).into());
            }
        }
        if self.stamp == Some(stamp(&stat)) {
            self.names = Names::Read;
        }
        true
    }
}

impl Name {
    fn at(path: PathBuf) -> Option<Self> {
        let stat = statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let is_linked = is_file(&stat) && stat.st_nlink > 1;
        is_linked.then_some(Self { path, file: (stat.st_dev, stat.st_ino), count: stat.st_nlink })
    }
}

fn open(path: &Path) -> Option<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).ok()
}

fn is_without_folders(dir: &OwnedFd, stat: &Stat) -> bool {
    stat.st_nlink == 2
        && rustix::fs::fstatfs(dir)
            .is_ok_and(|system| COUNTING.iter().any(|kind| i128::from(system.f_type) == i128::from(*kind)))
}

fn is_folder(dir: &OwnedFd, entry: &DirEntry) -> bool {
    match entry.file_type() {
        FileType::Unknown => statat(dir, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory),
        kind => kind == FileType::Directory,
    }
}

fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

fn stamp(stat: &Stat) -> Stamp {
    (i128::from(stat.st_ctime) * 1_000_000_000 + i128::from(stat.st_ctime_nsec), stat.st_ino)
}
