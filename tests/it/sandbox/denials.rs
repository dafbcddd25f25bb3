//! What a command was told after the sandbox was in its way, taken at its word: the flag or the line that the sentence names is
//! applied as it stands there, and then the same command succeeds.

use std::{fs, path::Path};

use super::stand::PYTHON;
use crate::{bed::Bed, skip::skip, work::told};

/// Modes get the test's own folder outside of what they may write.
const NO_TMP: &str = "[sandbox_workspace_write]\nexclude_slash_tmp = true\n";
/// A profile that reads what programs need.
const NARROW: &str = "[permissions.careful.filesystem]\n\":minimal\" = \"read\"\n\n\
                      [permissions.careful.filesystem.\":workspace_roots\"]\n\".\" = \"write\"\n\"vendor\" = \"read\"\n";
/// A profile that reads everything.
const WIDE: &str = "[permissions.careful.filesystem]\n\":root\" = \"read\"\n\":workspace_roots\" = \"write\"\n";
/// The same, and writes nowhere.
const READS: &str = "[permissions.careful.filesystem]\n\":root\" = \"read\"\n\":workspace_roots\" = \"read\"\n";
/// One that names a folder to be read.
const GIVEN: &str = "[permissions.careful.filesystem]\n\":minimal\" = \"read\"\n\"~/outside\" = \"read\"\n\
                     \":workspace_roots\" = \"write\"\n";

/// How a sentence is taken at its word.
#[derive(Clone, Copy)]
enum Way {
    /// The flags that it names.
    Flags,
    /// The folder of its flag, under the key that it names as well.
    Key,
    /// The line of the table that it names, and of several the one at this place.
    Line(usize),
    /// An allow rule for the program.
    Rule,
}

/// A command in a machine.
struct Case {
    bed: Bed,
    /// What the configuration begins with and what it ends with.
    head: String,
    settings: String,
    options: Vec<String>,
}

impl Case {
    /// A machine for this command, with `home/outside` beside the working folder.
    fn new(command: &str, settings: &str, options: &[&str]) -> Self {
        let command = serde_json::json!({ "cmd": command });
        let bed =
            Bed::with_script(&format!("when user=\"go\"\n  call exec_command {command}\nthen\n  say \"Over.\"\n"));
        for name in ["outside/file", "outside/a b/file", "outside/deep/file", "work/vendor/deep/file", "work/a.txt"] {
            bed.file(&format!("home/{name}"), "text\n");
        }
        let head = fs::read_to_string(bed.path("codex/config.toml")).unwrap();
        let head = match settings.starts_with("[permissions.") {
            true => format!("default_permissions = \"careful\"\n{head}"),
            false => head,
        };
        Self {
            bed,
            head,
            settings: settings.to_owned(),
            options: options.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    /// Whether the command succeeded, and what the model was told of it.
    fn run(&self) -> (bool, String) {
        self.bed.file(&self.in_home("config.toml"), format!("{}{}", self.head, self.settings));
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        self.bed.run(&[&["exec"], options.as_slice(), &["go"]].concat()).ends_with(0);
        let told = told(&self.bed).pop().unwrap();
        (told.contains("exited with code 0"), told)
    }

    /// A file of the agent's home.
    fn in_home(&self, name: &str) -> String {
        format!("{}/{name}", self.bed.variables()["CODEX_HOME"])
    }

    /// Takes the sentence at its word. `FOLDER` is this one.
    fn apply(&mut self, sentence: &str, way: Way, folder: &Path) {
        let sentence = sentence.replace("FOLDER", folder.to_str().unwrap());
        let spans: Vec<&str> = sentence.split('`').skip(1).step_by(2).collect();
        match way {
            Way::Flags => {
                let flags = spans.iter().find(|span| span.starts_with('-')).unwrap();
                // A flag takes the place of the same one.
                if flags.starts_with("--sandbox ") {
                    self.options.clear();
                }
                self.options.extend(shlex(flags));
            }
            Way::Key => {
                let flag = spans.iter().find_map(|span| span.strip_prefix("--add-dir ")).unwrap();
                let key = sentence.split(['(', ' ']).find(|word| word.starts_with("sandbox_workspace_write.")).unwrap();
                self.options.extend(["-c".to_owned(), format!("{key}=[\"{flag}\"]")]);
            }
            Way::Line(at) => {
                let is_table = |span: &&&str| span.starts_with('[');
                let tables = spans.iter().filter(is_table).count();
                let lines = spans.iter().filter(|span| span.contains(" = "));
                let (line, table) = lines.zip(spans.iter().filter(is_table)).nth(at).unwrap();
                assert!(at < tables);
                if sentence.contains("(instead of the line that says \"read\")") {
                    self.settings = self.settings.replace("\"~/", &format!("\"{}/", self.bed.path("home").display()));
                }
                self.settings = with_line(&self.settings, table, line);
            }
            Way::Rule => {
                assert!(sentence.contains("an allow rule"), "{sentence}");
                let rule = "prefix_rule(pattern = [\"touch\"], decision = \"allow\")\n\
                            prefix_rule(pattern = [\"ln\"], decision = \"allow\")\n";
                self.bed.file(&self.in_home("rules/own.rules"), rule);
            }
        }
    }
}

/// The words of a line of a shell.
fn shlex(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            letter => words.last_mut().unwrap().push(letter),
        }
    }
    words
}

