//! The changes of one thread: its workspace, the kept contents and the journal, together.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    io::{self, ErrorKind},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use quire_files::{Entry as InFolder, Folder, Kind, Links, limits};
use quire_state::{
    changes::{self, Change, Consent, Digest, Entry, Fact, History, Net, Plan, RawPath, TurnChanges, TurnDiff},
    key::{ThreadId, TurnId},
    limits::{TALLIED_TURNS, TOLD_PATHS},
    msg::{Tally, TurnTally},
};
use quire_steering::Steering;

use super::{
    carry::{Done, Refusal, carry_out},
    examine::{Eye, facts},
    journal::Journal,
    objects::{Bounds, Objects},
    observer::Observer,
    sources::Delta,
    table::raw,
    workspace::{self, Gap, Looked},
};
use crate::store::place;

/// A thread's changes.
#[derive(Debug)]
pub struct Undo {
    thread: ThreadId,
    observer: Observer,
    objects: Objects,
    journal: Journal,
    history: History,
    steering: Steering,
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
    /// What commands that run at the same time had done to them before.
    earlier: Vec<Change>,
}

/// What taking back or bringing back came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The turn.
    pub turn: TurnId,
    /// What was done to the files.
    pub done: Done,
}

/// The folder of all threads.
pub(crate) fn home_folder(home: &Path) -> PathBuf {
    home.join("quire").join("undo")
}

impl Undo {
    /// Opens what is kept for a thread under the home folder (`$CODEX_HOME`), for tools that may write what is observed.
    ///
    /// # Errors
    /// When the folder cannot be made or read. Tools can run without it; their changes cannot be undone then.
    pub(crate) fn open(home: &Path, thread: &ThreadId, observer: Observer, bounds: Bounds) -> io::Result<Self> {
        let folder = home_folder(home).join(place::safe(thread));
        let objects = Objects::open(folder.join("objects"), bounds)?;
        let journal = Journal::at(folder.join("changes.jsonl"));
        let history = History::of(journal.read()?);
        Ok(Self { thread: thread.clone(), observer, objects, journal, history, steering: Steering::default() })
    }

    /// The same, asking this one what steers a later start.
    #[must_use]
    pub fn steered_by(self, steering: Steering) -> Self {
        Self { steering, ..self }
    }

    /// Before a tool of this turn runs: keeps what it might change.
    ///
    /// # Errors
    /// When what other tools did meanwhile cannot be written down. The tool may run all the same.
    pub fn begin(&mut self, turn: &TurnId) -> io::Result<Seen> {
        let looked = self.observer.begin(&self.thread);
        let early = u64::from(looked.gap == Some(Gap::Early));
        if early > 0 {
            let entry = Entry::Changed { turn: turn.clone(), changes: Vec::new(), is_partial: false, early };
            self.history.add(entry.clone());
            self.journal.append(&entry)?;
        }
        self.looked(turn, looked)
    }

    /// While a tool of this turn goes on in the background.
    ///
    /// # Errors
    /// When the changes cannot be written down.
    pub fn meanwhile(&mut self, turn: &TurnId) -> io::Result<Seen> {
        let looked = self.observer.meanwhile(&self.thread);
        self.looked(turn, looked)
    }

    /// After a tool of this turn has run: finds out what it changed. Every [`Undo::begin`] needs one.
    ///
    /// # Errors
    /// When the changes cannot be written down.
    pub fn end(&mut self, turn: &TurnId) -> io::Result<Seen> {
        let looked = self.observer.end(&self.thread);
        self.looked(turn, looked)
    }

