//! Lines that are longer than what is shown of them.

use quire_state::{
    item::{Body, CommandStatus},
    limits::{OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES},
};

use super::support::{command, model, push, rows, scene, screen};

const DONE: CommandStatus = CommandStatus::Exited { code: 0 };

/// The rows that begin the transcript's only item, without blank ones.
fn shown(body: Body, details: bool) -> Vec<String> {
    let mut model = model(40, 24);
    screen(&mut model).details = details;
    push(&mut model, false, body);
    let rows = rows(&scene(&model).buffer);
    let from = rows.iter().position(|row| row.starts_with("• Ran")).expect("the command");
    let rows = rows[from..].iter().take_while(|row| !row.starts_with("───"));
    rows.map(|row| row.trim_end().to_owned()).filter(|row| !row.is_empty()).collect()
}

#[test]
fn a_line_that_is_too_long_is_shown_from_its_beginning_and_marked() {
    let long: String = (0..6000).map(|at| format!("{at:09} ")).collect();
    let cases = [
        (long.clone(), "… +59855 bytes of this line (ctrl-t"),
        (format!("{long}\n\n"), "… +59855 bytes of this line (ctrl-t"),
        (format!("first\n{long}"), "… +59855 bytes of this line (ctrl-t"),
        (format!("10%\r20%\r{long}\r\n"), "… +59855 bytes of this line (ctrl-t"),
    ];
    for (output, mark) in cases {
        let rows = shown(command("make", DONE, &output, None), false);
        let at = rows.iter().position(|row| row.contains("000000000")).expect("the beginning");
        assert!(rows[at].ends_with("000000000 000000001 000000002 000000"), "{rows:#?}");
        assert_eq!(rows[at + 1], "    003 000000004 000000005 000000006 00", "{rows:#?}");
        assert!(rows.iter().any(|row| row.contains(mark)), "{rows:#?}");
        assert!(!rows.iter().any(|row| row.contains("5999")), "{rows:#?}");
    }
}

#[test]
fn what_is_below_a_long_line_is_shown_and_what_was_not_kept_is_counted() {
    let long = "x".repeat(3000);
    let rows = shown(command("make", DONE, &format!("{long}\none\ntwo\n"), None), false);
    assert_eq!(rows[rows.len() - 2..], ["    one", "    two"]);
    assert!(rows.iter().any(|row| row.contains("… +2928 bytes of this line")), "{rows:#?}");
    // A line of which the middle was not kept.
    let line = format!("begin {}", "y".repeat(OUTPUT_HEAD_BYTES + OUTPUT_TAIL_BYTES));
    let rows = shown(command("make", DONE, &line, None), false);
    assert!(rows[1].contains("begin yyy"), "{rows:#?}");
    let more = format!("… +{} bytes of this line", line.len() - 144);
    assert!(rows.iter().any(|row| row.contains(&more)), "{rows:#?}");
    // Lines that were not kept, before a line of which only the end is.
    let lines = format!("begin\n{}\n{}", "a\n".repeat(OUTPUT_HEAD_BYTES), "z".repeat(OUTPUT_TAIL_BYTES + 9));
    let rows = shown(command("make", DONE, &lines, None), false);
    assert!(rows.iter().any(|row| row.contains("…zzz")) && rows.iter().any(|row| row.contains(" lines")), "{rows:#?}");
}

#[test]
fn a_line_that_is_written_anew_shows_its_last_state() {
    let bar: String = (0..=100).map(|at| format!("\r{} {at}%", "#".repeat(at))).collect();
    let rows = shown(command("make", DONE, &format!("{bar}\n"), None), false);
    assert!(rows.iter().any(|row| row.ends_with("100%")) && !rows.iter().any(|row| row.contains("99%")), "{rows:#?}");
}

#[test]
fn a_command_breaks_between_words_where_it_can() {
    let text = "cargo test --workspace --all-targets -- --nocapture quite_a_long_name";
    let rows = shown(command(text, DONE, "", None), false);
    assert_eq!(rows[..3], ["• Ran cargo test --workspace", "  --all-targets -- --nocapture", "  quite_a_long_name"]);
    let rows = shown(command(&format!("echo {}", "w".repeat(50)), DONE, "", None), false);
    assert_eq!(rows[..3], ["• Ran echo".to_owned(), format!("  {}", "w".repeat(38)), format!("  {}", "w".repeat(12))]);
    // Nothing of it is lost, blanks included.
    let text = format!("a{}b c", " ".repeat(60));
    let rows = shown(command(&text, DONE, "", None), true);
    assert!(rows.iter().any(|row| row.trim() == "b c" && row.len() > 20), "{rows:#?}");
}
