//! What protects and hides goes with the file, not with its name: replacing a protected file from outside (an editor
//! that saves, a login) takes the mount away with it, and the new one is open to the command that runs. So a guard
//! watches, and ends the command at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs, io,
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{ffi::OsStrExt, fs::MetadataExt},
    },
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
    time::SystemTime,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init},
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};

use crate::{
    layout::{Cover, Layout},
    leader::Cut,
};

/// How often it is checked where changes are not reported.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
/// Room for what is told at once.
const TOLD: usize = 4096;

/// The files and folders whose replacing would open something.
#[derive(Debug)]
pub(crate) struct Guarded {
    /// Each as it was before the sandbox was made.
    files: BTreeMap<PathBuf, Identity>,
    /// Tells of changes in the folders above them; `None` where the system does not report them.
    changes: Option<Changes>,
}

/// Which file this is. A number alone may be given to another one at once.
type Identity = (u64, u64, Option<SystemTime>);

#[derive(Debug)]
struct Changes {
    told: OwnedFd,
    folders: BTreeMap<i32, PathBuf>,
}

/// A guard that watches as long as this lives.
#[derive(Debug)]
pub(crate) struct Guard {
    cut: Cut,
    stop: Option<io::PipeWriter>,
    /// Closed when nothing is watched any more.
    watching: Option<mpsc::Receiver<()>>,
}

impl Layout {
    /// What lies where a command could use what comes into its place: protected names in what it may write, hidden ones in
    /// what it can see.
    fn guarded(&self) -> impl Iterator<Item = &PathBuf> {
        let would_open = |(path, cover): &(&PathBuf, &Cover)| match cover {
            Cover::Pin | Cover::Root => false,
            Cover::Protected | Cover::Link => {
                let is_shared = path.parent().is_some_and(|above| self.temporary.iter().any(|root| root == above));
                !is_shared && !self.linked.contains(*path) && self.nearest(path) == Some(Cover::Root)
            }
            Cover::HiddenFile | Cover::HiddenFolder => self.nearest(path) != Some(Cover::HiddenFolder),
        };
        self.covers.iter().filter(would_open).map(|(path, _)| path)
    }
}

impl Guarded {
    /// What is to be watched, as it is before anything is mounted.
    pub(crate) fn of(layout: &Layout) -> Self {
        let paths: Vec<&PathBuf> = layout.guarded().collect();
        let changes = Changes::in_folders_of(&paths).ok();
        let files = paths.into_iter().filter_map(|path| Some((path.clone(), identity(path)?))).collect();
        Self { files, changes }
    }

    fn replaced(&self) -> Option<PathBuf> {
        let is_other = |(path, known): &(&PathBuf, &Identity)| identity(path).as_ref() != Some(known);
        self.files.iter().find(is_other).map(|(path, _)| path.clone())
    }

    /// Waits until something was replaced, or until it shall stop.
    fn wait(&self, stop: &io::PipeReader) -> Option<PathBuf> {
        let mut replaced = self.replaced();
        while replaced.is_none() {
            let changes = self.changes.as_ref().map(|changes| PollFd::new(&changes.told, PollFlags::IN));
            let mut all: Vec<PollFd<'_>> = [PollFd::new(stop, PollFlags::IN)].into_iter().chain(changes).collect();
            let patience = self.changes.is_none().then_some(&LOOK);
            match poll(&mut all, patience) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return None,
            }
            if all.first().is_none_or(|stop| !stop.revents().is_empty()) {
                return None;
            }
            replaced = match &self.changes {
                Some(changes) => self.told(changes),
                None => self.replaced(),
            };
        }
        replaced
    }

    /// Takes what was told, and gives what was replaced by it.
    fn told(&self, changes: &Changes) -> Option<PathBuf> {
        let mut room = [MaybeUninit::uninit(); TOLD];
        let mut reader = Reader::new(changes.told.as_fd(), &mut room);
        let mut replaced = None;
        let mut is_cut = false;
        while let Ok(event) = reader.next() {
            is_cut |= event.events().contains(ReadFlags::QUEUE_OVERFLOW);
            let name = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()));
            let folder = changes.folders.get(&event.wd());
            let path = folder.zip(name).map(|(folder, name)| folder.join(name));
            replaced = replaced.or(path.filter(|path| self.files.contains_key(path)));
        }
        replaced.or_else(|| if is_cut { self.replaced() } else { None })
    }
}

impl Changes {
    fn in_folders_of(paths: &[&PathBuf]) -> io::Result<Self> {
        let told = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let wanted = WatchFlags::MOVED_TO | WatchFlags::MOVED_FROM | WatchFlags::CREATE | WatchFlags::DELETE;
        let folders: BTreeSet<&Path> = paths.iter().filter_map(|path| path.parent()).collect();
        let watch = |folder: &Path| Ok((add_watch(&told, folder, wanted | WatchFlags::ONLYDIR)?, folder.to_owned()));
        let folders = folders.into_iter().map(watch).collect::<io::Result<_>>()?;
        Ok(Self { told, folders })
    }
}

impl Guard {
    /// Watches until it is dropped, and ends the command of this leader when something was replaced.
    pub(crate) fn start(guarded: Guarded, leader: u32) -> io::Result<Self> {
        let cut = Cut::default();
        if guarded.files.is_empty() {
            return Ok(Self { cut, stop: None, watching: None });
        }
        let pid = i32::try_from(leader).ok().and_then(Pid::from_raw);
        let leader = pidfd_open(pid.ok_or(io::ErrorKind::InvalidInput)?, PidfdFlags::empty())?;
        let (stopped, stop) = io::pipe()?;
        let (is_watching, watching) = mpsc::channel();
        let told = Arc::clone(&cut);
        let watch = move || {
            let replaced = guarded.wait(&stopped);
            // The kernel takes tens of milliseconds to close what reported changes, and that is not waited for.
            let _closed_at_the_end = guarded;
            let Some(path) = replaced else { return drop(is_watching) };
            // Everything in the sandbox ends with its first process, and that with this one.
            let _ = pidfd_send_signal(&leader, Signal::KILL);
            let _ = told.set(format!(
                "The command was ended: {} was replaced from outside while it ran, and the new one would have been \
                 open to it.",
                path.display()
            ));
            drop(is_watching);
        };
        std::thread::Builder::new().name("quire-guard".to_owned()).spawn(watch)?;
        Ok(Self { cut, stop: Some(stop), watching: Some(watching) })
    }

    pub(crate) fn cut(&self) -> &Cut {
        &self.cut
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(watching) = self.watching.take() {
            // What the agent itself clears away afterwards is no longer seen.
            let _ = watching.recv();
        }
    }
}

fn identity(path: &Path) -> Option<Identity> {
    let facts = fs::symlink_metadata(path).ok()?;
    Some((facts.dev(), facts.ino(), facts.created().ok()))
}
