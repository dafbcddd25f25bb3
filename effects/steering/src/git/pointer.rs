//! The git folders that an entry `.git` leads to: the folder itself, what a `gitdir:` file points to, the folder that
//! worktrees share, and the object stores that it borrows from.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    os::unix::ffi::OsStringExt as _,
    path::{Path, PathBuf},
};

use super::BARE;
use crate::small;

/// Most folders that one entry may lead to.
const FOLDERS: usize = 64;

/// All git folders of an entry `.git`, which is a folder, a file or a link. They need not exist.
pub(crate) fn folders(entry: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut ahead = Vec::new();
    match fs::metadata(entry) {
        Ok(facts) if facts.is_dir() => ahead.push(entry.to_owned()),
        Ok(_) => ahead.extend(pointed(entry, b"gitdir:", entry.parent())),
        Err(_) => {}
    }
    while let Some(folder) = ahead.pop() {
        if found.len() >= FOLDERS || !found.insert(folder.clone()) {
            continue;
        }
        ahead.extend(pointed(&folder.join("commondir"), b"", Some(&folder)));
        let objects = folder.join("objects");
        let borrowed = small::read(&objects.join("info/alternates"), small::POINTER).unwrap_or_default();
        let lines = borrowed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && line[0] != b'#');
        found.extend(lines.take(FOLDERS).flat_map(spellings).map(|path| objects.join(path)));
    }
    found
}

/// Whether git takes a folder for the git folder of a repository.
pub(crate) fn is_repository(folder: &Path) -> bool {
    // A worktree's folder has its `objects` and `refs` in the one that it shares.
    folder.join("HEAD").symlink_metadata().is_ok()
        && (folder.join("commondir").exists() || folder.join("objects").is_dir() && folder.join("refs").exists())
}

/// Whether a folder without a `.git` is a repository itself.
pub(crate) fn has_bare_layout(folder: &Path) -> bool {
    missing_of_bare(folder).is_none()
}

/// What a folder lacks to be a repository without a `.git`. A folder `HEAD` is none for git; it may be one that keeps the
/// name free.
pub(crate) fn missing_of_bare(folder: &Path) -> Option<&'static str> {
    let lacks = |name: &&str| match folder.join(name).symlink_metadata() {
        Ok(facts) => *name == "HEAD" && facts.is_dir(),
        Err(_) => true,
    };
    BARE.into_iter().find(lacks)
}

/// The paths that a file names after `word`, relative to a folder.
fn pointed(file: &Path, word: &[u8], folder: Option<&Path>) -> Vec<PathBuf> {
    let Some((folder, text)) = folder.zip(small::read(file, small::POINTER)) else { return Vec::new() };
    let Some(target) = text.strip_prefix(word) else { return Vec::new() };
    spellings(target).map(|target| folder.join(target)).collect()
}

/// Line ends never belong to the path; whether blanks do depends on who reads it, so both are meant.
fn spellings(text: &[u8]) -> impl Iterator<Item = PathBuf> {
    let end = text.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
    let line = &text[..end];
    let first = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_prefix(b" ").unwrap_or(line);
    let all: BTreeSet<Vec<u8>> =
        [line, line.trim_ascii(), first.trim_ascii()].into_iter().map(<[u8]>::to_vec).collect();
    all.into_iter().filter(|path| !path.is_empty()).map(|path| PathBuf::from(OsString::from_vec(path)))
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
    };

    use super::{folders, is_repository};

    fn file(top: &Path, path: &str, text: &str) {
        let path = top.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn of(top: &Path, entry: &str) -> BTreeSet<PathBuf> {
        folders(&top.join(entry)).iter().map(|path| path.strip_prefix(top).unwrap_or(path).to_owned()).collect()
    }

    #[test]
    fn every_way_to_a_git_folder_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        file(top, "plain/.git/HEAD", "");
        file(top, "file/.git", "gitdir: ../meta\n");
        file(top, "blank/.git", "gitdir: meta \n");
        file(top, "meta/commondir", "../shared/common\n");
        file(top, "shared/common/commondir", "..\n");
        file(top, "shared/objects/info/alternates", "# none\n/srv/objects\n../../other/objects\n");
        fs::create_dir_all(top.join("ring")).unwrap();
        file(top, "ring/.git", "gitdir: .git.d");
        file(top, "ring/.git.d/commondir", ".");
        for (entry, wanted) in [
            ("plain/.git", vec!["plain/.git"]),
            ("none/.git", vec![]),
            ("blank/.git", vec!["blank/meta", "blank/meta "]),
            (
                "file/.git",
                vec![
                    "file/../meta",
                    "file/../meta/../shared/common",
                    "file/../meta/../shared/common/..",
                    "file/../meta/../shared/common/../objects/../../other/objects",
                    "/srv/objects",
                ],
            ),
            ("ring/.git", vec!["ring/.git.d"]),
        ] {
            assert_eq!(of(top, entry), wanted.into_iter().map(PathBuf::from).collect(), "{entry}");
        }
    }

    #[test]
    fn a_repository_is_what_git_takes_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        assert!(!is_repository(top));
        file(top, "HEAD", "ref: refs/heads/main\n");
        assert!(!is_repository(top));
        fs::create_dir(top.join("objects")).unwrap();
        fs::create_dir(top.join("refs")).unwrap();
        assert!(is_repository(top));
    }
}
