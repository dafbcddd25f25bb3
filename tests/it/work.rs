//! The model at work under its policy: what runs without a question, what is refused with the rule that would allow it,
//! and what a user allows for good.

use std::fs;

use serde_json::Value;

use crate::{
    bed::{Bed, KEY},
    pty::Terminal,
};

/// Reads a file, changes it, and runs a command on it.
const EDIT: &str = r#"
when user="fix it"
  call exec_command {"cmd": "cat sum.sh"}
then
  call apply_patch {"input": "*** Begin Patch\n*** Update File: sum.sh\n@@\n-echo $(( 2 - 2 ))\n+echo $(( 2 + 2 ))\n*** End Patch"}
then
  call exec_command {"cmd": "sh sum.sh | tee result.txt"}
then
  say "It says {{printed}}"

when user="reach out"
  call exec_command {"cmd": "echo harm >> ../beside/outside.txt"}
  call exec_command {"cmd": "cat $CODEX_HOME/config.toml; cat $CODEX_HOME/auth.json"}
  call exec_command {"cmd": "git init -q . ; touch .git/x"}
then
  say "{{output}}"

when user="outside"
  call exec_command {"cmd": "cp a.txt ../copied.txt", "sandbox_permissions": "require_escalated", "justification": "It goes beside the project."}
then
  say "Copied."
"#;

/// The test's own machine lies in `/tmp`, where commands may write otherwise.
const NO_TMP: [&str; 2] = ["-c", "sandbox_workspace_write.exclude_slash_tmp=true"];

fn bed() -> Bed {
    let bed = Bed::with_script(EDIT);
    bed.file("home/work/sum.sh", "echo $(( 2 - 2 ))\n");
    bed.file("home/work/a.txt", "a\n");
    bed.file("home/beside/outside.txt", "keep\n");
    bed.file("codex/auth.json", "{\"OPENAI_API_KEY\": \"canary-login\"}");
    bed
}

/// What the model was told of its calls in the last request.
pub(crate) fn told(bed: &Bed) -> Vec<String> {
    let bodies = bed.bodies();
    let input = bodies.last().unwrap()["input"].as_array().unwrap();
    input.iter().filter_map(|item| item["output"].as_str()).map(str::to_owned).collect()
}

/// What the session files say of every command: who allowed it, whether it had a sandbox, and how it ended.
fn accounts(bed: &Bed) -> Vec<String> {
    let texts = bed.rollouts().into_iter().map(|path| fs::read_to_string(path).unwrap());
    let lines: Vec<Value> = texts.flat_map(|text| values(&text)).collect();
    let ends = lines.iter().map(|line| &line["payload"]).filter(|payload| payload["type"] == "exec_command_end");
    let words = |end: &Value| {
        let (quire, has_sandbox) = (&end["quire"], end["quire"]["sandbox"].is_object());
        assert_eq!(has_sandbox, quire["backend"] != "none", "{end}");
        format!(
            "{} {} {}",
            quire["approval"].as_str().unwrap(),
            if has_sandbox { "inside" } else { "outside" },
            end["status"]
        )
    };
    ends.map(words).collect()
}

