//! Numbers of processes. In a namespace of its own every command would begin with process 2, and what two commands call after their
//! number (`/tmp/x.$$`) would be one file. So each begins with a number of its own, far from those of others.
//!
//! A convenience, not a protection: where the kernel does not let us, the numbers stay small. Links are kept in their places by the same
//! means, and whether they are is looked at from the inside.

use std::{
    ffi::CString,
    io::{self, PipeReader, PipeWriter, Read},
    os::{
        fd::{AsFd, AsRawFd, OwnedFd, RawFd},
        unix::ffi::OsStrExt,
    },
    path::{Path, PathBuf},
    time::Instant,
};

use quire_files::{Links, limits};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{CWD, Mode, OFlags},
};

/// The number that was given last in the namespace of the process that reads or writes it.
pub(crate) const LAST: &str = "/proc/sys/kernel/ns_last_pid";
/// Numbers below are not given again when all have been given once.
const RESERVED: u64 = 300;
/// Where so few are left nothing is spread.
const FEWEST: u64 = 4096;
/// More of them than any kernel has, and longer than people like to read.
const MOST: u64 = 4_194_304;
/// Longest answer of bubblewrap.
const INFO_BYTES: usize = 4096;

/// The number that is to count as the last one, so that what begins now has a number that no other of these worlds begins with.
/// `own` is a number that no other process on this machine has meanwhile.
pub(crate) fn last(own: u32) -> Option<u64> {
    let most = quire_files::read_text(Path::new("/proc/sys/kernel/pid_max"), Links::Follow, limits::POINTER).ok()?;
    spread(own, most.trim().parse().ok()?)
}

fn spread(own: u32, most: u64) -> Option<u64> {
    let most = most.min(MOST);
    if most < FEWEST {
        return None;
    }
    let room = most - RESERVED - 1;
    // By the golden section neighbours come to lie far apart, and no two numbers come to lie on one.
    let mut step = room * 618_033_989 / 1_000_000_000;
    while !is_coprime(step, room) {
        step += 1;
    }
    Some(RESERVED + u64::from(own) % room * step % room)
}

fn is_coprime(mut one: u64, mut other: u64) -> bool {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one == 1
}

/// Keeps bubblewrap waiting before its command begins, until its numbers are set.
#[derive(Debug)]
pub(crate) struct Gate {
    told: PipeReader,
    tell: PipeWriter,
    waits: PipeReader,
    open: PipeWriter,
}

impl Gate {
    pub(crate) fn new() -> io::Result<Self> {
        let (told, tell) = io::pipe()?;
        let (waits, open) = io::pipe()?;
        Ok(Self { told, tell, waits, open })
    }

    /// The ends of bubblewrap: where it tells of itself, and where it waits.
    pub(crate) fn ends(&self) -> [RawFd; 2] {
        [self.tell.as_raw_fd(), self.waits.as_raw_fd()]
    }

    /// What it must be started with: its ends, and one that listens when we are gone. Its child would wait for ever for one that
    /// could not tell.
    pub(crate) fn kept(&self) -> [RawFd; 3] {
        [self.tell.as_raw_fd(), self.waits.as_raw_fd(), self.told.as_raw_fd()]
    }

    /// Sets the numbers and lets it go on. `until` is when it is given up anyhow. Gives the first process in there, seen from here.
    pub(crate) fn pass(self, until: Instant) -> Option<u32> {
        let Self { mut told, tell, waits, open } = self;
        drop((tell, waits));
        let first = first_process(&mut told, until);
        // It goes on with small numbers where that fails.
        let _ = first.map(set_in);
        drop(open);
        first
    }
}

/// The number of the first process in there, seen from here.
fn first_process(told: &mut PipeReader, until: Instant) -> Option<u32> {
    let mut said = Vec::new();
    while !said.contains(&b'}') && said.len() < INFO_BYTES {
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now())).ok()?;
        match poll(&mut [PollFd::new(&told.as_fd(), PollFlags::IN)], Some(&left)) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return None,
        }
        let mut some = [0; 512];
        match told.read(&mut some).ok()? {
            0 => break,
            count => said.extend(&some[..count]),
        }
    }
    let said = String::from_utf8(said).ok()?;
    let (_, rest) = said.split_once("\"child-pid\":")?;
    let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// What is needed in there, made before: who does it shares our memory and may allocate nothing.
