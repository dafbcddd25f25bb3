//! What was done, in its order, so that it can be finished or gone back through.

use std::{ffi::OsString, os::fd::OwnedFd, rc::Rc};

use quire_state::changes::RawPath;
use rustix::{
    fs::{AtFlags, Mode},
    io::Errno,
};

use super::{staging::Staged, stat};
use crate::tool::patch::names::{Name, rename_to_free, swap, sync_folder};

/// A name in a folder.
type Place = (Rc<OwnedFd>, OsString);

#[derive(Debug, Default)]
pub(super) struct Log {
    /// New contents that may still stand under their other names.
    staged: Vec<Place>,
    deeds: Vec<(RawPath, Deed)>,
}

#[derive(Debug)]
enum Deed {
    /// What was at the target, if anything, stands under the other name; what was there is the target now.
    Exchanged {
        target: Place,
        other: Place,
        number: Option<u64>,
        had: bool,
        has: bool,
    },
    /// An empty folder stands under the other name.
    Parked {
        target: Place,
        other: Place,
    },
    Made {
        target: Place,
    },
    Mode {
        file: Rc<OwnedFd>,
        old: u32,
    },
}

fn name(place: &Place) -> Name<'_> {
    (&place.0, &place.1)
}

impl Log {
    pub(super) fn staged(&mut self, staged: &Staged) {
        self.staged.push((Rc::clone(&staged.dir), staged.name.clone()));
    }

    /// `had` and `has`: something was there, and something is there now.
    pub(super) fn exchanged(&mut self, path: &RawPath, target: Place, staged: &Staged, (had, has): (bool, bool)) {
        let other = (Rc::clone(&staged.dir), staged.name.clone());
        self.staged.retain(|place| place.1 != other.1);
        self.deeds.push((path.clone(), Deed::Exchanged { target, other, number: staged.number, had, has }));
    }

    pub(super) fn parked_folder(&mut self, path: &RawPath, target: Place, staged: &Staged) {
        let other = (Rc::clone(&staged.dir), staged.name.clone());
        self.deeds.push((path.clone(), Deed::Parked { target, other }));
    }

    pub(super) fn made_folder(&mut self, path: &RawPath, target: Place) {
        self.deeds.push((path.clone(), Deed::Made { target }));
    }

    pub(super) fn changed_mode(&mut self, path: &RawPath, file: Rc<OwnedFd>, old: u32) {
        self.deeds.push((path.clone(), Deed::Mode { file, old }));
    }

    /// Removes what stands under the other names. The folders that turn out to be in use are put back and named.
    pub(super) fn finish(self) -> Vec<RawPath> {
        let mut in_use = Vec::new();
        for (path, deed) in self.deeds {
            match deed {
                Deed::Exchanged { target, other, had, .. } => {
                    if had {
                        // That it cannot be removed changes no target, and the next look passes it over.
                        let _ = rustix::fs::unlinkat(&*other.0, &other.1, AtFlags::empty());
                    }
                    let _ = sync_folder(&target.0);
                }
                Deed::Parked { target, other } => {
                    let removed = rustix::fs::unlinkat(&*other.0, &other.1, AtFlags::REMOVEDIR);
                    if removed.is_err() && rename_to_free(name(&other), name(&target)).is_ok() {
                        in_use.push(path);
                    }
                }
                Deed::Made { .. } | Deed::Mode { .. } => {}
            }
        }
        in_use
    }

    /// Goes back through everything. What could not be put back, and where it is.
    pub(super) fn take_back(self) -> Vec<String> {
        let mut kept = Vec::new();
        for (path, deed) in self.deeds.into_iter().rev() {
            if let Err((error, other)) = undo(&deed) {
                let place = other.map(|other| format!(" (it is in {})", other.1.to_string_lossy()));
                kept.push(format!("{}{}: {error}", path.shown(), place.unwrap_or_default()));
            }
        }
        for (dir, name) in &self.staged {
            let _ = rustix::fs::unlinkat(&**dir, name, AtFlags::empty());
        }
        kept
    }
}

fn undo(deed: &Deed) -> Result<(), (Errno, Option<&Place>)> {
    match deed {
        Deed::Exchanged { target, other, number, had, has } => {
            let result = match (had, has) {
                (true, true) => swap(name(target), name(other)),
                (false, true) => rename_to_free(name(target), name(other)),
                (true, false) => rename_to_free(name(other), name(target)),
                (false, false) => Ok(()),
            };
            result.map_err(|error| (error, had.then_some(other)))?;
            // Only our own file is removed; one that another process put in its place stays under the other name.
            let is_ours = stat(&other.0, &other.1).is_ok_and(|found| Some(found.st_ino) == *number);
            match *has && !is_ours {
                true => Err((Errno::STALE, Some(other))),
                false if *has => {
                    rustix::fs::unlinkat(&*other.0, &other.1, AtFlags::empty()).map_err(|e| (e, Some(other)))
                }
                false => Ok(()),
            }
        }
        Deed::Parked { target, other } => {
            rename_to_free(name(other), name(target)).map_err(|error| (error, Some(other)))
        }
        // One that is not empty is in use by another process.
        Deed::Made { target } => match rustix::fs::unlinkat(&*target.0, &target.1, AtFlags::REMOVEDIR) {
            Err(Errno::NOTEMPTY | Errno::EXIST) | Ok(()) => Ok(()),
            Err(error) => Err((error, None)),
        },
        Deed::Mode { file, old } => rustix::fs::fchmod(file, Mode::from_raw_mode(*old)).map_err(|error| (error, None)),
    }
}
