//! The changes of all threads of the program: opened when the first tool is watched, and shared by whatever runs tools.
//!
//! Nothing here stops a tool: where its changes cannot be kept, it runs all the same.

use std::{
    collections::BTreeMap,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use quire_state::{
    changes::{Change, KEPT_FILE_BYTES, Plan},
    cmd::{ChangeScope, ChangeStoreRef, UndoEffect, Way},
    fault::{Fault, FaultKind},
    key::ThreadId,
    limits::TOLD_PATHS,
    msg::{UndoDone, UndoReport},
};
use quire_steering::Steering;

use super::{Bounds, Limits, Seen, Taken, Undo, observer::Observer, prune, thread::home_folder, workspace::real_roots};

/// What may be kept of all threads together.
const TOTAL_BYTES: u64 = 1024 * 1024 * 1024;

/// Where contents are kept, and the folders that are observed.
type Folders = (PathBuf, Vec<PathBuf>);

/// The changes of all threads; clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChangeStores {
    threads: Arc<Mutex<BTreeMap<ThreadId, Arc<Mutex<Slot>>>>>,
    /// The observer of each set of folders.
    observers: Arc<Mutex<BTreeMap<Folders, Observer>>>,
    /// The program ends: nothing is looked at any more.
    is_closed: Arc<AtomicBool>,
    /// Knows what steers a later start.
    steering: Steering,
}

/// The changes of one thread.
#[derive(Debug, Default)]
struct Slot {
    undo: Option<Undo>,
    /// Something has changed that was not reported.
    has_news: bool,
}

/// A tool that runs and is watched. Its end is noted also when it is dropped.
#[derive(Debug)]
pub(crate) struct Watched {
    stores: ChangeStores,
    scope: Option<ChangeScope>,
}

impl Watched {
    /// The tool has run. Whether files have changed that were not reported.
    pub(crate) fn end(&mut self) -> bool {
        let Some(scope) = self.scope.take() else { return false };
        self.stores.note(&scope, Undo::end);
        self.stores.slot(&scope.store, |slot| std::mem::take(&mut slot.has_news))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.end();
    }
}

impl ChangeStores {
    /// None yet.
    pub(crate) fn new(steering: Steering) -> Self {
        Self { steering, ..Self::default() }
    }

    /// The observer whose first look at the folders of a tool that is to begin goes on, if one does.
    pub(crate) fn busy(&self, scope: Option<&ChangeScope>) -> Option<Observer> {
        let store = scope.map(|scope| &scope.store)?;
        Some(self.observer(store)).filter(Observer::is_busy)
    }

    /// Before a tool runs: keeps what it might change. Blocks for as long as a look takes.
    pub(crate) fn begin(&self, scope: Option<&ChangeScope>) -> Watched {
        if let Some(scope) = scope {
            self.note(scope, Undo::begin);
        }
        Watched { stores: self.clone(), scope: scope.cloned() }
    }

    /// Applies a patch to these files, and keeps what they were and are.
    pub(crate) fn patch<T>(&self, scope: Option<&ChangeScope>, paths: &[PathBuf], apply: impl FnOnce() -> T) -> T {
        let Some(scope) = scope else { return apply() };
        // A failure to keep something, or to write it down, stops no patch.
        let kept = self.with(&scope.store, |undo| undo.keep(paths)).ok();
        let applied = apply();
        if let Some(kept) = kept {
            let _ = self.with(&scope.store, |undo| undo.patched(&scope.turn, kept));
        }
        applied
    }

