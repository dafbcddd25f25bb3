//! What lies in the folders that tools may write in, as far as it counts for what they may do there: repositories, and files
//! with further names. There is one tree for each root, whichever module asks, and one set of watches for it.
//!
//! A tree is begun before the first command, on a thread of its own, while the first request is out: first its folders, which
//! every command waits for, then the names of the files in them, which takes longer where there are many.

mod tree;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use quire_files::priority::{self, Pace};
pub(crate) use tree::Found;
pub use tree::{Linked, Name};
use tree::{NAMES, Reading, Tree};

/// How long the names of a root are read before the first command need not wait for them any more.
const FIRST: Duration = Duration::from_millis(40);
/// The same for each later command, once all of them were read.
const LATER: Duration = Duration::from_secs(1);
/// So many names are waited for however long it takes.
const SURE_NAMES: usize = 10_000;
/// How long names are read before another thread may look.
const SLICE: Duration = Duration::from_millis(3);

/// The trees of all roots; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    roots: Arc<Mutex<BTreeMap<PathBuf, Arc<Root>>>>,
    is_once: bool,
    pace: Pace,
}

/// A root and who works with its tree.
#[derive(Debug)]
struct Root {
    state: Mutex<State>,
    /// How many wait for the tree. Who reads ahead gives it to them at once.
    waiting: AtomicUsize,
    changed: Condvar,
    began: Instant,
    pace: Pace,
}

#[derive(Debug)]
struct State {
    /// `None` while a thread works with it.
    tree: Option<Tree>,
    /// A thread reads the names.
    is_reading: bool,
    /// How many names were read so far.
    names: usize,
    /// The program ends.
    is_closed: bool,
}

/// A tree that no other thread works with.
struct Held<'r> {
    root: &'r Root,
    tree: Tree,
}

impl Folders {
    /// For one look: nothing is watched, and everything is waited for.
    pub(crate) fn once() -> Self {
        Self { is_once: true, ..Self::default() }
    }

    /// What is being started, which work that nothing waits for gives way to.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Begins to look at these folders, for commands that will follow.
    pub fn prepare(&self, roots: &[PathBuf]) {
        for path in roots.iter().filter_map(|root| root.canonicalize().ok()).filter(|path| path.parent().is_some()) {
            if lock(&self.roots).contains_key(&path) {
                continue;
            }
            self.root(&path).read_ahead();
        }
    }

    /// Whether the first look at one of these goes on, so that a command has to wait.
    pub fn are_busy(&self, roots: &[PathBuf]) -> bool {
        self.known(roots).iter().any(|root| {
            let state = root.lock();
            state.is_reading || state.tree.is_none()
        })
    }

    /// Waits for these, as the command would have to.
    pub fn wait(&self, roots: &[PathBuf]) {
        for root in self.known(roots) {
            root.wait(root.began + FIRST);
            drop(root.take());
        }
    }

    /// Waits until all names of these are read: the rest of a large folder is looked at by one thread at a time, so that
    /// commands have the other processors.
    pub fn wait_to_the_end(&self, roots: &[PathBuf]) {
        self.known(roots).iter().for_each(|root| root.wait_to_the_end());
    }

    fn known(&self, roots: &[PathBuf]) -> Vec<Arc<Root>> {
        let real = roots.iter().filter_map(|root| root.canonicalize().ok());
        let known = lock(&self.roots);
        real.filter_map(|root| known.get(&root).cloned()).collect()
    }

    /// The repositories below a real root, and whether not all of it could be looked through.
    pub(crate) fn repositories(&self, root: &Path) -> (BTreeSet<Found>, bool) {
        self.root(root).take().tree.look()
    }

    /// The files with further names below a real root. What lies at or below these paths is passed over.
    pub fn linked(&self, path: &Path, closed: &BTreeSet<PathBuf>) -> Linked {
        let root = self.root(path);
        let first = root.began + FIRST;
        if !self.is_once {
            root.wait(first);
        }
        let mut held = root.take();
        let until = match held.tree.was_read {
            _ if self.is_once => None,
            true => Some(Instant::now() + LATER),
            false => Some(first),
        };
        let linked = held.tree.linked(Reading::new(closed, until, SURE_NAMES));
        drop(held);
        // The next command finds them read.
        if !linked.is_whole && !self.is_once {
            root.read_ahead();
        }
        linked
    }

