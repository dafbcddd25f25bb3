//! Where the cursor is on the screen, as the terminal itself tells.
//!
//! The bottom right corner is asked for as well, because a terminal can have another size already than the one that it
//! has told: only both together say something. A terminal that does not answer is not asked again before it does.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use quire_state::msg::Size;

use super::Tty;

/// Asks for the corner, and for the cursor's own place.
const QUERY: &[u8] = b"\x1b[?2026h\x1b7\x1b[9999;9999H\x1b[6n\x1b8\x1b[6n\x1b[?2026l";
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a size is waited for that the terminal has already. tmux tells one every quarter of a second.
const SIZE_PATIENCE: Duration = Duration::from_millis(500);

/// What the terminal answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The size of its screen.
    pub screen: Size,
    /// The cursor's row, from 0.
    pub row: u16,
}

/// The query that is under way; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Places {
    shared: Arc<(Mutex<Asked>, Condvar)>,
}

#[derive(Debug, Default)]
struct Asked {
    is_under_way: bool,
    answer: Option<Place>,
    /// The terminal has told another size since it was asked.
    is_resized: bool,
}

impl Places {
    fn lock(&self) -> MutexGuard<'_, Asked> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cursor's row on a screen of this size. `None` when the terminal does not say, or has another size.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn row(&self, tty: &Tty, size: Size) -> io::Result<Option<u16>> {
        {
            let mut asked = self.lock();
            if asked.is_under_way {
                return Ok(None);
            }
            *asked = Asked { is_under_way: true, ..Asked::default() };
        }
        tty.write(QUERY)?;
        let is_unanswered = |asked: &mut Asked| asked.answer.is_none();
        let waited = self.shared.1.wait_timeout_while(self.lock(), PATIENCE, is_unanswered);
        let (asked, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match asked.answer {
            Some(Place { screen, row }) if screen == size => Ok(Some(row)),
            Some(_) => {
                let is_untold = |asked: &mut Asked| !asked.is_resized && tty.size() == size;
                drop(self.shared.1.wait_timeout_while(asked, SIZE_PATIENCE, is_untold));
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// An answer came. One that is not awaited any more says only that the terminal answers.
    pub fn answered(&self, place: Place) {
        *self.lock() = Asked { is_under_way: false, answer: Some(place), is_resized: false };
        self.shared.1.notify_all();
    }

    /// The terminal has told another size.
    pub fn resized(&self) {
        self.lock().is_resized = true;
        self.shared.1.notify_all();
    }

    /// What was under way is lost: another program has had the terminal.
    pub fn forget(&self) {
        *self.lock() = Asked::default();
    }
}
