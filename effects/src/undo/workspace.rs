//! What is known of a workspace, and what becomes of it.
//!
//! The first look lists all folders and puts each under the watch of the system. Later looks go through the paths alone that
//! the system tells of, and those whose stamp says nothing: files that were changed just before, and files with other names.
//! Where the system cannot tell (no watches left, more events than its queue holds, a file system that others write to),
//! and when rules of what is ignored have changed, a look goes through all folders again.
//!
//! A file is known by its stamp and read only when that is another one. Of a file that git has checked out unchanged the
//! content is in git's store; others are copied once. What lies beneath a path that a look passed over is not known to it;
//! that does not mean that it was not there.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    rc::Rc,
    sync::{Arc, atomic::AtomicUsize},
    time::Instant,
};

use quire_files::{Folder, Links, News, Watches, priority::Pace};
use quire_state::changes::{Fact, Opaque, RawPath};

pub(crate) use super::limits::{Patience, SURE_FILES};
use super::{
    examine::{Body, Eye, Found, look, look_at},
    git::{Oid, Repository, converts, oid},
    limits::Limits,
    objects::Objects,
    rules,
    sources::{Content, Copies, Delta, Known, Piece, Sources},
    stamp::now_ns,
    table::{Table, raw},
    walk::{self, Changed, Walk},
};

/// Files up to this size are read first, because there are more of them.
const SMALL_BYTES: u64 = 64 * 1024;
/// How many files are read between two looks at the clock, at most.
const READ_AT_ONCE: usize = 64;

/// Why not everything was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// There are more files.
    Files,
    /// There was more to read.
    Bytes,
    /// It took too long.
    Time,
    /// There are more rules of what git ignores than are applied.
    Rules,
    /// A tool ran before the folders were known.
    Early,
}

impl Gap {
    /// A sentence for people.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Files => "The workspace has more files than are watched; changes of the others cannot be undone.",
            Self::Bytes => "The workspace has more contents than are kept; changes of the others cannot be undone.",
            Self::Rules => {
                "There are more or longer ignore rules than are applied; files that git ignores may be watched in place of others."
            }
            Self::Time => "Looking at the workspace took too long; changes of what was not seen cannot be undone.",
            Self::Early => "A command ran before the workspace was known; what it changed cannot be undone.",
        }
    }
}

/// What a look comes to.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    pub(crate) deltas: Vec<Delta>,
    /// Why there may be more.
    pub(crate) gap: Option<Gap>,
    /// Files that an earlier run left behind while it wrote.
    pub(crate) leftovers: Vec<RawPath>,
}

/// The folders that tools may write.
///
/// Looks form one chain, whichever thread looks: what differs between two of them happened between them.
#[derive(Debug)]
pub(crate) struct Workspace {
    roots: Vec<PathBuf>,
    /// Where the contents are kept: looking there would find more at every look.
    own: PathBuf,
    file_bytes: u64,
    limits: Limits,
    table: Table,
    watches: Option<Watches>,
    sources: Arc<Sources>,
    /// When the last look began, if there was one.
    last_ns: Option<i128>,
    /// What the rules above the roots were read from, and which folders the roots are.
    outline: Vec<Option<(u64, u64, i64)>>,
    /// Paths that every look looks at.
    restless: BTreeSet<PathBuf>,
    /// Why the last look through all folders was not complete.
    gap: Option<Gap>,
    /// Files that were seen so far, for threads that wait for the first look.
    progress: Arc<AtomicUsize>,
    /// Something that happens between the watch of a folder and its listing.
    #[cfg(test)]
    pub(super) between: Option<fn(&Path)>,
    /// Where reading goes on, and whether large files are read by now.
    next: (PathBuf, bool),
    /// Files that were read since this was asked last, and their bytes.
    #[cfg(test)]
    pub(super) read: (usize, u64),
}

/// The real folders among these that do not lie in another one.
pub(crate) fn real_roots(roots: &[PathBuf]) -> Vec<PathBuf> {
    let mut real: Vec<PathBuf> = roots.iter().filter_map(|root| std::fs::canonicalize(root).ok()).collect();
    real.sort();
    real.dedup();
    let all = real.clone();
    real.retain(|root| !all.iter().any(|other| other != root && root.starts_with(other)));
    real
}

