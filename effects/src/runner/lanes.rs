//! Work that must happen in order, on plain threads, because it may block (a disk that syncs, a desktop that answers).
//!
//! Each lane runs its jobs one after the other; lanes run beside each other. A lane without work ends its thread after a while.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use quire_state::key::ThreadId;

/// What must stay in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// The appends to one thread's rollout.
    Rollout(ThreadId),
    /// The appends to `history.jsonl`.
    History,
    /// Reading stored threads.
    Reading,
    /// Searching in stored threads.
    Searching,
    /// The clipboard.
    Clipboard,
    /// The files of patches of one thread.
    Patches(Option<ThreadId>),
    /// Images for the model of one thread.
    Images(Option<ThreadId>),
    /// Files that asked commands of one thread run.
    Looks(Option<ThreadId>),
    /// What turns of one thread changed in the files.
    Undo(Option<ThreadId>),
}

type Job = Box<dyn FnOnce() + Send>;

/// All lanes; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    shared: Arc<Shared>,
}

struct Shared {
    /// How long a lane's thread stays without work.
    idle: Duration,
    /// Called by a lane's thread before it ends for want of work.
    rest: Box<dyn Fn(&Lane) + Send + Sync>,
    table: Mutex<Table>,
    /// A lane has got work.
    filled: Condvar,
    /// Nothing is left to do.
    emptied: Condvar,
}

#[derive(Default)]
struct Table {
    /// Waiting jobs of the lanes that have a thread.
    lanes: BTreeMap<Lane, VecDeque<Job>>,
    /// Jobs waiting or running.
    unfinished: usize,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Lanes").field("unfinished", &self.lock().unfinished).finish_non_exhaustive()
    }
}

impl Lanes {
    /// Lanes whose threads end after `idle` without work, and then call `rest`.
    pub(crate) fn new(idle: Duration, rest: impl Fn(&Lane) + Send + Sync + 'static) -> Self {
        let (table, filled, emptied) = Default::default();
        Self { shared: Arc::new(Shared { idle, rest: Box::new(rest), table, filled, emptied }) }
    }

    /// Does `job` after everything that was pushed to this lane before.
    ///
    /// # Errors
    /// When the lane needs a thread and the system gives none; the job is dropped then.
    pub(crate) fn push(&self, lane: Lane, job: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let mut table = self.shared.lock();
        if let Some(waiting) = table.lanes.get_mut(&lane) {
            waiting.push_back(Box::new(job));
            table.unfinished += 1;
            drop(table);
            self.shared.filled.notify_all();
            return Ok(());
        }
        let (shared, own) = (Arc::clone(&self.shared), lane.clone());
        thread::Builder::new().name("quire-lane".to_owned()).spawn(move || shared.work(&own))?;
        table.lanes.insert(lane, VecDeque::from([Box::new(job) as Job]));
        table.unfinished += 1;
        Ok(())
    }

    /// Waits until nothing is left to do. `false` when something is by `until`.
    pub(crate) fn flush(&self, until: Instant) -> bool {
        let mut table = self.shared.lock();
        while table.unfinished > 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                return false;
            }
            table = self.shared.emptied.wait_timeout(table, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Whether nothing is left to do.
    pub(crate) fn is_idle(&self) -> bool {
        self.shared.lock().unfinished == 0
    }
}

impl Shared {
    fn work(&self, lane: &Lane) {
        while let Some(job) = self.next(lane) {
            // Jobs report their own panics; here the lane only has to go on.
            let _ = catch_unwind(AssertUnwindSafe(job));
            let mut table = self.lock();
            table.unfinished -= 1;
            if table.unfinished == 0 {
                self.emptied.notify_all();
            }
        }
        let _ = catch_unwind(AssertUnwindSafe(|| (self.rest)(lane)));
    }

    /// The lane's next job. `None` when none has come for a while; then the lane is gone from the table.
    fn next(&self, lane: &Lane) -> Option<Job> {
        let until = Instant::now() + self.idle;
        let mut table = self.lock();
        loop {
            if let Some(job) = table.lanes.get_mut(lane).and_then(VecDeque::pop_front) {
                return Some(job);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                table.lanes.remove(lane);
                return None;
            }
            table = self.filled.wait_timeout(table, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