fn values(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn work_in_the_workspace_needs_no_question() {
    let bed = bed();
    let ran = bed.run(&[&["exec", "-s", "workspace-write"], NO_TMP.as_slice(), &["fix it"]].concat()).ends_with(0);
    assert_eq!(ran.stdout, "It says 4\n");
    assert_eq!(fs::read_to_string(bed.path("home/work/result.txt")).unwrap(), "4\n");
    assert_eq!(fs::read_to_string(bed.path("home/work/sum.sh")).unwrap(), "echo $(( 2 + 2 ))\n");
    assert_eq!(accounts(&bed), [r#"policy inside "completed""#, r#"policy inside "completed""#]);
}

#[test]
fn nothing_reaches_outside_and_the_rule_is_named() {
    let bed = bed();
    let ran = bed.run(&[&["exec", "-s", "workspace-write"], NO_TMP.as_slice(), &["reach out"]].concat()).ends_with(0);
    assert_eq!(fs::read_to_string(bed.path("home/beside/outside.txt")).unwrap(), "keep\n");
    assert!(!bed.path("home/work/.git/x").exists());
    let told = told(&bed);
    let folder = bed.path("home/beside");
    assert!(told[0].contains(&format!("`--add-dir {}`", folder.display())), "{}", told[0]);
    assert!(!told[1].contains(KEY) && !told[1].contains("canary") && !told[1].contains("base_url"), "{}", told[1]);
    assert!(told[2].contains("keeps `.git` as it is"), "{}", told[2]);
    assert!(ran.stderr.contains("--add-dir"), "{}", ran.stderr);
}

#[test]
fn a_folder_that_was_added_is_written_in() {
    let bed = bed();
    let folder = bed.path("home/beside");
    let added = ["--add-dir", folder.to_str().unwrap()];
    let arguments = [&["exec", "-s", "workspace-write"], NO_TMP.as_slice(), &added, &["reach out"]].concat();
    bed.run(&arguments).ends_with(0);
    assert_eq!(fs::read_to_string(bed.path("home/beside/outside.txt")).unwrap(), "keep\nharm\n");
}

#[test]
fn under_read_only_nothing_is_written() {
    let bed = bed();
    bed.run(&["exec", "-s", "read-only", "fix it"]).ends_with(0);
    assert_eq!(fs::read_to_string(bed.path("home/work/sum.sh")).unwrap(), "echo $(( 2 - 2 ))\n");
    assert!(!bed.path("home/work/result.txt").exists());
    assert!(told(&bed).last().unwrap().contains("`--sandbox workspace-write` would allow it"), "{:?}", told(&bed));
}

#[test]
fn a_rule_that_is_kept_answers_from_then_on() {
    let bed = bed();
    let options = [&["-s", "workspace-write"], NO_TMP.as_slice()].concat();
    let mut terminal = Terminal::quire(&bed, (100, 30), &options);
    terminal.shows("›");
    terminal.keys("outside\r");
    terminal.shows("runs WITHOUT a sandbox");
    terminal.shows("It goes beside the project.");
    terminal.shows(r#"prefix_rule(pattern=["cp", "a.txt", "../copied.txt"], decision="allow")"#);
    terminal.answer('p');
    terminal.shows("Worked for");
    assert_eq!(fs::read_to_string(bed.path("home/copied.txt")).unwrap(), "a\n");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    let rules = fs::read_to_string(bed.path("codex/rules/default.rules")).unwrap();
    assert_eq!(rules, "prefix_rule(pattern=[\"cp\", \"a.txt\", \"../copied.txt\"], decision=\"allow\")\n");
    // The next program knows it; where no approval is possible it is what lets the command run.
    fs::remove_file(bed.path("home/copied.txt")).unwrap();
    bed.run(&[&["exec"], options.as_slice(), &["outside"]].concat()).ends_with(0);
    assert_eq!(fs::read_to_string(bed.path("home/copied.txt")).unwrap(), "a\n");
    let mut accounts = accounts(&bed);
    accounts.sort();
    assert_eq!(accounts, [r#"rule outside "completed""#, r#"user-always outside "completed""#]);
}

#[test]
fn a_script_that_changes_while_it_is_asked_about_is_asked_again() {
    let bed = Bed::with_script("when\n  call exec_command {\"cmd\": \"sh ./s.sh\"}\nthen\n  say \"It ran.\"\n");
    bed.file("home/work/s.sh", "echo first > ran.txt\n");
    let mut terminal = Terminal::quire(&bed, (100, 30), &["-s", "workspace-write", "-a", "untrusted"]);
    terminal.shows("› Ask Quire");
    terminal.keys("run it\r");
    terminal.shows("Run this command?");
    bed.file("home/work/s.sh", "echo second > ran.txt\n");
    terminal.answer('y');
    terminal.shows("has changed since you were asked");
    assert!(!bed.path("home/work/ran.txt").exists());
    terminal.answer('y');
    terminal.shows("Worked for");
    assert_eq!(fs::read_to_string(bed.path("home/work/ran.txt")).unwrap(), "second\n");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_patch_that_would_do_something_else_by_now_is_not_written() {
    let patch = "*** Begin Patch\\n*** Update File: a.txt\\n@@\\n-a\\n+b\\n*** End Patch";
    let script = format!("when\n  call apply_patch {{\"input\": \"{patch}\"}}\nthen\n  say \"Seen.\"\n");
    let bed = Bed::with_script(&script);
    bed.file("home/work/a.txt", "a\n");
    let mut terminal = Terminal::quire(&bed, (100, 30), &["-s", "read-only"]);
    terminal.shows("› Ask Quire");
    terminal.keys("change it\r");
    terminal.shows("Change these files?");
    bed.file("home/work/a.txt", "x\na\n");
    terminal.answer('y');
    terminal.shows("Worked for");
    assert_eq!(fs::read_to_string(bed.path("home/work/a.txt")).unwrap(), "x\na\n");
    assert!(told(&bed)[0].contains("have changed since the patch was shown"), "{:?}", told(&bed));
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_forbidding_rule_wins_and_a_broken_file_is_told() {
    let bed = bed();
    bed.file(
        "codex/rules/own.rules",
        "prefix_rule(pattern=[\"cat\"], decision=\"forbidden\", justification=\"Use less.\")\nprefix_rule(pattern=)\n",
    );
    let ran = bed.run(&[&["exec", "-s", "workspace-write"], NO_TMP.as_slice(), &["fix it"]].concat()).ends_with(0);
    let told: Vec<Value> = bed.bodies()[1]["input"].as_array().unwrap().clone();
    let output = told.last().unwrap()["output"].as_str().unwrap();
    assert!(output.starts_with("Not run: a rule forbids `cat`") && output.ends_with("Use less."), "{output}");
    assert!(ran.stderr.contains("own.rules:2:"), "{}", ran.stderr);
}
