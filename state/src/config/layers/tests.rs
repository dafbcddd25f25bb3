//! Sealed layers come to the same as those that they were made from, and hold no secret.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    super::{
        ApprovalPolicy, Folder, KeyPath, Layer, LayerKind, Place, Resolution, ResolutionContext, SandboxMode, Source,
        Spot,
        keys::{Kind, Known, SECTIONS},
        tests::{segment, sources, value},
    },
    Layers, SealedLayers,
};

fn user() -> Layer {
    Layer::new(Source::User { path: "/h/config.toml".to_owned() })
}

fn context() -> ResolutionContext {
    let folders = vec![Folder { path: "/p".to_owned(), links: Vec::new() }];
    ResolutionContext { folders, user_home: Some("/home/me".to_owned()), ..ResolutionContext::default() }
}

fn of(layers: impl IntoIterator<Item = Layer>) -> Layers {
    Layers::new(layers.into_iter().collect(), context())
}

/// What they come to without what goes to the vault.
fn without_vault(resolution: Resolution) -> Resolution {
    Resolution { access: Default::default(), environment: Default::default(), ..resolution }
}

fn written(sealed: &SealedLayers) -> String {
    serde_json::to_string(sealed).unwrap()
}

/// Sealed, written and read back they come to the same.
#[track_caller]
fn is_the_same(layers: &Layers) {
    let sealed = layers.sealed();
    let read: SealedLayers = serde_json::from_str(&written(&sealed)).unwrap();
    assert_eq!(read, sealed);
    assert_eq!(without_vault(read.resolve()), without_vault(layers.resolve()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn sealed_layers_come_to_the_same(entries in prop::collection::vec((sources(), prop::collection::vec(segment(), 1..5), value()), 0..8)) {
        let layers = entries.into_iter().map(|(source, path, value)| {
            let mut layer = Layer::new(source);
            layer.set(KeyPath(path), value, None);
            layer
        });
        is_the_same(&of(layers));
    }
}

#[test]
fn every_key_that_is_right_or_wrong_comes_to_the_same() {
    let values = [
        json!(null),
        json!(""),
        json!("text"),
        json!("with\0"),
        json!("chat"),
        json!("never"),
        json!("/a"),
        json!("mine"),
        json!("http://x/v1"),
        json!("http://a:b@x/v1"),
        json!("http://x/v1?key=a"),
        json!("x/v1"),
        json!(true),
        json!(7),
        json!(0.5),
        json!(-1),
        json!(["a"]),
        json!([1]),
        json!({"a": "b"}),
        json!({}),
    ];
    let is_checked = |known: &&Known| known.kind != Kind::Unchecked || known.path.contains('*');
    for known in SECTIONS.iter().flat_map(|section| section.keys).filter(is_checked) {
        let path = KeyPath::new(known.path.split('.').map(|part| if part == "*" { "mine" } else { part }));
        for value in &values {
            let base = user()
                .with(&["model_provider"], "mine")
                .with(&["model_providers", "mine", "base_url"], "http://x/v1")
                .with(&["default_permissions"], "mine")
                .with(&["permissions", "mine", "description"], "x")
                .with(&["profiles", "mine", "model"], "x");
            let mut typed = Layer::new(Source::CommandLine);
            let place = Place { line: 3, column: 4 };
            typed.set(path.clone(), value.clone(), Some(Spot { key: place, value: place }));
            is_the_same(&of([base, typed]));
        }
    }
}

#[test]
fn no_secret_is_in_sealed_layers() {
    let mut layers = Vec::new();
    let canary = |value: Value, key: &str| {
        let mut layer = user();
        layer.set(KeyPath::parse(key).unwrap(), value, None);
        layer
    };
    // What the table calls a secret, what is never read, and what is unknown.
    for known in SECTIONS.iter().flat_map(|section| section.keys) {
        if matches!(known.kind, Kind::Secret | Kind::Unchecked) {
            let key = known.path.replace('*', "mine");
            layers.push(canary(json!("canary"), &key));
            layers.push(canary(json!("canary"), &format!("profiles.work.{key}")));
            layers.push(canary(json!(["canary"]), &key));
            layers.push(canary(json!({"x": {"y": ["canary"], "z": "canary"}}), &key));
        }
    }
    for (key, value) in [
        ("mcp_servers.docs.env", json!({"API_KEY": "canary"})),
        ("mcp_servers.docs.http_headers", json!({"Authorization": "Bearer canary"})),
        ("otel.exporter.otlp-http.headers", json!({"x-key": "canary"})),
        ("features.nope", json!("canary")),
        ("nope", json!("canary")),
        ("model.below", json!("canary")),
        // Right keys with values that are no good.
        ("model_providers", json!("canary")),
        ("model_context_window", json!("canary")),
        ("model", json!(["canary"])),
        ("tui.animations", json!("canary")),
        ("openai_base_url", json!("https://me:canary@x/v1")),
        ("model_providers.old.base_url", json!("https://x/v1?key=canary")),
        ("model_providers.old.base_url", json!("canary")),
        // A secret in the place of a variable's name.
        ("model_providers.old.env_http_headers", json!({"Authorization": "sk-canary-1"})),
        ("model_providers.old.env_key", json!("sk-canary-1")),
        ("profiles.work.model_providers.old.env_key", json!("sk-canary-1")),
        ("mcp_servers.docs.bearer_token_env_var", json!("sk-canary-1")),
        ("mcp_servers.docs.env_http_headers", json!({"Authorization": "sk-canary-1"})),
    ] {
        layers.push(canary(value, key));
    }
    for layer in layers {
        let sealed = of([layer.clone()]).sealed();
        assert!(!written(&sealed).contains("canary"), "{layer:?}: {}", written(&sealed));
        let added = SealedLayers::default().with(&layer);
        assert!(!written(&added).contains("canary"), "{layer:?}");
        // A secret that is written into a recording does not get into the model.
        let entries: Vec<_> = layer.entries.iter().map(|entry| json!([entry.path, entry.value, null])).collect();
        let text =
            json!({"layers": [{"source": layer.source, "entries": entries}], "context": ResolutionContext::default()});
        let read: SealedLayers = serde_json::from_value(text).unwrap();
        assert!(!written(&read).contains("canary"), "{layer:?}");
    }
}

#[test]
fn what_is_no_secret_is_kept() {
    let sealed = of([user()
        .with(&["model"], "m")
        .with(&["sandbox_workspace_write"], json!({"writable_roots": ["/a"], "network_access": true}))
        .with(&["shell_environment_policy", "set", "MINE"], "canary")])
    .sealed();
    let config = sealed.resolve().config;
    assert_eq!((config.model.as_str(), config.workspace.writable_roots.as_slice()), ("m", &["/a".to_owned()][..]));
    assert!(config.workspace.network_access && config.environment.set.contains("MINE"));
}

#[test]
fn a_layer_can_be_laid_over_the_others_and_taken_away_again() {
    let trusted = user().with(&["projects", "/p", "trust_level"], "trusted").with(&["model"], "mine");
    let before = of([trusted, Layer::new(Source::CommandLine).with(&["approval_policy"], "on-request")]).sealed();
    assert_eq!(before.resolve().config.sandbox, SandboxMode::WorkspaceWrite);
    let session = Layer::new(Source::Session).with(&["sandbox_mode"], "read-only").with(&["approval_policy"], "never");
    let narrow = before.clone().with(&session);
    let resolution = narrow.resolve();
    assert_eq!((resolution.config.sandbox, resolution.config.approval), (SandboxMode::ReadOnly, ApprovalPolicy::Never));
    assert_eq!(resolution.sandbox_origin().kind(), LayerKind::Session);
    // What the session says later takes the place of what it said, and the rest of it holds.
    let later = narrow.with(&Layer::new(Source::Session).with(&["sandbox_mode"], "danger-full-access"));
    let config = later.resolve().config;
    assert_eq!((config.sandbox, config.approval), (SandboxMode::DangerFullAccess, ApprovalPolicy::Never));
    let taken = later.without(&Source::Session, &["sandbox_mode"]).without(&Source::Session, &["approval_policy"]);
    assert_eq!(taken.resolve().config, before.resolve().config);
    // A project's file lies between the user's and the command line.
    let project = Layer::new(Source::Project { path: "/p/.codex/config.toml".to_owned() })
        .with(&["model"], "of-the-project")
        .with(&["approval_policy"], "never");
    let config = before.with(&project).resolve().config;
    assert_eq!((config.model.as_str(), config.approval), ("of-the-project", ApprovalPolicy::OnRequest));
}
