//! The way through the folders of a workspace: what is there now is listed with its stamps and put into the table, and what
//! differs from before is noted. Nothing is read, and no link is followed.

use std::{
    collections::{BTreeSet, VecDeque},
    ffi::{OsStr, OsString},
    os::{
        fd::{AsFd, OwnedFd},
        unix::ffi::OsStrExt as _,
    },
    path::{Path, PathBuf},
    rc::Rc,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use quire_files::{Watches, priority::Pace};
use quire_state::{
    changes::{Opaque, RawPath},
    policy::PROTECTED,
};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags};

use super::{
    STAGING,
    examine::STRICT,
    limits::Limits,
    rules::{Budget, Rules},
    sources::{Content, Delta, Known, Piece},
    stamp::Stamp,
    table::{Listing, Table, raw},
    workspace::Gap,
};

/// How many paths may be passed over for each one that may be known.
const PASSED_OVER: usize = 5;

/// A file whose content is to be looked at.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) before: Piece,
}

/// One look at a workspace.
pub(crate) struct Walk<'a> {
    pub(crate) table: &'a mut Table,
    pub(crate) watches: Option<&'a mut Watches>,
    /// The real folders.
    pub(crate) roots: &'a [PathBuf],
    /// The folder that is not entered.
    pub(crate) but: &'a Path,
    pub(crate) limits: &'a Limits,
    pub(crate) deadline: Instant,
    /// When it began, and when the look before it did; without one, everything is as it always was.
    pub(crate) began_ns: i128,
    pub(crate) last_ns: Option<i128>,
    pub(crate) budget: Rc<Budget>,
    pub(crate) found: Found,
    /// Names that were passed over.
    pub(crate) passed: usize,
    /// How many files were seen.
    pub(crate) progress: &'a AtomicUsize,
    /// What it gives way to, if nothing waits for it.
    pub(crate) pace: Option<&'a Pace>,
    #[cfg(test)]
    pub(crate) between: Option<fn(&Path)>,
}

/// What a look finds.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) deltas: Vec<Delta>,
    pub(crate) changed: Vec<Changed>,
    /// Files that an earlier run left behind while it wrote.
    pub(crate) leftovers: Vec<RawPath>,
    /// Files of attributes of git's.
    pub(crate) attributes: Vec<PathBuf>,
    /// Known paths that are to be looked at by their names.
    pub(crate) unseen: BTreeSet<PathBuf>,
    /// Why it ended early.
    pub(crate) gap: Option<Gap>,
}

/// A folder to be entered.
pub(crate) struct Step {
    root: Rc<OwnedFd>,
    /// The path from the root.
    rest: PathBuf,
    path: PathBuf,
    /// The rules above it.
    rules: Rules,
    /// It was passed over before: what is in it may have been there.
    was_passed: bool,
}

