//! Real files, resolved: the whole text that a user reads, for each class of mistake.

use std::{fs, path::Path};

use quire_state::config::{Resolution, ResolutionContext, resolve};
use tempfile::TempDir;

use super::{Files, Loaded, load};

fn files(home: &Path) -> Files {
    Files { system: home.join("system.toml"), home: home.to_owned(), profile: None }
}

fn loaded(text: &str) -> (TempDir, Loaded, Resolution) {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("config.toml"), text).unwrap();
    let loaded = load(&files(home.path()));
    let resolution = resolve(&loaded.layers, &ResolutionContext::default());
    (home, loaded, resolution)
}

/// Everything that is told about a file, with its folder written as `HOME`.
fn told(text: &str) -> String {
    let (home, loaded, resolution) = loaded(text);
    let problems = loaded.problems.iter().chain(&resolution.problems);
    let reports: Vec<String> = problems.map(|problem| loaded.explained(problem.clone()).report()).collect();
    reports.join("\n\n").replace(&home.path().display().to_string(), "HOME")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let told = told(text);
    assert_eq!(told, expected, "\n{told}\n");
}

#[test]
fn a_good_file_is_silent() {
    check(
        "model = \"gpt-5.5\"\nmodel_provider = \"mock\"\n[model_providers.mock]\nname = \"Mock\"\n\
         base_url = \"http://127.0.0.1:8765/v1\"\nenv_key = \"MOCK_API_KEY\"\nwire_api = \"responses\"\n\
         [mcp_servers.x]\ncommand = \"y\"\nenv = { A = \"b\" }\n[tui]\ntheme = \"nord\"\n[[skills.config]]\npath = \"z\"\n",
        "",
    );
    check("", "");
}

#[test]
fn text_without_quotes() {
    check(
        "# mine\nmodel = gpt-5.5\n",
        "HOME/config.toml:2:9: This is not TOML: string values must be quoted, expected literal string.\n  \
           |\n\
         2 | model = gpt-5.5\n  \
           |         ^\n\
         Text needs quotes, for instance model = \"gpt-5.5\".",
    );
}

#[test]
fn a_key_twice() {
    check(
        "model = \"a\"\n\nmodel = \"b\"\n",
        "HOME/config.toml:3:1: This is not TOML: duplicate key.\n  \
           |\n\
         3 | model = \"b\"\n  \
           | ^\n\
         Keep one of the two.",
    );
}

#[test]
fn a_windows_path_in_double_quotes() {
    let told = told("log_dir = \"C:\\Users\\me\"\n");
    assert!(told.starts_with("HOME/config.toml:1:"), "{told}");
    assert!(told.ends_with("put Windows paths in 'single quotes'."), "{told}");
}

#[test]
fn an_unknown_key_warns_with_its_neighbour() {
    check(
        "model_provder = \"openai\"\n",
        "HOME/config.toml:1:1: Unknown key `model_provder`; it is ignored. Did you mean `model_provider`?",
    );
    check(
        "[tui]\nanimatons = true\n",
        "HOME/config.toml:2:1: Unknown key `tui.animatons`; it is ignored. Did you mean `tui.animations`?",
    );
    check("zzz = 1\n", "HOME/config.toml:1:1: Unknown key `zzz`; it is ignored.");
}

#[test]
fn an_unknown_table_warns_once() {
    check(
        "[mcp_server.docs]\ncommand = \"x\"\nargs = []\n",
        "HOME/config.toml:1:2: Unknown table `mcp_server`; it is ignored. Did you mean `mcp_servers`?",
    );
}

#[test]
fn a_key_in_the_wrong_place_is_sent_home() {
    check(
        "[tui]\nmodel = \"x\"\n",
        "HOME/config.toml:2:1: Unknown key `tui.model`; it is ignored. \
         `model` belongs at the top level: write it above the first [table] of the file.",
    );
    check(
        "base_url = \"http://x/v1\"\n",
        "HOME/config.toml:1:1: Unknown key `base_url`; it is ignored. `base_url` belongs under `model_providers.NAME`.",
    );
}

