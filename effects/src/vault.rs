//! Secrets and the provider facts that hold them. They never enter a message, the model or a recording.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

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
    /// The key that the user has given since the start, and the provider that it is for.
    pub late: Late,
}

/// A key that came after the start; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Late(Arc<Mutex<Option<(String, Secret)>>>);

impl Vault {
    /// Some digits that tell the address and the login of a provider from others: what only they can read belongs there. Far
    /// too few to find a key by.
    pub fn origin(&self, provider: &str) -> String {
        /// Headers that say who asks.
        const WHO: [&str; 6] =
            ["authorization", "api-key", "x-api-key", "openai-organization", "openai-project", "chatgpt-account-id"];
        let Some(access) = self.access(provider) else { return String::new() };
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        let mut add = |name: &str, value: &str| {
            for text in [name, value] {
                context.update(text.as_bytes());
                context.update(b"\0");
            }
        };
        add("address", access.base_url.trim().trim_end_matches('/'));
        if let Credential::Bearer(key) = &access.credential {
            add("key", key.reveal());
        }
        let mut headers: Vec<_> =
            access.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        headers.sort_by(|one, other| one.0.cmp(&other.0));
        for (name, value) in headers.iter().filter(|(name, _)| WHO.contains(&name.as_str())) {
            add(name, value.reveal());
        }
        context.finish().as_ref()[..4].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// How to reach this provider, with the key that was given since the start.
    pub fn access(&self, provider: &str) -> Option<Cow<'_, ProviderAccess>> {
        let access = self.providers.get(provider)?;
        let late = self.late.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match late.as_ref().filter(|(of, _)| of == provider) {
            Some((_, key)) => {
                let credential = Credential::Bearer(key.clone());
                Cow::Owned(ProviderAccess { credential, ..access.clone() })
            }
            None => Cow::Borrowed(access),
        })
    }

    /// Uses this key for this provider from now on, and keeps it secret.
    pub fn give(&self, provider: &str, key: &Secret) {
        self.secrets.learn(key);
        *self.late.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((provider.to_owned(), key.clone()));
    }

    /// What is missing to reach this provider, in a sentence that says how to give it.
    pub fn missing_key(&self, provider: &str) -> Option<String> {
        match &self.providers.get(provider)?.credential {
            Credential::Missing(how) => Some(how.clone()),
            Credential::None | Credential::Bearer(_) => None,
        }
    }
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
