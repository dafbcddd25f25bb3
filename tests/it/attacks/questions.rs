//! What a question shows is all that happens: patches whose end is out of sight, commands with the same beginning, marks
//! over marks; and who cannot see it says no yes.

use std::fs;

use serde_json::json;

use super::scene::{Call, patch, shell, stand, terminal};
use crate::{
    bed::QUIRE,
    pty::{Answering, Terminal},
    sandbox::stand::{Stand, User},
    work::told,
};

/// The end key.
const END: &str = "\x1b[F";
const CAREFUL: [&str; 2] = ["-a", "untrusted"];

fn open(stand: &mut Stand, size: (u16, u16), sections: &str) -> Terminal {
    let terminal = terminal(stand, size, &CAREFUL, &[patch(sections)]);
    terminal.shows("Change these files?");
    terminal
}

fn refuse(mut terminal: Terminal) {
    terminal.answer('c');
    terminal.shows("Interrupted");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
}

#[test]
fn no_line_of_a_patch_is_too_long_for_what_is_behind_it() {
    for filler in
        ["x".repeat(300 * 1024), " ".repeat(300 * 1024), "\u{1}\u{2}".repeat(40 * 1024), "é".repeat(200 * 1024)]
    {
        let mut stand = stand(User::Own);
        stand.bed.file("home/work/precious.txt", "the only copy\n");
        let sections = format!("*** Add File: a.txt\n+{filler}\n*** Delete File: precious.txt");
        let mut terminal = open(&mut stand, (100, 40), &sections);
        terminal.shows("2 files (+1 -1)");
        terminal.keys(END);
        terminal.shows("delete precious.txt");
        terminal.shows("- the only copy");
        // And back, where it begins.
        terminal.keys("\x1b[H");
        terminal.shows("add a.txt");
        refuse(terminal);
        assert!(stand.work().join("precious.txt").exists());
    }
}

#[test]
fn a_thousand_files_and_a_move_at_the_end_can_all_be_read() {
    let mut stand = stand(User::Own);
    stand.bed.file("home/work/old.txt", "moved\n");
    let many: String = (0..1000).map(|at| format!("*** Add File: f{at}.txt\n+{at}\n")).collect();
    let long = format!("{}/deep.txt", ["folder"; 30].join("/"));
    let sections = format!("{many}*** Update File: old.txt\n*** Move to: {long}\n@@\n-moved\n+changed");
    let mut terminal = open(&mut stand, (100, 40), &sections);
    terminal.keys(END);
    terminal.shows("+ changed");
    terminal.shows("edit old.txt → folder/folder");
    // The whole of the long name, over several rows.
    terminal.shows("/deep.txt");
    refuse(terminal);
}

#[test]
fn what_is_too_much_for_a_question_is_counted_and_said_yes_to_once() {
    let mut stand = stand(User::Own);
    stand.bed.file("home/work/precious.txt", "the only copy\n");
    let line = "y".repeat(1023);
    let large: String = (0..6 * 1024).map(|_| format!("+{line}\n")).collect();
    let sections = format!("*** Add File: a.txt\n{large}*** Delete File: precious.txt");
    let mut terminal = open(&mut stand, (100, 40), &sections);
    terminal.shows("! not shown: ");
    terminal.shows("in 1 of the files");
    assert!(!terminal.look(|seen| seen.has("in this session")), "a yes for the session to what cannot be read");
    terminal.keys(END);
    terminal.shows("- the only copy");
    refuse(terminal);
    assert!(stand.work().join("precious.txt").exists());
}

#[test]
fn what_changes_out_of_sight_is_seen_before_it_is_written() {
    let mut stand = stand(User::Own);
    stand.bed.file("home/work/notes.txt", "nothing of worth\n");
    let sections = format!("*** Add File: a.txt\n+{}\n*** Delete File: notes.txt", "x".repeat(300 * 1024));
    let mut terminal = open(&mut stand, (100, 40), &sections);
    stand.bed.file("home/work/notes.txt", "the only copy\n");
    terminal.answer('y');
    terminal.shows("the files have changed since the patch was shown");
    terminal.keys("\x04");
    assert_eq!(terminal.end().code, 0);
    assert_eq!(fs::read_to_string(stand.work().join("notes.txt")).unwrap(), "the only copy\n");
    assert!(!stand.work().join("a.txt").exists());
}

