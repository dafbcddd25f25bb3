//! What comes from outside and what is left of it.

use proptest::prelude::*;

use super::*;

fn check(text: &str, cleaned: &str) {
    assert_eq!(clean(text), cleaned, "{text:?}");
}

#[test]
fn clean_text_is_borrowed() {
    for text in ["", "plain\ntext", "héllo 漢字 👨‍👩‍👧‍👦 e\u{301}", "ی‌ک"] {
        assert!(matches!(clean(text), Cow::Borrowed(same) if same == text), "{text:?}");
    }
}

#[test]
fn sequences_go_whole() {
    check("\u{1b}[1;31mred\u{1b}[0m", "red");
    check("\u{1b}[38:2::255:0:0mred\u{1b}[?25l\u{1b}[2 q", "red");
    check("\u{1b}]0;title\u{7}a\u{1b}]2;title\u{1b}\\b", "ab");
    check("\u{1b}]8;;https://example.org\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link");
    check("\u{1b}]52;c;aGk=\u{7}x", "x");
    check("\u{1b}Pq#0;2;0;0;0\u{7}still\u{1b}\\x", "x");
    check("\u{1b}_Gi=1;AAAA\u{1b}\\x\u{1b}^pm\u{1b}\\y\u{1b}Xsos\u{1b}\\z", "xyz");
    check("\u{1b}(B\u{1b}=\u{1b}7\u{1b}Ma", "a");
    check("\u{9b}31mred\u{9d}0;title\u{9c}x\u{90}dcs\u{9c}y\u{84}z", "redxyz");
}

#[test]
fn a_sequence_cut_off_swallows_no_other_line() {
    for cut in
        ["\u{1b}", "\u{1b}[", "\u{1b}[3", "\u{1b}[3 ", "\u{1b}]0;ti", "\u{1b}]0;ti\u{1b}", "\u{1b}P1$r", "\u{1b}("]
    {
        check(&format!("a{cut}"), "a");
        check(&format!("a{cut}\nb"), "a\nb");
    }
    check("\u{1b}]0;title\u{1b}[1mbold", "bold");
    check("\u{1b}\u{1b}[1mbold", "bold");
    check("\u{1b}[1\u{1b}[1mbold", "bold");
    check("\u{1b}é", "é");
    check("\u{1b}[é", "é");
}

#[test]
fn a_carriage_return_begins_the_line_anew() {
    check("a\r\nb\r\r\nc", "a\nb\nc");
    check("10%\r50%\r100%\ndone", "100%\ndone");
    check("first\n10%\r\u{1b}[K20%", "first\n20%");
    check("last state\r", "last state");
    check("last state\r\u{1b}[K", "last state");
    check("a\r\r", "a");
}

#[test]
fn a_backspace_takes_back() {
    check("N\u{8}NA\u{8}A", "NA");
    check("_\u{8}漢字\u{8}", "漢");
    check("e\u{301}\u{8}x", "x");
    check("a\n\u{8}\u{8}b", "a\nb");
}

#[test]
fn tabs_go_to_the_next_stop() {
    check("\tx", "    x");
    check("a\tx\tabcd\tx", "a   x   abcd    x");
    check("漢\tx", "漢  x");
    check("abc\n\tx", "abc\n    x");
    check("\u{1b}[1ma\u{1b}[0m\tx", "a   x");
    check("abc\u{8}\u{8}\tx", "a   x");
    assert_eq!(clean_with("\u{1b}[1m\ta\u{0}\tb", Tabs::Keep), "\ta\tb");
    assert!(matches!(clean_with("\ta", Tabs::Keep), Cow::Borrowed("\ta")));
}

#[test]
fn what_does_not_print_goes() {
    check("a\u{0}b\u{7f}c\u{7}d\u{85}e", "abcde");
    check("a\u{202e}b\u{2066}c\u{200f}d\u{feff}e\u{200b}f\u{2028}g\u{ad}h", "abcdefgh");
}

#[test]
fn escapes_show_everything() {
    for (text, escaped) in [
        ("cargo test -- 'é' \"漢字\" \\n\nnext", "cargo test -- 'é' \"漢字\" \\n\nnext"),
        ("हिन्दी e\u{301}", "हिन्दी e\u{301}"),
        ("a\u{1b}[8mb", "a\\x1b[8mb"),
        ("a\tb\rc\u{0}d\u{7f}", "a\\tb\\rc\\x00d\\x7f"),
        ("\u{9b}x", "\\u{9b}x"),
        ("rm \u{202e}txt.exe", "rm \\u{202e}txt.exe"),
        ("a\u{200b}b\u{200d}c\u{feff}d\u{ad}e", "a\\u{200b}b\\u{200d}c\\u{feff}d\\u{ad}e"),
        ("a\u{a0}b\u{3000}c\u{2003}d", "a\\u{a0}b\\u{3000}c\\u{2003}d"),
        ("a\u{3164}b\u{2800}c\u{fe0f}d\u{e0041}e", "a\\u{3164}b\\u{2800}c\\u{fe0f}d\\u{e0041}e"),
        ("a\u{e000}b\u{10ffff}c\u{2028}d", "a\\u{e000}b\\u{10ffff}c\\u{2028}d"),
    ] {
        assert_eq!(escape(text), escaped, "{text:?}");
        assert_eq!(matches!(escape(text), Cow::Borrowed(_)), text == escaped, "{text:?}");
    }
}

