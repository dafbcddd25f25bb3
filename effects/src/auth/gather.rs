//! Configuration, environment and login together make the vault.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use quire_state::{
    config::{Access, Config, Sealed},
    secrets::{Named, is_pasted},
};

use super::{Environment, Stored};
use crate::{
    scripted::Script,
    secrets::Secrets,
    vault::{Credential, Late, ProviderAccess, Secret, Vault},
};

/// What the vault is made of.
#[derive(Clone, Debug)]
pub struct Gathering<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// How each of its providers wants to be asked.
    pub access: &'a BTreeMap<String, Access>,
    /// What the configuration says of secrets, the providers that are not in use among them.
    pub named: &'a Named,
    /// What logins have left, of whatever kind.
    pub logins: &'a [Secret],
    /// Variables that the configuration sets for commands.
    pub given: &'a BTreeMap<String, Sealed>,
    /// The environment.
    pub environment: &'a Environment,
    /// The login.
    pub stored: &'a Stored,
    /// Value of the `originator` header.
    pub originator: &'a str,
    /// Whether `CODEX_API_KEY` counts: it is meant for scripts.
    pub is_script: bool,
    /// The built-in offline model, for the providers that are one.
    pub scripted: Option<Arc<Script>>,
}

/// Makes the vault. A missing key is no failure here: the request that needs it says so.
pub fn gather(from: &Gathering<'_>) -> Vault {
    let none = Access::default();
    let providers = from.config.providers.iter().map(|(name, facts)| {
        let access = from.access.get(name).unwrap_or(&none);
        let scripted = if facts.is_demo { from.scripted.clone() } else { None };
        let entry = ProviderAccess {
            base_url: facts.base_url.clone(),
            credential: if facts.is_demo { Credential::None } else { credential(from, name, access) },
            headers: headers(access, from.environment),
            query: access.query.iter().map(|(key, value)| (key.clone(), Secret::new(value.open()))).collect(),
            scripted,
        };
        (name.clone(), entry)
    });
    Vault {
        providers: providers.collect(),
        ca_bundle: ca_bundle(from.environment),
        secrets: Secrets::gather(from.named, from.environment, from.logins).giving(from.given),
        originator: from.originator.to_owned(),
        late: Late::default(),
    }
}

fn credential(from: &Gathering<'_>, name: &str, access: &Access) -> Credential {
    if let Some(variable) = &access.env_key
        && let Some(key) = from.environment.get(variable)
    {
        return bearer(key, &format!("the variable `{variable}`"));
    }
    if let Some(token) = &access.bearer {
        return bearer(token.open(), &format!("`model_providers.{name}.experimental_bearer_token`"));
    }
    if access.env_key.as_deref().is_some_and(is_pasted) {
        return Credential::Missing(format!(
            "`model_providers.{name}.env_key` holds what looks like a secret. Put it into an environment variable, and write the \
             name of that there."
        ));
    }
    if let Some(variable) = &access.env_key {
        let where_from = access.env_key_instructions.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let where_from = where_from.map(|text| format!(" {text}")).unwrap_or_default();
        return Credential::Missing(format!(
            "Set the variable `{variable}`, which `model_providers.{name}.env_key` names.{where_from}"
        ));
    }
    if access.wants_openai_auth { openai(from) } else { Credential::None }
}

/// The environment is the more deliberate word, so it comes before the login.
fn openai(from: &Gathering<'_>) -> Credential {
    let script_key = if from.is_script { from.environment.get("CODEX_API_KEY") } else { None };
    if let Some(key) = script_key {
        return bearer(key, "the variable `CODEX_API_KEY`");
    }
    if let Some(key) = from.environment.get("OPENAI_API_KEY") {
        return bearer(key, "the variable `OPENAI_API_KEY`");
    }
    match from.stored {
        Stored::ApiKey(key) => bearer(key.reveal(), "the login in auth.json"),
        Stored::None => Credential::Missing(
            "Set the variable `OPENAI_API_KEY`, or choose another provider by `model_provider` in config.toml; \
             `--demo` needs no account."
                .to_owned(),
        ),
        Stored::Other => Credential::Missing(
            "The login in auth.json is not an API key, and Quire cannot use it. Set the variable `OPENAI_API_KEY`."
                .to_owned(),
        ),
        Stored::Unreadable(reason) => {
            Credential::Missing(format!("{reason} Log in again, or set the variable `OPENAI_API_KEY`."))
        }
    }
}

/// A token that cannot be a header value is as good as none, and worth a better word than the network's.
fn bearer(token: &str, from: &str) -> Credential {
    let token = token.trim();
    if token.is_empty() {
        Credential::Missing(format!("The key in {from} is empty."))
    } else if token.chars().all(|character| character.is_ascii_graphic()) {
        Credential::Bearer(Secret::new(token))
    } else {
        Credential::Missing(format!(
            "The key in {from} contains characters that no key has (spaces, line breaks, letters with accents)."
        ))
    }
}

/// Fixed headers, then those of the environment; a later one of the same name replaces the earlier.
fn headers(access: &Access, environment: &Environment) -> Vec<(String, Secret)> {
    let fixed = access.headers.iter().map(|(name, value)| (name, value.open()));
    let variable =
        |(name, variable): &'_ (String, String)| environment.get(variable).map(|value| (name.clone(), value));
    let from_environment: Vec<_> = access.env_headers.iter().filter_map(variable).collect();
    let mut headers: Vec<(String, Secret)> = Vec::new();
    for (name, value) in fixed.chain(from_environment.iter().map(|(name, value)| (name, *value))) {
        headers.retain(|(held, _)| !held.eq_ignore_ascii_case(name));
        headers.push((name.clone(), Secret::new(value.trim())));
    }
    headers
}

fn ca_bundle(environment: &Environment) -> Option<(PathBuf, String)> {
    ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"]
        .into_iter()
        .find_map(|name| environment.path(name).map(|path| (PathBuf::from(path), name.to_owned())))
}

#[cfg(test)]
mod tests;
