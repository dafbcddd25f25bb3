//! What a program has sent to its terminal, taken apart: text, controls and escape sequences.

use std::collections::BTreeMap;

/// A piece of terminal output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Printable text.
    Text(String),
    /// A control character: C0, DEL or C1.
    Control(char),
    /// `ESC [`, with everything up to its final character.
    Csi(String),
    /// `ESC ]`, without its end.
    Osc(String),
    /// Any other escape sequence.
    Escape(String),
}

/// What a torn sequence ends before, as in any terminal: the next one, or a CAN.
fn gives_up(letter: char) -> bool {
    matches!(letter, '\x1b' | '\x18')
}

/// Takes bytes apart. A torn sequence is a [`Piece::Escape`].
pub(crate) fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let text: Vec<char> = String::from_utf8_lossy(bytes).chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let start = at;
        match (text[at], text.get(at + 1)) {
            ('\x1b', Some('[')) => {
                let end = (at + 2..text.len()).find(|&end| matches!(text[end], '\x40'..='\x7e') || gives_up(text[end]));
                at = end.map_or(text.len(), |end| end + usize::from(!gives_up(text[end])));
                let is_torn = end.is_none_or(|end| at == end);
                let kind = if is_torn { Piece::Escape } else { Piece::Csi };
                found.push(kind(text[start + 1 + usize::from(!is_torn)..at].iter().collect()));
            }
            ('\x1b', Some(']')) => {
                let end = (at + 2..text.len()).find(|&end| text[end] == '\x07' || gives_up(text[end]));
                let stop = end.unwrap_or(text.len());
                let is_terminator = text[stop..].starts_with(&['\x1b', '\\']);
                let is_torn = !is_terminator && text.get(stop) != Some(&'\x07');
                at = stop + usize::from(!is_torn) + usize::from(is_terminator);
                let kind = if is_torn { Piece::Escape } else { Piece::Osc };
                found.push(kind(text[start + 1 + usize::from(!is_torn)..stop].iter().collect()));
            }
            ('\x1b', next) => {
                at += 1 + usize::from(next.is_some_and(|next| !gives_up(*next)));
                found.push(Piece::Escape(text[start + 1..at].iter().collect()));
            }
            (control, _) if control.is_control() => {
                at += 1;
                found.push(Piece::Control(control));
            }
            _ => {
                at = (at..text.len()).find(|&end| text[end].is_control()).unwrap_or(text.len());
                found.push(Piece::Text(text[start..at].iter().collect()));
            }
        }
    }
    found
}

/// Sequences that both painting faces may send.
fn is_common(piece: &Piece) -> bool {
    match piece {
        Piece::Text(_) | Piece::Control('\r' | '\n') => true,
        Piece::Control(_) => false,
        Piece::Escape(_) => false,
        // The colour of the background, the window title and links, and nothing like the clipboard (52).
        Piece::Osc(text) if text == "11;?" => true,
        Piece::Osc(text) => (text.starts_with("0;") || text.starts_with("8;")) && !text.chars().any(char::is_control),
        Piece::Csi(text) => {
            let (body, last) = text.split_at(text.len() - 1);
            let is_number = body.chars().all(|letter| letter.is_ascii_digit());
            match last {
                // Colours, and keys with their modifiers.
                "m" => {
                    [">4;1", ">4"].contains(&body)
                        || body.chars().all(|letter| letter.is_ascii_digit() || letter == ';')
                }
                "A" | "B" | "C" | "G" => is_number,
                "K" => body.is_empty(),
                "h" | "l" => ["?2026", "?25", "?2004", "?1004"].contains(&body),
                "u" => body == ">5" || body == "<1",
                // How far the terminal got.
                "n" => body == "5",
                "c" => body.is_empty(),
                "t" => body == "22;2" || body == "23;2",
                _ => false,
            }
        }
    }
}

/// What the inline face may send beyond that: it erases below itself, and asks for the terminal's name, for the place of
/// its cursor and, by going there and back, for that of its corner.
pub(crate) fn is_inline(piece: &Piece) -> bool {
    let is_own = match piece {
        Piece::Csi(text) => ["J", ">0q", "6n", "9999;9999H"].contains(&text.as_str()),
        Piece::Escape(text) => text == "7" || text == "8",
        Piece::Text(_) | Piece::Control(_) | Piece::Osc(_) => false,
    };
    is_own || is_common(piece)
}

/// What the full-screen face may send beyond that: it moves anywhere, on a screen of its own.
pub(crate) fn is_full(piece: &Piece) -> bool {
    let is_own = match piece {
        Piece::Csi(text) => {
            let is_move = text
                .strip_suffix('H')
                .is_some_and(|body| body.chars().all(|letter| letter.is_ascii_digit() || letter == ';'));
            let (body, last) = text.split_at(text.len() - 1);
            let is_mode = ["h", "l"].contains(&last) && ["?1049", "?1000", "?1006"].contains(&body);
            is_move || is_mode || ["2J", "J", "1K"].contains(&text.as_str())
        }
        Piece::Text(_) | Piece::Control(_) | Piece::Osc(_) | Piece::Escape(_) => false,
    };
    is_own || is_common(piece)
}

