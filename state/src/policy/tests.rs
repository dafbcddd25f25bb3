//! The decision over every combination of what it depends on, the trusted commands, the offers, the plan.

use std::fmt::Write;

use super::{
    Approval, Escalation, Network, PolicyInput, Verdict, decide, decide_after_failure, finds_programs_safely,
    is_read_only, offered_rule, plan,
};
use crate::{
    boot::Host,
    config::{Granular, Layer, SandboxMode, Source, resolve},
    rules::{self, Judgement, Ruling},
    text::shell,
};

fn granular(sandbox_approval: bool, rules: bool) -> Approval {
    Approval::Granular(Granular { sandbox_approval, rules, ..Granular::default() })
}

fn judgement(ruling: Option<Ruling>) -> Judgement {
    Judgement { ruling, prefix: vec!["x".to_owned()], justification: None, place: None }
}

/// `run`, `run+` outside the sandbox; `ask`, `ask+` the same after a yes; `no`.
fn short(decision: &Verdict) -> &'static str {
    match decision {
        Verdict::Run { sandboxed: true } => "run",
        Verdict::Run { sandboxed: false } => "run+",
        Verdict::Ask { sandboxed: true, .. } => "ask",
        Verdict::Ask { sandboxed: false, .. } => "ask+",
        Verdict::Refuse { .. } => "no",
    }
}

const APPROVALS: [&str; 8] =
    ["untrusted", "on-failure", "on-request", "never", "gran ++", "gran +-", "gran -+", "gran --"];

fn approvals() -> [Approval; 8] {
    [
        Approval::Untrusted,
        Approval::OnFailure,
        Approval::OnRequest,
        Approval::Never,
        granular(true, true),
        granular(true, false),
        granular(false, true),
        granular(false, false),
    ]
}

/// One line for each approval policy; columns as in [`TABLE`].
fn table(script: &str, interactive: bool) -> String {
    let commands = shell::words(script);
    let escalation = Escalation::default();
    let mut text = String::new();
    for (name, approval) in APPROVALS.iter().zip(approvals()) {
        let _ = write!(text, "{name:<10}");
        for sandbox in [SandboxMode::ReadOnly, SandboxMode::WorkspaceWrite, SandboxMode::DangerFullAccess] {
            for escalation in [None, Some(&escalation)] {
                for ruling in [None, Some(Ruling::Allow), Some(Ruling::Prompt), Some(Ruling::Forbidden)] {
                    let judgement = judgement(ruling);
                    let input = PolicyInput {
                        approval,
                        sandbox,
                        interactive,
                        judgement: &judgement,
                        escalation,
                        commands: commands.as_deref(),
                        finds_programs_safely: true,
                        denies: false,
                    };
                    let _ = write!(text, " {:<4}", short(&decide(&input)));
                }
                text.push_str(" |");
            }
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_decision_table() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../snapshots/state");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        let mut text = String::from(
            "Columns: read-only, read-only + escalation, workspace-write, + escalation, danger, + escalation;\n\
             in each: no rule, allow, prompt, forbidden. `+`: outside the sandbox.\n\
             gran AB: granular with sandbox_approval A, rules B.\n",
        );
        for (title, script, interactive) in [
            ("an unknown command", "make x", true),
            ("a trusted command", "cat x | wc -l", true),
            ("a trusted git command", "git status", true),
            ("more than plain words", "cat $x", true),
            ("approval impossible: an unknown command", "make x", false),
            ("approval impossible: a trusted command", "cat x", false),
        ] {
            let _ = write!(text, "\n{title}: {script}\n{}", table(script, interactive));
        }
        insta::assert_snapshot!("policy_decisions", text);
    });
}

