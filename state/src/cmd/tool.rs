//! What tools ask of the outside, each in its own terms.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::undo::ChangeScope;
use crate::policy::SandboxPlan;

/// What a tool asks for. Reports the [`crate::msg::ToolReport`] of the same name, or a failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToolEffect {
    /// Read, check and perhaps apply a patch.
    Patch(PatchEffect),
    /// Read an image file.
    Image(ImageEffect),
    /// Find out where these absolute paths really are.
    ResolvePaths(Vec<String>),
}

/// A patch, to be checked or applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchEffect {
    /// The patch as the model wrote it.
    pub text: Arc<str>,
    /// Folder that its paths are relative to, absolute.
    pub cwd: String,
    /// What it may write.
    pub reach: PatchReach,
    /// The digest of what it was found to do before anybody was asked. When it would do anything else by now, nothing is
    /// written.
    #[serde(default)]
    pub shown: Option<String>,
    /// For whom it is kept what it changes; `None`: it is not.
    #[serde(default)]
    pub change_scope: Option<ChangeScope>,
}

/// What a patch may write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatchReach {
    /// Nothing: only check.
    Nothing,
    /// What a command could in this sandbox; wherever links lead.
    Within(SandboxPlan),
    /// Anything. The user has seen which files.
    Everything,
}

impl PatchReach {
    /// Whether anything is written.
    pub fn writes(&self) -> bool {
        *self != Self::Nothing
    }
}

/// An image file to be read for the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageEffect {
    /// Its path, absolute.
    pub path: String,
    /// Whether it keeps its size, up to what a model takes at most.
    pub original: bool,
    /// The sandbox that commands have: what it hides, this does not read either. `None`: none.
    pub plan: Option<SandboxPlan>,
}
