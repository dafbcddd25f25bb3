//! What is told before the first turn: keys without effect, what `doctor` finds, which sessions there are.

use crate::{
    bed::{Bed, Ran},
    pty::Terminal,
};

const SCRIPT: &str = "when\n  say \"Answer {{turn}}.\"\n";
const LINE: &str = "accepted, has no effect yet: compact_prompt, notify, mcp_servers, tui.pet, features.goals (`quire doctor` says where)";

/// Adds to the configuration of a bed: top-level keys go in front.
fn configure(bed: &Bed, top: &str, tables: &str) {
    let path = bed.path("codex/config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    bed.file("codex/config.toml", format!("{top}{text}{tables}"));
}

fn with_idle_keys() -> Bed {
    let bed = Bed::with_script(SCRIPT);
    configure(
        &bed,
        "compact_prompt = \"none\"\nnotify = [\"x\"]\n",
        "[mcp_servers.docs]\ncommand = \"npx\"\nargs = [\"y\"]\n[tui]\npet = \"nord\"\nanimations = false\n[features]\ngoals = true\n",
    );
    bed
}

fn count(text: &str) -> usize {
    text.matches("has no effect yet").count()
}

#[test]
fn keys_without_effect_are_named_once_at_the_start() {
    let bed = with_idle_keys();
    let ran = bed.run(&["exec", "hello"]).ends_with(0);
    assert!(ran.stderr.lines().any(|line| line == LINE) && count(&ran.stderr) == 1, "{}", ran.stderr);
    assert_eq!(ran.stdout, "Answer 1.\n");
    let ran = bed.run(&["exec", "--json", "hello"]).ends_with(0);
    assert!(
        ran.stderr.lines().any(|line| line == format!("note: {LINE}")) && count(&ran.stderr) == 1,
        "{}",
        ran.stderr
    );
    assert_eq!(count(&ran.stdout), 0, "what is no mistake is no error event: {}", ran.stdout);
    let ran = bed.run(&["exec", "resume", "--last", "hello"]).ends_with(0);
    assert_eq!(count(&ran.stderr), 1, "{}", ran.stderr);
    for face in [&[][..], &["--no-alt-screen"]] {
        let mut terminal = Terminal::quire(&bed, (100, 30), face);
        terminal.shows("accepted, has no effect yet: compact_prompt, notify, mcp_servers");
        terminal.shows("› Ask Quire");
        assert_eq!(terminal.look(|seen| count(&seen.lines().join("\n"))), 1);
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
    }
    let plain = Bed::with_script(SCRIPT);
    assert_eq!(count(&plain.run(&["exec", "hello"]).ends_with(0).stderr), 0);
}

#[test]
fn what_is_given_for_one_run_is_named_too_and_what_is_unknown_keeps_its_warning() {
    let bed = Bed::with_script(SCRIPT);
    configure(&bed, "queue_key = \"x\"\n", "[features]\nshell_tol = true\n");
    let ran =
        bed.run(&["exec", "-c", "review_model=m", "--enable", "goals", "--disable", "hooks", "hello"]).ends_with(0);
    assert!(
        ran.stderr.contains("accepted, has no effect yet: review_model, features.goals, features.hooks ("),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("Unknown key `queue_key`"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("Unknown key `features.shell_tol`; it is ignored. Did you mean `features.shell_tool`?")
    );
}

#[test]
fn a_feature_that_there_is_not_is_refused() {
    let bed = Bed::with_script(SCRIPT);
    for (line, words) in [
        (&["exec", "--enable", "nope", "x"][..], "There is no feature `nope`. The nearest name is `"),
        (&["--disable", "nope", "exec", "x"], "There is no feature `nope`"),
        (&["exec", "--json", "--enable", "unifed_exec", "x"], "Did you mean `unified_exec`?"),
        (&["exec", "resume", "--last", "--disable", "shel_tool", "x"], "Did you mean `shell_tool`?"),
        (&["--enable", "Goals"], "Did you mean `goals`?"),
    ] {
        let ran = bed.run(line).ends_with(2);
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(words), "{line:?}: {}", ran.stderr);
    }
    assert!(bed.bodies().is_empty());
}

fn lines<'a>(ran: &'a Ran, name: &str) -> Vec<&'a str> {
    ran.stdout.lines().filter_map(|line| line.strip_prefix(name)).map(str::trim_start).collect()
}

#[test]
fn the_doctor_alone_looks_at_everything() {
    let bed = with_idle_keys();
    configure(&bed, "queue_key = 1\n", "");
    bed.file("codex/rules/mine.rules", "prefix_rule(pattern = [\"ls\"], decision = \"allow\")\n");
    let ran = bed.run(&["doctor"]);
    assert!(!lines(&ran, "sandbox").is_empty() && !lines(&ran, "kernel").is_empty(), "{}", ran.stdout);
    let config = bed.path("codex/config.toml").display().to_string();
    assert_eq!(
        lines(&ran, "no effect yet"),
        [
            format!("{config}:2: compact_prompt"),
            format!("{config}:3: notify"),
            format!("{config}:12: mcp_servers.docs.command"),
            format!("{config}:13: mcp_servers.docs.args"),
            format!("{config}:15: tui.pet"),
            format!("{config}:18: features.goals"),
        ],
        "{}",
        ran.stdout
    );
    let set = lines(&ran, "set");
    assert!(set.contains(&format!("tui.animations: {config}:16:14").as_str()), "{}", ran.stdout);
    assert!(!set.iter().any(|line| line.starts_with("compact_prompt") || line.starts_with("queue_key")), "{set:?}");
    let told = lines(&ran, "config");
    assert_eq!(told[0], format!("read: {config}"));
    assert!(told[1].starts_with(&format!("warning: {config}:1:1: Unknown key `queue_key`")), "{told:?}");
    assert_eq!(lines(&ran, "rules"), [format!("read: {}", bed.path("codex/rules/mine.rules").display())]);
    assert_eq!(ran.code, bed.run(&["doctor", "sandbox"]).code, "a warning is no failure");
}

