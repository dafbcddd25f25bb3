//! How far commands may reach, by mode.

use serde::{Deserialize, Serialize};

use super::{
    super::{
        layer::KeyPath,
        problem::{Problem, Severity},
        resolution::Resolution,
        settings::Settings,
    },
    known::{Kind, Known, Reading, Section, key, unread},
};

const MODES: &[&str] = &["read-only", "workspace-write", "danger-full-access"];
const WINDOWS: &str = "Windows";

pub(super) const SECTION: Section = Section { name: "Sandbox", keys: KEYS, read: Some(read) };

const KEYS: &[Known] = &[
    key("sandbox_mode", Kind::Choice(MODES), "What commands may write and reach."),
    key(
        "sandbox_workspace_write.writable_roots",
        Kind::List,
        "Folders that can be written in addition to the working folder: absolute paths, or paths that begin with `~/`.",
    ),
    key("sandbox_workspace_write.network_access", Kind::Flag, "Whether commands reach the network."),
    key(
        "sandbox_workspace_write.exclude_tmpdir_env_var",
        Kind::Flag,
        "Excludes the folder that `TMPDIR` names from what can be written.",
    ),
    key("sandbox_workspace_write.exclude_slash_tmp", Kind::Flag, "Excludes `/tmp` from what can be written."),
    unread("windows", WINDOWS),
    unread("windows_wsl_setup_acknowledged", WINDOWS),
];

/// What commands may write and reach, from the narrowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SandboxMode {
    /// Read everything, write nothing, no network.
    ReadOnly,
    /// Write in the workspace.
    WorkspaceWrite,
    /// No sandbox at all.
    DangerFullAccess,
}

impl SandboxMode {
    /// All, from the narrowest.
    pub const ALL: [Self; 3] = [Self::ReadOnly, Self::WorkspaceWrite, Self::DangerFullAccess];

    /// The configuration spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::WorkspaceWrite => "workspace-write",
            Self::DangerFullAccess => "danger-full-access",
        }
    }
}

/// `[sandbox_workspace_write]`, and the folders of `--add-dir`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// `writable_roots`: folders that can be written beside the working folder, absolute.
    pub writable_roots: Vec<String>,
    /// Folders of `--add-dir`, absolute.
    #[serde(default)]
    pub added_folders: Vec<String>,
    /// `network_access`: whether commands reach the network.
    pub network_access: bool,
    /// `exclude_tmpdir_env_var`: the folder that `TMPDIR` names cannot be written.
    pub exclude_tmpdir_env_var: bool,
    /// `exclude_slash_tmp`: `/tmp` cannot be written.
    pub exclude_slash_tmp: bool,
}

/// Reads the mode. Without one a folder that is trusted can be written in.
fn read(reading: &Reading<'_>, resolution: &mut Resolution) {
    let Reading { settings, context, .. } = reading;
    let is_trusted = resolution.trusted == Some(true);
    let said = settings.text(&["sandbox_mode"]);
    resolution.config.sandbox = match said {
        Some("danger-full-access") => SandboxMode::DangerFullAccess,
        Some("workspace-write") => SandboxMode::WorkspaceWrite,
        None if is_trusted => SandboxMode::WorkspaceWrite,
        Some(_) | None => SandboxMode::ReadOnly,
    };
    resolution.sandbox_by_trust = is_trusted && said.is_none();
    let workspace = workspace(settings, context.user_home.as_deref(), &mut resolution.problems);
    resolution.config.workspace = Workspace { added_folders: context.added_folders.clone(), ..workspace };
}

/// Reads `[sandbox_workspace_write]`. A root that is no absolute path, and does not begin with `~/`, is left out and told.
fn workspace(settings: &Settings<'_>, home: Option<&str>, problems: &mut Vec<Problem>) -> Workspace {
    let table = "sandbox_workspace_write";
    let flag = |key: &str| settings.flag(&[table, key]).unwrap_or(false);
    let path = KeyPath::new([table, "writable_roots"]);
    let mut writable_roots = Vec::new();
    if let Some(winner) = settings.get(&path) {
        let texts = winner.value.as_array().into_iter().flatten().filter_map(|value| value.as_str());
        for text in texts {
            let absolute = at_home(text, home);
            if absolute.starts_with('/') {
                writable_roots.push(absolute);
                continue;
            }
            let shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
            let message = format!("`{path}` holds \"{shown}\", which is not an absolute path; it is left out.");
            let problem = Problem::new(Severity::Warning, message).with_hint("Write it from `/` or `~/` on.");
            problems.push(winner.at_value(problem));
        }
    }
    Workspace {
        writable_roots,
        added_folders: Vec::new(),
        network_access: flag("network_access"),
        exclude_tmpdir_env_var: flag("exclude_tmpdir_env_var"),
        exclude_slash_tmp: flag("exclude_slash_tmp"),
    }
}

/// A path as it stands in the configuration, with the user's home for `~`.
pub fn at_home(path: &str, home: Option<&str>) -> String {
    let below = path.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/'));
    match (below, home.filter(|home| home.starts_with('/'))) {
        (Some(rest), Some(home)) => format!("{}{rest}", home.trim_end_matches('/')),
        (Some(_) | None, _) => path.to_owned(),
    }
}
