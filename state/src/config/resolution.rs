//! What a resolution is given beside the layers, and what it comes to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Config,
    access::{Access, Sealed},
    origins::{Origin, Origins},
    problem::{Problem, Severity},
    source::LayerKind,
    unread::Unread,
};

/// What the resolution must know beside the layers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolutionContext {
    /// Folders whose `projects` entry counts for this run, the most specific first.
    pub folders: Vec<Folder>,
    /// The user's home, absolute: what `~` means in a permission profile.
    pub user_home: Option<String>,
    /// Folders of `--add-dir`, absolute.
    pub added_folders: Vec<String>,
    /// Names of the user's own themes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub themes: Vec<String>,
    /// What tells the address and login of a provider from others, by its name, where it was computed.
    pub provider_origins: BTreeMap<String, String>,
}

/// A folder that a `projects` entry may be about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// Where it really lies: absolute, without links.
    pub path: String,
    /// Paths through links under which the user came to it. An entry under such a path can take trust away, and never
    /// gives it: anyone who can change the link would choose what is trusted.
    pub links: Vec<String>,
}

/// What the layers come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolution {
    /// The configuration; complete even when there are errors.
    pub config: Config,
    /// How each provider of the configuration wants to be asked; for the vault.
    pub access: BTreeMap<String, Access>,
    /// Variables that are set for commands, for the vault.
    pub environment: BTreeMap<String, Sealed>,
    /// Whether the folder is trusted; `None` when that is not configured.
    pub trusted: Option<bool>,
    /// What was said of each folder of the situation alone.
    pub trust: Vec<(String, Option<bool>)>,
    /// Who said so.
    pub trust_origin: Option<Origin>,
    /// Whether the sandbox mode is what it is because the folder is trusted.
    pub sandbox_by_trust: bool,
    /// Who wrote each value that holds, and where.
    pub origins: Origins,
    /// The local provider that `--oss` means.
    pub local_provider: Option<String>,
    /// What is wrong, in the order of the layers.
    pub problems: Vec<Problem>,
    /// What has no effect yet, in the order of the layers.
    pub unread: Vec<Unread>,
}

impl Resolution {
    /// The problems that keep the program from starting.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error)
    }
    /// Who decided how far commands may reach.
    pub fn sandbox_origin(&self) -> Origin {
        let said = |key: &str| self.origins.origin(&[key]);
        if let Some(origin) = self.trust_origin.as_ref().filter(|_| self.sandbox_by_trust) {
            return origin.clone();
        }
        let (mode, profile) = (said("sandbox_mode"), said("default_permissions"));
        if profile.kind() >= mode.kind() && profile.kind() != LayerKind::Default { profile } else { mode }
    }
}
