//! Keys, tokens and passwords: what start files, profiles, proxies, the agent's home, the system's configuration and a server that
//! repeats them make of them. Every one holds the word `canary`, and it is looked for everywhere.

use std::fs;

use serde_json::json;

use super::{
    runner::{Ground, everywhere as on_every_machine, in_every_mode},
    scene::{Call, NO_TMP, script, shell},
};
use crate::{
    bed::{Bed, KEY, QUIRE, Ran, files, finish},
    pty::Terminal,
    sandbox::stand::{Stand, User, everywhere, is_root, users},
    skip::{has, skip},
};

/// Prints the environment in a spelling in which nothing recognises a key in what a command prints.
const LOOK: &str = "env | rev";
/// Providers, a profile and a server for tools, none of them in use, with the variables that hold their keys.
const PROVIDERS: &str = r#"
[model_providers.other]
name = "Other"
base_url = "http://127.0.0.1:9/v1"
env_key = "OTHER_KEY"
env_http_headers = { "X-Team" = "TEAM_HEADER" }
http_headers = { "X-Fixed" = "fixed-canary-1" }

[profiles.work.model_providers.third]
env_key = "THIRD_KEY"

[mcp_servers.docs]
command = "docs"
bearer_token_env_var = "DOCS_BEARER"
env_vars = ["DOCS_TOKEN", "LANG"]
env = { DOCS_PASSWORD = "docs-canary-1" }
"#;
const PROFILE: &str = "[model_providers.fourth]\nbase_url = \"http://127.0.0.1:9/v1\"\nenv_key = \"FOURTH_KEY\"\n";
const NAMES: [&str; 9] = [
    "OTHER_KEY",
    "TEAM_HEADER",
    "THIRD_KEY",
    "DOCS_BEARER",
    "DOCS_TOKEN",
    "DOCS_PASSWORD",
    "FOURTH_KEY",
    "OPENAI_API_KEY",
    "CODEX_NEW_TOKEN",
];

/// No line holds a canary, read forwards or backwards, but for where the machine of the test lies.
#[track_caller]
fn has_none(text: &str, what: &str) {
    for line in text.lines().filter(|line| !line.contains("CANARY=") && !line.contains("=YRANAC")) {
        assert!(!line.contains("canary-") && !line.contains("-yranac"), "{what}: {line}");
    }
}

/// The start files that any of the shells reads.
fn start_files(bed: &Bed) {
    let secrets: String = NAMES.iter().map(|name| format!("export {name}={name}-canary-1\n")).collect();
    let text = format!(
        "{secrets}export SCRIPTED_KEY={KEY} COPY={KEY} PART='Bearer {KEY}' HEADER_COPY=fixed-canary-1 FREE=free\n\
         export https_proxy=http://me:word-canary-1@proxy:1 ALL_PROXY=socks5h://me:word-canary-1@proxy:1\n\
         eval \"$(echo export TEAM_HEADER=direnv-canary-1)\"\n"
    );
    for name in [".bash_profile", ".profile", ".zprofile", ".zshenv", ".keys"] {
        bed.file(&format!("home/{name}"), &text);
    }
    let fish: String = NAMES.iter().map(|name| format!("set -gx {name} {name}-canary-1\n")).collect();
    bed.file("home/.config/fish/config.fish", format!("{fish}set -gx FREE free\n"));
}

#[test]
fn what_start_files_set_reaches_no_command() {
    in_every_mode(|ground| {
        ground.config = PROVIDERS.to_owned();
        ground.bed.file("codex/late.config.toml", PROFILE);
        start_files(&ground.bed);
        let other = |name: &str, is_login: bool| -> Call {
            ("exec_command", json!({ "cmd": LOOK, "shell": name, "login": is_login }))
        };
        let mut calls = vec![shell(LOOK), shell(LOOK), shell(LOOK)];
        for name in ["/bin/bash", "/bin/sh", "/usr/bin/zsh", "/usr/bin/fish"] {
            if has(name) {
                calls.extend([other(name, true), other(name, false)]);
            }
        }
        for told in ground.exec(&calls) {
            assert!(told.contains("exited with code 0"), "{told}");
            has_none(&told, "a command got");
        }
        let told = ground.exec(&[shell("echo $FREE $https_proxy $ALL_PROXY")]);
        assert!(told[0].contains("free http://proxy:1 socks5h://proxy:1"), "{}", told[0]);
        // A shell that cannot be kept goes on as a login shell.
        for name in [".bash_profile", ".profile"] {
            let text = fs::read_to_string(ground.bed.path(&format!("home/{name}"))).unwrap();
            ground.bed.file(
                &format!("home/{name}"),
                format!("{text}\nreadonly COPY\nexport RANDOM_ID=$RANDOM$RANDOM$RANDOM\n"),
            );
        }
        for told in ground.exec(&[shell(LOOK), shell(LOOK)]) {
            has_none(&told, "a command of a login shell got");
        }
    });
}

