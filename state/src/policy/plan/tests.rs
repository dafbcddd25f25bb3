//! Permission profiles as plans.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::config::{Grant, Layer, ResolutionContext, Source, resolve};

fn host() -> Host {
    Host {
        cwd: "/w/p".to_owned(),
        cwd_short: "~/p".to_owned(),
        shell: "/bin/bash".to_owned(),
        home: "/home/me/.codex".to_owned(),
        os: "linux".to_owned(),
        timezone: "UTC".to_owned(),
        utc_offset_s: 0,
        documents: Vec::new(),
        branch: None,
        secret_variables: Vec::new(),
        secret_folders: Vec::new(),
        user_home: None,
        home_names: Vec::new(),
        tmpdir: Some("/var/t/".to_owned()),
        search: Vec::new(),
        missing_key: None,
        needs_login: false,
    }
}

fn config(filesystem: Value) -> Config {
    let layer = Layer::new(Source::CommandLine)
        .with(&["permissions", "mine", "filesystem"], filesystem)
        .with(&["default_permissions"], "mine");
    resolve(&[layer], &ResolutionContext { user_home: Some("/home/me".to_owned()), ..ResolutionContext::default() })
        .config
}

fn of(filesystem: Value) -> SandboxPlan {
    plan(&config(filesystem), &host(), "/w/p/sub").unwrap()
}

/// A plan in words: `w` and `r` and `-` before each path.
fn words(plan: &SandboxPlan) -> Vec<String> {
    let roots = plan.roots.iter().map(|root| format!("w {}", root.path));
    let readable = plan.readable.iter().map(|path| format!("r {path}"));
    roots.chain(readable).chain(plan.hidden.iter().map(|path| format!("- {path}"))).collect()
}

#[test]
fn places_get_their_paths_and_only_what_differs_from_above_counts() {
    for (filesystem, wanted) in [
        (json!({":root": "read"}), &["- /home/me/.codex"][..]),
        (
            json!({":root": "read", ":workspace_roots": "write", ":tmpdir": "write", ":slash_tmp": "write"}),
            &["w /tmp", "w /var/t", "w /w/p", "- /home/me/.codex"],
        ),
        (
            json!({":root": "read", ":project_roots": {".": "write", "a": "none", "a/b": "write", "c": "read", "d": "write"}}),
            &["w /w/p", "w /w/p/a/b", "r /w/p/c", "- /w/p/a", "- /home/me/.codex"],
        ),
        (json!({":root": "read", "/w": "none", ":workspace_roots": "read"}), &["r /w/p", "- /w", "- /home/me/.codex"]),
        (json!({"/data": "read", "/data/x": "none"}), &["r /data", "- /", "- /data/x", "- /home/me/.codex"]),
        (json!({"~": "read", ":workspace_roots": "write"}), &["w /w/p", "r /home/me", "- /", "- /home/me/.codex"]),
        // Where two rules meet the stricter one holds.
        (json!({":root": "read", ":slash_tmp": "write", "/tmp": "none"}), &["- /tmp", "- /home/me/.codex"]),
        (json!({}), &["- /", "- /home/me/.codex"]),
    ] {
        assert_eq!(words(&of(filesystem.clone())), wanted, "{filesystem}");
    }
    let minimal = of(json!({":minimal": "read", "/usr/local": "none"}));
    assert!(minimal.readable.contains(&"/usr".to_owned()) && minimal.hidden.contains(&"/usr/local".to_owned()));
}

#[test]
fn the_folder_of_a_call_changes_nothing_but_where_it_starts() {
    let here = config(json!({":root": "read", ":workspace_roots": "write"}));
    let (one, other) = (plan(&here, &host(), "/w/p").unwrap(), plan(&here, &host(), "/etc").unwrap());
    assert_eq!(other.cwd, "/etc");
    assert_eq!(one, SandboxPlan { cwd: "/w/p".to_owned(), ..other });
}

#[test]
fn roots_keep_their_names_unless_the_profile_itself_opens_one() {
    let plan = of(json!({":root": "read", ":workspace_roots": {".": "write", ".git": "write"}, "/o": "write"}));
    let roots: Vec<(&str, Vec<&str>, bool)> = plan
        .roots
        .iter()
        .map(|root| (root.path.as_str(), root.protected.iter().map(String::as_str).collect(), root.is_optional))
        .collect();
    let wanted = [
        ("/o", vec![".git", ".codex", ".agents"], true),
        ("/w/p", vec![".codex", ".agents"], false),
        // It is inside `/w/p`, which may be written as well, so it needs no rule of its own.
    ];
    assert_eq!(roots, wanted);
    assert_eq!([plan.may_write("/w/p/.git/x"), plan.may_write("/w/p/.codex/x")], [true, false]);
}