impl Workspace {
    /// The workspace beneath these real folders. Copies are kept in `own`, which is not looked at; of files up to
    /// `file_bytes`.
    pub(crate) fn new(
        roots: &[PathBuf],
        own: &Path,
        file_bytes: u64,
        limits: Limits,
        progress: Arc<AtomicUsize>,
    ) -> Self {
        let copies = Copies::within(own, limits.bytes);
        let watches = (limits.watched_from == 0).then(|| limits.watch()).flatten();
        Self {
            roots: roots.to_vec(),
            own: real_path(own).unwrap_or_else(|| own.to_owned()),
            file_bytes,
            limits,
            table: Table::default(),
            watches,
            sources: Arc::new(Sources { repositories: Vec::new(), copies }),
            last_ns: None,
            outline: Vec::new(),
            restless: BTreeSet::new(),
            gap: None,
            progress,
            #[cfg(test)]
            between: None,
            next: (PathBuf::new(), false),
            #[cfg(test)]
            read: (0, 0),
        }
    }

    /// Where its contents are.
    pub(crate) fn sources(&self) -> Arc<Sources> {
        Arc::clone(&self.sources)
    }

    /// The first look: everything that is there now, as it always was. It calls `is_large` as soon as there is so much that no
    /// command waits for the whole of it, and gives way to what is being started from then on.
    pub(crate) fn begin(&mut self, is_large: impl FnOnce(), pace: &Pace) {
        if self.watches.is_none() && self.limits.watches > 0 {
            let all = self.limits;
            self.limits.files = self.limits.files.min(self.limits.watched_from);
            let found = self.begin_with(None);
            let is_small = found.0.gap != Some(Gap::Files) || self.limits.files == all.files;
            self.limits = all;
            if is_small {
                return self.begun(found);
            }
            is_large();
            self.watches = self.limits.watch();
            self.table = Table::default();
        }
        let found = self.begin_with(Some(pace));
        self.begun(found);
    }

    fn begin_with(&mut self, pace: Option<&Pace>) -> (walk::Found, i128) {
        self.outline = self.outline();
        if let Some(watches) = &mut self.watches {
            watches.news();
        }
        let began_ns = now_ns();
        (self.walk(Instant::now() + self.limits.first, began_ns, pace, |walk| walk.all()), began_ns)
    }

    fn begun(&mut self, (mut found, began_ns): (walk::Found, i128)) {
        self.gap = found.gap;
        for changed in std::mem::take(&mut found.changed) {
            let seen = look_at(&changed.path, self.file_bytes);
            self.absorb(&changed.path, None, seen);
        }
        self.take_from_git(&found.attributes, began_ns);
        self.restless = self.table.restless();
        self.last_ns = Some(began_ns);
    }

    /// The program ends, which frees what is known of hundreds of thousands of files at once.
    pub(crate) fn leave(mut self) {
        let watches = self.watches.take();
        std::mem::forget(self);
        drop(watches);
    }

    /// Why not everything is known, if so.
    pub(crate) fn gap(&self) -> Option<Gap> {
        // What is still to be read is told path by path, if it changes.
        let is_full = self.table.unread() > 0 && !self.has_backlog();
        self.gap.or(is_full.then_some(Gap::Bytes))
    }

    /// Whether there is still something to be read.
    pub(crate) fn has_backlog(&self) -> bool {
        self.table.unread() > 0 && self.next != (PathBuf::new(), true)
    }

    /// What has become of the workspace since the last look. Contents are read until the deadline.
    pub(crate) fn look(&mut self, patience: Patience) -> Looked {
        let (began, began_ns) = (Instant::now(), now_ns());
        let outline = self.outline();
        let news = self.watches.as_mut().map_or(News::Unsure, Watches::news);
        let is_rule = |path: &PathBuf| path.file_name() == Some(OsStr::new(".gitignore"));
        let mut found = match news {
            News::Paths(mut paths) if outline == self.outline && !paths.iter().any(is_rule) => {
                let mut restless = std::mem::take(&mut self.restless);
                paths.extend(restless.iter().cloned());
                let found = self.walk(began + self.limits.time, began_ns, None, |walk| walk.some(&paths));
                restless.retain(|path| self.table.get(path).is_some_and(Known::is_restless));
                self.restless = restless;
                self.gap = self.gap.or(found.gap);
                found
            }
            News::Paths(_) | News::Unsure => {
                self.outline = outline;
                let found = self.walk(began + self.limits.time, began_ns, None, |walk| walk.all());
                self.gap = found.gap;
                self.restless = self.table.restless();
                found
            }
        };
        self.last_ns = Some(began_ns);
        let mut changed = std::mem::take(&mut found.changed);
        for path in std::mem::take(&mut found.unseen) {
            let before = self.table.get(&path).cloned().map_or(Piece::Missing, Piece::Known);
            changed.push(Changed { path, size: 0, before });
        }
        let (deltas, is_whole) = self.read_all(changed, patience);
        found.deltas.extend(deltas);
        let gap = self.gap().or((!is_whole).then_some(Gap::Time));
        Looked { deltas: found.deltas, gap, leftovers: found.leftovers }
    }

