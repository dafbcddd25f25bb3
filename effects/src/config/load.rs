//! Reads the configuration files. A file that does not exist says nothing; everything else that goes wrong is a
//! problem with its place.

use std::{
    collections::BTreeMap,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use quire_files::{Links, limits};
use quire_state::config::{Layer, Place, Problem, Severity, Source};
use quire_steering::sources;

use super::{excerpt::Lines, parse};

/// Where the files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The machine's file.
    pub system: PathBuf,
    /// `$CODEX_HOME`, which holds `config.toml` and `NAME.config.toml`.
    pub home: PathBuf,
    /// Profile that the command line asks for; its own file is read when there is one.
    pub profile: Option<String>,
}

impl Files {
    /// The machine's file where it always is, and the user's in this folder.
    pub fn new(home: &Path, profile: Option<&str>) -> Self {
        Self {
            system: PathBuf::from(sources::SYSTEM_CONFIG),
            home: home.to_owned(),
            profile: profile.map(str::to_owned),
        }
    }

    /// Each file with its source, the lowest first.
    fn sources(&self) -> Vec<(PathBuf, Source)> {
        let user = sources::user_config(&self.home);
        let mut sources = vec![
            (self.system.clone(), Source::System { path: shown(&self.system) }),
            (user.clone(), Source::User { path: shown(&user) }),
        ];
        if let Some(name) = self.profile.as_ref().filter(|name| is_file_name(name)) {
            let path = sources::profile_config(&self.home, name);
            let source = Source::Profile { name: name.clone(), path: Some(shown(&path)) };
            sources.push((path, source));
        }
        sources
    }
}

/// A name that cannot lead out of its folder.
pub(super) fn is_file_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))
}

pub(super) fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// What the files say.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// A layer for each file that could be read, the lowest first.
    pub layers: Vec<Layer>,
    /// Files that could not be read.
    pub problems: Vec<Problem>,
    texts: BTreeMap<String, String>,
}

impl Loaded {
    /// Adds the line that a problem is about, where it stands in one of the files and holds no secret.
    #[must_use]
    pub fn explained(&self, mut problem: Problem) -> Problem {
        let text = problem.file.as_ref().and_then(|file| self.texts.get(file));
        if let (Some(text), Some(line), Some(column), None, false) =
            (text, problem.line, problem.column, &problem.excerpt, problem.is_secret)
        {
            problem.excerpt = Lines::of(text).excerpt(Place { line, column });
        }
        problem
    }
}

/// Reads the files.
pub fn load(files: &Files) -> Loaded {
    let mut loaded = Loaded::default();
    for (path, source) in files.sources() {
        let text = match read(&path) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            Err(error) => {
                loaded.problems.push(unreadable(&source, &error));
                continue;
            }
        };
        let name = shown(&path);
        match parse::layer(source, &text) {
            Ok(layer) => loaded.layers.push(layer),
            Err(problem) => loaded.problems.push(*problem),
        }
        loaded.texts.insert(name, text);
    }
    loaded
}

/// The text of a file; `None` when there is none.
pub(super) fn read(path: &Path) -> io::Result<Option<String>> {
    let text = match quire_files::read_text(path, Links::Follow, limits::CONFIG) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => {
            return Err(io::Error::other("it is a broken symbolic link"));
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}

fn unreadable(source: &Source, error: &io::Error) -> Problem {
    let mut problem = Problem::new(Severity::Error, format!("The configuration cannot be read: {error}."));
    problem.file = source.path().map(str::to_owned);
    problem.with_hint("Correct the file, or move it out of the way.")
}

#[cfg(test)]
mod tests;
