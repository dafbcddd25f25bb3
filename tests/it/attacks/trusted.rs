//! A folder that was trusted once, and what is put there later. The victim is a later start of the program: rules let
//! commands out of the sandbox, and the folder of a trusted repository can be written.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
};

use super::scene::{Call, as_everybody, script, shell};
use crate::{
    bed::{QUIRE, Ran, files, finish},
    pty::Terminal,
    sandbox::stand::Stand,
};

const NO_TMP: [&str; 2] = ["-c", "sandbox_workspace_write.exclude_slash_tmp=true"];
/// Enough rows for a question with a file.
const SIZE: (u16, u16) = (100, 40);

fn allow(program: &str) -> String {
    format!("prefix_rule(pattern=[\"{program}\"], decision=\"allow\")\n")
}

/// A repository at `home/work`, with these rules.
fn repository(stand: &Stand, rules: &[(&str, String)]) {
    stand.bed.file("home/work/.git/HEAD", "ref: refs/heads/main\n");
    rules.iter().for_each(|(name, text)| {
        stand.bed.file(&format!("home/work/.codex/rules/{name}"), text);
    });
}

/// The model will make these calls, and the user has said that the folder is trusted.
fn prepare(stand: &mut Stand, calls: &[Call]) {
    stand.bed.follow(&script(calls));
    let config = fs::read_to_string(stand.bed.path("codex/config.toml")).unwrap();
    let trust = format!("{config}\n[projects.\"{}\"]\ntrust_level = \"trusted\"\n", stand.work().display());
    stand.bed.file("codex/config.toml", trust);
    stand.own(&stand.bed.root());
}

/// What reaches outside: one by `touch`, one by `cp`.
fn harm() -> [Call; 2] {
    [shell("touch ../touched"), shell("cp .git/HEAD ../copied")]
}

/// Whether the one and the other are there; they are gone afterwards.
fn harmed(stand: &Stand) -> (bool, bool) {
    let gone = |name: &str| fs::remove_file(stand.bed.path(name)).is_ok();
    (gone("home/touched"), gone("home/copied"))
}

/// Lets the model make the calls under `exec`.
fn exec(stand: &mut Stand) -> Ran {
    prepare(stand, &harm());
    let line = [&["exec"], &NO_TMP[..], &["go"]].concat();
    finish(stand.program(QUIRE, &line).spawn().unwrap()).ends_with(0)
}

/// Opens the program in a terminal; commands that want out are asked about.
fn open(stand: &mut Stand, words: &[&str]) -> Terminal {
    prepare(stand, &harm());
    Terminal::start(&stand.bed, SIZE, &stand.line(QUIRE, &[&NO_TMP[..], words].concat()))
}

/// Opens the program, answers the question about the folder, and leaves.
fn answer(stand: &mut Stand, title: &str, key: char) {
    let mut terminal = open(stand, &[]);
    terminal.shows(title);
    terminal.answer(key);
    terminal.shows(if key == 'y' { "from now on" } else { "in this session" });
    leave(terminal);
}

