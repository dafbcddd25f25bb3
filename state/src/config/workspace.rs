//! What `workspace-write` may write, and which questions the granular approval policy asks.

use serde::{Deserialize, Serialize};

use super::{
    layer::KeyPath,
    problem::{Problem, Severity},
    settings::Settings,
};

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

/// `approval_policy = { granular = { .. } }`: which kinds of questions are asked. A kind that is off is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granular {
    /// `sandbox_approval`: running outside the sandbox.
    pub sandbox_approval: bool,
    /// `rules`: commands that a rule wants to be asked about.
    pub rules: bool,
    /// `skill_approval`: scripts of skills.
    pub skill_approval: bool,
    /// `request_permissions`: what the model asks for with the tool of this name.
    pub request_permissions: bool,
    /// `mcp_elicitations`: questions of MCP servers.
    pub mcp_elicitations: bool,
}

/// Reads `[sandbox_workspace_write]`. A root that is no absolute path, and does not begin with `~/`, is left out and told.
pub(crate) fn workspace(settings: &Settings<'_>, home: Option<&str>, problems: &mut Vec<Problem>) -> Workspace {
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
            problems.push(super::check::at(problem, winner.source, winner.spot.map(|spot| spot.value)));
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

/// Reads the granular form, when it is the one that holds. What it does not name is off.
pub(crate) fn granular(settings: &Settings<'_>) -> Option<Granular> {
    settings.get(&KeyPath::new(["approval_policy"])).filter(|winner| winner.value.is_object())?;
    let flag = |key: &str| settings.flag(&["approval_policy", "granular", key]).unwrap_or(false);
    Some(Granular {
        sandbox_approval: flag("sandbox_approval"),
        rules: flag("rules"),
        skill_approval: flag("skill_approval"),
        request_permissions: flag("request_permissions"),
        mcp_elicitations: flag("mcp_elicitations"),
    })
}
