//! The working folder.

use std::path::{Path, PathBuf};

use quire_effects::auth::Environment;
use quire_state::config::{Origin, SandboxMode};

use crate::exit::Failure;

/// The folder to work in, absolute and without symlinks.
pub(super) fn working(asked: Option<&Path>, started: Option<&Path>) -> Result<PathBuf, Failure> {
    let folder = match (asked, started) {
        (Some(asked), Some(started)) => started.join(asked),
        (Some(asked), None) if asked.is_absolute() => asked.to_owned(),
        (None, Some(started)) => started.to_owned(),
        (Some(_) | None, None) => {
            return Err(Failure::new(
                "The current folder no longer exists. Change to another one, or choose one with -C.",
            ));
        }
    };
    let what =
        if asked.is_some() { "-C names a folder that cannot be used" } else { "The working folder cannot be used" };
    let real = folder
        .canonicalize()
        .map_err(|error| Failure::new(format!("{what}: `{}`: {error}. Choose one that exists.", folder.display())))?;
    if real.is_dir() {
        Ok(real)
    } else {
        Err(Failure::new(format!("{what}: `{}` is a file. Choose the folder that holds it.", folder.display())))
    }
}

/// The paths under which the user came to the working folder, as the shell and `-C` name it, links and all.
pub(super) fn ways(
    asked: Option<&Path>,
    started: Option<&Path>,
    environment: &Environment,
    cwd: &Path,
) -> Vec<PathBuf> {
    let shell = environment.path("PWD").map(PathBuf::from).filter(|shell| shell.is_absolute());
    let bases = shell.into_iter().chain(started.map(Path::to_owned));
    let all = bases.map(|base| asked.map_or(base.clone(), |asked| base.join(asked)));
    all.filter(|way| way.canonicalize().is_ok_and(|real| real == cwd)).collect()
}

/// The folders of `--add-dir`, absolute and without symlinks.
pub(super) fn added(
    asked: &[PathBuf],
    cwd: &Path,
    sandbox: (SandboxMode, &Origin),
    warnings: &mut Vec<String>,
) -> Result<Vec<String>, Failure> {
    let mut folders = Vec::new();
    for folder in asked {
        let path = cwd.join(folder);
        let what = "--add-dir names a folder that cannot be used";
        let real = path
            .canonicalize()
            .map_err(|error| Failure::new(format!("{what}: `{}`: {error}. Choose one that exists.", path.display())))?;
        if !real.is_dir() {
            return Err(Failure::new(format!(
                "{what}: `{}` is a file. Choose the folder that holds it.",
                path.display()
            )));
        }
        folders.push(text(&real)?);
    }
    let (mode, origin) = sandbox;
    if !folders.is_empty() && mode == SandboxMode::ReadOnly {
        warnings.push(format!(
            "--add-dir changes nothing here: the sandbox mode is read-only ({origin}). Add --sandbox workspace-write."
        ));
    }
    Ok(folders)
}

/// The folder as a user writes it.
pub(super) fn short(folder: &Path, environment: &Environment) -> String {
    let home = environment.path("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    let home = home.map(|home| home.canonicalize().unwrap_or(home)).filter(|home| home.parent().is_some());
    match home.and_then(|home| folder.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~/{}", rest.display()),
        None => folder.display().to_string(),
    }
}

/// A path as text. A path that is no text would be another one when it is read back, so it is refused.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::new(format!("The path `{}` is not UTF-8 text. Rename the folder, or choose another.", path.display()))
    })
}
