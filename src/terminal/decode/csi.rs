//! Control sequences: keys with modifiers, kitty's keys, the mouse, the focus, and the beginning of a paste.

use quire_state::msg::{Input, KeyCode, KeyPress, Mods};

use super::{
    Event, Query, Step, key,
    keys::{letter_key, numbered_key, rxvt_key, tilde_key},
    layout::latin,
};

/// Rows that one notch of the wheel scrolls.
const WHEEL_ROWS: i32 = 3;
/// Escape character and bracket, which the bytes here no longer have.
const INTRODUCER: usize = 2;

/// What follows `ESC [`; counts include both.
pub(super) fn step(rest: &[u8]) -> Step {
    match rest {
        // The Linux console's function keys.
        [b'['] => return Step::More,
        [b'[', letter, ..] => {
            let number = letter.checked_sub(b'A').filter(|number| *number < 5);
            return Step::Done(INTRODUCER + 2, number.map(|number| plain(KeyCode::F(number + 1))));
        }
        // A mouse report of a terminal that does not know the SGR encoding.
        [b'M', button, _, _, ..] => return Step::Done(INTRODUCER + 4, wheel(u32::from(button.saturating_sub(32)))),
        [b'M', ..] => return Step::More,
        _ => {}
    }
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            // Shift and an editing key of rxvt: elsewhere no key's sequence has a dollar sign.
            b'$' if at > 0 && rest[..at].iter().all(u8::is_ascii_digit) => {
                return complete(&rest[..at], *byte, INTRODUCER + at + 1);
            }
            0x20..=0x3f => {}
            0x40..=0x7e => return complete(&rest[..at], *byte, INTRODUCER + at + 1),
            // No byte of a sequence: the sequence was cut off, and something else begins here.
            _ => return Step::Done(INTRODUCER + at, None),
        }
    }
    Step::More
}

/// Row and column of a whole report of the cursor's place, from 1.
pub(super) fn report(sequence: &[u8]) -> Option<(u16, u16)> {
    let body = sequence.strip_prefix(b"\x1b[")?.strip_suffix(b"R")?;
    let (row, column) = std::str::from_utf8(body).ok()?.split_once(';')?;
    let number = |text: &str| text.parse::<u16>().ok().filter(|number| *number > 0);
    Some((number(row)?, number(column)?))
}

fn plain(code: KeyCode) -> Event {
    key(KeyPress::plain(code))
}

fn complete(body: &[u8], last: u8, taken: usize) -> Step {
    if body == b"200" && last == b'~' {
        return Step::Paste(taken);
    }
    let event = match (body.first(), last) {
        (Some(b'<'), b'M') => wheel(Numbers::of(&body[1..]).main(0, 0)),
        (Some(b'?'), b'c') => Some(Event::Answered(Query::Attributes)),
        (Some(b'0' | b'3'), b'n') => Some(Event::Answered(Query::Status)),
        (Some(b'<' | b'=' | b'>' | b'?'), _) => None,
        (None, b'I') => Some(Event::Input(Input::Focus(true))),
        (None, b'O') => Some(Event::Input(Input::Focus(false))),
        (None | Some(b'1'), b'Z') => Some(plain(KeyCode::BackTab)),
        _ => key_press(&Numbers::of(body), last).map(key),
    };
    Step::Done(taken, event)
}

fn key_press(numbers: &Numbers, last: u8) -> Option<KeyPress> {
    let mods = numbers.mods()?;
    let code = match last {
        b'u' => return kitty(numbers, mods),
        b'~' if numbers.main(0, 0) == 27 => return typed(numbers.main(2, 0), None, None, mods),
        b'~' => tilde_key(numbers.main(0, 0))?,
        b'$' | b'^' | b'@' | b'a'..=b'd' => return rxvt_key(numbers.main(0, 0), last),
        // A cursor position report looks like F3 with a row in place of the 1.
        _ if numbers.main(0, 1) == 1 => letter_key(last)?,
        _ => return None,
    };
    Some(KeyPress { code, mods })
}

/// `code:shifted:base ; modifiers:event ; text`
fn kitty(numbers: &Numbers, mods: Mods) -> Option<KeyPress> {
    typed(numbers.main(0, 0), numbers.sub(0, 1), numbers.sub(0, 2), mods)
}

/// A key by its number; a character comes as it would have been typed, or by its place on a Latin keyboard where it is
/// held with Ctrl or Alt. `base` is what a Latin keyboard has there.
fn typed(number: u32, shifted: Option<u32>, base: Option<u32>, mods: Mods) -> Option<KeyPress> {
    let code = match numbered_key(number, mods)? {
        KeyCode::Char(character) => {
            let is_command = mods.ctrl || mods.alt;
            let key = if is_command { latin(character, base.and_then(char::from_u32)) } else { character };
            let upper = shifted.filter(|_| key == character).and_then(char::from_u32);
            KeyCode::Char(if mods.shift { upper.unwrap_or_else(|| single_upper(key)) } else { key })
        }
        code => code,
    };
    Some(KeyPress { code, mods: Mods { shift: mods.shift && code != KeyCode::BackTab, ..mods } })
}

fn single_upper(character: char) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) => upper,
        _ => character,
    }
}

/// Buttons from 64 are the wheel: 0 up, 1 down, then left and right.
fn wheel(button: u32) -> Option<Event> {
    let is_wheel = button & 0b1100_0000 == 64;
    match button & 0b11 {
        0 if is_wheel => Some(Event::Input(Input::Wheel(-WHEEL_ROWS))),
        1 if is_wheel => Some(Event::Input(Input::Wheel(WHEEL_ROWS))),
        _ => None,
    }
}

/// Parameters separated by `;`, each with parts separated by `:`.
struct Numbers(Vec<Vec<Option<u32>>>);

impl Numbers {
    fn of(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        Self(text.split(';').map(|part| part.split(':').map(|number| number.parse().ok()).collect()).collect())
    }

    fn sub(&self, parameter: usize, part: usize) -> Option<u32> {
        self.0.get(parameter)?.get(part).copied().flatten()
    }

    fn main(&self, parameter: usize, otherwise: u32) -> u32 {
        self.sub(parameter, 0).unwrap_or(otherwise)
    }

    /// The modifiers; `None` for a key that went up, and for keys of the window system (Super, Hyper).
    fn mods(&self) -> Option<Mods> {
        const RELEASE: u32 = 3;
        let bits = self.main(1, 1).saturating_sub(1);
        let is_ours = bits & 0b0001_1000 == 0;
        let is_down = self.sub(1, 1) != Some(RELEASE);
        (is_ours && is_down).then_some(Mods {
            shift: bits & 1 != 0,
            alt: bits & 0b0010_0010 != 0,
            ctrl: bits & 0b0100 != 0,
        })
    }
}
