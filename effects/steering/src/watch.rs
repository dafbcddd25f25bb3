//! What tools change of the files that stay writable although they steer something: found by comparing stamps before and
//! after.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use quire_files::{Folder, Links};

use crate::ground::{Ground, Hold, Why};

/// How many folders deep the files of an announced folder are watched.
const DEPTH: usize = 3;
/// Most files that are watched.
const FILES: usize = 4_000;

/// A fact about the work of tools.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Steered {
    /// This folder has become a repository.
    Repository(PathBuf),
    /// Not every folder below this root could be looked through for repositories.
    Unseen(PathBuf),
    /// This file was made, changed or removed.
    Changed(PathBuf, Why),
}

/// The announced files, as they were at the last look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Watch {
    /// The announced paths.
    announced: BTreeMap<PathBuf, Why>,
    seen: BTreeMap<PathBuf, Stamp>,
}

/// What tells whether a file was changed. No command can set the time of its last change back.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    changed_ns: (i64, i64),
    number: u64,
    size: u64,
    mode: u32,
}

impl Watch {
    /// Takes up what is announced of a set, as it is now. What is known already keeps what was seen of it.
    pub(crate) fn add(&mut self, ground: &Ground) {
        let new: BTreeMap<PathBuf, Why> = ground
            .held(Hold::Announced)
            .filter(|(path, _)| !self.announced.contains_key(*path))
            .map(|(path, why)| (path.to_owned(), why.clone()))
            .collect();
        self.seen.extend(look(&new));
        self.announced.extend(new);
    }

    /// What has changed since the last look.
    pub(crate) fn changed(&mut self) -> Vec<Steered> {
        let now = look(&self.announced);
        let before = std::mem::replace(&mut self.seen, now);
        let all = before.keys().chain(self.seen.keys().filter(|path| !before.contains_key(*path)));
        let differs = |path: &&PathBuf| before.get(*path) != self.seen.get(*path);
        all.filter(differs).filter_map(|path| Some(Steered::Changed(path.clone(), self.why(path)?))).collect()
    }

    fn why(&self, path: &Path) -> Option<Why> {
        path.ancestors().find_map(|above| self.announced.get(above)).cloned()
    }
}

/// All files at or below these paths.
fn look(announced: &BTreeMap<PathBuf, Why>) -> BTreeMap<PathBuf, Stamp> {
    let mut seen = BTreeMap::new();
    let mut ahead: Vec<(PathBuf, usize)> = announced.keys().map(|path| (path.clone(), 0)).collect();
    while let Some((path, depth)) = ahead.pop() {
        let Ok(facts) = fs::symlink_metadata(&path) else { continue };
        if facts.is_dir() && depth < DEPTH {
            let entries = Folder::open(&path, Links::NotLast).and_then(|folder| folder.entries());
            let entries = entries.into_iter().flatten().flatten();
            ahead.extend(entries.take(FILES).map(|entry| (path.join(entry.name), depth + 1)));
        } else if !facts.is_dir() && seen.len() < FILES {
            let changed_ns = (facts.ctime(), facts.ctime_nsec());
            let stamp = Stamp { changed_ns, number: facts.ino(), size: facts.len(), mode: facts.mode() };
            seen.insert(path, stamp);
        }
    }
    seen
}
