//! Byte sequences of real terminals, whole and cut at every place.

mod terminals;

use super::*;

fn decoded(bytes: &[u8]) -> Vec<Event> {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    decoder.feed(bytes, &mut events);
    decoder.expire(&mut events);
    events
}

/// Short words for events: `C-a`, `M-left`, `"paste"`.
fn words(events: &[Event]) -> String {
    let words: Vec<String> = events
        .iter()
        .map(|event| match event {
            Event::Input(Input::Key(KeyPress { code, mods })) => {
                let held = [(mods.ctrl, "C-"), (mods.alt, "M-"), (mods.shift, "S-")];
                let held: String = held.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
                match code {
                    KeyCode::Char(' ') => format!("{held}space"),
                    KeyCode::Char(character) => format!("{held}{character}"),
                    other => format!("{held}{other:?}").replace("F(", "F").replace(')', ""),
                }
            }
            Event::Input(Input::Paste(text)) => format!("{text:?}"),
            other => format!("{other:?}"),
        })
        .collect();
    words.join(" ")
}

#[track_caller]
fn check(bytes: &str, expected: &str) {
    assert_eq!(words(&decoded(bytes.as_bytes())), expected, "{bytes:?}");
}

#[test]
fn typing() {
    check("aB1 é漢🙂", "a B 1 space é 漢 🙂");
    check("\r\t\u{7f}", "Enter Tab Backspace");
    check("\u{1}\u{3}\u{a}\u{8}\u{1a}\0\u{1c}\u{1f}", "C-a C-c C-j C-h C-z C-space C-\\ C-_");
    check("\u{1b}", "Esc");
    check("\u{1b}\u{1b}", "Esc Esc");
    check("\u{1b}b\u{1b}\u{7f}\u{1b}é", "M-b M-Backspace M-é");
    check("\u{1b}\r", "M-Enter");
    check("\u{1b}[", "M-[");
    check("\u{1b}O", "M-O");
}

#[test]
fn keys_of_the_classic_encodings() {
    check("\u{1b}[A\u{1b}[B\u{1b}[C\u{1b}[D\u{1b}[H\u{1b}[F", "Up Down Right Left Home End");
    check("\u{1b}OA\u{1b}OP\u{1b}OM\u{1b}Oq", "Up F1 Enter 1");
    check("\u{1b}[1;5D\u{1b}[1;2A\u{1b}[1;3C\u{1b}[1;6P", "C-Left S-Up M-Right C-S-F1");
    check("\u{1b}[3~\u{1b}[5~\u{1b}[6;5~\u{1b}[1~\u{1b}[4~\u{1b}[2~", "Delete PageUp C-PageDown Home End Insert");
    check("\u{1b}[15~\u{1b}[17~\u{1b}[24~\u{1b}[25~\u{1b}[[A", "F5 F6 F12 F13 F1");
    check("\u{1b}[Z\u{1b}[1;2Z", "BackTab BackTab");
    check("\u{1b}\u{1b}[A", "M-Up");
    check("\u{1b}[27;5;13~\u{1b}[27;2;65~", "C-Enter S-A");
}

#[test]
fn keys_of_the_kitty_protocol() {
    check("\u{1b}[27u\u{1b}[13;2u\u{1b}[9;2u\u{1b}[127;3u", "Esc S-Enter BackTab M-Backspace");
    check("\u{1b}[99;5u\u{1b}[97;6u\u{1b}[97:65;4u", "C-c C-S-A M-S-A");
    check("\u{1b}[99;5:3u\u{1b}[99;5:2u", "C-c");
    check("\u{1b}[57399u\u{1b}[57414u\u{1b}[57419u", "0 Enter Up");
    check("\u{1b}[99;9u\u{1b}[57441;2u", "");
    check("\u{1b}[99;133u", "C-c");
}

