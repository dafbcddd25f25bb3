//! The resolved configuration, and how it is resolved from layers.

pub mod access;
mod builtin;
mod check;
pub mod edit;
mod environment;
pub mod features;
pub mod hint;
pub mod keys;
pub mod layer;
pub mod layers;
pub mod models;
pub mod origins;
pub mod permissions;
pub mod problem;
pub mod resolution;
pub mod resolve;
mod settings;
pub mod source;
#[cfg(test)]
mod tests;
pub mod unread;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use access::{Access, Sealed};
pub use builtin::local_model;
pub use edit::ConfigEdit;
pub use environment::{Inherit, ShellEnvironment};
pub use keys::{
    ApprovalPolicy, Granular, KeyBinding, Personality, Provider, SandboxMode, ShellTool, Tools, Tui, WebSearch,
    Workspace, at_home,
};
pub use layer::{Entry, KeyPath, Layer};
pub use layers::{Layers, SealedLayers};
pub use origins::{Origin, Origins};
pub use permissions::{Anchor, Denied, Grant, PermissionProfile, Rule, is_pattern};
pub use problem::{Problem, Severity};
pub use resolution::{Folder, Resolution, ResolutionContext};
pub use resolve::resolve;
pub use source::{LayerKind, Place, Source, Spot};
pub use unread::Unread;

/// The resolved configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Model slug.
    pub model: String,
    /// Name of the provider in `providers`.
    pub provider: String,
    /// All providers by name, built-in ones included.
    pub providers: BTreeMap<String, Provider>,
    /// When to ask.
    pub approval: ApprovalPolicy,
    /// The granular form of the approval policy; `approval` is `OnRequest` then, and a later change of it wins.
    pub granular: Option<Granular>,
    /// What commands may write and reach.
    pub sandbox: SandboxMode,
    /// What `SandboxMode::WorkspaceWrite` may write.
    pub workspace: Workspace,
    /// The permission profile that takes the place of the mode, as long as `sandbox` is the mode that it comes with.
    pub permissions: Option<PermissionProfile>,
    /// Which variables commands get.
    pub environment: ShellEnvironment,
    /// Which tools the model is offered.
    pub tools: Tools,
    /// `model_reasoning_effort`.
    pub effort: Option<String>,
    /// `model_reasoning_summary`.
    pub summary: Option<String>,
    /// `model_verbosity`.
    pub verbosity: Option<String>,
    /// `service_tier`.
    pub service_tier: Option<String>,
    /// `personality`.
    pub personality: Personality,
    /// `model_context_window`, tokens.
    pub context_window: Option<u64>,
    /// `instructions`: replaces the built-in base instructions.
    pub instructions: Option<String>,
    /// `developer_instructions`: added as a developer message.
    pub developer_instructions: Option<String>,
    /// `hide_agent_reasoning`.
    pub hide_reasoning: bool,
    /// `tui.animations`: whether anything on the screen may move with time alone.
    pub animations: bool,
    /// `tui.keymap`: keys in the place of those of the table.
    pub keymap: Vec<KeyBinding>,
    /// `tui.raw_output_mode`: whether answers are shown as they were written from the start.
    pub raw: bool,
    /// `tui.vim_mode_default`: whether the draft has vim keys from the start.
    pub vim: bool,
    /// `tui.screen_reader`: whether everything is shown as linear text.
    pub screen_reader: bool,
    /// What the user prefers on the screen.
    pub tui: Tui,
    /// Warnings that the resolution found (unknown keys and the like), ready to be shown.
    pub warnings: Vec<String>,
    /// What is to be known at the start and is nothing wrong (keys without effect), ready to be shown.
    pub notes: Vec<String>,
}

impl Default for Config {
    /// What holds before anything is read, without any provider.
    fn default() -> Self {
        Self {
            model: builtin::MODEL.to_owned(),
            provider: builtin::PROVIDER.to_owned(),
            providers: BTreeMap::new(),
            approval: ApprovalPolicy::OnRequest,
            granular: None,
            sandbox: SandboxMode::ReadOnly,
            workspace: Workspace::default(),
            permissions: None,
            environment: ShellEnvironment::default(),
            tools: Tools::default(),
            effort: None,
            summary: None,
            verbosity: None,
            service_tier: None,
            personality: Personality::None,
            context_window: None,
            instructions: None,
            developer_instructions: None,
            hide_reasoning: false,
            animations: true,
            keymap: Vec::new(),
            raw: false,
            vim: false,
            screen_reader: false,
            tui: Tui::default(),
            warnings: Vec::new(),
            notes: Vec::new(),
        }
    }
}

impl Config {
    /// The permission profile that holds, if one does.
    pub fn profile(&self) -> Option<&PermissionProfile> {
        self.permissions.as_ref().filter(|permissions| permissions.mode() == self.sandbox)
    }

    /// Whether the model can be offered tools that take free text by a grammar, and its server passes them on. Others get
    /// functions, which every server knows.
    pub fn takes_free_text(&self) -> bool {
        let is_local = |provider: &Provider| provider.is_local_server(&self.provider);
        builtin::takes_free_text(&self.model) && !self.providers.get(&self.provider).is_some_and(is_local)
    }

    /// What the sandbox of commands is called: the permission profile, else the mode.
    pub fn sandbox_name(&self) -> &str {
        self.profile().map_or(self.sandbox.as_str(), |permissions| permissions.name.as_str())
    }
}
