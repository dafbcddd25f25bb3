//! Recordings: what was recorded paints again what was shown, now and in the versions to come.
//!
//! Every file in `tests/replays` is painted at its end and at a few moments before, at the size that it was recorded
//! at and on a small screen. A recording of a bug belongs there before the bug is fixed. `QUIRE_KEEP_REPLAYS=1` makes
//! the tests below write theirs there anew.

use std::{
    fs,
    path::{Path, PathBuf},
};

use quire_state::{
    Msg, Report,
    msg::{HostReport, Size},
    replay::Recording,
};
use rustix::process::Signal;

use crate::{
    bed::Bed,
    pty::Terminal,
    tidy::{snapshot, tidy},
};

const SMALL: Size = Size { cols: 40, rows: 12 };

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replays")
}

fn read(path: &Path) -> Recording {
    Recording::read(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The messages before the program was told to end.
fn before_leaving(recording: &Recording) -> usize {
    let is_end = |msg: &Msg| matches!(msg, Msg::Report(_, Report::Host(HostReport::Signal { .. })));
    recording.messages.iter().rposition(is_end).unwrap_or(recording.messages.len())
}

/// Records what `drive` does on the full screen, and checks that the recording shows what the terminal showed.
fn record(name: &str, bed: &Bed, arguments: &[&str], drive: impl FnOnce(&mut Terminal)) {
    let file = bed.path("record.jsonl");
    let arguments = [arguments, &["--record", file.to_str().unwrap()]].concat();
    let mut terminal = Terminal::quire(bed, (80, 24), &arguments);
    terminal.shows("› Ask Quire");
    drive(&mut terminal);
    let shown = terminal.look(|seen| seen.text());
    // Not by a key, which would mean something else while there is a draft.
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.end().code, 143);

    let recording = read(&file);
    let until = before_leaving(&recording);
    let painted = quire::debug::paint(&recording, Some(until), None);
    assert_eq!(painted.trim_end(), shown.trim_end());

    let (until, file) = (until.to_string(), file.to_str().unwrap());
    let ran = bed.run(&["debug", "replay", file, "--until", &until]).ends_with(0);
    assert_eq!(ran.stdout, painted);
    let ran = bed.run(&["debug", "replay", file, "--until", &until, "--size", "40x12"]).ends_with(0);
    assert_eq!(ran.stdout.lines().count(), 12);
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 40), "{}", ran.stdout);
    if std::env::var_os("QUIRE_KEEP_REPLAYS").is_some() {
        fs::copy(file, folder().join(format!("{name}.jsonl"))).unwrap();
    }
}

#[test]
fn a_demo_turn_is_replayed() {
    let bed = Bed::new();
    bed.file("home/work/notes.txt", "nothing\n");
    record("demo_turn", &bed, &["--demo"], |terminal| {
        terminal.keys("what is in this folder?\r");
        terminal.answer('y');
        terminal.shows("Change these files?");
        terminal.answer('y');
        terminal.shows("Worked for");
    });
}

#[test]
fn an_interrupt_is_replayed() {
    let bed = Bed::with_script("when\n  say \"One two three four five.\" chunk=6\n  hang deltas=3\n");
    record("interrupt", &bed, &[], |terminal| {
        terminal.keys("count\r");
        terminal.shows("One two three");
        terminal.keys("a draft");
        terminal.shows("› a draft");
        terminal.keys("\x1b");
        terminal.shows("Interrupted. Say what to do instead.");
        terminal.hides("Working");
    });
}

#[test]
fn a_declined_command_is_replayed() {
    let script = "when\n  call exec_command {\"cmd\": \"rm -rf build\"}\nthen\n  say \"I leave it.\"\n";
    let bed = Bed::with_script(script);
    record("declined", &bed, &["-a", "untrusted"], |terminal| {
        terminal.keys("clean up\r");
        terminal.answer('n');
        terminal.keys("not the build folder\r");
        terminal.shows("I leave it.");
        terminal.shows("Worked for");
    });
}

#[test]
fn what_was_recorded_is_painted_as_ever() {
    let files = crate::bed::files(&folder());
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let recording = read(&file);
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let end = before_leaving(&recording);
        for (moment, until) in [("third", end / 3), ("two_thirds", end * 2 / 3), ("end", end)] {
            let painted = [None, Some(SMALL)].map(|size| quire::debug::paint(&recording, Some(until), size));
            snapshot("e2e", &format!("replay_{name}_{moment}"), &painted.join(&format!("{}\n", "=".repeat(40))));
        }
    }
}

#[test]
fn a_damaged_recording_is_told_with_its_line() {
    let bed = Bed::new();
    let text = fs::read_to_string(folder().join("declined.jsonl")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    // A torn last line is what a crash leaves: the rest is shown.
    let torn = lines.join("\n");
    bed.file("home/work/torn.jsonl", &torn[..torn.len() - 10]);
    bed.run(&["debug", "replay", "torn.jsonl"]).ends_with(0);
    lines[4] = "{}";
    bed.file("home/work/bad.jsonl", lines.join("\n") + "\n");
    let ran = bed.run(&["debug", "replay", "bad.jsonl"]).ends_with(1);
    assert!(ran.stderr.contains("bad.jsonl, line 5"), "{}", tidy(&bed, &ran.stderr));
}
