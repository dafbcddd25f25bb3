//! How much looking at a workspace may cost, and how long it goes on.

use std::time::{Duration, Instant};

use quire_files::Watches;

/// So many files are always waited for.
pub(crate) const SURE_FILES: usize = 1000;

/// How much looking at a workspace may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most files, folders and links.
    pub files: usize,
    /// Most bytes that are copied.
    pub bytes: u64,
    /// How long a look may take. A file that is being read is read to its end.
    pub time: Duration,
    /// How long the first look may take, which nothing waits for.
    pub first: Duration,
    /// How long a tool waits for the first look, for what is to be read, and for looks on behalf of other threads, before it
    /// runs unobserved. Small folders, of `SURE_FILES`, are waited for up to `time`.
    pub wait: Duration,
    /// Most folders that are watched; fewer where the system allows less.
    pub watches: usize,
    /// How many files a workspace has at least that is watched: a small one is looked through faster than the system ends
    /// watching it.
    pub watched_from: usize,
}

/// How long something goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// As long as this.
    pub(crate) until: Instant,
    /// Until so many files were read, where that takes longer.
    pub(crate) files: usize,
    /// But never longer than this.
    pub(crate) last: Instant,
}

impl Patience {
    /// Until then.
    pub(crate) fn until(until: Instant) -> Self {
        Self { until, files: 0, last: until }
    }

    pub(crate) fn is_over(&self, files: usize) -> bool {
        let now = Instant::now();
        now >= self.last || (now >= self.until && files >= self.files)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            files: 500_000,
            bytes: 1024 * 1024 * 1024,
            time: Duration::from_secs(1),
            first: Duration::from_secs(30),
            wait: Duration::from_millis(40),
            watches: usize::MAX,
            watched_from: Watches::FROM,
        }
    }
}

impl Limits {
    /// What tells of changes, if it may and can.
    pub(super) fn watch(self) -> Option<Watches> {
        let most = self.watches.min(Watches::allowed());
        if self.watches > 0 { Watches::new(most) } else { None }
    }
}
