//! The vim keys, one line a case: `vim("one |two", "dw", "one| ")`. The caret stands on the character behind the `|`.

use super::*;
use crate::screen::composer::Mode;

fn vim_composer(start: &str) -> Composer {
    let mut composer = composer(start);
    composer.use_vim(true);
    composer
}

fn press_vim(composer: &mut Composer, keys: &str) {
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let (name, behind) = match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            Some(split) if split.0.len() > 1 => split,
            _ => rest.split_at(first.len_utf8()),
        };
        rest = behind;
        let press = match name {
            "esc" => KeyPress::plain(KeyCode::Esc),
            name => key(name),
        };
        if let Some(press) = composer.vim_key(press, WIDTH) {
            composer.key(press, WIDTH);
            composer.keep_on_text();
        }
    }
}

#[track_caller]
fn vim(start: &str, keys: &str, end: &str) {
    let mut composer = vim_composer(start);
    press_vim(&mut composer, keys);
    assert_eq!(marked(&composer), end, "{start:?} after {keys}");
}

#[test]
fn motions() {
    vim("one| two", "h", "on|e two");
    vim("|one", "hh", "|one");
    vim("o|ne", "l", "on|e");
    vim("on|e", "l", "on|e");
    vim("|one two", "2l", "on|e two");
    vim("a\nb|c", "hh", "a\n|bc");
    vim("|one two", "w", "one |two");
    vim("|one.two", "w", "one|.two");
    vim("|one.two three", "W", "one.two |three");
    vim("|one\n\ntwo", "w", "one\n|\ntwo");
    vim("|one\n\ntwo", "ww", "one\n\n|two");
    vim("|one two three", "2w", "one two |three");
    vim("one two|", "b", "one |two");
    vim("one.two|", "b", "one.|two");
    vim("a one.two|", "B", "a |one.two");
    vim("|one two", "e", "on|e two");
    vim("on|e two", "e", "one tw|o");
    vim("|one.two x", "E", "one.tw|o x");
    vim("one tw|o", "ge", "on|e two");
    vim("one.a tw|o", "gE", "one.|a two");
    vim("  one tw|o", "0", "|  one two");
    vim("  one tw|o", "^", "  |one two");
    vim("|one\ntwo", "$", "on|e\ntwo");
    vim("|one\ntwo", "2$", "one\ntw|o");
    vim("a\nb\n|c", "gg", "|a\nb\nc");
    vim("|a\nb\n c", "G", "a\nb\n |c");
    vim("|a\nb\nc", "2G", "a\n|b\nc");
    vim("a\nb\n|c", "2gg", "a\n|b\nc");
    vim("|a\nb", "j", "a\n|b");
    vim("a\n|b", "k", "|a\nb");
    vim("|a\nb\nc", "2j", "a\nb\n|c");
    vim("|one\n\ntwo", "}", "one\n|\ntwo");
    vim("one\n\ntw|o", "{", "one\n|\ntwo");
    vim("one\n\ntw|o", "2{", "|one\n\ntwo");
    vim("|f(a, [b])", "%", "f(a, [b]|)");
    vim("f(a, [b]|)", "%", "f|(a, [b])");
    vim("|none", "%", "|none");
}

#[test]
fn searches_in_the_line() {
    vim("|a,b,c", "f,", "a|,b,c");
    vim("|a,b,c", "2f,", "a,b|,c");
    vim("|a,b,c", "t,", "|a,b,c");
    vim("|ab,c", "t,", "a|b,c");
    vim("a,b,|c", "F,", "a,b|,c");
    vim("a,b,|c", "T,", "a,b,|c");
    vim("|a,b,c", "f,;", "a,b|,c");
    vim("|a,b,c", "f,;,", "a|,b,c");
    vim("|abc", "fx", "|abc");
    vim("|a,b", "df,", "|b");
    vim("|a,b", "dt,", "|,b");
    vim("a,b|c", "dF,", "a|c");
    vim("|a\nx", "fx", "|a\nx");
    vim("|漢字,é", "fé", "漢字,|é");
}

