//! What the user types where a secret is asked for. It is kept here and becomes no message: only how much it is, is told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quire_state::{
    key::Key,
    msg::{HostReport, Input, KeyCode, KeyPress, Msg, Report},
};

use crate::vault::Secret;

/// The longest secret, in bytes; what is beyond is not taken.
const LONGEST_BYTES: usize = 16 * 1024;
/// So many keys that came together were pasted.
const PASTED_KEYS: usize = 8;

/// The secret that is being typed; clones share it.
#[derive(Clone, Default)]
pub struct Sealed(Arc<Mutex<String>>);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[secret]")
    }
}

impl Sealed {
    /// Nothing is sealed: nothing is kept any more.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Takes what of a message belongs to a secret, and gives what is to be told in its place: all text, or what comes in one piece.
    pub fn keep(&self, msg: Msg, is_all: bool) -> Vec<Msg> {
        let mut text = self.lock();
        let chars = |text: &str| {
            let chars = text.chars().count();
            Msg::Report(Key::World, Report::Host(HostReport::Sealed { chars }))
        };
        match msg {
            Msg::Input(Input::Paste(pasted)) => {
                add(&mut text, &pasted);
                vec![chars(&text)]
            }
            Msg::Input(Input::Typed(presses)) if is_all || presses.len() >= PASTED_KEYS => {
                presses.iter().for_each(|press| {
                    typed(&mut text, *press);
                });
                // Without bracketed paste the end of a line that was pasted is a key.
                let last = presses.last().copied().filter(|press| press.code == KeyCode::Enter);
                let mut told = vec![chars(&text)];
                told.extend(last.map(|press| Msg::Input(Input::Key(press))));
                told
            }
            Msg::Input(Input::Key(press)) if is_all && typed(&mut text, press) => vec![chars(&text)],
            other => vec![other],
        }
    }

    /// What was typed; nothing of it is kept.
    pub(crate) fn take(&self) -> Secret {
        Secret::new(std::mem::take(&mut *self.lock()))
    }

    fn lock(&self) -> MutexGuard<'_, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Changes the text as a key says, and says whether it is such a key.
fn typed(text: &mut String, press: KeyPress) -> bool {
    let is_ctrl = |letter| press.mods.ctrl && press.code == KeyCode::Char(letter);
    if let Some(letter) = press.typed() {
        add(text, letter.encode_utf8(&mut [0; 4]));
    } else if press.code == KeyCode::Backspace || is_ctrl('h') {
        text.pop();
    } else if is_ctrl('u') || is_ctrl('w') {
        text.clear();
    } else {
        return false;
    }
    true
}

fn add(text: &mut String, more: &str) {
    // What stands around a pasted key is not part of it.
    let more = more.trim();
    if text.len() + more.len() <= LONGEST_BYTES {
        text.push_str(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quire_state::msg::Mods;

    fn press(code: KeyCode) -> Msg {
        Msg::Input(Input::Key(KeyPress::plain(code)))
    }

    fn letters(text: &str) -> Vec<KeyPress> {
        let code = |letter| if letter == '\n' { KeyCode::Enter } else { KeyCode::Char(letter) };
        text.chars().map(|letter| KeyPress::plain(code(letter))).collect()
    }

    fn told(sealed: &Sealed, msg: Msg, is_all: bool) -> String {
        serde_json::to_string(&sealed.keep(msg, is_all)).unwrap()
    }

    #[test]
    fn what_is_typed_is_counted_and_never_told() {
        let sealed = Sealed::default();
        for letter in "sk-canaryx".chars() {
            assert!(!told(&sealed, press(KeyCode::Char(letter)), true).contains("Char"));
        }
        assert!(told(&sealed, press(KeyCode::Backspace), true).contains(r#"{"Sealed":{"chars":9}}"#));
        let paste = told(&sealed, Msg::Input(Input::Paste("-4711\n".to_owned())), true);
        assert!(paste.contains(r#"{"chars":14}"#) && !paste.contains("4711"), "{paste}");
        let typed = told(&sealed, Msg::Input(Input::Typed(letters("ab\n"))), true);
        assert!(typed.contains(r#"{"chars":16}"#) && typed.contains("Enter") && !typed.contains("Char"), "{typed}");
        assert_eq!(sealed.take(), Secret::new("sk-canary-4711ab"));
        assert_eq!(sealed.take(), Secret::new(""));
    }

    #[test]
    fn keys_that_lead_elsewhere_are_told_and_leaving_forgets() {
        let sealed = Sealed::default();
        let ctrl = |letter| {
            Msg::Input(Input::Key(KeyPress {
                code: KeyCode::Char(letter),
                mods: Mods { ctrl: true, ..Mods::default() },
            }))
        };
        for msg in [press(KeyCode::Enter), press(KeyCode::Esc), press(KeyCode::Up), ctrl('c')] {
            assert_eq!(sealed.keep(msg.clone(), true), [msg]);
        }
        // Where a way is chosen, single keys choose; what comes in one piece is a key.
        assert_eq!(sealed.keep(press(KeyCode::Char('2')), false), [press(KeyCode::Char('2'))]);
        let pasted = told(&sealed, Msg::Input(Input::Typed(letters("sk-canary"))), false);
        assert!(pasted.contains(r#"{"chars":9}"#) && !pasted.contains("Char"), "{pasted}");
        assert!(told(&sealed, ctrl('u'), true).contains(r#"{"chars":0}"#));
        sealed.keep(Msg::Input(Input::Paste("sk-canary".to_owned())), true);
        sealed.clear();
        assert_eq!(sealed.take(), Secret::new(""));
    }

    #[test]
    fn it_is_bounded_and_never_shown() {
        let sealed = Sealed::default();
        sealed.keep(Msg::Input(Input::Paste("x".repeat(LONGEST_BYTES))), true);
        sealed.keep(Msg::Input(Input::Paste("canary".to_owned())), true);
        assert_eq!(format!("{sealed:?}"), "[secret]");
        assert_eq!(sealed.take().reveal().len(), LONGEST_BYTES);
    }
}
