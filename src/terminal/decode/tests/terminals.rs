//! What terminals send for the keys that matter most, each by the protocol that it speaks with us.
//!
//! The sequences are those of the terminals' documentation and terminfo entries (ncurses 6), of xterm's "ctlseqs" and of kitty's
//! keyboard protocol. `\e` is the escape character.

use super::{decoded, words};

/// What a terminal speaks with us.
#[derive(Clone, Copy, Debug)]
enum Protocol {
    /// The classic encodings: many keys with modifiers come as without.
    Plain,
    /// xterm's `modifyOtherKeys`, lowest level.
    ModifyOtherKeys,
    /// `CSI u` with modifiers, as tmux has it with `extended-keys-format csi-u`.
    CsiU,
    /// kitty's protocol with alternate keys.
    Kitty,
}
use Protocol::{CsiU, Kitty, ModifyOtherKeys, Plain};

/// What it sends, and the keys that are meant.
type Keys = &'static [(&'static str, &'static str)];

/// Cursor keys, Home and End, with modifiers as xterm sends them and most do after it.
const XTERM_CURSOR: Keys = &[
    (r"\e[A\e[B\e[C\e[D", "Up Down Right Left"),
    (r"\eOA\eOB\eOC\eOD", "Up Down Right Left"),
    (r"\e[1;2A\e[1;2B\e[1;2C\e[1;2D", "S-Up S-Down S-Right S-Left"),
    (r"\e[1;3A\e[1;3B\e[1;3C\e[1;3D", "M-Up M-Down M-Right M-Left"),
    (r"\e[1;5A\e[1;5B\e[1;5C\e[1;5D", "C-Up C-Down C-Right C-Left"),
    (r"\e[1;6C\e[1;6D", "C-S-Right C-S-Left"),
    (r"\e[H\e[F\e[1;2H\e[1;5F", "Home End S-Home C-End"),
    (r"\e[2~\e[3~\e[5~\e[6~", "Insert Delete PageUp PageDown"),
    (r"\e[3;5~\e[3;3~\e[5;2~\e[6;5~", "C-Delete M-Delete S-PageUp C-PageDown"),
    (r"\e[15~\e[24~", "F5 F12"),
    (r"\e[Z", "BackTab"),
];
/// What Ctrl and letters send where nothing else was agreed on.
const CONTROLS: Keys = &[
    (r"\x01\x03\x05\x0a\x0b\x12\x15\x17\x1a", "C-a C-c C-e C-j C-k C-r C-u C-w C-z"),
    (r"\x0d\x09\x7f\x08", "Enter Tab Backspace C-h"),
    (r"\x00\x1d\x1f", "C-space C-] C-_"),
    (r"\eb\ef\ed\e\x7f\e\x0d\e.", "M-b M-f M-d M-Backspace M-Enter M-."),
];
const FUNCTION_SS3: Keys = &[(r"\eOP\eOQ\eOR\eOS", "F1 F2 F3 F4"), (r"\e[1;5P\e[1;2Q", "C-F1 S-F2")];
/// The keypad in application mode.
const KEYPAD: Keys = &[(r"\eOj\eOk\eOm\eOo\eOp\eOy\eOM", "* + - / 0 9 Enter")];
/// Keys that have no sequence of their own in the classic encodings.
const OTHER_KEYS: Keys = &[
    (r"\e[27;2;13~\e[27;5;13~\e[27;3;13~\e[27;6;13~", "S-Enter C-Enter M-Enter C-S-Enter"),
    (r"\e[27;5;9~\e[27;2;9~\e[27;5;44~\e[27;5;47~", "C-Tab BackTab C-, C-/"),
    (r"\e[27;5;127~\e[27;3;127~\e[27;2;127~", "C-Backspace M-Backspace S-Backspace"),
    (r"\e[27;6;67~\e[27;6;99~\e[27;5;105~", "C-S-C C-S-C C-i"),
];
const CSI_U: Keys = &[
    (r"\e[13;2u\e[13;5u\e[13;3u\e[13;6u", "S-Enter C-Enter M-Enter C-S-Enter"),
    (r"\e[9;5u\e[9;2u\e[44;5u\e[47;5u", "C-Tab BackTab C-, C-/"),
    (r"\e[127;5u\e[127;3u\e[127;2u", "C-Backspace M-Backspace S-Backspace"),
    (r"\e[99;6u\e[105;5u\e[32;5u", "C-S-C C-i C-space"),
];
const KITTY: Keys = &[
    (r"\e[27u\e[13;2u\e[13;5u\e[13;3u\e[9;2u\e[9;5u", "Esc S-Enter C-Enter M-Enter BackTab C-Tab"),
    (r"\e[97;5u\e[99;5u\e[106;5u\e[122;5u\e[105;5u", "C-a C-c C-j C-z C-i"),
    (r"\e[98;3u\e[102;3u\e[100;3u\e[127;3u\e[127;5u", "M-b M-f M-d M-Backspace C-Backspace"),
    (r"\e[99:67;6u\e[97:65;4u\e[47:63;6u", "C-S-C M-S-A C-S-?"),
    // A key that is held, and one that goes up.
    (r"\e[99;5:1u\e[99;5:2u\e[99;5:3u\e[1;5:3D", "C-c C-c"),
    // Caps lock and num lock are on.
    (r"\e[99;69u\e[99;133u\e[1;129A\e[13;66u", "C-c C-c Up S-Enter"),
    // The keypad has numbers of its own.
    (r"\e[57399u\e[57404u\e[57414u\e[57414;2u\e[57417u\e[57423u\e[57426u", "0 5 Enter S-Enter Left Home Delete"),
    // Modifiers, media keys and what the window system keeps.
    (r"\e[57441;2u\e[57428u\e[99;9u\e[57358u", ""),
    // Other layouts, with what a Latin keyboard has there.
    (r"\e[1089::99;5u\e[968::99;5u\e[1489::99;5u\e[1572::99;5u", "C-c C-c C-c C-c"),
    (r"\e[57376u\e[1;2P\e[13;2~\e[15;5~", "F13 S-F1 S-F3 C-F5"),
];

