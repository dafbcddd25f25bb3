//! Stopping all processes of a process namespace by one call, as the kernel does it: none can be made meanwhile.

use std::{
    collections::BTreeMap,
    fs::File,
    os::{
        fd::{AsRawFd, FromRawFd, RawFd},
        unix::{fs::MetadataExt, process::CommandExt},
    },
    process::{Command, Stdio},
};

use rustix::fs::{Mode, OFlags};

use crate::process::Process;

/// `ioctl` that opens the user namespace that owns another one.
const NS_GET_USERNS: u64 = 0xb701;

/// Stops everything in the namespaces of these processes but the first process of each. Where we may not enter one, or it
/// is our own, nothing is done.
pub(super) fn stop(all: &[Process]) {
    let Some(own) = namespace("self", "pid").and_then(|own| inode(&own)) else { return };
    let found: BTreeMap<u64, File> = all
        .iter()
        .filter_map(|process| namespace(&process.pid.to_string(), "pid"))
        .filter_map(|namespace| Some((inode(&namespace)?, namespace)))
        .filter(|(inode, _)| *inode != own)
        .collect();
    found.values().for_each(stop_in);
}

fn namespace(process: &str, kind: &str) -> Option<File> {
    let path = format!("/proc/{process}/ns/{kind}");
    rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok().map(File::from)
}

fn inode(file: &File) -> Option<u64> {
    Some(file.metadata().ok()?.ino())
}

fn stop_in(processes: &File) {
    let Some(owner) = owner(processes) else { return };
    let is_own = namespace("self", "user").and_then(|own| inode(&own)) == inode(&owner);
    let (processes, owner) = (processes.as_raw_fd(), (!is_own).then(|| owner.as_raw_fd()));
    // It is never executed: what is forked for it ends before.
    let mut command = Command::new("/proc/self/exe");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[expect(unsafe_code, reason = "code between fork and exec; calls nothing but async-signal-safe system calls")]
    // SAFETY: the closure allocates nothing, takes no lock and does not come back.
    unsafe {
        command.pre_exec(move || enter_and_stop(processes, owner));
    }
    // Whether it came so far is seen by looking at the processes.
    let _ = command.status();
}

#[expect(unsafe_code, reason = "the call opens a descriptor and gives its number")]
fn owner(processes: &File) -> Option<File> {
    // SAFETY: takes no argument; what it gives belongs to nothing else.
    unsafe {
        let found = libc::ioctl(processes.as_raw_fd(), NS_GET_USERNS);
        (found >= 0).then(|| File::from_raw_fd(found))
    }
}

#[expect(unsafe_code, reason = "namespaces are entered, and all of their processes signalled, by plain system calls")]
fn enter_and_stop(processes: RawFd, owner: Option<RawFd>) -> std::io::Result<()> {
    // SAFETY: system calls in a process of one thread that shares no memory with anybody.
    unsafe {
        let may_enter = owner.is_none_or(|owner| libc::setns(owner, libc::CLONE_NEWUSER) == 0)
            && libc::setns(processes, libc::CLONE_NEWPID) == 0;
        if !may_enter {
            libc::_exit(1);
        }
        // Nothing of ours goes with us.
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0);
        match libc::fork() {
            0 => {
                libc::kill(-1, libc::SIGSTOP);
                libc::_exit(0)
            }
            child if child > 0 => {
                libc::waitpid(child, std::ptr::null_mut(), 0);
                libc::_exit(0)
            }
            _ => libc::_exit(1),
        }
    }
}
