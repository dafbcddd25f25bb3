//! A launch from files in a folder of its own, with an environment of its own.

mod layers;

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

use quire_effects::{auth::Environment, vault::Credential};
use quire_state::{
    boot::{FaceKind, Open},
    config::{ApprovalPolicy, SandboxMode},
    msg::Size,
};
use tempfile::TempDir;

use super::{Launch, Surroundings, launch, machine};
use crate::{
    cli::{Request, parse},
    exit::Failure,
    skip::has,
};

/// A machine: `home` is `$HOME`, `work` the folder that the program starts in.
struct Machine {
    folder: TempDir,
    variables: Vec<(String, String)>,
    piped: Option<&'static str>,
    terminal: Option<Size>,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("home/.codex")).unwrap();
        fs::create_dir_all(folder.path().join("work")).unwrap();
        let home = folder.path().join("home").canonicalize().unwrap();
        let variables =
            [("HOME", home.to_str().unwrap()), ("QUIRE_TEST_SEED", "7"), ("QUIRE_TEST_UNIX_MS", "1767225600000")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { folder, variables, piped: None, terminal: Some(Size { cols: 80, rows: 24 }) }
    }

    /// A machine whose working folder is a repository.
    fn with_repository() -> Self {
        let machine = Self::new();
        machine.file("work/.git/HEAD", "ref: refs/heads/main\n");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn variable(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    fn launch(&self, line: &[&str]) -> Result<Launch, Failure> {
        let words = std::iter::once("quire").chain(line.iter().copied());
        let Ok(Request::Run(run)) = parse(words.map(Into::into)) else { unreachable!("{line:?} is no run") };
        let mut around = Surroundings {
            environment: Environment::of(self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
            folder: Some(self.path("work")),
            terminal: self.terminal,
            piped: self.piped.map(|text| Box::new(text.as_bytes()) as Box<dyn std::io::Read>),
        };
        launch(&run, &mut around)
    }

    #[track_caller]
    fn refused(&self, line: &[&str], words: &[&str]) {
        let failure = self.launch(line).unwrap_err();
        for word in words {
            assert!(failure.message.contains(word), "{}", failure.message);
        }
        assert_eq!(failure.outcome.code(), 1);
    }

    fn prompt(&self, line: &[&str]) -> String {
        self.launch(line).unwrap().boot.first.unwrap().text
    }
}

#[test]
fn a_plain_launch_holds_the_facts() {
    let machine = Machine::with_repository();
    let boot = machine.launch(&["hello"]).unwrap().boot;
    assert_eq!((boot.seed, boot.clock.mono_ms, boot.clock.unix_ms), (7, 0, 1_767_225_600_000));
    assert_eq!(boot.face, FaceKind::Full(Size { cols: 80, rows: 24 }));
    assert_eq!((boot.open, boot.ephemeral, boot.output_schema), (Open::New, false, None));
    assert_eq!(boot.first.unwrap().text, "hello");
    assert_eq!(boot.host.cwd, machine.path("work").to_str().unwrap());
    assert_eq!(boot.host.home, machine.path("home/.codex").to_str().unwrap());
    assert_eq!(boot.host.branch.as_deref(), Some("main"));
    assert!(Path::new(&boot.host.shell).is_absolute());
}

#[test]
fn no_secret_is_in_the_boot() {
    let mut machine = Machine::with_repository();
    machine.file(
        "home/.codex/config.toml",
        "model_provider = \"m\"\n[model_providers.m]\nbase_url = \"http://x/v1\"\nexperimental_bearer_token = \"canary-a\"\n\
         http_headers = { X = \"canary-b\" }\nenv_http_headers = { Y = \"MY_HEADER\" }\nquery_params = { q = \"canary-c\" }\n\
         [model_providers.n]\nbase_url = \"http://y/v1\"\nenv_key = \"MY_KEY\"\n",
    );
    machine.file("home/.codex/auth.json", r#"{"auth_mode":"apikey","OPENAI_API_KEY":"canary-d"}"#);
    for name in ["MY_KEY", "MY_HEADER", "OPENAI_API_KEY", "CODEX_API_KEY"] {
        machine.variable(name, "canary-e");
    }
    let launched = machine.launch(&["-c", "model_providers.o.experimental_bearer_token=canary-f", "hi"]).unwrap();
    let boot = serde_json::to_string(&launched.boot).unwrap();
    assert!(!boot.contains("canary"), "{boot}");
    assert!(!format!("{launched:?}").contains("canary"));
    let Credential::Bearer(key) = &launched.vault.providers["m"].credential else { unreachable!("no key") };
    assert_eq!(key.reveal(), "canary-a");
    for name in ["MY_KEY", "MY_HEADER", "OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_ACCESS_TOKEN"] {
        assert!(launched.boot.host.secret_variables.contains(&name.to_owned()), "{name}");
    }
}

#[test]
fn a_secret_in_the_place_of_a_variables_name_is_told_and_not_shown() {
    let mut machine = Machine::with_repository();
    machine.file(
        "home/.codex/config.toml",
        "model_provider = \"m\"\n[model_providers.m]\nbase_url = \"http://x/v1\"\nenv_key = \"sk-canary-0001\"\n\
         env_http_headers = { Y = \"sk-canary-0002\", Z = \"ODD-NAME\" }\n\
         [mcp_servers.s]\nurl = \"http://z\"\nbearer_token_env_var = \"sk-canary-0003\"\n\
         [profiles.p.model_providers.m]\nenv_key = \"sk-canary-0004\"\n",
    );
    let launched = machine.launch(&["hi"]).unwrap();
    let boot = serde_json::to_string(&launched.boot).unwrap();
    assert!(!boot.contains("canary"), "{boot}");
    assert!(!format!("{launched:?}").contains("canary"));
    let told = launched.boot.config.warnings.join("\n");
    for place in ["config.toml:4", "config.toml:5"] {
        let line = told.lines().find(|line| line.contains(place)).unwrap_or_else(|| panic!("{place}: {told}"));
        assert!(line.contains("name of an environment variable belongs there"), "{line}");
    }
    assert!(!told.contains("`model_providers.m.env_http_headers.Z`"), "{told}");
    let Credential::Missing(why) = &launched.vault.providers["m"].credential else { unreachable!("a key") };
    assert!(why.contains("`model_providers.m.env_key`") && !why.contains("canary"), "{why}");
    // Whatever shows one of them shows it taken out.
    for number in 1..=4 {
        let text = format!("x sk-canary-000{number} y");
        assert_ne!(launched.vault.secrets.clean(&text), text);
    }
    // Where there is a variable of that name, it is one all the same, and no command gets it.
    machine.variable("sk-canary-0001", "a-real-secret");
    let launched = machine.launch(&["hi"]).unwrap();
    assert!(
        matches!(&launched.vault.providers["m"].credential, Credential::Bearer(key) if key.reveal() == "a-real-secret")
    );
    assert!(launched.vault.secrets.names().any(|name| name == "sk-canary-0001"));
}

#[test]
fn options_win_over_c_and_c_over_the_file() {
    let machine = Machine::with_repository();
    machine.file("home/.codex/config.toml", "model = \"file\"\nmodel_verbosity = \"low\"\nservice_tier = \"flex\"\n");
    let config = machine.launch(&["-m", "option", "-c", "model=c", "-c", "model_verbosity=high"]).unwrap().boot.config;
    assert_eq!((config.model.as_str(), config.verbosity.as_deref()), ("option", Some("high")));
    assert_eq!(config.service_tier.as_deref(), Some("flex"));
    let config = machine.launch(&["--yolo"]).unwrap().boot.config;
    assert_eq!((config.approval, config.sandbox), (ApprovalPolicy::Never, SandboxMode::DangerFullAccess));
}

#[test]
fn a_bad_configuration_is_told_whole() {
    let machine = Machine::with_repository();
    machine.file("home/.codex/config.toml", "model = 3\napproval_policy = \"x\"\nmodle = \"y\"\n");
    machine.refused(&[], &["config.toml:1:9", "config.toml:2:19", "Allowed:", "  |         ^"]);
    machine.file("home/.codex/config.toml", "modle = \"y\"\n");
    let warnings = machine.launch(&[]).unwrap().boot.config.warnings;
    assert!(warnings.len() == 1 && warnings[0].contains("config.toml:1:1"), "{warnings:?}");
}

#[test]
fn local_servers_are_a_flag_away() {
    let mut machine = Machine::with_repository();
    let of = |machine: &Machine, line: &[&str]| {
        let config = machine.launch(line).unwrap().boot.config;
        let url = config.providers[&config.provider].base_url.clone();
        (config.provider, config.model, url)
    };
    let ollama = ("ollama".to_owned(), "gpt-oss:20b".to_owned(), "http://localhost:11434/v1".to_owned());
    assert_eq!(of(&machine, &["--oss"]), ollama);
    let studio = ("lmstudio".to_owned(), "mine".to_owned(), "http://localhost:1234/v1".to_owned());
    assert_eq!(of(&machine, &["--local-provider", "lmstudio", "-m", "mine"]), studio);
    machine.file("home/.codex/config.toml", "oss_provider = \"lmstudio\"\n");
    assert_eq!(of(&machine, &["--oss"]).0, "lmstudio");
    machine.variable("CODEX_OSS_PORT", "9999");
    assert_eq!(of(&machine, &["--oss"]).2, "http://localhost:9999/v1");
}

#[test]
fn the_demo_needs_nothing() {
    let machine = Machine::new();
    let launched = machine.launch(&["exec", "--demo", "hi"]).unwrap();
    let provider = &launched.vault.providers["demo"];
    assert!(provider.scripted.is_some() && provider.credential == Credential::None);
    assert_eq!((launched.boot.config.provider.as_str(), launched.boot.config.effort), ("demo", None));
}

#[test]
fn what_is_missing_to_reach_a_model_is_known_from_the_start() {
    let missing = |machine: &Machine, line: &[&str]| machine.launch(line).unwrap().boot.host.missing_key;
    let mut machine = Machine::new();
    assert!(missing(&machine, &[]).unwrap().contains("OPENAI_API_KEY"));
    assert_eq!(missing(&machine, &["--oss", "--local-provider", "ollama", "-m", "x"]), None);
    assert_eq!(missing(&machine, &["--demo"]), None);
    machine.variable("OPENAI_API_KEY", "");
    assert!(missing(&machine, &[]).is_some());
    machine.variables.pop();
    machine.variable("OPENAI_API_KEY", "canary");
    assert_eq!(missing(&machine, &[]), None);
    machine.variables.pop();
    machine.file(
        "home/.codex/config.toml",
        "model_provider = \"m\"\n[model_providers.m]\nbase_url = \"http://x/v1\"\nenv_key = \"MY_KEY\"\n",
    );
    assert!(missing(&machine, &[]).unwrap().contains("MY_KEY"));
}

#[test]
fn faces_are_chosen() {
    let mut machine = Machine::with_repository();
    let face = |machine: &Machine, line: &[&str]| machine.launch(line).unwrap().boot.face;
    assert!(matches!(face(&machine, &["--no-alt-screen"]), FaceKind::Inline(_)));
    assert_eq!(face(&machine, &["exec", "--json", "x"]), FaceKind::ExecJson);
    machine.terminal = None;
    assert_eq!(face(&machine, &["exec", "x"]), FaceKind::ExecText);
    machine.refused(&[], &["not a terminal", "quire exec"]);
}

#[test]
fn exec_never_asks_and_says_so() {
    let machine = Machine::with_repository();
    let config = machine.launch(&["exec", "-a", "on-request", "x"]).unwrap().boot.config;
    assert_eq!((config.approval, config.warnings.len()), (ApprovalPolicy::Never, 1));
    let config = machine.launch(&["exec", "x"]).unwrap().boot.config;
    assert_eq!((config.approval, config.warnings.len()), (ApprovalPolicy::Never, 0));
}

#[test]
fn exec_wants_a_repository_or_a_word() {
    let machine = Machine::new();
    machine
        .refused(&["exec", "x"], &["git repository", "--skip-git-repo-check", machine.path("work").to_str().unwrap()]);
    assert!(machine.launch(&["exec", "--skip-git-repo-check", "x"]).is_ok());
    assert!(machine.launch(&["exec", "--yolo", "x"]).is_ok());
    machine.file(
        "home/.codex/config.toml",
        format!("[projects.\"{}\"]\ntrust_level = \"trusted\"\n", machine.path("work").display()),
    );
    assert_eq!(machine.launch(&["exec", "x"]).unwrap().boot.config.sandbox, SandboxMode::WorkspaceWrite);
    fs::create_dir_all(machine.path("stray/.git")).unwrap();
    machine.refused(&["exec", "-C", machine.path("stray").to_str().unwrap(), "x"], &["git repository"]);
}

#[test]
fn the_prompt_comes_from_words_and_from_a_pipe() {
    let mut machine = Machine::with_repository();
    assert_eq!(machine.prompt(&["exec", "words"]), "words");
    machine.refused(&["exec"], &["no prompt"]);
    machine.piped = Some("");
    assert_eq!(machine.prompt(&["exec", "words"]), "words");
    for blank in ["", "   ", "\n\t"] {
        machine.refused(&["exec", blank], &["no prompt", "quire exec \"PROMPT\""]);
        machine.refused(&["exec", "resume", "--last", blank], &["no prompt to continue with"]);
        assert_eq!(machine.launch(&[blank]).unwrap().boot.first, None);
    }
    machine.refused(&["exec", "-"], &["no prompt"]);
    machine.piped = Some("\u{feff}piped\n");
    assert_eq!(machine.prompt(&["exec", "words"]), "words\n\n<stdin>\npiped\n</stdin>");
    machine.refused(&["exec", ""], &["no prompt"]);
    assert_eq!(machine.prompt(&["exec", "-"]), "piped\n");
    assert_eq!(machine.prompt(&["exec"]), "piped\n");
    assert_eq!(machine.prompt(&["exec", "resume", "--last"]), "piped\n");
}

#[test]
fn resuming_opens_the_stored_thread() {
    let machine = Machine::with_repository();
    let open = |line: &[&str]| machine.launch(line).unwrap().boot.open;
    let cwd = machine.path("work").to_str().unwrap().to_owned();
    assert_eq!(open(&["resume", "--last"]), Open::Stored { target: String::new(), cwd: Some(cwd) });
    assert_eq!(open(&["exec", "resume", "id", "x"]), Open::Stored { target: "id".to_owned(), cwd: None });
}

#[test]
fn images_are_told_by_their_content() {
    let machine = Machine::with_repository();
    let attach = |content: &[u8]| {
        let path = machine.file("pic.txt", content);
        machine.launch(&["-i", path.to_str().unwrap(), "look"]).map(|launched| {
            let image = launched.boot.first.unwrap().images.remove(0);
            (image.name, image.url.to_string())
        })
    };
    // One pixel each.
    let gif = b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\xdac\xf8\xcf\xc0\0\0\x03\x01\x01\0\xf7\x03AC\0\0\0\0IEND\xaeB`\x82";
    for (content, head) in
        [(png.as_slice(), "data:image/png;base64,iVBORw0KGgo"), (gif, "data:image/gif;base64,R0lGODlhAQAB")]
    {
        let (name, url) = attach(content).unwrap();
        assert!(name == "pic.txt" && url.starts_with(head), "{url}");
    }
    assert!(attach(b"<svg>").unwrap_err().message.contains("an SVG drawing, not PNG, JPEG, GIF or WebP"));
    assert!(attach(&png[..40]).unwrap_err().message.contains("damaged"));
    machine.refused(&["-i", "/nowhere.png", "look"], &["/nowhere.png", "-i"]);
    let path = machine.file("pic.png", gif);
    machine.refused(&["-i", path.to_str().unwrap()], &["needs a prompt"]);
}

#[test]
fn the_schema_must_be_a_schema() {
    let machine = Machine::with_repository();
    let with = |text: &str| {
        let path = machine.file("schema.json", text);
        machine.launch(&["exec", "--output-schema", path.to_str().unwrap(), "x"])
    };
    assert_eq!(
        *with(r#"{"type":"object"}"#).unwrap().boot.output_schema.unwrap(),
        serde_json::json!({"type": "object"})
    );
    assert!(with("{").unwrap_err().message.contains("not JSON"));
    assert!(with("3").unwrap_err().message.contains("not a JSON object"));
    machine.refused(&["exec", "--output-schema", "/nowhere.json", "x"], &["/nowhere.json"]);
}

#[test]
fn the_folder_must_exist() {
    let machine = Machine::with_repository();
    machine.refused(&["-C", "nowhere"], &["-C", "nowhere"]);
    machine.file("work/file", "");
    machine.refused(&["-C", "file"], &["is a file"]);
    fs::create_dir(machine.path("home/src")).unwrap();
    let short = |line: &[&str]| machine.launch(line).unwrap().boot.host.cwd_short;
    assert_eq!(short(&["-C", "../home/src"]), "~/src");
    assert_eq!(short(&["-C", "../home"]), "~");
    assert_eq!(short(&[]), machine.path("work").to_str().unwrap());
}

#[test]
fn the_home_is_made_for_its_owner_alone() {
    let mut machine = Machine::with_repository();
    let home = machine.path("new/home");
    machine.variable("CODEX_HOME", home.to_str().unwrap());
    assert_eq!(machine.launch(&[]).unwrap().home, home);
    assert_eq!(home.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let file = machine.file("afile", "");
    machine.variable("CODEX_HOME", file.to_str().unwrap());
    machine.refused(&[], &["afile", "is a file", "CODEX_HOME"]);
    machine.variable("CODEX_HOME", "");
    machine.variable("HOME", "");
    machine.refused(&[], &["CODEX_HOME", "HOME"]);
}

#[test]
fn instruction_files_come_outermost_first() {
    let machine = Machine::with_repository();
    machine.file("home/.codex/AGENTS.md", "mine");
    machine.file("work/AGENTS.md", "root");
    machine.file("work/a/AGENTS.md", "not this one");
    machine.file("work/a/AGENTS.override.md", "over");
    machine.file("work/a/b/AGENTS.md", "  \n");
    machine.file("work/a/b/c/AGENTS.md", "inner");
    machine.file("AGENTS.md", "outside");
    let documents = machine.launch(&["-C", "a/b/c"]).unwrap().boot.host.documents;
    let texts: Vec<_> = documents.iter().map(|document| (document.text.as_str(), document.is_global)).collect();
    assert_eq!(texts, [("mine", true), ("root", false), ("over", false), ("inner", false)]);
    assert_eq!(documents[2].path, machine.path("work/a/AGENTS.override.md").to_str().unwrap());
}

#[test]
fn instruction_files_are_bounded() {
    let machine = Machine::with_repository();
    machine.file("work/AGENTS.md", "é".repeat(40 * 1024));
    machine.file("work/a/AGENTS.md", "more");
    let boot = machine.launch(&["-C", "a"]).unwrap().boot;
    assert_eq!(boot.host.documents.iter().map(|document| document.text.len()).sum::<usize>(), 64 * 1024);
    assert!(boot.config.warnings.iter().any(|warning| warning.contains("64 KiB")), "{:?}", boot.config.warnings);
}

#[test]
fn an_instruction_file_cannot_lead_out_of_the_project() {
    let machine = Machine::with_repository();
    let secret = machine.file("home/.ssh/id", "canary");
    symlink(secret, machine.path("work/AGENTS.md")).unwrap();
    let boot = machine.launch(&[]).unwrap().boot;
    assert!(boot.host.documents.is_empty() && boot.config.warnings[0].contains("leads out of the project"));
    fs::remove_file(machine.path("work/AGENTS.md")).unwrap();
    machine.file("work/CLAUDE.md", "shared");
    symlink("CLAUDE.md", machine.path("work/AGENTS.md")).unwrap();
    assert_eq!(machine.launch(&[]).unwrap().boot.host.documents[0].text, "shared");
}

#[test]
fn branches_are_read_from_every_form_of_head() {
    let machine = Machine::new();
    let branch = |head: &str| {
        machine.file("work/.git/HEAD", head);
        machine.launch(&[]).unwrap().boot.host.branch
    };
    assert_eq!(branch("ref: refs/heads/main\n").as_deref(), Some("main"));
    assert_eq!(branch("ref: refs/heads/feature/a-b\n").as_deref(), Some("feature/a-b"));
    assert_eq!(branch("0123456789abcdef0123456789abcdef01234567\n").as_deref(), Some("0123456"));
    for nothing in ["ref: refs/heads/.invalid\n", "ref: refs/remotes/x\n", "", "garbage\n"] {
        assert_eq!(branch(nothing), None, "{nothing}");
    }
}

#[test]
fn a_worktree_has_its_own_branch_and_the_trust_of_its_main_checkout() {
    let machine = Machine::new();
    machine.file("main/.git/HEAD", "ref: refs/heads/main\n");
    machine.file("main/.git/worktrees/w/HEAD", "ref: refs/heads/side\n");
    machine.file("main/.git/worktrees/w/commondir", "../..\n");
    machine.file("main/.git/worktrees/w/gitdir", format!("{}\n", machine.path("work/.git").display()));
    machine.file("work/.git", format!("gitdir: {}\n", machine.path("main/.git/worktrees/w").display()));
    let main = machine.path("main");
    machine.file("home/.codex/config.toml", format!("[projects.\"{}\"]\ntrust_level = \"trusted\"\n", main.display()));
    let boot = machine.launch(&[]).unwrap().boot;
    assert_eq!((boot.host.branch.as_deref(), boot.config.sandbox), (Some("side"), SandboxMode::WorkspaceWrite));
}

#[test]
fn pointers_are_read_as_git_reads_them() {
    let machine = Machine::new();
    machine.file("meta /HEAD", "ref: refs/heads/blank\n");
    machine.file("meta/HEAD", "ref: refs/heads/plain\n");
    let branch = |pointer: &[u8]| {
        machine.file("work/.git", pointer);
        machine.launch(&[]).unwrap().boot.host.branch
    };
    assert_eq!(branch(b"gitdir: ../meta \n").as_deref(), Some("blank"));
    assert_eq!(branch(b"gitdir: ../meta\r\n\n").as_deref(), Some("plain"));
    for nothing in [&b"gitdir:../meta\n"[..], b" gitdir: ../meta\n", b"gitdir: ../meta\nmore\n", b"", b"gitdir: \0"] {
        assert_eq!(branch(nothing), None, "{nothing:?}");
    }
}

#[test]
fn a_way_through_a_link_takes_trust_away_and_does_not_give_it() {
    let mut machine = Machine::with_repository();
    symlink("work", machine.path("link")).unwrap();
    machine.variable("PWD", machine.path("link").to_str().unwrap());
    let entry = |name: &str, level: &str| {
        format!("[projects.\"{}\"]\ntrust_level = \"{level}\"\n", machine.path(name).display())
    };
    let launched = |config: String| {
        machine.file("home/.codex/config.toml", config);
        let config = machine.launch(&[]).unwrap().boot.config;
        (config.sandbox, config.warnings)
    };
    assert_eq!(launched(entry("work", "trusted")), (SandboxMode::WorkspaceWrite, Vec::new()));
    let (sandbox, warnings) = launched(entry("link", "trusted"));
    assert!(sandbox == SandboxMode::ReadOnly && warnings[0].contains("is a path through a link"), "{warnings:?}");
    assert_eq!(launched(entry("work", "trusted") + &entry("link", "untrusted")).0, SandboxMode::ReadOnly);
}

#[test]
fn a_shell_that_is_none_is_not_taken() {
    let shell = |name: &str| machine::shell(&Environment::of([("SHELL", name)]));
    for none in ["/usr/sbin/nologin", "/bin/false", "bash", "/nowhere/zsh", ""] {
        assert!(["/bin/bash", "/usr/bin/bash", "/bin/sh"].contains(&shell(none).as_str()), "{none}");
    }
    assert_eq!(shell("/bin/sh"), "/bin/sh");
}

#[test]
fn the_zone_is_named_and_its_offset_is_of_that_day() {
    let zone = |name: &str, unix_ms| {
        let zone = machine::zone(&Environment::of([("TZ", name)]), unix_ms);
        (zone.name, zone.offset_s)
    };
    let (winter, summer) = (1_767_225_600_000, 1_782_864_000_000);
    assert_eq!(zone("UTC", winter), ("UTC".to_owned(), 0));
    let rule = "CET-1CEST,M3.5.0,M10.5.0/3";
    assert_eq!(zone(rule, winter), (rule.to_owned(), 3600));
    assert_eq!(zone(rule, summer), (rule.to_owned(), 7200));
    assert_eq!(zone("No/Such", winter), ("UTC".to_owned(), 0));
    assert_eq!(zone("../../etc/passwd", winter), ("UTC".to_owned(), 0));
    if has("/usr/share/zoneinfo/Asia/Tokyo") {
        assert_eq!(zone(":Asia/Tokyo", winter), ("Asia/Tokyo".to_owned(), 9 * 3600));
    }
}

#[test]
fn a_test_variable_that_is_no_number_is_told() {
    let mut machine = Machine::with_repository();
    machine.variable("QUIRE_TEST_SEED", "x");
    machine.refused(&[], &["QUIRE_TEST_SEED"]);
}

#[test]
fn added_folders_are_real_ones_and_read_only_says_so() {
    let machine = Machine::with_repository();
    machine.file("lib/x", "");
    symlink(machine.path("lib"), machine.path("work/link")).unwrap();
    let boot = machine.launch(&["-s", "workspace-write", "--add-dir", "../lib", "--add-dir=link"]).unwrap().boot;
    let lib = machine.path("lib").to_str().unwrap().to_owned();
    assert_eq!(boot.config.workspace.added_folders, [lib.clone(), lib]);
    assert_eq!(boot.config.warnings, Vec::<String>::new());
    let config = machine.file("home/.codex/config.toml", "model = \"m\"\nsandbox_mode = \"read-only\"\n");
    let file = format!("{}:2:16", config.display());
    for (line, origin) in [(&["-s", "read-only"][..], "command line"), (&[], file.as_str())] {
        let boot = machine.launch(&[line, &["--add-dir", "../lib"]].concat()).unwrap().boot;
        let told = format!("--add-dir changes nothing here: the sandbox mode is read-only ({origin}).");
        assert!(boot.config.warnings.iter().any(|warning| warning.starts_with(&told)), "{:?}", boot.config.warnings);
    }
    machine.refused(&["--add-dir", "nowhere"], &["--add-dir", "nowhere"]);
    machine.refused(&["--add-dir", "../lib/x"], &["--add-dir", "is a file"]);
}

#[test]
fn temporary_and_program_folders_are_facts() {
    let mut machine = Machine::with_repository();
    machine.file("bin/x", "");
    symlink(machine.path("bin"), machine.path("home/bin")).unwrap();
    let (link, real) = (machine.path("home/bin"), machine.path("bin"));
    let (link, real) = (link.to_str().unwrap(), real.to_str().unwrap());
    machine.variable("PATH", &format!("{link}:relative::{real}"));
    machine.variable("TMPDIR", "/var/scratch");
    let host = machine.launch(&[]).unwrap().boot.host;
    assert_eq!(host.search, [link, real, "relative", "", real]);
    assert_eq!(host.tmpdir.as_deref(), Some("/var/scratch"));
    machine.variables.retain(|(name, _)| name != "TMPDIR" && name != "PATH");
    machine.variable("TMPDIR", "scratch");
    let host = machine.launch(&[]).unwrap().boot.host;
    assert_eq!((host.tmpdir, host.search.len()), (None, 0));
}
