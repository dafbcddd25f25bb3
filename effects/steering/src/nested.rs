//! Repositories in the folders that tools may write in: those that were there at the first look, and those that have
//! appeared since.
//!
//! Every folder is read once. Later looks read those alone whose status-change time is another one, which no command
//! can set back; and where the system tells what has happened in all of them, they ask for the times of those alone in which
//! something has.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use quire_files::{News, Watches};
use rustix::fs::{Access, AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};

use crate::git;

/// Most folders that are looked through below one root.
const FOLDERS: usize = 200_000;
/// Most entries of one folder that are looked at.
const ENTRIES: usize = 50_000;
/// How many folders deep a root is looked through.
const DEPTH: usize = 128;
/// How long after a change a folder may change again with the same time, in nanoseconds.
const RACY_NS: i128 = 50_000_000;

/// The roots that were looked through.
#[derive(Debug, Default)]
pub(crate) struct Nested {
    roots: BTreeMap<PathBuf, Tree>,
}

#[derive(Debug)]
struct Tree {
    top: Folder,
    /// What happens in its folders; `None` where the system cannot tell, or is not asked.
    watches: Option<Watches>,
    /// The system is asked as soon as there is enough to be looked through.
    may_watch: bool,
    /// What was there at the first look.
    first: BTreeSet<Found>,
    /// What has been told, or was there at the first look.
    known: BTreeSet<Found>,
    is_partial: bool,
    /// That it is partial was told.
    is_told: bool,
}

/// A folder that is a repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// It has no `.git`, and is a git folder itself.
    pub(crate) is_bare: bool,
    /// Which file its `.git` or its `HEAD` is: another one at the same place is another repository.
    number: u64,
}

#[derive(Debug, Default)]
struct Folder {
    /// When it was changed last, and which one it is. None while it may change without that.
    stamp: Option<(i128, u64)>,
    kind: Kind,
    /// How many names are in it.
    names: usize,
    below: BTreeMap<OsString, Folder>,
    /// Something has happened in it since it was looked at.
    is_told: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Plain,
    HasGit,
    Bare,
}

/// One look through a root.
struct NestedScan<'w> {
    watches: Option<&'w mut Watches>,
    /// Nothing has happened in folders that were not told.
    is_sure: bool,
    began_ns: i128,
    left: usize,
    /// Names in the folders so far.
    names: usize,
    is_partial: bool,
    found: BTreeSet<Found>,
}

impl Nested {
    /// The repositories below these roots, which are real paths, as of the first look at each. A root within another one is
    /// looked through with that one.
    pub(crate) fn below(&mut self, roots: &BTreeSet<PathBuf>) -> BTreeSet<Found> {
        let outer = roots.iter().filter(|root| !roots.iter().any(|other| other != *root && root.starts_with(other)));
        let mut found = BTreeSet::new();
        for root in outer {
            let tree = self.roots.entry(root.clone()).or_insert_with(|| Tree::first(root));
            // One that was removed is another one when it comes back.
            tree.first.retain(is_live);
            found.extend(tree.first.iter().cloned());
        }
        found
    }

    /// Roots that could not be looked through whole. Each is told once.
    pub(crate) fn unseen(&mut self) -> Vec<PathBuf> {
        let all = self.roots.iter_mut().filter(|(_, tree)| tree.is_partial && !tree.is_told);
        all.map(|(root, tree)| {
            tree.is_told = true;
            root.clone()
        })
        .collect()
    }

    /// The folders of repositories that have appeared since the last look.
    pub(crate) fn appeared(&mut self) -> Vec<PathBuf> {
        let mut all = BTreeSet::new();
        for (root, tree) in &mut self.roots {
            let (found, is_partial) = tree.look(root);
            tree.is_partial |= is_partial;
            tree.known.retain(|each| found.contains(each));
            // One that is only reserved, or not finished yet, is told when git would take it.
            let new: Vec<Found> = found.difference(&tree.known).filter(|each| is_live(each)).cloned().collect();
            all.extend(new.iter().map(|each| each.folder.clone()));
            tree.known.extend(new);
        }
        all.into_iter().collect()
    }
}

impl Found {
    fn at(folder: &Path, is_bare: bool) -> Self {
        let entry = folder.join(if is_bare { "HEAD" } else { ".git" });
        let stat = rustix::fs::statat(CWD, &entry, AtFlags::SYMLINK_NOFOLLOW);
        Self { folder: folder.to_owned(), is_bare, number: stat.map_or(0, |stat| stat.st_ino) }
    }
}

impl Tree {
    fn first(root: &Path) -> Self {
        Self::of(None, true, root)
    }

    #[cfg(test)]
    fn watched_by(watches: Option<Watches>, root: &Path) -> Self {
        Self::of(watches, false, root)
    }

    fn of(watches: Option<Watches>, may_watch: bool, root: &Path) -> Self {
        let (top, first, known) = Default::default();
        let mut tree = Self { top, watches, may_watch, first, known, is_partial: false, is_told: false };
        let (first, is_partial) = tree.look(root);
        Self { known: first.clone(), first, is_partial, ..tree }
    }

