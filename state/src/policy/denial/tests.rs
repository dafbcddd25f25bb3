//! The sentences, by mode and profile. That they are true is tried with real commands, by the program's own tests.

use serde_json::{Value, json};

use super::*;
use crate::{
    config::{Layer, SandboxMode, Situation, Source, resolve},
    policy,
};

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
        home_names: Vec::new(),
        tmpdir: None,
        search: Vec::new(),
        missing_key: None,
    }
}

fn mode(mode: &str) -> Config {
    let layer = Layer::new(Source::CommandLine).with(&["sandbox_mode"], mode);
    resolve(&[layer], &Situation::default()).config
}

fn profile(name: &str, filesystem: Value) -> Config {
    let layer = Layer::new(Source::CommandLine)
        .with(&["permissions", name, "filesystem"], filesystem)
        .with(&["default_permissions"], name);
    resolve(&[layer], &Situation { user_home: Some("/home/me".to_owned()), ..Situation::default() }).config
}

fn careful() -> Config {
    profile(
        "careful",
        json!({
            ":minimal": "read",
            "/data": "read",
            "/data/keys": "none",
            ":workspace_roots": {".": "write", "vendor": "read", "**/*.env": "none"},
        }),
    )
}

#[track_caller]
fn says(config: &Config, command: &str, output: &str) -> String {
    let host = host();
    let plan = policy::plan(config, &host, "/w/p/src").unwrap();
    let code = if output.contains("not found") { 127 } else { 1 };
    denial(&Failure { config, host: &host, plan: &plan, command, code, output }).unwrap_or_default()
}

#[track_caller]
fn each_says(config: &Config, cases: &[(&str, &str)]) {
    for (output, wanted) in cases {
        let said = says(config, "x", output);
        assert!(said.contains(wanted) && said.is_empty() == wanted.is_empty(), "{output}: {said}");
    }
}

#[test]
fn under_workspace_write_the_folder_outside_is_named() {
    each_says(
        &mode("workspace-write"),
        &[
            ("touch: cannot touch '/etc/x': Read-only file system", "`--add-dir /etc` (or"),
            ("touch: cannot touch \u{2018}/etc/x\u{2019}: Read-only file system", "`--add-dir /etc` (or"),
            ("bash: line 1: ../../../lib/y: Read-only file system", "write to `/lib/y`"),
            ("sh: 1: cannot create /opt/a/b: Read-only file system\nmore\n", "`--add-dir /opt/a`"),
            ("bash: line 1: /opt/a b/c: Read-only file system", "`--add-dir '/opt/a b'`"),
            ("Error: EROFS: read-only file system, open '/opt/a/b'", "`--add-dir /opt/a`"),
            ("open /opt/a/b: read-only file system", "`--add-dir /opt/a`"),
            ("error: could not write: Read-only file system (os error 30)", "`--add-dir FOLDER`"),
            // The target is blocked, whatever else is named.
            (
                "mv: inter-device move failed: 'a' to '/opt/a'; unable to remove target: Read-only file system",
                "`--add-dir /opt`",
            ),
            ("mv: cannot move '/opt/x' to 'a': Read-only file system", "`--add-dir /opt`"),
            ("fatal: Unable to create '/w/p/.git/index.lock': Read-only file system", "keeps `.git` as it is"),
            ("mv: cannot move '/w/p/.git' to 'x': Device or resource busy", "keeps `.git` as it is"),
            // No folder can be opened for these.
            ("OSError: [Errno 30] Read-only file system: '/x'", "Only an approval or an allow rule would allow it."),
            ("bash: line 1: /proc/sys/a: Read-only file system", "Only an approval or an allow rule"),
            ("bash: line 1: /home/me/.bashrc: Read-only file system", "Only an approval or an allow rule"),
            ("bash: line 1: /w/p/link/a: Read-only file system", "a link leads out of the writable folders"),
            ("cat: /home/me/.codex/auth.json: No such file or directory", "logins and sessions"),
            ("ls: cannot open directory '/home/me/.codex': Permission denied", "logins and sessions"),
            ("curl: (6) Could not resolve host: example.com", "`-c sandbox_workspace_write.network_access=true` would"),
        ],
    );
}

#[test]
fn under_read_only_the_flags_depend_on_where_it_lies() {
    let network = "`--sandbox workspace-write -c sandbox_workspace_write.network_access=true` would allow it.";
    each_says(
        &mode("read-only"),
        &[
            ("touch: cannot touch 'a': Read-only file system", "`--sandbox workspace-write` would allow it."),
            ("touch: cannot touch '/tmp/a': Read-only file system", "`--sandbox workspace-write` would allow it."),
            ("bash: line 1: /opt/a/b: Read-only file system", "`--sandbox workspace-write --add-dir /opt/a` would"),
            ("touch: cannot touch '../.git/x': Read-only file system", "keeps `.git` as it is"),
            ("bash: line 1: /home/me/.bashrc: Read-only file system", "Only an approval or an allow rule"),
            ("socket.gaierror: [Errno -3] Temporary failure in name resolution", network),
        ],
    );
}

