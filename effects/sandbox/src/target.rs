//! Signalling exactly the process that was meant, and learning that it is gone.

#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

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
        // The id may have been given to another process between the look and the handle.
        return is_same(wanted).then_some(Target::Held { pid: wanted.pid, handle });
    }
    is_same(wanted).then_some(Target::Named(*wanted))
}

/// A handle on a process group, unless it is gone.
pub(crate) fn group(leader: i32) -> Option<Target> {
    let leader = Pid::from_raw(leader)?;
    rustix::process::test_kill_process_group(leader).is_ok().then_some(Target::Group(leader))
}

/// Asks each that has not `heard` it to end, in a way that it does not ignore, and lets stopped ones hear it.
pub(crate) fn ask(targets: &[Target], heard: &mut BTreeSet<i32>) {
    for target in targets.iter().filter(|target| heard.insert(target.id())) {
        let signal = if target.is_deaf_to_term() { Signal::HUP } else { Signal::TERM };
        target.send(signal);
        target.send(Signal::CONT);
    }
}

/// Sends a signal to each. Those that are gone, or not ours to signal, are passed over.
pub(crate) fn signal(targets: &[Target], signal: Signal) {
    for target in targets {
        target.send(signal);
    }
}

/// Waits until one of them has ended, up to `until`; returns early where the system cannot tell, after a short while.
pub(crate) fn wait_for_any(targets: &[Target], until: Instant) {
    #[cfg(target_os = "linux")]
    {
        let handles: Vec<&OwnedFd> = targets.iter().filter_map(Target::handle).collect();
        if handles.len() == targets.len() {
            return wait_readable(&handles, until);
        }
    }
    let _ = targets;
    std::thread::sleep(LOOK.min(until.saturating_duration_since(Instant::now())));
}

impl Target {
    /// The process id, or that of the group's leader.
    fn id(&self) -> i32 {
        match self {
            #[cfg(target_os = "linux")]
            Self::Held { pid, .. } => *pid,
            Self::Named(process) => process.pid,
            Self::Group(leader) => leader.as_raw_pid(),
        }
    }

    fn is_deaf_to_term(&self) -> bool {
        process::ignores(self.id(), Signal::TERM.as_raw())
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

    #[cfg(target_os = "linux")]
    fn handle(&self) -> Option<&OwnedFd> {
        match self {
            Self::Held { handle, .. } => Some(handle),
            Self::Named(_) | Self::Group(_) => None,
        }
    }
}

fn is_same(wanted: &Process) -> bool {
    process::find(wanted.pid).is_some_and(|found| found.started == wanted.started && !found.is_zombie)
}

/// A process descriptor is readable once the process has ended.
#[cfg(target_os = "linux")]
fn wait_readable(handles: &[&OwnedFd], until: Instant) {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut streams: Vec<PollFd<'_>> = handles.iter().map(|handle| PollFd::new(*handle, PollFlags::IN)).collect();
    let timeout = Timespec::try_from(until.saturating_duration_since(Instant::now())).ok();
    // Ended, out of time or interrupted: the caller looks for itself.
    let _ = poll(&mut streams, timeout.as_ref());
}
