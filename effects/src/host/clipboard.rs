//! The clipboard: of the desktop when we run on one, else of the user's terminal.

use std::{
    ffi::OsString,
    sync::{Mutex, PoisonError},
};

use quire_state::fault::Fault;

use super::HostPort;

/// The roads to the clipboard.
pub(super) struct Clipboard {
    seat: Seat,
    /// Kept once opened: on X11 and Wayland a copied text lives as long as the program that offers it.
    desktop: Mutex<Option<arboard::Clipboard>>,
}

/// Where the user sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seat {
    /// At a desktop that we can reach.
    Desktop,
    /// At a terminal, of which we know nothing but what it understands.
    Terminal,
}

impl Seat {
    /// What the environment says. Over SSH a display may be reachable too, but it is the wrong machine's, or a slow one; the
    /// terminal's road leads to where the user is.
    pub(super) fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let is_remote = is_set("SSH_TTY") || is_set("SSH_CONNECTION");
        if !is_remote && (cfg!(target_os = "macos") || is_set("WAYLAND_DISPLAY") || is_set("DISPLAY")) {
            Self::Desktop
        } else {
            Self::Terminal
        }
    }
}

impl Clipboard {
    /// No road opened yet.
    pub(super) fn new(seat: Seat) -> Self {
        Self { seat, desktop: Mutex::default() }
    }

    /// Copies, and tells what was done.
    pub(super) fn copy(&self, text: &str, terminal: &dyn HostPort) -> Result<String, Fault> {
        if self.seat == Seat::Desktop && self.copy_to_desktop(text).is_ok() {
            return Ok("Copied to the desktop's clipboard".to_owned());
        }
        terminal.copy(text)
    }

    fn copy_to_desktop(&self, text: &str) -> Result<(), arboard::Error> {
        let mut desktop = self.desktop.lock().unwrap_or_else(PoisonError::into_inner);
        let clipboard = match &mut *desktop {
            Some(clipboard) => clipboard,
            none => none.insert(arboard::Clipboard::new()?),
        };
        let copied = clipboard.set_text(text);
        if copied.is_err() {
            // The desktop may have been restarted; the next copy opens it anew.
            *desktop = None;
        }
        copied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_counts_only_where_the_user_sits() {
        let with =
            |set: &'static [&'static str]| Seat::of(move |name| set.contains(&name).then(|| OsString::from("x")));
        assert_eq!(with(&["DISPLAY"]), Seat::Desktop);
        assert_eq!(with(&["WAYLAND_DISPLAY"]), Seat::Desktop);
        assert_eq!(with(&["DISPLAY", "SSH_TTY"]), Seat::Terminal);
        assert_eq!(with(&["WAYLAND_DISPLAY", "SSH_CONNECTION"]), Seat::Terminal);
        assert_eq!(with(&[]) == Seat::Desktop, cfg!(target_os = "macos"));
    }
}
