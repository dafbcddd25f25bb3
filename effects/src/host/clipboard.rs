//! The clipboard: of the desktop when we run on one, else of the person's terminal.

use std::{
    ffi::OsString,
    sync::{Mutex, PoisonError},
};

use quire_state::fault::Fault;

use super::HostPort;

/// A road to the clipboard.
#[derive(Default)]
pub(super) struct Clipboard {
    /// Kept once opened: on X11 and Wayland a copied text lives as long as the program that offers it.
    desktop: Mutex<Option<arboard::Clipboard>>,
}

impl Clipboard {
    /// Copies, and tells by which road.
    pub(super) fn copy(&self, text: &str, terminal: &dyn HostPort) -> Result<String, Fault> {
        if is_on_a_desktop(|name| std::env::var_os(name)) && self.copy_to_desktop(text).is_ok() {
            return Ok("to the desktop's clipboard".to_owned());
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

/// Whether the person sits at the desktop that we can reach. Over SSH a display may be reachable too, but it is the wrong
/// machine's, or a slow one; the terminal's road leads to where the person is.
fn is_on_a_desktop(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let is_remote = is_set("SSH_TTY") || is_set("SSH_CONNECTION");
    !is_remote && (cfg!(target_os = "macos") || is_set("WAYLAND_DISPLAY") || is_set("DISPLAY"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_counts_only_where_the_person_sits() {
        let with = |set: &'static [&'static str]| {
            is_on_a_desktop(move |name| set.contains(&name).then(|| OsString::from("x")))
        };
        assert!(with(&["DISPLAY"]));
        assert!(with(&["WAYLAND_DISPLAY"]));
        assert!(!with(&["DISPLAY", "SSH_TTY"]));
        assert!(!with(&["WAYLAND_DISPLAY", "SSH_CONNECTION"]));
        assert_eq!(with(&[]), cfg!(target_os = "macos"));
    }
}
