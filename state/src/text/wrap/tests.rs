//! Rows of real texts, and the laws of wrapping.

use proptest::prelude::*;

use super::*;
use crate::text::width::cell_width;

/// `check(width, text, rows)`: the rows joined by `|`.
fn check(width: usize, text: &str, rows: &str) {
    let found: Vec<&str> = wrap(text, width).into_iter().map(|row| &text[row]).collect();
    assert_eq!(found.join("|"), rows, "{text:?} at {width}");
}

#[test]
fn rows_break_behind_spaces() {
    check(10, "", "");
    check(10, "short", "short");
    check(10, "one two three four", "one two |three four");
    check(7, "one two three", "one two |three");
    check(9, "one two three", "one two |three");
    check(5, "a  b  c  d", "a  b  |c  d");
}

#[test]
fn spaces_hang() {
    check(3, "one   two", "one   |two");
    check(3, "one      ", "one      ");
    check(2, "     ", "     ");
}

#[test]
fn line_ends_end_rows() {
    check(10, "a\nb", "a|b");
    check(10, "a\r\nb", "a|b");
    check(10, "a\n", "a|");
    check(10, "\n\n", "||");
    check(3, "abc\nabcd", "abc|abc|d");
}

#[test]
fn long_words_break_anywhere() {
    check(4, "abcdefghij", "abcd|efgh|ij");
    check(4, "ab cdefghij", "ab |cdef|ghij");
    check(4, "abcdef gh", "abcd|ef |gh");
}

#[test]
fn an_indent_stays_with_its_word() {
    check(6, "  abcdefgh", "  abcd|efgh");
    check(6, "  ab cdef", "  ab |cdef");
    check(2, "    ab", "    |ab");
}

#[test]
fn wide_characters_break_on_both_sides() {
    check(4, "漢字漢字", "漢字|漢字");
    check(5, "漢字漢字", "漢字|漢字");
    check(5, "abc漢字", "abc漢|字");
    check(5, "漢字abc", "漢字|abc");
    check(6, "漢字。漢", "漢字。|漢");
    check(4, "漢字。漢", "漢|字。|漢");
    check(4, "😀😀😀", "😀😀|😀");
}

#[test]
fn clusters_stay_whole() {
    check(3, "a👨‍👩‍👧‍👦👨‍👩‍👧‍👦", "a👨‍👩‍👧‍👦|👨‍👩‍👧‍👦");
    check(2, "e\u{301}e\u{301}e\u{301}", "e\u{301}e\u{301}|e\u{301}");
    check(3, "🇩🇪🇫🇷", "🇩🇪|🇫🇷");
}

#[test]
fn no_width_is_too_small() {
    check(0, "ab c", "a|b |c");
    check(1, "ab c", "a|b |c");
    check(1, "漢a", "漢|a");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn rows_hold_everything_and_fit(text in r"([a-c]| {1,3}|\n|字|。|e\u{301}|👩\u{200d}👧|🇩🇪|\PC){0,40}", width in 0_usize..12) {
        let rows = wrap(&text, width);
        let mut at = 0;
        for (index, row) in rows.iter().enumerate() {
            let between = &text[at..row.start];
            let ends_line = index > 0 && ["\n", "\r\n"].contains(&between);
            prop_assert!(between.is_empty() || ends_line, "{:?} is in no row", between);
            let shown = &text[row.clone()];
            prop_assert!(!shown.contains('\n'));
            prop_assert!(!shown.is_empty() || ends_line || index == 0, "an empty row from nowhere");
            let shown = shown.trim_end_matches([' ', '\u{3000}']);
            let fits = cell_width(shown) <= width.max(1) || graphemes(shown).count() == 1;
            prop_assert!(fits, "{:?} at {}", shown, width);
            at = row.end;
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn rows_are_filled(text in "[a-c ]{0,60}", width in 1_usize..12) {
        let rows = wrap(&text, width);
        for pair in rows.windows(2) {
            let next_word = text[pair[1].clone()].split(' ').next().unwrap_or_default();
            prop_assert!(pair[0].len() + next_word.len() > width, "{:?} at {}", text, width);
        }
    }
}
