//! Putting sessions away, taking them back, and deleting them: by moving their files as the Codex CLI does.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use quire_files::{Folder, Links};
use quire_state::{
    fault::{Fault, FaultKind},
    key::ThreadId,
};

use super::{find, place};

/// Puts a session away, or takes it back; nothing happens where it is there already.
pub(crate) fn archive(home: &Path, thread: &ThreadId, is_back: bool) -> Result<(), Fault> {
    let from = found(home, thread)?;
    let archived = place::archived(home);
    let name = from.file_name().map(PathBuf::from).unwrap_or_default();
    let to = match (is_back, from.starts_with(&archived)) {
        (true, false) | (false, true) => return Ok(()),
        (false, false) => archived.join(name),
        (true, true) => place::sessions(home).join(day(&name).unwrap_or_default()).join(name),
    };
    move_file(home, &from, &to).map_err(|error| place::storage("Moving the session to", &to, &error))
}

/// Deletes a session, with what was kept of the files that its turns changed.
pub(crate) fn delete(home: &Path, thread: &ThreadId) -> Result<(), Fault> {
    let path = found(home, thread)?;
    place::remove(&path).map_err(|error| place::storage("Deleting the session", &path, &error))?;
    if let Ok(kept) = Folder::open(&home.join("quire").join("undo"), Links::Follow) {
        // What stays of it is cleared with the oldest, as any other.
        let _none_there = kept.remove_all(place::safe(thread));
    }
    Ok(())
}

fn found(home: &Path, thread: &ThreadId) -> Result<PathBuf, Fault> {
    find::by_id(home, thread)
        .ok_or_else(|| Fault::new(FaultKind::Missing, format!("There is no session {} any more.", thread.0)))
}

/// The folders of the day that a session file is named after.
fn day(name: &Path) -> Option<PathBuf> {
    let date = name.to_str()?.strip_prefix("rollout-")?.get(..10)?;
    let parts: Vec<&str> = date.split('-').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(is_number)).then(|| parts.iter().collect())
}

fn move_file(home: &Path, from: &Path, to: &Path) -> io::Result<()> {
    let (Ok(from), Ok(below)) = (from.strip_prefix(home), to.strip_prefix(home)) else {
        return Err(io::Error::other("it does not lie below the home folder"));
    };
    place::make_folder(to.parent().unwrap_or(home))?;
    let folder = Folder::open(home, Links::Follow)?;
    // What is there is never written over.
    if folder.look(below)?.is_some() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    folder.rename(from, below)
}
