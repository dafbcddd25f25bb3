//! Writing a plan: all files, or none.
//!
//! First every new content is written to a file of its own beside its target, whole and synced; this is where a full disk
//! shows. Then these files change places with the targets, one after another. What was there before stays beside it
//! under the other name until all are done, so that a failure, or a file that has been changed otherwise meanwhile,
//! can be answered by changing places again. A program that is killed in between leaves every file whole; what else it
//! leaves is put right at the next start, by the record that was written before ([`super::record`]).

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::File,
    io::Write as _,
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::Path,
    rc::Rc,
};

use quire_sandbox::harden::users_mode;
use quire_state::patch::{Change, ChangeKind, Rejection};
use ring::rand::{SecureRandom as _, SystemRandom};
use rustix::{
    fs::{Access, AtFlags, Mode, OFlags},
    io::Errno,
};

use super::{
    carried::{Lost, carry},
    contained_fs::{Spot, is_same_file},
    names::{make_folder, rename_to_free, swap, sync_folder},
    reason,
    record::{Ident, Place, Record, STAGED},
};

/// One file to be changed.
struct Step<'a> {
    /// The path as the patch wrote it, to name it in a refusal.
    shown: &'a str,
    spot: &'a Spot,
    /// What to write; none to remove.
    new: Option<&'a [u8]>,
    /// The file whose mode, owner and attributes the new one gets.
    like: Option<&'a Spot>,
    /// The folder that the file is in, once it exists.
    dir: Rc<OwnedFd>,
    /// The other name, beside the file.
    other: OsString,
    state: State,
    /// What stands under the other name, once it is written.
    ident: Option<Ident>,
    /// What the new file did not get, as clauses.
    told: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is done.
    Open,
    /// The new content stands under the other name.
    Written,
    /// Done; the old content, if any, stands under the other name.
    Done,
}

/// Applies a plan. `registry` is where it is written down for the next start, should this one be killed. Gives what there
/// is to say of each file beside that it was changed.
///
/// # Errors
/// When anything stands in the way. Everything is as before then.
pub(super) fn commit(
    changes: &[Change],
    spots: &BTreeMap<String, Spot>,
    registry: Option<&Path>,
) -> Result<Vec<String>, Rejection> {
    let mut steps = steps(changes, spots)?;
    steps.iter().try_for_each(check)?;
    // Where nothing can be written down, a kill leaves names behind, and nothing else.
    let mut record = registry.and_then(|registry| record(registry, &steps).ok());
    let mut folders = Folders::default();
    let result = write_all(&mut steps, &mut folders, record.as_mut());
    match result {
        Ok(()) => {
            for step in &steps {
                // What is left under the other name is the old file. That it cannot be removed changes no target.
                let _ = rustix::fs::unlinkat(&*step.dir, &step.other, AtFlags::empty());
                let _ = sync_folder(&step.dir);
                checkpoint();
            }
            Ok(steps.iter().flat_map(notes).collect())
        }
        Err(mut rejection) => {
            let kept: Vec<String> = steps.iter_mut().rev().filter_map(put_back).collect();
            folders.remove();
            if !kept.is_empty() {
                rejection.reason += &format!("; and the old content could not be put back: {}", kept.join(", "));
            }
            Err(rejection)
        }
    }
}