#[test]
fn the_nearest_rule_says_whether_a_path_may_be_written() {
    let plan = of(json!({":root": "read", ":project_roots": {".": "write", "a": "none", "a/b": "write", "c": "read"}}));
    for (path, wanted) in [
        ("/w/p", true),
        ("/w/p/x", true),
        ("/w/p/ax", true),
        ("/w/p/a", false),
        ("/w/p/a/x", false),
        ("/w/p/a/b/x", true),
        ("/w/p/c/x", false),
        ("/w/p/.git", false),
        ("/w/p/.gitignore", true),
        ("/w/px", false),
        ("/etc", false),
    ] {
        assert_eq!(plan.may_write(path), wanted, "{path}");
    }
}

#[test]
fn a_later_change_of_the_mode_wins_over_the_profile() {
    let mut config = config(json!({":root": "read", ":workspace_roots": "write", "/secret": "none"}));
    assert_eq!(config.sandbox, SandboxMode::WorkspaceWrite);
    config.sandbox = SandboxMode::DangerFullAccess;
    assert_eq!(plan(&config, &host(), "/"), None);
    config.sandbox = SandboxMode::ReadOnly;
    assert_eq!(plan(&config, &host(), "/").unwrap().roots, Vec::new());
}

#[test]
fn a_project_at_the_top_is_left_to_the_sandbox_to_refuse() {
    let host = Host { cwd: "/".to_owned(), ..host() };
    let plan = plan(&config(json!({":root": "read", ":workspace_roots": "write"})), &host, "/").unwrap();
    assert_eq!(words(&plan)[..1], ["- /home/me/.codex"], "two rules meet on `/`: the stricter one holds");
    let alone = super::plan(&config(json!({":workspace_roots": "write"})), &host, "/").unwrap();
    assert_eq!(words(&alone), ["w /", "- /home/me/.codex"]);
}

#[test]
fn the_network_is_what_the_profile_says() {
    let mut config = config(json!({":root": "read"}));
    assert_eq!(plan(&config, &host(), "/").unwrap().network, Network::Off);
    config.permissions.as_mut().unwrap().network_access = true;
    assert_eq!(plan(&config, &host(), "/").unwrap().network, Network::On);
}

/// What a plan grants in a path, by its nearest entry.
fn granted(plan: &SandboxPlan, path: &str) -> Grant {
    let roots = plan.roots.iter().map(|root| (&root.path, Grant::Write));
    let readable = plan.readable.iter().map(|path| (path, Grant::Read));
    let all = roots.chain(readable).chain(plan.hidden.iter().map(|path| (path, Grant::None)));
    let above = all.filter(|(place, _)| is_within(path, place));
    let nearest = above.max_by_key(|(place, grant)| (place.trim_end_matches('/').len(), std::cmp::Reverse(*grant)));
    nearest.map_or(Grant::Read, |(_, grant)| grant)
}

proptest! {
    /// In every path a plan grants what the nearest rule of the profile says, and nothing where there is no rule.
    #[test]
    fn a_plan_grants_what_the_rules_say(
        rules in prop::collection::btree_map("(/[ab]){1,4}", prop::sample::select(vec!["none", "read", "write"]), 0..8),
        root in prop::sample::select(vec!["none", "read"]),
        paths in prop::collection::vec("(/[abc]){1,5}", 1..20),
    ) {
        let mut table = json!(rules);
        table[":root"] = json!(root);
        let plan = of(table);
        for path in paths {
            let nearest = rules.iter().filter(|(place, _)| is_within(&path, place)).max_by_key(|(place, _)| place.len());
            let wanted = match *nearest.map_or(&root, |(_, grant)| grant) {
                "write" => Grant::Write,
                "read" => Grant::Read,
                _ => Grant::None,
            };
            prop_assert_eq!(granted(&plan, &path), wanted, "{} in {:?}", path, words(&plan));
            prop_assert_eq!(plan.may_write(&path), wanted == Grant::Write, "{} in {:?}", path, words(&plan));
        }
    }
}

#[test]
fn a_pattern_begins_where_its_names_begin_to_be_open() {
    let plan = of(json!({
        ":root": "read",
        "glob_scan_max_depth": 2,
        ":workspace_roots": {".": "write", "**/*.env": "none", "src/*.key": "none"},
        "/srv/x/*/y": "none",
    }));
    let pattern = |folder: &str, glob: &str, depth| Pattern { folder: folder.to_owned(), glob: glob.to_owned(), depth };
    let wanted =
        [pattern("/srv/x", "*/y", None), pattern("/w/p", "**/*.env", Some(2)), pattern("/w/p/src", "*.key", None)];
    assert_eq!(plan.patterns, wanted);
    assert!(plan.may_write("/w/p/a") && !plan.may_write("/w/p/b/a.env") && !plan.may_read("/w/p/src/a.key"));
    assert!(plan.may_read("/w/p/b/c/a.env"), "deeper than was said");
}