#[test]
fn a_long_reason_hides_nothing_of_the_command() {
    let mut stand = stand(User::Own);
    let arguments = json!({
        "cmd": format!(": {}\necho THE-END > end.txt", "a".repeat(20_000)),
        "sandbox_permissions": "require_escalated",
        "justification": "It is harmless. ".repeat(5_000),
    });
    let mut terminal = terminal(&mut stand, (80, 24), &[], &[("exec_command", arguments)]);
    terminal.shows("Run this command?");
    terminal.shows("rows hidden (page down, end)");
    terminal.keys(END);
    terminal.shows("echo THE-END > end.txt");
    refuse(terminal);
}

/// Programs that begin alike, and something typed into the second.
fn typing(chars: &str) -> String {
    let head = format!(": {}", "a".repeat(300));
    let start = |tail: &str| {
        json!({
            "cmd": format!("{head}; {tail}"), "tty": true, "yield_time_ms": 250,
            "sandbox_permissions": "require_escalated", "justification": "It must.",
        })
    };
    let write = json!({"session_id": 2, "chars": chars, "yield_time_ms": 250});
    format!(
        "when user=\"go\"\n  call exec_command {}\nthen\n  call exec_command {}\nthen\n  call write_stdin {write}\nthen\n  say \"It is over.\"\n",
        start("exec cat"),
        start("exec sleep 1000")
    )
}

#[test]
fn what_is_typed_names_the_whole_command_that_gets_it() {
    let mut stand = stand(User::Own);
    stand.bed.follow(&typing("x = 1\r\u{3}\u{4}\u{1b}[200~y\u{1b}[201~\n"));
    stand.own(&stand.bed.root());
    let mut terminal = Terminal::start(&stand.bed, (80, 24), &stand.line(QUIRE, &["-s", "workspace-write"]));
    terminal.shows("›");
    terminal.keys("go\r");
    terminal.answer('y');
    terminal.shows("exec sleep 1000");
    terminal.answer('y');
    terminal.shows("Type this into the running command?");
    terminal.shows(r"$ x = 1\r\x03\x04\x1b[200~y\x1b[201~\n");
    terminal.shows("into session 2, process ");
    terminal.shows("WITHOUT");
    terminal.keys(END);
    terminal.shows("exec sleep 1000");
    assert!(!terminal.look(|seen| seen.has("exec cat")));
    terminal.keys("c");
    terminal.keys("\x03");
    terminal.signal(rustix::process::Signal::TERM);
    assert_eq!(terminal.end().code, 143);
}

#[test]
fn marks_over_marks_are_counted_wherever_text_is_shown() {
    let marks = |mark: &str, count: usize| mark.repeat(count);
    let circles = marks("\u{20dd}", 50);
    let zalgo = marks("\u{301}", 1000);
    let chain = marks("😀\u{200d}", 100);
    let path = format!("harmless{circles}.txt");
    let mut stand = stand(User::Own);
    let calls: [Call; 1] = [shell(format!("printf '%s' 'a{zalgo} {chain}' ; rm {path}"))];
    let mut shown = terminal(&mut stand, (100, 40), &["-a", "untrusted"], &calls);
    shown.is_asked_calmly();
    while !shown.look(|seen| seen.has(r"\u{20dd}.txt")) {
        shown.pages_down();
    }
    shown.answer('y');
    shown.shows("It is over.");
    shown.keys("\x04");
    let raw = shown.end().raw;
    is_bounded(&String::from_utf8_lossy(&raw));

    let mut stand = self::stand(User::Own);
    let say = format!("when\n  say \"a{zalgo} {chain} {circles} {}\"\n", marks("\u{1100}", 200));
    stand.bed.follow(&say);
    let ran = stand.bed.run(&["exec", "--skip-git-repo-check", &format!("tell {path}")]).ends_with(0);
    is_bounded(&ran.stderr);
    let sections = format!("*** Add File: {path}\n+{zalgo}");
    let mut stand = self::stand(User::Own);
    let mut asked = open(&mut stand, (100, 40), &sections);
    asked.shows(r"\u{20dd}.txt");
    asked.answer('y');
    asked.shows("It is over.");
    asked.keys("\x04");
    is_bounded(&String::from_utf8_lossy(&asked.end().raw));
    assert!(stand.work().join(&path).exists(), "the name itself is as it was: {:?}", told(&stand.bed));
}

