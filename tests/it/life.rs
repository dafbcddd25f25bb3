//! However the program ends, the terminal is as it was found, the exit code is in the table, and nothing is left
//! running.

use std::thread;

use rustix::process::Signal;

use crate::{
    bed::Bed,
    pty::{End, Terminal},
    sequences::left_over,
};

/// Every situation that a program may be ended in.
const SCRIPT: &str = r#"
when user="stream"
  say "Here it comes. " chunk=4
  hang
when user="command"
  call exec_command {"cmd": "echo begun; sleep 3600 & sleep 3600"}
when user="question"
  call exec_command {"cmd": "echo asked"}
when
  say "Nothing to do."
"#;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum During {
    Idle,
    Stream,
    Command,
    Question,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Keys(&'static str),
    Signal(Signal),
    HangUp,
}

/// Brings a new program into a situation.
fn bring(bed: &Bed, during: During, face: &[&str]) -> Terminal {
    let mut terminal = Terminal::quire(bed, (80, 24), &[&["-a", "untrusted"], face].concat());
    terminal.shows("› Ask Quire");
    match during {
        During::Idle => {}
        During::Stream => {
            terminal.keys("stream\r");
            terminal.shows("Here it comes.");
        }
        During::Command => {
            terminal.keys("command\r");
            terminal.answer('y');
            terminal.shows("begun");
        }
        During::Question => {
            terminal.keys("question\r");
            terminal.shows("Run this command?");
        }
    }
    terminal
}

#[track_caller]
pub(crate) fn is_restored(bed: &Bed, end: &End, code: u32, what: &str) {
    let left = left_over(&end.raw);
    assert!(left.is_empty(), "{what}: still set: {left:?}");
    assert_eq!(end.termios[0], end.termios[1], "{what}");
    assert_eq!(end.code, code, "{what}");
    // Answers to queries that came after the end are echoed by the terminal itself.
    let last = String::from_utf8_lossy(&end.raw);
    let own = last.rfind('\x1b').unwrap_or(0);
    let echoed = last[own..].find("^[").map_or(last.len(), |at| own + at);
    let last = &last[..echoed];
    assert!(last.ends_with("\r\n") || last.ends_with("\x1b[23;2t"), "{what}: {:?}", &last[last.len().min(200)..]);
    bed.is_deserted();
}

fn ends(during: During, by: By, face: &[&str], code: u32) {
    let what = format!("{during:?} {by:?} {face:?}");
    let bed = Bed::with_script(SCRIPT);
    let mut terminal = bring(&bed, during, face);
    match by {
        By::Keys(keys) => terminal.keys(keys),
        By::Signal(signal) => terminal.signal(signal),
        By::HangUp => {
            assert_eq!(terminal.hang_up(), code, "{what}");
            return bed.is_deserted();
        }
    }
    is_restored(&bed, &terminal.end(), code, &what);
}

fn all(face: &'static [&'static str]) {
    const WHENS: [During; 4] = [During::Idle, During::Stream, During::Command, During::Question];
    const ENDS: [(By, u32); 3] = [(By::Signal(Signal::TERM), 143), (By::Signal(Signal::HUP), 129), (By::HangUp, 129)];
    const LEAVES: [(During, By); 4] = [
        (During::Idle, By::Keys("\x04")),
        (During::Idle, By::Keys("/quit\r")),
        (During::Stream, By::Keys("\x04")),
        (During::Command, By::Keys("/quit\r")),
    ];
    thread::scope(|scope| {
        for during in WHENS {
            for (by, code) in ENDS {
                scope.spawn(move || ends(during, by, face, code));
            }
        }
        for (during, by) in LEAVES {
            scope.spawn(move || ends(during, by, face, 0));
        }
    });
}

#[test]
fn the_full_screen_gives_the_terminal_back() {
    all(&[]);
}

#[test]
fn the_inline_face_gives_the_terminal_back() {
    all(&["--no-alt-screen"]);
}