#[test]
fn keys_of_other_layouts() {
    // With what a Latin keyboard has there: Russian, Greek, Hebrew (a letter and two signs), Arabic, Thai.
    check(
        "\u{1b}[1089::99;5u\u{1b}[968::99;5u\u{1b}[1489::99;5u\u{1b}[47::113;5u\u{1b}[39::119;5u",
        "C-c C-c C-c C-q C-w",
    );
    check("\u{1b}[1572::99;5u\u{1b}[3649::99;5u\u{1b}[1080::98;3u\u{1b}[1089:1057:99;6u", "C-c C-c M-b C-S-C");
    check("\u{1b}[1089::99;5:1u\u{1b}[1089::99;5:3u\u{1b}[1089::99;69u", "C-c C-c");
    // Without: by the usual layout.
    check(
        "\u{1b}[1089;5u\u{1b}[1074;5u\u{1b}[950;5u\u{1b}[1514;5u\u{1b}[12618;5u\u{1b}[1110;5u",
        "C-c C-d C-z C-, C-c C-s",
    );
    check("\u{1b}[27;5;1089~\u{1b}[27;6;1057~\u{1b}[27;3;1080~", "C-c C-S-C M-b");
    check("\u{1b}и\u{1b}а\u{1b}В\u{1b}β", "M-b M-f M-D M-b");
    // What is typed stays, and so do Latin layouts.
    check("с\u{1b}[1089:1057:99;2u\u{1b}[106::99;5u\u{1b}[38::49;5u\u{1b}[246::59;3u", "с S-С C-j C-& M-ö");
}

#[test]
fn enter_with_modifiers_in_every_encoding() {
    // modifyOtherKeys, `extended-keys-format csi-u` of tmux and kitty, an escape before it.
    check("\u{1b}[27;2;13~\u{1b}[27;5;13~\u{1b}[27;3;13~\u{1b}[27;2;9~", "S-Enter C-Enter M-Enter BackTab");
    check("\u{1b}[13;2u\u{1b}[13;5u\u{1b}[13;2:1u\u{1b}\r", "S-Enter C-Enter S-Enter M-Enter");
    check("\u{1b}[27;5;105~\u{1b}[27;2;32~\u{1b}[27;6;85~\u{1b}[27;2;127~", "C-i S-space C-S-U S-Backspace");
}

#[test]
fn wheel_and_focus() {
    check("\u{1b}[<64;10;5M\u{1b}[<65;10;5M", "Input(Wheel(-3)) Input(Wheel(3))");
    check("\u{1b}[<0;10;5M\u{1b}[<0;10;5m\u{1b}[<66;1;1M", "");
    check("\u{1b}[M`!!x", "Input(Wheel(-3)) x");
    check("\u{1b}[I\u{1b}[O", "Input(Focus(true)) Input(Focus(false))");
}

#[test]
fn pastes_come_in_one_piece_with_plain_line_ends() {
    check("a\u{1b}[200~one\r\ntwo\rthree\nfour\u{1b}[A\u{1b}[201~b", "a \"one\\ntwo\\nthree\\nfour\\u{1b}[A\" b");
    check("\u{1b}[200~\u{1b}[201~", "\"\"");
    check("\u{1b}[201~x", "x");
}

#[test]
fn a_paste_whose_end_is_lost_ends_with_ctrl_c() {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    decoder.feed(b"\x1b[200~text", &mut events);
    assert_eq!((decoder.patience(), events.len()), (None, 0));
    decoder.feed(b"\x03", &mut events);
    decoder.feed(b"k", &mut events);
    assert_eq!(words(&events), "\"text\" k");
    for interrupt in ["\u{1b}[99;5u", "\u{1b}[1089::99;5u", "\u{1b}[1089;5u", "\u{1b}[27;5;99~"] {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        decoder.feed(b"\x1b[200~text", &mut events);
        decoder.feed(interrupt.as_bytes(), &mut events);
        assert_eq!(words(&events), "\"text\"", "{interrupt:?}");
    }
}

#[test]
fn answers_of_the_terminal_are_no_typing() {
    check("\u{1b}]11;rgb:1111/1111/1111\u{1b}\\x", "Ground(false) x");
    check("\u{1b}]11;rgb:ffff/eeee/ffff\u{7}x", "Ground(true) x");
    check("\u{1b}]11;?\u{7}x", "x");
    check("\u{1b}]10;rgb:eeee/eeee/eeee\u{7}x", "x");
    check("\u{1b}[?62;22c\u{1b}[1;1R\u{1b}[?0u\u{1b}[?2026;2$yx", "Answered(Attributes) F3 x");
    check("\u{1b}[24;80R\u{1b}[>1;10;0cx", "x");
    check("\u{1b}P>|tmux 3.3a\u{1b}\\x", "Version(\"tmux 3.3a\") x");
    check("\u{1b}P1$r0m\u{1b}\\x", "x");
}

