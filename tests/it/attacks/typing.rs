//! What is typed over a question is text, what was not read is not said yes to, and what lies over a question goes away
//! without taking the keys along.

use super::scene::{shell, stand, terminal};
use crate::{
    pty::Terminal,
    sandbox::stand::{Stand, User},
};

const FACES: [&[&str]; 2] = [&[], &["--no-alt-screen"]];

/// A question about a command, open for a while.
fn asked(size: (u16, u16), face: &[&str], command: &str) -> (Stand, Terminal) {
    let mut stand = stand(User::Own);
    let options = [&["-a", "untrusted"], face].concat();
    let mut terminal = terminal(&mut stand, size, &options, &[shell(command)]);
    terminal.is_asked_calmly();
    (stand, terminal)
}

#[track_caller]
fn leave(mut terminal: Terminal) {
    terminal.answer('c');
    terminal.shows("Interrupted");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

/// A yes counts: the command `touch one` runs, and the turn ends.
#[track_caller]
fn accept(stand: &Stand, mut terminal: Terminal) {
    terminal.answer('y');
    terminal.shows("It is over.");
    assert!(stand.work().join("one").exists());
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn a_sentence_in_one_write_answers_nothing() {
    for face in FACES {
        let sentences = ["you should not do that", "alpha", "please", "y", "2 of them"];
        let (stand, mut terminal) = asked((100, 30), face, "touch one");
        for sentence in sentences {
            terminal.keys(&format!("{sentence}\r"));
            terminal.wait_for("it is text for the draft", |seen| seen.has_draft(sentence));
            assert!(terminal.look(|seen| seen.has("Run this command?") && seen.has("› [y] Yes, run it")));
            terminal.keys("\x03");
            terminal.wait_for("the draft is empty", |seen| !seen.has_draft(sentence));
            // Back to the question, which has to be answered calmly.
            terminal.keys("\t");
            terminal.shows("takes the marked answer");
            terminal.is_asked_calmly();
        }
        assert!(!stand.work().join("one").exists());
        accept(&stand, terminal);
    }
}

#[test]
fn a_paste_without_brackets_is_one_draft() {
    for face in FACES {
        let mut stand = stand(User::Own);
        stand.bed.follow("when\n  say \"Heard.\"\n");
        stand.own(&stand.bed.root());
        let line = stand.line(crate::bed::QUIRE, face);
        let mut terminal = Terminal::start(&stand.bed, (80, 24), &line);
        terminal.shows("› Ask Quire");
        terminal.keys("the first line\rif x:\r\tthe third line\rthe last line\r");
        terminal.shows("the last line");
        for row in ["› the first line", "  if x:", "the third line"] {
            assert!(terminal.look(|seen| seen.has(row)), "{row}");
        }
        assert!(terminal.look(|seen| !seen.has("Heard.") && !seen.has("Working")));
        // Enter by itself sends it, once.
        terminal.keys("\r");
        terminal.shows("Heard.");
        terminal.shows("Worked for");
        assert_eq!(terminal.look(|seen| seen.text().matches("Heard.").count()), 1);
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
    }
}

/// Whether the rows that a question tells of are its last.
fn is_at_end(rows: &[String]) -> bool {
    let told = rows.iter().find_map(|row| row.split_once(" to ").filter(|(_, rest)| rest.contains(" of ")));
    let Some((last, all)) = told.and_then(|(_, rest)| rest.split_once(" of ")) else { return false };
    all.split(|letter: char| !letter.is_ascii_digit()).next() == Some(last)
}

#[test]
fn what_was_not_read_is_not_said_yes_to() {
    let command = (1..=30).map(|line| format!("echo line {line} >> told")).collect::<Vec<_>>().join("\n");
    for face in FACES {
        for size in [(40, 12), (80, 8), (60, 9), (80, 24), (44, 7)] {
            let (stand, mut terminal) = asked(size, face, &command);
            terminal.keys("y");
            terminal.wait_for("the refusal is told", |seen| seen.has("not seen yet"));
            assert!(!terminal.look(|seen| seen.has_draft("y")));
            for line in 1..=30 {
                while !terminal.look(|seen| seen.has(&format!("echo line {line} "))) {
                    terminal.pages_down();
                }
            }
            assert!(!stand.work().join("told").exists(), "{size:?}");
            // The folder is read like the command where it has no row of its own.
            while !terminal.look(|seen| is_at_end(&seen.rows())) {
                terminal.pages_down();
            }
            terminal.hides("not seen yet");
            terminal.is_asked_calmly();
            terminal.keys("y");
            terminal.wait_for("it runs", |seen| !seen.has("Run this command?"));
            terminal.keys("\x03");
            terminal.signal(rustix::process::Signal::TERM);
            assert_eq!(terminal.end().code, 143);
        }
    }
}

#[test]
fn a_window_without_room_for_the_command_says_so() {
    let (stand, mut terminal) = asked((80, 24), &[], "touch one");
    terminal.resize(60, 3);
    terminal.shows("The window is too small");
    terminal.keys("y");
    terminal.shows("make the window larger, or say no");
    assert!(!stand.work().join("one").exists());
    terminal.resize(80, 24);
    accept(&stand, terminal);
}

#[test]
fn help_over_a_question_gives_the_keys_back() {
    for face in FACES {
        for close in ["\x1b", "?", "q", "\r"] {
            let (stand, mut terminal) = asked((100, 30), face, "touch one");
            assert!(terminal.look(|seen| seen.has("enter answers") && !seen.has("enter steers")));
            terminal.keys("?");
            terminal.shows("── Keys");
            terminal.keys(close);
            terminal.hides("── Keys");
            terminal.shows("enter answers");
            accept(&stand, terminal);
        }
    }
}

#[test]
fn every_key_is_in_the_help_of_a_small_window() {
    for face in FACES {
        let (_stand, mut terminal) = asked((40, 12), face, "touch one");
        terminal.keys("?");
        terminal.shows("── Keys");
        for name in ["enter", "ctrl-t", "ctrl-l", "ctrl-z", "/help", "/exit"] {
            while !terminal.look(|seen| seen.has(&format!("  {name} "))) {
                terminal.pages_down();
            }
            terminal.shows(&format!("  {name} "));
        }
        terminal.keys("\x1b");
        terminal.hides("── Keys");
        leave(terminal);
    }
}

/// A row without the seconds that a turn has run.
fn timeless(row: &str) -> String {
    row.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

#[test]
fn ctrl_l_writes_the_whole_screen() {
    for face in FACES {
        let (_stand, mut terminal) = asked((80, 24), face, "touch one");
        let before = terminal.look(|seen| seen.text());
        // Another program writes to the terminal.
        terminal.look(|seen| seen.scribble("\x1b7\x1b[H\x1b[2Jjunk of another program\x1b[12;1Hmore junk\x1b8"));
        assert!(terminal.look(|seen| seen.has("junk")));
        terminal.keys("\x0c");
        terminal.hides("junk");
        terminal.is_asked_calmly();
        let rows = |text: &str| text.lines().skip_while(|row| *row != "› go").map(timeless).collect::<Vec<_>>();
        assert_eq!(rows(&terminal.look(|seen| seen.text())), rows(&before));
        leave(terminal);
    }
}