    /// The program ends: nothing is read ahead or watched any more. Takes as long as the system takes to end watching.
    pub(crate) fn close(&self) {
        let roots: Vec<Arc<Root>> = lock(&self.roots).values().cloned().collect();
        let watches = roots.iter().map(|root| {
            let mut state = root.lock();
            state.is_closed = true;
            root.changed.notify_all();
            state.tree.as_mut().and_then(|tree| tree.watches.take())
        });
        drop(watches.collect::<Vec<_>>());
    }

    #[cfg(test)]
    fn with(tree: Tree) -> Self {
        let folders = Self::default();
        let root = Arc::new(Root::of(tree, folders.pace.clone()));
        lock(&folders.roots).insert(root.lock().tree.as_ref().unwrap().root.clone(), Arc::clone(&root));
        folders
    }

    fn root(&self, path: &Path) -> Arc<Root> {
        let mut roots = lock(&self.roots);
        let new = || Arc::new(Root::of(Tree::new(path, !self.is_once), self.pace.clone()));
        Arc::clone(roots.entry(path.to_owned()).or_insert_with(new))
    }
}

impl Root {
    fn of(tree: Tree, pace: Pace) -> Self {
        let state = Mutex::new(State { tree: Some(tree), is_reading: false, names: 0, is_closed: false });
        Self { state, waiting: AtomicUsize::new(0), changed: Condvar::new(), began: Instant::now(), pace }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// The tree, as soon as no thread works with it.
    fn take(&self) -> Held<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let mut state = self.lock();
        loop {
            if let Some(tree) = state.tree.take() {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                return Held { root: self, tree };
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Waits for who reads the names: until then, and for those that are always waited for.
    fn wait(&self, until: Instant) {
        let mut state = self.lock();
        while state.is_reading && (state.names < SURE_NAMES || Instant::now() < until) {
            let left = until.saturating_duration_since(Instant::now()).max(SLICE);
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn wait_to_the_end(&self) {
        let mut state = self.lock();
        while state.is_reading {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Looks at the folders and reads the names that were not read, on a thread of its own.
    fn read_ahead(self: Arc<Self>) {
        if std::mem::replace(&mut self.lock().is_reading, true) {
            return;
        }
        let root = Arc::clone(&self);
        let started = thread::Builder::new().name("quire-folders".to_owned()).spawn(move || {
            let _ends = Ends(&root);
            let mut has_stepped_back = false;
            let mut step_back = || {
                if !std::mem::replace(&mut has_stepped_back, true) {
                    priority::step_back();
                }
            };
            drop(root.take().tree.look_first(&mut step_back));
            let most = root.lock().names + NAMES;
            while root.read_slice() && root.lock().names < most {
                if root.lock().names > SURE_NAMES {
                    step_back();
                    root.pace.rest();
                }
            }
        });
        if started.is_err() {
            self.lock().is_reading = false;
        }
    }

    /// Reads some names, when nothing waits. Whether there is more to be read.
    fn read_slice(&self) -> bool {
        let mut state = self.lock();
        while !state.is_closed && (self.is_wanted() || state.tree.is_none()) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_closed {
            return false;
        }
        let Some(tree) = state.tree.take() else { return true };
        drop(state);
        Held { root: self, tree }.tree.read_ahead(Instant::now() + SLICE, &|| self.is_wanted())
    }
}

/// Notes that no thread reads the names any more, however that ends.
struct Ends<'r>(&'r Root);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.lock().is_reading = false;
        self.0.changed.notify_all();
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let tree = std::mem::take(&mut self.tree);
        let mut state = self.root.lock();
        state.names = tree.names;
        state.tree = Some(tree);
        drop(state);
        self.root.changed.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
