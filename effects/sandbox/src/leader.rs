//! Starting one command apart from the agent. The started process leads a session and a process group of its own.

use std::{
    collections::BTreeSet,
    io::{self, PipeReader},
    os::{
        fd::RawFd,
        unix::process::{CommandExt, ExitStatusExt},
    },
    process::{Child, Command, ExitStatus},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::{
    fs::Mode,
    io::Errno,
    process::{WaitId, WaitIdOptions, setsid, waitid},
};

#[cfg(target_os = "linux")]
use crate::guard::Guard;
use crate::{harden::users_umask, reserve::Hold, tree::Tree};

/// The variable by which a process is known to belong to a command even after it has left its parent and its session.
/// Its value is a path of `/pid.number` parts: an agent inside a command of another agent adds a part.
pub(crate) const MARK: &str = "QUIRE_COMMAND";

/// Leaders whose exit status has not been fetched yet. The sweep for orphans must leave these alone.
static UNREAPED: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

/// What a command has for a console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Console {
    /// Its standard input is a terminal, which becomes its controlling one.
    Terminal,
    /// No terminal, and no way to open one.
    Nothing,
    /// Ours: it stays in our session, where the user's keys reach it.
    Shared,
}

/// What goes along with a command that sets up its own sandbox.
#[derive(Debug)]
pub(crate) struct Passage {
    /// Descriptors that it is to have.
    pub(crate) kept: Vec<RawFd>,
    /// Where the outer stage complains, and under which number the inner one finds the real standard error.
    pub(crate) stderr: Option<(RawFd, RawFd)>,
    /// Whether the program sees to it itself that nothing of it outlives us. Bubblewrap does; were it killed before, its
    /// child would wait for it without an end.
    pub(crate) ties_itself: bool,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// The exit code of its leader, or 128 + n when signal n ended it.
    pub code: i32,
    /// Whether it is known that nothing that it started lives on. Otherwise [`Tree::is_gone`] finds out.
    pub is_all: bool,
}

/// A sentence that says why a command was ended before its time.
pub type Cut = Arc<OnceLock<String>>;

/// A started command.
#[derive(Debug)]
pub struct Leader {
    child: Child,
    tree: Tree,
    /// Why it is ended before its time.
    cut: Cut,
    /// Who watches it.
    #[cfg(target_os = "linux")]
    guard: Option<Guard>,
    /// Names reserved for as long as it runs.
    hold: Option<Hold>,
    /// Kept so that an outer stage that complains late is not ended by it.
    complaints: Option<PipeReader>,
    /// The command itself, when the process is a supervisor above it.
    #[cfg(target_os = "linux")]
    below: Option<(i32, crate::supervise::Told)>,
}

impl Leader {
    /// Starts `command` as the leader of a new session: with the user's umask, default signals, and no descriptor
    /// above 2. It is killed when the calling *thread* ends, so call this on a thread that lives as long as the program.
    ///
    /// # Errors
    /// When the process could not be made, or the program not executed.
    pub fn spawn(command: Command, console: Console) -> io::Result<Self> {
        Self::start(command, console, next_part(), None)
    }

    /// The same, with what a sandboxed command needs.
    pub(crate) fn start(
        mut command: Command,
        console: Console,
        part: String,
        passage: Option<Passage>,
    ) -> io::Result<Self> {
        adopt_orphans();
        command.env(MARK, outer_mark(&part));
        set_apart(&mut command, console, passage);
        Self::fork(command, part)
    }

    /// Starts a supervisor, which is to have these descriptors and to outlive the agent.
    #[cfg(target_os = "linux")]
    pub(crate) fn above(mut command: Command, part: String, kept: Vec<RawFd>) -> io::Result<Self> {
        adopt_orphans();
        command.env(MARK, outer_mark(&part));
        outlive(&mut command, kept);
        Self::fork(command, part)
    }

    fn fork(mut command: Command, part: String) -> io::Result<Self> {
        // Held over the fork, so that no sweep sees the child before it is in the set.
        let mut unreaped = unreaped();
        let child = command.spawn()?;
        unreaped.insert(pid_of(&child));
        drop(unreaped);
        let tree = Tree::new(pid_of(&child), part);
        Ok(Self {
            child,
            tree,
            cut: Cut::default(),
            #[cfg(target_os = "linux")]
            guard: None,
            hold: None,
            complaints: None,
            #[cfg(target_os = "linux")]
            below: None,
        })
    }

    /// The same leader, known to be a supervisor above this process.
    #[cfg(target_os = "linux")]
    pub(crate) fn supervising(self, pid: i32, told: crate::supervise::Told) -> Self {
        Self { tree: self.tree.supervised(), below: Some((pid, told)), ..self }
    }

    /// Keeps these until it has ended.
    pub(crate) fn hold(&mut self, hold: Hold, complaints: PipeReader) {
        self.hold = Some(hold);
        self.complaints = Some(complaints);
    }

    /// Lets it be watched until it has ended.
    #[cfg(target_os = "linux")]
    pub(crate) fn watch(&mut self, guard: Guard) {
        self.cut = Cut::clone(guard.cut());
        self.guard = Some(guard);
    }

    /// Why it is ended before its time, once it is.
    pub fn cut(&self) -> Cut {
        Cut::clone(&self.cut)
    }

    /// The process id of the command.
    pub fn pid(&self) -> u32 {
        #[cfg(target_os = "linux")]
        if let Some((pid, _)) = &self.below {
            return pid.cast_unsigned();
        }
        self.child.id()
    }

