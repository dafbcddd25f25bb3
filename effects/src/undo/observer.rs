//! Observes a set of folders for all threads that work in them, so that what changes is told once and to whom it belongs.
//!
//! The first look is made on a thread of its own, which goes on reading as long as there is something to be read and nothing
//! waits. A thread that looks holds the workspace alone; one that waits for it longer than the limits say goes on without.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use quire_files::priority::{Pace, step_back};
use quire_state::key::ThreadId;
use quire_steering::folders::Folders;

use super::{
    limits::Limits,
    sources::{Delta, Sources},
    workspace::{Gap, Looked, Patience, SURE_FILES, Workspace},
};

/// How long reading goes on before another thread may look.
const SLICE: Duration = Duration::from_millis(5);
/// How often who waits looks at how far it has come.
const GLANCE: Duration = Duration::from_millis(5);

/// The observer of a set of folders; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Observer {
    shared: Arc<Shared>,
    limits: Limits,
    began: Instant,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Files that the first look has seen so far.
    progress: Arc<AtomicUsize>,
    /// What reading gives way to.
    pace: Pace,
}

#[derive(Debug, Default)]
struct State {
    /// `None` while a thread looks, or before the first look.
    workspace: Option<Workspace>,
    sources: Option<Arc<Sources>>,
    /// How many wait for it.
    waiting: usize,
    /// What is left over is being read.
    is_reading: bool,
    /// The program ends.
    is_closed: bool,
    /// How many tools of each thread run.
    running: BTreeMap<ThreadId, usize>,
    /// What one thread saw that is another thread's.
    pending: BTreeMap<ThreadId, Vec<Delta>>,
}

impl Observer {
    /// Begins to observe these real folders. Copies are kept in `own`; of files up to `file_bytes`. Where there is so much that no
    /// command waits for the whole of it, what is known of `folders` goes first, and the rest gives way to what is being started.
    pub(crate) fn start(roots: &[PathBuf], own: &Path, file_bytes: u64, limits: Limits, folders: &Folders) -> Self {
        let shared = Shared { pace: folders.pace().clone(), ..Shared::default() };
        let observer = Self { shared: Arc::new(shared), limits, began: Instant::now() };
        let (shared, all, own) = (Arc::clone(&observer.shared), roots.to_vec(), own.to_owned());
        let work = move |is_large: Box<dyn FnOnce()>| {
            let mut workspace = Workspace::new(&all, &own, file_bytes, limits, Arc::clone(&shared.progress));
            workspace.begin(is_large, &shared.pace);
            shared.give_back(workspace);
            shared.read();
        };
        observer.shared.lock().is_reading = true;
        let (own, folders, all) = (work.clone(), folders.clone(), roots.to_vec());
        let is_large = move || {
            step_back();
            folders.wait_to_the_end(&all);
        };
        let started = thread::Builder::new().name("quire-observer".to_owned()).spawn(move || own(Box::new(is_large)));
        if started.is_err() {
            // The thread that asked for it has other things to do.
            work(Box::new(|| {}));
        }
        observer
    }

    /// Whether the first look goes on.
    pub(crate) fn is_busy(&self) -> bool {
        self.shared.lock().sources.is_none()
    }

    /// Waits for the first look, as a tool would have to.
    pub(crate) fn wait(&self) {
        if self.is_busy()
            && let Some(workspace) = self.shared.take(self.first())
        {
            self.shared.give_back(workspace);
        }
    }

    /// Before a tool of this thread runs. What happened until now is its work if others of its tools run.
    pub(crate) fn begin(&self, thread: &ThreadId) -> Looked {
        let looked = self.look(thread, self.first(), self.patience(self.limits.wait), true);
        *self.shared.lock().running.entry(thread.clone()).or_default() += 1;
        looked.unwrap_or_else(|| Looked { gap: Some(Gap::Early), ..Looked::default() })
    }

    /// While tools of this thread run. What differs while none does is not their work, and not reported.
    pub(crate) fn meanwhile(&self, thread: &ThreadId) -> Looked {
        let looked = self.look(thread, self.once_known(), self.patience(self.limits.time), false);
        looked.unwrap_or_else(|| Looked { gap: Some(Gap::Early), ..Looked::default() })
    }

    /// After a tool of this thread has run.
    pub(crate) fn end(&self, thread: &ThreadId) -> Looked {
        let looked = self.meanwhile(thread);
        let mut state = self.shared.lock();
        if let Some(count) = state.running.get_mut(thread) {
            *count -= 1;
            if *count == 0 {
                state.running.remove(thread);
            }
        }
        looked
    }

    /// What has become of these real paths alone, before a patch of this thread is written.
    pub(crate) fn look_at(&self, thread: &ThreadId, paths: &[PathBuf]) -> Vec<Delta> {
        let Some(mut workspace) = self.shared.take(self.first()) else { return Vec::new() };
        let deltas = workspace.look_at(paths);
        let deltas = self.shared.lock().share(thread, deltas);
        self.shared.give_back(workspace);
        deltas
    }

