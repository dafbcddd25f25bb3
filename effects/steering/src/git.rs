//! Git repositories, found by reading files. Runs no git: a repository's own configuration could name programs to start.

mod config;
mod pointer;

use std::path::{Path, PathBuf};

use crate::small;
pub(crate) use config::named;
pub(crate) use pointer::{folders, has_bare_layout, is_repository};

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
    folder.ancestors().find_map(|root| {
        let entry = root.join(".git");
        let git = if entry.is_dir() { entry } else { root.join(pointer(&entry, "gitdir:")?) };
        // A stray empty `.git` folder is no repository.
        git.join("HEAD").is_file().then(|| Repository { root: root.to_owned(), git })
    })
}

impl Repository {
    /// The checked-out branch; a short commit id when none is.
    pub fn branch(&self) -> Option<String> {
        let head = line(&self.git.join("HEAD"))?;
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

    /// The main checkout, when this is a worktree of another one.
    pub fn main_root(&self) -> Option<PathBuf> {
        let common = self.git.join(line(&self.git.join("commondir"))?).canonicalize().ok()?;
        let is_plain = common.file_name().is_some_and(|name| name == ".git");
        if is_plain { common.parent().map(Path::to_owned) } else { None }
    }
}

/// The path after `word` in a one-line file.
fn pointer(file: &Path, word: &str) -> Option<PathBuf> {
    line(file)?.strip_prefix(word).map(|path| PathBuf::from(path.trim()))
}

/// The first line of a small regular file.
fn line(path: &Path) -> Option<String> {
    let text = String::from_utf8(small::read(path, small::POINTER)?).ok()?;
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}
