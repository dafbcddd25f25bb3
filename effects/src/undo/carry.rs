//! Makes the steps of a plan: all of them, or none.
//!
//! First every step is checked against what is there, and every new content is written under a name of its own in the
//! nearest folder that stays; this is where a full disk shows. Then these files change places with what is there, one
//! after another. What was there is read again where it stands now, under the other name: only if it is what the
//! step expects is it the content to be replaced. Everything done is written into a log that can be gone back through.
//! A program that is killed in between leaves every file whole, under its own name or beside it.

mod log;
mod staging;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    fmt,
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::{Path, PathBuf},
    rc::Rc,
};

use quire_state::changes::{Change, Fact, Net, RawPath, Step};
use quire_steering::Steering;
use rustix::{
    fs::{AtFlags, Mode, OFlags},
    io::Errno,
};

use super::{
    examine::{Eye, STRICT},
    objects::Objects,
};
use crate::tool::patch::{contained_fs::Roots, names};
use log::Log;
use staging::Staged;

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The changes, so that they can be taken back.
    pub changes: Vec<Change>,
    /// Folders that stay because another process put something into them.
    pub in_use: Vec<RawPath>,
    /// The journal could not be written: the session does not know of this after it was resumed.
    pub is_forgotten: bool,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The path that stands in the way.
    pub path: Option<RawPath>,
    /// The reason, as a clause without a full stop.
    pub reason: String,
}

impl Refusal {
    pub(crate) fn of(path: Option<RawPath>, reason: impl Into<String>) -> Self {
        Self { path, reason: reason.into() }
    }

    fn at(path: &RawPath, reason: impl Into<String>) -> Self {
        Self::of(Some(path.clone()), reason)
    }

    fn failed(path: &RawPath, what: &str, error: Errno) -> Self {
        let text = std::io::Error::from(error).to_string();
        let words = text.split(" (os error").next().unwrap_or_default().to_lowercase();
        Self::at(path, format!("{what}: {words}"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(out, "{}: {}.", path.shown(), self.reason),
            None => write!(out, "{}.", self.reason),
        }
    }
}

/// Most files that are synced one by one; above that the whole file system is, once.
const SYNCED_FILES: usize = 64;
const CHANGED: &str = "changed by something else meanwhile";

/// Makes these steps beneath `roots`, in their order. The contents come from `objects`. What steers a later start stays as it
/// is.
///
/// # Errors
/// When anything stands in the way. Every file is as before then.
pub fn carry_out(steps: &[Step], roots: &[PathBuf], objects: &Objects, steering: &Steering) -> Result<Done, Refusal> {
    carry_out_while(steps, roots, objects, steering, || {})
}

/// The same, while another process does something between the check and the deed.
pub(super) fn carry_out_while(
    steps: &[Step],
    roots: &[PathBuf],
    objects: &Objects,
    steering: &Steering,
    meanwhile: impl FnOnce(),
) -> Result<Done, Refusal> {
    let roots = Roots::open(roots, steering).map_err(|reason| Refusal::of(None, reason))?;
    let mut hand = Hand {
        roots,
        objects,
        going: steps.iter().filter(|step| !step.to.is_folder()).map(|step| step.path.clone()).collect(),
        awaited: steps.iter().filter(|step| step.from == Fact::Missing).map(|step| step.path.clone()).collect(),
        is_syncing: steps.len() <= SYNCED_FILES,
        log: Log::default(),
        modes: Vec::new(),
    };
    let made = hand.check(steps).and_then(|()| hand.make(steps, meanwhile));
    match made {
        Ok(done) => {
            let in_use = hand.log.finish();
            Ok(without(done, in_use))
        }
        Err(mut refusal) => {
            let kept = hand.log.take_back();
            if !kept.is_empty() {
                refusal.reason += &format!("; and this could not be put back: {}", kept.join(", "));
            }
            Err(refusal)
        }
    }
}

/// Folders that turned out to be in use are none of the changes.
fn without(mut done: Done, in_use: Vec<RawPath>) -> Done {
    done.in_use.extend(in_use);
    let Done { changes, in_use, .. } = &mut done;
    changes.retain(|change| !(in_use.contains(&change.path) && change.before.is_folder()));
    done.changes = Net::of(std::mem::take(changes)).changes();
    done
}

struct Hand<'o> {
    roots: Roots,
    objects: &'o Objects,
    /// Paths that are no folder afterwards: no place for anything that must last meanwhile.
    going: BTreeSet<RawPath>,
    /// Paths at which something is put where nothing is then.
    awaited: BTreeSet<RawPath>,
    /// Every file is made to last by itself.
    is_syncing: bool,
    log: Log,
    /// Modes that folders get when everything is in them.
    modes: Vec<(Rc<OwnedFd>, OsString, u32, RawPath)>,
}

