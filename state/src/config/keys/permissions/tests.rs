use serde_json::{Value, json};

use super::*;
use crate::config::{Layer, Place, Source, Spot, resolve};

fn user(permissions: Value) -> Layer {
    Layer::new(Source::User { path: "/h/config.toml".to_owned() }).with(&["permissions"], permissions)
}

fn of(layers: &[Layer]) -> Resolution {
    resolve(layers, &ResolutionContext { user_home: Some("/home/me".to_owned()), ..ResolutionContext::default() })
}

/// The problems of a profile `mine` with these tables, each as `severity: line`, and the profile.
fn read(mine: Value) -> (Vec<String>, Option<PermissionProfile>) {
    let resolution = of(&[user(json!({"mine": mine})).with(&["default_permissions"], "mine")]);
    (told(&resolution), resolution.config.permissions)
}

fn told(resolution: &Resolution) -> Vec<String> {
    resolution.problems.iter().map(|problem| format!("{:?}: {}", problem.severity, problem.line())).collect()
}

fn rule(anchor: Anchor, below: &str, grant: Grant) -> Rule {
    Rule { anchor, below: below.to_owned(), grant }
}

#[test]
fn a_profile_is_read_whole() {
    let (told, permissions) = read(json!({
        "description": "for work",
        "filesystem": {
            ":root": "read",
            ":workspace_roots": {".": "write", "secret/": "none", "docs/**": "read"},
            ":tmpdir": "write",
            ":minimal": "read",
            "~/.cache": "write",
            "/etc//ssl/./private": "deny",
        },
        "network": {"enabled": true, "mode": "full", "dangerously_allow_all_unix_sockets": true},
    }));
    assert_eq!(told, Vec::<String>::new());
    let permissions = permissions.unwrap();
    assert_eq!((permissions.name.as_str(), permissions.network_access), ("mine", true));
    assert!(permissions.local_sockets && !PermissionProfile::workspace().local_sockets);
    let path = |path: &str| Anchor::Path(path.to_owned());
    let wanted = [
        rule(path("/etc/ssl/private"), "", Grant::None),
        rule(Anchor::Minimal, "", Grant::Read),
        rule(Anchor::Root, "", Grant::Read),
        rule(Anchor::Tmpdir, "", Grant::Write),
        rule(Anchor::Workspace, "", Grant::Write),
        rule(Anchor::Workspace, "docs", Grant::Read),
        rule(Anchor::Workspace, "secret", Grant::None),
        rule(path("/home/me/.cache"), "", Grant::Write),
    ];
    assert_eq!(permissions.rules, wanted);
    assert_eq!(permissions.mode(), SandboxMode::WorkspaceWrite);
}

