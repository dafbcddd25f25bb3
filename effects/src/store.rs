//! The session store: rollout files, the prompt history and the index of both.
//!
//! The JSONL files are the truth, in the format of the Codex CLI. Everything here blocks and is called on one thread
//! of the runner's; nothing decides, retries or holds back records. Opening does no I/O. The index is touched
//! only by [`Store::tidy`] and [`list`], outside the way of a turn. An ephemeral session never comes here.

mod commands;
mod decode;
mod encode;
mod find;
mod index;
mod lines;
mod list;
mod lock;
mod odd;
pub(crate) mod place;
mod read;
mod recall;
pub(crate) mod rewrite;
mod said;
mod scan;
mod shelve;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use quire_state::{
    config::ConfigEdit,
    fault::{Fault, FaultKind},
    key::ThreadId,
    msg::{StoreReport, StoredThread},
    rollout::{self, RolloutItem, RolloutLine},
    trust,
};

use crate::{runner::Reporter, secrets::Secrets};
use index::Index;
use lock::{Refusal, ThreadLock};
use scan::{Found, Stat};
use writer::Writer;

pub use list::{ListFilter, ThreadSummary, list};
pub use odd::odd;
pub use recall::recall;
pub(crate) use said::Search;

/// The store of one process. Each rollout has a lock of its own: no thread waits for another one's disk.
#[derive(Debug)]
pub struct Store {
    home: PathBuf,
    rollouts: Mutex<BTreeMap<ThreadId, Arc<Mutex<Rollout>>>>,
    index: Mutex<Option<Index>>,
    /// What no file holds.
    secrets: Secrets,
    /// Threads whose summary has changed since the last [`Store::tidy`].
    changed: Mutex<BTreeSet<ThreadId>>,
}

/// Where a stored session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its thread.
    pub thread: ThreadId,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// Whether it was put away.
    pub is_archived: bool,
}

/// The file of one thread.
#[derive(Debug, Default)]
struct Rollout {
    lock: Option<ThreadLock>,
    writer: Option<Writer>,
}

