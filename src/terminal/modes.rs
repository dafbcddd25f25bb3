//! One guard owns every terminal mode that Quire sets, and undoes all of them.

use std::io;

use rustix::termios::{OptionalActions, Termios};

use super::{restore, tty::Tty};

/// A terminal mode, with the bytes that set it and the bytes that undo it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The window title is put aside, and comes back.
    Title,
    /// The alternate screen.
    AlternateScreen,
    /// Enter, Tab and the like are told apart with their modifiers (xterm's `modifyOtherKeys`, lowest level), where
    /// kitty's protocol is not known: tmux with `extended-keys on`, xterm.
    ModifiedKeys,
    /// Keys that would be ambiguous are reported unambiguously, with the key that another layout has there (kitty's
    /// keyboard protocol, levels 1 and 4).
    UnambiguousKeys,
    /// Pastes come in one piece, told apart from typing.
    BracketedPaste,
    /// The terminal tells when its window gains or loses the focus.
    FocusEvents,
    /// Wheel and buttons are reported, in the encoding that has no limit of columns.
    Mouse,
    /// The cursor is hidden until a picture places it.
    HiddenCursor,
}

impl Mode {
    /// What the full-screen face needs. The keyboard's modes belong to one of the two screens in some terminals, so
    /// that the screen is switched first.
    pub const FULL: &'static [Self] = &[
        Self::Title,
        Self::AlternateScreen,
        Self::ModifiedKeys,
        Self::UnambiguousKeys,
        Self::BracketedPaste,
        Self::FocusEvents,
        Self::Mouse,
        Self::HiddenCursor,
    ];

    /// What the inline face needs. The mouse stays with the terminal: its selection and scrollback are the point.
    pub const INLINE: &'static [Self] = &[
        Self::Title,
        Self::ModifiedKeys,
        Self::UnambiguousKeys,
        Self::BracketedPaste,
        Self::FocusEvents,
        Self::HiddenCursor,
    ];

    /// What the face for screen readers needs: whatever moves the cursor or changes the screen is left alone.
    pub const READER: &'static [Self] = &[Self::BracketedPaste];

    /// The bytes that set it.
    pub const fn set(self) -> &'static str {
        match self {
            Self::Title => "\x1b[22;2t",
            Self::AlternateScreen => "\x1b[?1049h",
            // Who takes it for colours gets the plain ones back.
            Self::ModifiedKeys => "\x1b[>4;1m\x1b[0m",
            Self::UnambiguousKeys => "\x1b[>5u",
            Self::BracketedPaste => "\x1b[?2004h",
            Self::FocusEvents => "\x1b[?1004h",
            Self::Mouse => "\x1b[?1000h\x1b[?1006h",
            Self::HiddenCursor => "\x1b[?25l",
        }
    }

    /// The bytes that undo it.
    pub const fn undo(self) -> &'static str {
        match self {
            Self::Title => "\x1b]0;\x07\x1b[23;2t",
            Self::AlternateScreen => "\x1b[?1049l",
            // Without a value it is what it was before, not what it is without a setting.
            Self::ModifiedKeys => "\x1b[>4m\x1b[0m",
            Self::UnambiguousKeys => "\x1b[<1u",
            Self::BracketedPaste => "\x1b[?2004l",
            Self::FocusEvents => "\x1b[?1004l",
            Self::Mouse => "\x1b[?1006l\x1b[?1000l",
            Self::HiddenCursor => "\x1b[?25h",
        }
    }
}

/// The bytes that set all of `modes` in order.
pub fn set_all(modes: &[Mode]) -> Vec<u8> {
    modes.iter().flat_map(|mode| mode.set().bytes()).collect()
}

/// The bytes that undo all of `modes`, the last one first.
pub fn undo_all(modes: &[Mode]) -> Vec<u8> {
    modes.iter().rev().flat_map(|mode| mode.undo().bytes()).collect()
}

/// The guard: while it lives, the terminal is raw and has these modes. Dropping it leaves them.
#[derive(Debug)]
pub struct Modes {
    tty: Tty,
    modes: &'static [Mode],
    /// What goes out before they are undone: it takes away what is shown beside the screen.
    parting: &'static str,
    entered: bool,
}

