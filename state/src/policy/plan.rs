//! How far a sandboxed command reaches, as plain data. The sandbox renders it; it decides nothing of its own.

mod granted;
mod home;
pub(crate) mod pattern;
mod reach;
#[cfg(test)]
mod tests;

use pattern::Pattern;
use serde::{Deserialize, Serialize};

use crate::{
    boot::Host,
    config::{Config, SandboxMode},
};

/// Names at the top of each writable root that no sandboxed command and no patch may create, change, move or remove.
pub const PROTECTED: [&str; 3] = [".git", ".codex", ".agents"];

/// What a sandboxed command may reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxPlan {
    /// Working folder of the command, absolute. Being here makes it no root.
    pub cwd: String,
    /// What can be written; everything else can be read at most.
    pub roots: Vec<Root>,
    /// Absolute paths that can be neither read nor written, whether or not they exist, even within a root. `/` hides
    /// everything but roots and what is readable.
    pub hidden: Vec<String>,
    /// Absolute paths that can be read and not written, although they lie in a root or in something hidden.
    #[serde(default)]
    pub readable: Vec<String>,
    /// Further names that can be neither read nor written, nearer than any root or readable path. What exists of them when
    /// a command starts is hidden from it.
    #[serde(default)]
    pub patterns: Vec<Pattern>,
    /// The folders of the project, absolute. A link in them proves nothing: no root and no readable path is reached
    /// over one.
    #[serde(default)]
    pub workspace: Vec<String>,
    /// What can be reached over the network.
    pub network: Network,
    /// Whether sockets of this machine (`AF_UNIX`) can be used although the network is off.
    #[serde(default)]
    pub local_sockets: bool,
}

/// A writable folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Its path, absolute; may be a symlink, which the sandbox resolves before it starts anything.
    pub path: String,
    /// Names directly in it that stay as they are, whether or not they exist.
    pub protected: Vec<String>,
    /// Whether it may be a file, and is no root as long as it does not exist. Else both are reasons to refuse the command.
    #[serde(default)]
    pub is_optional: bool,
    /// Whether it is a folder for temporary files that was not configured. Where it cannot be a root, it is none, and that is told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_temporary: bool,
}

/// What can be reached over the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Nothing outside of the sandbox.
    Off,
    /// Everything.
    On,
}

/// The plan for a command in this folder; `None` when the configuration gave up the sandbox. The folder of a call
/// changes nothing but where it starts.
pub fn plan(config: &Config, host: &Host, cwd: &str) -> Option<SandboxPlan> {
    if let Some(permissions) = config.profile() {
        return Some(granted::plan(permissions, config, host, cwd));
    }
    let (paths, network) = match config.sandbox {
        SandboxMode::DangerFullAccess => return None,
        SandboxMode::ReadOnly => (Vec::new(), Network::Off),
        SandboxMode::WorkspaceWrite => {
            let network = if config.workspace.network_access { Network::On } else { Network::Off };
            (writable(config, host), network)
        }
    };
    let protected = PROTECTED.map(str::to_owned).to_vec();
    // A missing temporary folder does not matter; a missing folder that was configured does.
    let named = [&config.workspace.added_folders[..], &config.workspace.writable_roots[..]].concat();
    let is_named = |path: &str| std::iter::once(&host.cwd).chain(&named).any(|named| plain(named) == path);
    let root = |path: String| {
        let is_named = is_named(&path);
        Root { protected: protected.clone(), is_optional: !is_named, is_temporary: !is_named, path }
    };
    let roots = paths.into_iter().map(root).collect();
    let mut plan = SandboxPlan {
        cwd: cwd.to_owned(),
        roots,
        hidden: Vec::new(),
        readable: Vec::new(),
        patterns: Vec::new(),
        workspace: workspace(config, host),
        network,
        local_sockets: false,
    };
    home::hide(&mut plan, host);
    Some(plan)
}

/// Whether commands reach the network under this configuration.
pub fn plan_reaches_network(config: &Config) -> bool {
    match (config.profile(), config.sandbox) {
        (Some(permissions), _) => permissions.network_access,
        (None, SandboxMode::DangerFullAccess) => true,
        (None, SandboxMode::ReadOnly) => false,
        (None, SandboxMode::WorkspaceWrite) => config.workspace.network_access,
    }
}

/// The folders of the project: the working folder and those of the options.
fn workspace(config: &Config, host: &Host) -> Vec<String> {
    let all = std::iter::once(&host.cwd).chain(&config.workspace.added_folders);
    all.filter(|path| path.starts_with('/')).map(|path| plain(path)).collect()
}

/// The writable folders, each once: the working folder, those of the options and of the configuration, the temporary
/// ones.
fn writable(config: &Config, host: &Host) -> Vec<String> {
    let workspace = &config.workspace;
    let slash_tmp = (!workspace.exclude_slash_tmp).then_some("/tmp");
    let tmpdir = host.tmpdir.as_deref().filter(|_| !workspace.exclude_tmpdir_env_var);
    let all = std::iter::once(host.cwd.as_str())
        .chain(workspace.added_folders.iter().map(String::as_str))
        .chain(workspace.writable_roots.iter().map(String::as_str))
        .chain(slash_tmp)
        .chain(tmpdir);
    let mut paths: Vec<String> = Vec::new();
    for path in all.filter(|path| path.starts_with('/')) {
        let path = plain(path);
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

/// The path without `.` segments, doubled slashes and a slash at its end. `..` stays: what it means depends on links.
fn plain(path: &str) -> String {
    let segments = path.split('/').filter(|segment| !matches!(*segment, "" | "."));
    let joined: String = segments.flat_map(|segment| ["/", segment]).collect();
    if joined.is_empty() { "/".to_owned() } else { joined }
}

/// Whether a path is a folder or lies in it, by its text.
pub fn is_within(path: &str, folder: &str) -> bool {
    let rest = plain(path);
    let folder = folder.trim_end_matches('/');
    rest.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether every folder in which programs are looked for is absolute, and beyond the working folder and what sandboxed
/// commands may write. When not, a program of any name may be one that the project or such a command has put there.
pub fn finds_programs_safely(host: &Host, plan: Option<&SandboxPlan>) -> bool {
    let roots = plan.map(|plan| plan.roots.as_slice()).unwrap_or_default();
    let is_open = |folder: &str| {
        is_within(folder, &plain(&host.cwd)) || roots.iter().any(|root| is_within(folder, &plain(&root.path)))
    };
    host.search.iter().all(|folder| {
        let is_plain = folder.starts_with('/') && !folder.split('/').any(|segment| segment == "..");
        is_plain && !is_open(folder)
    })
}