struct Orders {
    user: Option<OwnedFd>,
    /// That of processes, or of mounts.
    namespace: OwnedFd,
    last: Vec<u8>,
    links: Vec<CString>,
}

/// Puts mounts of links over themselves in the view of this process.
pub(crate) fn keep_in(process: u32, links: &[PathBuf]) -> io::Result<()> {
    let path = format!("/proc/{process}/ns/mnt");
    let namespace = rustix::fs::openat(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let user = if rustix::process::geteuid().is_root() { None } else { Some(owner(&namespace)?) };
    let links = links.iter().map(|link| CString::new(link.as_os_str().as_bytes())).collect::<Result<_, _>>()?;
    run(keep, &Orders { user, namespace, last: Vec::new(), links })
}

/// Sets the last number in the namespace of this process.
fn set_in(process: u32) -> io::Result<()> {
    let open = |path: &str| rustix::fs::openat(CWD, path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
    let processes = open(&format!("/proc/{process}/ns/pid"))?;
    let own = rustix::fs::fstat(open("/proc/self/ns/pid")?)?;
    let theirs = rustix::fs::fstat(&processes)?;
    let Some(last) = last(process).filter(|_| (own.st_dev, own.st_ino) != (theirs.st_dev, theirs.st_ino)) else {
        return Ok(());
    };
    let user = if rustix::process::geteuid().is_root() { None } else { Some(owner(&processes)?) };
    let orders = Orders { user, namespace: processes, last: last.to_string().into_bytes(), links: Vec::new() };
    run(enter, &orders)
}

/// The user namespace that a namespace belongs to.
#[expect(unsafe_code, reason = "this request has no safe interface")]
fn owner(namespace: &OwnedFd) -> io::Result<OwnedFd> {
    use std::os::fd::FromRawFd;
    const NS_GET_USERNS: libc::Ioctl = 0xb701;
    // SAFETY: takes no memory, and gives a descriptor that nothing else has.
    unsafe {
        let found = libc::ioctl(namespace.as_raw_fd(), NS_GET_USERNS);
        if found < 0 { Err(io::Error::last_os_error()) } else { Ok(OwnedFd::from_raw_fd(found)) }
    }
}

/// Bytes of the stack of a process that makes a few system calls.
const STACK: usize = 64 * 1024;

/// Has a process of its own do this, and waits for it; whether all of it was done. It shares our memory, and nothing else of ours
/// runs on this thread meanwhile.
#[expect(unsafe_code, reason = "a process that enters other namespaces must have one thread")]
fn run(work: extern "C" fn(*mut libc::c_void) -> libc::c_int, orders: &Orders) -> io::Result<()> {
    let mut stack: Vec<u128> = vec![0; STACK / size_of::<u128>()];
    // SAFETY: the stack and the orders outlive the process, for which we wait; no handler of a signal runs in it.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        let top = stack.as_mut_ptr().add(stack.len());
        let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
        let process = libc::clone(work, top.cast(), flags, std::ptr::from_ref(orders).cast_mut().cast());
        let error = io::Error::last_os_error();
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        if process < 0 {
            return Err(error);
        }
        let mut status = 0;
        while libc::waitpid(process, &raw mut status, 0) < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        if status == 0 { Ok(()) } else { Err(io::Error::other("refused")) }
    }
}

/// Enters the namespaces. Only what it starts there is really in the one of processes.
#[expect(unsafe_code, reason = "system calls in a process that shares our memory")]
extern "C" fn enter(orders: *mut libc::c_void) -> libc::c_int {
    // SAFETY: lives until we have ended.
    let orders: &Orders = unsafe { &*orders.cast() };
    let user = orders.user.as_ref().map(AsRawFd::as_raw_fd);
    // SAFETY: system calls on descriptors that are open.
    let is_in = unsafe {
        user.is_none_or(|user| libc::setns(user, libc::CLONE_NEWUSER) == 0)
            && libc::setns(orders.namespace.as_raw_fd(), libc::CLONE_NEWPID) == 0
    };
    if is_in { write_there(orders) } else { 1 }
}

/// Enters the view, and keeps the links there.
#[expect(unsafe_code, reason = "system calls in a process that shares our memory")]
extern "C" fn keep(orders: *mut libc::c_void) -> libc::c_int {
    const OPEN: libc::c_long =
        0x1 /* OPEN_TREE_CLONE */ | libc::AT_SYMLINK_NOFOLLOW as libc::c_long | libc::O_CLOEXEC as libc::c_long;
    const MOVE: libc::c_long = 0x4; // MOVE_MOUNT_F_EMPTY_PATH
    // SAFETY: lives until we have ended; the calls read what is there.
    unsafe {
        let orders: &Orders = &*orders.cast();
        let user = orders.user.as_ref().map(AsRawFd::as_raw_fd);
        let is_in = user.is_none_or(|user| libc::setns(user, libc::CLONE_NEWUSER) == 0)
            && libc::setns(orders.namespace.as_raw_fd(), libc::CLONE_NEWNS) == 0;
        if !is_in {
            return 1;
        }
        for link in &orders.links {
            let tree = libc::syscall(libc::SYS_open_tree, libc::AT_FDCWD, link.as_ptr(), OPEN);
            if tree < 0
                || libc::syscall(libc::SYS_move_mount, tree, c"".as_ptr(), libc::AT_FDCWD, link.as_ptr(), MOVE) < 0
            {
                return 1;
            }
        }
    }
    0
}

/// The stack of the innermost process.
const SMALL_STACK: usize = 8 * 1024;

#[expect(unsafe_code, reason = "system calls in a process that shares our memory")]
fn write_there(orders: &Orders) -> libc::c_int {
    let mut stack = [0_u128; SMALL_STACK / size_of::<u128>()];
    // SAFETY: the stack is ours until the process has ended, for which we wait.
    unsafe {
        let top = stack.as_mut_ptr().add(stack.len());
        let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
        let process = libc::clone(write, top.cast(), flags, std::ptr::from_ref(orders).cast_mut().cast());
        let mut status = 1;
        if process < 0 || libc::waitpid(process, &raw mut status, 0) < 0 {
            return 1;
        }
        libc::c_int::from(status != 0)
    }
}

#[expect(unsafe_code, reason = "system calls in a process that shares our memory")]
extern "C" fn write(orders: *mut libc::c_void) -> libc::c_int {
    const PATH: &std::ffi::CStr = c"/proc/sys/kernel/ns_last_pid";
    // SAFETY: lives until we have ended; the calls read what is there.
    unsafe {
        let orders: &Orders = &*orders.cast();
        let file = libc::open(PATH.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        if file < 0 {
            return 1;
        }
        let done = libc::write(file, orders.last.as_ptr().cast(), orders.last.len());
        libc::close(file);
        libc::c_int::from(done < 0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{FEWEST, MOST, RESERVED, spread};

    #[test]
    fn no_two_worlds_begin_with_one_number_and_neighbours_lie_far_apart() {
        for most in [FEWEST, 32_768, 65_536, MOST, u64::MAX] {
            let of = |own: u32| spread(own, most).unwrap();
            let all: BTreeSet<u64> = (1000..4000).map(of).collect();
            assert_eq!(all.len(), 3000, "{most}");
            assert!(all.iter().all(|last| (RESERVED..most.min(MOST) - 1).contains(last)), "{most}");
            // As many commands as run at once, started one after the other.
            for step in [1, 2, 3] {
                let mut some: Vec<u64> = (0..64).map(|at| of(1500 + at * step)).collect();
                some.sort_unstable();
                let least = some.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
                assert!(least >= most.min(MOST) / 64 / 16, "{most}, {step}: {least}");
            }
        }
        assert_eq!(spread(7, FEWEST - 1), None);
    }
}