#[test]
fn ctrl_c_takes_one_step_at_a_time() {
    let bed = Bed::with_script(SCRIPT);
    let mut terminal = bring(&bed, During::Stream, &[]);
    // First the popup, then the draft, then the turn, then the program.
    terminal.keys("?");
    terminal.shows("ctrl-c");
    terminal.keys("\x03");
    terminal.hides("ctrl-c");
    terminal.keys("a draft");
    terminal.shows("› a draft");
    terminal.keys("\x03");
    terminal.hides("a draft");
    assert!(terminal.look(|seen| seen.has("Working")));
    terminal.keys("\x03");
    terminal.shows("Interrupted. Say what to do instead.");
    terminal.hides("Working");
    // The draft was kept: the arrow brings it back.
    terminal.keys("\x1b[A");
    terminal.shows("› a draft");
    terminal.keys("\x03");
    terminal.hides("a draft");
    terminal.keys("\x03");
    terminal.shows("Press Ctrl-C again to exit");
    assert!(!terminal.look(|seen| seen.has_exited()));
    terminal.hides("Press Ctrl-C again to exit");
    terminal.keys("\x03");
    terminal.shows("Press Ctrl-C again to exit");
    terminal.keys("\x03");
    is_restored(&bed, &terminal.end(), 0, "Ctrl-C");
}

#[test]
fn a_stopped_program_comes_back() {
    thread::scope(|scope| {
        scope.spawn(|| stop_and_go_on(&[]));
        scope.spawn(|| stop_and_go_on(&["--no-alt-screen"]));
    });
}

/// Under a shell with job control, because a program alone in its session cannot be stopped.
fn stop_and_go_on(face: &[&str]) {
    const SHELL: &str = r#"set -m; "$@"; echo "ended $?"; read -r line; echo "read $line"; fg; echo "ended $?""#;
    let bed = Bed::with_script(SCRIPT);
    let shell = ["/bin/bash", "-c", SHELL, "shell", crate::bed::QUIRE];
    let mut terminal = Terminal::start(&bed, (80, 24), &[&shell, face].concat());
    terminal.shows("› Ask Quire");
    terminal.keys("hello\r");
    terminal.shows("Nothing to do.");
    terminal.shows("Worked for");
    terminal.keys("\x1a");
    // 128 and the number of SIGTSTP: the shell has seen it stop, and has the terminal as it was.
    terminal.shows("ended 148");
    let state = crate::bed::until("a stopped process", || {
        bed.processes().into_iter().find(|(line, _)| line.starts_with(crate::bed::QUIRE)).map(|(_, state)| state)
    });
    assert_eq!(state, 'T');
    terminal.keys("a line\r");
    terminal.wait_for("the shell has read it", |seen| seen.has_sent("read a line"));
    // The picture is back, and keys work.
    terminal.shows("› Ask Quire");
    terminal.shows("Nothing to do.");
    terminal.keys("again");
    terminal.shows("› again");
    terminal.keys("\x03");
    terminal.shows("› Ask Quire");
    terminal.keys("\x04");
    terminal.shows("ended 0");
    is_restored(&bed, &terminal.end(), 0, "stopped");
}

/// Terminals that show it in their tab are told that a turn runs and that it waits, and nothing of it stays.
#[test]
fn a_terminal_that_shows_it_is_told_that_a_turn_runs() {
    const SHOWS: [&str; 3] = ["\u{1b}]9;4;3\u{7}", "\u{1b}]9;4;4;100\u{7}", "\u{1b}]9;4;0\u{7}"];
    for face in [&[][..], &["--no-alt-screen"]] {
        let mut bed = Bed::with_script(SCRIPT);
        bed.set("TERM_PROGRAM", "ghostty");
        bed.set("TERM_PROGRAM_VERSION", "1.2.3");
        let terminal = bring(&bed, During::Stream, face);
        terminal.wait_for("that it runs", |seen| seen.has_sent(SHOWS[0]));
        terminal.signal(rustix::process::Signal::TERM);
        let end = terminal.end();
        let said = String::from_utf8_lossy(&end.raw).into_owned();
        assert!(said.rfind(SHOWS[2]) > said.rfind(SHOWS[0]), "{said:?}");
    }
    let mut bed = Bed::with_script(SCRIPT);
    bed.set("VTE_VERSION", "8003");
    let terminal = bring(&bed, During::Question, &[]);
    terminal.wait_for("that it waits", |seen| seen.has_sent(SHOWS[1]));
    drop(terminal);
    let bed = Bed::with_script(SCRIPT);
    let mut terminal = bring(&bed, During::Stream, &[]);
    terminal.keys("\x03");
    terminal.shows("Interrupted.");
    terminal.keys("\x04");
    let end = terminal.end();
    assert!(!String::from_utf8_lossy(&end.raw).contains("]9;4"));
}