#[test]
fn joiners_and_selectors_stay_where_they_are_needed() {
    for text in [
        "👨\u{200d}👩\u{200d}👧 🧑🏻\u{200d}❤\u{fe0f}\u{200d}🧑🏿 🏳\u{fe0f}\u{200d}🌈 ⚠\u{fe0f} ✔\u{fe0e} 1\u{fe0f}\u{20e3} #\u{fe0f}\u{20e3}",
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} 🇩🇪",
        "می\u{200c}خواهم کتاب\u{200c}ها",
        "क्\u{200d}ष र्\u{200d}य क्\u{200c}ष",
        "র\u{200d}\u{9cd}য শ্রী",
        "ශ්\u{200d}රී ලංකා",
        "葛\u{e0100}城 辻\u{fe00}",
        "ᠮᠣᠩᠭᠣᠯ\u{180b}",
    ] {
        assert!(matches!(escape(text), Cow::Borrowed(_)), "{text} became {}", escape(text));
    }
    for (text, escaped) in [
        ("rm a\u{200d}b \u{200c}c", "rm a\\u{200d}b \\u{200c}c"),
        ("👨\u{200d} 👨\u{200d}", "👨\\u{200d} 👨\\u{200d}"),
        ("می\u{200c} خواهم\u{200c}", "می\\u{200c} خواهم\\u{200c}"),
        ("a\u{fe0f}b 1\u{fe0f}c 1\u{20e3}", "a\\u{fe0f}b 1\\u{fe0f}c 1\\u{20e3}"),
        ("x\u{e0100} 漢\u{fe0f}", "x\\u{e0100} 漢\\u{fe0f}"),
        ("🏴\u{e0068}\u{e0069}\u{e007f}", "🏴\\u{e0068}\\u{e0069}\\u{e007f}"),
        ("का\u{200d}", "का\\u{200d}"),
    ] {
        assert_eq!(escape(text), escaped, "{text:?}");
    }
}

#[test]
fn a_line_of_a_file_has_columns() {
    let shown = |text: &str| {
        let mut out = String::new();
        file_line_parts(text, |part, is_escape| {
            out.push_str(&if is_escape { format!("<{part}>") } else { part.to_owned() })
        });
        out
    };
    for (text, line) in [
        ("\tif err != nil {", "    if err != nil {"),
        ("\t\treturn\t// why", "        return  // why"),
        ("a\tb\t漢\tc", "a   b   漢  c"),
        ("x\u{202e}\ty", "x<\\u{202e}>   y"),
        ("\t\u{1b}[2J\rend", "    <\\x1b>[2J<\\r>end"),
        ("می\u{200c}خواهم\t⚠\u{fe0f}", "می\u{200c}خواهم ⚠\u{fe0f}"),
        ("\u{3000}\u{3000}段落。", "\u{3000}\u{3000}段落。"),
        ("let\u{3000}x;", "let<\\u{3000}>x;"),
        ("a\u{a0}b", "a<\\u{a0}>b"),
        ("", ""),
    ] {
        assert_eq!(shown(text), line, "{text:?}");
    }
}

/// Were any of these work that grows with the square of the length, the test would take a minute.
#[test]
fn floods_pass() {
    const TIMES: usize = 50_000;
    for (flood, left) in [
        ("\r", 0),
        ("\u{1b}]", 0),
        ("\u{1b}P\u{7}", 0),
        ("\u{9b}", 0),
        ("\t\u{8}\r", 3),
        ("漢\u{8}", 0),
        ("a\t", 4 * TIMES),
    ] {
        assert_eq!(clean(&flood.repeat(TIMES)).len(), left, "{flood:?}");
    }
}

/// Text as hostile as it gets: pieces of sequences, controls, clusters.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\u{1b}".to_owned()),
        prop::sample::select(vec![
            "[", "]0;", "]8;;", "P", "_G", "^", "X", "(", "m", "\\", "\u{7}", "\u{18}", " ", "3;"
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec!["\r", "\n", "\t", "\u{8}", "\u{9b}", "\u{9d}", "\u{9c}", "\u{90}", "\u{202e}"])
            .prop_map(str::to_owned),
        prop::sample::select(vec!["a", "漢", "e\u{301}", "👨‍👩‍👧", "🇩🇪", "\u{200b}"]).prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn cleaned_text_commands_nothing(text in hostile()) {
        let cleaned = clean(&text).into_owned();
        prop_assert!(cleaned.chars().all(|character| character == '\n' || !character.is_control()), "{:?}", cleaned);
        prop_assert!(matches!(clean(&cleaned), Cow::Borrowed(_)), "{:?}", cleaned);
        prop_assert_eq!(cleaned.matches('\n').count(), text.matches('\n').count());
    }

    #[test]
    fn escaped_text_hides_nothing(text in hostile()) {
        let escaped = escape(&text).into_owned();
        prop_assert!(escaped.chars().all(|character| character == '\n' || !character.is_control()), "{:?}", escaped);
        prop_assert!(matches!(escape(&escaped), Cow::Borrowed(_)), "{:?}", escaped);
        prop_assert!(escaped.chars().count() >= text.chars().count());
    }
}
