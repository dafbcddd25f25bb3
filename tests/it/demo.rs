//! The demo as a user meets it: words, plan, question, command, patch, summary, in both painting faces.

use std::thread;

use crate::{
    bed::Bed,
    pty::{End, Terminal},
    sequences::{foreign, is_full, is_inline, left_over},
    tidy::{snapshot, tidy},
};

const SIZES: [(u16, u16); 3] = [(100, 30), (80, 24), (40, 12)];

fn bed() -> Bed {
    let bed = Bed::new();
    bed.file("home/work/Cargo.toml", "[package]\nname = \"engine\"\n");
    bed.file("home/work/src/main.rs", "fn main() {}\n");
    bed.file("home/work/notes.txt", "nothing\n");
    bed
}

/// A whole turn; leaves the program idle after its summary.
fn turn(terminal: &mut Terminal) {
    terminal.shows("›");
    terminal.keys("what is in this folder?\r");
    terminal.answer('y');
    terminal.shows("Change these files?");
    terminal.answer('y');
    terminal.shows("Worked for");
}

fn leave(bed: &Bed, mut terminal: Terminal) -> End {
    terminal.keys("\x04");
    let end = terminal.end();
    assert_eq!(end.code, 0);
    assert_eq!(end.termios[0], end.termios[1]);
    assert!(left_over(&end.raw).is_empty(), "{:?}", left_over(&end.raw));
    bed.is_deserted();
    end
}

#[test]
fn a_whole_turn_on_the_full_screen() {
    thread::scope(|scope| {
        for (cols, rows) in SIZES {
            scope.spawn(move || {
                let bed = bed();
                let mut terminal = Terminal::quire(&bed, (cols, rows), &["--demo"]);
                turn(&mut terminal);
                let screen = terminal.look(|seen| seen.text());
                snapshot("e2e", &format!("demo_full_{cols}x{rows}"), &tidy(&bed, &screen));
                let end = leave(&bed, terminal);
                assert!(foreign(&end.raw, is_full).is_empty(), "{:?}", foreign(&end.raw, is_full));
            });
        }
    });
}

/// Which state a plan has that is written before an answer depends on the moment; the last one is that at the end.
fn plans_between(lines: &[String]) -> Vec<String> {
    let is_plan = |line: &String| line.starts_with("• Plan ");
    let last = lines.iter().rposition(is_plan);
    let mut is_left_out = false;
    let mut kept = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if is_plan(line) && Some(at) != last {
            kept.push("• Plan (as it was)".to_owned());
            is_left_out = true;
        } else if line.is_empty() || !is_left_out {
            kept.push(line.clone());
            is_left_out = false;
        }
    }
    kept
}

#[test]
fn a_whole_turn_in_the_scrollback() {
    thread::scope(|scope| {
        for (cols, rows) in SIZES {
            scope.spawn(move || {
                let bed = bed();
                let mut terminal = Terminal::quire(&bed, (cols, rows), &["--demo", "--no-alt-screen"]);
                turn(&mut terminal);
                let lines = terminal.look(|seen| plans_between(&seen.lines()).join("\n"));
                snapshot("e2e", &format!("demo_inline_{cols}x{rows}"), &tidy(&bed, &lines));
                let end = leave(&bed, terminal);
                assert!(foreign(&end.raw, is_inline).is_empty(), "{:?}", foreign(&end.raw, is_inline));
            });
        }
    });
}

#[test]
fn the_summary_of_exec_is_true_under_every_policy() {
    for (options, is_written) in [
        (&[][..], false),
        (&["-s", "read-only"], false),
        (&["-s", "workspace-write"], true),
        (&["-s", "danger-full-access"], true),
        (&["--yolo"], true),
        (&["-a", "untrusted", "-s", "read-only"], false),
        (&["-c", "default_permissions=:read-only"], false),
        (&["-c", "default_permissions=:workspace"], true),
    ] {
        for form in [&["exec", "--demo"][..], &["exec", "--json", "--demo"]] {
            let bed = bed();
            let ran = bed.run(&[form, options, &["what is in this folder?"]].concat()).ends_with(0);
            let is_there = bed.path("home/work/quire-demo-notes.md").exists();
            let says = (ran.stdout.contains("The note is in"), ran.stdout.contains("The note was not written"));
            assert_eq!((is_there, says), (is_written, (is_written, !is_written)), "{options:?}: {}", ran.stdout);
        }
    }
}