/// The store under this home folder (`$CODEX_HOME`). Touches nothing until it is asked to.
pub fn open(home: PathBuf) -> Store {
    let (rollouts, index, secrets, changed) = Default::default();
    Store { home, rollouts, index, secrets, changed }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// The same store, which writes none of these.
    #[must_use]
    pub fn without(self, secrets: Secrets) -> Self {
        Self { secrets, ..self }
    }

    /// Writes the records to the thread's file, one line each, all or none; on disk before it returns when `durable`.
    /// A batch that failed can be sent again as it was.
    ///
    /// `path` is the file of a resumed thread; else the batch that begins the session names it by its meta. One
    /// process writes a thread; another gets a failure of kind `Storage` that names it.
    pub fn append(
        &self,
        thread: &ThreadId,
        path: Option<&str>,
        records: &[RolloutLine],
        durable: bool,
    ) -> Result<StoreReport, Fault> {
        if records.is_empty() {
            return Ok(StoreReport::Appended);
        }
        let rollout = self.rollout(thread);
        let mut rollout = held(&rollout);
        if rollout.lock.is_none() {
            rollout.lock = Some(ThreadLock::take(&self.home, thread).map_err(|refusal| refusal.fault(thread))?);
        }
        let writer = match &mut rollout.writer {
            Some(writer) => writer,
            none => {
                let known = path.map(PathBuf::from).or_else(|| begun_path(&self.home, records));
                let path = known.or_else(|| find::by_id(&self.home, thread)).ok_or_else(|| unnamed(thread))?;
                none.insert(Writer::new(path))
            }
        };
        writer.append(records, durable, &self.secrets)?;
        // A session whose first turn still runs is found by its file; the index can wait for the turn's end.
        if records.iter().any(|stamped| ends_turn(&stamped.item)) {
            held(&self.changed).insert(thread.clone());
        }
        Ok(StoreReport::Appended)
    }

    /// Reads the stored thread that `target` names: an id or the unique beginning of one, a name, a path, or nothing
    /// for the newest (of the folder `cwd`, if given). It is this process's to write from now on.
    pub fn load(&self, target: &str, cwd: Option<&str>) -> Result<StoreReport, Fault> {
        let path = find::find(&self.home, target, cwd)?;
        if let Some(thread) = place::thread_of(&path) {
            let rollout = self.rollout(&thread);
            let mut rollout = held(&rollout);
            if rollout.lock.is_none() {
                match ThreadLock::take(&self.home, &thread) {
                    Ok(lock) => rollout.lock = Some(lock),
                    Err(refusal @ Refusal::Busy(_)) => return Err(refusal.fault(&thread)),
                    // Where nothing can be written a session can still be read; the first append will say so.
                    Err(Refusal::Failed(..)) => {}
                }
            }
        }
        self.stored(&path)
    }

    /// The same, without the right to write it: others may.
    pub fn read(&self, target: &str, cwd: Option<&str>) -> Result<StoreReport, Fault> {
        self.stored(&find::find(&self.home, target, cwd)?)
    }

    /// The stored threads of a folder, or of any, the last changed first.
    pub fn listed(&self, cwd: Option<String>, limit: usize, is_archived: bool) -> Result<StoreReport, Fault> {
        let all = list(&self.home, &ListFilter { cwd, limit, is_archived })?;
        Ok(StoreReport::Listed(all.into_iter().map(StoredThread::from).collect()))
    }

    /// Looks for words in what was said in stored threads, as long as that is current; each hit is told when it is found.
    pub(crate) fn searched(&self, search: &Search<'_>, reporter: &Reporter<'_>) -> StoreReport {
        search.run(&self.home, reporter.is_current, |thread, line| {
            let hit = (thread.clone(), self.secrets.clean(&line).into_owned());
            (reporter.tell)(StoreReport::Searched { hits: vec![hit], is_done: false });
        });
        StoreReport::Searched { hits: Vec::new(), is_done: true }
    }

    /// What was said last in a stored thread.
    pub(crate) fn told(&self, thread: &ThreadId) -> Result<StoreReport, Fault> {
        let mut said = said::last(&self.home, thread)?;
        for message in &mut said {
            message.text = self.secrets.clean(&message.text).into_owned();
        }
        Ok(StoreReport::Told(said))
    }

    /// Which stored session is meant by an id or the unique beginning of one, a name or a path, and where it is.
    ///
    /// # Errors
    /// A fault of kind `Missing` when there is none, with those that are nearest.
    pub fn place(&self, target: &str) -> Result<Place, Fault> {
        let unnamed = || {
            Fault::new(FaultKind::Missing, format!("{target:?} names no session."))
                .with_hint("Give its id, the beginning of it, or its name.")
        };
        let path = (!target.is_empty()).then(|| find::find(&self.home, target, None)).ok_or_else(unnamed)??;
        let thread = place::thread_of(&path).ok_or_else(unnamed)?;
        let name = find::names(&self.home).into_iter().find_map(|(named, name)| (named == thread).then_some(name));
        Ok(Place { is_archived: path.starts_with(place::archived(&self.home)), thread, name })
    }

    /// The file of a thread, which is there once something was written.
    pub(crate) fn located(&self, thread: &ThreadId) -> Result<StoreReport, Fault> {
        let open = held(&self.rollout(thread)).writer.as_ref().map(|writer| writer.path().to_owned());
        let path = open.or_else(|| find::by_id(&self.home, thread));
        let path = path.ok_or_else(|| {
            Fault::new(FaultKind::Missing, "Nothing of this session is stored yet.")
                .with_hint("It is with the first message.")
        })?;
        Ok(StoreReport::Located { path: path.to_string_lossy().into_owned() })
    }

    fn stored(&self, path: &Path) -> Result<StoreReport, Fault> {
        let stored = read::read(&self.home, path)?;
        let path = path.to_string_lossy().into_owned();
        let read::Stored { records, skipped, left_out } = stored;
        let name = find::name(&self.home, &records);
        Ok(StoreReport::Loaded { path, name, records, skipped, left_out })
    }

    /// Adds a submission to the prompt history.
    pub fn remember(&self, thread: &ThreadId, text: &str, ts: i64) -> Result<StoreReport, Fault> {
        recall::remember(&self.home, thread, &self.secrets.clean(text), ts)?;
        Ok(StoreReport::Appended)
    }

    /// Writes down the name of a thread, where the Codex CLI looks for it.
    pub fn rename(&self, thread: &ThreadId, name: &str, unix_ms: i64) -> Result<StoreReport, Fault> {
        find::rename(&self.home, thread, &self.secrets.clean(name), unix_ms)?;
        Ok(StoreReport::Appended)
    }

    /// Puts a session away, or takes it back. No program may be writing it.
    pub fn archive(&self, thread: &ThreadId, is_back: bool) -> Result<StoreReport, Fault> {
        self.alone(thread, || shelve::archive(&self.home, thread, is_back))
    }

    /// Deletes a session. No program may be writing it.
    pub fn delete(&self, thread: &ThreadId) -> Result<StoreReport, Fault> {
        self.alone(thread, || shelve::delete(&self.home, thread))
    }

    /// Does something with the file of a session that no program writes.
    fn alone(&self, thread: &ThreadId, work: impl FnOnce() -> Result<(), Fault>) -> Result<StoreReport, Fault> {
        // The fold asks for it only where the thread is not open here.
        self.close(thread);
        let _lock = ThreadLock::take(&self.home, thread).map_err(|refusal| refusal.fault(thread))?;
        work()?;
        Ok(StoreReport::Appended)
    }

    /// Appends a rule to the user's rules file.
    pub fn keep_rule(&self, rule: &str) -> Result<StoreReport, Fault> {
        crate::rules::append(&self.home, rule)?;
        Ok(StoreReport::Appended)
    }

    /// Writes single keys into the user's configuration file, or into a profile's own.
    pub fn save_config(&self, profile: Option<&str>, edits: &[ConfigEdit]) -> Result<StoreReport, Fault> {
        let path = crate::config::save(&self.home, profile, edits)?;
        Ok(StoreReport::Saved { path })
    }

    /// Writes down what is trusted of a folder.
    pub fn keep_trust(&self, record: &trust::TrustRecord) -> Result<StoreReport, Fault> {
        crate::trust::write(&self.home, record)?;
        Ok(StoreReport::Appended)
    }

    /// Brings the index up to date with what was appended. For a quiet moment, after the reports are out; a failure
    /// costs nothing but reading the files again.
    pub fn tidy(&self) {
        let changed = std::mem::take(&mut *held(&self.changed));
        let paths = changed.into_iter().filter_map(|thread| {
            let path = held(&self.rollout(&thread)).writer.as_ref()?.path().to_owned();
            let stat = Stat::of(&path).ok()?;
            Some((stat, scan::summary(&Found { thread, path }, stat)?))
        });
        let summaries: Vec<_> = paths.collect();
        if summaries.is_empty() {
            return;
        }
        let mut index = held(&self.index);
        if index.is_none() {
            *index = Index::open(&self.home);
        }
        if let Some(index) = &mut *index {
            index.put(&summaries);
        }
    }

    fn rollout(&self, thread: &ThreadId) -> Arc<Mutex<Rollout>> {
        Arc::clone(held(&self.rollouts).entry(thread.clone()).or_default())
    }

    /// Ends the work on a thread: its file is closed and others may write it. Nothing was held back, so nothing is
    /// written.
    pub fn close(&self, thread: &ThreadId) {
        held(&self.rollouts).remove(thread);
    }

    /// Ends the work on all threads. For the end of a process that does not drop the store: the locks end with it
    /// anyway, but their files would stay behind.
    pub fn shut(&self) {
        held(&self.rollouts).clear();
    }
}

fn begun_path(home: &Path, records: &[RolloutLine]) -> Option<PathBuf> {
    rollout::meta(records).map(|meta| place::rollout(home, &meta.id, meta.started_unix_ms))
}

fn ends_turn(record: &RolloutItem) -> bool {
    matches!(record, RolloutItem::TurnCompleted { .. } | RolloutItem::TurnAborted { .. })
}

fn unnamed(thread: &ThreadId) -> Fault {
    Fault::new(FaultKind::Storage, format!("Session {} has no file to resume.", thread.0))
        .with_hint("Start a new session to have the next turns saved.")
}
