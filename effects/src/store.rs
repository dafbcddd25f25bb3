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
mod scan;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use quire_state::{
    fault::{Fault, FaultKind},
    key::ThreadId,
    msg::StoreReport,
    rollout::{RolloutItem, RolloutLine},
    trust,
};

use crate::secrets::Secrets;
use index::Index;
use lock::{Refusal, ThreadLock};
use scan::{Found, Stat};
use writer::Writer;

pub use list::{ListFilter, ThreadSummary, list};
pub use odd::odd;
pub use recall::recall;

/// The store of one process.
#[derive(Debug)]
pub struct Store {
    home: PathBuf,
    writers: BTreeMap<ThreadId, Writer>,
    locks: BTreeMap<ThreadId, ThreadLock>,
    index: Option<Index>,
    /// What no file holds.
    secrets: Secrets,
    /// Threads whose summary has changed since the last [`Store::tidy`].
    changed: BTreeSet<ThreadId>,
}

/// The store under this home folder (`$CODEX_HOME`). Touches nothing until it is asked to.
pub fn open(home: PathBuf) -> Store {
    Store {
        secrets: Secrets::default(),
        home,
        writers: BTreeMap::new(),
        locks: BTreeMap::new(),
        index: None,
        changed: BTreeSet::new(),
    }
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
        &mut self,
        thread: &ThreadId,
        path: Option<&str>,
        records: &[RolloutLine],
        durable: bool,
    ) -> Result<StoreReport, Fault> {
        if records.is_empty() {
            return Ok(StoreReport::Appended);
        }
        if !self.locks.contains_key(thread) {
            let lock = ThreadLock::take(&self.home, thread).map_err(|refusal| refusal.fault(thread))?;
            self.locks.insert(thread.clone(), lock);
        }
        let writer = match self.writers.entry(thread.clone()) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let known = path.map(PathBuf::from).or_else(|| begun_path(&self.home, records));
                let path = known.or_else(|| find::by_id(&self.home, thread)).ok_or_else(|| unnamed(thread))?;
                entry.insert(Writer::new(path))
            }
        };
        writer.append(records, durable, &self.secrets)?;
        // A session whose first turn still runs is found by its file; the index can wait for the turn's end.
        if records.iter().any(|stamped| ends_turn(&stamped.item)) {
            self.changed.insert(thread.clone());
        }
        Ok(StoreReport::Appended)
    }

    /// Reads the stored thread that `target` names: an id or the unique beginning of one, a name, a path, or nothing
    /// for the newest (of the folder `cwd`, if given). It is this process's to write from now on.
    pub fn load(&mut self, target: &str, cwd: Option<&str>) -> Result<StoreReport, Fault> {
        let path = find::find(&self.home, target, cwd)?;
        if let Some(thread) = place::thread_of(&path).filter(|thread| !self.locks.contains_key(thread)) {
            match ThreadLock::take(&self.home, &thread) {
                Ok(lock) => {
                    self.locks.insert(thread, lock);
                }
                Err(refusal @ Refusal::Busy(_)) => return Err(refusal.fault(&thread)),
                // Where nothing can be written a session can still be read; the first append will say so.
                Err(Refusal::Failed(..)) => {}
            }
        }
        let stored = read::read(&self.home, &path)?;
        let path = path.to_string_lossy().into_owned();
        Ok(StoreReport::Loaded { path, records: stored.records, skipped: stored.skipped, left_out: stored.left_out })
    }

    /// Adds a submission to the prompt history.
    pub fn remember(&mut self, thread: &ThreadId, text: &str, ts: i64) -> Result<StoreReport, Fault> {
        recall::remember(&self.home, thread, &self.secrets.clean(text), ts)?;
        Ok(StoreReport::Appended)
    }

    /// Appends a rule to the user's rules file.
    pub fn keep_rule(&mut self, rule: &str) -> Result<StoreReport, Fault> {
        crate::rules::append(&self.home, rule)?;
        Ok(StoreReport::Appended)
    }

    /// Writes down what is trusted of a folder.
    pub fn keep_trust(&mut self, record: &trust::TrustRecord) -> Result<StoreReport, Fault> {
        crate::trust::write(&self.home, record)?;
        Ok(StoreReport::Appended)
    }

    /// Brings the index up to date with what was appended. For a quiet moment, after the reports are out; a failure
    /// costs nothing but reading the files again.
    pub fn tidy(&mut self) {
        let changed = std::mem::take(&mut self.changed);
        let paths = changed.into_iter().filter_map(|thread| {
            let path = self.writers.get(&thread)?.path().to_owned();
            let stat = Stat::of(&path).ok()?;
            Some((stat, scan::summary(&Found { thread, path }, stat)?))
        });
        let summaries: Vec<_> = paths.collect();
        if summaries.is_empty() {
            return;
        }
        if self.index.is_none() {
            self.index = Index::open(&self.home);
        }
        if let Some(index) = &mut self.index {
            index.put(&summaries);
        }
    }

    /// Ends the work on a thread: its file is closed and others may write it. Nothing was held back, so nothing is
    /// written.
    pub fn close(&mut self, thread: &ThreadId) {
        self.writers.remove(thread);
        self.locks.remove(thread);
    }

    /// Ends the work on all threads. For the end of a process that does not drop the store: the locks end with it
    /// anyway, but their files would stay behind.
    pub fn shut(&mut self) {
        self.writers.clear();
        self.locks.clear();
    }
}

fn begun_path(home: &std::path::Path, records: &[RolloutLine]) -> Option<PathBuf> {
    records.iter().find_map(|stamped| match &stamped.item {
        RolloutItem::Meta(meta) => Some(place::rollout(home, &meta.id, meta.started_unix_ms)),
        _ => None,
    })
}

fn ends_turn(record: &RolloutItem) -> bool {
    matches!(record, RolloutItem::TurnCompleted { .. } | RolloutItem::TurnAborted { .. })
}

fn unnamed(thread: &ThreadId) -> Fault {
    Fault::new(FaultKind::Storage, format!("There is no file of session {} to go on with.", thread.0))
        .with_hint("Start a new session to have the next turns saved.")
}
