//! When a frame is due. The first change after a pause is painted at once, later ones wait for the next frame, and
//! what a user does waits least.

use std::time::{Duration, Instant};

/// Time between two frames while things change by themselves.
const FRAME: Duration = Duration::from_millis(16);
/// Time between two frames when the user has done something.
const URGENT: Duration = Duration::from_millis(4);

/// Whether a frame is wanted, and since when the last one is on the terminal.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    wanted: Option<Duration>,
    last: Option<Instant>,
}

impl Pace {
    /// Something has changed.
    pub(super) fn changed(&mut self, urgent: bool) {
        let gap = if urgent { URGENT } else { FRAME };
        self.wanted = Some(self.wanted.map_or(gap, |wanted| wanted.min(gap)));
    }

    /// When the next frame is due; `None` when nothing has changed.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let gap = self.wanted?;
        // Without a last frame any past moment will do.
        Some(self.last.map_or_else(Instant::now, |last| last + gap))
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.deadline().is_some_and(|deadline| deadline <= now) || (self.wanted.is_some() && self.last.is_none())
    }

    /// A frame has been written; the pause counts from its end, so that painting never takes all the time.
    pub(super) fn painted(&mut self, now: Instant) {
        self.wanted = None;
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_due_while_nothing_changes() {
        let mut pace = Pace::default();
        assert_eq!(pace.deadline(), None);
        let start = Instant::now();
        pace.changed(false);
        assert!(pace.is_due(start));
        pace.painted(start);
        assert_eq!((pace.deadline(), pace.is_due(start + FRAME * 100)), (None, false));
    }

    #[test]
    fn changes_wait_for_the_frame_and_keys_for_less() {
        let start = Instant::now();
        let mut pace = Pace::default();
        pace.painted(start);
        pace.changed(false);
        assert_eq!(pace.deadline(), Some(start + FRAME));
        assert!(!pace.is_due(start + URGENT));
        pace.changed(true);
        pace.changed(false);
        assert_eq!(pace.deadline(), Some(start + URGENT));
        assert!(pace.is_due(start + URGENT));
    }

    #[test]
    fn a_change_after_a_pause_is_due_at_once() {
        let start = Instant::now();
        let mut pace = Pace::default();
        pace.painted(start);
        pace.changed(false);
        assert!(pace.is_due(start + FRAME * 5));
    }
}