/// A root that is held.
pub(crate) fn hold(root: &Path) -> Option<OwnedFd> {
    rustix::fs::open(root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()
}

impl Walk<'_> {
    /// All folders, those nearest to the roots first.
    pub(crate) fn all(&mut self) {
        let mut steps = VecDeque::new();
        for root in self.roots {
            match hold(root) {
                Some(held) => steps.push_back(Step {
                    root: Rc::new(held),
                    rest: PathBuf::from("."),
                    path: root.clone(),
                    rules: Rules::above(root, &self.budget),
                    was_passed: false,
                }),
                None => self.close(root),
            }
        }
        self.run(steps);
    }

    /// These paths alone, of which something may have become of any.
    pub(crate) fn some(&mut self, paths: &BTreeSet<PathBuf>) {
        let mut steps = VecDeque::new();
        let mut at: Option<(PathBuf, Option<Place>)> = None;
        for path in paths {
            let Some((folder, name)) = path.parent().zip(path.file_name()) else { continue };
            if self.table.folder(folder).is_none() {
                continue;
            }
            if at.as_ref().is_none_or(|(last, _)| last != folder) {
                at = Some((folder.to_owned(), self.place(folder)));
            }
            if let Some((_, place)) = &mut at {
                self.one(path, name, place.as_mut(), &mut steps);
            }
        }
        self.run(steps);
    }

    fn one(&mut self, path: &Path, name: &OsStr, place: Option<&mut Place>, steps: &mut VecDeque<Step>) {
        let is_top = self.roots.iter().any(|root| path.parent() == Some(root));
        if is_protected(name, is_top) || self.but == path {
            return;
        }
        if is_staging(name) {
            self.found.leftovers.push(raw(path));
            return;
        }
        let stamp = place.as_ref().and_then(|place| look(&place.dir, name));
        let known = self.table.get(path).cloned();
        let Some((stamp, place)) = stamp.zip(place) else {
            if known.is_some() {
                self.gone(path);
            }
            return;
        };
        let is_folder = stamp.kind() == FileType::Directory;
        let was_passed = self.table.folder(&place.path).is_some_and(|listing| listing.passes(name));
        if known.is_none() {
            if place.rules(self.roots, &self.budget).is_some_and(|rules| rules.ignores(path, is_folder)) {
                self.table.folder_mut(&place.path).pass(name);
                return;
            }
            if self.table.len() >= self.limits.files {
                self.found.gap.get_or_insert(Gap::Files);
                self.table.folder_mut(&place.path).is_partial = true;
                return;
            }
        }
        let is_watched = self.watches.as_ref().is_some_and(|watches| watches.has(path));
        let is_other = known.as_ref().is_none_or(|known| known.stamp.file() != stamp.file());
        let is_other_folder = is_folder && (is_other || !is_watched);
        self.is_now(path, known, stamp, was_passed);
        if is_other_folder && let Some(rules) = place.rules(self.roots, &self.budget) {
            let (root, rest) = (Rc::clone(&place.root), place.rest.join(name));
            steps.push_back(Step { root, rest, path: path.to_owned(), rules, was_passed });
        }
    }

    fn place(&self, folder: &Path) -> Option<Place> {
        let root = self.roots.iter().find(|root| folder.starts_with(root))?;
        let rest = Path::new(".").join(folder.strip_prefix(root).ok()?);
        let root = Rc::new(hold(root)?);
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = rustix::fs::openat2(&root, &rest, flags, Mode::empty(), STRICT | ResolveFlags::NO_XDEV).ok()?;
        Some(Place { root, rest, path: folder.to_owned(), dir, rules: None })
    }

    fn run(&mut self, mut steps: VecDeque<Step>) {
        while let Some(step) = steps.pop_front() {
            self.pace.inspect(|pace| pace.rest());
            if self.found.gap.is_none() && Instant::now() >= self.deadline {
                self.found.gap = Some(Gap::Time);
            }
            let is_closed = self.found.gap.is_some() || self.but == step.path;
            if is_closed || self.enter(&step, &mut steps).is_none() {
                self.close(&step.path);
            }
        }
        if self.budget.is_exceeded() {
            self.found.gap.get_or_insert(Gap::Rules);
        }
    }

    /// A folder is not listed: what was known in it is looked at by its name.
    fn close(&mut self, path: &Path) {
        for folder in self.table.below(path) {
            let listing = self.table.folder_mut(&folder);
            listing.is_partial = true;
            self.found.unseen.extend(listing.entries.iter().map(|(name, _)| folder.join(&**name)));
        }
        self.table.folder_mut(path).is_partial = true;
    }

    /// Lists a folder. None if not all of it was seen.
    fn enter(&mut self, step: &Step, steps: &mut VecDeque<Step>) -> Option<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        // What is mounted beneath a root is another file system: `/proc`, or a disk of any size.
        let resolve = STRICT | ResolveFlags::NO_XDEV;
        let dir = rustix::fs::openat2(&step.root, &step.rest, flags, Mode::empty(), resolve).ok()?;
        // Before it is listed, so that nothing comes between.
        if let Some(watches) = &mut self.watches {
            watches.add(&step.path, &dir);
        }
        #[cfg(test)]
        self.between.inspect(|between| between(&step.path));
        let rules = step.rules.inside(&step.path, &dir);
        let is_top = step.rest == Path::new(".");
        let before = self.table.folder(&step.path);
        let is_known = before.is_some();
        let (mut seen, mut passed): (Vec<(OsString, Stamp)>, Vec<Box<OsStr>>) = (Vec::new(), Vec::new());
        let room = self.limits.files.saturating_sub(self.table.len() - before.map_or(0, |before| before.entries.len()));
        for entry in Dir::read_from(&dir).ok()? {
            let entry = entry.ok()?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            if Instant::now() >= self.deadline {
                self.found.gap = Some(Gap::Time);
                return None;
            }
            if self.passed + passed.len() + self.found.leftovers.len() > PASSED_OVER * self.limits.files.max(1)
                || seen.len() >= room
            {
                self.found.gap = Some(Gap::Files);
                break;
            }
            if is_protected(name, is_top) {
                passed.push(name.into());
                continue;
            }
            let path = step.path.join(name);
            if is_staging(name) {
                self.found.leftovers.push(raw(&path));
                continue;
            }
            let Some(stamp) = look(&dir, name) else { continue };
            let is_folder = stamp.kind() == FileType::Directory;
            if rules.ignores(&path, is_folder) {
                passed.push(name.into());
                continue;
            }
            if name == ".gitattributes" {
                self.found.attributes.push(path.clone());
            }
            seen.push((name.to_owned(), stamp));
            if is_folder {
                let was_passed = match before {
                    Some(before) => before.passes(name),
                    None => step.was_passed,
                };
                let (root, rest) = (Rc::clone(&step.root), step.rest.join(name));
                steps.push_back(Step { root, rest, path, rules: rules.clone(), was_passed });
            }
        }
        self.passed += passed.len();
        self.progress.fetch_add(seen.len(), Ordering::Relaxed);
        passed.sort();
        seen.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.merge(step, is_known, seen, passed);
        Some(())
    }

    /// Puts what is in a folder now into the table.
    fn merge(&mut self, step: &Step, is_known: bool, seen: Vec<(OsString, Stamp)>, passed: Vec<Box<OsStr>>) {
        let is_partial = self.found.gap.is_some();
        if self.last_ns.is_none() && !is_known {
            let entries = seen.into_iter().map(|(name, stamp)| (name.into_boxed_os_str(), self.first(stamp)));
            let entries: Vec<(Box<OsStr>, Known)> = entries.collect();
            for (name, known) in entries.iter().filter(|(_, known)| known.stamp.kind() != FileType::RegularFile) {
                if !matches!(known.content, Content::Folder) {
                    let changed =
                        Changed { path: step.path.join(&**name), size: 0, before: Piece::Known(known.clone()) };
                    self.found.changed.push(changed);
                }
            }
            self.table.put(&step.path, Listing { entries, passed, is_partial });
            return;
        }
        let listing = self.table.folder(&step.path);
        let is_seen = |name: &OsStr| seen.binary_search_by(|(each, _)| each.as_os_str().cmp(name)).is_ok();
        let unseen: Vec<Box<OsStr>> = listing
            .into_iter()
            .flat_map(|listing| &listing.entries)
            .filter(|(name, _)| !is_seen(name))
            .map(|(name, _)| name.clone())
            .collect();
        let is_news = |(name, stamp): (OsString, Stamp)| {
            let known = listing.and_then(|listing| listing.get(&name));
            let is_old = known.is_some_and(|known| known.stamp == stamp && !known.is_racy);
            let was_passed = known.is_none() && listing.map_or(step.was_passed, |listing| listing.passes(&name));
            (!is_old).then(|| (name, stamp, known.cloned(), was_passed))
        };
        let news: Vec<_> = seen.into_iter().filter_map(is_news).collect();
        for name in unseen {
            let path = step.path.join(&*name);
            // What is passed over now is looked at by its name.
            if is_partial || passed.binary_search(&name).is_ok() {
                for folder in self.table.below(&path) {
                    let listing = self.table.folder_mut(&folder);
                    self.found.unseen.extend(listing.entries.iter().map(|(name, _)| folder.join(&**name)));
                }
                self.found.unseen.insert(path);
            } else {
                self.gone(&path);
            }
        }
        for (name, stamp, known, was_passed) in news {
            self.is_now(&step.path.join(&name), known, stamp, was_passed);
        }
        let listing = self.table.folder_mut(&step.path);
        (listing.passed, listing.is_partial) = (passed, is_partial);
    }

    /// What is there at the first look.
    fn first(&self, stamp: Stamp) -> Known {
        let content = match stamp.kind() {
            FileType::Directory => Content::Folder,
            _ => Content::Opaque(Opaque::NotRead),
        };
        let is_racy = stamp.is_racy(self.began_ns);
        Known { stamp, content, is_racy }
    }

    /// Something is at a path.
    pub(crate) fn is_now(&mut self, path: &Path, known: Option<Known>, stamp: Stamp, was_passed: bool) {
        let is_folder = stamp.kind() == FileType::Directory;
        if let Some(known) = &known {
            if known.stamp == stamp && !known.is_racy {
                return;
            }
            if known.content == Content::Folder && !is_folder {
                self.below_is_gone(path);
            }
        }
        let size = stamp.size;
        let now = Known { is_racy: stamp.is_racy(self.began_ns), stamp, content: Content::Opaque(Opaque::NotRead) };
        let before = match known {
            Some(known) => Piece::Known(known),
            None if !was_passed => Piece::Missing,
            // It may have been there. If nothing has touched it since, then it was.
            None if self.last_ns.is_none_or(|last| !now.stamp.is_racy(last)) => Piece::Known(now.clone()),
            None => Piece::Unknown,
        };
        if is_folder {
            let now = Known { content: Content::Folder, is_racy: false, ..now };
            let is_same = match &before {
                Piece::Known(known) => known.is_same(&now) || known.is_unread(),
                Piece::Missing | Piece::Unknown => false,
            };
            if !is_same {
                self.delta(path, before, Piece::Known(now.clone()));
            }
            self.table.set(path, Some(now));
            return;
        }
        self.table.set(path, Some(now));
        self.found.changed.push(Changed { path: path.to_owned(), size, before });
    }

    /// Nothing is at a path any more.
    pub(crate) fn gone(&mut self, path: &Path) {
        if let Some(known) = self.table.get(path).cloned() {
            if known.content == Content::Folder {
                self.below_is_gone(path);
            }
            self.table.set(path, None);
            self.delta(path, Piece::Known(known), Piece::Missing);
        }
    }

    fn below_is_gone(&mut self, path: &Path) {
        if let Some(watches) = &mut self.watches {
            watches.forget(path);
        }
        for folder in self.table.below(path) {
            for (name, known) in self.table.take(&folder).map(|listing| listing.entries).unwrap_or_default() {
                self.delta(&folder.join(&*name), Piece::Known(known), Piece::Missing);
            }
        }
    }

    fn delta(&mut self, path: &Path, before: Piece, after: Piece) {
        self.found.deltas.push(Delta { path: raw(path), before, after, is_shared: false });
    }
}