#[test]
fn features_are_listed_as_files_and_options_set_them() {
    let bed = Bed::new();
    bed.file("codex/config.toml", "[features]\nunified_exec = false\nrequest_permissions_tool = true\n");
    let on = |options: &[&str]| {
        let ran = bed.run(&[&["features", "list"], options].concat()).ends_with(0);
        let on = ran.stdout.lines().filter(|line| line.ends_with("  true"));
        let on: Vec<String> = on.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect();
        assert!(ran.stdout.lines().any(|line| line.starts_with("goals ") && line.contains("no effect yet")));
        on.join(" ")
    };
    let usual = "default_mode_request_user_input request_permissions_tool shell_snapshot shell_tool";
    assert_eq!(on(&[]), usual);
    assert_eq!(on(&["--enable", "token_budget"]), format!("{usual} token_budget"));
    assert_eq!(on(&["-c", "features.shell_tool=false"]), usual.replace(" shell_tool", ""));
    let wrong = bed.run(&["features", "list", "--enable", "shel_tool"]).ends_with(2);
    assert!(wrong.stderr.contains("Did you mean `shell_tool`?"), "{}", wrong.stderr);
    bed.file("codex/config.toml", "[features]\nshell_tool = 1\n");
    let wrong = bed.run(&["features", "list"]);
    assert!(wrong.code != Some(0) && wrong.stderr.contains("config.toml:2"), "{}", wrong.stderr);
}

#[test]
fn the_doctor_tells_what_is_broken_and_makes_nothing() {
    let bed = Bed::new();
    let ran = bed.run(&["doctor", "config"]).ends_with(0);
    assert_eq!(lines(&ran, "config"), ["no configuration file"]);
    assert!(lines(&ran, "no effect yet")[0].starts_with("nothing"));
    bed.run(&["doctor", "rules"]).ends_with(0);
    assert!(!bed.path("codex").exists());
    for (text, words) in [
        ("model = \n", "error: "),
        ("approval_policy = \"maybe\"\n", "`approval_policy` cannot be \"maybe\"."),
        ("model_provider = \"mock\"\n", "There is no provider `mock`."),
    ] {
        bed.file("codex/config.toml", text);
        let ran = bed.run(&["doctor", "config"]).ends_with(1);
        assert!(lines(&ran, "config").iter().any(|line| line.contains(words)), "{}", ran.stdout);
        assert_eq!(bed.run(&["doctor"]).code, Some(1));
    }
    bed.file("codex/rules/bad.rules", "prefix_rule(\n");
    let ran = bed.run(&["doctor", "rules"]).ends_with(0);
    assert!(lines(&ran, "rules").iter().any(|line| line.contains("bad.rules:")), "{}", ran.stdout);
}

#[test]
fn resume_without_an_id_offers_the_newest_sessions() {
    let mut bed = Bed::with_script(SCRIPT);
    let terminal = Terminal::quire(&bed, (100, 30), &["resume"]);
    terminal.shows("There is no session to resume yet");
    assert_eq!(terminal.end().code, 1);
    for (seed, words) in [("1", "the first task"), ("2", "the second task")] {
        bed.set("QUIRE_TEST_SEED", seed);
        bed.run(&["exec", words]).ends_with(0);
    }
    for face in [&["resume"][..], &["resume", "--no-alt-screen"]] {
        let mut terminal = Terminal::quire(&bed, (100, 30), face);
        terminal.shows("Sessions of ~/work, the newest first:");
        terminal.shows("Number, Enter for 1, q to quit:");
        let text = terminal.look(|seen| seen.text());
        let (second, first) = (text.find("the second task").unwrap(), text.find("the first task").unwrap());
        assert!(second < first, "{text}");
        terminal.keys("7\r");
        terminal.shows("Type a number from 1 to 2.");
        terminal.keys("2\r");
        terminal.shows("› Ask Quire");
        terminal.shows("the first task");
        terminal.shows("Answer 1.");
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
    }
    let mut terminal = Terminal::quire(&bed, (80, 24), &["resume"]);
    terminal.shows("Number, Enter for 1, q to quit:");
    terminal.keys("q\r");
    let end = terminal.end();
    assert_eq!((end.code, end.termios[0] == end.termios[1]), (0, true));
    bed.file("home/work/sub/x", "");
    let mut terminal = Terminal::quire(&bed, (80, 24), &["resume", "-C", "sub"]);
    terminal.shows("This folder has no session. Those of other folders");
    terminal.keys("\r");
    terminal.shows("› Ask Quire");
    terminal.shows("the second task");
    terminal.keys("\x04");
    terminal.end();
}

#[test]
fn resume_without_an_id_says_what_to_do_where_there_is_no_terminal() {
    let bed = Bed::with_script(SCRIPT);
    let ran = bed.run(&["resume"]).ends_with(1);
    assert!(
        ran.stderr.contains("needs a terminal") && ran.stderr.contains("quire exec resume --last"),
        "{}",
        ran.stderr
    );
    assert!(ran.stdout.is_empty());
    let ran = bed.run(&["exec", "resume"]).ends_with(2);
    assert!(ran.stderr.contains("--last"), "{}", ran.stderr);
}
