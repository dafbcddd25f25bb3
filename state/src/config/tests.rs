//! The resolution as a whole: defaults, precedence, profiles, providers, trust.

use proptest::prelude::*;
use serde_json::json;

use super::{
    ApprovalPolicy, Config, Folder, Granular, KeyPath, Layer, Place, Resolution, ResolutionContext, SandboxMode,
    Sealed, Severity, Source, Spot, Tools, Workspace, resolve,
};

fn user() -> Layer {
    Layer::new(Source::User { path: "/h/config.toml".to_owned() })
}

fn typed() -> Layer {
    Layer::new(Source::CommandLine)
}

fn of(layers: &[Layer]) -> Resolution {
    let folder = |path: &str, link: &str| Folder { path: path.to_owned(), links: vec![link.to_owned()] };
    let folders = vec![folder("/p/sub", "/link/sub"), folder("/p", "/link")];
    resolve(
        layers,
        &ResolutionContext { folders, user_home: Some("/home/me".to_owned()), ..ResolutionContext::default() },
    )
}

/// Each problem as `severity: line`.
fn told(resolution: &Resolution) -> Vec<String> {
    let word = |severity| match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    resolution.problems.iter().map(|problem| format!("{}: {}", word(problem.severity), problem.line())).collect()
}

#[test]
fn nothing_configured_is_the_defaults() {
    let resolution = of(&[]);
    assert_eq!(told(&resolution), Vec::<String>::new());
    let config = resolution.config;
    assert_eq!((config.model.as_str(), config.provider.as_str()), ("gpt-5.5", "openai"));
    assert_eq!((config.approval, config.sandbox), (ApprovalPolicy::OnRequest, SandboxMode::ReadOnly));
    assert_eq!((config.effort.as_deref(), config.context_window), (Some("medium"), Some(272_000)));
    assert_eq!(config.providers.keys().collect::<Vec<_>>(), ["demo", "lmstudio", "ollama", "openai", "oss"]);
    let openai = &config.providers["openai"];
    assert_eq!(openai.base_url, "https://api.openai.com/v1");
    assert_eq!((openai.request_max_retries, openai.stream_max_retries, openai.stream_idle_timeout_ms), (4, 5, 300_000));
    assert!(config.animations && !config.hide_reasoning && config.warnings.is_empty());
    assert_eq!(config.providers.values().filter(|provider| provider.is_demo).count(), 1);
}

#[test]
fn a_recording_from_before_a_key_is_read() {
    let read: Config = serde_json::from_value(json!({"model": "m", "tools": {"view_image": false}})).unwrap();
    let tools = Tools { view_image: false, ..Tools::default() };
    assert_eq!(read, Config { model: "m".to_owned(), tools, ..Config::default() });
}

#[test]
fn a_model_that_is_not_known_gets_no_facts() {
    for model in ["llama-3", "gpt-50", "my-gpt-5.5", "demo"] {
        let config = of(&[user().with(&["model"], model)]).config;
        assert_eq!((config.effort, config.context_window), (None, None), "{model}");
    }
    let set = user().with(&["model"], "llama-3").with(&["model_reasoning_effort"], "high");
    assert_eq!(of(&[set.with(&["model_context_window"], 8192)]).config.context_window, Some(8192));
}

#[test]
fn a_profile_lies_between_the_files_and_the_options() {
    let file = user()
        .with(&["profile"], "work")
        .with(&["model"], "base")
        .with(&["service_tier"], "flex")
        .with(&["profiles", "work", "model"], "of-the-profile")
        .with(&["profiles", "work", "sandbox_mode"], "workspace-write")
        .with(&["profiles", "home", "model"], "of-another");
    let config = of(std::slice::from_ref(&file)).config;
    assert_eq!((config.model.as_str(), config.sandbox), ("of-the-profile", SandboxMode::WorkspaceWrite));
    assert_eq!(config.service_tier.as_deref(), Some("flex"));
    assert_eq!(of(&[file.clone(), typed().with(&["model"], "typed")]).config.model, "typed");
    assert_eq!(of(&[file, typed().with(&["profile"], "home")]).config.model, "of-another");
}

#[test]
fn a_profile_that_does_not_exist_is_an_error_with_its_neighbour() {
    let file = user().with(&["profiles", "work", "model"], "x");
    let resolution = of(&[file, typed().with(&["profile"], "wrok")]);
    assert_eq!(told(&resolution), ["error: command line: There is no profile `wrok`. Did you mean `work`?"]);
}

#[test]
fn a_profile_in_a_file_of_its_own_counts_as_one() {
    let own = Layer::new(Source::Profile { name: "x".to_owned(), path: Some("/h/x.config.toml".to_owned()) });
    let layers = [user().with(&["model"], "base"), own.with(&["model"], "own"), typed().with(&["profile"], "x")];
    assert_eq!(of(&layers).config.model, "own");
    assert_eq!(told(&of(&layers)), Vec::<String>::new());
}

