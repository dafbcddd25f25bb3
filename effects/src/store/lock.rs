//! One writer for each thread, across processes.
//!
//! The lock is an advisory lock on `thread-writer-locks/ID.lock`, the same file and the same kind of lock that the
//! Codex CLI takes, so that the two keep off each other's sessions. It ends with the process, however that ends.

use std::{
    fs::{File, TryLockError},
    io::{self, Seek, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use quire_files::{Links, limits};
use rustix::process::{Pid, test_kill_process};

use quire_state::{
    fault::{Fault, FaultKind},
    key::ThreadId,
};

use super::place;

/// Attempts to get hold of a lock file that others remove at the same time.
const ATTEMPTS: u32 = 20;

/// How long a lock without a living holder may last.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(1);
/// Time between two looks at it.
const ORPHAN_LOOK: Duration = Duration::from_millis(5);

/// The right to write a thread's session file, held until dropped.
#[derive(Debug)]
pub(crate) struct ThreadLock {
    file: File,
    path: PathBuf,
}

/// Why a lock was not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Another process (of this id, where it is known) writes this thread.
    Busy(Option<u32>),
    /// The lock file cannot be made.
    Failed(PathBuf, io::Error),
}

impl Refusal {
    /// The refusal in words.
    pub(crate) fn fault(&self, thread: &ThreadId) -> Fault {
        match self {
            Self::Busy(pid) => {
                let by = pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
                Fault::new(FaultKind::Storage, format!("Session {} is in use by {by}.", thread.0))
                    .with_hint("Close it there first, or start a new session.")
            }
            Self::Failed(path, error) => place::storage("Making the lock file", path, error),
        }
    }
}

impl ThreadLock {
    /// Takes the lock. A living holder is not waited for; of one that was just killed, a child that was being started may
    /// hold the lock for another moment, and that is.
    pub(crate) fn take(home: &Path, thread: &ThreadId) -> Result<Self, Refusal> {
        let until = Instant::now() + ORPHAN_PATIENCE;
        loop {
            match Self::try_take(home, thread) {
                Err(Refusal::Busy(Some(pid))) if !is_alive(pid) && Instant::now() < until => thread::sleep(ORPHAN_LOOK),
                taken => return taken,
            }
        }
    }

    fn try_take(home: &Path, thread: &ThreadId) -> Result<Self, Refusal> {
        let path = place::locks(home).join(format!("{}.lock", place::safe(thread)));
        for _ in 0..ATTEMPTS {
            let file = place::open_for_append(&path).map_err(|error| Refusal::Failed(path.clone(), error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(Refusal::Busy(holder(&file, &path))),
                // A file system without locks: better saved without a lock than not at all.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
                Err(TryLockError::Error(error)) => return Err(Refusal::Failed(path, error)),
            }
            // The last owner may have removed the file between our opening and our locking.
            if is_at(&file, &path) {
                let mut lock = Self { file, path };
                lock.sign();
                return Ok(lock);
            }
        }
        Err(Refusal::Busy(None))
    }

    /// Leaves our process id in the file, for systems that do not tell who holds a lock.
    fn sign(&mut self) {
        let signed = self.file.set_len(0).and_then(|()| self.file.rewind());
        // A lock without a name is a lock all the same.
        let _unsigned = signed.and_then(|()| writeln!(self.file, "{}", std::process::id()));
    }
}

impl Drop for ThreadLock {
    fn drop(&mut self) {
        // A home that was removed meanwhile is not made anew.
        if !is_at(&self.file, &self.path) {
            return;
        }
        // Codex takes a lock file under this one; while we hold it, no other process is about to lock what we remove.
        let coordination = self.path.with_file_name(".coordination.lock");
        let Ok(guard) = place::open_for_append(&coordination) else { return };
        if guard.try_lock().is_ok() && is_at(&self.file, &self.path) {
            let _left_behind = place::remove(&self.path);
        }
    }
}

fn is_alive(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}

fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(there)) = (file.metadata(), std::fs::metadata(path)) else { return false };
    (open.dev(), open.ino()) == (there.dev(), there.ino())
}

/// Who holds the lock on this file: the kernel's list where there is one, else what the holder wrote into the file.
fn holder(file: &File, path: &Path) -> Option<u32> {
    let inode = file.metadata().ok()?.ino();
    if let Ok(locks) = quire_files::read_text(Path::new("/proc/locks"), Links::Follow, limits::SYSTEM) {
        return locks.lines().find_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            let is_ours = words.next()? == "FLOCK";
            let pid = words.nth(2)?;
            let place = words.next()?;
            (is_ours && place.rsplit(':').next()?.parse() == Ok(inode)).then(|| pid.parse().ok())?
        });
    }
    quire_files::read_text(path, Links::NotLast, limits::POINTER).ok()?.trim().parse().ok()
}
