//! Rows and caret at a width. The last column is the caret's: a width of 5 holds 4 columns of text.

use super::*;

/// The rows, `/` between them and `|` in the caret's column.
fn painted(composer: &Composer, width: u16) -> String {
    let layout = composer.layout(width);
    let mut rows = layout.rows;
    let row = &mut rows[usize::from(layout.caret_row)];
    let at = crate::text::width::take_width(row, usize::from(layout.caret_col)).len();
    let missing = usize::from(layout.caret_col) - crate::text::width::cell_width(&row[..at]);
    row.insert_str(at, &format!("{}|", "_".repeat(missing)));
    rows.join("/")
}

#[track_caller]
fn check_layout(start: &str, width: u16, rows: &str) {
    let composer = composer(start);
    assert_eq!(painted(&composer, width), rows, "{start:?} at {width}");
    assert_eq!(usize::from(composer.height(width)), composer.layout(width).rows.len());
}

/// Keys at a width of 5, then the rows there.
#[track_caller]
fn check_rows(start: &str, keys: &str, rows: &str) {
    let mut composer = composer(start);
    press(&mut composer, keys, 5);
    assert_eq!(painted(&composer, 5), rows, "{start:?} after {keys}");
}

#[test]
fn rows_and_caret() {
    check_layout("|", 10, "|");
    check_layout("abc|", 10, "abc|");
    check_layout("a\n|b\n", 10, "a/|b/");
    check_layout("one two th|ree", 9, "one two /th|ree");
    check_layout("one two |three", 9, "one two /|three");
}

#[test]
fn a_full_row_leaves_a_place_for_the_caret() {
    check_layout("abcd|", 5, "abcd|");
    check_layout("abcde|", 5, "abcd/e|");
    check_layout("abcd|e", 5, "abcd/|e");
}

#[test]
fn hanging_spaces_hold_the_caret_at_the_edge() {
    check_layout("abcd   |", 5, "abcd|");
    check_layout("ab     |", 5, "ab  |");
    check_layout("abcd  |x", 5, "abcd/|x");
}

#[test]
fn wide_characters_and_clusters() {
    check_layout("漢字|漢字", 5, "漢字/|漢字");
    check_layout("漢字漢|字", 6, "漢字/漢|字");
    check_layout("a👨‍👩‍👧‍👦|b", 10, "a👨‍👩‍👧‍👦|b");
    check_layout("🇩🇪🇫🇷|", 10, "🇩🇪🇫🇷|");
    check_layout("e\u{301}|x", 10, "e\u{301}|x");
}

#[test]
fn tabs_show_as_spaces() {
    check_layout("\ta|", 12, "    a|");
    check_layout("ab\t|c", 12, "ab  |c");
    check_layout("a\n漢\t|c", 12, "a/漢  |c");
    check("a|\tb", "<right><backspace>", "a|b");
}

#[test]
fn no_width_is_too_small() {
    check_layout("ab|", 1, "a/|b");
    check_layout("ab|", 0, "a/|b");
    check_layout("漢|字", 1, "漢/|字");
}

#[test]
fn up_and_down_go_by_visual_rows() {
    check_rows("abcdefgh|", "<up>", "abc|d/efgh");
    check_rows("abcdefg|h", "<up>", "abc|d/efgh");
    check_rows("abcdefg|h", "<c-p>", "abc|d/efgh");
    check_rows("abc|defgh", "<c-n>", "abcd/efg|h");
    check_rows("a|bcdefgh", "<down>", "abcd/e|fgh");
    check_rows("abc\nd|", "<up><end><down>", "abc/d|");
    check_rows("漢字\nab|", "<up>", "漢|字/ab");
    check_rows("漢字\na|", "<up>", "|漢字/a");
}

#[test]
fn the_goal_column_is_kept_over_short_rows() {
    check_rows("abc|\n\nabcd", "<down>", "abc/|/abcd");
    check_rows("abc|\n\nabcd", "<down><down>", "abc//abc|d");
    check_rows("abc|\n\nabcd", "<down><left><right><down>", "abc//|abcd");
}

#[test]
fn the_first_and_the_last_row_give_the_key_back() {
    let mut composer = composer("ab|\ncd");
    assert!(!composer.up(WIDTH));
    assert!(composer.down(WIDTH));
    assert!(!composer.down(WIDTH));
    assert_eq!(marked(&composer), "ab\ncd|");
}

#[test]
fn pills_show_as_labels_and_are_not_entered() {
    let mut composer = composer("see |");
    composer.paste(&"x".repeat(1234));
    composer.newline();
    composer.insert_str("0123456789");
    assert_eq!(painted(&composer, 40), "see [Pasted Content 1234 chars]/0123456789|");
    assert!(composer.up(40));
    assert_eq!(painted(&composer, 40), "see |[Pasted Content 1234 chars]/0123456789");
    press(&mut composer, "<right>", 40);
    assert_eq!(painted(&composer, 40), "see [Pasted Content 1234 chars]|/0123456789");
    assert_eq!(composer.layout(12).rows, ["see [Pasted", "Content ", "1234 chars]", "0123456789"]);
}

#[test]
fn a_draft_of_more_rows_than_fit_a_number_shows_those_up_to_the_caret() {
    let composer = composer(&format!("first{}last|", "\n".repeat(70_000)));
    let layout = composer.layout(10);
    assert_eq!(layout.caret_row, u16::MAX - 1);
    assert_eq!(layout.rows.last().map(String::as_str), Some("last"));
    assert_eq!(composer.height(10), u16::MAX);
}
