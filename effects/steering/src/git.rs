//! Git repositories, found by reading files. Runs no git: a repository's own configuration could name programs to start.
//! Variables such as `GIT_DIR` are not read: they say nothing of the folder.

mod config;
mod pointer;

use std::{
    ffi::OsString,
    os::unix::{ffi::OsStringExt, fs::MetadataExt},
    path::{Component, Path, PathBuf},
};

use quire_files::Links;

use crate::small;
pub(crate) use config::named;
pub(crate) use pointer::{folders, has_bare_layout, is_repository, missing_of_bare};

/// What a folder must hold so that git takes it for a repository without a `.git`.
pub(crate) const BARE: [&str; 3] = ["HEAD", "objects", "refs"];
/// What else steers git in such a folder.
pub(crate) const BARE_MORE: [&str; 10] = [
    "branches",
    "commondir",
    "config",
    "config.worktree",
    "gitdir",
    "hooks",
    "info",
    "modules",
    "packed-refs",
    "worktrees",
];

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The folder that is checked out.
    pub root: PathBuf,
    /// Its `.git` folder; for a worktree or submodule the one that `.git` points to.
    git: PathBuf,
}

/// The nearest repository at or above a folder.
pub fn find(folder: &Path) -> Option<Repository> {
    let at = folder.metadata().ok()?.uid();
    folder.ancestors().find_map(|root| {
        let entry = root.join(".git");
        // One that another user put above a folder of ours is not the repository of what we do there.
        let owner = entry.symlink_metadata().ok()?.uid();
        if !is_ours(owner) && owner != at {
            return None;
        }
        let git = if entry.is_dir() { entry } else { pointed(&entry, root)? };
        // A stray empty `.git` folder is no repository.
        git.join("HEAD").is_file().then(|| Repository { root: root.to_owned(), git })
    })
}

impl Repository {
    /// The checked-out branch; a short commit id when none is.
    pub fn branch(&self) -> Option<String> {
        let head = String::from_utf8(small::read(&self.git.join("HEAD"), small::POINTER)?).ok()?;
        let head = head.lines().next()?.trim();
        match head.strip_prefix("ref:") {
            // With the reftable format, HEAD is a placeholder.
            Some(name) => match name.trim().strip_prefix("refs/heads/") {
                Some(".invalid" | "") | None => None,
                Some(branch) => Some(branch.to_owned()),
            },
            None if head.len() >= 40 && head.bytes().all(|byte| byte.is_ascii_hexdigit()) => Some(head[..7].to_owned()),
            None => None,
        }
    }

    /// Its own git folder: its index lies there.
    pub fn folder(&self) -> &Path {
        &self.git
    }

    /// The git folder that holds its objects: its own, or the one that it shares with other worktrees.
    pub fn common_folder(&self) -> PathBuf {
        plain(&self.git, "commondir").unwrap_or_else(|| self.git.clone())
    }

    /// The git folder that is its own, or that it shares with its main checkout.
    pub fn shared(&self) -> PathBuf {
        self.main_root().map_or_else(|| self.git.clone(), |main| main.join(".git"))
    }

    /// The main checkout, when this is a worktree of another one that says so itself.
    ///
    /// What lies in the folder proves nothing: its author could name any repository. The git folder must be a
    /// folder of the main repository's `worktrees`, and its `gitdir` file, which only git writes there, must name this
    /// very `.git` file, by its real path.
    pub fn main_root(&self) -> Option<PathBuf> {
        let entry = self.root.join(".git");
        let facts = entry.symlink_metadata().ok()?;
        if !facts.is_file() || !is_ours(facts.uid()) {
            return None;
        }
        let git = self.git.canonicalize().ok()?;
        let worktrees = git.parent().filter(|folder| folder.ends_with("worktrees"))?;
        let common = worktrees.parent().filter(|folder| folder.ends_with(".git"))?;
        let shares = plain(&git, "commondir")?.canonicalize().is_ok_and(|shared| shared == common);
        let points_back = without_dots(&plain(&git, "gitdir")?) == entry;
        let is_real = self.root.canonicalize().is_ok_and(|real| real == self.root);
        let is_repository = common.join("HEAD").is_file();
        let is_own = [&git, common].iter().all(|folder| folder.metadata().is_ok_and(|facts| is_ours(facts.uid())));
        let main = common.parent().map(Path::to_owned);
        main.filter(|_| shares && points_back && is_real && is_repository && is_own)
    }
}

/// Whether what belongs to this user can be believed: ourselves, and root, who can do anything anyway.
fn is_ours(user: u32) -> bool {
    user == 0 || user == rustix::process::geteuid().as_raw()
}

/// The folder that a `.git` file names, as git reads it.
fn pointed(entry: &Path, root: &Path) -> Option<PathBuf> {
    let bytes = small::read(entry, small::POINTER)?;
    Some(joined(root, bytes.strip_prefix(b"gitdir: ")?.to_vec())).filter(|folder| folder != root)
}

/// The path that a file of a git folder names. The file is no link.
fn plain(git: &Path, name: &str) -> Option<PathBuf> {
    Some(joined(git, quire_files::read(&git.join(name), Links::NotLast, small::POINTER).ok()?))
}

/// A path in a file of git ends before the line ends, and may hold anything else.
fn joined(folder: &Path, mut path: Vec<u8>) -> PathBuf {
    let length = path.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    path.truncate(length);
    folder.join(OsString::from_vec(path))
}

/// The path without `.` and `..`; true only where no link is among what is left out.
fn without_dots(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut clean, part| {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => clean.push(part),
        }
        clean
    })
}
