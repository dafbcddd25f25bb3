//! What a thread works under. Each thread has its own: nothing that a thread can have of its own is read from a global. A
//! turn keeps those that it began with, so that a change in its middle is defined.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    boot::{Boot, FaceKind, Host},
    config::{ApprovalPolicy, Config, Layer, LayerKind, Personality, SandboxMode, SealedLayers, Source},
    rules::Rules,
};

/// The settings of a thread.
#[derive(Clone, Debug, PartialEq)]
pub struct ThreadSettings {
    /// The resolved configuration.
    pub config: Arc<Config>,
    /// The layers that it was resolved from, without secrets.
    pub layers: Arc<SealedLayers>,
    /// The machine as the thread sees it: its folder, its documents.
    pub host: Arc<Host>,
    /// What the user allowed, wants to be asked about, or forbade.
    pub rules: Arc<Rules>,
    /// Who can be asked.
    pub audience: Audience,
    /// Whether it is written down.
    pub storage: Storage,
    /// What the program does when its work is over.
    pub when_over: WhenOver,
    /// JSON schema for final answers.
    pub output_schema: Option<Arc<serde_json::Value>>,
}

/// Who can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// The user.
    User,
    /// There is no user to answer.
    None,
}

/// Whether a thread is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Storage {
    /// In its rollout file.
    Rollout,
    /// In memory only.
    Ephemeral,
}

/// What the program does when a thread's turn is over and nothing waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhenOver {
    /// It waits for the next intent.
    Stay,
    /// It ends, with the exit code that the turn's end gives.
    Leave,
}

/// What is to be other than it is. `None` leaves a setting as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SettingsChange {
    /// Working folder, absolute. Documents and branch belong to a folder, so they are empty in another one until its
    /// facts are known.
    pub cwd: Option<String>,
    /// The provider of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// There is a login now: the digits that tell it from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// The model that answers.
    pub model: Option<String>,
    /// Reasoning effort.
    pub effort: Option<String>,
    /// The server's tier for requests; `default` is its own.
    #[serde(default)]
    pub service_tier: Option<String>,
    /// How the model writes, as `personality` names it.
    #[serde(default)]
    pub personality: Option<Personality>,
    /// When to ask before a command runs.
    pub approval: Option<ApprovalPolicy>,
    /// How far commands may reach.
    pub sandbox: Option<SandboxMode>,
    /// Whether it is written down. Only at the start of a thread.
    pub storage: Option<Storage>,
}

impl ThreadSettings {
    /// Those that new threads begin with.
    pub fn of(boot: &Boot) -> Self {
        let (audience, when_over) = match boot.face {
            FaceKind::Full(_) | FaceKind::Inline(_) | FaceKind::Reader(_) => (Audience::User, WhenOver::Stay),
            FaceKind::ExecText | FaceKind::ExecJson => (Audience::None, WhenOver::Leave),
        };
        Self {
            config: Arc::new(boot.config.clone()),
            layers: Arc::new(boot.layers.clone()),
            host: Arc::new(boot.host.clone()),
            rules: Arc::new(boot.rules.clone()),
            audience,
            storage: if boot.ephemeral { Storage::Ephemeral } else { Storage::Rollout },
            when_over,
            output_schema: boot.output_schema.clone(),
        }
    }

    /// Whether the user can be asked.
    pub fn can_ask(&self) -> bool {
        self.audience == Audience::User
    }

    /// Whether the thread is not written down.
    pub fn is_ephemeral(&self) -> bool {
        self.storage == Storage::Ephemeral
    }

    /// The configuration, to be changed.
    pub fn config_mut(&mut self) -> &mut Config {
        Arc::make_mut(&mut self.config)
    }

    /// The machine, to be changed.
    pub fn host_mut(&mut self) -> &mut Host {
        Arc::make_mut(&mut self.host)
    }

    /// The rules, to be changed.
    pub fn rules_mut(&mut self) -> &mut Rules {
        Arc::make_mut(&mut self.rules)
    }

    /// Nothing is missing any more to reach a model.
    fn can_ask_model(&mut self) {
        let host = self.host_mut();
        (host.missing_key, host.needs_login) = (None, false);
    }

