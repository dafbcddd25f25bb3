//! Lines that are longer than what is shown of them.

use quire_state::{
    item::{CommandStatus, ItemKind},
    limits::{OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES},
};

use super::support::{agent, command, model, push, rows, scene, screen, user};

const DONE: CommandStatus = CommandStatus::Exited { code: 0 };

/// The rows that begin the transcript's only item, without blank ones.
fn shown(kind: ItemKind, details: bool) -> Vec<String> {
    let mut model = model(40, 24);
    screen(&mut model).details = details;
    push(&mut model, false, kind);
    let rows = rows(&scene(&model).buffer);
    let from = rows.iter().position(|row| row.starts_with("• Ran")).expect("the command");
    let rows = rows[from..].iter().take_while(|row| !row.starts_with("───"));
    rows.map(|row| row.trim_end().to_owned()).filter(|row| !row.is_empty()).collect()
}

#[test]
fn a_line_that_is_too_long_is_shown_from_its_beginning_and_marked() {
    let long: String = (0..6000).map(|at| format!("{at:09} ")).collect();
    let cases = [
        (long.clone(), "… +59927 bytes of this line · ctrl-"),
        (format!("{long}\n\n"), "… +59927 bytes of this line · ctrl-"),
        (format!("first\n{long}"), "… +59927 bytes of this line · ctrl-"),
        (format!("10%\r20%\r{long}\r\n"), "… +59927 bytes of this line · ctrl-"),
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
    assert!(rows.iter().any(|row| row.contains("… +2964 bytes of this line")), "{rows:#?}");
    // A line of which the middle was not kept.
    let line = format!("begin {}", "y".repeat(OUTPUT_HEAD_BYTES + OUTPUT_TAIL_BYTES));
    let rows = shown(command("make", DONE, &line, None), false);
    assert!(rows[1].contains("begin yyy"), "{rows:#?}");
    let more = format!("… +{} bytes of this line", line.len() - 72);
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

const ADDRESS: &str = "https://example.org/a/rather/long/path/that/fits/into/no/row?of=the&window=at(all)#here";

/// The rows that hold parts of the address, without what is not part of it.
fn address_rows(kind: ItemKind, details: bool) -> (Vec<String>, Option<String>) {
    let mut model = model(40, 24);
    screen(&mut model).details = details;
    push(&mut model, false, kind);
    let scene = scene(&model);
    let marked = scene.buffer.content.iter().filter(|cell| scene.links.address(cell.underline_color).is_some());
    let address = marked.clone().next().and_then(|cell| scene.links.address(cell.underline_color)).map(str::to_owned);
    let text: String = marked.map(ratatui::buffer::Cell::symbol).collect();
    assert!(text.is_empty() || text == ADDRESS, "{text}");
    let shown = rows(&scene.buffer);
    let from = shown.iter().position(|row| row.contains("https://")).expect("the address");
    let to = shown.iter().position(|row| row.contains("#here")).expect("its end");
    (shown[from..=to].iter().map(|row| row.trim_end().to_owned()).collect(), address)
}

#[test]
fn an_address_that_is_wrapped_is_one_link_and_holds_no_indent() {
    for (kind, details) in [
        (agent(&format!("See {ADDRESS} for more")), false),
        (agent(&format!("- one\n- [the page]({ADDRESS})\n  - two")), false),
        (agent(&format!("> quoted {ADDRESS}.")), false),
        (agent(&format!("```\nGET {ADDRESS}\n```")), false),
        (agent(&format!("1. {ADDRESS}，后面")), false),
        (user(&format!("look at {ADDRESS}")), false),
        (command("make", DONE, &format!("listening on {ADDRESS}\nready\n"), None), true),
        (command(&format!("curl -sS '{ADDRESS}' -o x"), DONE, "", None), false),
        (ItemKind::Note { level: quire_state::item::Level::Warning, text: format!("Open {ADDRESS} now") }, false),
    ] {
        let (rows, address) = address_rows(kind, details);
        assert_eq!(address.as_deref(), Some(ADDRESS), "{rows:#?}");
        assert!(rows.len() >= 3, "{rows:#?}");
        assert!(rows[1..].iter().all(|row| !row.starts_with([' ', '│'])), "{rows:#?}");
        let whole = rows.concat();
        assert!(whole.contains(ADDRESS), "{rows:#?}");
        // Only the first and the last row may be short.
        let middle = &rows[1..rows.len() - 1];
        assert!(middle.iter().all(|row| row.chars().count() >= 38), "{rows:#?}");
    }
}

#[test]
fn an_address_that_fits_into_a_row_is_left_to_the_terminal() {
    let mut model = model(40, 24);
    push(&mut model, false, agent("A few words, and then https://example.org/a/page of it"));
    let scene = scene(&model);
    assert!(rows(&scene.buffer).iter().any(|row| row.starts_with("  https://example.org/a/page of it")));
    assert!(scene.buffer.content.iter().all(|cell| cell.underline_color == ratatui::style::Color::Reset));
}

#[test]
fn an_address_of_which_a_part_is_out_of_the_window_is_whole_or_no_link() {
    for scrolled in 0..12 {
        let mut model = model(40, 12);
        push(&mut model, false, agent(&format!("See {ADDRESS}\n\n1\n\n2\n\n3\n\n4\n\n5")));
        screen(&mut model).scroll = quire_state::screen::Scroll::Up(scrolled);
        let scene = scene(&model);
        for cell in &scene.buffer.content {
            assert!(scene.links.address(cell.underline_color).is_none_or(|address| address == ADDRESS));
        }
    }
}
