//! The changes of one thread: its workspace, the kept contents and the journal, together.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use quire_files::{Entry as InFolder, Folder, Kind, Links, limits};
use quire_state::{
    changes::{self, Change, Consent, Digest, Entry, Fact, History, Plan, RawPath, TurnDiff},
    key::{ThreadId, TurnId},
};
use quire_steering::Steering;

use super::{
    carry::{Done, Refusal, carry_out},
    examine::facts,
    journal::Journal,
    objects::{Bounds, Objects},
    workspace::{Kept, Limits, Seen, Workspace},
};
use crate::store::place;

/// A thread's changes.
#[derive(Debug)]
pub struct Undo {
    workspace: Workspace,
    objects: Objects,
    journal: Journal,
    history: History,
    steering: Steering,
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
fn home_folder(home: &Path) -> PathBuf {
    home.join("quire").join("undo")
}

impl Undo {
    /// Opens what is kept for a thread under the home folder (`$CODEX_HOME`), for tools that may write these roots.
    ///
    /// # Errors
    /// When the folder cannot be made or read. Tools can run without it; their changes cannot be undone then.
    pub fn open(home: &Path, thread: &ThreadId, roots: &[PathBuf]) -> io::Result<Self> {
        Self::open_within(home, thread, roots, Bounds::default(), Limits::default())
    }

    /// The same within other bounds.
    ///
    /// # Errors
    /// As for [`Undo::open`].
    pub fn open_within(
        home: &Path,
        thread: &ThreadId,
        roots: &[PathBuf],
        bounds: Bounds,
        limits: Limits,
    ) -> io::Result<Self> {
        let folder = home_folder(home).join(place::safe(thread));
        let objects = Objects::open(folder.join("objects"), bounds)?;
        let journal = Journal::at(folder.join("changes.jsonl"));
        let history = History::of(journal.read()?);
        let workspace = Workspace::new(roots, limits).without(&home_folder(home));
        Ok(Self { workspace, objects, journal, history, steering: Steering::default() })
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
        let seen = self.workspace.begin(&mut self.objects);
        self.note(turn, seen)
    }

    /// While a tool of this turn goes on in the background.
    ///
    /// # Errors
    /// When the changes cannot be written down.
    pub fn meanwhile(&mut self, turn: &TurnId) -> io::Result<Seen> {
        let seen = self.workspace.meanwhile(&mut self.objects);
        self.note(turn, seen)
    }

    /// After a tool of this turn has run: finds out what it changed. Every [`Undo::begin`] needs one.
    ///
    /// # Errors
    /// When the changes cannot be written down.
    pub fn end(&mut self, turn: &TurnId) -> io::Result<Seen> {
        let seen = self.workspace.end(&mut self.objects);
        self.note(turn, seen)
    }

    /// Keeps what is at these absolute paths, before a patch writes to them.
    pub fn keep(&mut self, paths: &[PathBuf]) -> Kept {
        self.workspace.keep(paths, &mut self.objects)
    }

    /// After the patch of this turn: what became of them.
    ///
    /// # Errors
    /// When the changes cannot be written down.
    pub fn patched(&mut self, turn: &TurnId, kept: Kept) -> io::Result<Seen> {
        let changes = self.workspace.changes_of(kept, &mut self.objects);
        self.note(turn, Seen { changes, gap: None })
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
        use std::os::unix::ffi::OsStrExt as _;
        let net = self.history.turn(turn).map(|turn| turn.net.changes()).unwrap_or_default();
        let base = RawPath::from(base.as_os_str().as_bytes().to_vec());
        changes::diff(&net, &base, &mut |digest| self.objects.read(digest).ok())
    }

    /// What would be taken back next, and what stands in the way. None if there is nothing.
    pub fn plan_undo(&self) -> Option<(TurnId, Plan)> {
        let turn = self.history.next_undo()?;
        Some((turn.turn.clone(), self.plan(&turn.net.changes())))
    }

    /// What would be brought back next, and what stands in the way. None if there is nothing.
    pub fn plan_redo(&self) -> Option<(TurnId, Plan)> {
        let (turn, changes) = self.history.next_redo()?;
        Some((turn.turn.clone(), self.plan(changes)))
    }

    /// Takes back the newest turn that stands, as it was planned. Files may be written beneath `roots`.
    ///
    /// # Errors
    /// When there is nothing to take back, the consent does not cover the plan, something has changed meanwhile, or the
    /// system refuses. Every file is as before then.
    pub fn undo(&mut self, planned: &(TurnId, Plan), consent: Consent, roots: &[PathBuf]) -> Result<Taken, Refusal> {
        let is_next = self.history.next_undo().is_some_and(|turn| turn.turn == planned.0);
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

    fn plan(&self, net: &[Change]) -> Plan {
        let now = facts(net.iter().map(|change| &change.path), self.objects.bounds().file_bytes);
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
        carry_out(steps, roots, &self.objects, &self.steering)
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
        let is_partial = seen.gap.is_some();
        let is_news = is_partial && !self.history.turn(turn).is_some_and(|turn| turn.is_partial);
        if !seen.changes.is_empty() || is_news {
            let entry = Entry::Changed { turn: turn.clone(), changes: seen.changes.clone(), is_partial };
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
