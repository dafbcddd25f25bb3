//! The terminal of a running command, as the model types into it: jobs are stopped and ended there and nowhere else, and
//! its size is its own: F16.

use std::{fs, path::Path};

use rustix::{
    fs::{Mode, OFlags},
    termios::tcgetwinsize,
};
use serde_json::json;

use super::scene::stand;
use crate::{
    bed::{QUIRE, until},
    pty::Terminal,
    sandbox::stand::{Stand, users},
    work::told,
};

/// A shell in a terminal, and what is typed into it at each word of the user.
const TYPED: [(&str, &str); 7] = [
    ("begin", "sh -c 'touch begun; exec sleep 1000'\n"),
    ("stop it", "\x1a"),
    ("go on", "jobs > jobs; echo $? > went-on\n"),
    (
        "listen",
        "bash -c 'trap \"echo heard > heard\" INT; touch listening; until test -e go; do sleep 0.1; done; echo over > over'\n",
    ),
    ("break", "\x03"),
    (
        "look again",
        "stty size > size2; bash -c 'trap \"stty size > size3\" WINCH; stty cols 77 rows 33; until test -e size3; do sleep 0.1; done'\n",
    ),
    ("end it", "exec true\n"),
];

fn script() -> String {
    let shell = json!({ "cmd": "stty size > size; exec bash --norc -i", "tty": true, "yield_time_ms": 250 });
    let mut script = format!("when user=\"shell\"\n  call exec_command {shell}\nthen\n  say \"I did: shell.\"\n");
    for (word, chars) in TYPED {
        let write = json!({ "session_id": 1, "chars": chars, "yield_time_ms": 250 });
        script += &format!("when user=\"{word}\"\n  call write_stdin {write}\nthen\n  say \"I did: {word}.\"\n");
    }
    script
}

/// Has the model do this, and waits until it has.
fn ask(terminal: &mut Terminal, word: &str) {
    terminal.keys(&format!("{word}\r"));
    terminal.shows(&format!("I did: {word}."));
}

/// Waits for a file that a command of the model writes, and gives its first line.
#[track_caller]
fn written(stand: &Stand, name: &str) -> String {
    let path = stand.work().join(name);
    // A file comes to be before its text does.
    until(name, || fs::read_to_string(&path).ok().filter(|text| text.ends_with('\n'))).trim_end().to_owned()
}

fn state_of(stand: &Stand, part: &str) -> Option<char> {
    stand.bed.processes().into_iter().find(|(line, _)| line.starts_with(part)).map(|(_, state)| state)
}

#[test]
fn keys_for_the_jobs_of_a_command_reach_these_jobs_alone() {
    for user in users() {
        let mut stand = stand(user);
        stand.bed.follow(&script());
        stand.own(&stand.bed.root());
        let line = stand.line(QUIRE, &["-s", "workspace-write"]);
        let mut terminal = Terminal::start(&stand.bed, (100, 40), &line);
        terminal.shows("›");
        ask(&mut terminal, "shell");
        assert_eq!(written(&stand, "size"), "30 120", "the size is the tool's own");

        ask(&mut terminal, "begin");
        until("the job runs", || stand.work().join("begun").exists().then_some(()));
        ask(&mut terminal, "stop it");
        until("the job is stopped", || (state_of(&stand, "sleep 1000") == Some('T')).then_some(()));
        assert_ne!(state_of(&stand, stand.quire()), Some('T'), "the agent was stopped");
        ask(&mut terminal, "go on");
        assert_eq!(written(&stand, "went-on"), "0");
        assert!(written(&stand, "jobs").contains("Stopped"), "{}", written(&stand, "jobs"));

        ask(&mut terminal, "listen");
        until("the job listens", || stand.work().join("listening").exists().then_some(()));
        ask(&mut terminal, "break");
        assert_eq!(written(&stand, "heard"), "heard");
        assert!(!stand.work().join("over").exists());
        fs::write(stand.work().join("go"), "").unwrap();
        assert_eq!(written(&stand, "over"), "over", "it goes on");

        terminal.resize(90, 35);
        ask(&mut terminal, "look again");
        assert_eq!(written(&stand, "size2"), "30 120", "the user's window is not its terminal");
        assert_eq!(written(&stand, "size3"), "33 77", "a change of its own size is told to it");
        assert_eq!(window(&terminal), (90, 35), "the user's terminal has another size");

        // The stopped job ends with the command.
        ask(&mut terminal, "end it");
        until("nothing but the agent is left", || (stand.bed.processes().len() == 1).then_some(()));
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
        stand.is_untouched();
    }
}

/// What is tried on a terminal that is not the command's own; where it has one, the first two are that. The word is put
/// together there, so that it is not on the screen as the text of the command.
const REACH: &str = "own='/dev/tty /dev/console'; [ -t 0 ] || own=; \
                     for t in /dev/tty /dev/console /dev/pts/* /dev/vcs* /proc/[0-9]*/fd/[0-2]; do \
                     case \" $own /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2 \" in *\" $t \"*) continue;; esac; \
                     [ -c $t ] && { true > $t && echo HA''RM > $t; stty cols 11 rows 7 < $t; stty raw < $t; }; done \
                     2>/dev/null; ls /dev/pts > terminals; exit 6";

#[test]
fn the_users_terminal_is_out_of_reach() {
    for user in users() {
        for tty in [false, true] {
            let mut stand = stand(user);
            let call = json!({ "cmd": REACH, "tty": tty, "yield_time_ms": 30_000 });
            stand.bed.follow(&format!("when\n  call exec_command {call}\nthen\n  say \"It is over.\"\n"));
            stand.own(&stand.bed.root());
            let line = stand.line(QUIRE, &["-s", "workspace-write"]);
            let mut terminal = Terminal::start(&stand.bed, (100, 40), &line);
            terminal.shows("›");
            terminal.keys("go\r");
            terminal.shows("It is over.");
            assert!(told(&stand.bed)[0].contains("Process exited with code 6"), "{:?}", told(&stand.bed));
            // Where it has none itself there is none.
            assert_eq!(written(&stand, "terminals"), "ptmx", "with a terminal of its own: {tty}");
            assert_eq!(window(&terminal), (100, 40));
            assert!(!terminal.look(|seen| seen.has_sent("HARM")), "it wrote to the user's terminal");
            terminal.keys("\x04");
            let end = terminal.end();
            assert_eq!((end.code, &end.termios[0]), (0, &end.termios[1]));
            stand.is_untouched();
        }
    }
}

/// Columns and rows of the terminal that the program runs in.
fn window(terminal: &Terminal) -> (u16, u16) {
    let path = format!("/proc/{}/fd/0", terminal.pid.as_raw_nonzero());
    let device = rustix::fs::open(Path::new(&path), OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty());
    let size = tcgetwinsize(device.unwrap()).unwrap();
    (size.ws_col, size.ws_row)
}
