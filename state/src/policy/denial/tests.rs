//! The sentences, by mode and profile. That they are true is tried with real commands, by the program's own tests.

use serde_json::{Value, json};

use super::*;
use crate::{
    config::{Layer, ResolutionContext, SandboxMode, Source, resolve},
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
        user_home: Some("/home/me".to_owned()),
        home_names: Vec::new(),
        tmpdir: None,
        search: Vec::new(),
        missing_key: None,
        needs_login: false,
    }
}

fn mode(mode: &str) -> Config {
    let layer = Layer::new(Source::CommandLine).with(&["sandbox_mode"], mode);
    resolve(&[layer], &ResolutionContext::default()).config
}

fn profile(name: &str, filesystem: Value) -> Config {
    let layer = Layer::new(Source::CommandLine)
        .with(&["permissions", name, "filesystem"], filesystem)
        .with(&["default_permissions"], name);
    resolve(&[layer], &ResolutionContext { user_home: Some("/home/me".to_owned()), ..ResolutionContext::default() })
        .config
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
    let open = resolve(&[layer], &ResolutionContext::default()).config;
    assert_eq!(says(&open, "x", "ping: a: Name or service not known"), "", "the network is on: it is not the sandbox");
}

#[test]
fn a_closed_socket_says_what_opens_it() {
    let outputs = [
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get \"http://x/v1\": dial \
         unix /var/run/docker.sock: socket: operation not permitted",
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        "Error connecting to agent: Operation not permitted",
        "gpg: can't connect to the gpg-agent: Operation not permitted",
        "gpg: error opening key DB: can't connect to the keyboxd: Operation not permitted",
        "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: Operation not permitted",
        "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (1)",
        "Could not connect to Redis at /tmp/redis.sock: Operation not permitted",
        "Error: Can't open display: :0",
        "cannot open display: localhost:10.0",
        "failed to connect to wayland display",
        "Failed to connect to bus: Operation not permitted",
        "error connecting to /tmp/tmux-1000/default (Operation not permitted)",
        "curl: (7) Could not open unix socket /run/x.sock: Operation not permitted",
        "  s = socket.socket(socket.AF_UNIX)\nPermissionError: [Errno 1] Operation not permitted",
    ];
    let (write, read, careful) = (mode("workspace-write"), mode("read-only"), careful());
    for output in outputs {
        let said = says(&write, "x", output);
        assert!(said.contains("`-c sandbox_workspace_write.network_access=true` would allow it"), "{output}: {said}");
        let said = says(&read, "x", output);
        assert!(said.contains("`--sandbox workspace-write -c sandbox_workspace_write.network_access=true`"), "{said}");
        let said = says(&careful, "x", output);
        let wanted = "`dangerously_allow_all_unix_sockets = true` in `[permissions.careful.network]` would allow it";
        assert!(said.contains(wanted), "{output}: {said}");
    }
    assert!(says(&write, "x", outputs[0]).contains("`/var/run/docker.sock` was not reached"));
    assert!(says(&write, "x", outputs[5]).contains("`/var/run/postgresql/.s.PGSQL.5432` was not reached"));
    let layer = Layer::new(Source::CommandLine)
        .with(&["sandbox_mode"], "workspace-write")
        .with(&["sandbox_workspace_write", "network_access"], true);
    let open = resolve(&[layer], &ResolutionContext::default()).config;
    for output in outputs {
        assert!(!says(&open, "x", output).contains("sockets"), "nothing is closed: {output}");
    }
    for output in [
        "Error: Can't open display: ",
        "Could not open a connection to your authentication agent.",
        "README.md:3: failed to connect to bus: Operation not permitted",
        "chown: changing ownership of 'x': Operation not permitted",
        "the docker daemon runs",
    ] {
        assert!(!says(&write, "x", output).contains("sockets"), "{output}");
    }
}

#[test]
fn below_the_home_the_narrowest_folder_is_offered_and_never_the_home() {
    let (write, mut host) = (mode("workspace-write"), host());
    // The agent's home lies elsewhere.
    host.home = "/srv/codex".to_owned();
    let said = |config: &Config, output: &str| {
        let plan = policy::plan(config, &host, "/w/p/src").unwrap();
        denial(&Failure { config, host: &host, plan: &plan, command: "x", code: 1, output }).unwrap_or_default()
    };
    for (path, wanted) in [
        ("/home/me/.cache/uv/x", "`--add-dir /home/me/.cache/uv`"),
        ("/home/me/.npm/x", "`--add-dir /home/me/.npm`"),
        ("/home/me/go/pkg/mod/cache/x", "`--add-dir /home/me/go/pkg/mod/cache`"),
        ("/home/me/.npmrc", "Only an approval"),
        ("/home/me", "Only an approval"),
        ("/home/x", "Only an approval"),
    ] {
        let said = said(&write, &format!("touch: cannot touch '{path}': Read-only file system"));
        assert!(said.contains(wanted), "{path}: {said}");
    }
    let careful = careful();
    for path in ["/home/me/.npmrc", "/home/x"] {
        let said = said(&careful, &format!("touch: cannot touch '{path}': Read-only file system"));
        assert!(!said.contains("\"/home/me\" =") && !said.contains("\"/home\" ="), "{path}: {said}");
    }
}