    /// Runs an effect.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub(crate) fn run(&self, effect: &UndoEffect) -> Result<UndoReport, Fault> {
        let fail = |error: io::Error| {
            Fault::new(FaultKind::Storage, format!("What was kept of the files cannot be read: {error}."))
                .with_hint("It lies in `quire/undo` below `$CODEX_HOME`.")
        };
        match effect {
            // Nothing is kept yet.
            UndoEffect::Observe(store) => {
                if !self.is_closed.load(Ordering::Relaxed) {
                    // What a command may do there is worked out first: it waits for that.
                    self.steering.prepare(&store.roots.iter().map(PathBuf::from).collect::<Vec<_>>());
                    self.observer(store);
                }
                Ok(UndoReport::Observing)
            }
            UndoEffect::Tell { scope, base, look } => {
                if *look {
                    self.note(scope, Undo::meanwhile);
                }
                self.with(&scope.store, |undo| tell(undo, scope, Path::new(base))).map_err(fail)
            }
            UndoEffect::Tally { store } => self.with(store, |undo| UndoReport::Tallied(undo.tally())).map_err(fail),
            UndoEffect::Carry { store, way, consent, roots, turns } => {
                let roots: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
                let carry = |undo: &mut Undo| {
                    let planned = match way {
                        Way::Undo => undo.plan_undo(turns),
                        Way::Redo => undo.plan_redo(),
                    };
                    let Some(planned) = planned else { return UndoReport::Nothing };
                    if planned.1.steps(*consent).is_none() {
                        return blocked(planned);
                    }
                    let taken = match way {
                        Way::Undo => undo.undo(&planned, *consent, &roots),
                        Way::Redo => undo.redo(&planned, *consent, &roots),
                    };
                    match taken {
                        Ok(taken) => UndoReport::Done(Box::new(done(undo, taken, planned.1))),
                        Err(refusal) => UndoReport::Refused { reason: refusal.to_string() },
                    }
                };
                self.with(store, carry).map_err(fail)
            }
        }
    }

    /// The program ends: what no turn speaks of is removed, and nothing is kept any more.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        std::mem::take(&mut *lock(&self.observers)).into_values().for_each(|observer| observer.close());
        for slot in std::mem::take(&mut *lock(&self.threads)).into_values() {
            if let Some(undo) = lock(&slot).undo.take() {
                undo.close();
            }
        }
    }

    /// Looks, and remembers whether there was something.
    fn note(&self, scope: &ChangeScope, look: impl FnOnce(&mut Undo, &quire_state::key::TurnId) -> io::Result<Seen>) {
        // What cannot be written down can be taken back as long as this run lasts; what cannot be kept at all cannot.
        let seen = self.with(&scope.store, |undo| look(undo, &scope.turn));
        if let Ok(Ok(seen)) = seen
            && !seen.changes.is_empty()
        {
            self.slot(&scope.store, |slot| slot.has_news = true);
        }
    }

    fn slot<T>(&self, store: &ChangeStoreRef, work: impl FnOnce(&mut Slot) -> T) -> T {
        let slot = Arc::clone(lock(&self.threads).entry(store.thread.clone()).or_default());
        work(&mut lock(&slot))
    }

    /// Works with the changes of a thread, one at a time.
    pub(super) fn with<T>(&self, store: &ChangeStoreRef, work: impl FnOnce(&mut Undo) -> T) -> io::Result<T> {
        self.slot(store, |slot| {
            if self.is_closed.load(Ordering::Relaxed) {
                return Err(io::Error::other("the program ends"));
            }
            let mut undo = match slot.undo.take() {
                Some(undo) => undo,
                None => self.open(store)?.steered_by(self.steering.clone()),
            };
            // A panic here must not end a tool. What was open is opened anew, from what is on disk.
            let done = catch_unwind(AssertUnwindSafe(|| work(&mut undo)));
            let done = done.map_err(|_| io::Error::other("Quire itself failed"))?;
            slot.undo = Some(undo);
            Ok(done)
        })
    }

    fn open(&self, store: &ChangeStoreRef) -> io::Result<Undo> {
        let home = PathBuf::from(&store.home);
        let undo = Undo::open(&home, &store.thread, self.observer(store), Bounds::default())?;
        let current = store.thread.clone();
        // Nothing waits for this. What it does not get done is left for the next time.
        let _ = thread::Builder::new()
            .name("quire-prune".to_owned())
            .spawn(move || drop(prune(&home, &current, TOTAL_BYTES)));
        Ok(undo)
    }

    /// The observer of the folders that a thread works in.
    fn observer(&self, store: &ChangeStoreRef) -> Observer {
        let own = home_folder(Path::new(&store.home));
        let roots = real_roots(&store.roots.iter().map(PathBuf::from).collect::<Vec<_>>());
        let mut observers = lock(&self.observers);
        let start = || Observer::start(&roots, &own, KEPT_FILE_BYTES, Limits::default(), self.steering.folders());
        observers.entry((own.clone(), roots.clone())).or_insert_with(start).clone()
    }
}

fn tell(undo: &Undo, scope: &ChangeScope, base: &Path) -> UndoReport {
    let diff = undo.diff(&scope.turn, base);
    let item = diff.item(undo.history().turn(&scope.turn));
    UndoReport::Told { turn: scope.turn.clone(), diff: Arc::new(item), text: diff.short_text() }
}

fn blocked((turn, mut plan): (quire_state::key::TurnId, Plan)) -> UndoReport {
    let (conflict_count, free_count) = (plan.conflicts.len() as u64, plan.steps.len() as u64);
    plan.conflicts.truncate(TOLD_PATHS);
    UndoReport::Blocked { turn, conflicts: plan.conflicts, conflict_count, free_count }
}

fn done(undo: &Undo, taken: Taken, plan: Plan) -> UndoDone {
    let turn = undo.history().turn(&taken.turn);
    let (is_partial, early) = turn.map_or((false, 0), |turn| (turn.is_partial, turn.early));
    let is_folder = |change: &Change| {
        let is_none =
            |fact: &quire_state::changes::Fact| fact.is_folder() || *fact == quire_state::changes::Fact::Missing;
        is_none(&change.before) && is_none(&change.after)
    };
    let files: Vec<Change> = taken.done.changes.into_iter().filter(|change| !is_folder(change)).collect();
    UndoDone {
        turn: taken.turn,
        change_count: files.len() as u64,
        changes: files.into_iter().take(TOLD_PATHS).collect(),
        conflict_count: plan.conflicts.len() as u64,
        conflicts: plan.conflicts.into_iter().take(TOLD_PATHS).collect(),
        settled_count: plan.settled.len() as u64,
        in_use: taken.done.in_use.into_iter().take(TOLD_PATHS).collect(),
        is_partial,
        early,
        is_forgotten: taken.done.is_forgotten,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