#[test]
fn what_cannot_be_kept_is_told() {
    let file = |key: &str, value: Value| json!({"filesystem": {key: value}});
    for (table, expected) in [
        (
            file(":rooot", json!("read")),
            "Warning: /h/config.toml: `permissions.mine.filesystem.\":rooot\"` is not a known place; it is left out. Did you mean `:root`?",
        ),
        (
            file(":rooot", json!("none")),
            "Error: /h/config.toml: `permissions.mine.filesystem.\":rooot\"` is not a known place. Did",
        ),
        (
            file("a/b", json!("read")),
            "Warning: /h/config.toml: `permissions.mine.filesystem.\"a/b\"` is not an absolute path; it is left out.",
        ),
        (
            file("a/b", json!("none")),
            "Error: /h/config.toml: `permissions.mine.filesystem.\"a/b\"` is not an absolute path.",
        ),
        (
            file("/a/**/b", json!("read")),
            "Warning: /h/config.toml: `permissions.mine.filesystem.\"/a/**/b\"` is a pattern, and a pattern can only be \"none\"; it is",
        ),
        (
            file("/**/b", json!("none")),
            "Error: /h/config.toml: `permissions.mine.filesystem.\"/**/b\"` is a pattern for the whole machine.",
        ),
        (
            file("**/b", json!("none")),
            "Error: /h/config.toml: `permissions.mine.filesystem.\"**/b\"` is not an absolute path.",
        ),
        (
            file(":root", json!({"*.env": "none"})),
            "Error: /h/config.toml: `permissions.mine.filesystem.\":root\".\"*.env\"` is a pattern for the whole machine.",
        ),
        (
            file(":workspace_roots", json!({"../*": "none"})),
            "Error: /h/config.toml: `permissions.mine.filesystem.\":workspace_roots\".\"../*\"` goes up with",
        ),
        (
            file("/a/*.{env,key}", json!("none")),
            "Error: /h/config.toml: `permissions.mine.filesystem.\"/a/*.{env,key}\"` contains `{`, which patterns do not support.",
        ),
        (
            file("/a/../b", json!("deny")),
            "Error: /h/config.toml: `permissions.mine.filesystem.\"/a/../b\"` goes up with",
        ),
        (
            file(":workspace_roots", json!({"../b": "write"})),
            "Warning: /h/config.toml: `permissions.mine.filesystem.\":workspace_roots\".\"../b\"` goes up with",
        ),
        (
            file(":workspace_roots", json!({"/b": "none"})),
            "Error: /h/config.toml: `permissions.mine.filesystem.\":workspace_roots\".\"/b\"` must lie below",
        ),
        (
            file("~you/b", json!("none")),
            "Error: /h/config.toml: `permissions.mine.filesystem.\"~you/b\"` names another user's home",
        ),
        (
            file(":root", json!("write")),
            "Warning: /h/config.toml: `permissions.mine.filesystem.\":root\"` cannot be \"write\"; it is left out. For no",
        ),
        (
            file("/**", json!("write")),
            "Warning: /h/config.toml: `permissions.mine.filesystem.\"/**\"` cannot be \"write\"",
        ),
        (
            file(":minimal", json!("write")),
            "Warning: /h/config.toml: `permissions.mine.filesystem.\":minimal\"` can only be read",
        ),
        (
            file(":root", json!("reed")),
            "Error: /h/config.toml: `permissions.mine.filesystem.\":root\"` cannot be \"reed\". Allowed: \"read\", \"write\", \"none\", \"deny\". Did you mean \"read\"?",
        ),
        (file(":root", json!(3)), "Error: /h/config.toml: `permissions.mine.filesystem.\":root\"` must be one of"),
        (
            json!({"filesystm": {":root": "read"}}),
            "Warning: /h/config.toml: Unknown table `permissions.mine.filesystm`; it is ignored. Did you mean `permissions.mine.filesystem`?",
        ),
        (
            json!({"network": {"enable": true}}),
            "Warning: /h/config.toml: Unknown key `permissions.mine.network.enable`; it is ignored. Did you mean `permissions.mine.network.enabled`?",
        ),
        (
            json!({"network": {"enabled": "yes"}}),
            "Error: /h/config.toml: `permissions.mine.network.enabled` must be true or false",
        ),
        (json!({"extends": "mine"}), "Error: /h/config.toml: The permission profile `mine` extends itself."),
        (json!({"extends": "yours"}), "Error: /h/config.toml: There is no permission profile `yours`."),
    ] {
        let (told, permissions) = read(table.clone());
        assert!(told.first().is_some_and(|line| line.starts_with(expected)) && told.len() == 1, "{table}: {told:?}");
        let grants = permissions.iter().flat_map(|permissions| &permissions.rules);
        assert_eq!(grants.count(), 0, "{table}");
    }
}

#[test]
fn a_mistake_has_its_line_and_column() {
    let place = |line, column| Place { line, column };
    let spot = Spot { key: place(4, 1), value: place(4, 12) };
    let mut file = user(json!({})).with(&["default_permissions"], "mine");
    file.set(KeyPath::new(["permissions", "mine", "filesystem", ":tmpdirs"]), json!("none"), Some(spot));
    assert_eq!(
        told(&of(&[file])),
        ["Error: /h/config.toml:4:1: `permissions.mine.filesystem.\":tmpdirs\"` is not a known place. \
          Did you mean `:tmpdir`?"]
    );
}

#[test]
fn a_profile_that_does_not_exist_names_those_that_do() {
    let file = user(json!({"work": {}, "home": {}}));
    for (name, hint) in [
        (
            "wrok",
            "Did you mean `work`? There are: home, work, :read-only, :workspace, :danger-full-access, :danger-no-sandbox.",
        ),
        ("zzz", "There are: home, work, :read-only, :workspace, :danger-full-access, :danger-no-sandbox."),
        (":workspaces", "Did you mean `:workspace`? There are: home, work, :read-only"),
    ] {
        let resolution = of(&[file.clone().with(&["default_permissions"], name)]);
        let expected = format!("Error: /h/config.toml: There is no permission profile `{name}`. {hint}");
        assert!(told(&resolution).concat().starts_with(&expected), "{:?}", told(&resolution));
        assert_eq!((resolution.config.sandbox, resolution.config.permissions), (SandboxMode::ReadOnly, None));
    }
    let own = of(&[user(json!({":mine": {}})).with(&["default_permissions"], ":mine")]);
    assert!(told(&own).concat().contains("There is no permission profile `:mine`"), "a name of the program's own");
}

