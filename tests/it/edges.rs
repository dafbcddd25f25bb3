//! The edges of the program: what it says of itself, exit codes, closed streams, terminals that it cannot use.

use std::{
    fs::File,
    io::Read,
    process::{Command, Stdio},
};

use rustix::process::{Signal, kill_process};

use crate::{
    bed::{Bed, LIMIT, QUIRE, finish, lines_of, pid_of},
    pty::Terminal,
    skip::skip,
    tidy::snapshot,
};

const SCRIPT: &str = "when user=\"hang\"\n  say \"Begun.\"\n  hang\nwhen\n  say \"Answer.\"\n";

#[test]
fn the_version_needs_nothing() {
    // No home, no environment, a broken configuration where one would be found.
    let ran = finish(
        Command::new(QUIRE).arg("--version").env_clear().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(),
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), concat!("quire ", env!("CARGO_PKG_VERSION"), "\n")));
    let bed = Bed::new();
    bed.file("codex/config.toml", "this is no TOML");
    assert_eq!(bed.run(&["--version"]).ends_with(0).stdout, ran.stdout);
}

#[test]
fn help_is_on_the_standard_output() {
    let bed = Bed::new();
    for (name, arguments) in [
        ("help", vec!["--help"]),
        ("help_exec", vec!["exec", "--help"]),
        ("help_resume", vec!["resume", "--help"]),
        ("help_debug", vec!["debug", "--help"]),
    ] {
        let ran = bed.run(&arguments).ends_with(0);
        assert_eq!(ran.stderr, "");
        snapshot("cli", name, &ran.stdout);
    }
}

#[test]
fn the_exit_code_tells_what_happened() {
    let bed = Bed::with_script("when user=\"fail\"\n  status 400 body='no'\nwhen\n  say ok\n");
    for (arguments, code) in [
        (vec!["exec", "hello"], 0),
        (vec!["exec", "fail"], 1),
        (vec!["exec", "--no-such-flag"], 2),
        (vec!["exec", "-s", "wide-open", "hello"], 2),
        (vec!["exec", "resume", "hello"], 1),
        (vec!["exec", "resume"], 2),
        (vec!["exec", "-c", "model_provider=unknown", "hello"], 1),
        (vec!["debug", "replay", "nowhere.jsonl"], 1),
        (vec!["--demo"], 1),
    ] {
        let ran = bed.run(&arguments).ends_with(code);
        assert!(code == 0 || !ran.stderr.is_empty(), "{arguments:?} says nothing");
        assert!(!ran.stderr.contains("panic"), "{}", ran.stderr);
    }
}

#[test]
fn a_bad_configuration_says_where() {
    let bed = Bed::new();
    bed.file("codex/config.toml", "model = \"x\"\nmodel_provider = [\n");
    let ran = bed.run(&["exec", "hello"]).ends_with(1);
    assert!(ran.stderr.contains("config.toml") && ran.stderr.contains('2'), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[test]
fn signals_end_exec_with_their_code() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let bed = Bed::with_script(SCRIPT);
        let mut child = bed.quire(&["exec", "hang"]).spawn().unwrap();
        let pid = pid_of(child.id());
        let told = lines_of(child.stderr.take().unwrap());
        // The header is told before the request goes out, and the server has it before it falls silent.
        while told.recv_timeout(LIMIT).unwrap() != "hang" {}
        bed.server().wait_for_requests(1, LIMIT);
        kill_process(pid, signal).unwrap();
        finish(child).ends_with(code);
        bed.is_deserted();
        // What was under way is written down, and can be gone on with.
        bed.run(&["exec", "resume", "--last", "more"]).ends_with(0);
    }
}

#[test]
fn blocked_signals_are_heard() {
    let bed = Bed::with_script(SCRIPT);
    let mut command = bed.any("/usr/bin/env");
    let child = command.args(["--block-signal", QUIRE, "exec", "hang"]).spawn().unwrap();
    bed.server().wait_for_requests(1, LIMIT);
    kill_process(pid_of(child.id()), Signal::TERM).unwrap();
    finish(child).ends_with(143);
}

