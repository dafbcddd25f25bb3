//! Looks at a workspace, and what differs between them.
//!
//! A look knows every file by its stamp and reads only those whose stamp is another one than at the look before, or that
//! changed so shortly before it that their stamp says nothing. What lies beneath a path that a look passed over is
//! not known to it; nobody concludes from that that it was not there.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use quire_files::{Folder, Links};
use quire_state::changes::{Change, Fact, Opaque, OpaqueFact, RawPath};

use super::{
    examine::{Eye, Sight, opaque},
    objects::Objects,
    stamp::{Stamp, now_ns},
    walk::Walk,
};

/// How long a later look goes on reading what the first one had no time for.
const BACKLOG_TIME: Duration = Duration::from_millis(150);

/// How much one look may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most files, folders and links.
    pub files: usize,
    /// Most bytes that are read.
    pub bytes: u64,
    /// How long it may take. A file that is being read is read to its end.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { files: 20_000, bytes: 256 * 1024 * 1024, time: Duration::from_secs(1) }
    }
}

/// Why a look is not complete.
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
        }
    }
}

/// What was seen of a workspace at one moment. Copies are cheap.
#[derive(Clone, Debug)]
pub struct Look {
    sights: Arc<BTreeMap<RawPath, Sight>>,
    skipped: Arc<BTreeSet<RawPath>>,
    began_ns: i128,
    /// Why it is not complete, if it is not.
    pub gap: Option<Gap>,
    /// Files that were read, and their bytes.
    pub read: (usize, u64),
}

impl Look {
    /// How many paths it knows.
    pub fn len(&self) -> usize {
        self.sights.len()
    }

    /// Whether it knows nothing.
    pub fn is_empty(&self) -> bool {
        self.sights.is_empty()
    }

    fn is_skipped(&self, path: &RawPath) -> bool {
        self.skipped.contains(path) || path.folders().any(|folder| self.skipped.contains(&folder))
    }
}

/// What a tool changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The changes since the look before.
    pub changes: Vec<Change>,
    /// Why there may be more.
    pub gap: Option<Gap>,
}

/// Paths as they were before a patch, with the missing folders above them.
#[derive(Clone, Debug)]
pub struct Kept {
    before: BTreeMap<RawPath, Fact>,
}

impl Kept {
    /// What was there.
    pub fn facts(&self) -> &BTreeMap<RawPath, Fact> {
        &self.before
    }
}

/// The folders that tools may write.
///
/// Looks form one chain, however many tools run at the same time: what differs between two of them is the tools' work
/// if any ran meanwhile, and somebody else's if none did.
#[derive(Debug)]
pub struct Workspace {
    roots: Vec<PathBuf>,
    /// Where the contents are kept: looking there would find more at every look.
    own: Option<PathBuf>,
    limits: Limits,
    last: Option<Look>,
    running: usize,
}

impl Workspace {
    /// The workspace beneath these folders. One that is not there, or lies in another, is not looked at itself.
    pub fn new(roots: &[PathBuf], limits: Limits) -> Self {
        let mut real: Vec<PathBuf> = roots.iter().filter_map(|root| std::fs::canonicalize(root).ok()).collect();
        real.sort();
        real.dedup();
        let all = real.clone();
        real.retain(|root| !all.iter().any(|other| other != root && root.starts_with(other)));
        Self { roots: real, own: None, limits, last: None, running: 0 }
    }

    /// The same without this folder, should it lie in the workspace.
    pub fn without(self, folder: &Path) -> Self {
        Self { own: std::fs::canonicalize(folder).ok(), ..self }
    }

    /// The folders, by their real paths.
    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// Before a tool runs. The changes are those of tools that run already.
    pub fn begin(&mut self, objects: &mut Objects) -> Seen {
        let seen = self.again(Backlog::Read, objects);
        self.running += 1;
        seen
    }

    /// While tools run. What differs while none does is somebody else's, and not told.
    pub fn meanwhile(&mut self, objects: &mut Objects) -> Seen {
        self.again(Backlog::Leave, objects)
    }

    /// After a tool has run.
    pub fn end(&mut self, objects: &mut Objects) -> Seen {
        let seen = self.meanwhile(objects);
        self.running = self.running.saturating_sub(1);
        seen
    }

    fn again(&mut self, backlog: Backlog, objects: &mut Objects) -> Seen {
        let before = self.last.take();
        let after = self.look(before.as_ref(), backlog, objects);
        let changes = before.filter(|_| self.running > 0).map(|before| compare(&before, &after)).unwrap_or_default();
        let gap = after.gap;
        self.last = Some(after);
        Seen { changes, gap }
    }