    /// The command with everything that it starts.
    pub fn tree(&self) -> Tree {
        self.tree.clone()
    }

    /// Waits for the leader itself to end. Gives its exit code, or 128 + n when signal n ended it.
    ///
    /// # Errors
    /// When the system does not know the process (its status was fetched elsewhere).
    pub fn wait(self) -> io::Result<i32> {
        self.wait_for_end().map(|end| end.code)
    }

    /// The same, with what is known of its descendants.
    ///
    /// # Errors
    /// As for [`Leader::wait`].
    pub fn wait_for_end(mut self) -> io::Result<End> {
        #[cfg(target_os = "linux")]
        if let Some((_, mut told)) = self.below.take()
            && let Ok(end) = told.end()
        {
            if !end.stays {
                let _ = self.child.wait();
            }
            drop(self.guard.take());
            // One that stays is fetched with the orphans.
            unreaped().remove(&pid_of(&self.child));
            return Ok(End { code: code(end.status), is_all: !end.stays });
        }
        let status = self.child.wait();
        unreaped().remove(&pid_of(&self.child));
        #[cfg(target_os = "linux")]
        drop(self.guard.take());
        // After the end, and before anybody hears of it: what was reserved is given back.
        drop(self.hold.take());
        status.map(|status| End { code: code(status), is_all: false })
    }
}

/// A number for the next command that no other living command has.
pub(crate) fn next_part() -> String {
    format!("{}.{}", std::process::id(), NEXT_NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// The value of [`MARK`] for it.
pub(crate) fn outer_mark(part: &str) -> String {
    format!("{}/{part}", std::env::var(MARK).unwrap_or_default())
}

/// Fetches the status of dead processes that commands have left behind. Children of other parts of the program are
/// not touched: they share our session, which no process of a command does.
pub fn reap_orphans() {
    let unreaped = unreaped();
    if !has_dead_child() {
        return;
    }
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

/// Whether any child is dead and waits to be reaped. Asking costs nothing beside reading the process table.
fn has_dead_child() -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    match waitid(WaitId::All, options) {
        Ok(child) => child.is_some(),
        Err(error) => error != Errno::CHILD,
    }
}

/// The leaders that live or wait to be reaped. While the guard is held none is started.
pub(crate) fn unreaped() -> MutexGuard<'static, BTreeSet<i32>> {
    UNREAPED.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn own_pid() -> i32 {
    rustix::process::getpid().as_raw_pid()
}

/// Our session as the process table names it: 0 when it was opened outside of our process namespace, as in a container
/// or below a CI runner.
pub(crate) fn own_session() -> i32 {
    crate::process::find(own_pid()).map_or(0, |process| process.session)
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
fn set_apart(command: &mut Command, console: Console, passage: Option<Passage>) {
    let umask = users_umask();
    let agent = rustix::process::getpid();
    // SAFETY: the closure allocates nothing, takes no lock and touches no state shared with other threads.
    unsafe {
        command.pre_exec(move || between_fork_and_exec(console, umask, agent, passage.as_ref()));
    }
}

fn between_fork_and_exec(
    console: Console,
    umask: Option<Mode>,
    agent: rustix::process::Pid,
    passage: Option<&Passage>,
) -> io::Result<()> {
    if !passage.is_some_and(|passage| passage.ties_itself) {
        die_with(agent)?;
    }
    apart(console)?;
    if let Some(umask) = umask {
        rustix::process::umask(umask);
    }
    default_signals();
    keep_standard_descriptors_only();
    passage.map_or(Ok(()), pass)
}

/// Has a session and a terminal as it should.
pub(crate) fn apart(console: Console) -> io::Result<()> {
    if console != Console::Shared {
        setsid()?;
    }
    if console == Console::Terminal {
        rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
    }
    Ok(())
}

/// A session of its own, the user's umask, no descriptors but these; and no death with the agent.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "code between fork and exec; calls nothing but async-signal-safe system calls")]
fn outlive(command: &mut Command, kept: Vec<RawFd>) {
    let umask = users_umask();
    let passage = Passage { kept, stderr: None, ties_itself: false };
    // SAFETY: the closure allocates nothing, takes no lock and touches no state shared with other threads.
    unsafe {
        command.pre_exec(move || {
            setsid()?;
            if let Some(umask) = umask {
                rustix::process::umask(umask);
            }
            default_signals();
            keep_standard_descriptors_only();
            pass(&passage)
        });
    }
}

/// What the user types at the command must not end the sandbox around it: they end with the command.
#[expect(unsafe_code, reason = "signal dispositions and inherited descriptors have no safe interface")]
fn pass(passage: &Passage) -> io::Result<()> {
    // SAFETY: plain system calls on descriptors that the agent holds open until after `exec`.
    unsafe {
        for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGTSTP, libc::SIGTERM, libc::SIGHUP] {
            libc::signal(signal, libc::SIG_IGN);
        }
        if let Some((complain, slot)) = passage.stderr {
            // `dup2` makes descriptors that stay open over `exec`.
            if libc::dup2(2, slot) < 0 || libc::dup2(complain, 2) < 0 {
                return Err(io::Error::last_os_error());
            }
        }
        for kept in &passage.kept {
            if libc::fcntl(*kept, libc::F_SETFD, 0) < 0 {
                return Err(io::Error::last_os_error());
            }
        }
    }
    Ok(())
}

/// Asks the kernel to kill us when the agent dies without a chance to do it.
pub(crate) fn die_with(agent: rustix::process::Pid) -> io::Result<()> {
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
pub(crate) fn default_signals() {
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