/// Each terminal: what it speaks with us, and what it sends.
const TERMINALS: &[(&str, Protocol, &[Keys])] = &[
    ("xterm", ModifyOtherKeys, &[XTERM_CURSOR, CONTROLS, FUNCTION_SS3, KEYPAD, OTHER_KEYS]),
    (
        "xterm, its BackSpace key as Ctrl-H and Alt as the eighth bit in UTF-8",
        Plain,
        &[XTERM_CURSOR, FUNCTION_SS3, &[(r"\x08\xc3\xa2", "C-h â")]],
    ),
    ("kitty", Kitty, &[XTERM_CURSOR, KITTY]),
    ("ghostty", Kitty, &[XTERM_CURSOR, KITTY]),
    ("foot", Kitty, &[XTERM_CURSOR, KITTY, CONTROLS]),
    ("WezTerm, with enable_kitty_keyboard", Kitty, &[XTERM_CURSOR, KITTY]),
    ("WezTerm", ModifyOtherKeys, &[XTERM_CURSOR, CONTROLS, FUNCTION_SS3, OTHER_KEYS]),
    ("Alacritty", Kitty, &[XTERM_CURSOR, KITTY, CONTROLS]),
    ("Rio", Kitty, &[XTERM_CURSOR, KITTY]),
    // Option and an arrow are words; with Option as Esc+ an escape comes before the arrow's own sequence.
    (
        "iTerm2",
        CsiU,
        &[XTERM_CURSOR, CONTROLS, FUNCTION_SS3, CSI_U, &[(r"\e\e[D\e\e[C\e\e[3~", "M-Left M-Right M-Delete")]],
    ),
    (
        "Apple Terminal",
        Plain,
        &[
            CONTROLS,
            FUNCTION_SS3,
            &[(r"\eb\ef\e[1;2D\e[1;5C\e[3~\e[5~\e[Z", "M-b M-f S-Left C-Right Delete PageUp BackTab")],
        ],
    ),
    (
        "GNOME Terminal and others of VTE",
        Plain,
        &[XTERM_CURSOR, CONTROLS, FUNCTION_SS3, &[(r"\e[1;7D\e[23;2~\e[20~", "C-M-Left S-F11 F9")]],
    ),
    ("Konsole", Plain, &[XTERM_CURSOR, CONTROLS, FUNCTION_SS3, &[(r"\eOM\eO2P", "Enter S-F1")]]),
    (
        "Windows Terminal",
        Plain,
        &[XTERM_CURSOR, CONTROLS, FUNCTION_SS3, &[(r"\e[1;3D\e[1;4C\x08", "M-Left M-S-Right C-h")]],
    ),
    ("VS Code and others of xterm.js", Plain, &[XTERM_CURSOR, CONTROLS, FUNCTION_SS3]),
    ("tmux", ModifyOtherKeys, &[XTERM_CURSOR, CONTROLS, FUNCTION_SS3, OTHER_KEYS, &[(r"\e[1~\e[4~", "Home End")]]),
    ("tmux, extended-keys-format csi-u", CsiU, &[XTERM_CURSOR, CONTROLS, FUNCTION_SS3, CSI_U]),
    (
        "GNU screen",
        Plain,
        &[CONTROLS, &[(r"\eOA\eOD\e[1~\e[4~\e[3~\eOP\e[15~\e[Z", "Up Left Home End Delete F1 F5 BackTab")]],
    ),
    ("zellij", Kitty, &[XTERM_CURSOR, KITTY, CONTROLS]),
    (
        "Linux console",
        Plain,
        &[
            CONTROLS,
            &[
                (r"\e[[A\e[[B\e[[E\e[17~\e[24~\e[25~", "F1 F2 F5 F6 F12 F13"),
                (r"\e[A\e[D\e[1~\e[4~\e[2~\e[3~\e[5~\e[6~", "Up Left Home End Insert Delete PageUp PageDown"),
                (r"\e\x09\e[Z", "BackTab BackTab"),
            ],
        ],
    ),
    (
        "rxvt and rxvt-unicode",
        Plain,
        &[
            CONTROLS,
            &[
                (r"\e[A\e[D\e[7~\e[8~\e[3~\e[5~\e[Z", "Up Left Home End Delete PageUp BackTab"),
                (r"\e[a\e[b\e[c\e[d", "S-Up S-Down S-Right S-Left"),
                (r"\eOa\eOb\eOc\eOd", "C-Up C-Down C-Right C-Left"),
                (r"\e[3$\e[7$\e[8$\e[5$x", "S-Delete S-Home S-End S-PageUp x"),
                (r"\e[3^\e[7^\e[6^\e[3@\e[8@", "C-Delete C-Home C-PageDown C-S-Delete C-S-End"),
                (r"\e\e[D\e\e[C\e\eOd", "M-Left M-Right C-M-Left"),
                (r"\e[11~\e[12~\e[15~\e[24~\e[11^", "F1 F2 F5 F12 C-F1"),
            ],
        ],
    ),
    ("mintty", ModifyOtherKeys, &[XTERM_CURSOR, CONTROLS, FUNCTION_SS3, OTHER_KEYS]),
];