    /// Looks through the root.
    fn look(&mut self, root: &Path) -> (BTreeSet<Found>, bool) {
        let (names, found, is_partial) = self.look_once(root);
        if self.may_watch && names >= Watches::FROM {
            self.may_watch = false;
            self.watches = Watches::new(Watches::allowed());
            if self.watches.is_some() {
                self.top = Folder::default();
                let (_, found, is_partial) = self.look_once(root);
                return (found, is_partial);
            }
        }
        (found, is_partial)
    }

    fn look_once(&mut self, root: &Path) -> (usize, BTreeSet<Found>, bool) {
        let began_ns = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos().cast_signed());
        let news = self.watches.as_mut().map_or(News::Unsure, Watches::news);
        let is_sure = match &news {
            News::Paths(paths) => {
                paths.iter().filter_map(|path| path.strip_prefix(root).ok()).for_each(|path| self.top.tell(path));
                true
            }
            News::Unsure => false,
        };
        let found = BTreeSet::new();
        let watches = self.watches.as_mut();
        let mut look = NestedScan { watches, is_sure, began_ns, left: FOLDERS, names: 0, is_partial: false, found };
        self.top.enter(root, 0, &mut look);
        let (names, found, is_partial) = (look.names, look.found, look.is_partial);
        self.watches.take_if(|watches| watches.is_exhausted());
        (names, found, is_partial)
    }
}

impl Folder {
    /// Something has happened at a path below.
    fn tell(&mut self, path: &Path) {
        let depth = path.components().count();
        let mut folder = self;
        for (at, name) in path.iter().enumerate() {
            let Some(below) = folder.below.get_mut(name) else { return };
            folder = below;
            // The folder that it happened in, and what it happened to.
            folder.is_told |= at + 2 >= depth;
        }
    }

    fn enter(&mut self, path: &Path, depth: usize, look: &mut NestedScan<'_>) {
        if look.left == 0 || depth > DEPTH {
            look.is_partial = true;
            return;
        }
        look.left -= 1;
        // The root itself may be another one without a word.
        let is_told = std::mem::take(&mut self.is_told) || depth == 0;
        if (is_told || !look.is_sure || self.stamp.is_none()) && self.renew(path, look).is_none() {
            return;
        }
        look.names += self.names;
        match self.kind {
            Kind::Plain => {}
            Kind::HasGit => drop(look.found.insert(Found::at(path, false))),
            Kind::Bare => {
                look.found.insert(Found::at(path, true));
                return;
            }
        }
        for (name, folder) in &mut self.below {
            folder.enter(&path.join(name), depth + 1, look);
        }
    }

    /// Reads the folder again if it has changed. None if it is gone.
    fn renew(&mut self, path: &Path, look: &mut NestedScan<'_>) -> Option<()> {
        let stat = rustix::fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let (changed_ns, number) = (changed_ns(&stat), stat.st_ino);
        let is_watched = look.watches.as_ref().is_none_or(|watches| watches.has(path));
        if self.stamp == Some((changed_ns, number)) && is_watched {
            return Some(());
        }
        match self.read(path, look) {
            Some(()) if changed_ns + RACY_NS < look.began_ns => self.stamp = Some((changed_ns, number)),
            Some(()) => self.stamp = None,
            // What cannot be listed and can be written in may hold anything.
            None => {
                self.stamp = None;
                look.is_partial |= rustix::fs::access(path, Access::WRITE_OK).is_ok();
            }
        }
        Some(())
    }

    /// Lists the folder. None when not all of it was seen.
    fn read(&mut self, path: &Path, look: &mut NestedScan<'_>) -> Option<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let dir = rustix::fs::open(path, flags, Mode::empty()).ok()?;
        // Before it is listed, so that nothing comes between.
        if let Some(watches) = &mut look.watches {
            watches.add(path, &dir);
        }
        let mut before = std::mem::take(&mut self.below);
        let has_git = rustix::fs::statat(&dir, ".git", AtFlags::SYMLINK_NOFOLLOW).is_ok();
        self.kind = match has_git {
            true => Kind::HasGit,
            false if git::has_bare_layout(path) => Kind::Bare,
            false => Kind::Plain,
        };
        for (number, entry) in Dir::read_from(&dir).ok()?.enumerate() {
            if number >= ENTRIES {
                return None;
            }
            self.names = number;
            let entry = entry.ok()?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if ![".", "..", ".git"].iter().any(|each| name == *each) && is_folder(&dir, &entry) {
                self.below.insert(name.to_owned(), before.remove(name).unwrap_or_default());
            }
        }
        Some(())
    }
}

fn is_folder(dir: &impl std::os::fd::AsFd, entry: &rustix::fs::DirEntry) -> bool {
    match entry.file_type() {
        FileType::Unknown => rustix::fs::statat(dir, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory),
        kind => kind == FileType::Directory,
    }
}

