//! Secrets and the provider facts that hold them. They never enter a message, the model or a recording.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

use crate::{scripted::Script, secrets::Secrets};

/// Text that must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

/// What the runner knows and the model must not.
#[derive(Clone, Debug, Default)]
pub struct Vault {
    /// How to reach each provider, by its name in the configuration.
    pub providers: BTreeMap<String, ProviderAccess>,
    /// A PEM bundle trusted on top of the system's roots, and the variable that named it.
    pub ca_bundle: Option<(PathBuf, String)>,
    /// Everything that must not be seen, whichever provider is asked.
    pub secrets: Secrets,
    /// Value of the `originator` header and the `User-Agent` prefix.
    pub originator: String,
}

/// How to reach one provider.
#[derive(Clone, Debug)]
pub struct ProviderAccess {
    /// Base URL without a trailing slash.
    pub base_url: String,
    /// Bearer token.
    pub credential: Credential,
    /// Extra headers, values treated as secrets.
    pub headers: Vec<(String, Secret)>,
    /// Extra query parameters of every request.
    pub query: Vec<(String, Secret)>,
    /// The built-in offline model answers instead of a server.
    pub scripted: Option<Arc<Script>>,
}

/// A provider's credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The provider wants none.
    None,
    /// A bearer token.
    Bearer(Secret),
    /// It wants one and there is none; the text says how to give it.
    Missing(String),
}
