//! Facts about running processes, from `/proc`. Where there is no `/proc` the list is empty.

use std::{
    collections::BTreeSet,
    io,
    os::fd::{AsFd, OwnedFd},
    path::Path,
    time::Duration,
};

use quire_files::{Folder, Links, limits};
use rustix::fs::{CWD, Dir, Mode, OFlags};

/// Bytes of one line of the process table, and more.
const LINE: usize = 2048;
/// How often we look at an empty environment before we believe it.
const EXEC_LOOKS: u32 = 5;
/// How long an `exec` may take to fill it, between two looks.
const EXEC_PAUSE: Duration = Duration::from_millis(1);

/// One line of the process table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    /// Process id.
    pub(crate) pid: i32,
    /// Parent's process id.
    pub(crate) parent: i32,
    /// Session id: the id of the process that called `setsid` last.
    pub(crate) session: i32,
    /// Whether it is dead and waits to be reaped. One whose first thread has ended and whose others go on is not.
    pub(crate) is_zombie: bool,
    /// When it started, in ticks since boot. With the pid it names a process for good: pids are reused.
    pub(crate) started: u64,
}

/// All processes that we can see.
pub(crate) fn all() -> Vec<Process> {
    let Ok(table) = table() else { return Vec::new() };
    let Ok(entries) = Dir::read_from(&table) else { return Vec::new() };
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str().ok()?.parse::<i32>().ok());
    ids.filter_map(|pid| found(&table, pid)).collect()
}

/// The process table itself. It may have thousands of lines and is read at the end of every command, so each costs no
/// more than three system calls.
fn table() -> rustix::io::Result<OwnedFd> {
    rustix::fs::openat(CWD, "/proc", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

fn found(table: impl AsFd, pid: i32) -> Option<Process> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let line = rustix::fs::openat(table, format!("{pid}/stat"), flags, Mode::empty()).ok()?;
    // A line is made whole for one read, and has 52 numbers and a name.
    let mut bytes = [0; LINE];
    let length = rustix::io::retry_on_intr(|| rustix::io::read(&line, &mut bytes)).ok()?;
    // The name in brackets may hold any byte, so this is not UTF-8 for sure.
    parse(&String::from_utf8_lossy(bytes.get(..length)?))
}

/// The process with this id now.
pub(crate) fn find(pid: i32) -> Option<Process> {
    found(table().ok()?, pid)
}

/// A file of a process in `/proc`.
fn read(pid: i32, name: &str) -> io::Result<Vec<u8>> {
    quire_files::read(Path::new(&format!("/proc/{pid}/{name}")), Links::Follow, limits::SYSTEM)
}

/// Whether the environment that a process was started with gives `name` a value that `is_wanted` accepts.
pub(crate) fn has_variable(pid: i32, name: &str, is_wanted: impl Fn(&str) -> bool) -> bool {
    environment(pid).split(|byte| *byte == 0).any(|entry| {
        std::str::from_utf8(entry)
            .ok()
            .and_then(|entry| entry.strip_prefix(name)?.strip_prefix('='))
            .is_some_and(&is_wanted)
    })
}

/// The environment of a process; empty when it has none or does not let us see it.
fn environment(pid: i32) -> Vec<u8> {
    for _ in 0..EXEC_LOOKS {
        match read(pid, "environ") {
            // In the middle of `exec` a process has no environment yet.
            Ok(bytes) if bytes.is_empty() => std::thread::sleep(EXEC_PAUSE),
            Ok(bytes) => return bytes,
            Err(_) => break,
        }
    }
    Vec::new()
}

/// What the threads of a process do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// One of them runs, or is about to.
    Runs,
    /// None runs, and one waits within the kernel, as one does whose `vfork` child has not ended.
    Waits {
        /// How often its threads were put aside so far.
        switches: u64,
    },
    /// All are stopped, traced or dead.
    Stands {
        /// How often its threads were put aside so far: while the number stays, none of them ran.
        switches: u64,
    },
}