/// As in a container, or below a CI runner that gives each job its own processes.
#[test]
fn a_session_from_outside_the_process_namespace_has_no_number() {
    let bed =
        Bed::with_script("when\n  call exec_command {\"cmd\": \"echo inside; exit 3\"}\nthen\n  say \"{{output}}\"\n");
    let mut command = bed.any("/usr/bin/unshare");
    command.args(["--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]);
    let ran = finish(command.args([QUIRE, "exec", "-s", "danger-full-access", "go"]).spawn().unwrap());
    if ran.stderr.starts_with("unshare:") {
        skip(&ran.stderr);
        return;
    }
    let ran = ran.ends_with(0);
    assert!(ran.stdout.contains("inside") && ran.stdout.contains("exited with code 3"), "{}", ran.stdout);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let bed = Bed::with_script("when\n  repeat 2000 size=200\n");
    for arguments in ["exec hello", "exec --json hello", "--help", "debug replay record.jsonl"] {
        bed.run(&["exec", "--record", "record.jsonl", "hello"]).ends_with(0);
        let line = format!("{QUIRE} {arguments} </dev/null | head -c 10 >/dev/null; echo ${{PIPESTATUS[0]}}");
        let mut command = bed.any("/bin/bash");
        let ran = finish(command.args(["-c", &line]).spawn().unwrap()).ends_with(0);
        assert_eq!(ran.stdout, "0\n", "{arguments}");
        assert!(!ran.stderr.contains("panic") && !ran.stderr.contains("roken pipe"), "{}", ran.stderr);
    }
}

#[test]
fn closed_streams_are_survived() {
    let bed = Bed::with_script(SCRIPT);
    let closed = |redirections: &str, words: &str| {
        let mut command = bed.any("/bin/sh");
        finish(command.args(["-c", &format!("exec {QUIRE} exec {words} {redirections}")]).spawn().unwrap())
    };
    let ran = closed("<&-", "hello").ends_with(0);
    assert_eq!(ran.stdout, "Answer.\n");
    assert!(closed("<&-", "").ends_with(1).stderr.contains("There is no prompt"));
    assert_eq!(closed("2>&-", "hello").ends_with(0).stdout, "Answer.\n");
    // An answer that cannot be delivered is a failure, and costs no request.
    let asked = bed.bodies().len();
    for words in ["hello", "--json hello"] {
        assert!(closed(">&-", words).ends_with(1).stderr.contains("error: Standard output cannot be written"));
    }
    closed("<&- >&- 2>&-", "hello").ends_with(1);
    assert_eq!(bed.bodies().len(), asked);
    // Nothing of it went into a file that took the place of a closed stream.
    for file in crate::bed::files(&bed.path("codex")) {
        let mut text = Vec::new();
        File::open(&file).unwrap().read_to_end(&mut text).unwrap();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(!text.contains("workdir:"), "{}", file.display());
    }
}

#[test]
fn the_interface_wants_a_terminal() {
    let bed = Bed::new();
    let ran = bed.run(&["--demo"]).ends_with(1);
    assert!(ran.stderr.contains("quire exec"), "{}", ran.stderr);
    let mut bed = Bed::new();
    bed.set("TERM", "dumb");
    let end = Terminal::quire(&bed, (80, 24), &["--demo"]).end();
    let said = String::from_utf8_lossy(&end.raw).into_owned();
    assert_eq!(end.code, 1);
    assert!(said.contains("TERM") && said.contains("quire exec"), "{said:?}");
    assert!(!said.contains('\u{1b}'), "{said:?}");
    assert_eq!(end.termios[0], end.termios[1]);
}

#[test]
fn the_terminal_tells_its_ground_and_is_painted_for_it() {
    for (answer, surface) in [("1515/1818/1d1d", "48;2;31;35;43"), ("fcfc/fcfc/fbfb", "48;2;240;242;245")] {
        let mut bed = Bed::with_script("when\n  say \"Heard.\"\n");
        bed.set("COLORTERM", "truecolor");
        let mut terminal = Terminal::quire(&bed, (80, 24), &[]);
        terminal.shows("› Ask Quire");
        terminal.keys(&format!("\x1b]11;rgb:{answer}\x07"));
        terminal.keys("hello\r");
        terminal.shows("Heard.");
        terminal.shows("Worked for");
        terminal.keys("\x04");
        let end = terminal.end();
        let said = String::from_utf8_lossy(&end.raw).into_owned();
        assert!(said.contains("\x1b]11;?\x07") && said.contains(surface), "{said:?}");
        assert!(!said.contains("rgb:"), "the answer is no typing");
    }
}

#[test]
fn a_first_prompt_and_a_session_to_resume_open_on_the_screen() {
    let bed = Bed::with_script(SCRIPT);
    let mut terminal = Terminal::quire(&bed, (80, 24), &["say something"]);
    terminal.shows("Answer.");
    terminal.shows("Worked for");
    terminal.keys("\x04");
    let end = terminal.end();
    let said = String::from_utf8_lossy(&end.raw).into_owned();
    let id = said.rsplit_once("quire resume ").unwrap().1.trim().to_owned();
    let mut terminal = Terminal::quire(&bed, (80, 24), &["resume", &id]);
    terminal.shows("› say something");
    terminal.shows("Answer.");
    terminal.keys("more\r");
    terminal.wait_for("a second answer", |seen| seen.text().matches("Answer.").count() == 2);
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    let end = Terminal::quire(&bed, (80, 24), &["resume", "01a2030c-0000-7000-8000-000000000000"]).end();
    assert_eq!((end.code, end.termios[0] == end.termios[1]), (1, true));
    let said = end.lines.join("\n");
    assert!(said.contains("01a2030c-0000-7000-8000-000000000000"), "the reason stays readable:\n{said}");
}
