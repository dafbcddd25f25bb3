//! Starting one command apart from the agent. The started process leads a session and a process group of its own.

use std::{
    collections::BTreeSet,
    io,
    os::unix::process::{CommandExt, ExitStatusExt},
    process::{Child, Command, ExitStatus},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::{fs::Mode, process::setsid};

use crate::{harden::persons_umask, tree::Tree};

/// The variable by which a process is known to belong to a command even after it has left its parent and its session.
/// Its value is a path of `/pid.number` parts: an agent inside a command of another agent adds a part.
pub(crate) const MARK: &str = "QUIRE_COMMAND";

/// Leaders whose exit status nobody has fetched yet. The sweep for orphans must leave these alone.
static UNREAPED: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

/// What a command has for a console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Console {
    /// Its standard input is a terminal, which becomes its controlling one.
    Terminal,
    /// No terminal, and no way to open one.
    Nothing,
}

/// A started command.
#[derive(Debug)]
pub struct Leader {
    child: Child,
    tree: Tree,
}

impl Leader {
    /// Starts `command` as the leader of a new session: with the person's umask, default signals, and no descriptor
    /// above 2. It is killed when the calling *thread* ends, so call this on a thread that lives as long as the program.
    ///
    /// # Errors
    /// When the process could not be made, or the program not executed.
    pub fn spawn(mut command: Command, console: Console) -> io::Result<Self> {
        adopt_orphans();
        let part = format!("{}.{}", std::process::id(), NEXT_NUMBER.fetch_add(1, Ordering::Relaxed));
        let outer = std::env::var(MARK).unwrap_or_default();
        command.env(MARK, format!("{outer}/{part}"));
        set_apart(&mut command, console);
        // Held over the fork, so that no sweep sees the child before it is in the set.
        let mut unreaped = unreaped();
        let child = command.spawn()?;
        unreaped.insert(pid_of(&child));
        drop(unreaped);
        let tree = Tree::new(pid_of(&child), part);
        Ok(Self { child, tree })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The command with everything that it starts.
    pub fn tree(&self) -> Tree {
        self.tree.clone()
    }

    /// Waits for the leader itself to end. Gives its exit code, or 128 + n when signal n ended it.
    ///
    /// # Errors
    /// When the system does not know the process (somebody else has fetched its status).
    pub fn wait(mut self) -> io::Result<i32> {
        let status = self.child.wait();
        unreaped().remove(&pid_of(&self.child));
        status.map(code)
    }
}

/// Fetches the status of dead processes that commands have left behind. Children of other parts of the program are
/// not touched: they share our session, which no process of a command does.
pub fn reap_orphans() {
    let unreaped = unreaped();
    let own_session = own_session();
    for process in crate::process::all() {
        let is_orphan = process.parent == own_pid()
            && process.is_zombie
            && process.session != own_session
            && !unreaped.contains(&process.pid);
        if is_orphan {
            let pid = rustix::process::Pid::from_raw(process.pid);
            let _ = rustix::process::waitpid(pid, rustix::process::WaitOptions::NOHANG);
        }
    }
}

/// The leaders that live or wait to be reaped. While the guard is held none is started.
pub(crate) fn unreaped() -> MutexGuard<'static, BTreeSet<i32>> {
    UNREAPED.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn own_pid() -> i32 {
    rustix::process::getpid().as_raw_pid()
}

pub(crate) fn own_session() -> i32 {
    rustix::process::getsid(None).map_or(0, |session| session.as_raw_pid())
}

fn pid_of(child: &Child) -> i32 {
    child.id().cast_signed()
}

fn code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

/// Makes processes that lose their parent our children instead of init's, so that we find them again.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        // The argument is a yes; which pid it names does not matter. Kernels that refuse are older than our needs.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }
}

#[expect(unsafe_code, reason = "code between fork and exec; calls nothing but async-signal-safe system calls")]
fn set_apart(command: &mut Command, console: Console) {
    let umask = persons_umask();
    let agent = rustix::process::getpid();
    // SAFETY: the closure allocates nothing, takes no lock and touches no state shared with other threads.
    unsafe {
        command.pre_exec(move || between_fork_and_exec(console, umask, agent));
    }
}

fn between_fork_and_exec(console: Console, umask: Option<Mode>, agent: rustix::process::Pid) -> io::Result<()> {
    die_with(agent)?;
    setsid()?;
    if console == Console::Terminal {
        rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
    }
    if let Some(umask) = umask {
        rustix::process::umask(umask);
    }
    default_signals();
    keep_standard_descriptors_only();
    Ok(())
}

/// Asks the kernel to kill us when the agent dies without a chance to do it.
fn die_with(agent: rustix::process::Pid) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        if rustix::process::getppid() != Some(agent) {
            return Err(io::Error::from(rustix::io::Errno::SRCH));
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = agent;
    Ok(())
}

/// Ignored signals and the signal mask survive `exec`; a command starts with neither.
#[expect(unsafe_code, reason = "signal dispositions have no safe interface")]
fn default_signals() {
    // SAFETY: plain system calls on a zeroed set, in the only thread of the new process.
    unsafe {
        for signal in 1..32 {
            // KILL and STOP refuse, which is as well.
            libc::signal(signal, libc::SIG_DFL);
        }
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Descriptors that we were started with (a lock of our caller, say) are none of the command's business. They close at
/// `exec` and not before: until then one of them carries a failed `exec` back to us.
#[cfg_attr(target_os = "linux", expect(unsafe_code, reason = "close_range has no safe interface"))]
fn keep_standard_descriptors_only() {
    #[cfg(target_os = "linux")]
    // SAFETY: marks descriptors close-on-exec and touches no memory. Old kernels refuse and nothing is lost.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC);
    }
}
