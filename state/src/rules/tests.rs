//! Files to rules, argument lists and shell texts to rulings.

mod bounds;
mod language;

use proptest::prelude::*;

use super::{Programs, Rules, RulesFile, Ruling, load, rule_text};

fn file(text: &str) -> RulesFile {
    RulesFile { path: "r.rules".to_owned(), text: text.to_owned() }
}

#[track_caller]
fn rules(text: &str) -> Rules {
    let loaded = load(&[file(text)]);
    assert_eq!(loaded.problems, [], "{text}");
    loaded.rules
}

/// `line:column message` of each problem.
fn mistakes(text: &str) -> Vec<String> {
    let told = |problem: &crate::config::Problem| {
        format!("{}:{} {}", problem.line.unwrap_or(0), problem.column.unwrap_or(0), problem.message)
    };
    load(&[file(text)]).problems.iter().map(told).collect()
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

/// Every rule of a file as `ruling pattern`, alternatives joined by `|`.
fn shown(rules: &Rules) -> Vec<String> {
    let pattern = |pattern: &[Vec<String>]| pattern.iter().map(|words| words.join("|")).collect::<Vec<_>>().join(" ");
    rules.prefixes.iter().map(|rule| format!("{} {}", rule.ruling.as_str(), pattern(&rule.pattern))).collect()
}

#[test]
fn every_form_that_people_write_is_read() {
    for (text, expected) in [
        ("", &[][..]),
        ("# only a comment", &[]),
        ("prefix_rule(pattern=[\"ls\"])", &["allow ls"]),
        (
            "prefix_rule([\"git\", [\"status\", 'log']], \"prompt\", [\"git log\"], [\"hg\"], \"why\")",
            &["prompt git status|log"],
        ),
        (
            "prefix_rule(\n  pattern = [ # the program\n    \"a\", # and more\n  ],\n  decision = 'forbidden',\n)\n",
            &["forbidden a"],
        ),
        ("prefix_rule([\"a\"]); prefix_rule([\"b\"])", &["allow a", "allow b"]),
        ("base = [\"git\"]\nverbs = [\"a\"] + [\"b\"]\nprefix_rule(base + [verbs])", &["allow git a|b"]),
        ("prefix_rule([\"a\" + 'b'])", &["allow ab"]),
        (
            "prefix_rule([r'a\\nb', 'c\\td', \"\"\"e\nf\"\"\", '\\q', '\\x41\\u00e4'])",
            &["allow a\\nb c\td e\nf \\q Aä"],
        ),
        ("\u{feff}prefix_rule([\"a\"])\r\nprefix_rule([\"b\"])\r\n", &["allow a", "allow b"]),
        ("prefix_rule([\"a\"], match=[\"a 'b c'\", [\"a\", \"b\"]], not_match=[\"b\", \"./a\"])", &["allow a"]),
    ] {
        assert_eq!(shown(&rules(text)), expected, "{text}");
    }
}

#[test]
fn mistakes_are_told_with_line_and_column() {
    for (text, expected) in [
        ("prefix_rule(pattern=[\"a\"]", "1:26 Expected a comma or the `)` of the call here."),
        ("prefix_rule(pattern=[\"a\" \"b\"])", "1:26 Expected a comma or the `]` of the list here."),
        ("x\nprefix_rule([\"a\"])", "1:1 `x` is not supported in a rules file"),
        ("\n\nload(\"x\")", "3:1 `load` is not supported"),
        ("prefix_rule(pattern=x)", "1:21 `x` has not been given a value above"),
        ("prefix_rule(pattern=[])", "1:21 `pattern` must not be empty."),
        ("prefix_rule(pattern=[\"a\", []])", "1:21 `pattern` must contain strings"),
        ("prefix_rule(pattern=\"ls\")", "1:21 `pattern` must be a list"),
        ("prefix_rule()", "1:1 `pattern` is missing."),
        ("prefix_rule([\"a\"], decision=\"deny\")", "1:29 `decision` must be \"allow\", \"prompt\" or \"forbidden\"."),
        ("prefix_rule([\"a\"], ä=1)", "1:20 Expected a string in quotes or a list in [brackets] here."),
        ("prefix_rule([\"a\"], bogus=\"x\")", "1:20 `bogus` is not an argument of this call"),
        ("prefix_rule([\"a\"], pattern=[\"b\"])", "1:20 `pattern` is given twice."),
        ("prefix_rule([\"a\"], justification=\" \")", "1:34 `justification` must not be empty."),
        ("prefix_rule([\"ä\", \"open)", "1:19 This string is not closed."),
        ("prefix_rule([\"a\n\"])", "1:14 This string is not closed on its line."),
        ("prefix_rule([\"a\"]) x", "1:20 Expected the end of the line after this statement."),
        ("prefix_rule([\"a\"], match=[\"b\"])", "1:1 This rule does not match its own example `b`."),
        (
            "prefix_rule([\"a\"], not_match=[\"a b\"])",
            "1:1 This rule matches `a b`, although `not_match` says that it must not.",
        ),
        ("prefix_rule([\"a\"], match=[\"a 'b\"])", "1:26 `match` must contain commands"),
        ("network_rule(host=\"*.x.org\", protocol=\"https\", decision=\"allow\")", "1:19 `host` must be one host"),
        ("network_rule(host=\"x.org\", protocol=\"ftp\", decision=\"allow\")", "1:37 `protocol` must be one of http"),
        ("network_rule(host=\"x.org\", protocol=\"https\")", "1:1 `decision` is missing."),
        ("host_executable(name=\"ls\", paths=[\"bin/ls\"])", "1:34 `paths` must be absolute and end in `/ls`."),
        ("host_executable(name=\"/ls\", paths=[])", "1:22 `name` must be the bare name of a program."),
    ] {
        let told = mistakes(text);
        assert!(told.first().is_some_and(|told| told.starts_with(expected)), "{text}: {told:?}");
    }
}

#[test]
fn a_file_with_a_mistake_loses_its_allows_and_keeps_what_is_stricter() {
    let strict = "prefix_rule([\"rm\"], decision=\"forbidden\")\nprefix_rule([\"dd\"], decision=\"prompt\")\n";
    for broken in [
        "prefix_rule([\"x\"]",
        "prefix_rule([\"x\", decision=\"allow\")",
        "prefix_rule([\"x\"], match=[\"y\"])",
        "def f():\n    return 1",
        "\"\"\"open",
        "prefix_rule(pattern=[\"open)",
        "\0\u{202e}",
        "]])",
    ] {
        for text in [
            format!("prefix_rule([\"ls\"])\n{strict}{broken}\n"),
            format!("{broken}\nprefix_rule([\"ls\"])\n{strict}"),
            format!("prefix_rule([\"ls\"])\n{broken}\n{strict}"),
        ] {
            let loaded = load(&[file(&text), file("prefix_rule([\"cat\"])")]);
            assert!(!loaded.problems.is_empty(), "{text}");
            assert_eq!(shown(&loaded.rules), ["forbidden rm", "prompt dd", "allow cat"], "{text}");
        }
    }
}

#[test]
fn a_broken_call_that_forbids_still_forbids() {
    for text in [
        "prefix_rule(pattern=[\"rm\"], decision=\"forbidden\", bogus=\"x\")",
        "prefix_rule(pattern=[\"rm\"], decision=\"forbidden\"",
        "prefix_rule(pattern=[\"rm\"] decision=\"forbidden\")",
        "prefix_rule(pattern=[\"rm\"], decision=\"forbiden\")",
        "prefix_rule(pattern=[\"rm\"], decision=\"deny\")",
        "prefix_rule(pattern=[\"rm\"], decision=\"forbidden\", match=[\"ls\"])",
        "prefix_rule(pattern=[\"rm\"], decision=\"forbidden\", justification=3)",
        "prefix_rule(pattern=[\"rm\"], decision=\"forbidden\") and more",
    ] {
        let loaded = load(&[file(text)]);
        assert_eq!(shown(&loaded.rules), ["forbidden rm"], "{text}");
        assert_eq!(loaded.problems.len(), 1, "{text}");
    }
}

#[test]
fn the_strictest_rule_that_matches_holds() {
    let rules = rules(
        "prefix_rule([\"git\", [\"status\", \"log\"]], justification=\"looks\")\nprefix_rule([\"git\"], \"prompt\")\n\
         prefix_rule([\"git\", \"push\", \"--force\"], \"forbidden\", justification=\"no\")\nprefix_rule([\"ls\"])",
    );
    for (line, expected, matched) in [
        ("git status -s", Some(Ruling::Prompt), 2),
        ("git push", Some(Ruling::Prompt), 1),
        ("git push --force x", Some(Ruling::Forbidden), 2),
        ("git push x --force", Some(Ruling::Prompt), 1),
        ("ls -l", Some(Ruling::Allow), 1),
        ("lsof", None, 0),
        ("cat git", None, 0),
    ] {
        let evaluation = rules.check(&words(line), Programs::AsWritten);
        assert_eq!((evaluation.ruling(), evaluation.matches.len()), (expected, matched), "{line}");
    }
    let evaluation = rules.check(&words("git push --force"), Programs::AsWritten);
    assert_eq!(evaluation.strictest().and_then(|found| found.justification.as_deref()), Some("no"));
    assert_eq!(rules.check(&[], Programs::Resolved).ruling(), None);
}

#[test]
fn paths_count_as_programs_only_where_they_may() {
    let listed = rules("prefix_rule([\"ls\"])\nhost_executable(name=\"ls\", paths=[\"/bin/ls\", \"/usr/bin/ls\"])");
    let unlisted = rules("prefix_rule([\"ls\"])");
    let by_path = rules("prefix_rule([\"ls\"])\nprefix_rule([\"/bin/ls\"], \"prompt\")");
    for (rules, line, programs, expected) in [
        (&listed, "/bin/ls -l", Programs::AsWritten, None),
        (&listed, "/bin/ls -l", Programs::Resolved, Some(Ruling::Allow)),
        (&listed, "/bin/ls -l", Programs::Listed, Some(Ruling::Allow)),
        (&listed, "/opt/ls", Programs::Resolved, None),
        (&listed, "./ls", Programs::Resolved, None),
        (&listed, "bin/ls", Programs::Resolved, None),
        (&unlisted, "/opt/ls", Programs::Resolved, Some(Ruling::Allow)),
        (&unlisted, "/opt/ls", Programs::Listed, None),
        (&by_path, "/bin/ls", Programs::Resolved, Some(Ruling::Prompt)),
    ] {
        assert_eq!(rules.check(&words(line), programs).ruling(), expected, "{line} {programs:?}");
    }
    let found = listed.check(&words("/bin/ls -l"), Programs::Resolved);
    let found = found.strictest().unwrap();
    assert_eq!((found.prefix.as_slice(), found.resolved_program.as_deref()), (&words("ls")[..], Some("/bin/ls")));
}

#[test]
fn an_allow_counts_for_plain_words_alone() {
    let rules = rules("prefix_rule([\"ls\"])\nprefix_rule([\"echo\"])");
    for script in ["ls", "ls -l", "echo hi", "echo 'a; b'", "ls && echo x | ls", "ls 2>&1"] {
        assert_eq!(rules.judge(script).ruling, Some(Ruling::Allow), "{script}");
    }
    let huge = format!("echo {}", "x".repeat(1 << 20));
    for script in [
        "PATH=./bin:$PATH ls",
        "env X=1 ls",
        "command ls",
        "nice ls",
        "LD_PRELOAD=./x.so ls",
        "./ls",
        "/tmp/ls",
        "BASH_ENV=./x bash -c ls",
        "echo $(id)",
        "echo `id`",
        "echo x\nid",
        "echo x; id",
        "echo x && id",
        "echo x | id",
        "echo x > file",
        "echo x <<E\nE",
        "eval echo x",
        "echo x # \\\nid",
        "echo 'x",
        "echo x\0",
        "echo x & id",
        huge.as_str(),
    ] {
        assert_eq!(rules.judge(script).ruling, None, "{script:.40}");
    }
}

#[test]
fn a_forbidding_rule_is_found_in_whatever_text() {
    let rules =
        rules("prefix_rule([\"rm\", \"-rf\"], \"forbidden\", justification=\"Use git clean.\")\nprefix_rule([\"ls\"])");
    for script in [
        "rm -rf x",
        "/bin/rm -rf x",
        "ls; rm -rf x",
        "ls | xargs rm -rf",
        "sudo rm -rf x",
        "env X=1 rm -rf x",
        "find . -name a -exec rm -rf x",
        "bash -c 'rm -rf x'",
        "bash -c \"cd /; rm -rf x\"",
        "echo $(rm -rf x)",
        "X=1 rm -rf x",
        "if true; then rm -rf x; fi",
        "r\\m -rf x > y",
        "(cd x && \"rm\" '-rf' y)",
        "cat <<E | sh\nrm -rf x\nE",
        "echo 'open; rm -rf x",
    ] {
        let judgement = rules.judge(script);
        assert_eq!(judgement.ruling, Some(Ruling::Forbidden), "{script}");
        assert_eq!(judgement.justification.as_deref(), Some("Use git clean."), "{script}");
        assert_eq!(judgement.place, Some(("r.rules".to_owned(), 1)), "{script}");
    }
    for script in ["echo rm -rf x", "rm -r x", "grep 'rm -rf' notes", "firm -rf x"] {
        assert_ne!(rules.judge(script).ruling, Some(Ruling::Forbidden), "{script}");
    }
}

#[test]
fn argument_lists_count_by_their_shell_text_or_as_they_are() {
    let rules = rules("prefix_rule([\"ls\"])\nprefix_rule([\"rm\"], \"forbidden\")");
    for (arguments, expected) in [
        (&["/bin/bash", "-lc", "ls -l"][..], Some(Ruling::Allow)),
        (&["sh", "-c", "ls"], Some(Ruling::Allow)),
        (&["/own/zsh", "-lc", "ls"], Some(Ruling::Allow)),
        (&["ls", "$x", "a;b"], Some(Ruling::Allow)),
        (&["./bash", "-lc", "ls"], None),
        (&["/w/bash", "-lc", "ls"], None),
        (&["/bin/ls2", "-c", "ls"], None),
        (&["bash", "-lc", "ls", "x"], None),
        (&["bash", "-ic", "ls"], None),
        (&[], None),
        (&["./bash", "-lc", "ls; rm x"], Some(Ruling::Forbidden)),
        (&["/w/evil", "-lc", "ls; rm x"], Some(Ruling::Forbidden)),
        (&["/w/rm", "x"], Some(Ruling::Forbidden)),
        (&["env", "rm", "x"], Some(Ruling::Forbidden)),
        (&["sh", "-c", "$(rm x)"], Some(Ruling::Forbidden)),
    ] {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(rules.judge_arguments(&arguments, "/own/zsh").ruling, expected, "{arguments:?}");
    }
}

#[test]
fn a_written_rule_reads_as_what_was_shown() {
    for prefix in [
        &["cargo", "test"][..],
        &["a b", "c\"d", "e\\f", "g\nh", "\u{202e}i", "ä", "'", "\u{7f}\u{0}", "\\U0001f600", "😀"],
    ] {
        let prefix: Vec<String> = prefix.iter().map(|word| (*word).to_owned()).collect();
        let line = rule_text(&prefix);
        assert!(!line.contains('\n') && !line.contains('\u{202e}'), "{line}");
        let rules = rules(&line);
        assert_eq!(rules.prefixes.len(), 1);
        let read: Vec<String> = rules.prefixes.iter().flat_map(|rule| rule.pattern.concat()).collect();
        assert_eq!((read, rules.prefixes[0].ruling), (prefix, Ruling::Allow));
    }
    assert_eq!(rule_text(&words("cargo test")), "prefix_rule(pattern=[\"cargo\", \"test\"], decision=\"allow\")");
}

#[test]
fn network_rules_and_executables_are_kept() {
    let rules = rules(
        "network_rule(host=\"API.x.org\", protocol=\"https\", decision=\"deny\", justification=\"j\")\n\
         network_rule(\"x.org:80\", \"socks5_tcp\", \"forbidden\")\nhost_executable(\"git\", [\"/usr/bin/git\"])",
    );
    let shown: Vec<(&str, &str, Ruling)> =
        rules.networks.iter().map(|rule| (rule.host.as_str(), rule.protocol.as_str(), rule.ruling)).collect();
    assert_eq!(shown, [("api.x.org", "https", Ruling::Forbidden), ("x.org:80", "socks5_tcp", Ruling::Forbidden)]);
    assert_eq!(rules.executables["git"], ["/usr/bin/git"]);
}

#[test]
fn a_long_text_takes_linear_time() {
    // Each of these would take hours if the work grew with the square of the text.
    let rules = rules("prefix_rule([\"rm\", \"-rf\", \"never\"], \"forbidden\")");
    assert_eq!(rules.judge(&"rm -rf x $(".repeat(100_000)).ruling, None);
    assert_eq!(load(&[file(&"prefix_rule([\"x\"\n".repeat(20_000))]).problems.len(), 50);
    assert!(load(&[file(&"[".repeat(1_000_000))]).problems.len() == 1);
    assert!(load(&[file(&format!("prefix_rule({}", "[".repeat(1_000_000)))]).problems.len() == 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 500, ..ProptestConfig::default() })]

    /// Whatever stands around it, a call that forbids and begins a line forbids, and a file with a mistake allows nothing.
    #[test]
    fn no_text_hides_a_call_that_forbids(
        before in "([\\[\\]()\"'#,=+\\\\rx]|prefix_rule\\(|decision=|\"allow\"|\"\"\"|\n|\\PC){0,30}",
        after in "([\\[\\]()\"'#,=]|prefix_rule\\(\\[\"ls\"\\]\\)|\n|\\PC){0,30}",
    ) {
        let text = format!("{before}\nprefix_rule([\"rm\"], \"forbidden\")\n{after}\n");
        let loaded = load(&[file(&text)]);
        let has_allow = loaded.rules.prefixes.iter().any(|rule| rule.ruling == Ruling::Allow);
        prop_assert!(loaded.problems.is_empty() || !has_allow);
        // A call within a string of several lines is text, not a call.
        let is_text = ["\"\"\"", "'''"].iter().any(|quote| before.contains(quote));
        prop_assert!(is_text || loaded.rules.judge("rm x").ruling == Some(Ruling::Forbidden), "{text}");
    }
}
