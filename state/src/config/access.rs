//! How a provider wants to be asked: the part of its configuration that may hold secrets. It goes into the vault
//! of `quire-effects` and never into `Boot`, so nothing here can be serialised.

use std::fmt;

/// Text that must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(String);

impl Sealed {
    /// Seals a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the vault.
    pub fn open(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[sealed]")
    }
}

/// How one provider wants to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// `env_key`: the variable that holds the key.
    pub env_key: Option<String>,
    /// `env_key_instructions`: where a user gets such a key.
    pub env_key_instructions: Option<String>,
    /// `experimental_bearer_token`: the key itself.
    pub bearer: Option<Sealed>,
    /// `http_headers`.
    pub headers: Vec<(String, Sealed)>,
    /// `env_http_headers`: header name and the variable that holds its value.
    pub env_headers: Vec<(String, String)>,
    /// `query_params`.
    pub query: Vec<(String, Sealed)>,
    /// `requires_openai_auth`: the OpenAI key of the environment or the login is used.
    pub wants_openai_auth: bool,
}
