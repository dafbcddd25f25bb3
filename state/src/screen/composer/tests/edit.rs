//! Motions, deletions, kills and undo.

use super::*;

#[test]
fn typing_goes_to_the_caret() {
    check("|", "hello", "hello|");
    check("a|c", "b", "ab|c");
    check("a|b", "<c-j>", "a\n|b");
    check("a|b", "<a-enter>", "a\n|b");
    check("a|b", "<s-enter>", "a\n|b");
    check("|", "<lt>é漢😀", "<é漢😀|");
}

#[test]
fn keys_of_others_are_not_used() {
    let mut composer = composer("text|");
    for name in ["enter", "c-c", "c-t", "c-z", "a-x", "c-a-k"] {
        assert!(!composer.key(key(name), WIDTH), "{name}");
    }
    for code in [KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::PageUp, KeyCode::F(1), KeyCode::Insert] {
        assert!(!composer.key(KeyPress::plain(code), WIDTH), "{code:?}");
    }
    assert_eq!(marked(&composer), "text|");
}

#[test]
fn motions_by_character() {
    check("ab|c", "<left>", "a|bc");
    check("ab|c", "<c-b><c-b><c-b>", "|abc");
    check("|abc", "<right><c-f>", "ab|c");
    check("abc|", "<right>", "abc|");
    check("a\n|b", "<left>", "a|\nb");
    check("a|\nb", "<right>", "a\n|b");
}

#[test]
fn motions_by_cluster() {
    check("👨‍👩‍👧‍👦|", "<left>", "|👨‍👩‍👧‍👦");
    check("|👨‍👩‍👧‍👦x", "<right>", "👨‍👩‍👧‍👦|x");
    check("🇩🇪🇫🇷|", "<left>", "🇩🇪|🇫🇷");
    check("ae\u{301}|", "<left>", "a|e\u{301}");
    check("👍🏽❤\u{fe0f}|", "<left><left>", "|👍🏽❤\u{fe0f}");
}

#[test]
fn deletions_by_cluster() {
    check("x👨‍👩‍👧‍👦|", "<backspace>", "x|");
    check("x|👨‍👩‍👧‍👦y", "<delete>", "x|y");
    check("🇩🇪🇫🇷|", "<backspace>", "🇩🇪|");
    check("e\u{301}|", "<c-h>", "|");
    check("|e\u{301}x", "<c-d>", "|x");
    check("a\n|b", "<backspace>", "a|b");
    check("a|\nb", "<delete>", "a|b");
    check("|", "<backspace><delete>", "|");
}

#[test]
fn clusters_that_grow_together_keep_the_caret_out() {
    // Without the letter, the two halves are one flag.
    check("🇩x|🇪", "<backspace>", "🇩🇪|");
    check("a\n|\u{301}", "<backspace>", "a\u{301}|");
    check("|e\u{301}", "<end>\u{302}<left>", "|e\u{301}\u{302}");
}

#[test]
fn motions_by_word() {
    check("one two|", "<c-left>", "one |two");
    check("one two  |", "<a-b>", "one |two  ");
    check("|one two", "<a-f>", "one| two");
    check("one| two", "<c-right>", "one two|");
    check("foo.bar_baz|", "<a-left>", "foo.|bar_baz");
    check("foo.|bar", "<a-left>", "foo|.bar");
    check("one\n|two", "<a-left>", "|one\ntwo");
    check("one|\ntwo", "<a-right>", "one\ntwo|");
    check("naïve e\u{301}te\u{301}|", "<a-b>", "naïve |e\u{301}te\u{301}");
}

#[test]
fn motions_by_line() {
    check("one\ntw|o\nthree", "<home>", "one\n|two\nthree");
    check("one\nt|wo\nthree", "<end>", "one\ntwo|\nthree");
    check("one\ntw|o", "<c-a><c-a>", "one\n|two");
    check("on|e\ntwo", "<c-e><c-e>", "one|\ntwo");
}

