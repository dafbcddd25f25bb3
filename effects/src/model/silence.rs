//! How long an answer may stand still. Silence has the limit of the configuration. Bytes that bring the answer no further
//! (comments, pings, repeats, a line that does not end) are signs of life of a server whose model thinks: they extend the
//! limit, and not for ever.

use std::time::Duration;

/// How many times the limit an answer may stand still while there are signs of life.
pub(crate) const EXTENSIONS: u32 = 4;

/// The wait for the next bytes of an answer.
#[derive(Debug)]
pub(crate) struct Silence {
    idle: Duration,
    /// Waited since the answer came further last.
    waited: Duration,
}

impl Silence {
    /// With the limit of this configuration.
    pub(crate) fn new(idle: Duration) -> Self {
        Self { idle, waited: Duration::ZERO }
    }

    /// How long the next bytes may take.
    pub(crate) fn left(&self) -> Duration {
        self.idle.min(self.limit().saturating_sub(self.waited))
    }

    /// Bytes have come after this time. Only what moved the answer begins a new wait.
    pub(crate) fn heard(&mut self, after: Duration, has_moved: bool) {
        self.waited = if has_moved { Duration::ZERO } else { self.waited.saturating_add(after) };
    }

    /// Whether there were signs of life for all that an answer may stand still.
    pub(crate) fn is_stalled(&self) -> bool {
        self.waited >= self.limit()
    }

    /// Nothing has come within [`Silence::left`]. Says whether it was the end of the extension.
    pub(crate) fn is_extended(&self) -> bool {
        self.limit().saturating_sub(self.waited) < self.idle
    }

    /// How long an answer may stand still.
    pub(crate) fn limit(&self) -> Duration {
        self.idle.saturating_mul(EXTENSIONS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn silence_has_the_limit_and_signs_of_life_extend_it_to_four_times() {
        let mut silence = Silence::new(seconds(10));
        assert_eq!((silence.left(), silence.is_extended()), (seconds(10), false));
        for _ in 0..3 {
            silence.heard(seconds(9), false);
        }
        assert_eq!((silence.left(), silence.is_stalled()), (seconds(10), false));
        silence.heard(seconds(9), false);
        assert_eq!((silence.left(), silence.is_stalled(), silence.is_extended()), (seconds(4), false, true));
        silence.heard(seconds(4), false);
        assert_eq!((silence.left(), silence.is_stalled()), (seconds(0), true));
        silence.heard(seconds(1), true);
        assert_eq!((silence.left(), silence.is_stalled()), (seconds(10), false));
    }
}
