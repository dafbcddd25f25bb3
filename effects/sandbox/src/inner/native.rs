//! The outer stage without bubblewrap: namespaces and the view, by system calls of our own.

use std::{
    collections::BTreeSet,
    fs, io,
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::{
    fs::CWD,
    mount::{
        MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, mount, mount_change, move_mount, open_tree,
    },
    process::{Pid, Signal, WaitOptions, WaitStatus, getegid, geteuid, set_parent_process_death_signal, waitpid},
    thread::{UnshareFlags, unshare_unsafe},
};

use super::{Failed, Step, powers};
use crate::{handoff::Handoff, layout::Cover, numbers};

/// Devices of the fresh `/dev`.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];
/// Places in `/proc` where root can turn the whole machine.
const SWITCHES: [&str; 4] = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus"];

/// Where [`enter`] has come back.
pub(super) enum Side {
    /// In the sandbox.
    Inside,
    /// Outside, after the command has ended with this code.
    Outside(u8),
}

/// Goes into namespaces of our own. Comes back twice: inside, and outside once all is over.
pub(super) fn enter(handoff: &Handoff) -> Result<Side, Failed> {
    let last = numbers::last(std::process::id());
    namespaces(handoff.is_network_off)?;
    // The child is process 1 of the new world, and everything in it ends with it.
    if let Some(first) = fork()? {
        // The end of the status pipe tells the agent that the command runs: no other process may hold it.
        super::close(handoff.status);
        return Ok(Side::Outside(outcome_of(first)));
    }
    die_with_parent()?;
    view(handoff, last)?;
    if handoff.is_network_off {
        loopback().step("start the private loopback")?;
    }
    match fork()? {
        None => {
            die_with_parent()?;
            Ok(Side::Inside)
        }
        Some(command) => {
            super::close(handoff.status);
            powers::drop()?;
            Ok(Side::Outside(reap_until(command)))
        }
    }
}

#[expect(unsafe_code, reason = "leaving namespaces is unsafe where threads share files; this process has one thread")]
#[expect(clippy::disallowed_methods, reason = "files of the kernel about this process itself")]
fn namespaces(is_network_off: bool) -> Result<(), Failed> {
    let (user, group) = (geteuid(), getegid());
    let refused = "make namespaces: this machine refuses them";
    if !user.is_root() {
        // SAFETY: one thread.
        unsafe { unshare_unsafe(UnshareFlags::NEWUSER) }.step(refused)?;
        fs::write("/proc/self/setgroups", "deny").step("map its groups")?;
        fs::write("/proc/self/uid_map", format!("{0} {0} 1", user.as_raw())).step("map its user")?;
        fs::write("/proc/self/gid_map", format!("{0} {0} 1", group.as_raw())).step("map its group")?;
    }
    let mut wanted = UnshareFlags::NEWNS | UnshareFlags::NEWPID | UnshareFlags::NEWIPC | UnshareFlags::NEWUTS;
    wanted |= UnshareFlags::NEWCGROUP;
    if is_network_off {
        wanted |= UnshareFlags::NEWNET;
    }
    // SAFETY: one thread.
    unsafe { unshare_unsafe(wanted) }.step(refused)
}

#[expect(unsafe_code, reason = "fork")]
fn fork() -> Result<Option<Pid>, Failed> {
    // SAFETY: one thread, so the child may do whatever the parent may.
    let pid = unsafe { libc::fork() };
    if pid < 0 { Err(io::Error::last_os_error()).step("fork") } else { Ok(Pid::from_raw(pid)) }
}

fn die_with_parent() -> Result<(), Failed> {
    set_parent_process_death_signal(Some(Signal::KILL)).step("bind its lifetime to the agent")
}

/// Everything read-only but the roots. Copies of what stays are taken before, and put back on top.
fn view(handoff: &Handoff, last: Option<u64>) -> Result<(), Failed> {
    let quiet = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", quiet).step("separate its mounts from the system's")?;
    let copies: Vec<(OwnedFd, &PathBuf, Cover)> = handoff
        .covers
        .iter()
        .filter_map(|(path, cover)| {
            let from = match cover {
                Cover::HiddenFolder => return None,
                Cover::HiddenFile => Path::new("/dev/null"),
                Cover::Pin | Cover::Root | Cover::Protected | Cover::Link => path,
            };
            let copy = if *cover == Cover::Link { copy_link(from) } else { copy(from) };
            Some(copy.map(|copy| (copy, path, *cover)))
        })
        .collect::<io::Result<_>>()
        .step("copy the mounts of its folders")?;
    let devices: Vec<(OwnedFd, &str)> = DEVICES
        .into_iter()
        .map(|name| copy(&Path::new("/dev").join(name)).map(|copy| (copy, name)))
        .collect::<io::Result<_>>()
        .step("copy its devices")?;
    restrict(CWD, "/", READ_ONLY).step("make everything read-only")?;
    own_devices(devices).step("make its devices")?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    mount("proc", "/proc", "proc", flags, None).step("show its own processes only")?;
    if let Some(last) = last {
        // With small numbers it works as well.
        let _ = set_last(last);
    }
    for switch in SWITCHES.into_iter().filter(|path| Path::new(path).exists()) {
        let sealed = copy(Path::new(switch)).step("seal /proc")?;
        restrict(&sealed, "", READ_ONLY).step("seal /proc")?;
        put(sealed, Path::new(switch)).step("seal /proc")?;
    }
    covers(handoff, copies).step("put its folders in place")
}

#[expect(clippy::disallowed_methods, reason = "a switch of the kernel, of these namespaces alone")]
fn set_last(last: u64) -> io::Result<()> {
    fs::write(numbers::LAST, last.to_string())
}

fn covers(handoff: &Handoff, copies: Vec<(OwnedFd, &PathBuf, Cover)>) -> io::Result<()> {
    // Asked while they can still be seen.
    let folders: BTreeSet<&PathBuf> =
        handoff.covers.iter().map(|(path, _)| path).filter(|path| path.is_dir()).collect();
    let mut copies = copies.into_iter().peekable();
    for (path, cover) in &handoff.covers {
        if *cover == Cover::HiddenFolder {
            let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
            mount("tmpfs", path, "tmpfs", flags, Some(c"mode=0500,size=64k"))?;
            let inside =
                handoff.covers.iter().map(|(path, _)| path).filter(|below| below.starts_with(path) && *below != path);
            for below in inside {
                mount_point(below, folders.contains(below))?;
            }
            restrict(CWD, path, READ_ONLY)?;
            continue;
        }
        if let Some((copy, path, cover)) = copies.next_if(|(_, next, _)| *next == path) {
            let is_writable = cover == Cover::Root || cover == Cover::Pin && is_below_root(handoff, path);
            let rights = match cover {
                _ if is_writable => SAFE,
                // The device that stands for a hidden file cannot be opened by anybody.
                Cover::HiddenFile | Cover::HiddenFolder | Cover::Pin | Cover::Root | Cover::Protected | Cover::Link => {
                    READ_ONLY
                }
            };
            restrict(&copy, "", rights)?;
            put(copy, path)?;
        }
    }
    Ok(())
}

/// Something for a mount to lie over.
#[expect(clippy::disallowed_methods, reason = "in the view that is being built, which no other process sees yet")]
fn mount_point(path: &Path, is_folder: bool) -> io::Result<()> {
    if is_folder {
        return fs::create_dir_all(path);
    }
    path.parent().map(fs::create_dir_all).transpose()?;
    fs::write(path, "")
}

fn is_below_root(handoff: &Handoff, path: &Path) -> bool {
    let nearest = handoff
        .covers
        .iter()
        .filter(|(above, cover)| *cover != Cover::Pin && above != path && path.starts_with(above))
        .max_by_key(|(above, _)| above.components().count());
    nearest.is_some_and(|(_, cover)| *cover == Cover::Root)
}

/// A `/dev` of its own, with a terminal device that shows no terminals of others.
#[expect(clippy::disallowed_methods, reason = "in the view that is being built, which no other process sees yet")]
fn own_devices(devices: Vec<(OwnedFd, &str)>) -> io::Result<()> {
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
    mount("tmpfs", "/dev", "tmpfs", flags, Some(c"mode=0755,size=64k"))?;
    for (device, name) in devices {
        let place = Path::new("/dev").join(name);
        fs::write(&place, "")?;
        put(device, &place)?;
    }
    for name in ["/dev/pts", "/dev/shm"] {
        fs::create_dir(name)?;
    }
    mount("devpts", "/dev/pts", "devpts", flags, Some(c"newinstance,ptmxmode=0666,mode=620"))?;
    mount("tmpfs", "/dev/shm", "tmpfs", flags | MountFlags::NODEV, Some(c"mode=1777"))?;
    for (name, target) in [
        ("/dev/ptmx", "pts/ptmx"),
        ("/dev/fd", "/proc/self/fd"),
        ("/dev/stdin", "/proc/self/fd/0"),
        ("/dev/stdout", "/proc/self/fd/1"),
        ("/dev/stderr", "/proc/self/fd/2"),
    ] {
        std::os::unix::fs::symlink(target, name)?;
    }
    Ok(())
}

fn copy(path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    Ok(open_tree(CWD, path, flags)?)
}

/// A link itself. It is put in its own place, where it is not followed either.
fn copy_link(path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
    Ok(open_tree(CWD, path, flags)?)
}

fn put(copy: OwnedFd, place: &Path) -> io::Result<()> {
    Ok(move_mount(copy, "", CWD, place, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?)
}

/// Devices are those of the fresh `/dev` alone, wherever else there are nodes of them.
const SAFE: u64 = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY | SAFE;

/// Takes rights from a mount and all below it. Never gives any.
#[expect(unsafe_code, reason = "mount_setattr has no safe interface")]
fn restrict(folder: impl AsFd, path: impl rustix::path::Arg, rights: u64) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let attributes = libc::mount_attr { attr_set: rights, attr_clr: 0, propagation: 0, userns_fd: 0 };
    let flags = libc::AT_EMPTY_PATH | libc::AT_RECURSIVE;
    let path = path.into_c_str()?;
    // SAFETY: the path and the attributes outlive the call, which only reads them.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            folder.as_fd().as_raw_fd(),
            path.as_ptr(),
            flags,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A new network has a loopback that is down.
#[expect(unsafe_code, reason = "interfaces have no safe interface")]
fn loopback() -> io::Result<()> {
    // SAFETY: a request on our own stack, for a socket that lives as long as the call.
    unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        if socket < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut request: libc::ifreq = std::mem::zeroed();
        request.ifr_name[0] = b'l'.cast_signed();
        request.ifr_name[1] = b'o'.cast_signed();
        request.ifr_ifru.ifru_flags = libc::IFF_UP as i16;
        let done = libc::ioctl(socket, libc::SIOCSIFFLAGS, &raw const request);
        let error = io::Error::last_os_error();
        libc::close(socket);
        if done == 0 { Ok(()) } else { Err(error) }
    }
}

fn outcome_of(child: Pid) -> u8 {
    loop {
        match waitpid(Some(child), WaitOptions::empty()) {
            Ok(Some((_, status))) => return code(status),
            Ok(None) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return 125,
        }
    }
}

/// Fetches the status of every process that loses its parent, until the command itself has ended.
fn reap_until(command: Pid) -> u8 {
    loop {
        match waitpid(None, WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == command => return code(status),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return 125,
        }
    }
}

fn code(status: WaitStatus) -> u8 {
    let code = status.exit_status().or_else(|| status.terminating_signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(125)
}
