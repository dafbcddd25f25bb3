//! `quire execpolicy check`: the JSON, the exit codes, and where a mistake is told.

use std::{fs, process::Command};

use crate::bed::QUIRE;

const RULES: &str = r#"
prefix_rule(pattern=["git", ["status", "log"]], decision="allow", justification="ok to look", match=["git status"])
prefix_rule(pattern=["git"], decision="prompt", not_match=["hg git"])
prefix_rule(pattern=["rm"], decision="forbidden", justification="no removing")
prefix_rule(pattern=["ls"])
host_executable(name="ls", paths=["/bin/ls", "/usr/bin/ls"])
network_rule(host="api.example.org", protocol="https", decision="allow")
"#;

/// Exit code, standard output and standard error, run beside a file `a.rules` with this text.
fn check(rules: &str, line: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.rules"), rules).unwrap();
    fs::write(folder.path().join("b.rules"), "prefix_rule([\"ls\", \"-R\"], \"prompt\")").unwrap();
    let mut command = Command::new(QUIRE);
    command.args(["execpolicy", "check"]).args(line).env_clear().current_dir(folder.path());
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_answer_is_the_json_of_the_codex_cli() {
    for (line, expected) in [
        (
            &["git", "status", "-s"][..],
            r#"{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["git","status"],"decision":"allow","justification":"ok to look"}},{"prefixRuleMatch":{"matchedPrefix":["git"],"decision":"prompt"}}],"decision":"prompt"}"#,
        ),
        (
            &["rm", "-rf", "/"],
            r#"{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["rm"],"decision":"forbidden","justification":"no removing"}}],"decision":"forbidden"}"#,
        ),
        (
            &["ls"],
            r#"{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["ls"],"decision":"allow"}}],"decision":"allow"}"#,
        ),
        (&["/bin/ls"], r#"{"matchedRules":[]}"#),
        (&["cat", "git"], r#"{"matchedRules":[]}"#),
        (&["bash", "-lc", "rm x"], r#"{"matchedRules":[]}"#),
    ] {
        let with_dashes = [&["--rules", "a.rules", "--"], line].concat();
        assert_eq!(check(RULES, &with_dashes), (Some(0), format!("{expected}\n"), String::new()), "{line:?}");
        let without = [&["-r", "a.rules"], line].concat();
        assert_eq!(check(RULES, &without).1, format!("{expected}\n"), "{line:?}");
    }
}

#[test]
fn paths_files_and_lines_can_be_asked_for() {
    let resolved = ["--rules", "a.rules", "--resolve-host-executables", "--", "/bin/ls"];
    assert_eq!(
        check(RULES, &resolved).1,
        "{\"matchedRules\":[{\"prefixRuleMatch\":{\"matchedPrefix\":[\"ls\"],\"decision\":\"allow\",\"resolvedProgram\":\"/bin/ls\"}}],\"decision\":\"allow\"}\n"
    );
    let elsewhere = ["--rules", "a.rules", "--resolve-host-executables", "--", "/opt/ls"];
    assert_eq!(check(RULES, &elsewhere).1, "{\"matchedRules\":[]}\n");
    let two_files = ["--rules", "a.rules", "--rules", "b.rules", "--", "ls", "-R"];
    assert!(check(RULES, &two_files).1.ends_with("\"decision\":\"prompt\"}\n"));
    let pretty = "{\n  \"matchedRules\": [\n    {\n      \"prefixRuleMatch\": {\n        \"matchedPrefix\": [\n          \"ls\"\n        ],\n        \"decision\": \"allow\"\n      }\n    }\n  ],\n  \"decision\": \"allow\"\n}\n";
    assert_eq!(check(RULES, &["--rules", "a.rules", "--pretty", "ls"]).1, pretty);
}

#[test]
fn a_bad_file_ends_with_one_and_its_place() {
    let (code, out, err) = check("prefix_rule([\"a\"])\nprefix_rule([\"b\"\n", &["--rules", "a.rules", "--", "a"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert_eq!(err, "error: a.rules:3:1: Expected a comma or the `]` of the list here.\n  |\n3 | \n  | ^\n");
    let (code, _, err) = check("prefix_rule([\"a\"], match=[\"b\"])", &["--rules", "a.rules", "--", "a"]);
    assert_eq!(code, Some(1));
    assert!(err.starts_with("error: a.rules:1:1: This rule does not match its own example `b`.\n"), "{err}");
    let (code, _, err) = check("", &["--rules", "none.rules", "--", "a"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("none.rules cannot be read"), "{err}");
    for line in [&["--", "a"][..], &["--rules", "a.rules"], &["--rules", "a.rules", "--nope", "a"]] {
        assert_eq!(check(RULES, line).0, Some(2), "{line:?}");
    }
}

#[test]
fn loops_conditions_and_letter_case_are_read() {
    const LOOP: &str = r#"
"""What a team writes."""
verbs = ["status", "log"]
for verb in verbs + ["di{}".format("ff")]:
    if verb != "log":
        prefix_rule(pattern=["git", verb], justification=f"only {verb}")
[prefix_rule(["rm", flag], "forbidden", canonical_matching=True) for flag in "-r -f".split()]
"#;
    for (line, expected) in [
        (
            &["git", "diff"][..],
            r#"{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["git","diff"],"decision":"allow","justification":"only diff"}}],"decision":"allow"}"#,
        ),
        (&["git", "log"], r#"{"matchedRules":[]}"#),
        (
            &["RM", "-R"],
            r#"{"matchedRules":[{"prefixRuleMatch":{"matchedPrefix":["RM","-R"],"decision":"forbidden"}}],"decision":"forbidden"}"#,
        ),
    ] {
        let line = [&["--rules", "a.rules", "--"], line].concat();
        assert_eq!(check(LOOP, &line), (Some(0), format!("{expected}\n"), String::new()), "{line:?}");
    }
    let broken = "for verb in [\"a\", \"b\"]:\n    prefix_rule([verb, nope])\n";
    let (code, out, err) = check(broken, &["--rules", "a.rules", "--", "a"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.starts_with("error: a.rules:2:24: `nope` has not been given a value above"), "{err}");
    assert_eq!(err.matches("error:").count(), 1, "{err}");
}
