use serde_json::json;

use super::*;
use crate::config::Source;

fn of(layers: &[Value]) -> Named {
    let layer = |value: &Value| Layer::new(Source::CommandLine).with(&[], value.clone());
    named(&layers.iter().map(layer).collect::<Vec<_>>())
}

#[test]
fn every_provider_profile_and_server_counts() {
    let base = json!({
        "model_providers": {
            "a": {"env_key": "A_KEY", "env_http_headers": {"X": "A_HEADER"}, "experimental_bearer_token": "tok-canary-1"},
            "cloud": {"aws": {"region": "x"}},
        },
        "profiles": {"p": {"model_providers": {"a": {"env_key": "P_KEY"}}}},
        "mcp_servers": {
            "m": {
                "bearer_token_env_var": "M_TOKEN",
                "env_http_headers": {"Y": "M_HEADER"},
                "http_headers": {"Authorization": "Bearer tok-canary-2", "Accept": "application/x-canary9"},
                "env": {"DB_PASSWORD": "tok-canary-3", "NODE_ENV": "production", "PORT": "http://localhost:80"},
                "env_vars": ["N_TOKEN", "PLAIN", {"name": "O_SECRET", "source": "local"}, 3],
            },
        },
        "otel": {"exporter": {"otlp-http": {"headers": {"x-team": "tok-canary-4"}}}},
        "sqlite_home": "/var/db",
        "log_dir": "relative",
    });
    let over = json!({"model_providers": {"a": {"env_key": "OTHER_KEY"}, "home": {"env_key": "PATH"}}});
    let named = of(&[base, over]);
    for name in [
        "A_KEY",
        "A_HEADER",
        "P_KEY",
        "OTHER_KEY",
        "M_TOKEN",
        "M_HEADER",
        "DB_PASSWORD",
        "N_TOKEN",
        "O_SECRET",
        "OPENAI_API_KEY",
        "AWS_SECRET_ACCESS_KEY",
    ] {
        assert!(named.variables.contains(name), "{name}");
    }
    for name in ["PATH", "NODE_ENV", "PLAIN", "PORT"] {
        assert!(!named.variables.contains(name), "{name}");
    }
    let values: Vec<&str> = named.values.iter().map(Sealed::open).collect();
    assert_eq!(values, ["tok-canary-1", "Bearer tok-canary-2", "tok-canary-3", "tok-canary-4"]);
    assert_eq!(named.folders, BTreeSet::from(["/var/db".to_owned()]));
}

#[test]
fn a_pasted_secret_is_no_name_of_a_variable() {
    let pasted = [
        "sk-canary-0123456789abcdef",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "AKIAIOSFODNN7EXAMPLE",
        "0123456789abcdef0123456789abcdef",
        "Bearer canary-1234",
        "eyJhbGciOiJIUzI1NiJ9.e30.x",
        "abcdefgh12345678ijklmnop",
        "[sealed]",
    ];
    for text in pasted {
        assert!(is_pasted(text), "{text}");
        for layer in [
            json!({"model_providers": {"a": {"env_key": text}}}),
            json!({"model_providers": {"a": {"env_http_headers": {"X": text}}}}),
            json!({"profiles": {"p": {"model_providers": {"a": {"env_key": text}}}}}),
            json!({"mcp_servers": {"m": {"bearer_token_env_var": text}}}),
            json!({"mcp_servers": {"m": {"env_http_headers": {"X": text}}}}),
        ] {
            let named = of(std::slice::from_ref(&layer));
            assert!(!named.variables.contains(text), "{layer}");
            assert_eq!(named.values.iter().map(Sealed::open).collect::<Vec<_>>(), [text], "{layer}");
        }
    }
    for name in [
        "OPENAI_API_KEY",
        "A",
        "my_key",
        "MY-KEY",
        "SOME-OTHER-KEY",
        "AZURE_OPENAI_API_KEY_2",
        "my_company_gateway_token_2",
        "Ab1",
    ] {
        assert!(!is_pasted(name), "{name}");
    }
}

#[test]
fn plain_values_are_no_secrets() {
    for (name, value, expected) in [
        ("x-team", "team-secret-canary", true),
        ("x-team", "production", false),
        ("x-key", "production", true),
        ("x-team", "short", false),
        ("api-version", "2025-04-01-preview", false),
        ("v", "2025-04-01-preview", false),
        ("v", "v1.22.333", false),
        ("v", "1a2b3c4d5e6f", true),
        ("kind", "application/vnd-x+json", false),
        ("place", "/usr/share/thing1", false),
        ("place", "https://example.org/x1", false),
        ("place", "https://u:p@example.org", true),
        ("authorization", "not-needed", false),
    ] {
        assert_eq!(is_secret(name, value), expected, "{name} {value}");
    }
}

#[test]
fn names_say_what_they_are() {
    for name in ["http_proxy", "HTTPS_PROXY", "all_proxy", "npm_config_https_proxy", "npm_config_proxy"] {
        assert!(is_proxy(name), "{name}");
    }
    assert!(!is_proxy("no_proxy") && !is_proxy("NO_PROXY") && !is_proxy("PROXY_X"));
    assert!(is_ours("CODEX_NEW_TOKEN") && !is_ours("CODEX_HOME") && !is_ours("GITHUB_TOKEN"));
}
