//! Gestures: keys, pastes, the terminal's size and focus.

use serde::{Deserialize, Serialize};

/// A gesture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// A key went down (or repeated).
    Key(KeyPress),
    /// These keys came together, faster than a user presses them one by one.
    Typed(Vec<KeyPress>),
    /// Text was pasted in one piece; line ends are `\n`.
    Paste(String),
    /// The terminal has this size now.
    Resize(Size),
    /// The wheel turned: rows, positive is down.
    Wheel(i32),
    /// The terminal window gained (`true`) or lost the focus.
    Focus(bool),
}

/// A terminal's size in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeyPress {
    /// Which key.
    pub code: KeyCode,
    /// Held modifiers.
    pub mods: Mods,
}

/// The keys that Quire knows. `Char` holds the character as typed, case included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "key names say all")]
pub enum KeyCode {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

/// Held modifiers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mods {
    /// Control.
    pub ctrl: bool,
    /// Alt, Option or Meta.
    pub alt: bool,
    /// Shift; for characters only where the terminal reports it.
    pub shift: bool,
}

impl KeyPress {
    /// The character that it types; `None` for keys that do something else.
    pub const fn typed(self) -> Option<char> {
        if let (KeyCode::Char(letter), Mods { ctrl: false, alt: false, .. }) = (self.code, self.mods) {
            return Some(letter);
        }
        None
    }

    /// A key without modifiers.
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, mods: Mods { ctrl: false, alt: false, shift: false } }
    }

    /// Control and a character.
    pub const fn ctrl(character: char) -> Self {
        Self { code: KeyCode::Char(character), mods: Mods { ctrl: true, alt: false, shift: false } }
    }

    /// Alt and a character.
    pub const fn alt(character: char) -> Self {
        Self { code: KeyCode::Char(character), mods: Mods { ctrl: false, alt: true, shift: false } }
    }
}
