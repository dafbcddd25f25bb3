//! Keys as they are written in a configuration: `ctrl-a`, `shift-enter`, `f5`, `page-up`.

use super::Chord;
use crate::msg::{KeyCode, KeyPress, Mods};

/// Names of keys that are no characters.
const NAMED: [(&str, KeyCode); 19] = [
    ("enter", KeyCode::Enter),
    ("return", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("escape", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("page-up", KeyCode::PageUp),
    ("pageup", KeyCode::PageUp),
    ("page-down", KeyCode::PageDown),
    ("pagedown", KeyCode::PageDown),
    ("space", KeyCode::Char(' ')),
];

/// Reads a key.
///
/// # Errors
/// A sentence that says what is wrong, and how a key is written.
pub fn read(text: &str) -> Result<KeyPress, String> {
    let lower = text.trim().to_ascii_lowercase();
    let mut mods = Mods::default();
    let mut rest = lower.as_str();
    if rest.is_empty() {
        return Err("A key cannot be empty: write it as `ctrl-a` or `shift-enter`.".to_owned());
    }
    while let Some((held, behind)) = rest.split_once('-').filter(|(_, behind)| !behind.is_empty()) {
        let flag = match held {
            "ctrl" | "control" => &mut mods.ctrl,
            "alt" | "option" | "meta" => &mut mods.alt,
            "shift" => &mut mods.shift,
            _ => break,
        };
        if std::mem::replace(flag, true) {
            return Err(format!("`{text}` names `{held}` twice."));
        }
        rest = behind;
    }
    let code = code(rest).ok_or_else(|| {
        format!(
            "`{text}` is no key: write it as `ctrl-a`, `alt-enter`, `shift-tab`, `f5`, `page-up`, `minus` or `space`."
        )
    })?;
    Ok(match (code, mods.shift) {
        (KeyCode::Tab, true) => KeyPress { code: KeyCode::BackTab, mods },
        (KeyCode::Char(letter), true) if letter.is_ascii_alphabetic() => {
            KeyPress { code: KeyCode::Char(letter.to_ascii_uppercase()), mods }
        }
        (code, _) => KeyPress { code, mods },
    })
}

fn code(name: &str) -> Option<KeyCode> {
    if let Some((_, code)) = NAMED.iter().find(|(own, _)| *own == name) {
        return Some(*code);
    }
    if name == "minus" {
        return Some(KeyCode::Char('-'));
    }
    if let Some(number) = name.strip_prefix('f').and_then(|number| number.parse::<u8>().ok()) {
        return (1..=12).contains(&number).then_some(KeyCode::F(number));
    }
    let mut letters = name.chars();
    let letter = letters.next().filter(char::is_ascii_graphic)?;
    letters.next().is_none().then_some(KeyCode::Char(letter))
}

/// The chord of a key that was written: exactly these modifiers, as far as a terminal tells them.
pub fn chord(press: KeyPress) -> Chord {
    let Mods { ctrl, alt, shift } = press.mods;
    match press.code {
        KeyCode::BackTab => Chord::any(KeyCode::BackTab),
        // Of a character with Ctrl not every terminal tells whether it is a capital.
        KeyCode::Char(letter) if ctrl => Chord::held(KeyCode::Char(letter.to_ascii_lowercase()), [true, alt], None),
        KeyCode::Char(_) => Chord::held(press.code, [false, alt], None),
        KeyCode::Enter
        | KeyCode::Esc
        | KeyCode::Tab
        | KeyCode::Backspace
        | KeyCode::Delete
        | KeyCode::Insert
        | KeyCode::Left
        | KeyCode::Right
        | KeyCode::Up
        | KeyCode::Down
        | KeyCode::Home
        | KeyCode::End
        | KeyCode::PageUp
        | KeyCode::PageDown
        | KeyCode::F(_) => Chord::held(press.code, [ctrl, alt], Some(shift)),
    }
}

#[cfg(test)]
mod tests {
    use super::{chord, read};
    use crate::msg::KeyPress;

    #[test]
    fn keys_are_read_as_they_are_written() {
        for (text, name) in [
            ("ctrl-a", "ctrl-a"),
            ("Ctrl-A", "ctrl-a"),
            ("ctrl-shift-a", "ctrl-a"),
            ("alt-.", "alt-."),
            ("alt-,", "alt-,"),
            ("ctrl-minus", "ctrl--"),
            ("shift-enter", "shift-enter"),
            ("shift-tab", "shift-tab"),
            ("shift-left", "shift-←"),
            ("ctrl-alt-delete", "ctrl-alt-delete"),
            ("page-up", "page up"),
            ("f12", "f12"),
            ("space", "space"),
            ("alt--", "alt--"),
            ("?", "?"),
        ] {
            let press = read(text).unwrap();
            let (held, key) = chord(press).name();
            assert_eq!(format!("{held}{key}"), name, "{text}");
            assert!(chord(press).fits(press), "{text}");
        }
        for text in ["", "ctrl-", "ctrl-ctrl-a", "hyper-a", "f13", "ctrl-é", "ctrl-enter-a", "ab"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(!chord(read("ctrl-a").unwrap()).fits(KeyPress::alt('a')));
        assert!(chord(read("ctrl-a").unwrap()).fits(KeyPress::ctrl('A')));
    }
}
