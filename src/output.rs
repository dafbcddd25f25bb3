//! Where the user wants something written: the answer of `exec -o`, a recording.
//!
//! A named file means that file. So a link on the way is followed only where no one but the user can have put it: in a folder
//! that others cannot write in, outside the repository and outside what commands may write in. A pipe, a device or a socket in
//! the place of the file is neither opened nor replaced, and of a file with other names only this name gets the new content.

use std::{
    ffi::OsString,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use quire_files::{Facts, Folder, Links, New};
use quire_sandbox::links;
use quire_state::policy::SandboxPlan;
use quire_steering::{Ground, Steering, Why};

/// A file that the user has named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    path: PathBuf,
    /// Real folders whose contents others than the user can decide.
    loose: Vec<PathBuf>,
    /// What steers a later start.
    ground: Ground,
}

impl Output {
    /// The file of this path. Below the `folders` a command, or the author of the repository, can put links.
    pub fn new(path: &Path, folders: &[PathBuf], steering: &Steering) -> Self {
        let loose: Vec<PathBuf> = folders.iter().filter_map(|folder| links::real(folder)).collect();
        Self { path: path.to_owned(), ground: steering.named(&loose), loose }
    }

    /// Its path, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the file, whole or not at all. One that is there keeps its permissions; a new one is for its owner alone.
    ///
    /// # Errors
    /// When something else than a regular file is there, a link is on the way that is not followed, or it cannot be written. The
    /// old content is there then.
    pub fn write(&self, text: &str) -> io::Result<()> {
        let (folder, name) = self.place()?;
        let mode = folder.look(&name)?.map_or(New::PRIVATE.mode, |facts| facts.mode & 0o777);
        folder.replace(&name, text.as_bytes(), New { mode, ..New::PRIVATE })
    }

    /// Begins the file anew, for its owner alone, and leaves it open for writing.
    ///
    /// # Errors
    /// As [`Output::write`].
    pub fn begin(&self) -> io::Result<File> {
        let (folder, name) = self.place()?;
        folder.begin(&name, New::PRIVATE)
    }

    /// The folder that is written in, held, and the name there. What else is asked of a file that is written for the user belongs
    /// here.
    fn place(&self) -> io::Result<(Folder, OsString)> {
        let may_follow =
            |folder: &Path, facts: &Facts| facts.is_own() && !self.loose.iter().any(|loose| folder.starts_with(loose));
        let (folder, name) = Folder::above(&self.path, Links::Ask(&may_follow))?;
        let place = folder.path().join(&name);
        let is_of_git = place.iter().any(|part| part == ".git");
        if is_of_git || self.ground.guards(&place).is_some_and(|why| !matches!(why, Why::Home(_))) {
            return Err(io::Error::other(
                "git, Quire or another program reads this file when it starts, and would obey it",
            ));
        }
        Ok((folder, name))
    }
}

/// The folders whose contents others than the user can decide: those of the project, and those in which commands may
/// write.
pub fn loose_folders(project: &[&Path], plan: Option<&SandboxPlan>) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = project.iter().map(|folder| (*folder).to_owned()).collect();
    let plan = plan.into_iter().flat_map(|plan| plan.roots.iter().map(|root| &root.path).chain(&plan.workspace));
    folders.extend(plan.map(PathBuf::from));
    folders
}
