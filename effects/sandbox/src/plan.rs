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
    /// Files and folders that it can neither read nor make, even within a root.
    pub hidden: Vec<PathBuf>,
    /// What it reaches beyond this machine.
    pub network: Network,
    /// Whether it may open sockets to programs of this machine (`AF_UNIX`), which act outside the sandbox.
    pub local_sockets: bool,
}

/// A folder that a command may write in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// The folder, absolute. It must exist.
    pub path: PathBuf,
    /// Names directly in it that stay as they are, whether or not they exist.
    pub protected: Vec<String>,
    /// Further paths that stay as they are. What a `.git` file in the root points to is found without being named here.
    pub also_protected: Vec<PathBuf>,
}

/// What a command reaches beyond this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// Nothing; but it may talk to itself on a private loopback.
    Off,
    /// Whatever the person reaches.
    On,
}

/// The profiles that exist without being written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `:read-only`: reads everything that is not hidden, writes nothing, no network.
    ReadOnly,
    /// `:workspace`: writes in the working folder and the temporary ones, no network.
    Workspace,
    /// `:danger-no-sandbox`: no limits.
    DangerNoSandbox,
}

impl Root {
    /// A root with the usual protected names.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let protected = PROTECTED_NAMES.map(str::to_owned).to_vec();
        Self { path: path.into(), protected, also_protected: Vec::new() }
    }
}

impl Plan {
    /// Reads everything, writes nothing, no network.
    pub fn read_only(cwd: impl Into<PathBuf>) -> Self {
        Self { cwd: cwd.into(), roots: Vec::new(), hidden: Vec::new(), network: Network::Off, local_sockets: false }
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

    /// Whether it may change nothing that others see.
    pub fn is_read_only(&self) -> bool {
        self.roots.is_empty()
    }
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ReadOnly, Self::Workspace, Self::DangerNoSandbox];

    /// The name, with its colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => ":read-only",
            Self::Workspace => ":workspace",
            Self::DangerNoSandbox => ":danger-no-sandbox",
        }
    }

    /// The profile of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    /// Its plan for a folder; `None` means without a sandbox.
    pub fn plan(self, cwd: &Path, temporary: impl IntoIterator<Item = PathBuf>) -> Option<Plan> {
        match self {
            Self::ReadOnly => Some(Plan::read_only(cwd)),
            Self::Workspace => Some(Plan::workspace(cwd, temporary)),
            Self::DangerNoSandbox => None,
        }
    }
}
