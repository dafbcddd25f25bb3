//! What the person sees and types. Reads the engine, and changes it only by Ops.

pub mod composer;
pub mod keys;
pub mod question;
pub mod scroll;

use serde::{Deserialize, Serialize};

use crate::{
    engine::{Engine, Turn},
    msg::Size,
};

pub use composer::Composer;
pub use question::Question;

/// What the person sees and types.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// Terminal size.
    pub size: Size,
    /// Whether the terminal window has the focus.
    pub focused: bool,
    /// The draft.
    pub composer: Composer,
    /// The open question, if any; it takes the place above the composer.
    pub question: Option<Question>,
    /// The popup, if any.
    pub popup: Option<Popup>,
    /// How far the transcript is scrolled (full screen only).
    pub scroll: Scroll,
    /// When the last key was pressed, monotonic milliseconds.
    pub last_key_ms: Option<u64>,
    /// Until when a second Ctrl-C exits, monotonic milliseconds.
    pub exit_armed_until_ms: Option<u64>,
    /// A short line in place of the hint, and until when (monotonic milliseconds).
    pub toast: Option<(String, u64)>,
    /// Whether command outputs and reasoning are shown whole (Ctrl-T).
    pub details: bool,
}

/// A popup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Popup {
    /// The table of keys (`?` in an empty composer).
    Help,
}

/// How far the transcript is scrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scroll {
    /// At the end, moving with it.
    Follow,
    /// This many rows above the end; the painter bounds it by the transcript's height.
    Up(u32),
}

impl Screen {
    /// The first screen.
    pub fn new(size: Size, recall: Vec<String>) -> Self {
        Self {
            size,
            focused: true,
            composer: Composer::new(recall),
            question: None,
            popup: None,
            scroll: Scroll::Follow,
            last_key_ms: None,
            exit_armed_until_ms: None,
            toast: None,
            details: false,
        }
    }

    /// How often the screen changes with time alone; `None` when it does not.
    pub fn tick_ms(&self, engine: &Engine) -> Option<u64> {
        let working = engine.thread().is_some_and(|thread| thread.turn != Turn::Idle);
        if self.exit_armed_until_ms.is_some() || self.toast.is_some() {
            return Some(250);
        }
        working.then_some(1000)
    }
}
