//! Rules files: reads them as text for [`quire_state::rules::load`], and appends a rule that a person has agreed to.
//! Never decides what a rule means.

#[cfg(test)]
mod tests;

use std::{
    fs::{File, OpenOptions, Permissions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use quire_state::{
    config::{Problem, Severity},
    fault::{Fault, FaultKind},
    rules::{self, RulesFile},
};
use quire_steering::sources;

use crate::store::place;

/// Largest rules file, in bytes.
const FILE_BYTES: u64 = 1024 * 1024;

/// Most rules files of one folder.
const FILES: usize = 200;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The files of the person, then those of the project; within a folder in the order of their names.
    pub files: Vec<RulesFile>,
    /// Files that could not be read, each with what to do about it.
    pub problems: Vec<Problem>,
}

/// Reads `rules/*.rules` of the home folder (`$CODEX_HOME`) and `.codex/rules/*.rules` of a project. The project is given
/// only when the person trusts it; what its links lead out of it to is not read. Folders that do not exist say nothing.
pub fn read(home: &Path, trusted_project: Option<&Path>) -> Found {
    let mut found = Found::default();
    read_folder(&mut found, &sources::user_rules(home), None);
    if let Some(project) = trusted_project {
        read_folder(&mut found, &sources::project_rules(project), Some(project));
    }
    found
}

/// Reads one rules file.
///
/// # Errors
/// Why it cannot be read.
pub fn read_file(path: &Path) -> io::Result<RulesFile> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8 text"))?;
    Ok(RulesFile { path: path.to_string_lossy().into_owned(), text })
}

/// The file that rules are appended to.
pub fn default_file(home: &Path) -> PathBuf {
    sources::user_rules(home).join("default.rules")
}

/// Appends a rule (a line of [`rules::rule_text`]) to the person's file, which has its whole old or its whole new text
/// at every moment. A rule that stands there already is not written again.
///
/// # Errors
/// Why it could not be kept. The file is as it was.
pub fn append(home: &Path, rule: &str) -> Result<PathBuf, Fault> {
    let path = default_file(home);
    let storage = |error: &io::Error| place::storage("Keeping the rule in", &path, error);
    let as_file = RulesFile { path: String::new(), text: rule.to_owned() };
    if rule.contains('\n') || !rules::load(&[as_file]).problems.is_empty() {
        return Err(Fault::new(FaultKind::Storage, "The rule was not kept: it is not one line that can be read back."));
    }
    let folder = sources::user_rules(home);
    place::make_folder(&folder).map_err(|error| storage(&error))?;
    // Several of us may append at once; each must see what the one before it wrote.
    let lock = place::open_for_append(&folder.join(".lock")).map_err(|error| storage(&error))?;
    lock.lock().or_else(unsupported_is_fine).map_err(|error| storage(&error))?;
    // A link is somebody's way of keeping the file elsewhere: what it leads to is replaced, not the link.
    let target = match path.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => path.clone(),
        Err(error) => return Err(storage(&error)),
    };
    let mut text = match read_file(&target) {
        Ok(file) => file.text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(storage(&error)),
    };
    if text.lines().any(|line| line.trim_end() == rule) {
        return Ok(path);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(rule);
    text.push('\n');
    replace(&target, &text).map_err(|error| storage(&error))?;
    Ok(path)
}

fn unsupported_is_fine(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::Unsupported { Ok(()) } else { Err(error) }
}

/// Puts a text in the place of a file by way of a private one beside it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let beside = folder.join(format!(".quire-rules-{}.tmp", std::process::id()));
    // One that is left of a process of the same number is nobody's any more: the lock is ours.
    match std::fs::remove_file(&beside) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let written = write_new(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        let _left_behind = std::fs::remove_file(&beside);
        return written;
    }
    // The rename is done; that it outlasts a power cut is worth a try, not a failure.
    let _synced = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn read_folder(found: &mut Found, folder: &Path, within: Option<&Path>) {
    let paths = match rules_files(folder) {
        Ok(paths) => paths,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return,
        Err(error) => return found.problems.push(unreadable(folder, &error)),
    };
    if paths.len() > FILES {
        let error = io::Error::other(format!("it holds more than {FILES} rules files; the rest was not read"));
        found.problems.push(unreadable(folder, &error));
    }
    let root = within.map(|root| root.canonicalize().unwrap_or_else(|_| root.to_owned()));
    for path in paths.into_iter().take(FILES) {
        let leads_out = root.as_ref().is_some_and(|root| !path.canonicalize().is_ok_and(|real| real.starts_with(root)));
        let read = if leads_out { Err(io::Error::other("it leads out of the project")) } else { read_file(&path) };
        match read {
            Ok(file) => found.files.push(file),
            Err(error) => found.problems.push(unreadable(&path, &error)),
        }
    }
}

/// The rules files of a folder in the order of their names.
fn rules_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rules") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    let mut problem = Problem::new(Severity::Warning, format!("The rules cannot be read: {error}."));
    problem.file = Some(path.to_string_lossy().into_owned());
    problem.with_hint("Put the file right: until then nothing that it forbids is known.")
}