#[test]
fn kills_and_yanks() {
    check("ab|c", "<left><c-k>", "a|");
    check("ab|c", "<c-k><c-a><c-y>", "c|ab");
    check("ab|c", "<c-u>", "|c");
    check("a|\nb", "<c-k>", "a|b");
    check("a\n|b", "<c-u>", "a|b");
    check("one two|", "<c-w>", "one |");
    check("one two|", "<a-backspace><c-y><c-y>", "one twotwo|");
    check("|one two", "<a-d>", "| two");
    check("|one two", "<a-delete><end><c-y>", " twoone|");
    check("a|", "<c-y>", "a|");
}

#[test]
fn kills_in_a_row_gather() {
    check("one two three|", "<c-w><c-w><home><c-y>", "two three|one ");
    check("|one two", "<a-d><a-d><c-y>", "one two|");
    check("a|\nb", "<c-k><c-k><c-y>", "a\nb|");
    check("one two|", "<c-w><left><right><c-w><c-y>", "one |");
}

#[test]
fn deleting_a_character_leaves_the_yank_text() {
    check("abc|", "<c-w>xy<backspace><c-y>", "xabc|");
    check("abc|", "<c-w>x<left><delete><c-y>", "abc|");
}

#[test]
fn undo_takes_back_by_words() {
    check("|", "one two<c-_>", "one |");
    check("|", "one two<c-_><c-_>", "|");
    check("|", "one two<c-7><c-/><c-->", "|");
    check("|", "one two<c-_><c-_><a-_>", "one |");
    check("|", "one two<c-_><a-_>", "one two|");
    check("|", "one two<c-_>x<a-_>", "one x|");
    check("abc def|", "<backspace><backspace><c-_>", "abc def|");
    check("one two|", "<c-w><c-w><c-_>", "one |");
    check("ab|c", "<c-k>x<c-_><c-_>", "abc|");
    check("|", "ab<left>c<c-_>", "a|b");
    check("text|", "<c-_><a-_>", "text|");
}

#[test]
fn undo_keeps_multiline_edits_whole() {
    let mut composer = composer("a|b");
    composer.insert_str("one\ntwo\nthree");
    assert_eq!(marked(&composer), "aone\ntwo\nthree|b");
    press(&mut composer, "<c-u><c-u><c-u>", WIDTH);
    assert_eq!(marked(&composer), "aone\n|b");
    press(&mut composer, "<c-_><c-_><c-_><c-_>", WIDTH);
    assert_eq!(marked(&composer), "a|b");
    press(&mut composer, "<a-_><a-_><a-_><a-_>", WIDTH);
    assert_eq!(marked(&composer), "aone\n|b");
}

#[test]
fn what_is_inserted_is_tidy() {
    let mut composer = composer("|");
    composer.insert_str("a\r\nb\rc\u{1b}[31md\u{0}\te\u{202e}");
    assert_eq!(marked(&composer), "a\nb\ncd\te|");
    composer.insert_char('\u{7}');
    composer.insert_char('\u{202e}');
    assert_eq!(marked(&composer), "a\nb\ncd\te|");
}

#[test]
fn a_place_behind_the_engines_16_bits_is_reached() {
    let long = "x".repeat(70_000);
    let mut composer = composer(&format!("{long}|yz"));
    press(&mut composer, "<backspace>!", WIDTH);
    assert_eq!(marked(&composer), format!("{}!|yz", &long[1..]));
    press(&mut composer, "<c-_><c-_>", WIDTH);
    assert_eq!(marked(&composer), format!("{long}|yz"));

    let mut composer = self::composer(&format!("{}ab|c", "\n".repeat(70_000)));
    press(&mut composer, "<left>!", WIDTH);
    assert_eq!(marked(&composer), format!("{}a!|bc", "\n".repeat(70_000)));
}
