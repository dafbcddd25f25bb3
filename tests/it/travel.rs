//! Time travel: in a run that goes on, and through a recording.

use crate::{bed::Bed, pty::Terminal};

#[test]
fn a_run_and_its_recording_are_stepped_through() {
    let bed = Bed::with_script("when\n  say \"Answer {{turn}}.\"\n");
    let file = bed.path("run.jsonl");
    let file = file.to_str().unwrap();
    let mut terminal = Terminal::quire(&bed, (100, 30), &["--record", file]);
    terminal.shows("› Ask Quire");
    terminal.keys("the first\r");
    terminal.shows("Answer 1.");
    terminal.shows("› Ask Quire");
    terminal.keys("draft");
    terminal.shows("› draft");
    terminal.keys("\x15/debug-time\r");
    terminal.shows("Time travel · message ");
    terminal.keys("\x1b[H");
    terminal.shows("Time travel · message 0 of ");
    terminal.hides("Answer 1.");
    terminal.shows("the beginning of what is kept");
    terminal.keys("\x1b[F");
    terminal.shows("Answer 1.");
    terminal.keys("\x1b");
    terminal.hides("Time travel");
    terminal.shows("› Ask Quire");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);

    let mut replay = Terminal::quire(&bed, (100, 30), &["debug", "replay", file]);
    replay.shows("Time travel · message ");
    replay.shows("Answer 1.");
    replay.keys("\x1b[H");
    replay.hides("Answer 1.");
    replay.keys("\x1b[C");
    replay.shows("Time travel · message 1 of ");
    replay.keys("\x1b");
    let end = replay.end();
    assert_eq!(end.code, 0);
    assert_eq!(end.termios[0], end.termios[1]);
    assert!(!end.lines.join("\n").contains("quire resume"));
}
