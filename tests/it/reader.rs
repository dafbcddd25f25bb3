//! The program as a screen reader gets it: linear text that is only added to.

use crate::{bed::Bed, pty::Terminal};

const SCRIPT: &str = r##"
when user="make it"
  call exec_command {"cmd": "echo made > made.txt; cat made.txt", "sandbox_permissions": "require_escalated", "justification": "It must be made."}
then
  say "# Done\n\nIt is **made**.\n"

when
  say "Answer {{turn}}."
"##;

/// Bytes that move the cursor, change the screen or its colours; what asks the terminal and sets how keys come is none of them.
fn tricks(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let allowed = ["[?2004h", "[?2004l", "[5n", "[c"];
    let parts = text.split('\u{1b}').skip(1);
    parts
        .filter(|part| !allowed.iter().any(|start| part.starts_with(start)))
        .map(|part| part.chars().take(12).collect())
        .collect()
}

#[test]
fn a_turn_with_a_question_is_read_in_order_and_answered_by_number() {
    let bed = Bed::with_script(SCRIPT);
    let mut terminal = Terminal::quire(&bed, (80, 24), &["--screen-reader", "-s", "workspace-write"]);
    terminal.shows("Your message:");
    terminal.keys("make its");
    terminal.shows("Your message: make its");
    terminal.keys("\x7f");
    terminal.hides("Your message: make its");
    terminal.keys("\r");
    terminal.shows("Quire needs your answer.");
    terminal.shows("Reason: It must be made.");
    terminal.shows("1, y: Yes, run it");
    terminal.shows("Type a number or letter, then Enter:");
    terminal.press_blindly('1');
    terminal.shows("Turn finished:");
    terminal.keys("/permissions\r");
    terminal.shows("What may commands do?");
    terminal.keys("1");
    terminal.shows("Marked: 1, Read only");
    terminal.keys("\x1b");
    terminal.wait_for("the prompt again", |seen| seen.text().trim_end().ends_with("Your message:"));
    terminal.keys("more\r");
    terminal.shows("Quire: Answer");
    terminal.wait_for("the prompt again", |seen| seen.text().trim_end().ends_with("Your message:"));
    terminal.keys("\x04");
    let end = terminal.end();
    assert_eq!(end.code, 0);
    let lines = end.lines.join("\n");
    let places =
        ["Your message: make it\n", "Quire is working", "Command: ", "Ran ", "Quire: Heading: Done", "It is made."];
    let places = places.map(|said| lines.find(said).unwrap_or_else(|| panic!("{said} is missing in\n{lines}")));
    assert!(places.is_sorted(), "{lines}");
    assert!(lines.contains("To continue this session: quire resume"), "{lines}");
    assert_eq!(tricks(&end.raw), Vec::<String>::new());
}

#[test]
fn the_configuration_asks_for_it_too() {
    let bed = Bed::with_script(SCRIPT);
    let mut terminal = Terminal::quire(&bed, (80, 24), &["-c", "tui.screen_reader=true"]);
    terminal.shows("Your message:");
    terminal.keys("\x04");
    let end = terminal.end();
    assert_eq!((end.code, tricks(&end.raw)), (0, Vec::new()));
}
