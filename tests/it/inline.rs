//! The inline face leaves the scrollback true: each finished line is there once, whatever happens to the window.

use crate::{
    bed::{Bed, QUIRE, until},
    pty::{Answering, End, Seen, Terminal},
    sequences::{foreign, is_inline},
};

/// Lines that the model says.
pub(crate) const LINES: usize = 500;
/// Lines of one message.
const MESSAGE: usize = 50;

/// Messages in which the model rests, so that the window can change while an answer is open, and nothing is on its way
/// that was meant for the old size: no program can help what becomes of that.
pub(crate) const RESTS: [usize; 5] = [1, 3, 5, 7, 8];

/// A script that says so many numbered lines, a piece at a time. In the messages that `resting` names, counted from 0,
/// it falls silent in the middle of a line for a second.
pub(crate) fn numbered(resting: &[usize]) -> String {
    let mut script = "when\n".to_owned();
    for message in 0..LINES / MESSAGE {
        let pace = if resting.contains(&message) { "chunk=640 delay=1000" } else { "chunk=40 delay=4" };
        script.push_str(&format!("  say {pace} <<END\n"));
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
pub(crate) fn newest(rows: &[String]) -> usize {
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
    let bed = Bed::with_script(&numbered(&RESTS));
    let mut terminal = Terminal::quire(&bed, (80, 24), &["--no-alt-screen"]);
    terminal.shows("›");
    terminal.keys("tell me the story\r");
    for (message, (cols, rows)) in RESTS.into_iter().zip([(60, 24), (100, 30), (44, 14), (44, 40), (90, 20)]) {
        let line = message * MESSAGE + 20;
        terminal.wait_for(&format!("line {line} or a later one"), |seen| newest(&seen.rows()) >= line);
        terminal.resize(cols, rows);
    }
    terminal.shows("Worked for");
    terminal.keys("\x04");
    is_true(&terminal.end());
}

#[test]
fn a_terminal_that_does_not_say_where_its_cursor_is_holds_nothing_up() {
    let mut bed = Bed::with_script(&asking(0));
    // One of those that are known to answer.
    bed.set("TMUX", "/tmp/none,1,0");
    let line = [QUIRE, "--no-alt-screen", "-s", "read-only"];
    let mut terminal = Terminal::start_in(&bed, (80, 24), &line, Answering::Never);
    terminal.shows("› Ask Quire");
    terminal.keys("do it\r");
    terminal.shows(WIDE);
    for (cols, rows, words) in [(40, 12, SMALL), (40, 24, "esc s…"), (30, 10, "› y yes  a session  n no\n")] {
        terminal.resize(cols, rows);
        terminal.shows(words);
    }
    let asked = terminal.look(|seen| seen.raw.windows(4).filter(|bytes| bytes == b"\x1b[6n").count());
    assert_eq!(asked, 2, "the corner and the cursor, once");
}

/// Bytes of every kind that does something to a terminal: clipboard, title, erasing, scroll regions, modes, C1, bells.
pub(crate) const HOSTILE: &str = "a\u{1b}]52;c;eA==\u{7}b\u{1b}]0;title\u{1b}\\c\u{1b}[3J\u{1b}[2J\u{1b}[1;5rd\u{1b}[5S\u{1b}[?1049he\u{9b}31mf\u{8}\u{7}\u{1b}cg\u{1b}Pq\u{1b}\\h\u{9d}52;c;eA==\u{9c}i\u{202e}j";

/// A script whose text, reasoning, plan and command all carry such bytes.
fn hostile() -> String {
    let json = serde_json::to_string(HOSTILE).unwrap();
    let quoted = format!("'{HOSTILE}'");
    let command = serde_json::json!({ "cmd": format!("printf %s '{HOSTILE}'; echo; echo printed all") });
    format!(
        "when\n  reason {quoted}\n  say {quoted} chunk=3\n  say \"# Head {HOSTILE}\\n\\n```{HOSTILE}\\n{HOSTILE}\\n```\\n\\n| {HOSTILE} |\\n|---|\\n| {HOSTILE} |\\n\"\n  \
         call update_plan {{\"plan\": [{{\"step\": {json}, \"status\": \"in_progress\"}}]}}\n  call exec_command {command}\n\
         then\n  say \"That was all.\"\n"
    )
}

/// A turn with hostile text everywhere, in a folder with a hostile name, and a hostile paste.
fn hostile_turn(face: &[&str], is_allowed: fn(&crate::sequences::Piece) -> bool) {
    let bed = Bed::with_script(&hostile());
    let folder = "od\u{1b}]0;x\u{7}d\u{9b}2J";
    bed.file(&format!("home/{folder}/.git/HEAD"), format!("ref: refs/heads/{}\n", "br\u{1b}[31manch"));
    let folder = bed.path("home").join(folder);
    let arguments = [&["--yolo", "-C", folder.to_str().unwrap()], face].concat();
    let mut terminal = Terminal::quire(&bed, (100, 40), &arguments);
    terminal.shows("› Ask Quire");
    terminal.keys(&format!("\u{1b}[200~{HOSTILE}\u{1b}[201~"));
    terminal.wait_for("the paste is in the draft", |seen| !seen.has("› Ask Quire"));
    terminal.keys("\r");
    terminal.shows("That was all.");
    terminal.shows("Worked for");
    assert!(terminal.look(|seen| seen.lines().join("\n").contains("printed all")));
    terminal.keys("\x04");
    let end = terminal.end();
    assert_eq!(end.code, 0);
    let found = foreign(&end.raw, is_allowed);
    assert!(found.is_empty(), "{found:?}");
    let sent = String::from_utf8_lossy(&end.raw);
    assert!(!sent.contains('\u{202e}'), "a mark that turns the reading order around");
}

#[test]
fn nothing_that_is_said_commands_the_terminal() {
    std::thread::scope(|scope| {
        scope.spawn(|| hostile_turn(&["--no-alt-screen"], is_inline));
        scope.spawn(|| hostile_turn(&[], crate::sequences::is_full));
    });
}

/// A question about files, behind a transcript of so many lines.
pub(crate) fn asking(lines: usize) -> String {
    let told: String =
        (1..=lines).map(|line| format!("    - line {line:04} of the story goes on until here\n")).collect();
    let patch: String = (1..=40).map(|row| format!("+{row} is a row that a narrow window wraps into two\\n")).collect();
    let story = format!("when user=\"tell\"\n  say <<END\n    The story:\n{told}  END\n");
    format!(
        "{story}when user=\"do it\"\n  call apply_patch {{\"input\": \"*** Begin Patch\\n*** Add File: new.txt\\n{patch}\
         *** End Patch\"}}\nthen\n  say \"It is over.\"\n"
    )
}

/// Sizes of a window, each with words of the question that are only on a screen of that size.
pub(crate) type Round = [(u16, u16, &'static str)];
/// The words at 80x24.
pub(crate) const WIDE: &str = "Yes, and do not ask again for these files in this session";
const SMALL: &str = "› y yes  a session  n no  c stop";
pub(crate) const ROUNDS: [&Round; 4] = [
    &[(40, 12, SMALL), (80, 24, WIDE)],
    &[(40, 12, SMALL), (80, 24, WIDE), (40, 12, SMALL), (80, 24, WIDE)],
    &[(80, 12, SMALL), (80, 24, WIDE)],
    &[(40, 24, "enter takes the marked answer · esc s…"), (80, 24, WIDE)],
];

#[test]
fn a_question_leaves_nothing_behind_in_a_window_that_gets_small_and_large_again() {
    // This emulator cuts rows, so that it has no transcript on its screen where it is narrow.
    for (round, answering) in
        ROUNDS[..3].iter().flat_map(|round| [Answering::Now, Answering::Never].map(|a| (round, a)))
    {
        let bed = Bed::with_script(&asking(40));
        let line = [QUIRE, "--no-alt-screen", "-s", "read-only"];
        let mut terminal = Terminal::start_in(&bed, (80, 24), &line, answering);
        terminal.shows("› Ask Quire");
        terminal.keys("tell\r");
        terminal.shows("Worked for");
        terminal.keys("do it\r");
        terminal.shows(WIDE);
        let before = terminal.look(|seen| seen.lines());
        for (cols, rows, words) in *round {
            terminal.resize(*cols, *rows);
            // What comes back into a large window has its words already, and perhaps more than once.
            let is_painted = |seen: &mut Seen| match *words {
                WIDE => seen.lines() == before,
                words => seen.has(words),
            };
            let what = format!("{words:?} at {cols}x{rows}, {answering:?}");
            until(&what, || terminal.look(is_painted).then_some(()));
        }
    }
}