#[test]
fn deletions() {
    vim("|abc", "x", "|bc");
    vim("ab|c", "x", "a|b");
    vim("|abcd", "3x", "|d");
    vim("ab|c", "X", "a|c");
    vim("one |two", "dw", "one| ");
    vim("|one two three", "d2w", "|three");
    vim("|one two three four", "2d2w", "|");
    vim("one |two\nthree", "dw", "one| \nthree");
    vim("one two|", "db", "one |o");
    vim("one |two three", "de", "one | three");
    vim("one |two", "D", "one| ");
    vim("one |two", "d$", "one| ");
    vim("one |two", "d0", "|two");
    vim("a\n|b\nc", "dd", "a\n|c");
    vim("a\nb\n|c", "dd", "a\n|b");
    vim("|a", "dd", "|");
    vim("|a\nb\nc", "2dd", "|c");
    vim("|a\nb\nc", "dj", "|c");
    vim("a\nb\n|c", "dk", "|a");
    vim("a\n|b\nc", "dG", "|a");
    vim("a\n|b\nc", "dgg", "|c");
    vim("|a b", "d<esc>w", "a |b");
    vim("|one\ntwo", "J", "one| two");
    vim("|a\n  b\nc", "3J", "a b| c");
    vim("👨‍👩‍👧‍👦|e\u{301}x", "x", "👨‍👩‍👧‍👦|x");
}

#[test]
fn changes() {
    vim("|one two", "cwnew<esc>", "ne|w two");
    vim("one |two", "cwx<esc>", "one |x");
    vim("|one two", "c2wx<esc>", "|x");
    vim("a\n|b\nc", "ccnew<esc>", "a\nne|w\nc");
    vim("one |two", "Cx<esc>", "one |x");
    vim("|abc", "sX<esc>", "|Xbc");
    vim("a |b\nc", "Sx<esc>", "|x\nc");
    vim("|abc", "rx", "|xbc");
    vim("|abc", "2rx", "x|xc");
    vim("|ab", "3rx", "|ab");
    vim("|aBc", "~~", "Ab|c");
    vim("|one two", "gUw", "|ONE two");
    vim("|ONE two", "guiw", "|one two");
    vim("|One", "g~~", "|oNE");
    vim("|ONE", "guu", "|one");
    vim("|one", "gUU", "|ONE");
    vim("|a\nb", ">>", "  |a\nb");
    vim("  |a\nb", "<lt><lt>", "|a\nb");
    vim("|a\nb", ">j", "  |a\n  b");
}

#[test]
fn insertions() {
    vim("a|c", "ib<esc>", "a|bc");
    vim("a|c", "ab<esc>", "ac|b");
    vim("  ab|c", "Ix<esc>", "  |xabc");
    vim("|abc", "Ax<esc>", "abc|x");
    vim("|a\nb", "onew<esc>", "a\nne|w\nb");
    vim("|a\nb", "Onew<esc>", "ne|w\na\nb");
    vim("|", "ihello<esc>", "hell|o");
    vim("|", "/help<esc>", "/hel|p");
    vim("|", "!ls<esc>", "!l|s");
    vim("a|b", "i<left>x<esc>", "|xab");
}

#[test]
fn yanks_and_puts() {
    vim("|one two", "ywP", "one| one two");
    vim("|one two", "yw$p", "one twoone| ");
    vim("|a\nb", "yyp", "a\n|a\nb");
    vim("a\n|b", "yyP", "a\n|b\nb");
    vim("|a\nb", "ddp", "b\n|a");
    vim("|ab", "xp", "b|a");
    vim("|ab", "x3p", "baa|a");
    vim("|a\nb", "Yjp", "a\nb\n|a");
    vim("|a\nb", "2yyjp", "a\nb\n|a\nb");
    vim("one |two", "yiwA <esc>p", "one two tw|o");
    vim("|x", "p", "|x");
}

