//! The resolved configuration, and how it is resolved from layers.

pub mod access;
mod builtin;
mod check;
mod environment;
pub mod features;
pub mod hint;
pub mod layer;
pub mod permissions;
pub mod problem;
pub mod resolve;
mod settings;
pub mod source;
pub mod table;
#[cfg(test)]
mod tests;
mod tools;
pub mod unread;
mod workspace;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use access::{Access, Sealed};
pub use builtin::local_model;
pub use environment::{Inherit, ShellEnvironment};
pub use layer::{Entry, KeyPath, Layer};
pub use permissions::{Anchor, Denied, Grant, PermissionProfile, Rule, is_pattern};
pub use problem::{Problem, Severity};
pub use resolve::{Folder, Resolution, ResolutionContext, resolve};
pub use source::{Place, Source, Spot};
pub use tools::{ShellTool, Tools, WebSearch};
pub use unread::Unread;
pub use workspace::{Granular, Workspace, at_home};

/// The resolved configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    #[serde(default)]
    pub granular: Option<Granular>,
    /// How far commands may reach.
    pub sandbox: SandboxMode,
    /// What `SandboxMode::WorkspaceWrite` may write.
    #[serde(default)]
    pub workspace: Workspace,
    /// The permission profile that takes the place of the mode, as long as `sandbox` is the mode that it comes with.
    #[serde(default)]
    pub permissions: Option<PermissionProfile>,
    /// Which variables commands get.
    #[serde(default)]
    pub environment: ShellEnvironment,
    /// Which tools the model is offered.
    #[serde(default)]
    pub tools: Tools,
    /// `model_reasoning_effort`.
    pub effort: Option<String>,
    /// `model_reasoning_summary`.
    pub summary: Option<String>,
    /// `model_verbosity`.
    pub verbosity: Option<String>,
    /// `service_tier`.
    pub service_tier: Option<String>,
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
    /// Warnings that the resolution found (unknown keys and the like), ready to be shown.
    pub warnings: Vec<String>,
    /// What is to be known at the start and is nothing wrong (keys without effect), ready to be shown.
    #[serde(default)]
    pub notes: Vec<String>,
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

    /// What the sandbox of commands are called: the permission profile, else the mode.
    pub fn sandbox_name(&self) -> &str {
        self.profile().map_or(self.sandbox.as_str(), |permissions| permissions.name.as_str())
    }
}

/// A server of the Responses API: facts only, no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Name for people.
    pub name: String,
    /// Base URL without a trailing slash; `/responses` is appended.
    pub base_url: String,
    /// Where its key comes from, in words for error messages (for instance ``the variable `OPENAI_API_KEY` ``).
    pub credential_hint: Option<String>,
    /// Retries of a request that failed before its stream began.
    pub request_max_retries: u32,
    /// Retries of a stream that broke.
    pub stream_max_retries: u32,
    /// A stream is given up when no byte arrives for this long, in milliseconds.
    pub stream_idle_timeout_ms: u64,
    /// Whether it is the built-in offline model.
    pub is_demo: bool,
    /// Tells its address and login from others, in a few digits; empty where nobody has looked.
    #[serde(default)]
    pub origin: String,
}

impl Provider {
    /// Whether it serves models of this machine by functions alone: Ollama and LM Studio, by name or by port.
    pub fn is_local_server(&self, id: &str) -> bool {
        let authority = self.base_url.split_once("://").map_or("", |(_, rest)| rest);
        let authority = authority.split(['/', '?']).next().unwrap_or_default();
        let port = authority.rsplit_once(':').map(|(_, port)| port);
        matches!(id, "oss" | "ollama" | "lmstudio") || matches!(port, Some("11434" | "1234"))
    }
}

/// When to ask before a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalPolicy {
    /// Ask for everything but trusted read-only commands.
    Untrusted,
    /// Deprecated: run in the sandbox, ask when that failed.
    OnFailure,
    /// Ask when the sandbox is not enough.
    OnRequest,
    /// Never ask; what would need an answer is refused.
    Never,
}

impl ApprovalPolicy {
    /// The configuration spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Untrusted => "untrusted",
            Self::OnFailure => "on-failure",
            Self::OnRequest => "on-request",
            Self::Never => "never",
        }
    }
}

/// How far commands may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The configuration spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::WorkspaceWrite => "workspace-write",
            Self::DangerFullAccess => "danger-full-access",
        }
    }
}
