//! Where things lie under the home folder, and how they are made: private, whatever the umask says.

use std::{
    fs::File,
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};
use quire_files::{Folder, Links};
use quire_state::{
    fault::{Fault, FaultKind},
    key::ThreadId,
};
use serde::Serialize;

use crate::zone;

/// Folder of the session files.
pub(crate) fn sessions(home: &Path) -> PathBuf {
    home.join("sessions")
}

/// Folder of the session files that were put away. They are found by id and name, never as "the newest".
pub(crate) fn archived(home: &Path) -> PathBuf {
    home.join("archived_sessions")
}

/// The submissions of the composer.
pub(crate) fn history(home: &Path) -> PathBuf {
    home.join("history.jsonl")
}

/// The names that people gave to threads.
pub(crate) fn names(home: &Path) -> PathBuf {
    home.join("session_index.jsonl")
}

/// Folder of the writer locks, shared with the Codex CLI.
pub(crate) fn locks(home: &Path) -> PathBuf {
    home.join("thread-writer-locks")
}

/// The index.
pub(crate) fn index(home: &Path) -> PathBuf {
    home.join("quire_index.sqlite")
}

/// The path with this ending.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The file of a session that began at this time, by the local calendar.
pub(crate) fn rollout(home: &Path, thread: &ThreadId, started_unix_ms: i64) -> PathBuf {
    let started = Timestamp::from_millisecond(started_unix_ms).unwrap_or_default().to_zoned(zone());
    let name = format!("rollout-{}-{}.jsonl", started.strftime("%Y-%m-%dT%H-%M-%S"), safe(thread));
    sessions(home).join(started.strftime("%Y/%m/%d").to_string()).join(name)
}

/// The user's time zone.
fn zone() -> TimeZone {
    let named = std::env::var_os("TZ");
    let (_, zone) = zone::local(named.as_ref().map(|name| name.to_string_lossy()).as_deref());
    zone.unwrap_or(TimeZone::UTC)
}

/// The thread id of a session file's name.
pub(crate) fn thread_of(path: &Path) -> Option<ThreadId> {
    let stem = path.file_name()?.to_str()?.strip_prefix("rollout-")?.strip_suffix(".jsonl")?;
    // The time has a fixed width: 2026-01-31T23-59-59.
    let id = stem.get(19..)?.strip_prefix('-')?;
    (!id.is_empty()).then(|| ThreadId(id.to_owned()))
}

/// A thread id as part of a file name: ids read from files may hold anything.
pub(crate) fn safe(thread: &ThreadId) -> String {
    let keep = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    thread.0.chars().take(64).map(keep).collect()
}

/// Makes a folder and the missing ones above it, each with mode 0700. Folders that are there stay as they are, and so do links to
/// folders: the home is the user's own.
pub(crate) fn make_folder(path: &Path) -> io::Result<Folder> {
    Folder::make(path, Links::Follow, 0o700)
}

/// Opens a file for reading and appending; a new one, and the folders above it, are private. What is no plain file of the user's
/// own is not opened.
pub(crate) fn open_for_append(path: &Path) -> io::Result<File> {
    let (folder, name) = match Folder::above(path, Links::Follow) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make_folder(path.parent().unwrap_or(path))?;
            Folder::above(path, Links::Follow)?
        }
        above => above?,
    };
    Ok(folder.append(name, 0o600)?.file)
}

/// Adds an entry as a line of its own to a file of such lines, whatever the file ends in.
pub(crate) fn append_line(path: &Path, entry: &impl Serialize) -> io::Result<()> {
    let mut file = open_for_append(path)?;
    let mut line = Vec::new();
    if file.metadata()?.len() > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != [b'\n'] {
            line.push(b'\n');
        }
    }
    serde_json::to_writer(&mut line, entry)?;
    line.push(b'\n');
    file.write_all(&line)
}

/// Removes a file, or a link in its place.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let (folder, name) = Folder::above(path, Links::Follow)?;
    folder.remove(name)
}

/// A failure of the file system, in words.
pub(crate) fn storage(doing: &str, path: &Path, error: &io::Error) -> Fault {
    let fault = Fault::new(FaultKind::Storage, format!("{doing} {} failed: {}.", path.display(), reason(error)));
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => fault.with_hint("Free some space there."),
        ErrorKind::PermissionDenied => fault.with_hint("Check who owns the folder and its permissions."),
        ErrorKind::ReadOnlyFilesystem => fault.with_hint("Point CODEX_HOME to a folder that can be written."),
        _ => fault,
    }
}

fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    // The number says nothing to a user that the words do not.
    let words = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = words.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
