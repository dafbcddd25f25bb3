//! The composer by its keys: `check("ab|c", "<left><c-k>", "a|")`, one line a case; `|` is the caret.

mod edit;
mod editor;
mod laws;
mod layout;
mod pills;
mod recall;
mod ring;
mod vim;
mod walks;

use super::*;
use crate::msg::{KeyCode, KeyPress, Mods};

/// The width that keys are pressed at, unless a test says otherwise.
const WIDTH: u16 = 21;

/// Starts with a text and its caret, presses keys, and compares text and caret.
#[track_caller]
fn check(start: &str, keys: &str, end: &str) {
    let mut composer = composer(start);
    press(&mut composer, keys, WIDTH);
    assert_eq!(marked(&composer), end, "{start:?} after {keys}");
}

/// A composer that holds a text, with the caret where the text has a `|`.
fn composer(marked: &str) -> Composer {
    let at = marked.find('|').unwrap_or(marked.len());
    let mut composer = Composer::new(Vec::new());
    composer.set_text(&marked.replacen('|', "", 1));
    let text = composer.buffer.text();
    composer.buffer.set_caret(&text, at);
    composer
}

/// The text with placeholders and the caret.
fn marked(composer: &Composer) -> String {
    let mut text = composer.buffer.text();
    text.insert(composer.buffer.caret(), '|');
    composer.pills.show(&text)
}

/// Presses keys: characters for themselves, the others as `<left>`, `<c-k>`, `<a-backspace>`, `<s-enter>`, `<lt>`.
/// What the composer does not use as Up and Down recalls, as the screen's keys do.
fn press(composer: &mut Composer, keys: &str, width: u16) {
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let (name, behind) = match rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            Some(split) => split,
            None => rest.split_at(first.len_utf8()),
        };
        rest = behind;
        let key = key(name);
        if composer.key(key, width) {
            continue;
        }
        if key.code == KeyCode::Up {
            composer.recall_previous();
        } else {
            assert_eq!(key.code, KeyCode::Down, "<{name}> is no key of the composer");
            composer.recall_next();
        }
    }
}

fn key(name: &str) -> KeyPress {
    let mut mods = Mods::default();
    let mut name = name;
    while let Some((held, rest)) = name.split_once('-').filter(|(held, rest)| held.len() == 1 && !rest.is_empty()) {
        match held {
            "c" => mods.ctrl = true,
            "a" => mods.alt = true,
            "s" => mods.shift = true,
            _ => panic!("no modifier {held}"),
        }
        name = rest;
    }
    let code = match name {
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "enter" => KeyCode::Enter,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        "lt" => KeyCode::Char('<'),
        _ => KeyCode::Char(name.chars().next().unwrap_or(' ')),
    };
    KeyPress { code, mods }
}

fn image(name: &str) -> ImageInput {
    ImageInput { name: format!("Image #{name}"), url: Arc::from(format!("data:image/png;base64,{name}")) }
}
