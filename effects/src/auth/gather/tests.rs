use std::collections::BTreeMap;

use quire_state::config::{Layer, Resolution, ResolutionContext, Source, resolve};
use serde_json::{Value, json};

use super::{Environment, Gathering, Named, Stored, gather};
use crate::vault::{Credential, Secret, Vault};

/// The resolution of a provider `mock` with these keys.
fn with_mock(keys: Value) -> Resolution {
    let layer = Layer::new(Source::CommandLine)
        .with(&["model_providers", "mock", "base_url"], "http://mock/v1")
        .with(&["model_providers", "mock"], keys);
    resolve(&[layer], &ResolutionContext::default())
}

fn vault_of(resolution: &Resolution, environment: &[(&str, &str)], stored: &Stored, is_script: bool) -> Vault {
    gather(&Gathering {
        config: &resolution.config,
        access: &resolution.access,
        named: &Named::default(),
        given: &resolution.environment,
        logins: &[],
        environment: &Environment::of(environment.iter().copied()),
        stored,
        originator: "codex_exec",
        is_script,
        scripted: None,
    })
}

fn credential(
    provider: &str,
    keys: Value,
    environment: &[(&str, &str)],
    stored: &Stored,
    is_script: bool,
) -> Credential {
    vault_of(&with_mock(keys), environment, stored, is_script).providers[provider].credential.clone()
}

fn bearer(token: &str) -> Credential {
    Credential::Bearer(Secret::new(token))
}

#[track_caller]
fn missing(credential: &Credential, words: &[&str]) {
    let Credential::Missing(text) = credential else { unreachable!("{credential:?} is not missing") };
    for word in words {
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn the_key_of_a_provider_comes_from_its_variable() {
    let keys = || json!({"env_key": "MOCK_KEY", "env_key_instructions": "Ask Mo for one."});
    let none = &Stored::None;
    assert_eq!(
        credential("mock", keys(), &[("MOCK_KEY", " k1\n"), ("OPENAI_API_KEY", "no")], none, true),
        bearer("k1")
    );
    let words = ["`MOCK_KEY`", "`model_providers.mock.env_key`", "Ask Mo for one."];
    missing(&credential("mock", keys(), &[("OPENAI_API_KEY", "no")], none, true), &words);
    missing(&credential("mock", keys(), &[("MOCK_KEY", "")], none, true), &words);
    missing(&credential("mock", keys(), &[("MOCK_KEY", "a\nb")], none, true), &["`MOCK_KEY`", "characters"]);
}

#[test]
fn a_provider_without_key_settings_gets_no_key() {
    let login = Stored::ApiKey(Secret::new("login"));
    let environment = [("OPENAI_API_KEY", "k"), ("CODEX_API_KEY", "c")];
    for provider in ["mock", "ollama", "lmstudio", "oss", "demo"] {
        assert_eq!(credential(provider, json!({}), &environment, &login, true), Credential::None, "{provider}");
    }
}

#[test]
fn a_token_in_the_configuration_stands_in_for_the_variable() {
    let keys = || json!({"env_key": "MOCK_KEY", "experimental_bearer_token": "t"});
    assert_eq!(credential("mock", keys(), &[], &Stored::None, false), bearer("t"));
    assert_eq!(credential("mock", keys(), &[("MOCK_KEY", "k")], &Stored::None, false), bearer("k"));
}

#[test]
fn openai_takes_the_most_deliberate_key() {
    let login = Stored::ApiKey(Secret::new("login"));
    let both = [("OPENAI_API_KEY", "general"), ("CODEX_API_KEY", "script")];
    let of = |environment: &[(&str, &str)], stored: &Stored, script| {
        credential("openai", json!({}), environment, stored, script)
    };
    assert_eq!(of(&both, &login, true), bearer("script"));
    assert_eq!(of(&both, &login, false), bearer("general"));
    assert_eq!(of(&[("CODEX_API_KEY", "script")], &login, false), bearer("login"));
    missing(&of(&[], &Stored::None, false), &["`OPENAI_API_KEY`", "`model_provider`", "--demo"]);
    missing(&of(&[], &Stored::Other, false), &["not an API key", "`OPENAI_API_KEY`"]);
    let also = credential("mock", json!({"requires_openai_auth": true}), &both, &login, false);
    assert_eq!(also, bearer("general"));
}

#[test]
fn headers_and_parameters_are_gathered() {
    let keys = json!({
        "http_headers": {"X-Fixed": "1", "X-Both": "fixed"},
        "env_http_headers": {"x-both": "BOTH", "X-Unset": "UNSET"},
        "query_params": {"api-version": "2"},
    });
    let vault = vault_of(&with_mock(keys), &[("BOTH", "from-variable")], &Stored::None, false);
    let mock = &vault.providers["mock"];
    let headers: BTreeMap<&str, &str> =
        mock.headers.iter().map(|(name, value)| (name.as_str(), value.reveal())).collect();
    assert_eq!(headers, BTreeMap::from([("X-Fixed", "1"), ("x-both", "from-variable")]));
    assert_eq!(mock.query, [("api-version".to_owned(), Secret::new("2"))]);
    assert_eq!(mock.base_url, "http://mock/v1");
}

#[test]
fn the_ca_bundle_is_named_by_its_variable() {
    let of =
        |environment: &[(&str, &str)]| vault_of(&with_mock(json!({})), environment, &Stored::None, false).ca_bundle;
    let both = [("SSL_CERT_FILE", "/s.pem"), ("CODEX_CA_CERTIFICATE", "/c.pem")];
    assert_eq!(of(&both), Some(("/c.pem".into(), "CODEX_CA_CERTIFICATE".to_owned())));
    assert_eq!(of(&both[..1]), Some(("/s.pem".into(), "SSL_CERT_FILE".to_owned())));
    assert_eq!(of(&[("SSL_CERT_FILE", "")]), None);
}

#[test]
fn the_vault_does_not_show_itself() {
    let keys = json!({"experimental_bearer_token": "canary", "http_headers": {"X": "canary"}, "query_params": {"q": "canary"}});
    let resolution = with_mock(keys);
    let stored = Stored::ApiKey(Secret::new("canary"));
    let vault = vault_of(&resolution, &[("OPENAI_API_KEY", "canary")], &stored, true);
    assert_eq!(vault.providers["mock"].credential, bearer("canary"));
    let shown = format!("{vault:?} {resolution:?} {stored:?} {:?}", Environment::of([("A", "canary")]));
    assert!(!shown.contains("canary"), "{shown}");
}