#[test]
fn an_unknown_provider_names_the_known_ones() {
    let resolution = of(&[user().with(&["model_provider"], "olama")]);
    assert_eq!(
        told(&resolution),
        ["error: /h/config.toml: There is no provider `olama`. \
          Did you mean `ollama`? Known providers: demo, lmstudio, ollama, openai, oss."]
    );
}

#[test]
fn a_provider_without_address_is_an_error_only_in_use() {
    let file = user().with(&["model_providers", "mock", "name"], "Mock");
    assert_eq!(told(&of(std::slice::from_ref(&file))), Vec::<String>::new());
    let resolution = of(&[file.with(&["model_provider"], "mock")]);
    assert_eq!(
        told(&resolution),
        ["error: /h/config.toml: The provider `mock` has no `base_url`. \
          Add it to [model_providers.mock], for instance \"http://localhost:8080/v1\"."]
    );
}

#[test]
fn mistakes_in_a_provider_that_is_not_used_are_warnings_and_it_is_left_out() {
    let file = user()
        .with(&["model_providers", "old", "base_url"], "http://old/v1")
        .with(&["model_providers", "old", "wire_api"], "chat");
    let resolution = of(std::slice::from_ref(&file));
    assert_eq!(resolution.errors().count(), 0);
    assert_eq!(resolution.config.warnings.len(), 1);
    assert!(!resolution.config.providers.contains_key("old") && !resolution.access.contains_key("old"));
    let used = of(&[file.with(&["model_provider"], "old")]);
    assert_eq!(used.errors().count(), 1);
}

#[test]
fn a_provider_is_read_whole() {
    let at = |key: &'static str| ["model_providers", "mock", key];
    let file = user()
        .with(&["model_provider"], "mock")
        .with(&at("base_url"), "http://127.0.0.1:8765/v1/")
        .with(&at("env_key"), "MOCK_API_KEY")
        .with(&at("request_max_retries"), 0)
        .with(&at("stream_max_retries"), 1)
        .with(&at("stream_idle_timeout_ms"), 1000)
        .with(&at("http_headers"), json!({"X-One": "1"}))
        .with(&at("env_http_headers"), json!({"X-Two": "TWO"}))
        .with(&at("query_params"), json!({"api-version": "2"}));
    let resolution = of(&[file]);
    assert_eq!(told(&resolution), Vec::<String>::new());
    let mock = &resolution.config.providers["mock"];
    assert_eq!((mock.name.as_str(), mock.base_url.as_str()), ("mock", "http://127.0.0.1:8765/v1"));
    assert_eq!((mock.request_max_retries, mock.stream_max_retries, mock.stream_idle_timeout_ms), (0, 1, 1000));
    assert_eq!(mock.credential_hint.as_deref(), Some("the variable `MOCK_API_KEY`"));
    let access = &resolution.access["mock"];
    assert_eq!(access.headers, [("X-One".to_owned(), Sealed::new("1"))]);
    assert_eq!(access.env_headers, [("X-Two".to_owned(), "TWO".to_owned())]);
    assert_eq!(access.query, [("api-version".to_owned(), Sealed::new("2"))]);
    assert!(!access.wants_openai_auth);
}

#[test]
fn an_address_may_hold_no_secret() {
    for (url, is_good) in [
        ("http://localhost:8080/v1", true),
        ("HTTPS://[::1]:9/v1", true),
        ("https://user:canary@host/v1", false),
        ("https://host/v1?key=canary", false),
        ("localhost:8080", false),
        ("ftp://host", false),
        ("http://", false),
        ("", false),
    ] {
        let resolution = of(&[user().with(&["openai_base_url"], url)]);
        assert_eq!(resolution.errors().count() == 0, is_good, "{url}");
        assert!(!told(&resolution).concat().contains("canary"), "{url}");
    }
}

#[test]
fn trust_of_the_nearest_folder_decides_the_default_sandbox() {
    let whole = user().with(&["projects", "/p", "trust_level"], "trusted");
    let resolution = of(std::slice::from_ref(&whole));
    assert_eq!((resolution.trusted, resolution.config.sandbox), (Some(true), SandboxMode::WorkspaceWrite));
    let nearer = of(&[whole.clone().with(&["projects", "/p/sub", "trust_level"], "untrusted")]);
    assert_eq!((nearer.trusted, nearer.config.sandbox), (Some(false), SandboxMode::ReadOnly));
    let said = of(&[whole, typed().with(&["sandbox_mode"], "read-only")]);
    assert_eq!(said.config.sandbox, SandboxMode::ReadOnly);
}