    /// The newest look, if there was one.
    pub fn last(&self) -> Option<&Look> {
        self.last.as_ref()
    }

    /// Makes the newest look believe that a file has the stamp that it has now, as if the clock had stood still since.
    #[cfg(test)]
    pub(super) fn stop_the_clock(&mut self, path: &RawPath, is_racy: bool) {
        let stamp = Eye { objects: None, file_bytes: 0 }.path(path).stamp;
        let last = self.last.as_mut().map(|last| Arc::make_mut(&mut last.sights));
        if let Some(sight) = last.and_then(|sights| sights.get_mut(path)) {
            (sight.stamp, sight.is_racy) = (stamp, is_racy);
        }
    }

    /// Keeps what is at these absolute paths, before a patch writes to them. They need not lie in the workspace.
    pub fn keep(&mut self, paths: &[PathBuf], objects: &mut Objects) -> Kept {
        let mut eye = Eye { file_bytes: objects.bounds().file_bytes, objects: Some(objects) };
        let mut before = BTreeMap::new();
        for path in paths.iter().filter_map(|path| real_path(path)) {
            let fact = eye.path(&path).fact;
            if fact == Fact::Missing {
                let above = path.folders().map(|folder| (eye.path(&folder).fact, folder));
                before.extend(above.take_while(|(fact, _)| *fact == Fact::Missing).map(|(fact, path)| (path, fact)));
            }
            before.insert(path, fact);
        }
        Kept { before }
    }

    /// What became of them. The next look does not tell of it again.
    pub fn changes_of(&mut self, kept: Kept, objects: &mut Objects) -> Vec<Change> {
        let mut eye = Eye { file_bytes: objects.bounds().file_bytes, objects: Some(objects) };
        let mut changes = Vec::new();
        for (path, before) in kept.before {
            let sight = eye.path(&path);
            // Where a command runs at the same time, what it did before the patch is told with it.
            let seen = self.last.as_ref().filter(|_| self.running > 0).and_then(|last| last.sights.get(&path));
            let before = seen.map_or(before, |seen| seen.fact.clone());
            if !before.is_same(&sight.fact) {
                changes.push(Change::new(path.clone(), before, sight.fact.clone()));
            }
            if let Some(last) = self.last.as_mut().filter(|last| !last.is_skipped(&path)) {
                let sights = Arc::make_mut(&mut last.sights);
                match sight.fact {
                    Fact::Missing => sights.remove(&path),
                    _ if self.roots.iter().any(|root| raw_starts_with(&path, root)) => sights.insert(path, sight),
                    _ => None,
                };
            }
        }
        changes
    }

    fn look(&self, before: Option<&Look>, backlog: Backlog, objects: &mut Objects) -> Look {
        let (began, began_ns) = (Instant::now(), now_ns());
        let walk = Walk::through(&self.roots, self.own.as_deref(), &self.limits, began + self.limits.time);
        sweep(&walk.leftovers, objects, LEFTOVER_AGE_NS);
        let mut reader = Reader {
            eye: Eye { file_bytes: objects.bounds().file_bytes, objects: Some(objects) },
            began_ns,
            bytes: self.limits.bytes,
            sights: BTreeMap::new(),
            read: (0, 0),
            gap: walk.gap,
        };
        let (mut changed, mut unread) = (Vec::new(), Vec::new());
        for (path, stamp) in walk.found {
            let known = before.and_then(|look| look.sights.get(&path));
            match known.filter(|sight| sight.stamp.as_ref() == Some(&stamp)) {
                Some(sight) if is_unread(sight) => unread.push((path, stamp)),
                Some(sight) if !sight.is_racy => drop(reader.sights.insert(path, sight.clone())),
                _ => changed.push((path, stamp)),
            }
        }
        reader.read_all(changed, Ok(began + self.limits.time));
        let later = match backlog {
            Backlog::Read => Ok(began + self.limits.time.min(BACKLOG_TIME)),
            Backlog::Leave => Err(before.and_then(|look| look.gap).unwrap_or(Gap::Time)),
        };
        reader.read_all(unread, later);
        let mut look = Look {
            sights: Arc::default(),
            skipped: Arc::new(walk.skipped),
            began_ns,
            gap: reader.gap,
            read: reader.read,
        };
        // What was known before and was passed over now is looked at by its name.
        for path in before.into_iter().flat_map(|look| look.sights.keys()) {
            if !reader.sights.contains_key(path) && look.is_skipped(path) {
                reader.read_one(path.clone());
            }
        }
        look.sights = Arc::new(reader.sights);
        look
    }
}

