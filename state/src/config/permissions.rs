//! Permission profiles: what one grants, place by place. What that means on a machine says `policy::plan`.

use serde::{Deserialize, Serialize};

use super::SandboxMode;

/// What a profile grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionProfile {
    /// Its name.
    pub name: String,
    /// What may be done where. The nearest rule above a path decides; where none is, nothing may be done.
    pub rules: Vec<Rule>,
    /// What may be neither read nor written, by patterns. They are nearer than any rule.
    #[serde(default)]
    pub denied: Vec<Denied>,
    /// How deep below its folder a pattern with `**` looks, 1 being in the folder itself; `None`: however deep.
    #[serde(default)]
    pub pattern_depth: Option<u64>,
    /// Whether the network is reached.
    pub network_access: bool,
    /// Whether sockets of this machine (`AF_UNIX`) may be used, with the programs outside that listen on them.
    #[serde(default)]
    pub local_sockets: bool,
}

/// A line of `[permissions.NAME.filesystem]` that denies by a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denied {
    /// Where it begins.
    pub anchor: Anchor,
    /// What a path below that looks like.
    pub below: String,
}

/// One line of `[permissions.NAME.filesystem]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Where it begins.
    pub anchor: Anchor,
    /// The folder or file below that, relative; empty for the place itself.
    pub below: String,
    /// What may be done there.
    pub grant: Grant,
}

/// Where a rule begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anchor {
    /// `:root`: everything.
    Root,
    /// `:minimal`: what programs of the system need.
    Minimal,
    /// `:project_roots` or `:workspace_roots`: the working folder and those of `--add-dir`.
    Workspace,
    /// `:tmpdir`: the folder that `TMPDIR` names.
    Tmpdir,
    /// `:slash_tmp`: `/tmp`.
    SlashTmp,
    /// A path, absolute.
    Path(String),
}

/// What may be done in a place. The order is the order of strictness: where two meet on one path the earlier one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grant {
    /// Nothing.
    None,
    /// Reading.
    Read,
    /// Reading and writing.
    Write,
}

impl PermissionProfile {
    /// The mode that comes nearest: what is decided by the mode is decided as if it were set.
    pub fn mode(&self) -> SandboxMode {
        let whole = self.rules.iter().find(|rule| rule.anchor == Anchor::Workspace && rule.below.is_empty());
        match whole.map(|rule| rule.grant) {
            Some(Grant::Write) => SandboxMode::WorkspaceWrite,
            Some(Grant::Read | Grant::None) | None => SandboxMode::ReadOnly,
        }
    }

    /// `:workspace`: reads everything, writes in the workspace and in the temporary folders.
    pub(crate) fn workspace() -> Self {
        let rule = |anchor, grant| Rule { anchor, below: String::new(), grant };
        let rules = vec![
            rule(Anchor::Root, Grant::Read),
            rule(Anchor::Workspace, Grant::Write),
            rule(Anchor::SlashTmp, Grant::Write),
            rule(Anchor::Tmpdir, Grant::Write),
        ];
        Self { rules, ..Self::empty(":workspace") }
    }

    /// `:read-only`: reads everything.
    pub(crate) fn read_only() -> Self {
        let rules = vec![Rule { anchor: Anchor::Root, below: String::new(), grant: Grant::Read }];
        Self { rules, ..Self::empty(":read-only") }
    }

    /// A profile that grants nothing.
    pub(crate) fn empty(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            rules: Vec::new(),
            denied: Vec::new(),
            pattern_depth: None,
            network_access: false,
            local_sockets: false,
        }
    }

    /// Whether it says of anything that it may not even be read.
    pub fn denies(&self) -> bool {
        !self.denied.is_empty() || self.rules.iter().any(|rule| rule.grant == Grant::None)
    }

    /// Adds a rule; one for the same place gives way.
    pub(crate) fn put(&mut self, rule: Rule) {
        self.rules.retain(|held| held.anchor != rule.anchor || held.below != rule.below);
        self.rules.push(rule);
    }
}

/// Whether a path or a name stands for more than one.
pub fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}