#[test]
fn trust_goes_by_the_real_path_and_is_taken_away_by_any() {
    let said = |key: &str, level: &str| {
        let resolution = of(&[user().with(&["projects", key, "trust_level"], level)]);
        (resolution.trusted, told(&resolution).len())
    };
    for key in ["/p", "/p/", "//p", "/./p/.", "/p/sub/"] {
        assert_eq!(said(key, "trusted"), (Some(true), 0), "{key}");
    }
    // What lies above, below or beside it, another case, and what would have to be looked up.
    for key in ["/", "", ".", "p", "/P", "/p/sub/x", "/p/..", "/x/../p", "/p/sub/..", "~/p", "/p\0", "/pp"] {
        assert_eq!(said(key, "trusted"), (None, 0), "{key}");
    }
    assert_eq!(said("/link", "trusted"), (None, 1));
    assert_eq!(said("/link/", "untrusted"), (Some(false), 0));
    let both = user().with(&["projects", "/p", "trust_level"], "trusted");
    for key in ["/p/", "/link", "/p/sub"] {
        let resolution = of(&[both.clone().with(&["projects", key, "trust_level"], "untrusted")]);
        assert_eq!(resolution.trusted, Some(false), "{key}");
    }
    // Trust in the folder is none in what lies above it.
    let resolution = of(&[user().with(&["projects", "/p/sub", "trust_level"], "trusted")]);
    assert_eq!(resolution.trust, [("/p/sub".to_owned(), Some(true)), ("/p".to_owned(), None)]);
}

#[test]
fn on_failure_works_and_is_deprecated() {
    let resolution = of(&[typed().with(&["approval_policy"], "on-failure")]);
    assert_eq!(resolution.config.approval, ApprovalPolicy::OnFailure);
    assert_eq!(resolution.config.warnings.len(), 1);
    assert!(resolution.config.warnings[0].contains("deprecated"));
}

#[test]
fn a_value_that_does_not_hold_is_not_an_error() {
    let layers = [user().with(&["approval_policy"], "sometimes"), typed().with(&["approval_policy"], "never")];
    assert_eq!(told(&of(&layers)), Vec::<String>::new());
    assert_eq!(of(&layers).config.approval, ApprovalPolicy::Never);
}

#[test]
fn a_table_where_a_value_belongs_is_told_once() {
    let header = user().with(&["model_provider", "mock", "base_url"], "http://x/v1");
    assert_eq!(told(&of(&[header])).len(), 1);
    let mut dotted = typed();
    dotted.set(KeyPath::parse("model.x.y").unwrap(), json!(1), None);
    assert_eq!(told(&of(&[dotted])), ["error: command line: `model` must be text in quotes, not a table."]);
}

#[test]
fn nothing_that_is_shown_holds_a_secret() {
    let place = Place { line: 1, column: 1 };
    let mut file = user();
    for key in ["experimental_bearer_token", "http_headers.X", "query_params.x"] {
        let path = KeyPath::parse(&format!("model_providers.openai.{key}")).unwrap();
        file.set(path, json!("canary"), Some(Spot { key: place, value: place }));
    }
    let wrong = file.clone().with(&["model_providers", "openai", "http_headers", "Y"], json!(["canary"]));
    for layer in [file, wrong] {
        let shown = format!("{layer:?} {:?}", of(std::slice::from_ref(&layer)));
        assert!(!shown.contains("canary"), "{shown}");
        assert!(!serde_json::to_string(&of(&[layer]).config).unwrap().contains("canary"));
    }
}

pub(super) fn sources() -> impl Strategy<Value = Source> {
    let path = "/f".to_owned();
    prop_oneof![
        Just(Source::Default),
        Just(Source::System { path: path.clone() }),
        Just(Source::User { path }),
        Just(Source::Project { path: "/p/.codex/config.toml".to_owned() }),
        Just(Source::Environment { variable: "V".to_owned() }),
        Just(Source::CommandLine),
        Just(Source::Session),
        Just(Source::Managed { path: "/etc/codex/managed_config.toml".to_owned() }),
    ]
}

/// Keys as people and cats write them.
pub(super) fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "model",
            "profile",
            "profiles",
            "model_providers",
            "model_provider",
            "openai",
            "projects",
            "tui",
            "mcp_servers",
            "wire_api",
            "base_url",
            "http_headers",
            "approval_policy",
            "animations",
            "/p",
            "trust_level",
            "permissions",
            "default_permissions",
            "filesystem",
            "network",
            "enabled",
            "extends",
            ":root",
            ":workspace_roots",
            "mine",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ]
}