#[test]
fn what_a_start_file_for_every_shell_sets_is_unset() {
    in_every_mode(|ground| {
        ground.config = PROVIDERS.to_owned();
        start_files(&ground.bed);
        let keys = ground.bed.path("home/.keys");
        ground.bed.set("BASH_ENV", keys.to_str().unwrap());
        let told = ground.exec(&[
            ("exec_command", json!({ "cmd": LOOK, "shell": "/bin/bash", "login": false })),
            ("exec_command", json!({ "cmd": LOOK, "shell": "/bin/bash", "login": true })),
        ]);
        // What nothing names and nothing knows the value of is no secret.
        for name in ["YEK_REHTO", "REDAEH_MAET", "NEKOT_SCOD", "YEK_IANEPO"] {
            assert!(!told.iter().any(|told| told.contains(name)), "{name}: {told:#?}");
        }
    });
}

#[test]
fn a_command_of_the_user_gets_no_key_of_any_profile() {
    everywhere(|stand| {
        let provider = "model_provider = \"s\"\n[model_providers.s]\nbase_url = \"http://127.0.0.1:9/v1\"\nenv_key = \"SCRIPTED_KEY\"\n";
        stand.bed.file("codex/config.toml", format!("{provider}{PROVIDERS}"));
        stand.bed.file("codex/late.config.toml", PROFILE);
        stand.own(&stand.bed.root());
        let program = |options: &[&str]| {
            let line = [&["sandbox", "--backend", stand.means, "-c", NO_TMP], options, &["--", "/bin/sh", "-c", LOOK]]
                .concat();
            let mut command = stand.program(QUIRE, &line);
            command.envs(NAMES.map(|name| (name, format!("{name}-canary-1"))));
            command
                .env("SCRIPTED_KEY", KEY)
                .env("COPY", KEY)
                .env("https_proxy", "socks5://me:word-canary-1@proxy:1")
                .env("FREE", "free");
            finish(command.spawn().unwrap()).ends_with(0)
        };
        for options in
            [&[][..], &["-p", "late"], &["-p", "work"], &["-s", "workspace-write"], &["-s", "danger-full-access"]]
        {
            let Ran { stdout, .. } = program(options);
            has_none(&stdout, &format!("{options:?}"));
            assert!(stdout.contains("eerf=EERF") && stdout.contains("1:yxorp//:5skcos=yxorp_sptth"), "{stdout}");
        }
    });
}