    /// These real paths were written by Quire itself: that is not told.
    pub(crate) fn settle(&self, paths: &[PathBuf]) {
        if let Some(mut workspace) = self.shared.take(self.once_known()) {
            drop(workspace.look_at(paths));
            self.shared.give_back(workspace);
        }
    }

    /// Where contents are, once the folders are known.
    pub(crate) fn sources(&self) -> Option<Arc<Sources>> {
        self.shared.lock().sources.clone()
    }

    /// The program ends: nothing is observed any more.
    pub(crate) fn close(&self) {
        let workspace = {
            let mut state = self.shared.lock();
            state.is_closed = true;
            state.workspace.take()
        };
        self.shared.changed.notify_all();
        workspace.into_iter().for_each(Workspace::leave);
    }

    fn patience(&self, time: Duration) -> Patience {
        let now = Instant::now();
        Patience { until: now + time, files: SURE_FILES, last: now + self.limits.time.max(time) }
    }

    /// How long who has begun before waits for the workspace.
    fn once_known(&self) -> Patience {
        if self.is_busy() { self.first() } else { self.patience(self.limits.time) }
    }

    /// How long the workspace is waited for: of the first look, no command waits for more than its beginning.
    fn first(&self) -> Patience {
        let patience = self.patience(self.limits.wait);
        let until = if self.is_busy() { self.began + self.limits.wait } else { patience.until };
        Patience { until, ..patience }
    }

    fn look(&self, thread: &ThreadId, wait: Patience, patience: Patience, reads: bool) -> Option<Looked> {
        let mut workspace = self.shared.take(wait)?;
        let mut looked = workspace.look(patience);
        if reads {
            workspace.read_backlog(patience);
            looked.gap = looked.gap.or(workspace.gap());
        }
        let has_backlog = workspace.has_backlog();
        {
            let mut state = self.shared.lock();
            let deltas = std::mem::take(&mut looked.deltas);
            looked.deltas = state.share(thread, deltas);
        }
        self.shared.give_back(workspace);
        if has_backlog && !std::mem::replace(&mut self.shared.lock().is_reading, true) {
            let shared = Arc::clone(&self.shared);
            let started = thread::Builder::new().name("quire-observer".to_owned()).spawn(move || shared.read());
            self.shared.lock().is_reading = started.is_ok();
        }
        Some(looked)
    }

    /// The same for a caller that waits for nothing.
    #[cfg(test)]
    pub(super) fn hasty(&self) -> Self {
        let limits = Limits { time: Duration::ZERO, wait: Duration::ZERO, ..self.limits };
        Self { limits, ..self.clone() }
    }

    /// Works with the workspace, which no other thread has meanwhile.
    #[cfg(test)]
    pub(super) fn workspace<T>(&self, work: impl FnOnce(&mut Workspace) -> T) -> T {
        let mut workspace = self.shared.take(Patience::until(Instant::now() + Duration::from_secs(600))).unwrap();
        let done = work(&mut workspace);
        self.shared.give_back(workspace);
        done
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the workspace, which is to be given back.
    fn take(&self, patience: Patience) -> Option<Workspace> {
        let mut state = self.lock();
        state.waiting += 1;
        while state.workspace.is_none() && !patience.is_over(self.progress.load(Ordering::Relaxed)) {
            state = self.changed.wait_timeout(state, GLANCE).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.waiting -= 1;
        state.workspace.take()
    }

    fn give_back(&self, workspace: Workspace) {
        let mut state = self.lock();
        if state.sources.is_none() {
            state.sources = Some(workspace.sources());
        }
        state.workspace = Some(workspace);
        drop(state);
        self.changed.notify_all();
    }

    /// Reads what is left over, bit by bit, while nothing waits.
    fn read(&self) {
        loop {
            self.pace.rest();
            let mut state = self.lock();
            while !state.is_closed && (state.waiting > 0 || state.workspace.is_none()) {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let Some(mut workspace) = state.workspace.take().filter(|_| !state.is_closed) else {
                state.is_reading = false;
                return;
            };
            if !workspace.has_backlog() {
                state.workspace = Some(workspace);
                state.is_reading = false;
                drop(state);
                self.changed.notify_all();
                return;
            }
            drop(state);
            workspace.read_backlog(Patience::until(Instant::now() + SLICE));
            self.give_back(workspace);
        }
    }
}

impl State {
    /// Gives each thread what is its own, and this one what is to be told now.
    fn share(&mut self, thread: &ThreadId, mut deltas: Vec<Delta>) -> Vec<Delta> {
        let is_shared = self.running.len() > 1;
        deltas.iter_mut().for_each(|delta| delta.is_shared = is_shared);
        for owner in self.running.keys() {
            self.pending.entry(owner.clone()).or_default().extend(deltas.iter().cloned());
        }
        self.pending.remove(thread).unwrap_or_default()
    }
}
