//! Names that must not come to be while a command runs: each is an empty folder for that time, so that a mount can lie
//! over it. Nothing is left of it afterwards, also when the agent was killed: what dead agents left is swept later.
//!
//! A reservation is an empty folder with the sticky bit. Each command that depends on one holds a shared lock on it, and only who
//! gets the lock alone may remove it. A record in the agent's home says where to look; the sandbox itself keeps that
//! record locked as long as it lives.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    os::{
        fd::{AsFd, AsRawFd, RawFd},
        unix::{
            ffi::{OsStrExt, OsStringExt},
            fs::MetadataExt,
        },
    },
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use quire_files::{Folder, Held, Links, limits};
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, openat};

use crate::refusal::{Obstacle, Refusal};

const STICKY: u32 = 0o1000;
/// How often we look whether a killed sandbox is gone, and how long a look is apart from the next.
const LOOKS: u32 = 2000;
const PAUSE: Duration = Duration::from_millis(1);
/// How often we try again when another process works on the same name.
const TRIES: u32 = 100;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Reserved names, until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Hold {
    record: Option<(PathBuf, File)>,
    folders: Vec<(PathBuf, File)>,
}

/// Whether this is a reservation.
pub(crate) fn is_reserved(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|facts| facts.is_dir() && facts.mode() & STICKY != 0)
        && Folder::open(path, Links::NotLast)
            .and_then(|folder| folder.entries())
            .is_ok_and(|mut entries| entries.next().is_none())
}

/// Removes what dead agents of this home left.
pub(crate) fn sweep(registry: &Path) {
    let Ok(registry) = Folder::open(registry, Links::Follow) else { return };
    let Ok(records) = registry.list(limits::ENTRIES) else { return };
    for record in records.entries {
        // What is no file of ours is none of ours.
        let Ok(file) = registry.hold(&record.name) else { continue };
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            continue;
        }
        let Ok(text) = file.bytes(limits::RESERVED) else { continue };
        let mut is_done = true;
        for reserved in text.split(|byte| *byte == 0).filter(|reserved| !reserved.is_empty()) {
            let reserved = PathBuf::from(std::ffi::OsString::from_vec(reserved.to_vec()));
            if let Ok(folder) = open(&reserved) {
                remove(&reserved, &folder);
            }
            is_done &= !is_reserved(&reserved);
        }
        if is_done {
            let _ = registry.remove(&record.name);
        }
    }
}

impl Hold {
    /// Reserves these names. Without a registry they are reserved all the same; only a kill then leaves them behind.
    pub(crate) fn take(registry: Option<&Path>, names: &[PathBuf]) -> Result<Self, Obstacle> {
        if let Some(registry) = registry {
            sweep(registry);
        }
        if names.is_empty() {
            return Ok(Self::default());
        }
        let record = registry.and_then(|registry| record(registry, names).ok());
        let mut hold = Self { record, folders: Vec::new() };
        for name in names {
            match reserve(name) {
                Ok(Some(folder)) => hold.folders.push((name.clone(), folder)),
                Ok(None) => {}
                Err(error) => {
                    let refusal = Refusal::plan(format_args!("{} cannot be protected: {error}.", name.display()));
                    return Err(Obstacle { refusal, root: name.parent().map(Path::to_owned) });
                }
            }
        }
        Ok(hold)
    }

    /// The names that are folders now.
    pub(crate) fn names(&self) -> Vec<PathBuf> {
        self.folders.iter().map(|(name, _)| name.clone()).collect()
    }