#[test]
fn as_a_working_folder_the_agents_home_hides_every_other_name() {
    everywhere(|stand| {
        let hidden = [
            "state_5.sqlite",
            "state_6.sqlite-wal",
            "logs_2.sqlite",
            "goals_1.sqlite-shm",
            "memories/raw.md",
            "memories_1.sqlite",
            "run.jsonl",
            "work.config.toml",
            "version.json",
            "what-comes-next",
            ".env",
            "auth.json",
            "models_cache.json",
            "sessions/2026/01/01/rollout-x.jsonl",
            "log/codex-tui.log",
            "environments/x.toml",
        ];
        for name in hidden {
            stand.bed.file(&format!("codex/{name}"), "# canary-home");
        }
        let open = ["AGENTS.md", "notes.md", "skills/a/SKILL.md", "prompts/p.md"];
        for name in open {
            stand.bed.file(&format!("codex/{name}"), "open\n");
        }
        stand.own(&stand.bed.root());
        let home = stand.bed.path("codex");
        let roots = format!("sandbox_workspace_write.writable_roots=[{home:?}]");
        let tries: String = hidden
            .iter()
            .map(|name| {
                format!(
                    "(cat $CODEX_HOME/{name}; ls -d $CODEX_HOME/{name}; echo x >> $CODEX_HOME/{name}) 2>/dev/null; "
                )
            })
            .collect();
        let looks: String = open.iter().map(|name| format!("cat $CODEX_HOME/{name}; ")).collect();
        let run = |options: &[&str]| {
            let script = format!(
                "{tries} ls -A $CODEX_HOME | grep -v -e '[.]md$' -e ^skills -e ^prompts -e ^work$; {looks} true"
            );
            let line =
                [&["sandbox", "--backend", stand.means, "-c", NO_TMP], options, &["--", "/bin/sh", "-c", &script]]
                    .concat();
            finish(stand.program(QUIRE, &line).spawn().unwrap()).ends_with(0)
        };
        let top = home.to_str().unwrap();
        let skills = home.join("skills");
        for options in [
            &["-s", "workspace-write", "-C", top][..],
            &["-s", "read-only", "-C", top],
            &["-s", "workspace-write", "-c", &roots],
            &["-s", "workspace-write", "-C", skills.to_str().unwrap()],
        ] {
            let ran = run(options);
            let seen = ran.stdout.lines().filter(|line| *line == "open").count();
            let expected = if options.contains(&skills.to_str().unwrap()) { 1 } else { open.len() };
            assert_eq!(
                (seen, ran.stdout.lines().count()),
                (expected, expected),
                "{options:?}: {} {}",
                ran.stdout,
                ran.stderr
            );
        }
        for name in hidden {
            assert_eq!(fs::read_to_string(home.join(name)).unwrap(), "# canary-home", "{name}");
        }
        // What comes to be while a command runs is as hidden as what was there.
        let wait = format!("echo up; cat go > /dev/null; cat {top}/state_7.sqlite; ls -A {top} | grep state; true");
        stand.bed.file("codex/skills/go", "");
        fs::remove_file(skills.join("go")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, skills.join("go"), rustix::fs::FileType::Fifo, 0o666.into(), 0).unwrap();
        stand.own(&skills);
        let line = [
            "sandbox",
            "--backend",
            stand.means,
            "-c",
            NO_TMP,
            "-s",
            "workspace-write",
            "-C",
            top,
            "--",
            "/bin/sh",
            "-c",
        ];
        let wait = wait.replace("cat go", "cat skills/go");
        let mut child = stand.program(QUIRE, &[&line[..], &[&wait]].concat()).spawn().unwrap();
        let lines = crate::bed::lines_of(child.stdout.take().unwrap());
        assert_eq!(lines.recv_timeout(crate::bed::LIMIT).unwrap(), "up");
        stand.bed.file("codex/state_7.sqlite", "canary-late");
        fs::write(skills.join("go"), "").unwrap();
        finish(child);
        assert!(lines.try_iter().next().is_none(), "a database that came later is seen");
    });
    // By Landlock alone, which shows the names and not what is in them.
    let stand = Stand::new(User::Own, "landlock");
    stand.bed.file("codex/state_5.sqlite", "canary-home");
    stand.bed.file("codex/AGENTS.md", "open");
    let top = stand.bed.path("codex");
    let line =
        ["sandbox", "--backend", "landlock", "-s", "read-only", "-C", top.to_str().unwrap(), "--", "/bin/sh", "-c"];
    let script = "cat state_5.sqlite $CODEX_HOME/state_5.sqlite 2>/dev/null; cat AGENTS.md";
    let ran = finish(stand.program(QUIRE, &[&line[..], &[script]].concat()).spawn().unwrap()).ends_with(0);
    assert_eq!(ran.stdout, "open");
}

#[test]
fn databases_that_are_kept_elsewhere_are_hidden() {
    everywhere(|stand| {
        let folder = stand.bed.path("home/work/data");
        for name in ["state_5.sqlite", "logs_1.sqlite-wal"] {
            stand.bed.file(&format!("home/work/data/{name}"), "canary-data");
        }
        stand.bed.file("home/work/data/free.txt", "free");
        stand.bed.file("codex/config.toml", format!("sqlite_home = {folder:?}\n"));
        stand.own(&stand.bed.root());
        let script = "cat data/*.sqlite* 2>/dev/null; cat data/free.txt";
        let before =
            ["sandbox", "--backend", stand.means, "-c", NO_TMP, "-s", "workspace-write", "--", "/bin/sh", "-c"];
        let ran = finish(stand.program(QUIRE, &[&before[..], &[script]].concat()).spawn().unwrap()).ends_with(0);
        assert_eq!(ran.stdout, "free");
    });
}