/// Everything that is not allowed, each kind once with how often it came.
pub(crate) fn foreign(bytes: &[u8], is_allowed: fn(&Piece) -> bool) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for piece in pieces(bytes).into_iter().filter(|piece| !is_allowed(piece)) {
        *found.entry(format!("{piece:?}")).or_default() += 1;
    }
    found
}

/// What is still set after these bytes; empty when everything is as it was. Whatever was undone too often counts too.
pub(crate) fn left_over(bytes: &[u8]) -> BTreeMap<String, i32> {
    let mut set = BTreeMap::<String, i32>::new();
    for piece in pieces(bytes) {
        let Piece::Csi(text) = piece else { continue };
        let (body, last) = text.split_at(text.len() - 1);
        match (body, last) {
            // The cursor is shown at the start; hiding it is what must be undone.
            ("?25", "l") => drop(set.insert("hidden cursor".to_owned(), 1)),
            ("?25", "h") => drop(set.insert("hidden cursor".to_owned(), 0)),
            // A frame that is cut off is ended once more, and that harms none.
            ("?2026", end) => drop(set.insert("frame".to_owned(), i32::from(end == "h"))),
            (mode, "h") => *set.entry(mode.to_owned()).or_default() += 1,
            (mode, "l") => *set.entry(mode.to_owned()).or_default() -= 1,
            (flags, "u") => *set.entry("keys".to_owned()).or_default() += if flags.starts_with('>') { 1 } else { -1 },
            (">4;1", "m") => *set.entry("modified keys".to_owned()).or_default() += 1,
            (">4", "m") => *set.entry("modified keys".to_owned()).or_default() -= 1,
            ("22;2", "t") => *set.entry("title".to_owned()).or_default() += 1,
            ("23;2", "t") => *set.entry("title".to_owned()).or_default() -= 1,
            (codes, "m") => drop(set.insert("colours".to_owned(), i32::from(!codes.is_empty() && codes != "0"))),
            _ => {}
        }
    }
    set.retain(|_, count| *count != 0);
    set
}

#[test]
fn output_is_taken_apart() {
    let text = "a\x1b[1;31mb\x1b]0;t\x07\x1b]52;c;x\x1b\\c\r\n\x1b7\u{9b}2J\x1b[?25";
    let found = pieces(text.as_bytes());
    let text = |text: &str| Piece::Text(text.to_owned());
    let expected = [
        text("a"),
        Piece::Csi("1;31m".to_owned()),
        text("b"),
        Piece::Osc("0;t".to_owned()),
        Piece::Osc("52;c;x".to_owned()),
        text("c"),
        Piece::Control('\r'),
        Piece::Control('\n'),
        Piece::Escape("7".to_owned()),
        Piece::Control('\u{9b}'),
        text("2J"),
        Piece::Escape("[?25".to_owned()),
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_is_torn_is_given_up() {
    let begun = ["\x1b[", "\x1b[?20", "\x1b]0;ti", "\x1b"];
    for (begun, next) in begun.into_iter().flat_map(|begun| ["\x1b[m", "\x18\x1b[m"].map(|next| (begun, next))) {
        let found = pieces(format!("{begun}{next}").as_bytes());
        assert_eq!(found.first(), Some(&Piece::Escape(begun[1..].to_owned())), "{found:?}");
        assert_eq!(found.last(), Some(&Piece::Csi("m".to_owned())), "{found:?}");
    }
}

#[test]
fn foreign_sequences_are_found() {
    for foreign_text in
        ["\x1b[2;20r", "\x1b[3J", "\x1b[2J", "\x1b[S", "\x1b[2T", "\x1b]52;c;eA==\x07", "\u{9b}1m", "\x1bc", "\x07"]
    {
        assert_eq!(foreign(foreign_text.as_bytes(), is_inline).len(), 1, "{foreign_text:?}");
    }
    assert!(foreign(b"x\r\n\x1b[K\x1b[2A\x1b7\x1b[J\x1b8\x1b[0;38;5;7m", is_inline).is_empty());
}

#[test]
fn what_is_left_set_is_found() {
    assert_eq!(
        left_over(b"\x1b[?1049h\x1b[?25l\x1b[>4;1m\x1b[>5u\x1b[<1u\x1b[>4m\x1b[?25h\x1b[?1049l\x1b[1m\x1b[0m"),
        BTreeMap::new()
    );
    let left = left_over(b"\x1b[?1049h\x1b[?25l\x1b[>4;1m\x1b[>5u\x1b[31m");
    assert_eq!(left.into_keys().collect::<Vec<_>>(), ["?1049", "colours", "hidden cursor", "keys", "modified keys"]);
}
