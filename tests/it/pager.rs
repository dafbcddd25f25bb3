//! The pager in a terminal: commands that only look share a cell, and the pager shows them whole.

use crate::{bed::Bed, pty::Terminal};

const SCRIPT: &str = r#"
when
  shell "cat notes.txt"
then
  shell "grep -rn needle ."
then
  shell "seq 1 60"
then
  say "The needle is in the notes.\n\n```sh\ncat notes.txt\n```\n"
"#;

#[test]
fn all_of_it_is_read_and_searched() {
    for face in [&[][..], &["--no-alt-screen"]] {
        let bed = Bed::with_script(SCRIPT);
        bed.file("home/work/notes.txt", "hay\nthe needle\n");
        let mut terminal = Terminal::quire(&bed, (80, 24), face);
        terminal.shows("› Ask Quire");
        terminal.keys("where is it\r");
        terminal.shows("Worked for");
        terminal.wait_for("the cell", |seen| {
            seen.has("Read     notes.txt") && seen.has("Search   needle in . · 1 hit") && seen.has("Ran seq 1 60")
        });
        terminal.keys("\u{14}");
        terminal.wait_for("the pager", |seen| seen.has("Transcript · where is it") && seen.has("100%"));
        terminal.keys("/NEEDLE\r");
        terminal.shows("4 of 4 · case ignored");
        terminal.keys("n");
        terminal.wait_for("around the end", |seen| seen.has("1 of 4") && seen.has("Ran cat notes.txt"));
        terminal.keys("n");
        terminal.wait_for("the next", |seen| seen.has("2 of 4"));
        terminal.keys("[");
        terminal.shows("› where is it");
        terminal.keys("q");
        terminal.wait_for("the draft", |seen| seen.has("› Ask Quire") && !seen.has("case ignored"));
        terminal.keys("\u{4}");
        assert_eq!(terminal.end().code, 0);
    }
}

#[test]
fn the_inline_face_reads_on_the_other_screen_and_leaves_its_own_as_it_was() {
    let bed = Bed::with_script(SCRIPT);
    bed.file("home/work/notes.txt", "hay\nthe needle\n");
    let mut terminal = Terminal::quire(&bed, (80, 24), &["--no-alt-screen"]);
    terminal.shows("› Ask Quire");
    terminal.keys("where is it\r");
    terminal.shows("Worked for");
    terminal.shows("› Ask Quire");
    let before = terminal.look(|seen| seen.rows());
    terminal.keys("\u{14}");
    terminal.wait_for("the pager on a screen of its own", |seen| {
        seen.screen().alternate_screen() && seen.has("Transcript · where is it") && seen.has("q close")
    });
    terminal.keys("q");
    terminal.wait_for("everything as it was", |seen| !seen.screen().alternate_screen() && seen.rows() == before);
    // What it showed is there once, also when the window has got another size meanwhile.
    terminal.keys("\u{14}");
    terminal.shows("Transcript · where is it");
    terminal.resize(70, 20);
    terminal.wait_for("the smaller pager", |seen| seen.has("q close") && seen.rows().len() == 20);
    terminal.keys("e");
    terminal.wait_for("the choice of a message", |seen| {
        !seen.screen().alternate_screen() && seen.has("Go back to an earlier message") && seen.has("› ")
    });
    terminal.keys("\r");
    terminal.wait_for("the message as the draft", |seen| seen.has_draft("where is it"));
    terminal.keys("\u{14}");
    terminal.shows("  Transcript  ");
    terminal.signal(rustix::process::Signal::TERM);
    let end = terminal.end();
    let said = String::from_utf8_lossy(&end.raw).into_owned();
    assert_eq!(end.code, 143);
    assert!(said.rfind("\u{1b}[?1049l") > said.rfind("\u{1b}[?1049h"), "{said:?}");
    assert_eq!(said.matches("\u{1b}[>5u").count(), said.matches("\u{1b}[<1u").count(), "keys of both screens");
    assert_eq!(end.termios[0], end.termios[1]);
}