#[test]
fn reports_of_the_cursor_come_behind_those_of_the_corner() {
    let placed = |cols, rows, row| format!("{:?}", Event::Placed(Place { screen: Size { cols, rows }, row }));
    check("\u{1b}[24;80R\u{1b}[7;3Rx", &format!("{} x", placed(80, 24, 6)));
    // In the first row it looks like F3 with modifiers, and is none here.
    check("\u{1b}[24;80R\u{1b}[1;5R\u{1b}[1;5R", &format!("{} C-F3", placed(80, 24, 0)));
    check(
        "\u{1b}[12;40R\u{1b}[12;40R\u{1b}[24;80R\u{1b}[2;1R",
        &format!("{} {}", placed(40, 12, 11), placed(80, 24, 1)),
    );
    // One alone says nothing, and whatever comes between ends it.
    check("\u{1b}[24;80Rx\u{1b}[1;5R", "x C-F3");
    check("\u{1b}[1;2R\u{1b}[1;1R\u{1b}[R\u{1b}[0;0R\u{1b}[24;0R\u{1b}[24;80;1R\u{1b}[70000;1Rx", "S-F3 F3 F3 x");
    let bytes = b"\x1b[24;80R\x1b[1;5R";
    for cut in 1..bytes.len() {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        decoder.feed(&bytes[..cut], &mut events);
        decoder.feed(&bytes[cut..], &mut events);
        assert_eq!(words(&events), placed(80, 24, 0), "cut at {cut}");
    }
}

#[test]
fn broken_bytes_are_dropped() {
    assert_eq!(words(&decoded(b"a\xffb\xc3(c\xe2\x82")), "a b ( c");
    check("\u{1b}[1;\u{1b}[Ax", "Up x");
    check("\u{1b}[1;", "");
}

#[test]
fn bytes_may_be_cut_anywhere() {
    let bytes = "aé漢\u{1b}[1;5D\u{1b}[200~pa\rste漢\u{1b}[201~\u{1b}OP\u{1b}[<65;10;5M\u{1b}]11;rgb:1/1/1\u{7}\u{1b}[97:65;4u\u{1b}b.".as_bytes();
    let whole = decoded(bytes);
    assert_eq!(words(&whole), "a é 漢 C-Left \"pa\\nste漢\" F1 Input(Wheel(3)) Ground(false) M-S-A M-b .");
    for cut in 1..bytes.len() {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        decoder.feed(&bytes[..cut], &mut events);
        decoder.feed(&bytes[cut..], &mut events);
        assert_eq!(events, whole, "cut at {cut}");
    }
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    for byte in bytes {
        decoder.feed(&[*byte], &mut events);
    }
    assert_eq!(events, whole);
}

#[test]
fn only_what_is_incomplete_asks_for_patience() {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    decoder.feed(b"abc", &mut events);
    assert_eq!(decoder.patience(), None);
    decoder.feed(b"\x1b", &mut events);
    assert_eq!(decoder.patience(), Some(ESCAPE_PATIENCE));
    decoder.feed(b"[1;", &mut events);
    assert_eq!(decoder.patience(), Some(SEQUENCE_PATIENCE));
    decoder.feed(b"2A", &mut events);
    assert_eq!(decoder.patience(), None);
}

#[test]
fn a_large_paste_in_small_reads_takes_time_in_proportion() {
    let mut bytes = b"\x1b[200~".to_vec();
    bytes.extend(b"0123456789abcde\n".repeat(1 << 16));
    bytes.extend(PASTE_END);
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    for read in bytes.chunks(4095) {
        decoder.feed(read, &mut events);
    }
    let [Event::Input(Input::Paste(text))] = events.as_slice() else { panic!("{} events", events.len()) };
    assert_eq!(text.len(), 1 << 20);
}
