//! `$CODEX_HOME`: where configuration, login and sessions live, shared with the Codex CLI.

use std::path::{Path, PathBuf};

use quire_effects::auth::Environment;
use quire_files::{Folder, Links};

use crate::exit::Failure;

/// Where it is, absolute, whether it exists or not; and the variable that says so.
pub(super) fn place(environment: &Environment) -> Result<(PathBuf, &'static str), Failure> {
    let (path, from) = match (environment.path("CODEX_HOME"), environment.path("HOME")) {
        (Some(path), _) => (PathBuf::from(path), "CODEX_HOME"),
        (None, Some(home)) => (Path::new(home).join(".codex"), "HOME"),
        (None, None) => {
            return Err(Failure::new(
                "There is no place for configuration and sessions: neither CODEX_HOME nor HOME is set. Set one of them.",
            ));
        }
    };
    let path = std::path::absolute(&path).unwrap_or(path);
    Ok((path.canonicalize().unwrap_or(path), from))
}

/// The folder, absolute; made for its owner alone when it does not exist. A run that leaves nothing behind does
/// without it.
pub(super) fn find(environment: &Environment, leaves_nothing: bool) -> Result<PathBuf, Failure> {
    let (path, from) = place(environment)?;
    if let Ok(real) = path.canonicalize() {
        return if real.is_dir() {
            Ok(real)
        } else {
            Err(Failure::new(format!(
                "`{}`, the place for configuration and sessions, is a file. Move it away, or set {from} to a folder.",
                path.display()
            )))
        };
    }
    match Folder::make(&path, Links::Follow, 0o700) {
        Ok(_) => Ok(path.canonicalize().unwrap_or(path)),
        Err(_) if leaves_nothing => Ok(path),
        Err(error) => Err(Failure::new(format!(
            "`{}`, the place for configuration and sessions, cannot be made: {error}. Set CODEX_HOME to a folder that can be written.",
            path.display()
        ))),
    }
}
