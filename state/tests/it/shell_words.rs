//! The words of a plain text are what bash makes of it: random texts, run by a bash that finds no program and writes
//! down each command instead.

#![expect(clippy::disallowed_methods, reason = "this test runs bash and makes a folder for it")]

use std::{fs, path::PathBuf, process::Command};

use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use quire_state::text::shell::words;

use crate::skip::{has, skip};

const BASH: &str = "/bin/bash";

/// Writes each command that it does not find to descriptor 9: the number of its words, then each of them, NUL behind each.
/// The status is what the first argument says, so that `&&` or `||` goes on.
const TRACER: &str = r#"
    status=$1 script=$2
    exec 9>&1 >/dev/null 2>&1
    # One line, so one write: the commands of a pipeline run at once.
    command_not_found_handle() {
        local IFS=$'\001'; local line="$#$IFS$*"
        printf '%s\n' "${line//$'\n'/$'\002'}" >&9; return "$status"
    }
    eval "$script"
"#;

/// Pieces of texts: words, and what a reader could take for one.
const PIECES: [&str; 54] = [
    "foo",
    "bar",
    "b-z",
    "qux.x",
    "a=b",
    "--long=x",
    "-n1",
    "1,5p",
    "a:b",
    "x%y",
    "x@y",
    "x+y",
    "7",
    "''",
    "'a b'",
    "'a;b'",
    "'#'",
    "'*'",
    "'$x'",
    "'\\w'",
    "\"a b\"",
    "\"a\\\"b\"",
    "\"\\$x\"",
    "\"\\\\\"",
    "\"a\\.b\"",
    "\"ä ö\"",
    "'ü'",
    "2>&1",
    ">/dev/null",
    "2> /dev/null",
    ">&2",
    "</dev/null",
    "*",
    "~",
    "$x",
    "#",
    "\\",
    "\\a",
    "!",
    "{a,b}",
    "`",
    "=x",
    "X=1",
    "(",
    ")",
    "'",
    "\"",
    "ä",
    "\"$x\"",
    "\"$(foo)\"",
    "\"`foo`\"",
    "$'a'",
    "\"a\\\nb\"",
    "a\\\nb",
];

/// A folder with files that patterns would match.
fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("shell_words");
    fs::create_dir_all(&folder).unwrap();
    for name in ["a", "b", "foo"] {
        fs::write(folder.join(name), "").unwrap();
    }
    folder
}

/// What bash runs, each command as its words.
fn traced(bash: &str, folder: &PathBuf, script: &str, status: &str) -> Vec<Vec<String>> {
    let output = Command::new(bash)
        .args(["--norc", "--noprofile", "-c", TRACER, "tracer", status, script])
        .env_clear()
        .env("PATH", "/nonexistent")
        .env("LC_ALL", "C.UTF-8")
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut commands = Vec::new();
    for line in text.lines() {
        let mut fields = line.split('\u{1}').map(|word| word.replace('\u{2}', "\n"));
        let count: usize = fields.next().unwrap().parse().unwrap();
        let words: Vec<String> = fields.collect();
        assert_eq!(words.len(), count, "{line:?}");
        commands.push(words);
    }
    // The commands of a pipeline run at once.
    commands.sort();
    commands
}

fn scripts() -> impl Strategy<Value = (String, &'static str)> {
    let word = (0..PIECES.len() * 2, 0..PIECES.len());
    let glued = word.prop_map(|(first, second)| match PIECES.get(first) {
        Some(piece) if second % 6 == 0 => format!("{piece}{}", PIECES[second]),
        Some(piece) => (*piece).to_owned(),
        None => PIECES[second % 20].to_owned(),
    });
    let arguments = prop::collection::vec(glued, 0..5);
    let command = (prop::sample::select(&["foo", "bar", "ba'r'", "\"b z\"", "q-x"][..]), arguments)
        .prop_map(|(program, arguments)| [vec![program.to_owned()], arguments].concat().join(" "));
    let joined = |first: &'static str| prop::sample::select(vec![first, " | ", "; ", "\n", "|", ";"]);
    let kind = prop::sample::select(vec![(" && ", "0"), ("||", "1")]);
    kind.prop_flat_map(move |(first, status)| {
        let rest = prop::collection::vec((joined(first), command.clone()), 0..4);
        (command.clone(), rest).prop_map(move |(first, rest)| {
            let script = rest.iter().fold(first, |script, (joiner, command)| format!("{script}{joiner}{command}"));
            (script, status)
        })
    })
}

#[test]
fn the_words_of_a_plain_text_are_those_of_bash() {
    // Without bash there is nothing to compare with; the tables beside the reader still hold.
    if !has(BASH) {
        return;
    }
    let version = Command::new(BASH).args(["-c", "echo $BASH_VERSINFO"]).output().unwrap().stdout;
    if String::from_utf8_lossy(&version).trim().parse().is_ok_and(|version: u32| version < 4) {
        return skip("bash is older than version 4, and cannot say what it would have run");
    }
    let folder = folder();
    let mut runner = TestRunner::new(Config { failure_persistence: None, cases: 4000, ..Config::default() });
    let compared = std::cell::Cell::new(0);
    let outcome = runner.run(&scripts(), |(script, status)| {
        let Some(mut expected) = words(&script) else { return Ok(()) };
        if compared.get() >= 400 {
            return Ok(());
        }
        compared.set(compared.get() + 1);
        expected.sort();
        let actual = traced(BASH, &folder, &script, status);
        if actual == expected { Ok(()) } else { Err(TestCaseError::fail(format!("{script:?}: bash ran {actual:?}"))) }
    });
    assert_eq!(outcome, Ok(()));
    assert!(compared.get() > 100, "enough of the texts were plain: {}", compared.get());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 3, "no text made a file");
}