#[test]
fn the_configuration_of_the_system_is_hidden() {
    if !is_root() {
        skip("only root can put a configuration into the system");
        return;
    }
    // In private mounts, so that no other program meets it.
    let setup = "set -e; mkdir \"$0\"; mount -t tmpfs none \"$0\"; cp -a /etc/. \"$0\"; mkdir -p \"$0/codex/skills\"; echo '# canary-system' > \"$0/codex/config.toml\"; \
                 echo '# canary-system' > \"$0/codex/managed_config.toml\"; echo open > \"$0/codex/skills/s\"; chmod -R a+rX \"$0/codex\"; \
                 mount --bind \"$0\" /etc; umount \"$0\"; exec \"$@\"";
    for user in users() {
        for means in ["bubblewrap", "native", "landlock"] {
            let stand = Stand::new(user, means);
            let copy = stand.bed.path("etc");
            let script = "cat /etc/codex/*.toml 2>/dev/null; cat /etc/codex/skills/s; head -c 5 /etc/passwd";
            let line =
                stand.line(QUIRE, &["sandbox", "--backend", means, "-s", "read-only", "--", "/bin/sh", "-c", script]);
            let before = ["--mount", "--", "/bin/sh", "-c", setup, copy.to_str().unwrap()];
            let mut command = stand.bed.any("/usr/bin/unshare");
            let ran = finish(command.args(before).args(line).spawn().unwrap());
            if means == "bubblewrap" && ran.stderr.contains("not installed") {
                skip(&ran.stderr);
                continue;
            }
            assert_eq!(ran.stdout, "open\nroot:", "by {means}, as {user:?}: {}", ran.stderr);
        }
    }
}

/// Everything that the program has written into its home, as text.
fn written(ground: &Ground) -> String {
    let all = files(&ground.bed.path("codex"))
        .into_iter()
        .filter(|path| !path.ends_with("config.toml") && !path.ends_with("auth.json"));
    let texts = all.map(|path| String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned());
    texts.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_server_that_repeats_the_key_puts_it_nowhere() {
    let basic = "bWU6d29yZC1jYW5hcnktMQ==";
    let calls = format!(
        "when user=\"go\"\n  reason \"I think of {KEY}.\" chunk=3\n  say \"Your key: {KEY} (in small pieces).\" chunk=1\n  \
         say \"Proxy {basic}, fixed-canary-1, {KEY}{KEY}!\" chunk=7 phase=commentary\n  \
         call exec_command {{\"cmd\": \"echo can\\u0061ry-key-4711 | rev; echo {KEY} | rev\"}}\n\
         then\n  say \"It is over: {KEY}\" chunk=5\n"
    );
    on_every_machine(|ground| {
        ground.config = PROVIDERS.to_owned();
        ground.bed.set("https_proxy", "http://me:word-canary-1@127.0.0.1:9");
        ground.bed.set("NO_PROXY", "127.0.0.1");
        let recording = ground.bed.path("home/work/run.jsonl");
        ground.options = vec!["--record".to_owned(), recording.to_str().unwrap().to_owned(), "--json".to_owned()];
        let (ran, told) = ground.exec_script(&calls);
        assert!(!told.concat().contains("1174-yek-yranac"), "the call was made with the key: {told:?}");
        for (text, what) in [
            (ran.stdout.as_str(), "standard output"),
            (&ran.stderr, "standard error"),
            (&fs::read_to_string(&recording).unwrap(), "the recording"),
            (&written(ground), "the home"),
        ] {
            has_none(text, what);
            assert!(!text.contains("d29yZC1jYW5hcnkt"), "{what} holds it in base64");
        }
        assert!(ran.stdout.contains("It is over: [secret]"), "{}", ran.stdout);
    });
}

#[test]
fn a_key_on_the_screen_is_covered() {
    let mut bed = Bed::with_script(&format!("when\n  say \"Your key: {KEY} is it.\" chunk=2\n"));
    bed.set("HTTP_PROXY", "socks5://me:word-canary-1@127.0.0.1:9");
    bed.set("no_proxy", "127.0.0.1");
    for options in [&[][..], &["--no-alt-screen"]] {
        let mut terminal = Terminal::quire(&bed, (100, 30), options);
        terminal.shows("›");
        terminal.keys("go\r");
        terminal.shows("Your key: [secret] is it.");
        terminal.keys("\x04");
        let end = terminal.end();
        assert!(!String::from_utf8_lossy(&end.raw).contains("canary-key"), "{options:?}");
    }
}

#[test]
fn what_a_failure_says_holds_no_key_and_no_password() {
    let mut bed = Bed::new();
    for (answer, code) in [
        (format!("when\n  status 401 body='{{\"error\":{{\"message\":\"bad key {KEY}, word-canary-1\"}}}}'\n"), 1),
        (
            format!(
                "when\n  say \"It was {KEY} an\" chunk=4\n  failed server_error \"You sent {KEY} and fixed-canary-1\"\n"
            ),
            1,
        ),
        (format!("when\n  say \"The key is {}\" chunk=3\n  incomplete \"{KEY}\"\n", &KEY[..KEY.len() - 1]), 1),
    ] {
        bed.follow(&answer);
        let config = fs::read_to_string(bed.path("codex/config.toml")).unwrap();
        bed.file("codex/config.toml", format!("{config}stream_max_retries = 0\nrequest_max_retries = 0\n{PROVIDERS}"));
        bed.set("all_proxy", "socks5://me:word-canary-1@127.0.0.1:9");
        bed.set("no_proxy", "127.0.0.1");
        let recording = bed.path("home/work/run.jsonl");
        let ran = bed.run(&["exec", "--json", "--record", recording.to_str().unwrap(), "go"]);
        assert_eq!(ran.code, Some(code), "{} {}", ran.stdout, ran.stderr);
        let sessions: String = bed.rollouts().iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        for text in [&ran.stdout, &ran.stderr, &fs::read_to_string(recording).unwrap(), &sessions] {
            has_none(text, &answer);
            assert!(!text.contains("canary-key"), "{text}");
        }
    }
    // The proxy itself cannot be reached.
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy"] {
        let mut bed = Bed::with_script("when\n  say \"Never.\"\n");
        bed.configure("http://model.invalid/v1");
        let config = fs::read_to_string(bed.path("codex/config.toml")).unwrap();
        bed.file("codex/config.toml", format!("{config}stream_max_retries = 0\nrequest_max_retries = 0\n"));
        let scheme = if name == "all_proxy" { "socks5" } else { "http" };
        bed.set(name, &format!("{scheme}://me:word-canary-1@127.0.0.1:1"));
        let ran = bed.run(&["exec", "go"]).ends_with(1);
        has_none(&format!("{}{}{}", ran.stdout, ran.stderr, bed.rollouts().len()), name);
        assert!(!ran.stderr.contains("me:"), "{}", ran.stderr);
    }
}

