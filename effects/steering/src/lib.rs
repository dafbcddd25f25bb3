//! What steers Quire or the user's own tools at a later start: configuration, rules, instructions, git folders with all
//! that they point to, what the links of `$CODEX_HOME` lead to, start-up files of the system and the user.
//!
//! This is the one place that answers the question. The functions that name what is loaded ([`sources`], [`git`]) are
//! those that the loaders themselves use, so a new source is in the set as soon as it is read. Commands, patches, undo,
//! redo and the files that Quire writes by itself ask [`Steering::ground`].
//!
//! Reads the file system, changes nothing, starts nothing.

#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests set up by other means than what they test"))]

pub mod folders;
pub mod git;
mod ground;
mod home;
mod nested;
mod small;
pub mod sources;
mod watch;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use ground::{Entry, Ground, Hold, Why};
pub use watch::Steered;

use folders::Folders;
use nested::Nested;
use watch::Watch;

/// The places of this user and this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// `$CODEX_HOME`, absolute.
    pub home: Option<PathBuf>,
    /// The user's own home folder, absolute.
    pub user_home: Option<PathBuf>,
    /// `$XDG_CONFIG_HOME`, when it is an absolute path.
    pub user_config: Option<PathBuf>,
}

impl Places {
    /// The places that the environment names, `$CODEX_HOME` aside.
    pub fn of_environment(home: Option<PathBuf>) -> Self {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        Self { home, user_home: absolute("HOME"), user_config: absolute("XDG_CONFIG_HOME") }
    }
}

/// A folder that tools may write in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The folder, absolute.
    pub path: PathBuf,
    /// The names at its top that stay as they are. A permission profile may leave some of them out.
    pub protected: Vec<String>,
}

/// Knows what steers, and remembers what there was. Copies share what they know.
#[derive(Clone, Debug, Default)]
pub struct Steering {
    places: Places,
    folders: Folders,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    nested: Nested,
    watch: Watch,
    /// Tools that run now.
    running: usize,
}

/// A tool that runs. Its end is noted also when this is dropped.
#[derive(Debug)]
pub struct Running {
    steering: Steering,
    has_ended: bool,
}

impl Steering {
    /// Knows nothing yet of these places.
    pub fn new(places: Places) -> Self {
        Self { places, ..Self::default() }
    }

    /// The same for one command alone: nothing is watched for the next one.
    pub fn once(places: Places) -> Self {
        Self { folders: Folders::once(), ..Self::new(places) }
    }

    /// Begins to look at folders that tools will write in.
    pub fn prepare(&self, roots: &[PathBuf]) {
        self.folders.prepare(roots);
    }

    /// What lies in the folders that tools may write in.
    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    /// The program ends: nothing is looked at ahead any more. The system ends watching meanwhile, which takes its time.
    pub fn close(&self) {
        let folders = self.folders.clone();
        // Without a thread, the end of the program does it.
        let _ = std::thread::Builder::new().name("quire-folders".to_owned()).spawn(move || folders.close());
    }

    /// The set for tools that may write below `roots` and work in `workspace` (the working folder first). A repository
    /// below a root counts when it was there at the first call that names this root.
    pub fn ground(&self, roots: &[Root], workspace: &[PathBuf]) -> Ground {
        let mut known = self.known();
        let ground = ground::of(&self.places, roots, workspace, Some((&mut known.nested, &self.folders)));
        known.watch.add(&ground);
        ground
    }

    /// The set for a file that the user names when the program starts. Repositories within the folders are not looked for:
    /// whatever is called `.git` belongs to one.
    pub fn named(&self, folders: &[PathBuf]) -> Ground {
        let root = |path: &PathBuf| Root {
            path: path.clone(),
            protected: [".git"].iter().chain(&sources::PROJECT_FOLDERS).map(|name| (*name).to_owned()).collect(),
        };
        ground::of(&self.places, &folders.iter().map(root).collect::<Vec<_>>(), folders, None)
    }

    /// Before a tool runs. What has changed while none ran is the user's own work, and not told.
    pub fn begin(&self) -> Running {
        let mut known = self.known();
        if known.running == 0 {
            drop((known.nested.appeared(&self.folders), known.watch.changed()));
        }
        known.running += 1;
        Running { steering: self.clone(), has_ended: false }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    /// The tool has run: what steers something and was changed since the last look, below the roots of all earlier calls
    /// of [`Steering::ground`].
    pub fn end(mut self) -> Vec<Steered> {
        let mut known = self.steering.known();
        let folders = &self.steering.folders;
        let mut steered: Vec<Steered> = known.nested.appeared(folders).into_iter().map(Steered::Repository).collect();
        steered.extend(known.nested.unseen().into_iter().map(Steered::Unseen));
        steered.extend(known.watch.changed());
        drop(known);
        self.stop();
        steered.sort();
        steered
    }

    fn stop(&mut self) {
        if !std::mem::replace(&mut self.has_ended, true) {
            let mut known = self.steering.known();
            known.running = known.running.saturating_sub(1);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The real path of a folder, or the path itself where there is none.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
