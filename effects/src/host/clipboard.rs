//! The clipboard: of the desktop when we run on one, else of the user's terminal.

use std::{
    ffi::OsString,
    sync::{Mutex, PoisonError},
};

use quire_state::{
    fault::{Fault, FaultKind},
    msg::ImageReport,
};

use super::HostPort;
use crate::tool::image;

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

    /// The image that is on it, made to fit what a model takes.
    pub(super) fn image(&self) -> Result<ImageReport, Fault> {
        let missing = |why: &str| {
            let words = format!("{why} Paste the path of an image file instead.");
            Fault::new(FaultKind::Missing, words)
        };
        if self.seat == Seat::Terminal {
            return Err(missing("No desktop's clipboard can be reached from here."));
        }
        let found = self.with_desktop(arboard::Clipboard::get_image).map_err(|error| match error {
            arboard::Error::ContentNotAvailable => missing("There is no image on the clipboard."),
            other => missing(&format!("The clipboard cannot be read: {other}.")),
        })?;
        let image = image::of_pixels((found.width, found.height), found.bytes.into_owned()).map_err(|why| {
            Fault::new(FaultKind::Malformed, format!("The image on the clipboard cannot be used: {why}"))
        })?;
        Ok(ImageReport { url: image.data_url().into(), width: image.width, height: image.height })
    }

    fn copy_to_desktop(&self, text: &str) -> Result<(), arboard::Error> {
        self.with_desktop(|clipboard| clipboard.set_text(text))
    }

    fn with_desktop<T>(
        &self,
        act: impl FnOnce(&mut arboard::Clipboard) -> Result<T, arboard::Error>,
    ) -> Result<T, arboard::Error> {
        let mut desktop = self.desktop.lock().unwrap_or_else(PoisonError::into_inner);
        let clipboard = match &mut *desktop {
            Some(clipboard) => clipboard,
            none => none.insert(arboard::Clipboard::new()?),
        };
        let done = act(clipboard);
        if done.is_err() {
            // The desktop may have been restarted; the next time opens it anew.
            *desktop = None;
        }
        done
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
