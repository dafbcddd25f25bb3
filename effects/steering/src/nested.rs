//! Repositories in the folders that tools may write in: those that were there at the first look, and those that have
//! appeared since.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::folders::{Folders, Found};

/// The roots that were looked through.
#[derive(Debug, Default)]
pub(crate) struct Nested {
    roots: BTreeMap<PathBuf, Seen>,
}

/// The repositories of a root.
#[derive(Debug)]
struct Seen {
    /// What was there at the first look.
    first: BTreeSet<Found>,
    /// What has been told, or was there at the first look.
    known: BTreeSet<Found>,
    is_partial: bool,
    /// That it is partial was told.
    is_told: bool,
}

impl Nested {
    /// The repositories below these roots, which are real paths, as of the first look at each. A root within another one is
    /// looked through with that one.
    pub(crate) fn below(&mut self, roots: &BTreeSet<PathBuf>, folders: &Folders) -> BTreeSet<Found> {
        let outer = roots.iter().filter(|root| !roots.iter().any(|other| other != *root && root.starts_with(other)));
        let mut found = BTreeSet::new();
        for root in outer {
            let seen = self.roots.entry(root.clone()).or_insert_with(|| Seen::first(root, folders));
            // One that was removed is another one when it comes back.
            seen.first.retain(Found::is_live);
            found.extend(seen.first.iter().cloned());
        }
        found
    }

    /// Roots that could not be looked through whole. Each is told once.
    pub(crate) fn unseen(&mut self) -> Vec<PathBuf> {
        let all = self.roots.iter_mut().filter(|(_, seen)| seen.is_partial && !seen.is_told);
        all.map(|(root, seen)| {
            seen.is_told = true;
            root.clone()
        })
        .collect()
    }

    /// The folders of repositories that have appeared since the last look.
    pub(crate) fn appeared(&mut self, folders: &Folders) -> Vec<PathBuf> {
        let mut all = BTreeSet::new();
        for (root, seen) in &mut self.roots {
            let (found, is_partial) = folders.repositories(root);
            seen.is_partial |= is_partial;
            seen.known.retain(|each| found.contains(each));
            // One that is only reserved, or not finished yet, is told when git would take it.
            let new: Vec<Found> = found.difference(&seen.known).filter(|each| each.is_live()).cloned().collect();
            all.extend(new.iter().map(|each| each.folder.clone()));
            seen.known.extend(new);
        }
        all.into_iter().collect()
    }
}

impl Seen {
    fn first(root: &Path, folders: &Folders) -> Self {
        let (first, is_partial) = folders.repositories(root);
        Self { known: first.clone(), first, is_partial, is_told: false }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
    };

    use super::Nested;
    use crate::folders::Folders;

    fn repository(folder: &Path) {
        fs::create_dir_all(folder.join("objects")).unwrap();
        fs::create_dir_all(folder.join("refs")).unwrap();
        fs::write(folder.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    }

    #[test]
    fn what_was_there_and_what_appears_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        repository(&top.join("a/b/.git"));
        repository(&top.join("bare.git"));
        fs::create_dir_all(top.join("c/d")).unwrap();
        let (mut nested, folders) = (Nested::default(), Folders::default());
        let roots = BTreeSet::from([top.clone(), top.join("a")]);
        let names = |paths: Vec<PathBuf>| -> Vec<PathBuf> {
            paths.iter().map(|path| path.strip_prefix(&top).unwrap().to_owned()).collect()
        };
        let first = |nested: &mut Nested| {
            let found = nested.below(&roots, &folders);
            found.into_iter().map(|found| (names(vec![found.folder]).remove(0), found.is_bare)).collect::<Vec<_>>()
        };
        assert_eq!(first(&mut nested), [("a/b".into(), false), ("bare.git".into(), true)]);
        assert_eq!(nested.appeared(&folders), [] as [PathBuf; 0]);
        repository(&top.join("c/d/.git"));
        fs::write(top.join("c/.git"), "gitdir: ../bare.git\n").unwrap();
        repository(&top.join("c/d/e"));
        assert_eq!(names(nested.appeared(&folders)), ["c", "c/d", "c/d/e"].map(PathBuf::from));
        assert_eq!(nested.appeared(&folders), [] as [PathBuf; 0], "each is told once");
        assert_eq!(first(&mut nested).len(), 2, "what appeared is not what was there");
        fs::rename(top.join("a/b/.git"), top.join("old")).unwrap();
        repository(&top.join("a/b/.git"));
        assert_eq!(
            names(nested.appeared(&folders)),
            ["a/b", "old"].map(PathBuf::from),
            "another one at the same place"
        );
    }

    #[test]
    fn what_cannot_be_looked_through_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let mut deep = folder.path().canonicalize().unwrap();
        let roots = BTreeSet::from([deep.clone()]);
        let unseen = || {
            let (mut nested, folders) = (Nested::default(), Folders::default());
            nested.below(&roots, &folders);
            let told = nested.unseen();
            assert_eq!(nested.unseen(), [] as [PathBuf; 0], "each is told once");
            told
        };
        assert_eq!(unseen(), [] as [PathBuf; 0]);
        for _ in 0..200 {
            deep.push("d");
        }
        fs::create_dir_all(&deep).unwrap();
        assert_eq!(unseen(), roots.iter().cloned().collect::<Vec<_>>());
    }
}