    /// What has become of these paths alone, which must be real ones.
    pub(crate) fn look_at(&mut self, paths: &[PathBuf]) -> Vec<Delta> {
        let mut deltas = Vec::new();
        for path in paths {
            let is_inside = self.roots.iter().any(|root| path != root && path.starts_with(root));
            if is_inside && self.last_ns.is_some() && (self.table.get(path).is_some() || !self.table.passes(path)) {
                let before = self.table.get(path).cloned().map_or(Piece::Missing, Piece::Known);
                deltas.extend(self.read_one(path, before));
            }
        }
        deltas
    }

    fn walk(
        &mut self,
        deadline: Instant,
        began_ns: i128,
        pace: Option<&Pace>,
        way: impl FnOnce(&mut Walk<'_>),
    ) -> walk::Found {
        let Self { table, watches, roots, own, limits, last_ns, progress, .. } = self;
        let mut walk = Walk {
            table,
            watches: watches.as_mut(),
            roots,
            but: own,
            limits,
            deadline,
            began_ns,
            last_ns: *last_ns,
            progress,
            pace,
            #[cfg(test)]
            between: self.between,
            budget: Rc::default(),
            found: walk::Found::default(),
            passed: 0,
        };
        way(&mut walk);
        let found = walk.found;
        // Folders that cannot all be watched are looked through.
        self.watches.take_if(|watches| watches.is_exhausted());
        found
    }

    fn read_all(&mut self, mut changed: Vec<Changed>, patience: Patience) -> (Vec<Delta>, bool) {
        changed.sort_by_key(|changed| changed.size);
        let (mut deltas, mut is_whole) = (Vec::new(), true);
        for (at, Changed { path, before, .. }) in changed.into_iter().enumerate() {
            if !patience.is_over(at) {
                deltas.extend(self.read_one(&path, before));
            } else if let Some(now) = self.table.get(&path).cloned() {
                // It stays to be read, and every look says that it was not.
                (self.next, is_whole) = ((PathBuf::new(), false), false);
                if now.is_racy {
                    self.restless.insert(path.clone());
                }
                deltas.extend(delta(&path, before, Piece::Known(now)));
            }
        }
        (deltas, is_whole)
    }

    fn read_one(&mut self, path: &Path, before: Piece) -> Option<Delta> {
        let seen = look_at(path, self.file_bytes);
        let known = match &before {
            Piece::Known(known) => Some(known.clone()),
            Piece::Missing | Piece::Unknown => None,
        };
        let after = self.absorb(path, known.as_ref(), seen);
        delta(path, before, after)
    }

    /// Notes what was seen at a path. A content that was known is the same one.
    fn absorb(&mut self, path: &Path, known: Option<&Known>, seen: Found) -> Piece {
        let (stamp, body, is_racy) = match seen {
            Found::Missing => {
                self.table.set(path, None);
                return Piece::Missing;
            }
            Found::Unknown => {
                let now = self.table.get(path).cloned().map(|now| Known { content: Content::Unknown, ..now });
                self.table.set(path, now);
                return Piece::Unknown;
            }
            Found::Is { stamp, body, is_racy } => (stamp, body, is_racy),
        };
        let content = match body {
            Body::Folder => Content::Folder,
            Body::Link(target) => Content::Link(target.into_boxed_slice()),
            Body::Opaque(why) => Content::Opaque(why),
            Body::File(bytes) => {
                #[cfg(test)]
                {
                    self.read = (self.read.0 + 1, self.read.1 + bytes.len() as u64);
                }
                self.content(known, &bytes)
            }
        };
        let now = Known { stamp, content, is_racy };
        if now.is_restless() {
            self.restless.insert(path.to_owned());
        }
        self.table.set(path, Some(now.clone()));
        Piece::Known(now)
    }

    fn content(&self, known: Option<&Known>, bytes: &[u8]) -> Content {
        let is_same = known.is_some_and(|known| match &known.content {
            Content::Blob(name) => *name == oid(bytes),
            Content::Copied(at) => {
                known.stamp.size == bytes.len() as u64
                    && self.sources.copies.read(*at, known.stamp.size).is_some_and(|copy| copy == bytes)
            }
            Content::Folder | Content::Link(_) | Content::Opaque(_) | Content::Unknown => false,
        });
        match known {
            Some(known) if is_same => known.content.clone(),
            Some(_) | None => self.sources.copies.put(bytes).map_or(Content::Opaque(Opaque::NotRead), Content::Copied),
        }
    }

    /// Reads what no look has had the time to read.
    pub(crate) fn read_backlog(&mut self, patience: Patience) {
        let mut read = 0;
        while !patience.is_over(read) && self.has_backlog() {
            let Some((folder, names)) = self.table.unread_from(&self.next.0) else {
                // Small files first, and then the large ones; then what is left has no room.
                self.next = (PathBuf::new(), true);
                continue;
            };
            let Some(held) = walk::hold(&folder) else {
                self.next.0 = after(&folder);
                continue;
            };
            let is_late = self.next.1;
            let mut is_whole = true;
            for name in &names {
                let path = folder.join(name);
                let Some(known) = self.table.get(&path).cloned() else { continue };
                let is_late_one = known.stamp.size > SMALL_BYTES && known.stamp.size <= self.file_bytes;
                if (is_late_one && !is_late) || !self.sources.copies.has_room(known.stamp.size.min(self.file_bytes)) {
                    continue;
                }
                if read % READ_AT_ONCE == READ_AT_ONCE - 1 && patience.is_over(read) {
                    is_whole = false;
                    break;
                }
                read += 1;
                // What is another file by now, the next look tells.
                if let Found::Is { stamp, body, is_racy } = look(&held, Path::new(name), self.file_bytes)
                    && stamp == known.stamp
                {
                    let content = match body {
                        Body::File(bytes) => self.content(None, &bytes),
                        Body::Opaque(why) => Content::Opaque(why),
                        Body::Link(_) | Body::Folder => continue,
                    };
                    if is_racy || stamp.is_linked() {
                        self.restless.insert(path.clone());
                    }
                    self.table.set(&path, Some(Known { stamp, content, is_racy }));
                }
            }
            if is_whole {
                self.next.0 = after(&folder);
            }
        }
    }

    /// Files that git has checked out unchanged need not be read.
    fn take_from_git(&mut self, attributes: &[PathBuf], began_ns: i128) {
        let mut repositories: Vec<Repository> = Vec::new();
        for root in &self.roots {
            let known = repositories.iter().any(|each| root.starts_with(each.root()));
            let found = if known { None } else { Repository::of(root) };
            let above = |each: &Repository| {
                let above = root.ancestors().skip(1).take_while(|folder| folder.starts_with(each.root()));
                above.map(|folder| folder.join(".gitattributes")).any(|path| converts(&path))
            };
            repositories.extend(found.filter(|each| !above(each)));
        }
        if repositories.is_empty() || attributes.iter().any(|path| converts(path)) {
            return;
        }
        let mut blobs: Vec<Oid> = Vec::new();
        for repository in &repositories {
            let Some(mut index) = repository.index() else { continue };
            let root = repository.root().to_owned();
            self.table.change(|folders| {
                let mut at: Option<(Vec<u8>, Option<&mut super::table::Listing>)> = None;
                while let Some((path, entry)) = index.next() {
                    let cut = path.iter().rposition(|byte| *byte == b'/');
                    let (folder, name) = cut.map_or((&path[..0], path), |cut| (&path[..cut], &path[cut + 1..]));
                    if at.as_ref().is_none_or(|(last, _)| last != folder) {
                        let listing = folders.get_mut(&root.join(OsStr::from_bytes(folder)));
                        at = Some((folder.to_vec(), listing));
                    }
                    let Some((_, Some(listing))) = &mut at else { continue };
                    let name = OsStr::from_bytes(name);
                    if let Ok(place) = listing.entries.binary_search_by(|(each, _)| (**each).cmp(name))
                        && let Some((_, known)) = listing.entries.get_mut(place)
                        && known.is_unread()
                        && !known.stamp.is_racy(began_ns)
                        && known.stamp.is_of(&entry)
                    {
                        known.content = Content::Blob(entry.oid);
                        blobs.push(entry.oid);
                    }
                }
            });
        }
        blobs.sort_unstable();
        blobs.dedup();
        for repository in &repositories {
            blobs = repository.store().missing(&blobs);
        }
        if !blobs.is_empty() {
            self.table.change(|folders| {
                for (_, known) in folders.values_mut().flat_map(|listing| &mut listing.entries) {
                    if matches!(&known.content, Content::Blob(oid) if blobs.binary_search(oid).is_ok()) {
                        known.content = Content::Opaque(Opaque::NotRead);
                    }
                }
            });
        }
        if let Some(sources) = Arc::get_mut(&mut self.sources) {
            sources.repositories = repositories;
        }
    }

    /// What the rules above the roots are read from, and which folders the roots are.
    fn outline(&self) -> Vec<Option<(u64, u64, i64)>> {
        let read = self.roots.iter().flat_map(|root| rules::read_above(root));
        let stamps = self.roots.iter().cloned().chain(read).map(|path| {
            if path.ends_with(".git") && !rules::is_git(&path) {
                return None;
            }
            let stat = rustix::fs::stat(&path).ok()?;
            let is_folder = rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::Directory;
            // Folders change with what is in them.
            let changed = if is_folder {
                0
            } else {
                stat.st_ctime.wrapping_mul(1_000_000_000) + stat.st_ctime_nsec.cast_signed()
            };
            Some((stat.st_dev, stat.st_ino, changed))
        });
        stamps.collect()
    }

    /// Makes the last look believe that a file has the stamp that it has now, as if the clock had stood still since.
    #[cfg(test)]
    pub(super) fn stop_the_clock(&mut self, path: &Path, is_racy: bool) {
        if let Found::Is { stamp, .. } = look_at(path, 0)
            && let Some(known) = self.table.get(path).cloned()
        {
            self.table.set(path, Some(Known { stamp, is_racy, ..known }));
            self.restless.insert(path.to_owned());
        }
    }

    /// How many paths are known.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether the system tells what changes.
    #[cfg(test)]
    pub(super) fn is_told(&self) -> bool {
        self.watches.is_some()
    }
}

/// A change, unless the path is what it was.
fn delta(path: &Path, before: Piece, after: Piece) -> Option<Delta> {
    let is_same = match (&before, &after) {
        (Piece::Missing, Piece::Missing) => true,
        (Piece::Known(before), Piece::Known(after)) => before.is_same(after),
        (Piece::Missing | Piece::Unknown | Piece::Known(_), _) => false,
    };
    (!is_same).then(|| Delta { path: raw(path), before, after, is_shared: false })
}

/// The first path behind a folder's own, in the order of the table.
fn after(folder: &Path) -> PathBuf {
    let mut path = folder.as_os_str().to_owned();
    path.push("/\0");
    PathBuf::from(path)
}

/// The path without links, its last part included, as far as it exists.
pub(crate) fn real_path(path: &Path) -> Option<PathBuf> {
    let (above, real) = path.ancestors().find_map(|above| Some((above, std::fs::canonicalize(above).ok()?)))?;
    let rest = path.strip_prefix(above).ok()?;
    Some(if rest.as_os_str().is_empty() { real } else { real.join(rest) })
}

/// How old a leftover must be: no writer takes longer between making such a file and putting it in its place.
pub(crate) const LEFTOVER_AGE_NS: i128 = 60_000_000_000;

/// Removes what a run left behind that was killed while it wrote: only what is kept elsewhere, and only if no process can be
/// writing it any more.
pub(crate) fn sweep(leftovers: &[RawPath], objects: &Objects, age_ns: i128) {
    let mut eye = Eye { objects: None, file_bytes: objects.bounds().file_bytes };
    for path in leftovers {
        let sight = eye.path(path);
        let is_old = sight.stamp.as_ref().is_some_and(|stamp| !stamp.is_racy(now_ns() - age_ns));
        if let Fact::File { digest, .. } = &sight.fact
            && is_old
            && objects.has(digest)
        {
            // If it cannot be removed it stays, and no look tells of it.
            let path = Path::new(OsStr::from_bytes(path.bytes()));
            let _ = Folder::above(path, Links::Never).and_then(|(folder, name)| folder.remove(name));
        }
    }
}
