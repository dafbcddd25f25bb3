//! Markdown, a case a line.

use crate::{
    highlight::Highlighter,
    markdown::{Start, render},
    text::plain_text,
    theme::Theme,
};

fn lines(text: &str, width: usize) -> Vec<String> {
    let rows = render(text, width, &Theme::default(), &mut Highlighter::default(), Start::default()).rows;
    rows.iter().map(|row| plain_text(row).trim_end().to_owned()).collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(lines(text, 30), expected, "{text:?}");
}

#[test]
fn blocks() {
    check("one\n\ntwo", &["one", "", "two"]);
    check("one\ntwo  \nthree", &["one", "two", "three"]);
    check("# head\ntext", &["head", "", "text"]);
    check("a\n\n---\n\nb", &["a", "", "────────────────────────", "", "b"]);
    check("> a\n> b\n>\n> > c", &["│ a", "│ b", "│", "│ │ c"]);
    check("```\n  x\n\ny\n```", &["    x", "", "  y"]);
    check("<b>x</b>", &["<b>x</b>"]);
    check("a<br>b", &["a", "b"]);
}

#[test]
fn lists() {
    check("a\n- b\n- c\n  - d\n\ne", &["a", "", "- b", "- c", "  - d", "", "e"]);
    check("9. a\n10. b", &["9. a", "10. b"]);
    check("- a\n\n  b\n\n- c", &["- a", "", "  b", "- c"]);
    check("- [ ] a\n- [x] b", &["☐ a", "☑ b"]);
    check("- a\n-\n- b", &["- a", "-", "- b"]);
    check("1. a long item that must be wrapped here", &["1. a long item that must be", "   wrapped here"]);
}

#[test]
fn running_text() {
    check("[text](http://u)", &["text (http://u)"]);
    check("<http://u>", &["http://u"]);
    check("![alt](pic.png)", &["image: alt (pic.png)"]);
    check("`a  b` **c** *d* ~~e~~", &["a  b c d e"]);
    check("ends with **open", &["ends with **open"]);
}

#[test]
fn tables() {
    check("| a | b |\n|---|--:|\n| c | dd |", &["a │  b", "──┼───", "c │ dd"]);
    check(
        "| key | what it means |\n|---|---|\n| 日本 | a text that is longer than the room |",
        &[
            "key  │ what it means",
            "─────┼────────────────────────",
            "日本 │ a text that is longer",
            "     │ than the room",
        ],
    );
}

#[test]
fn tables_without_room_are_records() {
    let table = "| one | two | three | four |\n|---|---|---|---|\n| a | b | c | d |\n| e | f | g | h |";
    assert_eq!(
        lines(table, 16),
        ["one: a", "two: b", "three: c", "four: d", "────────", "one: e", "two: f", "three: g", "four: h"]
    );
}

#[test]
fn no_row_is_wider_than_the_room() {
    for width in [1, 2, 5, 17, 40] {
        let rows =
            render(super::screens::ANSWER, width, &Theme::default(), &mut Highlighter::default(), Start::default())
                .rows;
        for row in rows.iter().filter(|_| width >= 5) {
            assert!(crate::text::spans_width(&row.spans) <= width, "{:?} at {width}", plain_text(row));
        }
    }
}

#[test]
fn nothing_overflows_the_stack_or_is_lost() {
    const SIZE: usize = 1_000_000;
    let nested: String = (0..1_000).map(|depth| format!("{}- x\n", "  ".repeat(depth))).collect();
    for text in
        ["*".repeat(SIZE), ">".repeat(SIZE), "- ".repeat(SIZE / 2), "[".repeat(SIZE), "*a ".repeat(SIZE / 3), nested]
    {
        let rows = lines(&format!("{text} word"), 80);
        assert!(rows.iter().any(|row| row.contains("word")), "{:?}…", &text[..10]);
    }
    let rows = lines(&format!("{}word", "> ".repeat(200)), 80);
    assert!(rows.iter().any(|row| row.contains("word")), "{rows:?}");
}
