//! What the system tells of changes in folders, by inotify.
//!
//! It tells what a process of this machine does by a name in a watched folder, before the process can say that it has
//! ended. It does not tell what is written through a name elsewhere, or on another machine: see [`Watches::can_tell`].

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    mem::MaybeUninit,
    os::{
        fd::{AsFd, AsRawFd as _, OwnedFd},
        unix::ffi::OsStrExt as _,
    },
    path::{Path, PathBuf},
};

use rustix::{
    fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags},
    io::Errno,
};

/// Most folders that are watched at once, and which part of what the system lets the user watch: others watch folders, too.
const WATCHES: usize = 65_536;
const PART: usize = 4;
/// Most paths that are told at once. Where more have changed, looking at all of them is cheaper.
const TOLD: usize = 20_000;
/// File systems whose files are changed by this machine alone: ext2 to ext4, XFS, Btrfs, tmpfs, overlay, F2FS, bcachefs, ZFS.
const LOCAL: [u64; 8] =
    [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630, 0xF2F5_2010, 0xCA45_1A4E, 0x2FC1_2FC1];

/// Folders whose changes are told.
#[derive(Debug)]
pub struct Watches {
    events: OwnedFd,
    /// How many folders may be watched.
    most: usize,
    folders: BTreeMap<i32, PathBuf>,
    numbers: BTreeMap<PathBuf, i32>,
    /// Something may have happened that is not told.
    is_unsure: bool,
    /// Not all folders could be watched.
    is_exhausted: bool,
}

/// What has happened since it was asked last.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing but at these paths: they may have come, gone or changed. What lies below a folder among them is told only
    /// where it was watched.
    Paths(BTreeSet<PathBuf>),
    /// Anything: the system could not tell all of it, or a folder could not be watched.
    Unsure,
}

impl Watches {
    /// How many names a set of folders holds at least that is watched. A smaller one is looked through faster than the system
    /// ends watching it.
    pub const FROM: usize = 1_000;

    /// No folder yet; at most so many. `None` where the system gives none.
    pub fn new(most: usize) -> Option<Self> {
        let events = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
        Some(Self {
            events,
            most,
            folders: BTreeMap::new(),
            numbers: BTreeMap::new(),
            is_unsure: false,
            is_exhausted: false,
        })
    }

    /// How many folders may be watched at once.
    pub fn allowed() -> usize {
        let path = Path::new("/proc/sys/fs/inotify/max_user_watches");
        let text = crate::read_text(path, crate::Links::Follow, crate::limits::SYSTEM).unwrap_or_default();
        text.trim().parse::<usize>().map_or(WATCHES, |all| (all / PART).min(WATCHES))
    }

    /// Whether all changes below a folder are told: whether its files are changed by this machine alone.
    pub fn can_tell(folder: impl AsFd) -> bool {
        rustix::fs::fstatfs(folder)
            .is_ok_and(|system| LOCAL.iter().any(|kind| i128::from(system.f_type) == i128::from(*kind)))
    }

    /// Watches a folder that is held, from now on, under this path. What is in it is to be listed after that.
    pub fn add(&mut self, path: &Path, folder: impl AsFd) {
        if self.is_exhausted || (self.numbers.len() >= self.most && !self.numbers.contains_key(path)) {
            (self.is_unsure, self.is_exhausted) = (true, true);
            return;
        }
        let flags = WatchFlags::MODIFY
            | WatchFlags::ATTRIB
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::ONLYDIR;
        // Another file system may be mounted there.
        if !Self::can_tell(&folder) {
            (self.is_unsure, self.is_exhausted) = (true, true);
            return;
        }
        match inotify::add_watch(&self.events, format!("/proc/self/fd/{}", folder.as_fd().as_raw_fd()), flags) {
            Ok(number) => {
                // A folder that was renamed keeps its number.
                if let Some(old) = self.folders.insert(number, path.to_owned()).filter(|old| old != path) {
                    self.numbers.remove(&old);
                }
                if let Some(old) = self.numbers.insert(path.to_owned(), number).filter(|old| *old != number) {
                    self.end(old);
                }
            }
            // It is gone, or the system has no room for more.
            Err(Errno::NOENT | Errno::NOTDIR) => self.is_unsure = true,
            Err(_) => (self.is_unsure, self.is_exhausted) = (true, true),
        }
    }

    /// Whether not all folders could be watched. Then nothing is told for sure any more.
    pub fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }

    /// Whether this folder is watched, as far as the news of it go.
    pub fn has(&self, path: &Path) -> bool {
        self.numbers.contains_key(path)
    }

    /// Watches this folder and those below it no more.
    pub fn forget(&mut self, path: &Path) {
        let below = self.numbers.range(path.to_owned()..).take_while(|(each, _)| each.starts_with(path));
        let gone: Vec<(PathBuf, i32)> = below.map(|(path, number)| (path.clone(), *number)).collect();
        for (path, number) in gone {
            self.numbers.remove(&path);
            self.end(number);
        }
    }

    fn end(&mut self, number: i32) {
        self.folders.remove(&number);
        // One that is gone is watched no more by itself.
        let _ = inotify::remove_watch(&self.events, number);
    }

    /// What has happened so far. After [`News::Unsure`], all folders are to be added and looked at again: what happens from
    /// now on is told.
    pub fn news(&mut self) -> News {
        let mut paths = BTreeSet::new();
        let mut buffer = [MaybeUninit::uninit(); 32 * 1024];
        let mut reader = inotify::Reader::new(&self.events, &mut buffer);
        loop {
            let event = match reader.next() {
                Ok(event) => event,
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => break,
                Err(_) => {
                    self.is_unsure = true;
                    break;
                }
            };
            if event.events().intersects(ReadFlags::QUEUE_OVERFLOW | ReadFlags::UNMOUNT) {
                self.is_unsure = true;
            }
            // The folder is gone. One of the same name, and even of the same number, may be there already.
            if event.events().contains(ReadFlags::IGNORED) {
                let gone = self.folders.remove(&event.wd());
                if let Some(path) = gone.filter(|path| self.numbers.get(path) == Some(&event.wd())) {
                    self.numbers.remove(&path);
                }
                continue;
            }
            let Some(folder) = self.folders.get(&event.wd()) else { continue };
            // What happens to a watched folder itself is told by the one above it, too.
            if let Some(name) = event.file_name().filter(|_| !self.is_unsure) {
                paths.insert(folder.join(OsStr::from_bytes(name.to_bytes())));
                self.is_unsure |= paths.len() > TOLD;
            }
        }
        match std::mem::take(&mut self.is_unsure) || self.is_exhausted {
            true => News::Unsure,
            false => News::Paths(paths),
        }
    }
}