    /// What the sandbox must keep open as long as it lives.
    pub(crate) fn lock(&self) -> Option<RawFd> {
        self.record.as_ref().map(|(_, file)| file.as_raw_fd())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let Some((path, file)) = self.record.take() else {
            return self.folders.drain(..).for_each(|(name, folder)| remove(&name, &folder));
        };
        drop(file);
        // The first process of the sandbox may live a moment longer than the one that we waited for.
        let Ok(again) = Held::open(&path, Links::NotLast) else { return };
        for _ in 0..LOOKS {
            if flock(&again, FlockOperation::NonBlockingLockExclusive).is_ok() {
                self.folders.drain(..).for_each(|(name, folder)| remove(&name, &folder));
                drop(again);
                // Looks at the record once more: what another holds still is left to a later sweep.
                return path.parent().map(sweep).unwrap_or_default();
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// Writes down what is about to be reserved.
fn record(registry: &Path, names: &[PathBuf]) -> io::Result<(PathBuf, File)> {
    let folder = Folder::make(registry, Links::Follow, 0o700)?;
    for _ in 0..TRIES {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}.{number}", std::process::id());
        let mut file = match folder.make_file(&name, 0o600) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            file => file?,
        };
        flock(&file, FlockOperation::LockExclusive)?;
        // A sweep may have come between.
        if file.metadata()?.nlink() == 0 {
            continue;
        }
        let text: Vec<u8> = names.iter().flat_map(|name| [name.as_os_str().as_bytes(), b"\0"].concat()).collect();
        file.write_all(&text)?;
        return Ok((registry.join(name), file));
    }
    Err(io::Error::from(ErrorKind::WouldBlock))
}

/// Makes the folder, or joins those who have. `None` when this user cannot make anything there.
fn reserve(name: &Path) -> io::Result<Option<File>> {
    for _ in 0..TRIES {
        // Others must be able to hold it too, whatever our umask.
        let made =
            Folder::above(name, Links::NotLast).and_then(|(above, name)| above.make_folder(name, STICKY | 0o755));
        match made {
            Ok(_) => {}
            // Another process removed it in between.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem => return Ok(None),
            Err(error) if error.kind() == ErrorKind::PermissionDenied && !is_own(name.parent()) => return Ok(None),
            Err(error) => return Err(error),
        }
        let folder = match open(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            folder => folder?,
        };
        // Who holds it alone is about to remove it, or is another program and no reason to wait for ever.
        if flock(&folder, FlockOperation::NonBlockingLockShared).is_ok() && is_at(name, &folder) {
            return Ok(Some(folder));
        }
        std::thread::sleep(PAUSE);
    }
    Err(io::Error::from(ErrorKind::ResourceBusy))
}

/// The owner of a folder can give himself the right to write in it.
fn is_own(folder: Option<&Path>) -> bool {
    folder
        .and_then(|folder| fs::metadata(folder).ok())
        .is_none_or(|facts| facts.uid() == rustix::process::geteuid().as_raw())
}

fn open(folder: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(File::from(openat(CWD, folder, flags, Mode::empty())?))
}

fn is_at(name: &Path, folder: &File) -> bool {
    let (Ok(there), Ok(here)) = (fs::symlink_metadata(name), folder.metadata()) else { return false };
    (there.dev(), there.ino()) == (here.dev(), here.ino())
}

/// Removes a reservation that no other process holds. Whatever has got a content is no reservation any more.
fn remove(name: &Path, folder: &File) {
    let is_alone = flock(folder.as_fd(), FlockOperation::NonBlockingLockExclusive).is_ok();
    if is_alone && is_at(name, folder) && is_reserved(name) {
        let _ = Folder::above(name, Links::NotLast).and_then(|(above, name)| above.remove_folder(name));
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt};

    use super::*;

    #[test]
    fn a_reservation_lives_as_long_as_it_is_held() {
        let place = tempfile::tempdir().unwrap();
        let (registry, name) = (place.path().join("registry"), place.path().join(".git"));
        let first = Hold::take(Some(&registry), std::slice::from_ref(&name)).unwrap();
        let second = Hold::take(Some(&registry), std::slice::from_ref(&name)).unwrap();
        assert!(is_reserved(&name));
        drop(first);
        assert!(is_reserved(&name));
        drop(second);
        assert!(!name.exists());
        assert_eq!(fs::read_dir(&registry).unwrap().count(), 0);
    }

    #[test]
    fn what_a_dead_agent_left_is_swept_and_what_has_content_stays() {
        let place = tempfile::tempdir().unwrap();
        let names = [place.path().join(".git"), place.path().join(".codex")];
        for name in &names {
            DirBuilder::new().mode(0o1755).create(name).unwrap();
        }
        fs::write(names[1].join("config.toml"), "").unwrap();
        let registry = place.path().join("registry");
        drop(record(&registry, &names).unwrap());
        sweep(&registry);
        assert_eq!(names.map(|name| name.exists()), [false, true]);
        assert_eq!(fs::read_dir(&registry).unwrap().count(), 0);
    }

    #[test]
    fn a_name_that_another_process_keeps_is_an_error_and_no_hang() {
        let place = tempfile::tempdir().unwrap();
        let name = place.path().join(".git");
        DirBuilder::new().mode(0o1755).create(&name).unwrap();
        let other = File::open(&name).unwrap();
        flock(&other, FlockOperation::LockExclusive).unwrap();
        let obstacle = Hold::take(None, std::slice::from_ref(&name)).unwrap_err();
        assert!(obstacle.refusal.message.contains("cannot be protected"), "{obstacle:?}");
        assert_eq!(obstacle.root.as_deref(), Some(place.path()));
        assert!(name.exists());
    }

    #[test]
    fn a_folder_of_another_user_is_never_removed() {
        let place = tempfile::tempdir().unwrap();
        let name = place.path().join(".git");
        fs::create_dir(&name).unwrap();
        drop(Hold::take(None, std::slice::from_ref(&name)).unwrap());
        assert!(name.exists());
    }
}
