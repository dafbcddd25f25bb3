//! The repository that a folder lies in, found by reading files. Runs no git: a repository's own configuration could
//! name programs to start.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// Longest `HEAD`, `.git` and `commondir` file that is read, in bytes.
const FILE_BYTES: u64 = 8 * 1024;

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Repository {
    /// The folder that is checked out.
    pub(super) root: PathBuf,
    /// Its `.git` folder; for a worktree or submodule the one that `.git` points to.
    git: PathBuf,
}

/// The nearest repository at or above a folder.
pub(super) fn find(folder: &Path) -> Option<Repository> {
    folder.ancestors().find_map(|root| {
        let entry = root.join(".git");
        let git = if entry.is_dir() { entry } else { root.join(pointer(&entry, "gitdir:")?) };
        // A stray empty `.git` folder is no repository.
        git.join("HEAD").is_file().then(|| Repository { root: root.to_owned(), git })
    })
}

impl Repository {
    /// The checked-out branch; a short commit id when none is.
    pub(super) fn branch(&self) -> Option<String> {
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
    pub(super) fn main_root(&self) -> Option<PathBuf> {
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
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    File::open(path).ok()?.take(FILE_BYTES).read_to_string(&mut text).ok()?;
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}