    /// Keeps what is at these absolute paths, before a patch writes to them. They need not lie in the workspace.
    pub fn keep(&mut self, paths: &[PathBuf]) -> Kept {
        let paths: Vec<PathBuf> = paths.iter().filter_map(|path| workspace::real_path(path)).collect();
        let earlier = self.observer.look_at(&self.thread, &paths);
        let earlier = self.changes(earlier);
        let mut eye = Eye { file_bytes: self.objects.bounds().file_bytes, objects: Some(&mut self.objects) };
        let mut before = BTreeMap::new();
        for path in paths.iter().map(|path| raw(path)) {
            let fact = eye.path(&path).fact;
            if fact == Fact::Missing {
                let above = path.folders().map(|folder| (eye.path(&folder).fact, folder));
                before.extend(above.take_while(|(fact, _)| *fact == Fact::Missing).map(|(fact, path)| (path, fact)));
            }
            before.insert(path, fact);
        }
        Kept { before, earlier }
    }

    /// After the patch of this turn: what became of them.
    ///
    /// # Errors
    /// When the changes cannot be written down.
    pub fn patched(&mut self, turn: &TurnId, kept: Kept) -> io::Result<Seen> {
        let mut changes = kept.earlier;
        self.settle(kept.before.keys());
        let mut eye = Eye { file_bytes: self.objects.bounds().file_bytes, objects: Some(&mut self.objects) };
        for (path, before) in kept.before {
            let after = eye.path(&path).fact;
            if !before.is_same(&after) {
                changes.push(Change::new(path, before, after));
            }
        }
        self.note(turn, Seen { changes, gap: None })
    }

