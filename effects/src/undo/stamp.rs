//! What the system says of a file without reading it.

use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{FileType, Stat};

/// How far the clock of the file system may be behind ours: it moves in steps.
const CLOCK_STEP_NS: i128 = 20_000_000;
/// The same where times are whole seconds.
const COARSE_STEP_NS: i128 = 2_000_000_000;

/// Two equal stamps mean the same content, but for a racy one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    device: u64,
    number: u64,
    /// Type and permission bits.
    raw_mode: u32,
    pub(crate) size: u64,
    pub(crate) modified_ns: i64,
    pub(crate) changed_ns: i64,
    /// It has other names.
    is_linked: bool,
}

impl Stamp {
    pub(crate) fn of(stat: &Stat) -> Self {
        // Until the year 2262.
        let ns = |seconds: i64, part: u64| {
            seconds.saturating_mul(1_000_000_000).saturating_add(i64::try_from(part).unwrap_or_default())
        };
        Self {
            device: stat.st_dev,
            number: stat.st_ino,
            raw_mode: stat.st_mode,
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            modified_ns: ns(stat.st_mtime, stat.st_mtime_nsec),
            changed_ns: ns(stat.st_ctime, stat.st_ctime_nsec),
            is_linked: stat.st_nlink > 1 && FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile,
        }
    }

    /// Its permission bits.
    pub(crate) fn mode(&self) -> u32 {
        self.raw_mode & 0o7777
    }

    pub(crate) fn kind(&self) -> FileType {
        FileType::from_raw_mode(self.raw_mode)
    }

    /// Whether the file may be changed after this moment without its stamp becoming another one, because it was changed
    /// so shortly before. The time of the last change of anything counts: it cannot be set back.
    pub(crate) fn is_racy(&self, moment_ns: i128) -> bool {
        let step = if self.changed_ns % 1_000_000_000 == 0 { COARSE_STEP_NS } else { CLOCK_STEP_NS };
        i128::from(self.changed_ns) >= moment_ns - step
    }

    /// Whether it is a file with other names, by which it may be changed as well.
    pub(crate) fn is_linked(&self) -> bool {
        self.is_linked
    }

    /// Whether this is what an entry of git's index says of a file that is checked out.
    pub(crate) fn is_of(&self, entry: &super::git::Entry) -> bool {
        let low = |value: u64| u32::try_from(value & 0xFFFF_FFFF).unwrap_or_default();
        let is_executable = |mode: u32| mode & 0o100 != 0;
        self.kind() == FileType::RegularFile
            && (self.modified_ns, self.changed_ns) == (entry.modified_ns, entry.changed_ns)
            && (low(self.number), low(self.size)) == (entry.number, entry.size)
            && is_executable(self.raw_mode) == is_executable(entry.mode)
            && self.size <= u64::from(u32::MAX)
    }

    /// Which file it is.
    pub(crate) fn file(&self) -> (u64, u64) {
        (self.device, self.number)
    }

    /// As text, to be compared with others.
    pub(crate) fn text(&self) -> String {
        format!("{}:{}:{}:{}", self.number, self.size, self.modified_ns, self.changed_ns)
    }
}

/// The time of day in nanoseconds.
pub(crate) fn now_ns() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or(i128::MAX)
}
