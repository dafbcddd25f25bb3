//! Which key a byte, a number or a letter stands for.

use quire_state::msg::{KeyCode, KeyPress, Mods};

/// A byte below 0x80 that is no escape character.
pub(super) fn ascii(byte: u8) -> KeyPress {
    match byte {
        0x00 => KeyPress::ctrl(' '),
        b'\t' => KeyPress::plain(KeyCode::Tab),
        b'\r' => KeyPress::plain(KeyCode::Enter),
        0x7f => KeyPress::plain(KeyCode::Backspace),
        0x01..=0x1a => KeyPress::ctrl(char::from(byte - 1 + b'a')),
        0x1b..=0x1f => KeyPress::ctrl(char::from(byte - 0x1b + b'[')),
        _ => KeyPress::plain(KeyCode::Char(char::from(byte))),
    }
}

/// The letter of an SS3 sequence: cursor keys, function keys and the keypad in application mode.
pub(super) fn ss3(letter: u8) -> Option<KeyPress> {
    let code = match letter {
        b'M' => KeyCode::Enter,
        b'X' => KeyCode::Char('='),
        // Ctrl and a cursor key of rxvt.
        b'a'..=b'd' => {
            let code = letter_key(letter.to_ascii_uppercase())?;
            return Some(KeyPress { code, mods: Mods { ctrl: true, alt: false, shift: false } });
        }
        b'j'..=b'y' => KeyCode::Char(char::from(letter - b'j' + b'*')),
        _ => return letter_key(letter).map(KeyPress::plain),
    };
    Some(KeyPress::plain(code))
}

/// The letter of an SS3 sequence with modifiers, as a number from 2 to 8.
pub(super) fn ss3_with(held: u8, letter: u8) -> Option<KeyPress> {
    let bits = held.saturating_sub(1);
    let mods = Mods { ctrl: bits & 4 != 0, alt: bits & 2 != 0, shift: bits & 1 != 0 };
    letter_key(letter).map(|code| KeyPress { code, mods })
}

/// The final letter of a cursor or function key's sequence.
pub(super) fn letter_key(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    })
}

/// A key of rxvt with modifiers, as its terminfo entry has them: `ESC [ 3 $` with Shift, `^` with Ctrl, `@` with both; `ESC [ a` to
/// `d` for the cursor keys with Shift.
pub(super) fn rxvt_key(number: u32, last: u8) -> Option<KeyPress> {
    let code = if last.is_ascii_lowercase() { letter_key(last.to_ascii_uppercase())? } else { tilde_key(number)? };
    let mods = Mods { ctrl: matches!(last, b'^' | b'@'), alt: false, shift: last != b'^' };
    Some(KeyPress { code, mods })
}

/// The number of a sequence that ends in `~`.
pub(super) fn tilde_key(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => function(number - 10)?,
        17..=21 => function(number - 11)?,
        23..=26 => function(number - 12)?,
        28 | 29 => function(number - 13)?,
        31..=34 => function(number - 14)?,
        _ => return None,
    })
}

fn function(number: u32) -> Option<KeyCode> {
    u8::try_from(number).ok().map(KeyCode::F)
}

/// A key by its Unicode number, or by its number in kitty's private range.
pub(super) fn numbered_key(number: u32, mods: Mods) -> Option<KeyCode> {
    Some(match number {
        9 if mods.shift => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        57376..=57398 => function(number - 57376 + 13)?,
        57399..=57408 => KeyCode::Char(char::from_digit(number - 57399, 10)?),
        57409 => KeyCode::Char('.'),
        57410 => KeyCode::Char('/'),
        57411 => KeyCode::Char('*'),
        57412 => KeyCode::Char('-'),
        57413 => KeyCode::Char('+'),
        57415 => KeyCode::Char('='),
        57416 => KeyCode::Char(','),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        // The rest of the private range: lock keys, media keys, modifiers by themselves.
        0..=31 | 57344..=63743 => return None,
        _ => KeyCode::Char(char::from_u32(number)?),
    })
}
