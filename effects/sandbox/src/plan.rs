//! What a command may do, as plain data. Says nothing about how that is kept, and touches no file.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The names that no sandboxed command may make, change, move or remove at the top of a writable root.
pub const PROTECTED_NAMES: [&str; 3] = [".git", ".codex", ".agents"];

/// The limits of one command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The working folder, absolute.
    pub cwd: PathBuf,
    /// The folders that it may write in. None: it changes nothing outside its private scratch (`/dev/shm`).
    pub roots: Vec<Root>,
    /// Files and folders that it can neither read nor make, even within a root. `/` hides everything but roots and what is
    /// readable; names directly in `/` can be seen all the same.
    pub hidden: Vec<PathBuf>,
    /// Folders that it cannot see into, but for what is shown of them.
    pub crowded: Vec<Crowded>,
    /// Files in its roots that have names elsewhere, and folders of such files: it can read and not write them. They may be
    /// replaced from outside.
    pub linked: Vec<PathBuf>,
    /// Files and folders that it can read and not write, although they lie in a root or in something hidden. What does
    /// not exist outside of the roots is passed over.
    pub readable: Vec<PathBuf>,
    /// Files and folders that stay as they are wherever they lie in a root, whether or not they exist.
    pub protected: Vec<PathBuf>,
    /// Files and folders that stay as they are wherever they lie in a root, as long as they are there.
    pub passing: Vec<PathBuf>,
    /// Links that stay as they are wherever they lie in a root, with what they lead to.
    pub links: Vec<PathBuf>,
    /// Folders of the project. A link in them, or in a root, proves nothing: no root and no readable path is reached over
    /// one.
    pub workspace: Vec<PathBuf>,
    /// What it reaches beyond this machine.
    pub network: Network,
    /// Whether it may open sockets to programs of this machine (`AF_UNIX`), which act outside the sandbox.
    pub local_sockets: bool,
}

/// A folder with more to hide in it than can be hidden one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crowded {
    /// The folder, a real path.
    pub folder: PathBuf,
    /// What is seen of it: files and folders directly in it, with the rights that they would have otherwise. Nothing else
    /// can be made, read or removed in it.
    pub shown: Vec<PathBuf>,
}

/// A folder that a command may write in, or a file that it may write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// The folder, absolute.
    pub path: PathBuf,
    /// Names directly in it that stay as they are, whether or not they exist.
    pub protected: Vec<String>,
    /// Whether it may be a file, and is no root as long as it does not exist. Else both are reasons to refuse the command.
    pub is_optional: bool,
    /// Whether it is a folder for temporary files that was not configured: where it cannot be one of the roots the command runs without
    /// it, and that is told.
    pub is_temporary: bool,
}

/// What a command reaches beyond this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// Nothing; but it may talk to itself on a private loopback.
    Off,
    /// Whatever the user reaches.
    On,
}

impl Root {
    /// A root with the usual protected names.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let protected = PROTECTED_NAMES.map(str::to_owned).to_vec();
        Self { path: path.into(), protected, is_optional: false, is_temporary: false }
    }
}

impl Plan {
    /// Reads everything, writes nothing, no network.
    pub fn read_only(cwd: impl Into<PathBuf>) -> Self {
        Self {
            cwd: cwd.into(),
            roots: Vec::new(),
            hidden: Vec::new(),
            crowded: Vec::new(),
            linked: Vec::new(),
            readable: Vec::new(),
            protected: Vec::new(),
            passing: Vec::new(),
            links: Vec::new(),
            workspace: Vec::new(),
            network: Network::Off,
            local_sockets: false,
        }
    }

    /// Writes in the working folder and in these temporary folders, no network.
    pub fn workspace(cwd: impl Into<PathBuf>, temporary: impl IntoIterator<Item = PathBuf>) -> Self {
        let plan = Self::read_only(cwd);
        let roots = std::iter::once(plan.cwd.clone()).chain(temporary).map(Root::new).collect();
        Self { roots, ..plan }
    }

    /// The same without sight of `path`.
    #[must_use]
    pub fn hide(mut self, path: impl AsRef<Path>) -> Self {
        self.hidden.push(path.as_ref().to_owned());
        self
    }

    /// The same without the folders for temporary files that were not configured; `None` where there are none.
    pub fn without_temporary_roots(&self) -> Option<Self> {
        let mut plan = self.clone();
        plan.roots.retain(|root| !root.is_temporary);
        (plan.roots.len() < self.roots.len()).then_some(plan)
    }

    /// The same without anything that it may write.
    pub fn without_roots(&self) -> Self {
        let mut plan = self.clone();
        plan.readable.extend(plan.roots.drain(..).map(|root| root.path));
        plan
    }

    /// Whether it may change nothing that others see.
    pub fn is_read_only(&self) -> bool {
        self.roots.is_empty()
    }
}
