//! The inline face leaves the scrollback true: each finished line is there once, whatever happens to the window.

use crate::{
    bed::Bed,
    pty::{End, Terminal},
    sequences::{foreign, is_inline},
};

/// Lines that the model says.
pub(crate) const LINES: usize = 500;
/// Lines of one message.
const MESSAGE: usize = 50;

/// A script that says so many numbered lines, a piece at a time.
pub(crate) fn numbered() -> String {
    let mut script = "when\n".to_owned();
    for message in 0..LINES / MESSAGE {
        script.push_str("  say chunk=40 delay=4 <<END\n");
        for line in 1..=MESSAGE {
            script.push_str(&format!("    - line {:04} of the story\n", message * MESSAGE + line));
        }
        script.push_str("  END\n");
    }
    script
}

/// How often each numbered line is there, where that is not once.
pub(crate) fn wrong(lines: &[String]) -> Vec<String> {
    let count = |number: usize| {
        let name = format!("line {number:04} ");
        lines.iter().filter(|line| line.contains(&name)).count()
    };
    let counted = (1..=LINES).map(|number| (number, count(number))).filter(|(_, count)| *count != 1);
    counted.map(|(number, count)| format!("line {number}: {count} times")).collect()
}

/// The last numbered line that is shown.
fn newest(rows: &[String]) -> usize {
    let number = |row: &String| row.split_once("line ")?.1.get(..4)?.parse().ok();
    rows.iter().filter_map(number).max().unwrap_or(0)
}

#[track_caller]
fn is_true(end: &End) {
    assert!(wrong(&end.lines).is_empty(), "{:?}\n{}", wrong(&end.lines), end.lines.join("\n"));
    assert!(foreign(&end.raw, is_inline).is_empty(), "{:?}", foreign(&end.raw, is_inline));
}

#[test]
fn each_line_is_in_the_scrollback_once_after_five_resizes() {
    let bed = Bed::with_script(&numbered());
    let mut terminal = Terminal::quire(&bed, (80, 24), &["--no-alt-screen"]);
    terminal.shows("›");
    terminal.keys("tell me the story\r");
    for (line, cols, rows) in [(60, 60, 24), (140, 100, 30), (230, 44, 14), (310, 44, 40), (420, 90, 20)] {
        terminal.wait_for(&format!("line {line} or a later one"), |seen| newest(&seen.rows()) >= line);
        terminal.resize(cols, rows);
    }
    terminal.shows("Worked for");
    terminal.keys("\x04");
    is_true(&terminal.end());
}
