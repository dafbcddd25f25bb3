//! Contents that git keeps anyway: what the index says of files that are checked out unchanged, and their contents from
//! the object store.
//!
//! Read here, within bounds, and not by a library or by `git`: whatever lies in a repository may have been put there to
//! make its reader wait, follow a link or start a program. Nothing that is read is believed: a content counts when it has
//! the digest by which git names it, and the size that the file had. What is not understood (SHA-256 repositories, split
//! indexes, filters of attributes) is as good as no repository: then the files themselves are read.

mod index;
mod objects;
mod pack;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use quire_files::{Held, Links, limits};

pub(crate) use index::{Entry, Index};
pub(crate) use objects::{Oid, Store, oid};

/// Words of attributes by which a file differs from its content in git, in ways that its size does not show.
const CONVERTED: [&str; 2] = ["filter", "working-tree-encoding"];

/// A repository whose files are checked out at or above a folder.
#[derive(Debug)]
pub(crate) struct Repository {
    /// The folder that is checked out.
    root: PathBuf,
    git: PathBuf,
    store: Store,
}

impl Repository {
    /// The one that a folder belongs to, if it can be read and its files are what git keeps of them.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        let found = quire_steering::git::find(folder)?;
        let (git, shared) = (found.folder().to_owned(), found.common_folder());
        let home = std::env::var_os("HOME").map(PathBuf::from);
        let config =
            std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(".config")));
        let user = home.map(|home| home.join(".gitconfig")).into_iter();
        let configs = [shared.join("config"), git.join("config.worktree"), PathBuf::from("/etc/gitconfig")];
        let configs = configs.into_iter().chain(user).chain(config.iter().map(|config| config.join("git/config")));
        let mut attributes = vec![shared.join("info/attributes"), PathBuf::from("/etc/gitattributes")];
        attributes.extend(config.iter().map(|config| config.join("git/attributes")));
        let is_odd = |path: PathBuf| {
            lower(&path, limits::CONFIG).is_none_or(|text| {
                ["objectformat", "attributesfile", "worktree =", "worktree="].iter().any(|word| text.contains(word))
            })
        };
        if configs.into_iter().any(is_odd) || attributes.iter().any(|path| converts(path)) {
            return None;
        }
        Some(Self { root: found.root, git, store: Store::open(&shared.join("objects"))? })
    }

    /// The folder that is checked out.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Its index, as it is now.
    pub(crate) fn index(&self) -> Option<Index> {
        Index::open(&self.git.join("index"))
    }

    /// Its contents.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }
}

/// Whether the attributes in this file make contents that differ from the files. One that cannot be read may.
pub(crate) fn converts(path: &Path) -> bool {
    lower(path, limits::IGNORE).is_none_or(|text| {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        lines.into_iter().any(|line| CONVERTED.iter().any(|word| line.contains(word)))
    })
}

/// A small text file in lower case; empty where there is none, and `None` where it cannot be read.
fn lower(path: &Path, limit: u64) -> Option<String> {
    match Held::open(path, Links::Follow) {
        Ok(file) if file.facts().size > limit => None,
        Ok(file) => Some(String::from_utf8_lossy(&file.first(limit).ok()?).to_lowercase()),
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            Some(String::new())
        }
        Err(_) => None,
    }
}