#[test]
fn a_profile_is_named_with_its_line_and_table() {
    let careful = careful();
    let table = "[permissions.careful.filesystem.\":workspace_roots\"]";
    let vendor = format!("`\"vendor\" = \"write\"` in `{table}` would allow it.");
    let deeper = format!("`\"vendor/a\" = \"write\"` in `{table}` would allow it.");
    let git = format!("`\".git\" = \"write\"` in `{table}` would allow it.");
    let deny = format!("denies `/w/p/src/.env` by `\"**/*.env\" = \"none\"` in `{table}`");
    each_says(
        &careful,
        &[
            ("touch: cannot touch '../vendor/x': Read-only file system", &vendor),
            ("touch: cannot touch '/w/p/vendor/a/x': Read-only file system", &deeper),
            ("touch: cannot touch '/w/p/.git/x': Read-only file system", &git),
            (
                "bash: line 1: /data/a/x: Read-only file system",
                "`\"/data/a\" = \"write\"` in `[permissions.careful.filesystem]` would allow it.",
            ),
            (
                "bash: line 1: /data/x: Read-only file system",
                "`\"/data\" = \"write\"` in `[permissions.careful.filesystem]` (instead of the line that says \"read\") would",
            ),
            ("cat: .env: Permission denied", &deny),
            ("bash: line 1: /data/keys/x: Read-only file system", "by `\"/data/keys\" = \"none\"` in `[permissions"),
            ("cat: /home/me/.codex/auth.json: No such file or directory", "logins and sessions"),
            (
                "cat: /opt/x: No such file or directory",
                "does not let commands see `/opt/x`. `\"/opt/x\" = \"read\"` in `[permissions.careful.filesystem]` would \
                 let them read it, `\"/opt\" = \"write\"` in `[permissions.careful.filesystem]` also write it.",
            ),
            ("ls: cannot open directory '/root': Permission denied", "`\"/root\" = \"read\"` in `[permissions.care"),
            ("/bin/bash: line 1: cargo: command not found", "`cargo` may be one of them"),
            ("sh: 1: cargo: not found", "`cargo` may be one of them"),
            ("ping: a.org: Name or service not known", "`enabled = true` in `[permissions.careful.network]`"),
            // Nothing of the sandbox is in the way of these.
            ("cat: none: No such file or directory", ""),
            ("cat: /usr/none: No such file or directory", ""),
            ("cat: /proc/none: No such file or directory", ""),
        ],
    );
    let odd = profile("a b", json!({":root": "read", ":workspace_roots": "read"}));
    let said = says(&odd, "x", "touch: cannot touch '../y': Read-only file system");
    assert!(said.contains("`\":workspace_roots\" = \"write\"` in `[permissions.\"a b\".filesystem]`"), "{said}");
    let denies = profile("d", json!({":root": "read", "/a": "none"}));
    let said = says(&denies, "x", "touch: cannot touch '/y': Read-only file system");
    assert!(said.ends_with("Only an approval would allow it."), "an allow rule would not: {said}");
    let built_in = profile(":workspace", json!({}));
    assert_eq!(built_in.sandbox, SandboxMode::WorkspaceWrite);
    let said = says(&built_in, "x", "touch: cannot touch '/opt/y': Read-only file system");
    assert!(said.contains("`--add-dir /opt` would allow it."), "it has no table: {said}");
}

#[test]
fn where_the_command_goes_is_where_its_paths_begin() {
    let mode = mode("workspace-write");
    let output = "touch: cannot touch 'a': Read-only file system";
    for (command, wanted) in [
        ("cd /opt/b && touch a", "`--add-dir /opt/b`"),
        ("cd '/opt/b'; touch a", "`--add-dir /opt/b`"),
        ("cd $X && touch a", "`--add-dir FOLDER`"),
        ("make && cd /opt && touch a", "`--add-dir FOLDER`"),
        ("cd /opt && (cd b; touch a)", "`--add-dir FOLDER`"),
    ] {
        let said = says(&mode, command, output);
        assert!(said.contains(wanted), "{command}: {said}");
    }
}

#[test]
fn failures_of_other_kinds_are_left_alone() {
    let mode = mode("workspace-write");
    for output in [
        "",
        "make: *** [x] Error 1",
        "cat: /root/x: Permission denied",
        "cat: none: No such file or directory",
        "connection refused",
        "bash: line 1: x: command not found",
        // Words of a text.
        "    \"Could not resolve host\",",
        "src/denial.rs:12:    Could not resolve host",
        "a.md:7:touch: cannot touch '/etc/x': Read-only file system",
        "Say Read-only file system when it is one",
    ] {
        assert_eq!(says(&mode, "x", output), "", "{output}");
    }
    let layer = Layer::new(Source::CommandLine)
        .with(&["sandbox_mode"], "workspace-write")
        .with(&["sandbox_workspace_write", "network_access"], true);
    let open = resolve(&[layer], &Situation::default()).config;
    assert_eq!(says(&open, "x", "ping: a: Name or service not known"), "", "the network is on: it is not the sandbox");
}