/// Every situation, with the words that describe it.
fn every_situation(check: impl Fn(&PolicyInput<'_>, &str)) {
    let escalations = [None, Some(Escalation::default())];
    for (approval, sandbox, interactive, ruling, escalation, script, finds_programs_safely) in
        combinations(&escalations)
    {
        let commands = shell::words(script);
        let judgement = judgement(ruling);
        let input = PolicyInput {
            approval,
            sandbox,
            interactive,
            judgement: &judgement,
            escalation,
            commands: commands.as_deref(),
            finds_programs_safely,
            denies: false,
        };
        for input in [PolicyInput { denies: true, ..input.clone() }, input] {
            check(&input, &format!("{input:?}"));
        }
    }
}

type Combination<'a> = (Approval, SandboxMode, bool, Option<Ruling>, Option<&'a Escalation>, &'static str, bool);

fn combinations(escalations: &[Option<Escalation>; 2]) -> Vec<Combination<'_>> {
    let mut all = Vec::new();
    for approval in approvals() {
        for sandbox in [SandboxMode::ReadOnly, SandboxMode::WorkspaceWrite, SandboxMode::DangerFullAccess] {
            for interactive in [true, false] {
                for ruling in [None, Some(Ruling::Allow), Some(Ruling::Prompt), Some(Ruling::Forbidden)] {
                    for escalation in escalations {
                        for script in ["ls", "git log", "make", "a $(b)"] {
                            for safe in [true, false] {
                                all.push((approval, sandbox, interactive, ruling, escalation.as_ref(), script, safe));
                            }
                        }
                    }
                }
            }
        }
    }
    all
}

#[test]
fn the_laws_of_the_decision() {
    every_situation(|input, told| {
        let decision = decide(input);
        let is_allowed = input.judgement.ruling == Some(Ruling::Allow) && input.finds_programs_safely && !input.denies;
        let has_sandbox = input.sandbox != SandboxMode::DangerFullAccess;
        match &decision {
            Verdict::Run { sandboxed } => {
                assert!(*sandboxed || is_allowed || !has_sandbox, "outside the sandbox without a yes: {told}");
                assert!(input.judgement.ruling != Some(Ruling::Forbidden), "forbidden: {told}");
                assert!(input.judgement.ruling != Some(Ruling::Prompt), "unasked: {told}");
            }
            Verdict::Ask { sandboxed, offered_rule, reason } => {
                assert!(input.interactive && input.approval != Approval::Never, "no approval is possible: {told}");
                assert!(!sandboxed || has_sandbox, "there is no sandbox: {told}");
                assert!(offered_rule.is_none() || input.commands.is_some(), "not plain words: {told}");
                assert!(!reason.is_empty());
                assert!(offered_rule.is_none() || !input.denies, "a rule would not do what it says: {told}");
            }
            Verdict::Refuse { reason } => assert!(reason.starts_with("Not run: "), "{reason}"),
        }
        if input.judgement.ruling == Some(Ruling::Forbidden) {
            assert_eq!(short(&decision), "no", "{told}");
        }
        if let Some(after) = decide_after_failure(input) {
            assert_eq!((input.approval, short(&after)), (Approval::OnFailure, "ask+"), "{told}");
        }
    });
}

#[test]
fn reasons_name_what_decides() {
    let forbidden = Judgement {
        ruling: Some(Ruling::Forbidden),
        prefix: vec!["git".to_owned(), "push".to_owned()],
        justification: Some("Releases go through CI.".to_owned()),
        place: Some(("/h/rules/default.rules".to_owned(), 3)),
    };
    let none = Judgement::default();
    let asked = Escalation { justification: Some(" Needs the network. ".to_owned()), prefix_rule: None };
    let base = PolicyInput {
        approval: Approval::OnRequest,
        sandbox: SandboxMode::WorkspaceWrite,
        interactive: true,
        judgement: &none,
        escalation: Some(&asked),
        commands: None,
        finds_programs_safely: true,
        denies: false,
    };
    for (input, expected) in [
        (
            PolicyInput { judgement: &forbidden, ..base.clone() },
            "Not run: a rule forbids `git push` (/h/rules/default.rules:3). Releases go through CI.",
        ),
        (base.clone(), "Needs the network."),
        (
            PolicyInput { approval: Approval::Never, ..base.clone() },
            "Not run: it asks to run outside the sandbox, and the approval policy is `never`. Run it without \
             `require_escalated`, or do without it.",
        ),
        (
            PolicyInput { approval: Approval::Untrusted, escalation: None, interactive: false, ..base },
            "Not run: this command needs an approval, and no approval can be given here.",
        ),
    ] {
        match decide(&input) {
            Verdict::Ask { reason, .. } | Verdict::Refuse { reason } => assert_eq!(reason, expected),
            Verdict::Run { .. } => unreachable!("{input:?}"),
        }
    }
}

