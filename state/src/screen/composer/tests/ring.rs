//! The kill ring, pastes that are opened, and more keys, one line a case.

use super::*;

#[test]
fn what_was_killed_before_takes_the_place_of_what_was_yanked() {
    check("one two|", "<c-w>x<c-u><c-y>", "one x|");
    check("one two|", "<c-w>x<c-u><c-y><a-y>", "two|");
    check("one two|", "<c-w>x<c-u><c-y><a-y><a-y>", "one x|");
    check("a b|", "<c-w><left><right><c-w><c-y><a-y>", "b|");
    check("a b c|", "<c-w><left><right><c-w><left><right><c-w><c-y>", "a |");
    check("a b c|", "<c-w><left><right><c-w><left><right><c-w><c-y><a-y>", "b |");
    check("a b c|", "<c-w><left><right><c-w><left><right><c-w><c-y><a-y><a-y>", "c|");
    check("a b c|", "<c-w><left><right><c-w><left><right><c-w><c-y><a-y><a-y><a-y>", "a |");
    check("a b|", "<c-w><a-y>", "a |");
    check("a b|", "<c-w>x<a-y>", "a x|");
    check("a b|", "<c-w><c-y><left><a-y>", "a |b");
    check("a b|", "<c-w><left><right><c-w><c-y><a-y><c-_>", "a |");
}

#[test]
fn a_paste_is_opened_and_closed_again_by_undo() {
    let mut composer = composer("see | now");
    composer.paste(&"x".repeat(1200));
    press(&mut composer, "<a-o>", WIDTH);
    assert_eq!(composer.text(), format!("see {} now", "x".repeat(1200)));
    press(&mut composer, "<c-_>", WIDTH);
    assert_eq!(marked(&composer), "see [Pasted Content 1200 chars]| now");
    press(&mut composer, "<left><a-o><c-a>", WIDTH);
    assert!(composer.text().starts_with("see xxx"));
    check("no pill|", "<a-o>", "no pill|");
    let mut composer = self::composer("|");
    composer.attach_image(image("one"));
    press(&mut composer, "<a-o>", WIDTH);
    assert_eq!(marked(&composer), "[Image #one]|".replace("one", "1"));
}

#[test]
fn an_image_shows_name_and_size() {
    let mut composer = composer("|");
    composer.attach_image(ImageInput { name: "a\u{1b}[31m.png 3x2".to_owned(), url: Arc::from("data:,") });
    assert_eq!(composer.text(), "[Image #1 a.png 3x2]");
    assert_eq!(composer.take().text, "[Image #1]");
}

#[test]
fn wide_characters() {
    check("漢字|", "<left>", "漢|字");
    check("漢字|", "<backspace>", "漢|");
    check("|漢字", "<delete>", "|字");
    check("|漢字 かな", "<a-f>", "漢字| かな");
    check("漢字 かな|", "<a-b>", "漢字 |かな");
    check("漢字 かな|", "<c-w>", "漢字 |");
    check("漢字 かな|", "<c-u>", "|");
    check("漢|字", "<c-k>", "漢|");
    check("|漢字", "<c-e>!", "漢字!|");
    check("漢字|", "<c-a>!", "!|漢字");
    check("ｆｕｌｌ|", "<left><left>x", "ｆｕx|ｌｌ");
    check("👩🏽‍🚀|", "<backspace>", "|");
    check("👩🏽‍🚀a|", "<left><left>", "|👩🏽‍🚀a");
    check("❤\u{fe0f}x|", "<left><backspace>", "|x");
    check("1\u{fe0f}\u{20e3}|", "<backspace>", "|");
    check("각|", "<left>", "|각");
    check("한국어 말|", "<a-b>", "한국어 |말");
    check("नमस्ते|", "<backspace><backspace><backspace><backspace>", "|");
    check("שלום עולם|", "<a-b>", "שלום |עולם");
    check("مرحبا|", "<left>x", "مرحبxا".replace("x", "x|").as_str());
    check("a\u{200d}b|", "<left>", "a\u{200d}|b");
    check("漢\n|字", "<up>", "|漢\n字");
    check("漢字\na|b", "<up>", "|漢字\nab");
    check("漢字\nab|", "<up>", "漢|字\nab");
    check("漢字\nabcd|", "<up>", "漢字|\nabcd");
}

#[test]
fn keys_by_other_names() {
    check("abc|", "<c-b><c-b>", "a|bc");
    check("|abc", "<c-f><c-f>", "ab|c");
    check("abc|", "<c-h><c-h>", "a|");
    check("|abc", "<c-d><c-d>", "|c");
    check("a\nb|", "<c-p>", "a|\nb");
    check("a|\nb", "<c-n>", "a\nb|");
    check("one two|", "<a-left>", "one |two");
    check("|one two", "<a-right>", "one| two");
    check("one two|", "<c-left><c-left>", "|one two");
    check("|one two", "<c-right><c-right>", "one two|");
    check("one two|", "<c-backspace>", "one |");
    check("|one two", "<c-delete>", "| two");
    check("one two|", "<a-backspace><a-backspace>", "|");
    check("|one two", "<a-d><a-d>", "|");
    check("ab|", "<s-left>", "a|b");
    check("ab|", "<s-home>", "|ab");
    check("|ab", "<s-end>", "ab|");
    check("ab|", "<c-J>c", "ab\nc|");
    check("ab|", "<c-A>x", "x|ab");
    check("ab|cd", "<c-K>", "ab|");
    check("ab|cd", "<c-U>", "|cd");
    check("a b|", "<c-W>", "a |");
    check("a|", "<s-backspace>", "|");
    check("|a", "<s-delete>", "|");
    check("a b|", "<c-w><c-Y>", "a b|");
    check("|", "A B", "A B|");
    check("|", "ÄÖ ß", "ÄÖ ß|");
    check("|", "a<a-enter>b<s-enter>c<c-j>d", "a\nb\nc\nd|");
}

#[test]
fn the_edges_of_a_draft() {
    check("|", "<left><right><home><end>", "|");
    check("|", "<c-w><c-u><c-k><a-d>", "|");
    check("|", "<c-y><a-y>", "|");
    check("|a", "<left><backspace>", "|a");
    check("a|", "<right><delete>", "a|");
    check("|a", "<a-b><c-w><c-u>", "|a");
    check("a|", "<a-f><a-d><c-k>", "a|");
    check("\n|", "<backspace>", "|");
    check("|\n", "<delete>", "|");
    check("\n|\n", "<c-k>", "\n|");
    check("\n|\n", "<c-u>", "|\n");
    check("   |", "<c-w>", "|");
    check("   |", "<a-b>", "|   ");
    check("|   ", "<a-f>", "   |");
    check("a  |  b", "<c-w>", "|  b");
    check("a  |  b", "<a-d>", "a  |");
    check("a.b.c|", "<c-w><c-w>", "a.b|");
    check("--flag=x|", "<c-w>", "--flag=|");
    check("/usr/bin|", "<a-b><a-b>", "/usr|/bin");
    check("snake_case|", "<c-w>", "|");
    check("tab\there|", "<a-b>", "tab\t|here");
    check("a\n\nb|", "<up><up>", "a|\n\nb");
    check("abc\n\nabc|", "<up><up>", "abc|\n\nabc");
    check("abc\na\nabc|", "<up><up>", "abc|\na\nabc");
    check("|abc\na\nabc", "<end><down><down>", "abc\na\nabc|");
    check("a|b", "x<c-_><a-_>", "ax|b");
    check("a|", "<c-_><c-_><a-_><a-_>", "a|");
    check("one|", " two<c-w><c-_><c-_>", "one |");
}
