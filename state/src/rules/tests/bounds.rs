//! No text hangs the reader, fills the memory or ends the program, and none hides a plain call that forbids.

use proptest::prelude::*;

use super::{file, mistakes, shown};
use crate::rules::{Ruling, load};

#[test]
fn a_file_that_asks_for_too_much_is_a_mistake_with_its_place() {
    let deep = |open: &str, count: usize| format!("x = {}", open.repeat(count));
    let doubled = |start: &str| format!("x = {start}\n{}", "x += x\n".repeat(100));
    for (text, expected) in [
        ("for a in range(9999):\n  for b in range(9999):\n    pass".to_owned(), "2:12 This file takes too many steps"),
        ("x = [b for a in range(9999) for b in range(9999)]".to_owned(), "1:5 This value is too large."),
        (
            "x = [b for a in range(9999) for b in range(9999) if False]".to_owned(),
            "1:33 This file takes too many steps",
        ),
        ("for a in range(9999):\n  x = \"a\" * 99999".to_owned(), "2:11 This file takes too many steps"),
        (
            "for a in range(9999):\n  prefix_rule([\"a\"])\n  prefix_rule([\"b\"])".to_owned(),
            "2:3 This file makes more than 10000 rules",
        ),
        ("x = range(10001)".to_owned(), "1:5 This value is too large."),
        ("x = range(9223372036854775807)".to_owned(), "1:5 This value is too large."),
        ("x = [\"a\"] * 10000".to_owned(), "1:11 This value is too large."),
        ("x = [] * 9223372036854775807".to_owned(), "1:8 This value is too large."),
        ("x = \"a\" * 160001".to_owned(), "1:9 This value is too large."),
        (doubled("\"abcdefgh\""), ":1 This value is too large."),
        (doubled("[\"a\"]"), ":1 This value is too large."),
        (format!("x = \"abcdefgh\"\n{}", "x = \"{0}{0}\".format(x)\n".repeat(100)), ":5 This value is too large."),
        (format!("x = \"abcdefgh\"\n{}", "x = f\"{x}{x}\"\n".repeat(100)), ":11 This value is too large."),
        (format!("x = \"abcdefgh\"\n{}", "x = \"%s%s\" % (x, x)\n".repeat(100)), ":14 This value is too large."),
        ("x = []\nfor a in range(99):\n  x = [x]".to_owned(), "3:7 Lists are nested too deeply here."),
        ("x = ()\nfor a in range(99):\n  x = (x,)".to_owned(), "3:7 Lists are nested too deeply here."),
        (deep("[", 1_000_000), "1:37 Brackets are nested too deeply here."),
        (deep("(", 1_000_000), "1:37 Brackets are nested too deeply here."),
        (deep("len(", 100_000), "1:133 Brackets are nested too deeply here."),
        (deep("\"\".join(", 100_000), "1:261 Brackets are nested too deeply here."),
        (deep("f\"{", 100_000), "1:101 Brackets are nested too deeply here."),
        (deep("1 if 1 else ", 100_000), "1:389 Brackets are nested too deeply here."),
        (deep("not ", 100_000), "1:400005 The file ends in the middle of a statement."),
        (deep("-", 100_000), "1:6 Expected"),
        (deep("1+", 100_000), "1:200005 The file ends in the middle of a statement."),
        (deep("1 and ", 100_000), "1:600005 The file ends in the middle of a statement."),
        (format!("x = \"a\"{}", "[0]".repeat(100_000)), "1:32 This expression is too long"),
        (format!("x = [a {}", "for a in a ".repeat(100_000)), "1:96 This comprehension has too many parts"),
        (
            (0..100).map(|width| format!("{}if True:\n", " ".repeat(width))).collect(),
            "10:10 Blocks are nested too deeply",
        ),
    ] {
        let told = mistakes(&text);
        assert!(told.len() == 1 && told[0].contains(expected), "{text:.60}: {told:#?}");
    }
}

#[test]
fn long_chains_are_read_and_worked_out() {
    for text in [
        format!("x = 1{}\nprefix_rule([str(x)])", " + 1".repeat(50_000)),
        format!("prefix_rule([\"50001\"] if True{} else [])", " and 1".repeat(50_000)),
        format!("if False: pass\n{}else: prefix_rule([\"50001\"])", "elif False: pass\n".repeat(50_000)),
        format!("{}prefix_rule([\"50001\"])", "pass;".repeat(50_000)),
        // The deepest nesting that is read, on the stack of a test.
        format!("x = {}1{}\nprefix_rule([\"50001\"])", "[0, ".repeat(31), "][1]".repeat(31)),
        format!("x = {}1{}\nprefix_rule([\"50001\"])", "[".repeat(31), " for a in [1]][0]".repeat(31)),
        format!(
            "x = {}1{}\nprefix_rule([\"50001\"])",
            "[".repeat(31),
            format!("{}][0]", " for a in [1]".repeat(8)).repeat(31)
        ),
    ] {
        let loaded = load(&[file(&text)]);
        assert_eq!((shown(&loaded.rules), loaded.problems.len()), (vec!["allow 50001".to_owned()], 0), "{text:.40}");
    }
}