#[test]
fn what_extends_a_profile_adds_to_it_and_may_take_away() {
    let file = user(json!({
        "base": {"extends": ":workspace", "filesystem": {"/data": "read"}, "network": {"enabled": true}},
        "mine": {"extends": "base", "filesystem": {":slash_tmp": "read", "/data": "none"}},
    }));
    let config = of(&[file.with(&["default_permissions"], "mine")]).config;
    let permissions = config.permissions.unwrap();
    let wanted = [
        rule(Anchor::Root, "", Grant::Read),
        rule(Anchor::Workspace, "", Grant::Write),
        rule(Anchor::Tmpdir, "", Grant::Write),
        rule(Anchor::Path("/data".to_owned()), "", Grant::None),
        rule(Anchor::SlashTmp, "", Grant::Read),
    ];
    assert_eq!((permissions.rules, permissions.network_access), (wanted.to_vec(), true));
    let round = json!({"mine": {"extends": "yours"}, "yours": {"extends": "mine"}});
    let resolution = of(&[user(round).with(&["default_permissions"], "mine")]);
    assert_eq!(told(&resolution), ["Error: /h/config.toml: The permission profile `mine` extends itself."]);
}

#[test]
fn a_network_that_should_be_limited_stays_off() {
    for limit in [json!({"domains": {"a.org": "allow"}}), json!({"mode": "limited"})] {
        let mut network = limit.clone();
        network["enabled"] = json!(true);
        let (told, permissions) = read(json!({"network": network}));
        assert!(told.concat().starts_with("Warning: /h/config.toml: `permissions.mine.network` limits"), "{told:?}");
        assert!(!permissions.unwrap().network_access, "{limit}");
        assert_eq!(read(json!({"network": limit})).0, Vec::<String>::new());
    }
}

#[test]
fn the_higher_layer_decides_between_mode_and_profile_and_in_one_layer_the_profile() {
    let file = || user(json!({"mine": {"filesystem": {":root": "read", ":project_roots": "write"}}}));
    let typed = || Layer::new(Source::CommandLine);
    let both = of(&[file().with(&["default_permissions"], "mine").with(&["sandbox_mode"], "danger-full-access")]);
    assert_eq!(
        told(&both),
        ["Warning: /h/config.toml: `sandbox_mode` is not used, because `default_permissions` is set beside it. \
          Take one of them out."]
    );
    assert_eq!(both.config.sandbox, SandboxMode::WorkspaceWrite);
    let mode = of(&[file().with(&["default_permissions"], "mine"), typed().with(&["sandbox_mode"], "read-only")]);
    assert_eq!((mode.config.sandbox, &mode.config.permissions), (SandboxMode::ReadOnly, &None));
    let profile =
        of(&[file().with(&["sandbox_mode"], "danger-full-access"), typed().with(&["default_permissions"], "mine")]);
    assert!(profile.config.permissions.is_some());
    assert_eq!([told(&mode), told(&profile), told(&of(&[file()]))].concat(), Vec::<String>::new());
    for (name, wanted) in [
        (":read-only", SandboxMode::ReadOnly),
        (":workspace", SandboxMode::WorkspaceWrite),
        (":danger-full-access", SandboxMode::DangerFullAccess),
        (":danger-no-sandbox", SandboxMode::DangerFullAccess),
    ] {
        assert_eq!(of(&[typed().with(&["default_permissions"], name)]).config.sandbox, wanted, "{name}");
    }
    let lifted = user(json!({"mine": {}})).with(&["profiles", "w", "default_permissions"], "mine");
    assert!(of(&[lifted.with(&["profile"], "w")]).config.permissions.is_some());
}

#[test]
fn patterns_deny() {
    let (told, permissions) = read(json!({
        "extends": ":workspace",
        "filesystem": {
            "glob_scan_max_depth": 3,
            ":workspace_roots": {"**/*.env": "none", "src/*/keys/**": "deny", "docs/**": "read"},
            "/srv/./[ab]*/x": "none",
            "~/*.pem": "none",
        },
    }));
    assert_eq!(told, Vec::<String>::new());
    let permissions = permissions.unwrap();
    let denied = |anchor, below: &str| Denied { anchor, below: below.to_owned() };
    let path = |path: &str| Anchor::Path(path.to_owned());
    let wanted = [
        denied(path("/srv"), "[ab]*/x"),
        denied(Anchor::Workspace, "**/*.env"),
        denied(Anchor::Workspace, "src/*/keys"),
        denied(path("/home/me"), "*.pem"),
    ];
    assert_eq!((permissions.denied.as_slice(), permissions.pattern_depth), (&wanted[..], Some(3)));
    assert!(permissions.denies());
    assert_eq!(permissions.mode(), SandboxMode::WorkspaceWrite);
    assert!(!PermissionProfile::workspace().denies());
}