    /// What Quire itself has done to these paths is no tool's work.
    fn settle<'p>(&self, paths: impl Iterator<Item = &'p RawPath>) {
        let path = |path: &RawPath| PathBuf::from(OsStr::from_bytes(path.bytes()));
        self.observer.settle(&paths.map(path).collect::<Vec<_>>());
    }

    fn looked(&mut self, turn: &TurnId, looked: Looked) -> io::Result<Seen> {
        let changes = self.changes(looked.deltas);
        workspace::sweep(&looked.leftovers, &self.objects, workspace::LEFTOVER_AGE_NS);
        self.note(turn, Seen { changes, gap: looked.gap })
    }

    /// What was seen, with its contents kept for good.
    fn changes(&mut self, deltas: Vec<Delta>) -> Vec<Change> {
        let Some(sources) = self.observer.sources() else { return Vec::new() };
        let mut changes: Vec<Change> = Vec::with_capacity(deltas.len());
        for Delta { path, before, after, is_shared } in deltas {
            let before = sources.fact(&before, &mut self.objects);
            let after = sources.fact(&after, &mut self.objects);
            changes.push(Change { is_mixed: is_shared, ..Change::new(path, before, after) });
        }
        changes.sort_by(|one, other| one.path.cmp(&other.path));
        changes
    }

    /// All turns that changed files.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The kept contents.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// What a turn comes to, told from the folder `base`.
    pub fn diff(&self, turn: &TurnId, base: &Path) -> TurnDiff {
        let net = self.history.turn(turn).map(|turn| turn.net.changes()).unwrap_or_default();
        let base = raw(base);
        changes::diff(&net, &base, &mut |digest| self.objects.read(digest).ok())
    }

    /// What would be taken back next of these turns, or of all where none are named, and what stands in the way. None if there
    /// is nothing.
    pub fn plan_undo(&self, of: &[TurnId]) -> Option<(TurnId, Plan)> {
        let turn = self.history.next_undo(of)?;
        Some((turn.turn.clone(), self.plan(&turn.net.changes())))
    }

    /// What would be brought back next, and what stands in the way. None if there is nothing.
    pub fn plan_redo(&self) -> Option<(TurnId, Plan)> {
        let (turn, changes) = self.history.next_redo()?;
        Some((turn.turn.clone(), self.plan(changes)))
    }

    /// Takes back a turn that stands, as it was planned. Files may be written beneath `roots`.
    ///
    /// # Errors
    /// When there is nothing to take back, the consent does not cover the plan, something has changed meanwhile, or the
    /// system refuses. Every file is as before then.
    pub fn undo(&mut self, planned: &(TurnId, Plan), consent: Consent, roots: &[PathBuf]) -> Result<Taken, Refusal> {
        let of = std::slice::from_ref(&planned.0);
        let is_next = self.history.next_undo(of).is_some();
        let done = self.carry(planned, is_next, consent, roots)?;
        self.write_down(Entry::Undone { turn: planned.0.clone(), changes: done.changes.clone() }, done)
    }

    /// Brings back the turn that was taken back last, as it was planned.
    ///
    /// # Errors
    /// As for [`Undo::undo`].
    pub fn redo(&mut self, planned: &(TurnId, Plan), consent: Consent, roots: &[PathBuf]) -> Result<Taken, Refusal> {
        let is_next = self.history.next_redo().is_some_and(|(turn, _)| turn.turn == planned.0);
        let done = self.carry(planned, is_next, consent, roots)?;
        self.write_down(Entry::Redone { turn: planned.0.clone() }, done)
    }

    /// Removes the contents that no turn speaks of. For the end of a session: the next one looks again.
    pub fn close(mut self) {
        let turns = self.history.turns.iter();
        let undone = turns.clone().filter_map(|turn| match &turn.status {
            changes::Status::Undone(changes) => Some(changes.clone()),
            changes::Status::Done => None,
        });
        let all = turns.map(|turn| turn.net.changes()).chain(undone).flatten();
        let wanted = all.flat_map(|change| [change.before, change.after]).filter_map(content).collect();
        self.objects.retain(&wanted);
    }

    /// What going back to before each turn that stands would take back, of the newest ones.
    pub fn tally(&self) -> Vec<TurnTally> {
        let standing: Vec<&TurnChanges> = self.history.standing().rev().take(TALLIED_TURNS).collect();
        let nets: Vec<Vec<Change>> = standing.iter().map(|turn| turn.net.changes()).collect();
        let now = facts(nets.iter().flatten().map(|change| &change.path), self.objects.bounds().file_bytes);
        let (mut all, mut paths) = (Tally::default(), BTreeSet::new());
        let mut tallies = Vec::with_capacity(standing.len());
        for (at, turn) in standing.iter().enumerate() {
            let diff = self.diff(&turn.turn, Path::new("/"));
            let files: BTreeSet<RawPath> = diff.files.iter().map(|file| file.path.clone()).collect();
            let (added, removed) = (diff.added_lines as u64, diff.removed_lines as u64);
            let own = Tally { files: files.len() as u64, added, removed };
            paths.extend(files);
            all = Tally { files: paths.len() as u64, added: all.added + own.added, removed: all.removed + own.removed };
            let together = Net::of(nets[..=at].iter().rev().flatten().cloned()).changes();
            let mut kept = self.plan_from(&together, &now).conflicts;
            kept.truncate(TOLD_PATHS);
            tallies.push(TurnTally { turn: turn.turn.clone(), own, all, kept });
        }
        tallies.reverse();
        tallies
    }

    fn plan(&self, net: &[Change]) -> Plan {
        self.plan_from(net, &facts(net.iter().map(|change| &change.path), self.objects.bounds().file_bytes))
    }

    fn plan_from(&self, net: &[Change], now: &BTreeMap<RawPath, Fact>) -> Plan {
        let kept: BTreeSet<Digest> = net
            .iter()
            .flat_map(|change| [&change.before, &change.after])
            .filter_map(|fact| content(fact.clone()))
            .filter(|digest| self.objects.has(digest))
            .collect();
        // A copy that was kept may be gone since, and one that was not may have been kept later.
        let mut net = net.to_vec();
        for fact in net.iter_mut().flat_map(|change| [&mut change.before, &mut change.after]) {
            if let Fact::File { digest, is_kept, .. } = fact {
                *is_kept = kept.contains(digest);
            }
        }
        changes::take_back(&net, |path| now.get(path).cloned().unwrap_or(Fact::Unknown))
    }

    fn carry(
        &mut self,
        planned: &(TurnId, Plan),
        is_next: bool,
        consent: Consent,
        roots: &[PathBuf],
    ) -> Result<Done, Refusal> {
        if !is_next {
            return Err(Refusal::of(None, "this turn is not the next one to be taken back or brought back"));
        }
        let Some(steps) = planned.1.steps(consent) else {
            let first = planned.1.conflicts.first();
            let reason = first.map_or("there are conflicts", |conflict| conflict.obstacle.reason());
            return Err(Refusal::of(first.map(|conflict| conflict.path.clone()), reason));
        };
        let done = carry_out(steps, roots, &self.objects, &self.steering)?;
        self.settle(done.changes.iter().map(|change| &change.path));
        Ok(done)
    }

    /// The files are as wanted, so a journal that cannot be written is told, and nothing else.
    fn write_down(&mut self, entry: Entry, mut done: Done) -> Result<Taken, Refusal> {
        let turn = match &entry {
            Entry::Changed { turn, .. } | Entry::Undone { turn, .. } | Entry::Redone { turn } => turn.clone(),
        };
        done.is_forgotten = self.journal.append(&entry).is_err();
        self.history.add(entry);
        Ok(Taken { turn, done })
    }

    fn note(&mut self, turn: &TurnId, seen: Seen) -> io::Result<Seen> {
        // What a command did that ran too early is told by their number.
        let is_partial = seen.gap.is_some_and(|gap| gap != Gap::Early);
        let is_news = is_partial && !self.history.turn(turn).is_some_and(|turn| turn.is_partial);
        if !seen.changes.is_empty() || is_news {
            let entry = Entry::Changed { turn: turn.clone(), changes: seen.changes.clone(), is_partial, early: 0 };
            // What cannot be written down can still be taken back as long as this run lasts.
            self.history.add(entry.clone());
            self.journal.append(&entry)?;
        }
        Ok(seen)
    }
}