/// A folder in which paths are looked at.
struct Place {
    root: Rc<OwnedFd>,
    rest: PathBuf,
    path: PathBuf,
    dir: OwnedFd,
    rules: Option<Rules>,
}

impl Place {
    /// The rules in it, read when they are asked for.
    fn rules(&mut self, roots: &[PathBuf], budget: &Rc<Budget>) -> Option<Rules> {
        if self.rules.is_none() {
            let root = roots.iter().find(|root| self.path.starts_with(root))?;
            let mut rules = Rules::above(root, budget);
            let mut at = root.clone();
            let mut names: Vec<&OsStr> = self.path.strip_prefix(root).ok()?.iter().collect();
            names.reverse();
            loop {
                let held = hold(&at)?;
                rules = rules.inside(&at, &held);
                match names.pop() {
                    Some(name) => at.push(name),
                    None => break,
                }
            }
            self.rules = Some(rules);
        }
        self.rules.clone()
    }
}

pub(crate) fn look(dir: impl AsFd, name: &OsStr) -> Option<Stamp> {
    // What is gone meanwhile is missing.
    rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).ok().map(|stat| Stamp::of(&stat))
}

/// The names that no tool may write: `.git` anywhere, the others at the top of a root.
fn is_protected(name: &OsStr, is_top: bool) -> bool {
    name == ".git" || (is_top && PROTECTED.iter().any(|protected| name == *protected))
}

fn is_staging(name: &OsStr) -> bool {
    STAGING.iter().any(|prefix| name.as_bytes().starts_with(prefix.as_bytes()))
}
