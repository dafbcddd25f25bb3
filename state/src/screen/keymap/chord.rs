//! A key with what must be held, and its name.

use crate::msg::{KeyCode, KeyPress};

/// A key with what must be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chord {
    code: KeyCode,
    ctrl: Held,
    alt: Held,
    shift: Held,
    /// Whether a small letter stands for its capital, too.
    folds: bool,
}

/// Whether a modifier is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Yes,
    No,
    Either,
}

impl Held {
    fn fits(self, is_held: bool) -> bool {
        match self {
            Self::Yes => is_held,
            Self::No => !is_held,
            Self::Either => true,
        }
    }
}

impl Chord {
    /// The key, whatever is held.
    pub(super) const fn any(code: KeyCode) -> Self {
        Self { code, ctrl: Held::Either, alt: Held::Either, shift: Held::Either, folds: false }
    }

    /// The key alone.
    pub(super) const fn bare(code: KeyCode) -> Self {
        Self { code, ctrl: Held::No, alt: Held::No, shift: Held::No, folds: false }
    }

    /// The key with neither Ctrl nor Alt.
    pub(super) const fn typed(code: KeyCode) -> Self {
        Self { code, ctrl: Held::No, alt: Held::No, shift: Held::Either, folds: false }
    }

    /// The key with exactly these of Ctrl and Alt, and with Shift, without it or either way. A letter with Ctrl is its capital, too.
    pub(super) const fn held(code: KeyCode, [ctrl, alt]: [bool; 2], shift: Option<bool>) -> Self {
        const fn of(is_held: bool) -> Held {
            if is_held { Held::Yes } else { Held::No }
        }
        let shift = match shift {
            Some(is_held) => of(is_held),
            None => Held::Either,
        };
        Self { code, ctrl: of(ctrl), alt: of(alt), shift, folds: ctrl }
    }

    /// The key with at least Ctrl.
    pub(super) const fn ctrl(code: KeyCode) -> Self {
        Self { ctrl: Held::Yes, ..Self::any(code) }
    }

    /// The key with at least Alt.
    pub(super) const fn alt(code: KeyCode) -> Self {
        Self { alt: Held::Yes, ..Self::any(code) }
    }

    /// The key with at least Shift.
    pub(super) const fn shift(code: KeyCode) -> Self {
        Self { shift: Held::Yes, ..Self::any(code) }
    }

    /// A character with Ctrl and without Alt, as a capital, too.
    pub(super) const fn ctrl_char(character: char) -> Self {
        Self { alt: Held::No, folds: true, ..Self::ctrl(KeyCode::Char(character)) }
    }

    /// A character with Ctrl alone.
    pub(super) const fn only_ctrl(character: char) -> Self {
        Self { shift: Held::No, folds: false, ..Self::ctrl_char(character) }
    }

    /// A character with Alt and without Ctrl.
    pub(super) const fn alt_char(character: char) -> Self {
        Self { ctrl: Held::No, ..Self::alt(KeyCode::Char(character)) }
    }

    /// Whether this is what was pressed.
    pub(crate) fn fits(self, press: KeyPress) -> bool {
        self.is_key(press.code)
            && self.ctrl.fits(press.mods.ctrl)
            && self.alt.fits(press.mods.alt)
            && self.shift.fits(press.mods.shift)
    }

    fn is_key(self, code: KeyCode) -> bool {
        match (self.code, code) {
            (KeyCode::Char(own), KeyCode::Char(pressed)) if self.folds => own == pressed.to_ascii_lowercase(),
            (own, pressed) => own == pressed,
        }
    }

    /// Its name as the user reads it: what is held, and the key.
    pub(super) fn name(self) -> (String, String) {
        let held = [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")];
        let held: String = held.iter().filter(|(held, _)| *held == Held::Yes).map(|(_, name)| *name).collect();
        let key = match self.code {
            KeyCode::Char(' ') => "space".to_owned(),
            KeyCode::Char(character) => character.to_string(),
            KeyCode::Enter => "enter".to_owned(),
            KeyCode::Esc => "esc".to_owned(),
            KeyCode::Tab => "tab".to_owned(),
            KeyCode::BackTab => "shift-tab".to_owned(),
            KeyCode::Backspace => "backspace".to_owned(),
            KeyCode::Delete => "delete".to_owned(),
            KeyCode::Insert => "insert".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Right => "→".to_owned(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Home => "home".to_owned(),
            KeyCode::End => "end".to_owned(),
            KeyCode::PageUp => "page up".to_owned(),
            KeyCode::PageDown => "page down".to_owned(),
            KeyCode::F(number) => format!("f{number}"),
        };
        (held, key)
    }
}