fn is_trusted(script: &str) -> bool {
    shell::words(script).is_some_and(|commands| commands.iter().all(|command| is_read_only(command)))
}

#[test]
fn commands_that_only_read_are_trusted() {
    for script in [
        "pwd",
        "ls -la src",
        "cat a b",
        "sed -n 1,5p a.rs",
        "sed -n '1,$p' a.rs b.rs",
        "sed -n 7p a",
        "rg -n 'fn main' -g '*.rs' src",
        "grep -rn TODO .",
        "find . -name '*.rs' -type f -mtime -3 -print",
        "find src -maxdepth 2 '(' -name a -o -name b ')'",
        "wc -l a",
        "head -n 20 a",
        "tail -20 a",
        "nl -ba a",
        "cat a | grep b | wc -l",
        "git status --short && git log --oneline -n 5",
        "git diff --stat HEAD",
        "git show --name-only HEAD",
        "git branch -vv",
        "git branch --show-current",
        "git rev-parse --show-toplevel",
        "git ls-files -o --exclude-standard",
    ] {
        assert!(is_trusted(script), "{script}");
    }
}

#[test]
fn everything_else_is_not_trusted() {
    for script in [
        "find . -exec rm x",
        "find . -execdir rm x",
        "find . -ok rm x",
        "find . -delete",
        "find . -fprint f",
        "find . -fprint0 f",
        "find . -fprintf f x",
        "find . -fls f",
        "find . -files0-from f",
        "rg --pre ./x a",
        "rg --pre=./x a",
        "rg --pre-glob x a",
        "rg --search-zip a",
        "rg -z a",
        "rg -nz a",
        "rg --hostname-bin ./x a",
        "sed -i s/a/b/ f",
        "sed -n -i p f",
        "sed -n 1p -i f",
        "sed -n '1w f' x",
        "sed -n '1e id' x",
        "sed -n 's/a/b/ep' x",
        "sed 1p x",
        "sed -n",
        "git -c alias.status='!id' status",
        "git --exec-path=. status",
        "git -C /x status",
        "git --git-dir=x status",
        "git -p log",
        "git diff --output=f",
        "git diff --output f",
        "git diff --outp=f",
        "git diff --ext-diff",
        "git log --ext-d",
        "git log --textconv",
        "git log --show-signature",
        "git log --format=%G?",
        "git branch new",
        "git branch -D x",
        "git branch --edit-description",
        "git push",
        "git commit -m x",
        "git",
        "awk 'BEGIN{system(\"id\")}'",
        "tar --to-command=x -xf y",
        "tar -xf y",
        "xargs rm",
        "cat a | xargs rm",
        "sort -o f a",
        "sort a",
        "tee f",
        "./ls",
        "/bin/ls",
        "/tmp/cat x",
        "env ls",
        "command ls",
        "nice ls",
        "pwd x",
        "rm x",
        "ls; rm x",
        "ls $x",
        "ls > f",
        "echo x",
    ] {
        assert!(!is_trusted(script), "{script}");
    }
    assert!(!is_read_only(&[]));
}

fn offer(script: &str, proposed: Option<&str>) -> Option<String> {
    let commands = shell::words(script);
    let prefix_rule = proposed.map(|line| line.split(' ').map(str::to_owned).collect());
    let escalation = Escalation { justification: None, prefix_rule };
    offered_rule(commands.as_deref(), Some(&escalation)).map(|words| words.join(" "))
}

#[test]
fn offers_say_enough() {
    for (script, proposed, expected) in [
        ("git push origin main", None, Some("git push")),
        ("git push origin main", Some("git push origin"), Some("git push origin")),
        ("git push origin main", Some("git"), Some("git push")),
        ("git push origin main", Some("npm test"), Some("git push")),
        ("gh pr list", None, Some("gh pr")),
        ("docker ps -a", None, Some("docker ps")),
        ("touch a", None, Some("touch a")),
        ("touch a", Some("touch"), Some("touch")),
        ("cp a ../b", None, Some("cp a ../b")),
        ("git -C x push", None, None),
        ("rm -rf x", None, None),
        ("./build.sh", None, None),
        ("make a && make b", None, None),
        ("make $x", None, None),
        ("touch 1 2 3 4 5 6 7 8 9 10 11 12", None, None),
    ] {
        assert_eq!(offer(script, proposed).as_deref(), expected, "{script} {proposed:?}");
    }
    assert_eq!(offer("git push", Some("")).as_deref(), Some("git push"));
}

