//! Outputs that cannot be written, and inputs that do not end.

use std::{fs::OpenOptions, io::Write, process::Stdio};

use crate::bed::{Bed, Ran, finish};

const SCRIPT: &str = "when user=\"long\"\n  repeat 2000 size=200\nwhen\n  say \"You said: {{user}}\"\n";

/// Each command line that prints something, with the exit code that it has where that can be written.
const PRINTING: &[(&str, i32)] = &[
    ("exec hello", 0),
    ("exec --json hello", 0),
    ("exec long", 0),
    ("exec --json long", 0),
    ("exec resume --last hello", 0),
    ("--help", 0),
    ("-h", 0),
    ("--version", 0),
    ("help exec", 0),
    ("exec --help", 0),
    ("doctor sandbox", 0),
    ("doctor", 0),
    ("execpolicy check -r plain.rules ls", 0),
    ("execpolicy check --pretty -r plain.rules ls", 0),
    ("debug replay record.jsonl", 0),
];

fn bed() -> Bed {
    let bed = Bed::with_script(SCRIPT);
    bed.file("home/work/plain.rules", "prefix_rule(pattern = [\"ls\"], decision = \"allow\")\n");
    bed.run(&["exec", "--record", "record.jsonl", "hello"]).ends_with(0);
    bed
}

/// A command line with its standard output redirected as the shell does it.
fn redirected(bed: &Bed, line: &str, redirection: &str) -> Ran {
    let line = format!("exec {} {line} </dev/null {redirection}", crate::bed::QUIRE);
    finish(bed.any("/bin/sh").args(["-c", &line]).spawn().unwrap())
}

#[test]
fn an_output_that_cannot_be_written_is_a_failure() {
    let bed = bed();
    for (line, _) in PRINTING {
        for redirection in [">/dev/full", ">&-"] {
            let ran = redirected(&bed, line, redirection);
            assert_eq!(ran.code, Some(1), "{line} {redirection}: {}", ran.stderr);
            let told = ran.stderr.lines().filter(|said| said.starts_with("error: ")).count();
            assert!(told == 1 && !ran.stderr.contains("panicked"), "{line} {redirection}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_reader_that_has_enough_is_told_nothing() {
    let bed = bed();
    for (line, code) in PRINTING {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = bed.any("/bin/sh");
        let line = format!("exec {} {line} </dev/null", crate::bed::QUIRE);
        let ran = finish(command.args(["-c", &line]).stdout(writer).spawn().unwrap());
        assert!(!ran.stderr.contains("error: "), "{line}: {}", ran.stderr);
        // What is wrong with the machine is no matter of the output.
        assert!(ran.code == Some(*code) || line.starts_with("doctor"), "{line}: {:?} {}", ran.code, ran.stderr);
    }
}

#[test]
fn a_mistake_stays_a_mistake_when_its_message_is_not_read() {
    let bed = Bed::new();
    for redirection in ["2>/dev/full", "2>&-"] {
        for line in ["--nope", "login", "exec resume"] {
            let line = format!("exec {} {line} {redirection}", crate::bed::QUIRE);
            finish(bed.any("/bin/sh").args(["-c", &line]).spawn().unwrap()).ends_with(2);
        }
    }
}

#[test]
fn a_last_message_that_cannot_be_written_is_a_failure() {
    let bed = Bed::with_script(SCRIPT);
    bed.file("home/work/folder/x", "");
    bed.file("home/work/plain", "");
    for file in ["/nope/x", "/dev/full", "folder", "plain/x", "nowhere/x", "/proc/version"] {
        for form in [&["-o", file, "hello"][..], &["--json", "-o", file, "hello"]] {
            let ran = bed.run(&[&["exec"], form].concat()).ends_with(1);
            assert!(ran.stdout.contains("You said: hello"), "the answer is told all the same: {}", ran.stdout);
            let told = format!("error: The last message could not be written to {file}: ");
            assert!(ran.stderr.contains(&told), "{file}: {}", ran.stderr);
        }
    }
    let ran = bed.run(&["exec", "-o", "good", "hello"]).ends_with(0);
    assert!(!ran.stderr.contains("error"), "{}", ran.stderr);
    // Of two failures both count, and the file is written where only the output fails.
    bed.file("home/work/good", "");
    redirected(&bed, "exec -o good hello", ">/dev/full").ends_with(1);
    assert_eq!(std::fs::read_to_string(bed.path("home/work/good")).unwrap(), "You said: hello");
}

#[test]
fn a_recording_that_is_not_whole_is_a_failure() {
    let bed = Bed::with_script(SCRIPT);
    for json in ["", "--json"] {
        let quire = crate::bed::QUIRE;
        let line = format!("ulimit -f 64; exec {quire} exec --ephemeral {json} --record r.jsonl long </dev/null");
        let ran = finish(bed.any("/bin/sh").args(["-c", &line]).spawn().unwrap()).ends_with(1);
        assert!(ran.stderr.contains("error: The recording is incomplete: "), "{}", ran.stderr);
        assert!(ran.stdout.len() > 200_000, "the answer is told all the same");
    }
}

#[test]
fn an_error_stream_that_cannot_be_written_changes_nothing() {
    let bed = Bed::with_script(SCRIPT);
    for line in [&["exec", "hello"][..], &["exec", "--json", "hello"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ran = finish(bed.quire(line).stderr(full).spawn().unwrap()).ends_with(0);
        assert!(ran.stdout.contains("You said: hello"), "{}", ran.stdout);
    }
}

#[test]
fn a_prompt_does_not_wait_for_a_pipe_that_stays_open() {
    let bed = Bed::with_script(SCRIPT);
    let mut child = bed.quire(&["exec", "hello"]).stdin(Stdio::piped()).spawn().unwrap();
    let pipe = child.stdin.take().unwrap();
    let ran = finish(child).ends_with(0);
    drop(pipe);
    assert_eq!(ran.stdout, "You said: hello\n");
    assert!(ran.stderr.contains("Waiting for standard input, 10 s at most"), "{}", ran.stderr);
    assert!(ran.stderr.contains("Nothing came from standard input in 10 s; going on without it"), "{}", ran.stderr);
    // What comes in time is read whole.
    let mut child = bed.quire(&["exec", "hello"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let late = std::thread::spawn(move || {
        pipe.write_all(b"first\n").unwrap();
        pipe.write_all(b"second\n").unwrap();
    });
    late.join().unwrap();
    assert_eq!(finish(child).ends_with(0).stdout, "You said: hello\n\n<stdin>\nfirst\nsecond\n</stdin>\n");
}

#[test]
fn a_blank_prompt_is_asked_for() {
    let bed = Bed::with_script(SCRIPT);
    for blank in ["", "   ", "\n"] {
        for line in [&["exec", blank][..], &["exec", "--json", blank], &["exec", "resume", "--last", blank]] {
            let ran = bed.run_with(line, "text from a pipe").ends_with(1);
            assert!(ran.stderr.contains("There is no prompt") && ran.stdout.is_empty(), "{}", ran.stderr);
        }
    }
    assert!(bed.bodies().is_empty());
}