/// What the threads of a process do; `None` when there is no such process.
pub(crate) fn standing(pid: i32) -> Option<Standing> {
    let (mut switches, mut waits) = (0, false);
    let threads = Folder::open(Path::new(&format!("/proc/{pid}/task")), Links::Follow).ok()?.entries().ok()?;
    for thread in threads.filter_map(Result::ok).filter_map(|entry| entry.name.into_string().ok()) {
        let status = match read(pid, &format!("task/{thread}/status")) {
            Ok(status) => status,
            // A thread that is gone by now does nothing any more.
            Err(error) if is_gone(&error) => continue,
            Err(_) => return Some(Standing::Runs),
        };
        let status = String::from_utf8_lossy(&status);
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        match field("State:").and_then(|state| state.chars().next()) {
            Some('T' | 't' | 'Z' | 'X') => {}
            Some('D') => waits = true,
            Some(_) | None => return Some(Standing::Runs),
        }
        let counts = ["voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"].map(field);
        switches += counts.into_iter().flatten().filter_map(|count| count.parse::<u64>().ok()).sum::<u64>();
    }
    Some(if waits { Standing::Waits { switches } } else { Standing::Stands { switches } })
}

fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(libc::ESRCH)
}

/// Whether a process has a timer that would wake it up although it was stopped.
pub(crate) fn has_waking_timer(pid: i32) -> bool {
    let timers = read(pid, "timers").unwrap_or_default();
    let timers = String::from_utf8_lossy(&timers);
    let wakes = format!("{}/", rustix::process::Signal::CONT.as_raw());
    timers.lines().filter_map(|line| line.strip_prefix("signal:")).any(|signal| signal.trim().starts_with(&wakes))
}

/// The id that was given last to a process of this machine: when it stays the same, none was made.
pub(crate) fn last_made() -> Option<i32> {
    let text = quire_files::read_text(Path::new("/proc/loadavg"), Links::Follow, limits::SYSTEM).ok()?;
    text.split_whitespace().last()?.parse().ok()
}

/// Whether a process ignores a signal; unknown counts as no.
pub(crate) fn ignores(pid: i32, signal: i32) -> bool {
    let Ok(status) = read(pid, "status") else { return false };
    String::from_utf8_lossy(&status)
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

/// `roots` and everything that descends from them.
pub(crate) fn with_descendants(all: &[Process], roots: impl IntoIterator<Item = i32>) -> BTreeSet<i32> {
    let mut inside: BTreeSet<i32> = roots.into_iter().collect();
    loop {
        let before = inside.len();
        // Ids wrap around, so a child may come before its parent: go on until a pass adds nothing.
        inside.extend(
            all.iter()
                .filter(|process| inside.contains(&process.parent))
                .map(|process| process.pid)
                .collect::<Vec<_>>(),
        );
        if inside.len() == before {
            return inside;
        }
    }
}

fn parse(stat: &str) -> Option<Process> {
    let pid = stat.split(' ').next()?.parse().ok()?;
    // The name may hold spaces and brackets; the last bracket ends it.
    let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_whitespace().collect();
    Some(Process {
        pid,
        is_zombie: matches!(*fields.first()?, "Z" | "X")
            && fields.get(17)?.parse().is_ok_and(|threads: u32| threads < 2),
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        let stat = "42 (a) b) (c) Z 7 42 41 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9876 1 2 3";
        let wanted = Process { pid: 42, parent: 7, session: 41, is_zombie: true, started: 9876 };
        assert_eq!(parse(stat), Some(wanted));
        let lives_on = stat.replace(" 20 0 1 0 9876", " 20 0 2 0 9876");
        assert_eq!(parse(&lives_on), Some(Process { is_zombie: false, ..wanted }), "another thread of it lives");
    }

    #[test]
    fn descendants_are_found_whatever_the_order_of_their_ids() {
        let process = |pid, parent| Process { pid, parent, session: 0, is_zombie: false, started: 0 };
        let all = [process(2, 9), process(9, 5), process(5, 1), process(3, 1), process(4, 2)];
        assert_eq!(with_descendants(&all, [5]), BTreeSet::from([2, 4, 5, 9]));
    }

    #[test]
    fn we_find_ourselves() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let found = find(pid).unwrap();
        assert!(!found.is_zombie);
        assert!(all().contains(&found));
    }
}