/// Each runs another program, or code, by its arguments or by files that it looks for.
#[test]
fn no_rule_is_offered_for_what_runs_others() {
    let lines = "taskset 1 ls|socat - EXEC:ls|java -jar x.jar|java Main|make|make all|gmake x|cmake --build .|ninja|bazel build x|meson x\
        |sh x|bash -c id|zsh x|fish x|dash x|ksh x|busybox sh|toybox sh|env ls|sudo ls|doas ls|su root|command ls|nice ls|ionice ls|chrt 1 ls\
        |nohup ls|setsid ls|stdbuf ls|timeout 5 ls|time ls|xargs ls|parallel ls|find . -exec ls ;|watch ls|script x|flock x ls|chroot x|unshare ls\
        |nsenter ls|numactl ls|cgexec ls|prlimit ls|setpriv ls|runuser ls|capsh x|firejail ls|bwrap ls|proot x|fakeroot ls|faketime x ls|eatmydata ls\
        |strace ls|ltrace ls|gdb x|lldb x|valgrind ls|perf stat ls|rr x|heaptrack x|hyperfine ls|entr ls|fd x|fzf x|less x|more x|man x|vi x|vim x|nvim x\
        |emacs x|ed x|nano x|python x|python3 x|python3 -m x|pypy3 x|ipython x|node x|deno run x|bun run x|tsx x|ts-node x|perl x|ruby x|irb|php x\
        |lua x|luajit x|tclsh x|expect x|awk x|gawk x|mawk x|sed s/a/b/e x|bc x|dc x|gnuplot x|octave x|R x|Rscript x|julia x|ghci x|runghc x\
        |scala x|kotlin x|groovy x|clojure x|erl x|elixir x|swift x|dotnet run|dotnet test|mono x|pwsh x|osascript x\
        |npm test|npm run x|npm install|npm ci|npx x|pnpm test|pnpm install|yarn test|yarn|bunx x|cargo test|cargo run|cargo build|cargo fetch|cargo fmt\
        |cargo install x|rustc x|rustup run x y|go run x|go test|go build|go generate|pip install x|pip3 install -e .|pipx run x|uv run x|uv sync|uvx x\
        |poetry run x|poetry install|tox|nox|pytest x|mix test|gem install x|bundle exec x|rake x|composer install|mvn test|gradle test|./gradlew x|sbt x\
        |ant x|just x|task x|docker run x|docker compose up|docker build .|docker exec x y|podman run x|kubectl apply -f x|kubectl exec x|helm install x\
        |terraform apply|terraform init|ansible x|ansible-playbook x|vagrant up|packer build x|ssh x|scp a b|sftp x|rsync a b|tar -xf x|zip x y|unzip x\
        |wget x|curl -K x|git -c a.b=c push|git bisect run x|git rebase -x y|git submodule foreach x|git difftool|git mergetool|git filter-branch x\
        |git grep -O x|git config a b|git unknown|git clone x|git fetch --upload-pack=x y|git push --exec x y|gh alias set x|gh extension install x|gh api x\
        |crontab x|at now|batch|systemd-run x|systemctl start x|service x start|launchctl load x|apt install x|apt-get update|dnf install x|brew install x\
        |snap install x|mysql x|psql x|sqlite3 x|redis-cli x|jq x|xdg-open x|open x|screen x|tmux new x|dbus-run-session x|xvfb-run x|unheard-of\
        |protoc x|ffmpeg x|convert x|pandoc x|latexmk x|pdflatex x|ld x|gcc x|cc x|clang x|as x|m4 x|patch x|install x|logrotate x|nginx|sort --compress-program=x y";
    for line in lines.split('|').map(str::trim) {
        for proposed in [None, line.split(' ').next(), Some(line)] {
            assert_eq!(offer(line, proposed), None, "{line} {proposed:?}");
        }
    }
}