#[test]
fn text_objects() {
    vim("one t|wo three", "diw", "one | three");
    vim("one t|wo three", "daw", "one |three");
    vim("one tw|o", "daw", "on|e");
    vim("a b.|c d", "diW", "a | d");
    vim("say \"on|e\" now", "di\"", "say \"|\" now");
    vim("say \"on|e\" now", "da\"", "say |now");
    vim("|say 'one' now", "ci'x<esc>", "say '|x' now");
    vim("a `b| c` d", "di`", "a `|` d");
    vim("f(a, |b)", "di(", "f(|)");
    vim("f(a, |b) c", "dab", "f| c");
    vim("f(|a, (b), c)", "dib", "f(|)");
    vim("[a\nb|c]", "di[", "[|]");
    vim("{ |x }", "ciBy<esc>", "{|y}");
    vim("x <a|b> y", "da<lt>", "x | y");
    vim("a\nb|\n\nc", "dip", "|\nc");
    vim("a\nb|\n\nc", "dap", "|c");
    vim("no| brackets", "di(", "no| brackets");
    vim("\"a \\\" |b\"", "di\"", "\"|\"");
}

#[test]
fn visual_mode() {
    vim("|abc", "vld", "|c");
    vim("|abc", "v$y$p", "abcab|c");
    vim("a|bc", "vhx", "|c");
    vim("|a\nb\nc", "Vjd", "|c");
    vim("|a\nb\nc", "Vyp", "a\n|a\nb\nc");
    vim("|abc", "vlU", "|ABc");
    vim("|abc", "vlcx<esc>", "|xc");
    vim("one t|wo", "viwd", "one| ");
    vim("f(a, |b)", "vi(d", "f(|)");
    vim("a|bc", "vlohd", "|");
    vim("|a\nb", "VJ", "a| b");
    vim("|abc", "vlrx", "|xxc");
    vim("|abc", "vl<esc>x", "a|c");
    vim("|a\nb", "V>", "  |a\nb");
    vim("|one two", "yiwwviwp", "one on|e");
    vim("|abc", "vvx", "|bc");
}

#[test]
fn repeats_and_undo() {
    vim("|a b c d", "dw.", "|c d");
    vim("|abcdef", "x2.", "|def");
    vim("|a\nb", "A!<esc>j.", "a!\nb|!");
    vim("|one two", "cwx<esc>w.", "x |x");
    vim("|abc", "xu", "|abc");
    vim("|abc", "xxuu", "|abc");
    vim("|abc", "xuU", "|bc");
    vim("|one", "cwtwo three four<esc>u", "|one");
    vim("|", "ione two three<esc>u", "|");
    vim("|a\nb\nc", "JJu", "a |b\nc");
    vim("|abc", "yy.", "|abc");
}

#[test]
fn modes() {
    let mut composer = vim_composer("abc|");
    assert_eq!((composer.vim_mode(), marked(&composer).as_str()), (Some(Mode::Normal), "ab|c"));
    press_vim(&mut composer, "i");
    assert_eq!(composer.vim_mode(), Some(Mode::Insert));
    press_vim(&mut composer, "<esc>V");
    assert_eq!(composer.vim_mode(), Some(Mode::Visual { from: 1, lines: true }));
    press_vim(&mut composer, "<esc>");
    // Esc in normal mode means what it always means, and so do Enter, Tab and `?`.
    for press in [KeyCode::Esc, KeyCode::Enter, KeyCode::Tab, KeyCode::Char('?')].map(KeyPress::plain) {
        assert_eq!(composer.vim_key(press, WIDTH), Some(press));
    }
    press_vim(&mut composer, "2d");
    assert_eq!(composer.vim_key(KeyPress::plain(KeyCode::Esc), WIDTH), None, "it takes back what was begun");
    assert_eq!(composer.text(), "abc");
    // Beyond the first row stand earlier inputs.
    assert_eq!(composer.vim_key(key("k"), WIDTH), Some(KeyPress::plain(KeyCode::Up)));
    composer.use_vim(false);
    press(&mut composer, "x", WIDTH);
    assert_eq!(composer.vim_mode(), None);
}

#[test]
fn a_pill_is_one_character() {
    let mut composer = vim_composer("see | now");
    composer.attach_image(image("one"));
    press_vim(&mut composer, "bx");
    assert_eq!(marked(&composer), "see | now");
}

#[test]
fn what_is_selected_is_painted() {
    let mut composer = vim_composer("|one two\nthree");
    press_vim(&mut composer, "wvj");
    assert_eq!(composer.layout(WIDTH).selected, [(0, 4..7), (1, 0..5)]);
}
