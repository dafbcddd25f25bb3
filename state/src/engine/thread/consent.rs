//! What the user has allowed: once asked, not asked again.

use std::collections::BTreeSet;

use serde_json::json;

use crate::policy::{Network, PROTECTED, Root, SandboxPlan};

/// Something that the user accepted for this session: exactly this, and nothing like it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionApproval {
    /// A command.
    Command {
        /// Its argument vector; of typing into a command, with what is typed.
        argv: Vec<String>,
        /// Its folder.
        cwd: String,
        /// Whether it was asked about as a command in the sandbox.
        sandboxed: bool,
    },
    /// Patches of one file, by its absolute path.
    File(String),
}

/// How often what commands may reach has changed in a thread: by what the user granted, and by the end of a turn that this was
/// granted for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grants(u64);

impl Grants {
    /// It changes: every plan that was made before is stale.
    pub fn change(&mut self) {
        self.0 += 1;
    }
}

/// The sandbox that a call was judged with, carried with the call. It is that of its start, too, unless something was granted
/// in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedPlan {
    /// The plan; `None`: no sandbox.
    pub plan: Option<SandboxPlan>,
    /// What had been granted when it was made.
    pub grants: Grants,
}

/// What is asked for, or granted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestedPermissions {
    /// Folders that may be written below, absolute.
    pub write: BTreeSet<String>,
    /// Paths that may be read although they were hidden, absolute.
    pub read: BTreeSet<String>,
    /// The network.
    pub network: bool,
    /// Why, in the model's words.
    pub reason: Option<String>,
}

impl RequestedPermissions {
    /// Whether it opens nothing.
    pub fn is_empty(&self) -> bool {
        self.write.is_empty() && self.read.is_empty() && !self.network
    }

    /// Adds what others grant.
    pub fn add(&mut self, other: &Self) {
        self.write.extend(other.write.iter().cloned());
        self.read.extend(other.read.iter().cloned());
        self.network |= other.network;
    }

    /// The sandbox with these openings.
    pub fn widen(&self, plan: &mut SandboxPlan) {
        let roots = self.write.iter().filter(|path| !plan.roots.iter().any(|root| root.path == **path));
        let roots: Vec<Root> = roots
            .map(|path| Root {
                path: path.clone(),
                protected: PROTECTED.map(str::to_owned).to_vec(),
                is_optional: true,
                is_temporary: false,
            })
            .collect();
        plan.roots.extend(roots);
        // What can be read anyhow stays as it is: named once more it could not be written any longer.
        let read = self.read.iter().filter(|path| !plan.may_read(path));
        plan.readable.extend(read.cloned().collect::<Vec<_>>());
        if self.network {
            plan.network = Network::On;
        }
    }

    /// What is granted, for the user.
    pub fn shown(&self) -> String {
        let write = self.write.iter().map(|path| format!("write below {path}"));
        let read = self.read.iter().map(|path| format!("read {path}"));
        let network = self.network.then(|| "the network".to_owned());
        network.into_iter().chain(write).chain(read).collect::<Vec<_>>().join(" · ")
    }

    /// The same for the model.
    pub fn told(&self, scope: &str) -> String {
        let permissions = json!({
            "network": {"enabled": self.network},
            "file_system": {"read": self.read, "write": self.write},
        });
        json!({"permissions": permissions, "scope": scope}).to_string()
    }
}