    /// Takes back what the session says of a key, in the layers.
    pub fn unsay(&mut self, path: &[&str]) {
        let layers = Arc::make_mut(&mut self.layers);
        *layers = std::mem::take(layers).without(&Source::Session, path);
    }

    /// Why a change does not hold; `None` when it does. What an administrator decides holds over what a session says.
    pub fn overruled(&self, change: &SettingsChange) -> Option<String> {
        let wanted = [
            ("model_provider", change.provider.as_deref(), self.config.provider.as_str()),
            ("model", change.model.as_deref(), self.config.model.as_str()),
            ("model_reasoning_effort", change.effort.as_deref(), self.config.effort.as_deref().unwrap_or_default()),
            ("service_tier", change.service_tier.as_deref(), self.config.service_tier.as_deref().unwrap_or_default()),
            ("personality", change.personality.map(Personality::as_str), self.config.personality.as_str()),
            ("approval_policy", change.approval.map(ApprovalPolicy::as_str), self.config.approval.as_str()),
            ("sandbox_mode", change.sandbox.map(SandboxMode::as_str), self.config.sandbox.as_str()),
        ];
        let mut other = wanted.into_iter().filter(|(_, wanted, held)| wanted.is_some_and(|wanted| wanted != *held));
        let origins = other.clone().next().map(|_| self.layers.resolve().origins)?;
        other.find_map(|(key, _, held)| {
            let origin = origins.origin(&[key]);
            let is_fixed = origin.kind() > LayerKind::Session;
            is_fixed.then(|| format!("Not changed: an administrator sets {key} to {held:?} in {origin}."))
        })
    }

    /// Makes a change. What it says of the configuration is in the session's layer, too.
    pub fn change(&mut self, change: SettingsChange) {
        let SettingsChange {
            cwd,
            provider,
            login,
            model,
            effort,
            service_tier,
            personality,
            approval,
            sandbox,
            storage,
        } = change;
        if let Some(cwd) = cwd.filter(|cwd| *cwd != self.host.cwd) {
            let host = self.host_mut();
            host.cwd_short.clone_from(&cwd);
            host.cwd = cwd;
            host.documents.retain(|document| document.is_global);
            host.branch = None;
        }
        if let Some(origin) = login {
            let config = self.config_mut();
            if let Some(provider) = config.providers.get_mut(&config.provider) {
                provider.origin = origin;
            }
            self.can_ask_model();
        }
        if let Some(provider) = provider.filter(|provider| *provider != self.config.provider) {
            let session = Layer::new(Source::Session).with(&["model_provider"], provider.as_str());
            let layers = Arc::make_mut(&mut self.layers);
            *layers = std::mem::take(layers).with(&session);
            self.config_mut().provider = provider;
            self.can_ask_model();
        }
        let said = [
            ("model", model.as_deref()),
            ("model_reasoning_effort", effort.as_deref()),
            ("service_tier", service_tier.as_deref()),
            ("personality", personality.map(Personality::as_str)),
            ("approval_policy", approval.map(ApprovalPolicy::as_str)),
            ("sandbox_mode", sandbox.map(SandboxMode::as_str)),
        ];
        if said.iter().any(|(_, word)| word.is_some()) {
            let said = said.into_iter().filter_map(|(key, word)| Some((key, word?)));
            let session = said.fold(Layer::new(Source::Session), |layer, (key, word)| layer.with(&[key], word));
            let layers = Arc::make_mut(&mut self.layers);
            *layers = std::mem::take(layers).with(&session);
            let model = model.filter(|model| *model != self.config.model);
            let resolved = model.is_some().then(|| self.layers.resolve().config);
            let config = self.config_mut();
            if let Some(model) = model {
                // What is not configured follows the model.
                let resolved = resolved.unwrap_or_default();
                (config.effort, config.context_window) = (resolved.effort, resolved.context_window);
                config.model = model;
            }
            config.service_tier = service_tier.or_else(|| config.service_tier.take());
            config.effort = effort.or_else(|| config.effort.take());
            config.personality = personality.unwrap_or(config.personality);
            if let Some(approval) = approval {
                (config.approval, config.granular) = (approval, None);
            }
            config.sandbox = sandbox.unwrap_or(config.sandbox);
        }
        self.storage = storage.unwrap_or(self.storage);
    }
}