/// The bytes that are written with `\e` and `\x..`.
fn bytes(written: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = written;
    while let Some(letter) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix(r"\e") {
            bytes.push(0x1b);
            rest = after;
        } else if let Some(after) = rest.strip_prefix(r"\x") {
            bytes.push(u8::from_str_radix(&after[..2], 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.extend(letter.to_string().bytes());
            rest = &rest[letter.len_utf8()..];
        }
    }
    bytes
}

#[test]
fn the_keys_of_every_terminal_are_understood() {
    let mut wrong = Vec::new();
    for (terminal, protocol, tables) in TERMINALS {
        for (sent, keys) in tables.iter().copied().flatten() {
            let bytes = bytes(sent);
            let got = words(&decoded(&bytes));
            if got != *keys {
                wrong.push(format!("{terminal} ({protocol:?}): {sent} gives {got:?}, not {keys:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rows that a program sees in pieces: a slow line cuts them anywhere.
#[test]
fn and_wherever_a_slow_line_cuts_them() {
    for (sent, _) in TERMINALS.iter().flat_map(|(_, _, tables)| tables.iter().copied().flatten()) {
        let bytes = bytes(sent);
        let whole = decoded(&bytes);
        for cut in 1..bytes.len() {
            let (mut decoder, mut events) = (super::Decoder::default(), Vec::new());
            decoder.feed(&bytes[..cut], &mut events);
            decoder.feed(&bytes[cut..], &mut events);
            decoder.expire(&mut events);
            assert_eq!(events, whole, "{sent} cut at {cut}");
        }
    }
}
