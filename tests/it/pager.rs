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