#[test]
fn a_bound_keeps_what_is_forbidden_before_and_behind_it() {
    for hungry in [
        "for a in range(9999):\n  for b in range(9999):\n    prefix_rule([\"in\"], \"forbidden\")",
        "for a in range(9999):\n  x = \"a\" * 99999\n  prefix_rule([\"in\"], \"forbidden\")",
        "for a in range(9999):\n  prefix_rule([\"in\"], \"forbidden\")\n  prefix_rule([\"in\"], \"forbidden\")",
    ] {
        let plain = |name: &str| format!("prefix_rule([\"{name}\"], \"forbidden\")");
        let text = format!("prefix_rule([\"ls\"])\n{}\n{hungry}\n{}\n{}\n", plain("a"), plain("b"), hungry);
        let loaded = load(&[file(&text)]);
        for name in ["a", "b", "in"] {
            assert_eq!(loaded.rules.judge(name).ruling, Some(Ruling::Forbidden), "{name} in {text}");
        }
        assert_eq!(
            (loaded.rules.judge("ls").ruling, loaded.problems.len()),
            (None, 1),
            "{text} {:#?}",
            loaded.problems
        );
    }
}

/// Pieces of which random files are made: the tokens of the language, and some of no language.
#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "for ", "if ", "elif ", "else", " in ", "not ", " and ", " or ", "pass", "def ", "while ", "lambda ", "None",
    "x", "y", "x = ", "x += ", "x, y = ", "True", "False", "1", "99999", "range(", "len(", "str(", "sorted(", "list(",
    ".format(", ".split(", ".join(", ".append(", "[", "]", "(", ")", "{", "}", ":", ",", ";", "=", "==", "!=", "+", "-",
    "*", "%", "\"", "'", "f\"", "r'", "\\", "\"a\"", "\"%s\"", "\"{}\"", "f\"{x}\"", "\"\"\"", "'''", "#",
    "\n", "\n", "\n", "\n ", "\n  ", "\n  ", "\n    ", "\n\t", "\r\n", "for x in [\"a\", \"b\"]:", "if x:", "else:",
    "for x in range(99):", "[prefix_rule([x]) for x in ", "prefix_rule(", "prefix_rule([x])", "prefix_rule([\"ls\"])",
    "[\"ls\"]", "pattern=", "decision=", "\"allow\"", "\"prompt\"", "network_rule(", "host_executable(", "match=",
    "canonical_matching=", "[1:2]", "[0]", "\0", "\u{feff}", "\u{202e}", "ä", "😀", "-1", " ", " ", "\t",
];

fn garbage() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(TOKENS), 0..40).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..ProptestConfig::default() })]

    /// Every text is read to its end, and a file with a mistake allows nothing.
    #[test]
    fn every_text_is_read_to_its_end(text in garbage()) {
        let loaded = load(&[file(&text)]);
        let has_allow = loaded.rules.prefixes.iter().any(|rule| rule.ruling == Ruling::Allow);
        prop_assert!(loaded.problems.is_empty() || !has_allow);
    }

    /// Whatever stands around it, a call that forbids and begins a line forbids. It is no statement of its own
    /// within a string, behind a header that goes on over the line end, and within a comprehension.
    #[test]
    fn no_tokens_hide_a_call_that_forbids(before in garbage(), after in garbage()) {
        let text = format!("{before}\nprefix_rule([\"rm\"], \"forbidden\")\n{after}\n");
        let is_text = ["\"\"\"", "'''"].iter().any(|quote| before.contains(quote));
        let is_within = before.trim_end_matches([' ', '\t', '\r']).ends_with('\\') || (before.contains('[') && after.contains("for"));
        prop_assert!(is_text || is_within || load(&[file(&text)]).rules.judge("rm x").ruling == Some(Ruling::Forbidden), "{text}");
    }

    /// The same within a block that holds a mistake.
    #[test]
    fn no_tokens_hide_a_call_in_a_broken_block(line in garbage()) {
        let line = line.replace(['\n', '"', '\'', '\\'], " ");
        let text = format!("for x in {line}\n  prefix_rule([\"rm\"], \"forbidden\")\n");
        let loaded = load(&[file(&text)]);
        prop_assert!(loaded.problems.is_empty() || loaded.rules.judge("rm x").ruling == Some(Ruling::Forbidden), "{text}");
    }
}
