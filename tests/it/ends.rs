//! Ends that only a signal handler sees: the terminal is as it was found, and the exit status is that of the signal.

use std::thread;

use rustix::process::{Signal, kill_process};

use crate::{
    bed::{Bed, QUIRE, until},
    life::is_restored,
    pty::{End, Terminal},
};

const SCRIPT: &str = r#"
when user="ask"
  call exec_command {"cmd": "echo asked"}
when user="run"
  call exec_command {"cmd": "echo begun; sleep 3600"}
when
  say "Nothing to do."
"#;

/// What is open when the end comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Help,
    Diff,
    Question,
    Command,
}

const FACES: [&[&str]; 2] = [&[], &["--no-alt-screen"]];

fn open(bed: &Bed, what: Open, face: &[&str]) -> Terminal {
    let policy = if what == Open::Question { "untrusted" } else { "never" };
    let mut terminal = Terminal::quire(bed, (80, 24), &[&["-a", policy, "-s", "danger-full-access"], face].concat());
    terminal.shows("› Ask Quire");
    match what {
        Open::Help => {
            terminal.keys("?");
            terminal.shows("ctrl-c");
        }
        Open::Diff => {
            terminal.keys("/diff\r");
            terminal.hides("› /diff");
        }
        Open::Question => {
            terminal.keys("ask\r");
            terminal.shows("Run this command?");
        }
        Open::Command => {
            terminal.keys("run\r");
            terminal.shows("begun");
        }
    }
    terminal
}

/// The signal ended it, and nothing else did.
#[track_caller]
fn is_ended_by(bed: &Bed, end: &End, words: &str, what: &str) {
    let signal = end.signal.as_deref().unwrap_or_default();
    assert!(signal.contains(words), "{what}: ended by {signal:?}, code {}", end.code);
    is_restored(bed, end, end.code, what);
}

fn sent(signal: Signal, words: &str, what: Open, face: &[&str]) {
    let bed = Bed::with_script(SCRIPT);
    let terminal = open(&bed, what, face);
    terminal.signal(signal);
    is_ended_by(&bed, &terminal.end(), words, &format!("{signal:?} {what:?} {face:?}"));
}

#[test]
fn a_signal_without_a_listener_gives_the_terminal_back() {
    let signals = [
        (Signal::QUIT, "Quit"),
        (Signal::SEGV, "Segmentation fault"),
        (Signal::ABORT, "Aborted"),
        (Signal::BUS, "Bus error"),
        (Signal::ILL, "Illegal instruction"),
        (Signal::FPE, "Floating point exception"),
        (Signal::SYS, "Bad system call"),
        (Signal::TRAP, "trap"),
        (Signal::XCPU, "CPU time"),
        (Signal::ALARM, "Alarm"),
        (Signal::VTALARM, "Virtual timer"),
        (Signal::PROF, "Profiling timer"),
        (Signal::USR1, "User defined signal 1"),
        (Signal::USR2, "User defined signal 2"),
        (Signal::POWER, "Power"),
    ];
    for face in FACES {
        thread::scope(|scope| {
            for (signal, words) in signals {
                scope.spawn(move || sent(signal, words, Open::Help, face));
            }
        });
    }
}

#[test]
fn whatever_is_open_the_terminal_is_given_back() {
    for face in FACES {
        thread::scope(|scope| {
            for what in [Open::Diff, Open::Question, Open::Command] {
                scope.spawn(move || sent(Signal::QUIT, "Quit", what, face));
                scope.spawn(move || sent(Signal::SEGV, "Segmentation fault", what, face));
            }
        });
    }
}

#[test]
fn a_fault_of_our_own_gives_the_terminal_back() {
    let faults = [
        ("segment", "Segmentation fault"),
        ("overflow", "Aborted"),
        ("illegal", "Illegal instruction"),
        ("abort", "Aborted"),
    ];
    thread::scope(|scope| {
        for (face, (fault, words)) in FACES.into_iter().flat_map(|face| faults.map(|fault| (face, fault))) {
            scope.spawn(move || {
                let mut bed = Bed::with_script(SCRIPT);
                bed.set("QUIRE_TEST_FAULT", fault);
                let terminal = open(&bed, Open::Help, face);
                terminal.signal(Signal::USR2);
                is_ended_by(&bed, &terminal.end(), words, &format!("{fault} {face:?}"));
            });
        }
    });
}

/// Stopped by another process, under a shell with job control.
#[test]
fn who_is_stopped_from_outside_gives_the_terminal_back_meanwhile() {
    const SHELL: &str = r#"found=$(stty -g); set -m; "$@"; test "$found" = "$(stty -g)" && echo "as it was"; read -r line; fg; echo "ended $?""#;
    for face in FACES {
        let bed = Bed::with_script(SCRIPT);
        let shell = ["/bin/bash", "-c", SHELL, "shell", QUIRE];
        let mut terminal = Terminal::start(&bed, (80, 24), &[&shell, face].concat());
        terminal.shows("› Ask Quire");
        let pid = until("the program", || bed.pid_of(QUIRE));
        kill_process(pid, Signal::TSTP).unwrap();
        terminal.shows("as it was");
        assert!(!terminal.look(|seen| seen.screen().hide_cursor() || seen.screen().bracketed_paste()), "{face:?}");
        terminal.keys("a line\r");
        terminal.shows("› Ask Quire");
        terminal.keys("again");
        terminal.shows("› again");
        terminal.keys("\x03");
        terminal.shows("› Ask Quire");
        terminal.keys("\x04");
        terminal.shows("ended 0");
        is_restored(&bed, &terminal.end(), 0, &format!("{face:?}"));
    }
}