impl Modes {
    /// Makes the terminal raw and sets `modes`. From here on [`restore::now`] knows how to undo them, and that `parting` goes out
    /// before.
    pub fn enter(tty: Tty, modes: &'static [Mode], parting: &'static str) -> io::Result<Self> {
        let mut guard = Self { tty, modes, parting, entered: false };
        guard.set()?;
        Ok(guard)
    }

    /// Sets everything, after [`Modes::leave`] or for the first time.
    pub fn set(&mut self) -> io::Result<()> {
        let found: Termios = self.tty.termios()?;
        let mut raw = found.clone();
        raw.make_raw();
        restore::arm(found, [self.parting.as_bytes(), &undo_all(self.modes)].concat());
        self.entered = true;
        self.tty.set_termios(OptionalActions::Now, &raw)?;
        self.tty.write(&set_all(self.modes))
    }

    /// Sets everything again, whatever another program has done to the terminal meanwhile. What is kept on a stack is
    /// taken off first, so that it is there once.
    pub fn renew(&mut self) -> io::Result<()> {
        let mut raw = self.tty.termios()?;
        raw.make_raw();
        self.tty.set_termios(OptionalActions::Now, &raw)?;
        let is_undone = quire_sandbox::ends::was_given_back();
        let undo = if is_undone { Vec::new() } else { undo_all(self.modes) };
        self.tty.write(&[undo, set_all(self.modes)].concat())
    }

    /// Undoes everything. Does nothing the second time.
    pub fn leave(&mut self) {
        if std::mem::take(&mut self.entered) {
            restore::now();
        }
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Private modes that are on after these bytes, and how deep the pushed stacks are.
    fn left_over(bytes: &[u8]) -> (Vec<String>, i32, i32) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (mut on, mut keys, mut titles) = (Vec::<String>::new(), 0, 0);
        for part in text.split("\u{1b}[").skip(1) {
            let body: String = part.chars().take_while(|c| c.is_ascii_digit() || "?><;".contains(*c)).collect();
            match (part.chars().nth(body.len()), body.as_str()) {
                (Some('h'), mode) => on.push(mode.to_owned()),
                (Some('l'), mode) => match on.iter().position(|set| set == mode) {
                    Some(at) => drop(on.remove(at)),
                    None => on.push(format!("{mode} reset")),
                },
                (Some('u'), flags) => keys += if flags.starts_with('>') { 1 } else { -1 },
                (Some('m'), "0") => {}
                (Some('m'), mode) if mode.starts_with(">4;") => on.push(">4".to_owned()),
                (Some('m'), mode) => on.retain(|set| set != mode),
                (Some('t'), stack) => titles += if stack.starts_with("22") { 1 } else { -1 },
                other => panic!("unknown sequence {other:?}"),
            }
        }
        (on, keys, titles)
    }

    #[test]
    fn everything_set_is_undone() {
        for modes in [Mode::FULL, Mode::INLINE] {
            let mut bytes = set_all(modes);
            bytes.extend(undo_all(modes));
            let (on, keys, titles) = left_over(&bytes);
            // Hiding the cursor is the one mode that is set by a reset.
            assert_eq!((on, keys, titles), (vec!["?25 reset".to_owned(), "?25".to_owned()], 0, 0));
        }
    }

    #[test]
    fn the_keyboard_stack_is_pushed_and_popped_on_the_same_screen() {
        let set = String::from_utf8_lossy(&set_all(Mode::FULL)).into_owned();
        let undo = String::from_utf8_lossy(&undo_all(Mode::FULL)).into_owned();
        assert!(set.find("[?1049h") < set.find("[>5u"));
        assert!(undo.find("[<1u") < undo.find("[?1049l"));
        assert!(set.find("[?1049h") < set.find("[>4;1m") && undo.find("[>4m") < undo.find("[?1049l"));
    }

    #[test]
    fn the_inline_face_leaves_the_mouse_and_the_screen_alone() {
        assert!(!Mode::INLINE.contains(&Mode::Mouse));
        assert!(!Mode::INLINE.contains(&Mode::AlternateScreen));
    }
}
