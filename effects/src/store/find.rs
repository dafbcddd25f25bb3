//! From what a user names to a session file.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use quire_files::limits;
use quire_state::{
    fault::{Fault, FaultKind},
    key::ThreadId,
    rollout::{self, RolloutLine},
};
use quire_wire::rollout::NameEntry;

use super::{
    place, read,
    scan::{self, Found},
};

/// Fewest characters of an id that name a session.
const PREFIX_CHARS: usize = 4;
/// How many sessions a hint lists.
const NEAREST: usize = 3;

/// The session file that `target` means: a path, an id or the beginning of one, a name, or nothing for the newest
/// (of the folder `cwd`, if given).
pub(crate) fn find(home: &Path, target: &str, cwd: Option<&str>) -> Result<PathBuf, Fault> {
    if target.is_empty() {
        return newest(home, cwd);
    }
    if target.contains('/') || target.ends_with(".jsonl") {
        return by_path(target).or_else(|fault| by_name(home, &all(home), target).ok_or(fault));
    }
    let files = all(home);
    if let Some(path) = by_prefix(&files, target)? {
        return Ok(path);
    }
    by_name(home, &files, target).ok_or_else(|| unknown(home, &files, target))
}

/// The file of exactly this thread.
pub(crate) fn by_id(home: &Path, thread: &ThreadId) -> Option<PathBuf> {
    all(home).into_iter().find(|file| file.thread == *thread).map(|file| file.path)
}

fn all(home: &Path) -> Vec<Found> {
    let mut files = scan::files(&place::sessions(home));
    files.extend(scan::files(&place::archived(home)));
    files
}

fn newest(home: &Path, cwd: Option<&str>) -> Result<PathBuf, Fault> {
    let is_wanted = |path: &Path| {
        // By the reader that opens it, so that both know the same files.
        let meta = read::identity(path).ok().flatten();
        meta.is_some_and(|meta| cwd.is_none_or(|cwd| meta.cwd == cwd))
    };
    let mut files = scan::newest_first(&place::sessions(home)).into_iter();
    files.find(|(_, file)| is_wanted(&file.path)).map(|(_, file)| file.path).ok_or_else(|| {
        let sessions = place::sessions(home);
        match cwd {
            Some(cwd) => missing(format!("No session of {cwd} was found in {}.", sessions.display()))
                .with_hint("A session of another folder can be resumed by its id."),
            None => missing(format!("No session was found in {}.", sessions.display())),
        }
    })
}

fn by_path(target: &str) -> Result<PathBuf, Fault> {
    let path = std::path::absolute(target).unwrap_or_else(|_| PathBuf::from(target));
    if path.is_file() {
        // A named link stands for what it points to.
        return Ok(if path.is_symlink() { path.canonicalize().unwrap_or(path) } else { path });
    }
    Err(missing(format!("There is no session file {}.", path.display()))
        .with_hint("Check the path, or give the id of a session."))
}

fn by_prefix(files: &[Found], target: &str) -> Result<Option<PathBuf>, Fault> {
    let is_id = |letter: char| letter.is_ascii_hexdigit() || letter == '-';
    if target.len() < PREFIX_CHARS || !target.chars().all(is_id) {
        return Ok(None);
    }
    let target = target.to_ascii_lowercase();
    if let Some(file) = files.iter().find(|file| file.thread.0 == target) {
        return Ok(Some(file.path.clone()));
    }
    let mut matches: Vec<&Found> = files.iter().filter(|file| file.thread.0.starts_with(&target)).collect();
    matches.sort_by(|a, b| b.thread.cmp(&a.thread));
    match matches.as_slice() {
        [] => Ok(None),
        [file] => Ok(Some(file.path.clone())),
        several => Err(missing(format!("{} sessions have an id that begins with {target}.", several.len()))
            .with_hint(format!("Give more of it: {}.", ids(several)))),
    }
}

fn by_name(home: &Path, files: &[Found], target: &str) -> Option<PathBuf> {
    // Later lines are newer: the last thread of that name counts.
    let names = names(home).into_iter().rev();
    names
        .filter(|(_, name)| name == target)
        .find_map(|(id, _)| files.iter().find(|file| file.thread == id).map(|file| file.path.clone()))
}

/// Most threads whose names are kept, and the longest name in bytes.
const NAMED: usize = 100_000;
const NAME_BYTES: usize = 1024;

/// The name of the thread that these records are of.
pub(crate) fn name(home: &Path, records: &[RolloutLine]) -> Option<String> {
    let id = &rollout::meta(records)?.id;
    names(home).into_iter().find_map(|(named, name)| (named == *id).then_some(name))
}

/// Adds a name.
pub(crate) fn rename(home: &Path, thread: &ThreadId, name: &str, unix_ms: i64) -> Result<(), Fault> {
    let path = place::names(home);
    let entry = NameEntry {
        id: (&thread.0).into(),
        thread_name: name.into(),
        updated_at: super::encode::instant(unix_ms).into(),
    };
    place::append_line(&path, &entry).map_err(|error| place::storage("Writing the name of the session", &path, &error))
}

/// The current name of each thread that has one, in order of naming.
pub(crate) fn names(home: &Path) -> Vec<(ThreadId, String)> {
    let mut names: BTreeMap<ThreadId, (u64, String)> = BTreeMap::new();
    let Ok(mut lines) = read::lines(&place::names(home), limits::NAMES) else { return Vec::new() };
    let mut at = 0;
    while let Ok(Some(line)) = lines.next() {
        let Ok(entry) = serde_json::from_slice::<NameEntry<'_>>(line) else { continue };
        let id = ThreadId(entry.id.into_owned());
        if entry.thread_name.len() > NAME_BYTES || (names.len() >= NAMED && !names.contains_key(&id)) {
            continue;
        }
        at += 1;
        names.insert(id, (at, entry.thread_name.into_owned()));
    }
    let mut names: Vec<_> = names.into_iter().map(|(id, (at, name))| (at, id, name)).collect();
    names.sort_unstable();
    names.into_iter().map(|(_, id, name)| (id, name)).collect()
}

fn unknown(home: &Path, files: &[Found], target: &str) -> Fault {
    let fault = missing(format!("No session named {target} was found in {}.", place::sessions(home).display()));
    let lower = target.to_lowercase();
    let alike: Vec<String> = names(home)
        .into_iter()
        .rev()
        .filter(|(_, name)| name.to_lowercase().contains(&lower) || lower.contains(&name.to_lowercase()))
        .take(NEAREST)
        .map(|(_, name)| name)
        .collect();
    if !alike.is_empty() {
        return fault.with_hint(format!("Names like it: {}.", alike.join(", ")));
    }
    let shared = |file: &Found| file.thread.0.bytes().zip(lower.bytes()).take_while(|(a, b)| a == b).count();
    let mut nearest: Vec<&Found> = files.iter().collect();
    nearest.sort_by(|a, b| (shared(b), &b.thread).cmp(&(shared(a), &a.thread)));
    if nearest.is_empty() {
        return fault.with_hint("There are no sessions there.");
    }
    fault.with_hint(format!("The nearest are {}.", ids(&nearest)))
}

fn ids(files: &[&Found]) -> String {
    let ids: Vec<&str> = files.iter().take(NEAREST).map(|file| file.thread.0.as_str()).collect();
    ids.join(", ")
}

fn missing(summary: String) -> Fault {
    Fault::new(FaultKind::Missing, summary)
}
