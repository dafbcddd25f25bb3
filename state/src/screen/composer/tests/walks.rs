//! Several keys after each other, as hands press them, one line a case. Rows break at 20 cells.

use super::*;

#[test]
fn rows_that_the_window_breaks() {
    check("one two three four five six|", "<up>", "one two |three four five six");
    check("one two |three four five six", "<down>", "one two three four five six|");
    check("one two three four five six|", "<up><down>", "one two three four five six|");
    check("|one two three four five six", "<down>", "one two three four |five six");
    check("one two three four five six|", "<home>", "|one two three four five six");
    check("|one two three four five six", "<end>", "one two three four five six|");
    check("abcdefghijklmnopqrstuvwxyz|", "<up>", "abcdef|ghijklmnopqrstuvwxyz");
    check("abcdef|ghijklmnopqrstuvwxyz", "<down>", "abcdefghijklmnopqrstuvwxyz|");
    check("漢字漢字漢字漢字漢字漢字|", "<up>", "漢字|漢字漢字漢字漢字漢字");
    check("one two three four five six\nx|", "<up>", "one two three four f|ive six\nx");
    check("x|\none two three four five six", "<down><down>", "x\none two three four f|ive six");
}

#[test]
fn a_column_is_kept_over_short_rows() {
    check("abcdef\n\nabcd|ef", "<up><up>", "abcd|ef\n\nabcdef");
    check("abcdef\nab\nabcd|ef", "<up><up>", "abcd|ef\nab\nabcdef");
    check("abcd|ef\nab\nabcdef", "<down><down><up>", "abcdef\nab|\nabcdef");
    check("abcd|ef\nab\nabcdef", "<down><left><down>", "abcdef\nab\na|bcdef");
    check("abcdef|\nx\nabcdef", "<down>y<down>", "abcdef\nxy\nab|cdef");
    check("e\u{301}e\u{301}e\u{301}|\nabc", "<down>", "e\u{301}e\u{301}e\u{301}\nabc|");
    check("ab\n👩🏽‍🚀👩🏽‍🚀|", "<up>", "ab|\n👩🏽‍🚀👩🏽‍🚀");
    check("abc|\n👩🏽‍🚀👩🏽‍🚀", "<down>", "abc\n👩🏽‍🚀|👩🏽‍🚀");
}

#[test]
fn a_sentence_is_put_right() {
    check("fix teh bug|", "<a-b><left><c-w>the", "fix the| bug");
    check("fix teh bug|", "<a-b><a-b><a-d>the<c-e>s", "fix the bugs|");
    check("add test|", "<a-b>a <c-e>s", "add a tests|");
    check("say hello|", "<c-w>bye<c-_>", "say |");
    check("one two|", "<c-a><a-d><c-e> <c-y>", " two one|");
    check("first\nsecond|", "<c-u><backspace><c-a><c-y>\u{20}", "second |first");
    check("first\nsecond|", "<up><c-a><c-k><c-k><down><c-e><c-j><c-y>", "second\nfirst\n|");
    check("a b c d|", "<a-b><a-b><c-k>x<c-a><c-y>", "c d|a b x");
    check("call(x)|", "<left><a-b><a-d>y", "call(y|)");
    check("let a = 1;|", "<a-b><a-b>", "let a = |1;");
    check("path/to/file.rs|", "<c-w><c-w><c-w>", "path/to/|");
    check("don't|", "<a-b>", "don'|t");
    check("x = \"a b\"|", "<left><c-w><c-w>y", "x = \"y|\"");
}

#[test]
fn undo_and_redo_in_turns() {
    check("|", "a b c<c-_><c-_>", "a |");
    check("|", "a b c<c-_><c-_><a-_><a-_>", "a b c|");
    check("|", "a<c-j>b<c-_>", "a\n|");
    check("|", "a<c-j>b<c-_><c-_>", "a|");
    check("one|", "<backspace><c-w><c-_><c-_>", "one|");
    check("one|", "<c-u>two<c-_><c-_><a-_>", "|");
    check("one two|", "<a-b><c-k><c-_><c-e>!", "one two!|");
    check("one|", "x<left>y<c-_>", "one|x");
    check("漢|", "字<c-_>", "漢|");
    check("👩🏽‍🚀|", "<backspace><c-_>", "👩🏽‍🚀|");
    check("ab|", "<c-w><c-y><c-_>", "|");
}

#[test]
fn kills_meet_line_ends() {
    check("a\nb\nc|", "<c-u><c-u><c-u>", "a\n|");
    check("|a\nb\nc", "<c-k><c-k><c-k>", "|\nc");
    check("|a\nb\nc", "<c-k><c-k><c-k><c-k><c-y>", "a\nb\n|c");
    check("a\n  |b", "<c-w>", "|b");
    check("a\n|b", "<c-w>", "|b");
    check("a|\nb", "<a-d>", "a|");
    check("a\r|", "x", "a\nx|");
}