/// The configuration with this line in this table, in the place of one for the same key.
fn with_line(settings: &str, table: &str, line: &str) -> String {
    let key = format!("{} = ", line.split(" = ").next().unwrap());
    let mut here = "";
    let kept = settings.lines().filter(|held| {
        if held.starts_with('[') {
            here = held;
        }
        here != table || !held.starts_with(&key)
    });
    let kept: String = kept.map(|line| format!("{line}\n")).collect();
    match kept.contains(table) {
        true => kept.replace(&format!("{table}\n"), &format!("{table}\n{line}\n")),
        false => format!("{kept}\n{table}\n{line}\n"),
    }
}

/// The command fails with a sentence that has these words; done what it says, it succeeds.
#[track_caller]
fn is_true(mut case: Case, way: Way, words: &str) {
    let folder = case.bed.path("home/outside");
    let (is_done, told) = case.run();
    let sentence = told.rsplit_once("\nNote: ").map(|(_, sentence)| sentence.to_owned());
    let Some(sentence) = sentence.filter(|_| !is_done) else { panic!("no sentence: {told}") };
    assert!(sentence.contains(words), "{sentence}");
    case.apply(&sentence, way, &folder);
    let (is_done, told) = case.run();
    assert!(is_done, "{sentence}\n{:?}\n{}\n{told}", case.options, case.settings);
}

/// The flags and folders of the modes.
#[test]
fn what_a_mode_is_told_is_true() {
    let (read, write) = (&["-s", "read-only"][..], &["-s", "workspace-write"][..]);
    for (command, options, way, words) in [
        ("touch a", read, Way::Flags, "`--sandbox workspace-write` would"),
        ("echo x > vendor/new", read, Way::Flags, "`--sandbox workspace-write` would"),
        ("cp a.txt ../outside/", read, Way::Flags, "`--sandbox workspace-write --add-dir "),
        ("cd ../outside && touch new", read, Way::Flags, "`--sandbox workspace-write --add-dir "),
        ("touch .git/new", read, Way::Rule, "keeps `.git` as it is"),
        ("touch ../outside/new", write, Way::Flags, "`--add-dir "),
        ("touch ../outside/new", write, Way::Key, "writable_roots in config.toml"),
        ("touch '../outside/a b/new'", write, Way::Flags, "`--add-dir '"),
        ("mv a.txt ../outside/", write, Way::Flags, "outside/a.txt`: it is outside"),
        ("mv ../outside/file here", write, Way::Flags, "outside/file`: it is outside"),
        ("cd .. && cd outside && touch new", write, Way::Flags, "`--add-dir FOLDER`"),
        ("ln -s ../outside link; touch link/new", write, Way::Rule, "a link leads out"),
        ("touch .git/new", write, Way::Rule, "keeps `.git` as it is"),
        ("touch ../new", write, Way::Rule, "an approval or an allow rule"),
    ] {
        println!("{command}, {options:?}");
        let mut case = Case::new(command, NO_TMP, options);
        if command == "touch ../new" {
            // The folder that would have to be opened holds the logins.
            let home = case.bed.path("home/codex");
            fs::rename(case.bed.path("codex"), &home).unwrap();
            case.bed.set("CODEX_HOME", home.to_str().unwrap());
        }
        is_true(case, way, words);
    }
}