impl Hand<'_> {
    /// Refuses before anything is written.
    fn check(&self, steps: &[Step]) -> Result<(), Refusal> {
        let mut seen = BTreeSet::new();
        for step in steps {
            self.above(&step.path)?;
            // The second step of a path that becomes something else begins where the first one ends.
            if seen.insert(&step.path) && !is_expected(&self.eye().path(&step.path).fact, step) {
                return Err(Refusal::at(&step.path, CHANGED));
            }
        }
        Ok(())
    }

    fn make(&mut self, steps: &[Step], meanwhile: impl FnOnce()) -> Result<Done, Refusal> {
        let mut staged = Vec::new();
        for step in steps {
            staged.push(self.stage(step)?);
        }
        if !self.is_syncing
            && let Some(staged) = staged.iter().flatten().next()
        {
            staging::sync_all(&staged.dir);
        }
        meanwhile();
        let mut done = Done::default();
        for (step, staged) in steps.iter().zip(staged) {
            match self.step(step, staged)? {
                true => done.changes.push(Change::from(step)),
                false => done.in_use.push(step.path.clone()),
            }
        }
        for (dir, name, mode, path) in std::mem::take(&mut self.modes).iter().rev() {
            self.set_mode(dir, name, *mode, path)?;
        }
        Ok(done)
    }

    /// Makes one step. False if it was a folder that stays because it is in use.
    fn step(&mut self, step: &Step, staged: Option<Staged>) -> Result<bool, Refusal> {
        let path = &step.path;
        let (dir, name) = self.place(path, step.to != Fact::Missing)?;
        match (&step.from, &step.to) {
            (Fact::Folder { .. }, Fact::Folder { mode }) => {
                match mode & 0o300 == 0o300 {
                    true => self.set_mode(&dir, &name, *mode, path)?,
                    false => self.modes.push((dir, name, *mode, path.clone())),
                }
                return Ok(true);
            }
            (Fact::Folder { .. }, _) => return self.remove_folder(step, &dir, &name),
            (_, Fact::Folder { mode }) => {
                self.make_folder(path, &dir, &name)?;
                self.modes.push((dir, name, *mode, path.clone()));
            }
            (Fact::File { digest, .. }, Fact::File { digest: wanted, mode, .. }) if digest == wanted => {
                self.set_file_mode(step, &dir, &name, *mode)?;
            }
            _ => self.exchange(step, &dir, &name, staged)?,
        }
        Ok(true)
    }

    /// Puts what was staged in its place, and what was there under the staged name; and looks at it there.
    fn exchange(
        &mut self,
        step: &Step,
        dir: &Rc<OwnedFd>,
        name: &OsStr,
        staged: Option<Staged>,
    ) -> Result<(), Refusal> {
        let path = &step.path;
        let staged = staged.ok_or_else(|| Refusal::at(path, "nothing was prepared for it"))?;
        let (target, other) = ((&**dir, name), (&*staged.dir, staged.name.as_os_str()));
        let fail = |error| Refusal::failed(path, "it cannot be changed", error);
        let is = |fact: &Fact| *fact != Fact::Missing;
        match (is(&step.from), is(&step.to)) {
            (true, true) => names::swap(target, other).map_err(fail)?,
            (false, true) => names::rename_to_free(other, target).map_err(fail)?,
            (true, false) => names::rename_to_free(target, other).map_err(fail)?,
            (false, false) => return Ok(()),
        }
        self.log.exchanged(path, (Rc::clone(dir), name.to_owned()), &staged, (is(&step.from), is(&step.to)));
        match !is(&step.from) || is_expected(&self.eye().below(&*staged.dir, Path::new(&staged.name)).fact, step) {
            true => Ok(()),
            false => Err(Refusal::at(path, CHANGED)),
        }
    }

    fn remove_folder(&mut self, step: &Step, dir: &Rc<OwnedFd>, name: &OsStr) -> Result<bool, Refusal> {
        let path = &step.path;
        // Something else is to stand at its place, so that it cannot stay.
        let is_needed = self.awaited.contains(path);
        let staged = self.other_name(path)?;
        let folder = self.open(dir, name, path)?;
        if !staging::is_empty(&folder) {
            return match is_needed {
                true => Err(Refusal::at(path, "the folder holds files that the turn did not make")),
                false => Ok(false),
            };
        }
        let renamed = names::rename_to_free((dir, name), (&staged.dir, &staged.name));
        renamed.map_err(|error| Refusal::failed(path, "the folder cannot be removed", error))?;
        self.log.parked_folder(path, (Rc::clone(dir), name.to_owned()), &staged);
        Ok(true)
    }

    fn make_folder(&mut self, path: &RawPath, dir: &Rc<OwnedFd>, name: &OsStr) -> Result<(), Refusal> {
        match rustix::fs::mkdirat(&**dir, name, Mode::from_raw_mode(0o700)) {
            Ok(()) => {
                self.log.made_folder(path, (Rc::clone(dir), name.to_owned()));
                Ok(())
            }
            Err(error) => Err(Refusal::failed(path, "the folder cannot be made", error)),
        }
    }

    /// The mode of a folder.
    fn set_mode(&mut self, dir: &Rc<OwnedFd>, name: &OsStr, mode: u32, path: &RawPath) -> Result<(), Refusal> {
        let folder = self.open(dir, name, path)?;
        self.change_mode(&folder, mode, path)
    }

    fn set_file_mode(&mut self, step: &Step, dir: &OwnedFd, name: &OsStr, mode: u32) -> Result<(), Refusal> {
        let path = &step.path;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(dir, name, flags, Mode::empty());
        let file = file.map_err(|error| Refusal::failed(path, "its mode cannot be set", error))?;
        if !is_expected(&self.eye().below(dir, Path::new(name)).fact, step) {
            return Err(Refusal::at(path, CHANGED));
        }
        // A mode belongs to all names of a file, wherever the others are.
        if rustix::fs::fstat(&file).is_ok_and(|found| found.st_nlink > 1) {
            return Err(Refusal::at(path, "the file has other names (hard links), which have the same mode"));
        }
        self.change_mode(&Rc::new(file), mode, path)
    }

    fn change_mode(&mut self, file: &Rc<OwnedFd>, mode: u32, path: &RawPath) -> Result<(), Refusal> {
        let fail = |error| Refusal::failed(path, "its mode cannot be set", error);
        let old = rustix::fs::fstat(file).map_err(fail)?.st_mode & 0o7777;
        if old != mode {
            rustix::fs::fchmod(file, Mode::from_raw_mode(mode)).map_err(fail)?;
            self.log.changed_mode(path, Rc::clone(file), old);
        }
        Ok(())
    }

    fn open(&self, dir: &OwnedFd, name: &OsStr, path: &RawPath) -> Result<Rc<OwnedFd>, Refusal> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = rustix::fs::openat(dir, name, flags, Mode::empty());
        folder.map(Rc::new).map_err(|error| Refusal::failed(path, "the folder cannot be opened", error))
    }

    fn eye(&self) -> Eye<'static> {
        Eye { objects: None, file_bytes: self.objects.bounds().file_bytes }
    }

    /// The folder that a path is in, and its name there. Missing folders are made if it is to be put there.
    fn place(&mut self, path: &RawPath, is_coming: bool) -> Result<(Rc<OwnedFd>, OsString), Refusal> {
        let (top, folders, name) = self.above(path)?;
        let mut dir = Rc::new(top);
        let mut walked = PathBuf::new();
        for folder in folders {
            walked.push(&folder);
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let mut next = rustix::fs::openat2(&*dir, &folder, flags, Mode::empty(), STRICT);
            if is_coming && matches!(next, Err(Errno::NOENT)) {
                let made = names::make_folder(&dir, &folder);
                made.map_err(|error| Refusal::failed(path, "its folder cannot be made", error))?;
                self.log.made_folder(path, (Rc::clone(&dir), folder.clone()));
                next = rustix::fs::openat2(&*dir, &folder, flags, Mode::empty(), STRICT);
            }
            dir = Rc::new(next.map_err(|error| Refusal::failed(path, "its folder cannot be opened", error))?);
        }
        Ok((dir, name))
    }

    /// The root above a path, the names of the folders between, and its name.
    fn above(&self, path: &RawPath) -> Result<(OwnedFd, Vec<OsString>, OsString), Refusal> {
        let text = Path::new(OsStr::from_bytes(path.bytes()));
        let (root, rest) = self.roots.above(text).map_err(|reason| Refusal::at(path, reason))?;
        let root = rustix::io::fcntl_dupfd_cloexec(root, 0);
        let root = root.map_err(|error| Refusal::failed(path, "its folder cannot be opened", error))?;
        let mut names: Vec<OsString> = rest.iter().map(OsStr::to_owned).collect();
        let name = names.pop().ok_or_else(|| Refusal::at(path, "it is the writable folder itself"))?;
        Ok((root, names, name))
    }
}

/// Whether what is found is what a step begins with. Of a folder that goes, only that it is one.
fn is_expected(found: &Fact, step: &Step) -> bool {
    found.is_same(&step.from) || (step.from.is_folder() && !step.to.is_folder() && found.is_folder())
}

/// The metadata of what is at a name, without following a link.
fn stat(dir: &OwnedFd, name: &OsStr) -> Result<rustix::fs::Stat, Errno> {
    rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)
}