fn content(fact: Fact) -> Option<Digest> {
    match fact {
        Fact::File { digest, .. } => Some(digest),
        Fact::Missing | Fact::Link { .. } | Fact::Folder { .. } | Fact::Opaque(_) | Fact::Unknown => None,
    }
}

/// Removes what is kept for threads, the longest unused first, until all of it fits within `total_bytes`. The thread
/// `current` is left alone.
///
/// # Errors
/// When the folder of all threads cannot be read.
pub fn prune(home: &Path, current: &ThreadId, total_bytes: u64) -> io::Result<()> {
    let all = match Folder::open(&home_folder(home), Links::Follow) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        all => all?,
    };
    let mut threads: Vec<(i64, u64, OsString)> = Vec::new();
    for entry in all.entries()?.take(limits::SESSIONS) {
        let InFolder { name, kind: Kind::Folder } = entry? else { continue };
        let folder = all.folder(&name)?;
        let (mut used, mut bytes) = (0, 0);
        for file in ["changes.jsonl", "objects"] {
            if let Ok(Some(facts)) = folder.look(file) {
                used = used.max(facts.modified_ns);
            }
        }
        if let Ok(objects) = folder.folder("objects")
            && let Ok(entries) = objects.entries()
        {
            let size = |name| objects.look(name).ok().flatten().map_or(0, |facts| facts.size);
            bytes = entries.flatten().take(limits::SESSIONS).map(|object| size(object.name)).sum();
        }
        threads.push((used, bytes, name));
    }
    threads.sort();
    let mut total: u64 = threads.iter().map(|(_, bytes, _)| bytes).sum();
    for (_, bytes, name) in threads {
        if total <= total_bytes {
            break;
        }
        if name != place::safe(current).as_str() && all.remove_all(&name).is_ok() {
            total -= bytes;
        }
    }
    Ok(())
}