#[test]
fn what_a_command_prints_of_a_key_is_covered_also_in_pieces() {
    on_every_machine(|ground| {
        ground.bed.file("home/work/.env", format!("A={KEY}\nB=fixed-canary-1\n"));
        ground.config = PROVIDERS.to_owned();
        let slow = format!("printf '%s' {}; sleep 0.1; printf '%s\\n' {}; printf 'go on? c'", &KEY[..6], &KEY[6..]);
        let recording = ground.bed.path("home/work/run.jsonl");
        ground.options = vec!["--record".to_owned(), recording.to_str().unwrap().to_owned()];
        let told = ground.exec(&[shell("cat .env"), shell(slow)]);
        assert!(told[0].contains("A=[secret]\nB=[secret]"), "{}", told[0]);
        assert!(told[1].contains("[secret]\ngo on? c"), "{}", told[1]);
        for text in [written(ground), fs::read_to_string(&recording).unwrap()] {
            has_none(&text, "what was written");
        }
    });
}

#[test]
fn a_key_in_a_prompt_is_in_no_file() {
    let bed = Bed::with_script("when\n  say \"Heard.\"\n");
    let recording = bed.path("home/work/run.jsonl");
    bed.run(&["exec", "--record", recording.to_str().unwrap(), &format!("use {KEY} and \"{KEY}\"")]).ends_with(0);
    assert!(bed.bodies()[0].to_string().contains(KEY), "what a user says is sent as it is said");
    let all = files(&bed.path("codex")).into_iter().filter(|path| !path.ends_with("config.toml"));
    for path in all.chain([recording]) {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains(KEY), "{}", path.display());
    }
    let ran = bed.run(&["exec", "resume", "--last", "and now?"]).ends_with(0);
    assert_eq!(ran.stdout, "Heard.\n");
}

#[test]
fn who_loses_a_proxy_is_told() {
    on_every_machine(|ground| {
        ground.bed.set("https_proxy", "socks5://me:word-canary-1@127.0.0.1:9");
        ground.bed.set("no_proxy", "127.0.0.1");
        ground.options = ["-c", "sandbox_workspace_write.network_access=true"].map(str::to_owned).to_vec();
        let (ran, told) = ground.exec_script(&script(&[shell("echo $https_proxy")]));
        assert!(told[0].contains("socks5://127.0.0.1:9"), "{}", told[0]);
        assert!(ran.stderr.contains("Commands get `https_proxy` without user name and password."), "{}", ran.stderr);
        has_none(&ran.stderr, "standard error");
    });
}
