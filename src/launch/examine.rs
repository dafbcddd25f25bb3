//! What the files of the user say, for `quire doctor`. Changes nothing, not even the home.

use quire_state::{
    config::{Config, Problem, Severity},
    rules,
};
use quire_steering::git;

use super::{Surroundings, folder, home, settings};
use crate::{cli::Common, exit::Failure};

/// What was found in files.
#[derive(Debug, Default)]
pub struct Examined {
    /// The files that were read.
    pub files: Vec<String>,
    /// What is wrong in them, each with its place.
    pub problems: Vec<Problem>,
    /// Keys that have no effect yet, each with its place.
    pub without_effect: Vec<String>,
    /// Keys whose values hold, each with who wrote it and where.
    pub in_force: Vec<String>,
}

impl Examined {
    /// Whether a run could begin with them.
    pub fn is_well(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity != Severity::Error)
    }
}

/// The configuration that a run with these options in this folder would have.
///
/// # Errors
/// When there is no folder, no place for the configuration, or something in it is wrong.
pub fn resolved(common: &Common, around: &Surroundings) -> Result<Config, Failure> {
    let cd = common.cd.as_deref();
    let cwd = folder::working(cd, around.folder.as_deref())?;
    let (home, _) = home::place(&around.environment)?;
    let repository = git::find(&cwd);
    let ways = folder::ways(cd, around.folder.as_deref(), &around.environment, &cwd);
    let places = settings::Places { home: &home, cwd: &cwd, ways: &ways, repository: repository.as_ref() };
    settings::read(common, &places, &around.environment).map(|(resolution, ..)| resolution.config)
}

/// The configuration as a run in this folder would have it.
///
/// # Errors
/// When there is no folder, or no place for the configuration.
pub fn configuration(around: &Surroundings) -> Result<Examined, Failure> {
    let cwd = folder::working(None, around.folder.as_deref())?;
    let (home, _) = home::place(&around.environment)?;
    let repository = git::find(&cwd);
    let ways = folder::ways(None, around.folder.as_deref(), &around.environment, &cwd);
    let places = settings::Places { home: &home, cwd: &cwd, ways: &ways, repository: repository.as_ref() };
    let laid = settings::lay(&Common::default(), &places, &around.environment);
    let paths = laid.loaded.layers.iter().filter_map(|layer| layer.source.path());
    Ok(Examined {
        files: paths.map(str::to_owned).collect(),
        problems: laid.loaded.problems.iter().chain(&laid.resolution.problems).cloned().collect(),
        in_force: laid.resolution.origins.written().map(|(key, origin)| format!("{key}: {origin}")).collect(),
        without_effect: laid.resolution.unread.iter().map(quire_state::config::Unread::line).collect(),
    })
}

/// The rules files of the user.
///
/// # Errors
/// When there is no place for them.
pub fn rules(around: &Surroundings) -> Result<Examined, Failure> {
    let (home, _) = home::place(&around.environment)?;
    let found = quire_effects::rules::read(&home);
    let loaded = rules::load(&found.files);
    let files = found.files.into_iter().map(|file| file.path).collect();
    let problems = found.problems.into_iter().chain(loaded.problems).collect();
    Ok(Examined { files, problems, ..Examined::default() })
}