#[test]
fn a_wrong_type() {
    check(
        "model_context_window = \"many\"\n",
        "HOME/config.toml:1:24: `model_context_window` must be a whole number from 1 to 1000000000, not text.\n  \
           |\n\
         1 | model_context_window = \"many\"\n  \
           |                        ^",
    );
    check(
        "[model_provider.mock]\nname = \"x\"\n",
        "HOME/config.toml:1:2: `model_provider` must be text in quotes, not a table.\n  \
           |\n\
         1 | [model_provider.mock]\n  \
           |  ^\n\
         Did you mean [model_providers.NAME]?",
    );
}

#[test]
fn a_wrong_value() {
    check(
        "approval_policy = \"on-requests\"",
        "HOME/config.toml:1:19: `approval_policy` cannot be \"on-requests\".\n  \
           |\n\
         1 | approval_policy = \"on-requests\"\n  \
           |                   ^\n\
         Allowed: \"untrusted\", \"on-request\", \"never\", \"on-failure\". Did you mean \"on-request\"?",
    );
}

#[test]
fn an_unknown_provider() {
    check(
        "model_provider = \"mock\"\n",
        "HOME/config.toml:1:18: There is no provider `mock`.\n  \
           |\n\
         1 | model_provider = \"mock\"\n  \
           |                  ^\n\
         Define it as a table [model_providers.mock], or use one of: demo, lmstudio, ollama, openai, oss.",
    );
}

#[test]
fn the_chat_protocol_is_refused_with_advice() {
    check(
        "model_provider = \"m\"\n[model_providers.m]\nbase_url = \"http://x/v1\"\nwire_api = \"chat\"\n",
        "HOME/config.toml:4:12: `model_providers.m.wire_api` cannot be \"chat\": Quire speaks the Responses API only.\n  \
           |\n\
         4 | wire_api = \"chat\"\n  \
           |            ^\n\
         Set `wire_api = \"responses\"`, or leave it out; recent versions of llama.cpp, Ollama, LM Studio and vLLM serve \
         that protocol at the same address.",
    );
}

#[test]
fn a_line_with_a_secret_is_not_shown() {
    let text =
        "[model_providers.openai]\nexperimental_bearer_token = [\"canary\"]\nhttp_headers = { X = [\"canary\"] }\n";
    let told = told(text);
    assert!(told.contains("HOME/config.toml:2:29") && told.contains("HOME/config.toml:3:22"), "{told}");
    assert!(!told.contains("canary"), "{told}");
}

#[test]
fn files_lie_over_each_other() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(home.path().join(name), text).unwrap();
    write(
        "system.toml",
        "model = \"of-the-machine\"\nservice_tier = \"flex\"\n[model_providers.a]\nbase_url = \"http://a\"\n",
    );
    write("config.toml", "model = \"mine\"\n[model_providers.a]\nname = \"A\"\n");
    write("fast.config.toml", "model = \"fast\"\n");
    let model = |profile: Option<&str>| {
        let files = Files { profile: profile.map(str::to_owned), ..files(home.path()) };
        resolve(&load(&files).layers, &ResolutionContext::default()).config
    };
    let config = model(None);
    assert_eq!((config.model.as_str(), config.service_tier.as_deref()), ("mine", Some("flex")));
    let a = &config.providers["a"];
    assert_eq!((a.name.as_str(), a.base_url.as_str()), ("A", "http://a"));
    assert_eq!(model(Some("fast")).model, "fast");
    assert_eq!(model(Some("../fast")).model, "mine");
}

#[test]
fn no_file_is_no_problem_and_a_bad_one_is_named() {
    let home = tempfile::tempdir().unwrap();
    let none = load(&files(home.path()));
    assert!(none.layers.is_empty() && none.problems.is_empty());
    let path = home.path().join("config.toml");
    fs::write(&path, b"a = 1\nb = \"\xff\"\n").unwrap();
    let told = load(&files(home.path())).problems[0].line();
    assert!(told.contains("config.toml") && told.contains("line 2 is not UTF-8 text"), "{told}");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let told = load(&files(home.path())).problems[0].line();
    assert!(told.contains("not a regular file"), "{told}");
}

#[test]
fn a_byte_order_mark_is_no_key() {
    check("\u{feff}model = \"x\"\n", "");
}