/// What becomes of the files that no look has had the time to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Backlog {
    /// Some of them are read: what they hold now is what a tool finds.
    Read,
    /// They stay. If a tool has changed them since, it is too late.
    Leave,
}

/// Reads within the limits of one look.
struct Reader<'o> {
    eye: Eye<'o>,
    began_ns: i128,
    /// Bytes that may still be read.
    bytes: u64,
    sights: BTreeMap<RawPath, Sight>,
    read: (usize, u64),
    gap: Option<Gap>,
}

impl Reader<'_> {
    /// Reads files until the deadline, or none of them for this reason; the small ones first, because there are more.
    fn read_all(&mut self, mut files: Vec<(RawPath, Stamp)>, deadline: Result<Instant, Gap>) {
        files.sort_by_key(|(_, stamp)| stamp.size);
        for (path, stamp) in files {
            let size = stamp.size.min(self.eye.file_bytes);
            let gap = match deadline {
                Ok(deadline) if Instant::now() < deadline => (size > self.bytes).then_some(Gap::Bytes),
                Ok(_) => Some(Gap::Time),
                Err(gap) => Some(gap),
            };
            match gap {
                None => {
                    self.bytes -= size;
                    self.read_one(path);
                }
                Some(gap) => {
                    self.gap.get_or_insert(gap);
                    let is_racy = stamp.is_racy(self.began_ns);
                    let fact = opaque(Opaque::NotRead, &stamp);
                    self.sights.insert(path, Sight { fact, stamp: Some(stamp), is_racy });
                }
            }
        }
    }

    fn read_one(&mut self, path: RawPath) {
        let sight = self.eye.path(&path);
        if let Fact::File { size, .. } = &sight.fact {
            self.read = (self.read.0 + 1, self.read.1 + size);
        }
        if sight.fact != Fact::Missing {
            self.sights.insert(path, sight);
        }
    }
}

/// Whether no look has read it yet.
fn is_unread(sight: &Sight) -> bool {
    matches!(sight.fact, Fact::Opaque(OpaqueFact { why: Opaque::NotRead, .. }))
}

/// What differs between two looks.
fn compare(before: &Look, after: &Look) -> Vec<Change> {
    let mut changes = Vec::new();
    for (path, old) in before.sights.iter() {
        match after.sights.get(path) {
            Some(new) if !is_same(old, new) => {
                changes.push(Change::new(path.clone(), old.fact.clone(), new.fact.clone()));
            }
            Some(_) => {}
            None => changes.push(Change::new(path.clone(), old.fact.clone(), Fact::Missing)),
        }
    }
    for (path, new) in after.sights.iter().filter(|(path, _)| !before.sights.contains_key(*path)) {
        let fact = match before.is_skipped(path) {
            false => Fact::Missing,
            // It may have been there. If nothing has touched it since, then it was.
            true if new.stamp.as_ref().is_some_and(|stamp| !stamp.is_racy(before.began_ns)) => continue,
            true => Fact::Unknown,
        };
        changes.push(Change::new(path.clone(), fact, new.fact.clone()));
    }
    changes.sort_by(|one, two| one.path.cmp(&two.path));
    changes
}

fn is_same(old: &Sight, new: &Sight) -> bool {
    let has_content = |sight: &Sight| matches!(sight.fact, Fact::File { .. });
    let is_same_stamp = old.stamp.is_some() && old.stamp == new.stamp;
    // A racy stamp says nothing if both contents are known; else there is nothing better.
    (is_same_stamp && !(old.is_racy && has_content(old) && has_content(new))) || old.fact.is_same(&new.fact)
}

/// The path without links, its last part included, as far as it exists.
fn real_path(path: &Path) -> Option<RawPath> {
    let (above, real) = path.ancestors().find_map(|above| Some((above, std::fs::canonicalize(above).ok()?)))?;
    let rest = path.strip_prefix(above).ok()?;
    let path = if rest.as_os_str().is_empty() { real } else { real.join(rest) };
    Some(RawPath::from(path.as_os_str().as_bytes().to_vec()))
}

fn raw_starts_with(path: &RawPath, root: &Path) -> bool {
    Path::new(OsStr::from_bytes(path.bytes())).starts_with(root)
}

/// How old a leftover must be: no writer takes longer between making such a file and putting it in its place.
const LEFTOVER_AGE_NS: i128 = 60_000_000_000;

/// Removes what a run left behind that was killed while it wrote: only what is kept elsewhere, and only if nobody can be
/// writing it any more.
pub(super) fn sweep(leftovers: &[RawPath], objects: &Objects, age_ns: i128) {
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
