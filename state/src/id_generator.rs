//! Ids and jitter from a seed, so that a replay makes the same ones.

use serde::{Deserialize, Serialize};

/// A small deterministic generator (splitmix64). Not for secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdGenerator {
    state: u64,
}

impl IdGenerator {
    /// A generator that gives the same values for the same seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        #[cfg(feature = "planted-bugs")]
        if crate::planted::is("hidden-state") {
            self.state = self.state.wrapping_add(crate::planted::hidden_count());
        }
        let mut value = self.state;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    /// A UUIDv7 (RFC 9562) for this wall-clock time.
    pub fn uuid(&mut self, unix_ms: i64) -> String {
        let time = u64::try_from(unix_ms).unwrap_or(0) & 0xffff_ffff_ffff;
        let (a, b) = (self.bits(), self.bits());
        format!(
            "{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}",
            time >> 16,
            time & 0xffff,
            a & 0xfff,
            0x8000 | (b >> 48 & 0x3fff),
            b & 0xffff_ffff_ffff
        )
    }

    /// `value` plus or minus up to `percent` of it.
    pub fn jitter(&mut self, value: u64, percent: u64) -> u64 {
        let spread = value.saturating_mul(percent) / 100;
        if spread == 0 {
            return value;
        }
        value - spread + self.bits() % (2 * spread + 1)
    }
}
