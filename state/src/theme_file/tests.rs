use super::{Font, parse};

const HEAD: &str = "<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"x.dtd\">\n<plist version=\"1.0\">\n";

fn theme(settings: &str) -> String {
    format!(
        "{HEAD}<dict>\n<key>name</key><string>Own</string>\n<key>settings</key>\n<array>\n{settings}\n</array>\n</dict>\n</plist>\n"
    )
}

#[test]
fn what_a_theme_says_is_read() {
    let text = theme(
        "<dict><key>settings</key><dict><key>background</key><string>#FDF6E3</string><key>foreground</key><string>#123</string></dict></dict>\n\
         <!-- words & more -->\n\
         <dict><key>name</key><string>a</string><key>scope</key><string>comment, string &amp; x - meta.&#x61;</string>\n\
         <key>settings</key><dict><key>foreground</key><string>#01020380</string><key>fontStyle</key><string>bold  underline</string></dict></dict>\n\
         <dict><key>scope</key><string>invalid</string><key>settings</key><dict><key>background</key><string>#ff0000</string><key>fontStyle</key><string/><key>odd</key><true/></dict></dict>",
    );
    let theme = parse("own", &text).unwrap();
    assert_eq!((theme.name.as_str(), theme.is_light()), ("own", Some(true)));
    assert_eq!(theme.foreground, Some([0x11, 0x22, 0x33, 255]));
    let [comment, invalid] = &theme.rules[..] else { panic!("{theme:?}") };
    assert_eq!(comment.scope, "comment, string & x - meta.a");
    assert_eq!((comment.foreground, comment.background), (Some([1, 2, 3, 0x80]), None));
    assert_eq!(comment.font, Some(Font { bold: true, italic: false, underlined: true }));
    assert_eq!((invalid.background, invalid.font), (Some([255, 0, 0, 255]), Some(Font::default())));
}

#[test]
fn what_is_no_theme_is_told_with_its_line() {
    for (text, line, words) in [
        ("", 1, "ends before"),
        ("bplist00\u{1}", 1, "plutil"),
        ("{\"a\": 1}", 1, "no property list"),
        ("<plist>\n<dict>\n<key>a</key>\n", 4, "ends before"),
        ("<plist>\n<dict>\n<string>a</string></dict></plist>", 3, "<key>"),
        ("<plist><dict>\n<key>a</string></dict></plist>", 2, "closed by"),
        ("<plist><dict><key>a</key>\n\n<blink>", 3, "<blink>"),
        ("<plist><dict><key>a</key>\n</dict></plist>", 2, "closes nothing"),
        ("<plist><dict></dict></plist>", 1, "`settings` is missing"),
        ("<plist><dict><key>settings</key>\n<string>a</string></dict></plist>", 2, "must be an array"),
        ("<plist>\n<!-- open", 2, "not closed"),
        ("<plist", 1, "not closed"),
        ("<plist/>", 1, "<plist>"),
    ] {
        let unfit = parse("own", text).unwrap_err();
        assert!(unfit.line == line && unfit.said.contains(words), "{text:?}: {unfit:?}");
    }
    let bad = theme(
        "<dict><key>scope</key><string>a</string><key>settings</key><dict>\n<key>foreground</key><string>reddish</string></dict></dict>",
    );
    let unfit = parse("own", &bad).unwrap_err();
    assert!(unfit.line == 9 && unfit.said.contains("\"reddish\""), "{unfit:?}");
}

#[test]
fn no_file_is_too_hard() {
    let deep = format!("<plist>{}", "<array>".repeat(100_000));
    assert!(parse("own", &deep).unwrap_err().said.contains("nested too deep"));
    let many = theme(&"<dict><key>scope</key><string>a</string><key>settings</key><dict/></dict>".repeat(2_001));
    assert!(parse("own", &many).unwrap_err().said.contains("2000 rules"));
    // Every beginning of a good file is a file that is told, and never a panic.
    let good = theme(
        "<dict><key>scope</key><string>a &lt; é</string><key>settings</key><dict><key>background</key><string>#fff</string></dict></dict>",
    );
    for end in (0..good.len()).filter(|end| good.is_char_boundary(*end)) {
        let _ = parse("own", &good[..end]);
    }
    assert_eq!(parse("own", &good).unwrap().rules.len(), 1);
}