/// Nowhere more than a few marks follow each other, nor a chain of more than a few letters.
#[track_caller]
fn is_bounded(text: &str) {
    for (part, most) in [("\u{20dd}", 4), ("\u{301}", 4), ("😀\u{200d}", 8), ("\u{1100}", 16)] {
        assert!(!text.contains(&part.repeat(most + 1)), "{part:?} more than {most} times");
    }
}

const ASKS_TWICE: &str = "when user=\"go\"\n  call exec_command {\"cmd\": \"touch one\"}\nthen\n  call exec_command {\"cmd\": \"touch two\"}\nthen\n  say \"It is over.\"\n";

fn blind(face: &[&str], answering: Answering) -> (Stand, Terminal) {
    let mut stand = stand(User::Own);
    stand.bed.follow(ASKS_TWICE);
    let options = [&["-a", "untrusted", "-s", "workspace-write"], face].concat();
    let terminal = Terminal::start_in(&stand.bed, (100, 40), &stand.line(QUIRE, &options), answering);
    terminal.shows("› Ask Quire");
    (stand, terminal)
}

#[test]
fn a_key_pressed_while_the_window_stands_still_is_no_answer() {
    for face in [&[][..], &["--no-alt-screen"]] {
        let (stand, mut terminal) = blind(face, Answering::Now);
        terminal.keys("go");
        terminal.shows("› go");
        // The window stops: what is painted from here on is not seen.
        terminal.answers(Answering::Later);
        terminal.keys("\r");
        terminal.press_blindly('y');
        terminal.wait_for("it is text for the draft", |seen| seen.has_draft("y"));
        terminal.keys("\x7f\t");
        terminal.wait_for("the draft is empty", |seen| !seen.has_draft("y"));
        for key in ["\r", "1", "y"] {
            terminal.keys(key);
        }
        assert!(terminal.look(|seen| seen.has("Run this command?")));
        assert!(!stand.work().join("one").exists());
        // It goes on: the same question can be answered now, and the next one again only once it was seen.
        terminal.keys("\x03");
        terminal.answers(Answering::Now);
        terminal.keys("\t");
        terminal.answer('y');
        terminal.shows("touch two");
        assert!(stand.work().join("one").exists());
        terminal.answers(Answering::Later);
        terminal.answers(Answering::Now);
        terminal.answer('y');
        terminal.shows("It is over.");
        assert!(stand.work().join("two").exists());
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
    }
}

#[test]
fn a_terminal_that_never_answers_is_not_waited_for() {
    for face in [&[][..], &["--no-alt-screen"]] {
        let (stand, mut terminal) = blind(face, Answering::Never);
        terminal.keys("go\r");
        terminal.answer('y');
        terminal.shows("touch two");
        terminal.answer('y');
        terminal.shows("It is over.");
        assert!(stand.work().join("two").exists());
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
    }
}

#[test]
fn what_a_terminal_answers_is_never_typed() {
    let (_stand, mut terminal) = blind(&[], Answering::Now);
    for reply in ["\x1b[0n", "\x1b[3n", "\x1b[?62;22c", "\x1b[?6c", "\x1b[>0;276;0c", "\x1b[24;80R", "\x1b[?1;0$y"] {
        terminal.keys(reply);
    }
    terminal.keys("x");
    terminal.shows("› x");
    assert!(terminal.look(|seen| seen.has_draft("x")));
    terminal.keys("\x03\x04");
    assert_eq!(terminal.end().code, 0);
}