#[test]
fn what_a_profile_is_told_is_true() {
    let outside = "outside\" = \"write\"` in `[permissions.careful.filesystem]`";
    let below = "in `[permissions.careful.filesystem.\":workspace_roots\"]` would";
    for (command, settings, at, words) in [
        ("touch vendor/new", NARROW, 0, below),
        ("touch vendor/deep/new", NARROW, 0, below),
        ("touch .git/new", NARROW, 0, "`\".git\" = \"write\"`"),
        ("touch .git/new", WIDE, 0, "work/.git\" = \"write\"` in `[permissions.careful.filesystem]`"),
        ("touch ../outside/new", WIDE, 0, outside),
        ("touch new", READS, 0, "`\":workspace_roots\" = \"write\"` in `[permissions.careful.filesystem]`"),
        ("touch ../outside/new", GIVEN, 0, outside),
        ("cd ../outside/deep && touch new", GIVEN, 0, "outside/deep\" = \"write\"` in"),
        ("cd $HOME/outside && touch new", WIDE, 0, "`\"FOLDER\" = \"write\"`"),
        ("cat ../outside/file", NARROW, 0, "does not let commands see"),
        ("ls $HOME/outside", NARROW, 0, "does not let commands see"),
        ("echo x > $HOME/outside/new", NARROW, 1, "also write it"),
        ("PATH=$HOME/outside:$PATH; tool", NARROW, 0, "`tool` may be one of them"),
    ] {
        println!("{command}, {settings}");
        let case = Case::new(command, settings, &[]);
        let tool = case.bed.file("home/outside/tool", "#!/bin/sh\n");
        fs::set_permissions(&tool, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        is_true(case, Way::Line(at), words);
    }
}

#[test]
fn what_is_denied_and_what_is_unknown_is_said() {
    let denied = format!("{NARROW}\"**/*.env\" = \"none\"\n");
    for (command, settings, words) in [
        (
            "cat .env",
            denied.as_str(),
            "denies `WORK/.env` by `\"**/*.env\" = \"none\"` in `[permissions.careful.filesystem.",
        ),
        ("cat $CODEX_HOME/auth.json", &denied, "logins and sessions"),
        ("cat $CODEX_HOME/auth.json", NO_TMP, "logins and sessions"),
    ] {
        let case = Case::new(command, settings, &[]);
        case.bed.file("home/work/.env", "KEY=canary");
        case.bed.file("codex/auth.json", "{}");
        let (is_done, told) = case.run();
        let words = words.replace("WORK", case.bed.path("home/work").to_str().unwrap());
        assert!(!is_done && told.contains(&words) && !told.contains("canary"), "{told}");
    }
}

#[test]
fn what_is_told_of_the_network_is_true() {
    // To connect a datagram socket asks for a way only, and sends nothing.
    let command = ": > /dev/udp/192.0.2.1/9";
    let outside = Bed::new().any("bash").args(["-c", command]).status().unwrap();
    if !outside.success() {
        skip("this machine has no way out itself");
        return;
    }
    for (settings, options, way, words) in [
        (NO_TMP, &["-s", "read-only"][..], Way::Flags, "`--sandbox workspace-write -c "),
        (NO_TMP, &["-s", "workspace-write"], Way::Flags, "`-c "),
        (WIDE, &[], Way::Line(0), "`enabled = true` in `[permissions.careful.network]`"),
    ] {
        println!("{settings}, {options:?}");
        is_true(Case::new(command, settings, options), way, words);
    }
}

#[test]
fn what_is_told_of_a_closed_socket_is_true() {
    if !Path::new(PYTHON).exists() {
        skip(format_args!("no {PYTHON}"));
        return;
    }
    let command =
        format!("{PYTHON} -I -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"../outside/x.sock\")'");
    for (settings, options, way, words) in [
        (NO_TMP, &["-s", "read-only"][..], Way::Flags, "`--sandbox workspace-write -c "),
        (NO_TMP, &["-s", "workspace-write"], Way::Flags, "closes Unix sockets"),
        (WIDE, &[], Way::Line(0), "`dangerously_allow_all_unix_sockets = true` in `[permissions.careful.network]`"),
    ] {
        println!("{settings}, {options:?}");
        let case = Case::new(&command, settings, options);
        let _listener = std::os::unix::net::UnixListener::bind(case.bed.path("home/outside/x.sock")).unwrap();
        is_true(case, way, words);
    }
}

#[test]
fn a_root_below_the_home_is_one() {
    let roots = format!("{NO_TMP}writable_roots = [\"~/outside\", \"~/./work/vendor/\"]\n");
    let case = Case::new("touch ../outside/new && echo x > ~/outside/more", &roots, &["-s", "workspace-write"]);
    let (is_done, told) = case.run();
    assert!(is_done, "{told}");
    let sandbox = ["sandbox", "-s", "workspace-write", "--", "/bin/sh", "-c", "touch ../outside/third"];
    case.bed.run(&sandbox).ends_with(0);
    let ran = case.bed.run(&["sandbox", "-s", "workspace-write", "--", "/bin/sh", "-c", "touch ../fourth"]);
    assert_ne!(ran.code, Some(0), "the home itself is none");
}

/// Its events are Codex's, so the sentence is beside them.
#[test]
fn who_reads_events_is_told_beside_them() {
    let case = Case::new("touch ../outside/new", NO_TMP, &[]);
    fs::write(case.bed.path("codex/config.toml"), format!("{}{}", case.head, case.settings)).unwrap();
    let ran = case.bed.run(&["exec", "--json", "-s", "workspace-write", "go"]).ends_with(0);
    let told = told(&case.bed).pop().unwrap();
    let sentence = told.rsplit_once("\nNote: ").unwrap().1;
    assert!(ran.stderr.lines().any(|line| line == format!("note: {sentence}")), "{}", ran.stderr);
    assert!(sentence.contains("`--add-dir ") && !ran.stdout.contains("--add-dir"), "{}", ran.stdout);
    assert!(ran.events().iter().any(|event| event["item"]["exit_code"] == 1), "{}", ran.stdout);
}
