//! Time for the fold: the clock that stamps batches.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use quire_state::Clock;

/// Fixes the wall clock for tests and pictures: milliseconds since 1970 at the start of the program.
const FIXED_VARIABLE: &str = "QUIRE_TEST_UNIX_MS";

/// Reads the clocks. The one place of the program that does, for the fold.
#[derive(Clone, Copy, Debug)]
pub struct Timepiece {
    start: Instant,
    fixed_unix_ms: Option<i64>,
}

impl Timepiece {
    /// Starts now. The wall clock is the system's.
    pub fn start() -> Self {
        Self { start: Instant::now(), fixed_unix_ms: None }
    }

    /// Starts now, with the wall clock fixed when the environment says so.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let fixed_unix_ms = variable(FIXED_VARIABLE).and_then(|value| value.parse().ok());
        Self { fixed_unix_ms, ..Self::start() }
    }

    /// The time now.
    pub fn now(&self) -> Clock {
        let mono_ms = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let unix_ms = match self.fixed_unix_ms {
            Some(fixed) => fixed.saturating_add_unsigned(mono_ms),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
        };
        Clock { mono_ms, unix_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_can_be_fixed() {
        let fixed = Timepiece::from_environment(|name| (name == FIXED_VARIABLE).then(|| "1700000000000".to_owned()));
        let now = fixed.now();
        assert_eq!(now.unix_ms, 1_700_000_000_000 + i64::try_from(now.mono_ms).unwrap_or(0));
    }
}
