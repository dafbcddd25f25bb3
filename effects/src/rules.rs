//! Rules files: reads them as text for [`quire_state::rules::load`], and appends a rule that a user has agreed to.
//! Never decides what a rule means.

#[cfg(test)]
mod tests;

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use quire_files::{Links, limits};
use quire_state::{
    config::{Problem, Severity},
    fault::{Fault, FaultKind},
    rules::{self, RulesFile},
};
use quire_steering::sources;

use crate::store::rewrite::Rewrite;

/// Most rules files of one folder.
const FILES: usize = 200;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The files in the order of their names.
    pub files: Vec<RulesFile>,
    /// Files that could not be read, each with what to do about it.
    pub problems: Vec<Problem>,
}

/// Reads `rules/*.rules` of the home folder (`$CODEX_HOME`). A folder that does not exist says nothing.
pub fn read(home: &Path) -> Found {
    let mut found = Found::default();
    read_folder(&mut found, &sources::user_rules(home), None);
    found
}

/// Reads `.codex/rules/*.rules` of a project that the user trusts. What its links lead out of it to is not read.
pub fn read_project(project: &Path) -> Found {
    let mut found = Found::default();
    read_folder(&mut found, &sources::project_rules(project), Some(project));
    found
}

/// Reads one rules file.
///
/// # Errors
/// Why it cannot be read.
pub fn read_file(path: &Path) -> io::Result<RulesFile> {
    read_by(path, Links::Follow)
}

fn read_by(path: &Path, links: Links<'_>) -> io::Result<RulesFile> {
    let text = quire_files::read_text(path, links, limits::RULES)?;
    Ok(RulesFile { path: path.to_string_lossy().into_owned(), text })
}

/// The file that rules are appended to.
pub fn default_file(home: &Path) -> PathBuf {
    sources::user_rules(home).join("default.rules")
}

/// Appends a rule (a line of [`rules::rule_text`]) to the user's file, which has its whole old or its whole new text
/// at every moment. A rule that stands there already is not written again.
///
/// # Errors
/// Why it could not be kept. The file is as it was.
pub fn append(home: &Path, rule: &str) -> Result<PathBuf, Fault> {
    let path = default_file(home);
    let as_file = RulesFile { path: String::new(), text: rule.to_owned() };
    if rule.contains('\n') || !rules::load(&[as_file]).problems.is_empty() {
        return Err(Fault::new(
            FaultKind::Storage,
            "The rule was not saved: it is not one line that can be read back.",
        ));
    }
    let lock = sources::user_rules(home).join(".lock");
    Rewrite { path: &path, lock: &lock, doing: "Saving the rule in", is_private: true, limit: limits::RULES }.run(
        |mut text| {
            if text.lines().any(|line| line.trim_end() == rule) {
                return Ok(None);
            }
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(rule);
            text.push('\n');
            Ok(Some(text))
        },
    )?;
    Ok(path)
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
        let read = match &root {
            None => read_file(&path),
            Some(root) => read_inside(&path, root),
        };
        match read {
            Ok(file) => found.files.push(file),
            Err(error) => found.problems.push(unreadable(&path, &error)),
        }
    }
}

/// Reads a file of a project as far as it is one: a link that leads out of it is not followed.
fn read_inside(path: &Path, root: &Path) -> io::Result<RulesFile> {
    let real = path.canonicalize()?;
    if !real.starts_with(root) {
        return Err(io::Error::other("it leads out of the project"));
    }
    // Without links from here on: one that is put there meanwhile leads nowhere.
    let file = read_by(&real, Links::Never)?;
    Ok(RulesFile { path: path.to_string_lossy().into_owned(), ..file })
}

/// The rules files of a folder in the order of their names.
fn rules_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let listing = quire_files::list(folder, Links::Follow, limits::RULES_FILES)?;
    let paths = listing.entries.into_iter().map(|entry| folder.join(entry.name));
    Ok(paths.filter(|path| path.extension().is_some_and(|extension| extension == "rules")).collect())
}

fn unreadable(path: &Path, error: &io::Error) -> Problem {
    let mut problem = Problem::new(Severity::Warning, format!("The rules cannot be read: {error}."));
    problem.file = Some(path.to_string_lossy().into_owned());
    problem.with_hint("Correct the file: until then, what it forbids is not known.")
}