/// A rule for the beginning of a command is no yes to what an option behind it runs.
#[test]
fn a_rule_does_not_cover_an_option_that_runs_something() {
    let rules = rules::load(&[rules::RulesFile {
        path: "default.rules".to_owned(),
        text: "prefix_rule(pattern=[\"git\", [\"push\", \"fetch\"]])\nprefix_rule(pattern=[\"git\", \"push\", \"--exec=own\"])\n".to_owned(),
    }])
    .rules;
    let outside = |script: &str| {
        let (judgement, commands) = (rules.judge(script), shell::words(script));
        let input = PolicyInput {
            approval: Approval::OnRequest,
            sandbox: SandboxMode::WorkspaceWrite,
            interactive: true,
            judgement: &judgement,
            escalation: None,
            commands: commands.as_deref(),
            finds_programs_safely: true,
            denies: false,
        };
        decide(&input) == Verdict::Run { sandboxed: false }
    };
    assert!(outside("git push -u origin main") && outside("git fetch --all --tags && git push"));
    for script in [
        "git push --receive-pack=./x .",
        "git push --exec ./x .",
        "git push --rec=./x .",
        "git fetch --upload-pack ./x .",
        "git fetch ext::./x",
        "git push && git fetch --upload ./x .",
    ] {
        assert!(!outside(script), "{script}");
    }
}

