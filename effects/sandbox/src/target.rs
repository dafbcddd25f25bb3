//! Signalling exactly the process that was meant, and learning that it is gone.

#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use crate::process::{self, Process};

/// How often we look where the system cannot tell us of an end.
const LOOK: Duration = Duration::from_millis(5);

/// A process (or, without a process table, a process group) to be signalled.
#[derive(Debug)]
pub(crate) enum Target {
    /// One process, held by a descriptor that stays its own when the id is reused.
    #[cfg(target_os = "linux")]
    Held {
        /// Process id, for facts about it.
        pid: i32,
        /// The descriptor.
        handle: OwnedFd,
    },
    /// One process, by its id and start, where descriptors of processes are not to be had.
    Named(Process),
    /// A whole process group.
    Group(Pid),
}

/// A handle on a process from the table, unless it is gone.
pub(crate) fn process(wanted: &Process) -> Option<Target> {
    #[cfg(target_os = "linux")]
    if let Ok(handle) = rustix::process::pidfd_open(Pid::from_raw(wanted.pid)?, rustix::process::PidfdFlags::empty()) {
        // The id may have been given to somebody else between the look and the handle.
        return is_same(wanted).then_some(Target::Held { pid: wanted.pid, handle });
    }
    is_same(wanted).then_some(Target::Named(*wanted))
}

/// A handle on a process group, unless it is gone.
pub(crate) fn group(leader: i32) -> Option<Target> {
    let leader = Pid::from_raw(leader)?;
    rustix::process::test_kill_process_group(leader).is_ok().then_some(Target::Group(leader))
}

/// Asks each to end in a way that it does not ignore, and lets stopped ones hear it.
pub(crate) fn ask(targets: &[Target]) {
    for target in targets {
        let is_deaf = target.pid().is_some_and(|pid| process::ignores(pid, Signal::TERM.as_raw()));
        target.send(if is_deaf { Signal::HUP } else { Signal::TERM });
        target.send(Signal::CONT);
    }
}

/// Sends a signal to each. Those that are gone, or not ours to signal, are passed over.
pub(crate) fn signal(targets: &[Target], signal: Signal) {
    for target in targets {
        target.send(signal);
    }
}

/// Waits until each has ended. `false` when some have not by `until`.
pub(crate) fn wait(targets: &[Target], until: Instant) -> bool {
    targets.iter().all(|target| target.wait(until))
}

impl Target {
    fn pid(&self) -> Option<i32> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Held { pid, .. } => Some(*pid),
            Self::Named(process) => Some(process.pid),
            Self::Group(_) => None,
        }
    }

    fn send(&self, signal: Signal) {
        // The only failures are "gone" and "not yours"; both leave nothing to do.
        let _ = match self {
            #[cfg(target_os = "linux")]
            Self::Held { handle, .. } => rustix::process::pidfd_send_signal(handle, signal),
            Self::Named(process) => match Pid::from_raw(process.pid) {
                Some(pid) if is_same(process) => rustix::process::kill_process(pid, signal),
                Some(_) | None => Ok(()),
            },
            Self::Group(leader) => rustix::process::kill_process_group(*leader, signal),
        };
    }

    fn wait(&self, until: Instant) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Self::Held { handle, .. } => wait_readable(handle, until),
            Self::Named(process) => look(until, || !is_same(process)),
            Self::Group(leader) => look(until, || rustix::process::test_kill_process_group(*leader).is_err()),
        }
    }
}

fn is_same(wanted: &Process) -> bool {
    process::find(wanted.pid).is_some_and(|found| found.started == wanted.started && !found.is_zombie)
}

/// A process descriptor is readable once the process has ended.
#[cfg(target_os = "linux")]
fn wait_readable(handle: &OwnedFd, until: Instant) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).ok();
        match poll(&mut [PollFd::new(handle, PollFlags::IN)], timeout.as_ref()) {
            Ok(0) => return false,
            Ok(_) => return true,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

fn look(until: Instant, mut is_gone: impl FnMut() -> bool) -> bool {
    loop {
        if is_gone() {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(LOOK);
    }
}