fn leave(mut terminal: Terminal) {
    terminal.shows("›");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

/// Everything that is remembered of trust.
fn records(stand: &Stand) -> Vec<String> {
    files(&stand.bed.path("codex/quire/trust")).iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

const RULES: &str = "Use the rules of this project?";
const ANOTHER: &str = "Trust this folder, where another repository is now?";

#[test]
fn a_rules_file_that_came_later_is_not_used_before_a_yes() {
    as_everybody(|stand| {
        repository(stand, &[("a.rules", allow("touch"))]);
        answer(stand, RULES, 'y');
        let ran = exec(stand);
        assert_eq!(harmed(stand), (true, false), "what was accepted: {}", ran.stderr);
        assert!(!ran.stderr.contains(".rules"), "{}", ran.stderr);
        // Another author's commit.
        repository(stand, &[("b.rules", allow("cp"))]);
        let before = records(stand);
        let ran = exec(stand);
        assert_eq!(harmed(stand), (true, false));
        let told: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("b.rules")).collect();
        assert!(
            told.len() == 1 && told[0].contains("is not used") && told[0].contains("Start `quire`"),
            "{}",
            ran.stderr
        );
        assert_eq!(records(stand), before, "exec writes no trust");
        // The question shows the file; what it allows does not run before the yes.
        let mut terminal = open(stand, &["go"]);
        terminal.shows("new  .codex/rules/b.rules");
        terminal.shows("pattern=[\"cp\"]");
        assert!(!terminal.look(|seen| seen.has("a.rules")));
        terminal.answer('n');
        terminal.shows("It is over.");
        assert_eq!(harmed(stand), (true, false));
        leave(terminal);
        answer(stand, RULES, 'y');
        exec(stand);
        assert_eq!(harmed(stand), (true, true));
    });
}

#[test]
fn a_rules_file_that_was_changed_is_asked_about_again() {
    as_everybody(|stand| {
        repository(stand, &[("a.rules", allow("touch"))]);
        answer(stand, RULES, 'y');
        let both = format!("{}{}", allow("touch"), allow("cp"));
        for text in [allow("cp"), both] {
            repository(stand, &[("a.rules", text)]);
            exec(stand);
            assert_eq!(harmed(stand), (false, false), "nothing of a changed file is used");
        }
        let terminal = open(stand, &[]);
        terminal.shows("changed  .codex/rules/a.rules");
        drop(terminal);
        // What was accepted before is known.
        repository(stand, &[("a.rules", allow("touch"))]);
        exec(stand);
        assert_eq!(harmed(stand), (true, false));
    });
}

#[test]
fn another_repository_at_the_same_path_is_not_trusted() {
    as_everybody(|stand| {
        repository(stand, &[("a.rules", allow("touch"))]);
        answer(stand, RULES, 'y');
        // The same rules, in a clone that lies there now.
        fs::rename(stand.work(), stand.bed.path("home/aside")).unwrap();
        repository(stand, &[("a.rules", allow("touch"))]);
        let ran = exec(stand);
        assert_eq!(harmed(stand), (false, false));
        assert!(ran.stderr.contains("another repository than the one that was trusted"), "{}", ran.stderr);
        let mut terminal = open(stand, &["go"]);
        terminal.shows(ANOTHER);
        terminal.shows("read-only");
        terminal.answer('y');
        terminal.shows("It is over.");
        assert_eq!(harmed(stand), (true, false));
        leave(terminal);
        let ran = exec(stand);
        assert_eq!(harmed(stand), (true, false), "{}", ran.stderr);
    });
}

#[test]
fn a_link_in_the_place_of_the_folder_leads_to_nothing_that_is_trusted() {
    as_everybody(|stand| {
        repository(stand, &[("a.rules", allow("touch"))]);
        answer(stand, RULES, 'y');
        let other = stand.bed.path("home/other");
        fs::rename(stand.work(), &other).unwrap();
        symlink(&other, stand.work()).unwrap();
        // The very repository that was accepted, and another one.
        exec(stand);
        assert_eq!(harmed(stand), (false, false));
        fs::rename(&other, stand.bed.path("home/aside")).unwrap();
        stand.bed.file("home/other/.git/HEAD", "ref: refs/heads/main\n");
        stand.bed.file("home/other/.codex/rules/a.rules", allow("touch"));
        let ran = exec(stand);
        assert_eq!(harmed(stand), (false, false), "{}", ran.stderr);
    });
}

#[test]
fn a_worktree_is_trusted_with_its_main_checkout_and_its_own_rules_are_asked_about() {
    as_everybody(|stand| {
        // The working folder is the worktree; what is trusted is the main checkout.
        let git = "home/main/.git/worktrees/w";
        stand.bed.file("home/main/.git/HEAD", "ref: refs/heads/main\n");
        stand.bed.file(&format!("{git}/HEAD"), "ref: refs/heads/side\n");
        stand.bed.file(&format!("{git}/commondir"), "../..\n");
        stand.bed.file(&format!("{git}/gitdir"), format!("{}/.git\n", stand.work().display()));
        stand.bed.file("home/work/.git", format!("gitdir: {}\n", stand.bed.path(git).display()));
        stand.bed.file("home/main/.codex/rules/a.rules", allow("touch"));
        stand.bed.file("home/work/.codex/rules/a.rules", allow("touch"));
        let ready = |stand: &mut Stand, folder: &str| {
            stand.bed.follow(&script(&[shell("touch ../touched"), shell("cp /dev/null ../copied")]));
            let config = fs::read_to_string(stand.bed.path("codex/config.toml")).unwrap();
            let main = stand.bed.path("home/main");
            let trust = format!("{config}\n[projects.\"{}\"]\ntrust_level = \"trusted\"\n", main.display());
            stand.bed.file("codex/config.toml", trust);
            stand.own(&stand.bed.root());
            stand.bed.path(folder).to_str().unwrap().to_owned()
        };
        let main = ready(stand, "home/main");
        let mut terminal =
            Terminal::start(&stand.bed, SIZE, &stand.line(QUIRE, &[&NO_TMP[..], &["-C", &main]].concat()));
        terminal.shows(RULES);
        terminal.answer('y');
        terminal.shows("from now on");
        leave(terminal);
        let exec = |stand: &mut Stand| {
            let work = ready(stand, "home/work");
            let line = [&["exec", "-C", &work], &NO_TMP[..], &["go"]].concat();
            finish(stand.program(QUIRE, &line).spawn().unwrap()).ends_with(0)
        };
        // The same text is accepted in the worktree, another one is not.
        exec(stand);
        assert_eq!(harmed(stand), (true, false));
        stand.bed.file("home/work/.codex/rules/a.rules", allow("cp"));
        let ran = exec(stand);
        assert_eq!(harmed(stand), (false, false));
        assert!(ran.stderr.contains(".codex/rules/a.rules"), "{}", ran.stderr);
    });
}

#[test]
fn a_folder_without_rules_is_remembered_too() {
    as_everybody(|stand| {
        repository(stand, &[]);
        leave(open(stand, &[]));
        assert_eq!(records(stand).len(), 1);
        // What git itself does changes nothing.
        for name in ["HEAD", "index", "refs/heads/main", "packed-refs"] {
            stand.bed.file(&format!("home/work/.git/{name}"), "ref: refs/heads/other\n");
        }
        let inside = [shell("touch inside")];
        let writes = |stand: &mut Stand| {
            prepare(stand, &inside);
            let line = [&["exec"], &NO_TMP[..], &["go"]].concat();
            finish(stand.program(QUIRE, &line).spawn().unwrap()).ends_with(0);
            fs::remove_file(stand.work().join("inside")).is_ok()
        };
        assert!(writes(stand));
        fs::rename(stand.work().join(".git"), stand.bed.path("home/aside")).unwrap();
        repository(stand, &[]);
        assert!(!writes(stand), "another repository has the same path");
    });
}

#[test]
fn what_was_forbidden_stays_so_when_its_file_is_taken_away() {
    as_everybody(|stand| {
        let forbid = "prefix_rule(pattern=[\"touch\"], decision=\"forbidden\")\n".to_owned();
        repository(stand, &[("a.rules", allow("touch")), ("b.rules", forbid)]);
        answer(stand, RULES, 'y');
        fs::remove_file(stand.work().join(".codex/rules/b.rules")).unwrap();
        let ran = exec(stand);
        assert_eq!(harmed(stand), (false, false));
        assert!(ran.stderr.contains("forbids `touch`"), "{}", ran.stderr);
        answer(stand, "Drop what this project has forbidden so far?", 'y');
        exec(stand);
        assert_eq!(harmed(stand), (true, false));
    });
}

#[test]
fn a_fresh_home_takes_the_configuration_at_its_word_under_exec_and_says_so() {
    as_everybody(|stand| {
        repository(stand, &[("a.rules", allow("touch"))]);
        let ran = exec(stand);
        assert_eq!(harmed(stand), (true, false));
        assert!(ran.stderr.contains(".codex/rules/a.rules") && ran.stderr.contains("Start `quire`"), "{}", ran.stderr);
        assert_eq!(records(stand), Vec::<String>::new(), "exec writes no trust");
    });
}

#[test]
fn a_record_that_was_spoilt_accepts_nothing() {
    as_everybody(|stand| {
        repository(stand, &[("a.rules", allow("touch"))]);
        answer(stand, RULES, 'y');
        let path = files(&stand.bed.path("codex/quire/trust")).remove(0);
        let good = fs::read(&path).unwrap();
        for spoil in [&|path: &Path| fs::write(path, "{").unwrap(), &|path: &Path| {
            let made = Command::new("mkfifo").arg(path).stdin(Stdio::null()).status().unwrap();
            assert!(made.success());
        }] as [&dyn Fn(&Path); 2]
        {
            fs::remove_file(&path).unwrap();
            spoil(&path);
            let ran = exec(stand);
            assert_eq!(harmed(stand), (false, false));
            assert!(ran.stderr.contains("Nothing there counts as accepted"), "{}", ran.stderr);
        }
        fs::remove_file(&path).unwrap();
        fs::write(&path, good).unwrap();
        exec(stand);
        assert_eq!(harmed(stand), (true, false));
    });
}