pub(super) fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|flag| json!(flag)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,8}".prop_map(|text| json!(text)),
        Just(json!("chat")),
        Just(json!("mine")),
        Just(json!("none")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| json!(items)),
            prop::collection::btree_map(segment(), inner, 0..3).prop_map(|table| json!(table)),
        ]
    })
}

proptest! {
    /// The highest source wins, in whatever order the layers are listed.
    #[test]
    fn precedence_is_of_the_source(layers in prop::collection::vec((sources(), "[a-z]{1,8}"), 1..6)) {
        let mut by_source = std::collections::BTreeMap::new();
        for (source, model) in &layers {
            by_source.insert(source.clone(), model.clone());
        }
        let (highest, expected) = by_source.last_key_value().unwrap();
        let listed: Vec<Layer> =
            layers.iter().map(|(source, model)| Layer::new(source.clone()).with(&["model"], model.as_str())).collect();
        prop_assert_eq!(&of(&listed).config.model, expected, "{:?}", highest);
    }

    /// Whatever stands in the layers, there is a configuration, and resolving again gives the same one.
    #[test]
    fn the_resolution_is_total(entries in prop::collection::vec((sources(), prop::collection::vec(segment(), 1..5), value()), 0..8)) {
        let layers: Vec<Layer> = entries
            .into_iter()
            .map(|(source, path, value)| {
                let mut layer = Layer::new(source);
                layer.set(KeyPath(path), value, None);
                layer
            })
            .collect();
        let resolution = of(&layers);
        prop_assert_eq!(&resolution, &of(&layers));
        let usable = resolution.config.providers.contains_key(&resolution.config.provider);
        prop_assert!(usable || resolution.errors().count() > 0);
    }

    /// A key that is shown can be typed again.
    #[test]
    fn shown_keys_are_read_back(path in prop::collection::vec("[a-z\"'.\\\\ ]{0,6}", 1..4)) {
        let path = KeyPath(path);
        prop_assert_eq!(KeyPath::parse(&path.to_string()), Ok(path));
    }
}

#[test]
fn the_granular_policy_is_a_table() {
    let table = json!({"granular": {"sandbox_approval": true, "mcp_elicitations": true}});
    let file = user().with(&["approval_policy"], table);
    let resolution = of(std::slice::from_ref(&file));
    assert_eq!(told(&resolution), Vec::<String>::new());
    let wanted = Granular { sandbox_approval: true, mcp_elicitations: true, ..Granular::default() };
    assert_eq!((resolution.config.approval, resolution.config.granular), (ApprovalPolicy::OnRequest, Some(wanted)));
    let word = of(&[file, typed().with(&["approval_policy"], "untrusted")]).config;
    assert_eq!((word.approval, word.granular), (ApprovalPolicy::Untrusted, None));
    for (table, expected) in [
        (json!({"granular": {"bogus": true}}), "warning: /h/config.toml: Unknown key `approval_policy.granular.bogus`"),
        (json!({"bogus": true}), "warning: /h/config.toml: Unknown key `approval_policy.bogus`"),
        (json!({"granular": {"rules": 3}}), "error: /h/config.toml: `approval_policy.granular.rules` must be true or"),
        (json!({"granular": true}), "error: /h/config.toml: `approval_policy.granular` must be a table"),
    ] {
        let told = told(&of(&[user().with(&["approval_policy"], table)]));
        assert!(told.first().is_some_and(|line| line.starts_with(expected)), "{told:?}");
    }
}

#[test]
fn the_workspace_is_read_and_its_mistakes_are_told() {
    let table =
        json!({"writable_roots": ["/a", "b", "~/c", "~", "~you/d"], "network_access": true, "exclude_slash_tmp": true});
    let resolution = of(&[user().with(&["sandbox_workspace_write"], table)]);
    let wanted = Workspace {
        writable_roots: ["/a", "/home/me/c", "/home/me"].map(str::to_owned).to_vec(),
        network_access: true,
        exclude_slash_tmp: true,
        ..Workspace::default()
    };
    assert_eq!(resolution.config.workspace, wanted);
    assert_eq!(
        told(&resolution),
        [
            "warning: /h/config.toml: `sandbox_workspace_write.writable_roots` holds \"b\", which is not an absolute path; \
          it is left out. Write it from `/` or `~/` on.",
            "warning: /h/config.toml: `sandbox_workspace_write.writable_roots` holds \"~you/d\", which is not an absolute \
          path; it is left out. Write it from `/` or `~/` on."
        ]
    );
    let wrong = of(&[user().with(&["sandbox_workspace_write", "writable_roots"], "/a")]);
    assert_eq!(
        told(&wrong),
        [
            "error: /h/config.toml: `sandbox_workspace_write.writable_roots` must be a list of strings in quotes, not text."
        ]
    );
    assert_eq!(wrong.config.workspace, Workspace::default());
}