fn changed_ns(stat: &Stat) -> i128 {
    i128::from(stat.st_ctime) * 1_000_000_000 + i128::from(stat.st_ctime_nsec)
}

/// Whether a folder of a repository has a git folder that git would take, and not a stray empty one.
pub(crate) fn is_live(found: &Found) -> bool {
    let entry = found.folder.join(".git");
    found.is_bare || git::folders(&entry).iter().any(|folder| git::is_repository(folder))
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
    };

    use quire_files::Watches;

    use super::{Nested, Tree};

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
        let mut nested = Nested::default();
        let roots = BTreeSet::from([top.clone(), top.join("a")]);
        let names = |paths: Vec<PathBuf>| -> Vec<PathBuf> {
            paths.iter().map(|path| path.strip_prefix(&top).unwrap().to_owned()).collect()
        };
        let first = |nested: &mut Nested| {
            let found = nested.below(&roots);
            found.into_iter().map(|found| (names(vec![found.folder]).remove(0), found.is_bare)).collect::<Vec<_>>()
        };
        assert_eq!(first(&mut nested), [("a/b".into(), false), ("bare.git".into(), true)]);
        assert_eq!(nested.appeared(), [] as [PathBuf; 0]);
        repository(&top.join("c/d/.git"));
        fs::write(top.join("c/.git"), "gitdir: ../bare.git\n").unwrap();
        repository(&top.join("c/d/e"));
        assert_eq!(names(nested.appeared()), ["c", "c/d", "c/d/e"].map(PathBuf::from));
        assert_eq!(nested.appeared(), [] as [PathBuf; 0], "each is told once");
        assert_eq!(first(&mut nested).len(), 2, "what appeared is not what was there");
        fs::rename(top.join("a/b/.git"), top.join("old")).unwrap();
        repository(&top.join("a/b/.git"));
        assert_eq!(names(nested.appeared()), ["a/b", "old"].map(PathBuf::from), "another one at the same place");
    }

    #[test]
    fn what_the_system_tells_is_what_a_look_through_all_finds() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let make = |path: &str| fs::create_dir_all(top.join(path)).unwrap();
        repository(&top.join("a/b/.git"));
        make("c/d/e/f");
        // One that is told, one with too few watches, and one that looks everywhere.
        let mut trees = [Watches::new(1000), Watches::new(3), None].map(|watches| Tree::watched_by(watches, &top));
        assert!(trees[0].watches.is_some() && trees[1].watches.is_none());
        let changes: [&dyn Fn(); 9] = [
            &|| fs::write(top.join("c/file"), "x").unwrap(),
            &|| repository(&top.join("c/d/e/.git")),
            &|| fs::rename(top.join("c/d"), top.join("a/moved")).unwrap(),
            &|| repository(&top.join("a/moved/e/f/.git")),
            &|| fs::remove_dir_all(top.join("a/moved/e/.git")).unwrap(),
            &|| {
                fs::remove_dir_all(top.join("a/moved/e")).unwrap();
                make("a/moved/e");
                repository(&top.join("a/moved/e/new/bare"));
            },
            &|| fs::rename(top.join("a/b"), top.join("a/b2")).unwrap(),
            &|| {
                make("a/b/x");
                repository(&top.join("a/b/x/.git"));
            },
            &|| {
                fs::rename(top.join("a"), top.join("old")).unwrap();
                fs::rename(top.join("c"), top.join("a")).unwrap();
                repository(&top.join("old/b/x/y/.git"));
            },
        ];
        for (at, change) in changes.iter().enumerate() {
            change();
            let [told, few, all] = trees.each_mut().map(|tree| tree.look(&top));
            assert!(told == all && few == all, "{at}: {told:?}, {few:?}, {all:?}");
        }
        assert_eq!(trees[2].look(&top).0.len(), 4);
        assert!(trees[0].watches.is_some(), "it was told all the time");
    }

    #[test]
    fn a_large_root_is_watched_and_a_small_one_when_it_has_grown() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let fill = |names: std::ops::Range<usize>| {
            names.for_each(|at| fs::write(top.join(format!("c/{at}")), "").unwrap());
        };
        fs::create_dir_all(top.join("c/d")).unwrap();
        fill(0..Watches::FROM - 10);
        let mut tree = Tree::first(&top);
        assert!(tree.watches.is_none());
        fill(Watches::FROM - 10..Watches::FROM + 10);
        repository(&top.join("c/d/.git"));
        assert_eq!(tree.look(&top).0.len(), 1);
        assert!(tree.watches.is_some() && Tree::first(&top).watches.is_some());
        repository(&top.join("c/d/e/.git"));
        assert_eq!(tree.look(&top).0.len(), 2);
    }

    #[test]
    fn what_cannot_be_looked_through_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let mut deep = folder.path().canonicalize().unwrap();
        let roots = BTreeSet::from([deep.clone()]);
        let unseen = || {
            let mut nested = Nested::default();
            nested.below(&roots);
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