fn write_all(steps: &mut [Step<'_>], folders: &mut Folders, mut record: Option<&mut Record>) -> Result<(), Rejection> {
    checkpoint();
    for step in steps.iter_mut() {
        folders.make(step)?;
        write(step)?;
        checkpoint();
    }
    let unrecorded = |error: std::io::Error| Rejection::new(format!("the patch could not be recorded: {error}"));
    if let Some(record) = &mut record {
        let idents: Vec<_> = steps.iter().map(|step| step.ident).collect();
        record.staged(&idents).map_err(unrecorded)?;
    }
    checkpoint();
    for step in steps.iter_mut() {
        exchange(step)?;
        checkpoint();
    }
    record.map_or(Ok(()), Record::done).map_err(unrecorded)?;
    checkpoint();
    Ok(())
}

/// A place at which a test can end the program.
fn checkpoint() {
    #[cfg(test)]
    super::tests::killed::checkpoint();
}

fn record(registry: &Path, steps: &[Step<'_>]) -> std::io::Result<Record> {
    let bytes = |path: &Path| path.as_os_str().as_bytes().to_vec();
    let mut folders = Vec::new();
    for step in steps {
        // The real path ends in the missing folders and the name.
        let count = step.spot.missing.len();
        let above: Vec<&Path> = step.spot.real.ancestors().skip(1).take(count).collect();
        folders.extend(above.into_iter().rev().map(bytes));
    }
    folders.dedup();
    let places = steps.iter().map(|step| Place {
        folder: step.spot.real.parent().map(bytes).unwrap_or_default(),
        name: step.spot.name.as_bytes().to_vec(),
        other: step.other.as_bytes().to_vec(),
        old: step.spot.stat.as_ref().map(Ident::from),
    });
    Record::begin(registry, places.collect(), folders)
}

/// What there is to say of a file that was changed.
fn notes(step: &Step<'_>) -> Vec<String> {
    let others = step.spot.stat.as_ref().map_or(0, |stat| stat.st_nlink.saturating_sub(1));
    let is_cut = (others > 0).then(|| {
        let names = if others == 1 { "one other name".to_owned() } else { format!("{others} other names") };
        format!("the file had {names} (hard links), which keep the old content")
    });
    step.told.iter().cloned().chain(is_cut).map(|note| format!("{}: {note}", step.shown)).collect()
}

fn steps<'a>(changes: &'a [Change], spots: &'a BTreeMap<String, Spot>) -> Result<Vec<Step<'a>>, Rejection> {
    let mut steps = Vec::new();
    for change in changes {
        let mut add = |path: &str, shown: &'a str, new, like| {
            let spot = spots.get(path).ok_or_else(|| Rejection::of(shown, "the path was not checked"))?;
            let other = other_name().ok_or_else(|| Rejection::of(shown, "the system gives no random numbers"))?;
            let (dir, state) = (Rc::clone(&spot.dir), State::Open);
            steps.push(Step { shown, spot, new, like, dir, other, state, ident: None, told: Vec::new() });
            Ok::<(), Rejection>(())
        };
        let like = spots.get(&change.path).filter(|spot| spot.stat.is_some());
        match &change.kind {
            ChangeKind::Update { move_to: Some(target) } => {
                add(&target.path, &target.shown, change.new.as_deref(), like)?;
                add(&change.path, &change.shown, None, None)?;
            }
            ChangeKind::Add | ChangeKind::Update { move_to: None } | ChangeKind::Delete => {
                add(&change.path, &change.shown, change.new.as_deref(), like)?;
            }
        }
    }
    Ok(steps)
}

/// A name that cannot be guessed, and so is not taken.
fn other_name() -> Option<OsString> {
    let mut random = [0; 8];
    SystemRandom::new().fill(&mut random).ok()?;
    Some(OsString::from(format!("{STAGED}{:016x}", u64::from_ne_bytes(random))))
}

/// Refuses what cannot be changed safely, before anything is written.
fn check(step: &Step<'_>) -> Result<(), Rejection> {
    let refuse = |reason: &str| Err(Rejection::of(step.shown, reason));
    let Some(stat) = &step.spot.stat else { return Ok(()) };
    if step.new.is_none() {
        return match step.spot.is_link {
            true => refuse("it is a symbolic link, which a patch neither moves nor removes"),
            false => Ok(()),
        };
    }
    if stat.st_nlink > 1 {
        return refuse("the file has other names (hard links), which a patch would cut off; change it by a command");
    }
    let access = rustix::fs::accessat(&*step.dir, &step.spot.name, Access::WRITE_OK, AtFlags::EACCESS);
    access.map_err(|error| Rejection::of(step.shown, format!("the file may not be written: {}", reason(error))))
}

/// Folders that were made for new files.
#[derive(Default)]
struct Folders {
    made: Vec<(Rc<OwnedFd>, OsString)>,
}

impl Folders {
    fn make(&mut self, step: &mut Step<'_>) -> Result<(), Rejection> {
        for name in &step.spot.missing {
            match make_folder(&step.dir, name) {
                Ok(()) => self.made.push((Rc::clone(&step.dir), name.clone())),
                Err(Errno::EXIST) => {}
                Err(error) => return Err(failed(step.shown, "its folder cannot be made", error)),
            }
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let dir = rustix::fs::openat(&*step.dir, name, flags, Mode::empty());
            step.dir = Rc::new(dir.map_err(|error| failed(step.shown, "its folder cannot be opened", error))?);
        }
        Ok(())
    }

    fn remove(&self) {
        for (dir, name) in self.made.iter().rev() {
            // One that is not empty is in use by another process.
            let _ = rustix::fs::unlinkat(&**dir, name, AtFlags::REMOVEDIR);
        }
    }
}

/// Writes the new content under the other name.
fn write(step: &mut Step<'_>) -> Result<(), Rejection> {
    let Some(new) = step.new else { return Ok(()) };
    let fail = |error| failed(step.shown, "the new content cannot be written", error);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    // No other user may look in before the mode of the old file is set.
    let mode = Mode::from_raw_mode(if step.like.is_some() { 0o600 } else { 0o666 });
    let mut file = File::from(rustix::fs::openat(&*step.dir, &step.other, flags, mode).map_err(fail)?);
    step.state = State::Written;
    let written = file.write_all(new).and_then(|()| file.sync_all());
    written.map_err(|error| fail(Errno::from_io_error(&error).unwrap_or(Errno::IO)))?;
    if let Some(like) = step.like {
        let old = like.open().map_err(|error| failed(step.shown, "the old file cannot be opened", error))?;
        let facts = rustix::fs::fstat(&old).map_err(fail)?;
        let told = carry(&old, &facts, facts.st_mode, &file);
        step.told = told.map_err(|Lost { what, error }| failed(step.shown, what, error))?;
    } else if let Some(mode) = users_mode(0o666) {
        // What the agent makes for itself is private; this is the user's.
        rustix::fs::fchmod(&file, mode).map_err(fail)?;
    }
    step.ident = Some(Ident::from(&rustix::fs::fstat(&file).map_err(fail)?));
    Ok(())
}

/// Puts the new content in its place, and the old one under the other name.
fn exchange(step: &mut Step<'_>) -> Result<(), Rejection> {
    let (dir, name, other) = (&*step.dir, step.spot.name.as_os_str(), step.other.as_os_str());
    let done = match (&step.spot.stat, step.new) {
        (Some(_), Some(_)) => swap((dir, name), (dir, other)),
        (None, Some(_)) => rename_to_free((dir, other), (dir, name)),
        (Some(_), None) => rename_to_free((dir, name), (dir, other)),
        (None, None) => Ok(()),
    };
    done.map_err(|error| failed(step.shown, "the file cannot be changed", error))?;
    step.state = State::Done;
    let Some(found) = &step.spot.stat else { return Ok(()) };
    let old = rustix::fs::statat(dir, other, AtFlags::SYMLINK_NOFOLLOW);
    let old = old.map_err(|error| failed(step.shown, "the old file is gone", error))?;
    let is_unchanged = is_same_file(found, &old)
        && found.st_size == old.st_size
        && (found.st_mtime, found.st_mtime_nsec) == (old.st_mtime, old.st_mtime_nsec);
    match is_unchanged {
        true => Ok(()),
        false => Err(Rejection::of(step.shown, "something else changed the file meanwhile; read it again")),
    }
}

/// Takes back what was done for a file. If that fails, the name under which its old content stands.
fn put_back(step: &mut Step<'_>) -> Option<String> {
    let (dir, name, other) = (&*step.dir, step.spot.name.as_os_str(), step.other.as_os_str());
    let result = match (step.state, &step.spot.stat, step.new) {
        (State::Open, _, _) => return None,
        (State::Done, Some(_), Some(_)) => swap((dir, name), (dir, other)),
        (State::Done, None, Some(_)) => rename_to_free((dir, name), (dir, other)),
        (State::Done, Some(_), None) => rename_to_free((dir, other), (dir, name)),
        (State::Done, None, None) | (State::Written, _, _) => Ok(()),
    };
    if result.is_err() && step.spot.stat.is_some() {
        return Some(format!("{} (it is in {})", step.shown, other.to_string_lossy()));
    }
    if step.new.is_some() {
        // Only the new content can stand there now. That it cannot be removed changes no target.
        let _ = rustix::fs::unlinkat(dir, other, AtFlags::empty());
    }
    step.state = State::Open;
    None
}

fn failed(shown: &str, what: &str, error: Errno) -> Rejection {
    Rejection::of(shown, format!("{what}: {}", reason(error)))
}