fn host() -> Host {
    Host {
        cwd: "/w/p".to_owned(),
        cwd_short: "~/p".to_owned(),
        shell: "/bin/bash".to_owned(),
        home: "/h/.codex".to_owned(),
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

fn config(layer: Layer) -> crate::config::Config {
    resolve(&[layer], &crate::config::ResolutionContext::default()).config
}

#[track_caller]
fn roots(config: &crate::config::Config, host: &Host, cwd: &str) -> Vec<String> {
    let plan = plan(config, host, cwd).unwrap();
    assert!(plan.roots.iter().all(|root| root.protected == [".git", ".codex", ".agents"]));
    plan.roots.into_iter().map(|root| root.path).collect()
}

#[test]
fn the_plan_has_the_roots_of_the_configuration() {
    let of = |mode: &str| Layer::new(Source::CommandLine).with(&["sandbox_mode"], mode);
    assert_eq!(plan(&config(of("danger-full-access")), &host(), "/w/p"), None);
    let reading = plan(&config(of("read-only")), &host(), "/w/p").unwrap();
    assert_eq!((reading.roots, reading.network, reading.hidden), (vec![], Network::Off, vec!["/h/.codex".to_owned()]));

    let writing = config(of("workspace-write"));
    assert_eq!(roots(&writing, &host(), "/w/p"), ["/w/p", "/tmp", "/var/t"]);
    assert_eq!(plan(&writing, &host(), "/w/p").unwrap().network, Network::Off);

    let table = ["sandbox_workspace_write"];
    let key = |name: &'static str| [table[0], name];
    let mut layer = of("workspace-write")
        .with(&key("writable_roots"), serde_json::json!(["/a/./b//", "relative", "/w/p/", "/"]))
        .with(&key("network_access"), true)
        .with(&key("exclude_tmpdir_env_var"), true)
        .with(&key("exclude_slash_tmp"), true);
    layer.source = Source::CommandLine;
    let mut wide = config(layer);
    wide.workspace.added_folders = vec!["/added".to_owned()];
    assert_eq!(roots(&wide, &host(), "/w/p"), ["/w/p", "/added", "/a/b", "/"]);
    assert_eq!(plan(&wide, &host(), "/w/p").unwrap().network, Network::On);
    assert!(wide.warnings.iter().any(|warning| warning.contains("\"relative\"")), "{:?}", wide.warnings);
    let relative = Host { tmpdir: Some("t".to_owned()), ..host() };
    assert_eq!(roots(&writing, &relative, "/w/p"), ["/w/p", "/tmp"]);
}

#[test]
fn the_folder_of_a_call_widens_nothing() {
    let writing = config(Layer::new(Source::CommandLine).with(&["sandbox_mode"], "workspace-write"));
    let here = roots(&writing, &host(), "/w/p");
    for folder in ["/", "/h", "/w/p/..", "/missing", "/w/p/link", "relative", ""] {
        assert_eq!(roots(&writing, &host(), folder), here, "{folder}");
        assert_eq!(plan(&writing, &host(), folder).unwrap().cwd, folder);
    }
}

#[test]
fn the_home_of_the_agent_is_hidden() {
    let writing = config(Layer::new(Source::CommandLine).with(&["sandbox_mode"], "workspace-write"));
    let home_names = ["AGENTS.md", "notes.md", "state_5.sqlite"].map(str::to_owned).to_vec();
    for (cwd, home, opened) in [
        ("/w/p", "/h/.codex", &[][..]),
        ("/h", "/h/.codex", &[]),
        ("/h/.codexx", "/h/.codex", &[]),
        ("/h/.codex", "/h/.codex", &["w AGENTS.md", "w notes.md", "w prompts", "w skills", "r .git"]),
        ("/h/.codex/mine/sub", "/h/.codex/", &["w mine/sub", "r mine"]),
        ("/h/.codex/sessions/2026", "/h/.codex", &[]),
        ("/h/.codex/state_5.sqlite", "/h/.codex", &[]),
        ("/w/p", "/tmp/home", &[]),
        ("/w/p", "/tmp", &["w AGENTS.md", "w skills"]),
    ] {
        let host = Host { cwd: cwd.to_owned(), home: home.to_owned(), home_names: home_names.clone(), ..host() };
        let plan = plan(&writing, &host, cwd).unwrap();
        let home = home.trim_end_matches('/');
        assert_eq!(plan.hidden, [home], "{cwd}");
        for name in ["auth.json", "state_6.sqlite", "work.config.toml", "run.jsonl", "new"] {
            let path = format!("{home}/{name}");
            assert!(!plan.may_read(&path) && !plan.may_write(&path), "{cwd}: {path}");
        }
        let all = plan.roots.iter().map(|root| ("w", &root.path)).chain(plan.readable.iter().map(|path| ("r", path)));
        let inside =
            all.filter_map(|(how, path)| Some(format!("{how} {}", path.strip_prefix(home)?.strip_prefix('/')?)));
        let inside: Vec<String> = inside.collect();
        assert!(opened.iter().all(|open| inside.iter().any(|each| each == open)), "{cwd}: {inside:?}");
        assert_eq!(inside.is_empty(), opened.is_empty(), "{cwd}: {inside:?}");
    }
    let reading = config(Layer::new(Source::CommandLine).with(&["sandbox_mode"], "read-only"));
    let host = Host { cwd: "/h/.codex".to_owned(), home: "/h/.codex".to_owned(), home_names, ..host() };
    let plan = plan(&reading, &host, "/h/.codex").unwrap();
    assert!(
        plan.roots.is_empty() && plan.may_read("/h/.codex/AGENTS.md") && !plan.may_read("/h/.codex/state_5.sqlite")
    );
}

#[test]
fn programs_are_found_safely_beyond_the_roots() {
    let writing = config(Layer::new(Source::CommandLine).with(&["sandbox_mode"], "workspace-write"));
    let plan = plan(&writing, &host(), "/w/p");
    for (search, safe) in [
        ("/usr/bin:/bin", true),
        ("/h/.cargo/bin:/usr/bin", true),
        ("", false),
        ("bin:/usr/bin", false),
        ("/usr/bin:", false),
        (".:/bin", false),
        ("/w/p/bin:/usr/bin", false),
        ("/usr/bin:/w/p//.venv/bin", false),
        ("/w/pp/bin:/usr/bin", true),
        ("/tmp/x", false),
        ("/usr/../w/p/bin", false),
    ] {
        let search = search.split(':').map(str::to_owned).collect();
        let host = Host { search, ..host() };
        assert_eq!(finds_programs_safely(&host, plan.as_ref()), safe, "{:?}", host.search);
    }
    let here = |search: &str| Host { search: vec![search.to_owned()], ..host() };
    assert!(!finds_programs_safely(&here("/w/p/.venv/bin"), None), "the working folder counts in every mode");
    assert!(finds_programs_safely(&here("/tmp/x"), None) && finds_programs_safely(&host(), None));
}
