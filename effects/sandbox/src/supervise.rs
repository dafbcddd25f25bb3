//! A process above a command that has no process namespace of its own: this program executed again. When the agent is
//! gone, however it went, it ends whatever the command has started; nothing that it started can leave it, for a process
//! that loses its parent becomes its child.
//!
//! It leads a session without a terminal, ignores every signal that can be ignored, and holds two descriptors: the end of
//! a pipe that closes with the agent, and one on which it tells of the command.

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    io::{self, IsTerminal, PipeReader, PipeWriter, Read, Write},
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
        unix::process::{CommandExt, ExitStatusExt},
    },
    process::{Command, ExitCode, ExitStatus},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use rustix::{
    fs::{Mode, OFlags},
    process::{Signal, WaitOptions},
};

use crate::{
    leader::{Console, Leader, apart, default_signals, die_with, next_part, own_pid},
    process, target,
};

/// The first argument that makes this program a supervisor.
pub(crate) const WORD: &str = "__supervise";

/// Time between asking and force once the agent is gone.
const GRACE: Duration = Duration::from_millis(500);
/// How long force is tried against what the kernel does not let go, or what belongs to another user.
const FORCE: Duration = Duration::from_secs(10);
/// How long one of them is waited for before it is looked who else has come.
const ROUND: Duration = Duration::from_millis(100);

/// Bytes of everything that is told: a letter and a number.
const TOLD: usize = 5;
/// The command runs: its process id.
const STARTED: u8 = b'S';
/// It could not be started: the error number.
const FAILED: u8 = b'E';
/// It has ended and has left nothing: its status.
const ENDED: u8 = b'X';
/// It has ended, and something that it started goes on: its status.
const LEFT: u8 = b'L';

/// Open for as long as this agent lives; the readers find the end of it when the kernel closes it.
static LIFE: OnceLock<(PipeReader, PipeWriter)> = OnceLock::new();

fn life() -> io::Result<&'static (PipeReader, PipeWriter)> {
    match LIFE.get() {
        Some(life) => Ok(life),
        None => {
            let made = io::pipe()?;
            Ok(LIFE.get_or_init(|| made))
        }
    }
}

/// A command that will run below a supervisor.
#[derive(Debug)]
pub struct Supervised {
    command: Command,
    told: PipeReader,
    tell: PipeWriter,
}

/// What is told of the command of a leader that is a supervisor.
#[derive(Debug)]
pub(crate) struct Told(PipeReader);

/// How the command below a supervisor ended.
#[derive(Debug)]
pub(crate) struct End {
    /// Its exit status.
    pub(crate) status: ExitStatus,
    /// Whether the supervisor stays, because something goes on.
    pub(crate) stays: bool,
}

impl Supervised {
    /// A command that runs this program; if its standard input is a terminal, that becomes its controlling one. `helper` is a program whose `main` begins with [`crate::inner::enter`]: usually
    /// `/proc/self/exe`.
    ///
    /// # Errors
    /// When there are no descriptors for it.
    pub fn new(helper: impl AsRef<OsStr>, program: impl AsRef<OsStr>) -> io::Result<Self> {
        let (told, tell) = io::pipe()?;
        let mut command = Command::new(helper);
        command.arg(WORD).arg(life()?.0.as_raw_fd().to_string()).arg(tell.as_raw_fd().to_string()).arg(program);
        Ok(Self { command, told, tell })
    }

    /// Where arguments, environment, folder and streams of the command are to be set.
    pub fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    /// Starts it, and comes back when the command itself runs.
    ///
    /// # Errors
    /// When a process could not be made, or the program not be executed.
    pub fn spawn(self) -> io::Result<Leader> {
        self.start(next_part(), Vec::new())
    }

    /// The same with descriptors that the command is to have.
    pub(crate) fn start(self, part: String, mut kept: Vec<RawFd>) -> io::Result<Leader> {
        let Self { command, mut told, tell } = self;
        kept.extend([life()?.0.as_raw_fd(), tell.as_raw_fd()]);
        let leader = Leader::above(command, part, kept)?;
        drop(tell);
        let refused = match hear(&mut told) {
            Ok((STARTED, pid)) => return Ok(leader.supervising(pid, Told(told))),
            Ok((FAILED, errno)) => io::Error::from_raw_os_error(errno),
            Ok(_) => io::Error::from(io::ErrorKind::InvalidData),
            Err(error) => error,
        };
        let _ = leader.wait();
        Err(refused)
    }
}

impl Told {
    /// Waits for the end of the command.
    ///
    /// # Errors
    /// When the supervisor is gone and has said nothing.
    pub(crate) fn end(&mut self) -> io::Result<End> {
        match hear(&mut self.0)? {
            (letter @ (ENDED | LEFT), status) => {
                Ok(End { status: ExitStatus::from_raw(status), stays: letter == LEFT })
            }
            _ => Err(io::Error::from(io::ErrorKind::InvalidData)),
        }
    }
}

fn hear(told: &mut PipeReader) -> io::Result<(u8, i32)> {
    let mut bytes = [0; TOLD];
    told.read_exact(&mut bytes)?;
    let [letter, number @ ..] = bytes;
    Ok((letter, i32::from_ne_bytes(number)))
}

fn say(tell: &mut PipeWriter, letter: u8, number: i32) {
    let mut bytes = [letter; TOLD];
    bytes[1..].copy_from_slice(&number.to_ne_bytes());
    // An agent that is gone hears nothing, and what follows from that is seen on the other pipe.
    let _ = tell.write_all(&bytes);
}

/// Becomes the supervisor that the arguments describe, and stays so.
pub(crate) fn enter(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let life = arguments.next().and_then(taken);
    let tell = arguments.next().and_then(taken);
    let (Some(life), Some(tell), Some(program)) = (life, tell, arguments.next()) else {
        let _ = writeln!(
            io::stderr(),
            "error: Quire uses this internally to supervise commands; it is not meant to be run by hand."
        );
        return ExitCode::from(2);
    };
    let (life, tell) = (PipeReader::from(life), PipeWriter::from(tell));
    ignore_signals();
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    let mut command = Command::new(program);
    command.args(arguments);
    run(command, life, tell)
}

fn run(mut command: Command, life: PipeReader, mut tell: PipeWriter) -> ExitCode {
    set_apart(&mut command, io::stdin().is_terminal());
    // The process is known by its id from here on: a wait for all children includes it.
    let child = match command.spawn() {
        Ok(child) => child.id().cast_signed(),
        Err(error) => {
            say(&mut tell, FAILED, error.raw_os_error().unwrap_or(libc::EIO));
            return ExitCode::SUCCESS;
        }
    };
    drop(command);
    say(&mut tell, STARTED, child);
    let_go(&[life.as_raw_fd(), tell.as_raw_fd()]);
    let watch = thread::Builder::new().spawn(move || {
        let mut life = life;
        // Nothing is ever written: it comes back when the agent is gone.
        while matches!(life.read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::Interrupted) {}
        end_all(child)
    });
    if watch.is_err() {
        // Without an ear nothing would end with the agent, so nothing runs.
        end_all(child);
    }
    reap(child, tell)
}

/// Takes in everything that ends below us, tells how the command ended, and leaves when nothing is left.
fn reap(child: i32, mut tell: PipeWriter) -> ExitCode {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid.as_raw_pid() == child => {
                let rest = reap_ended();
                say(&mut tell, if rest { LEFT } else { ENDED }, status.as_raw());
                if !rest {
                    return ExitCode::SUCCESS;
                }
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return ExitCode::SUCCESS,
        }
    }
}

/// Takes in what has ended already. Whether anything is left.
fn reap_ended() -> bool {
    loop {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// Ends everything below us: asks, waits, and kills until nothing is left.
fn end_all(child: i32) -> ! {
    let begun = Instant::now();
    let mut heard = BTreeSet::new();
    loop {
        let now = Instant::now();
        let left = below(child);
        if left.is_empty() || now > begun + FORCE {
            std::process::exit(0);
        }
        if now < begun + GRACE {
            target::ask(&left, &mut heard);
            target::wait_for_any(&left, (now + ROUND).min(begun + GRACE));
        } else {
            target::signal(&left, Signal::KILL);
            target::wait_for_any(&left, now + ROUND);
        }
    }
}

/// What lives below us, looked for twice before we say "nothing": a process that forks and ends at once can slip past
/// one look.
fn below(child: i32) -> Vec<target::Target> {
    let look = || {
        let all = process::all();
        if all.is_empty() {
            return target::group(child).into_iter().collect();
        }
        let inside = process::with_descendants(&all, [own_pid()]);
        let others = all.iter().filter(|process| process.pid != own_pid() && !process.is_zombie);
        others.filter(|process| inside.contains(&process.pid)).filter_map(target::process).collect::<Vec<_>>()
    };
    let found = look();
    if found.is_empty() { look() } else { found }
}

#[expect(unsafe_code, reason = "code between fork and exec; calls nothing but async-signal-safe system calls")]
fn set_apart(command: &mut Command, has_terminal: bool) {
    let supervisor = rustix::process::getpid();
    let console = if has_terminal { Console::Terminal } else { Console::Nothing };
    // SAFETY: the closure allocates nothing, takes no lock and touches no state shared with other threads.
    unsafe {
        command.pre_exec(move || {
            die_with(supervisor)?;
            apart(console)?;
            default_signals();
            Ok(())
        });
    }
}

/// A descriptor that we were started with.
#[expect(unsafe_code, reason = "descriptors come to us by number")]
fn taken(number: OsString) -> Option<OwnedFd> {
    let number: RawFd = number.to_str()?.parse().ok().filter(|number| *number > 2)?;
    // SAFETY: borrowed to look whether it is open at all.
    let borrowed = unsafe { rustix::fd::BorrowedFd::borrow_raw(number) };
    rustix::io::fcntl_setfd(borrowed, rustix::io::FdFlags::CLOEXEC).ok()?;
    // SAFETY: open, and nothing else in this new process knows the number.
    Some(unsafe { OwnedFd::from_raw_fd(number) })
}

#[expect(unsafe_code, reason = "signal dispositions have no safe interface")]
fn ignore_signals() {
    // SAFETY: plain system calls in the only thread of the new process.
    unsafe {
        for signal in (1..32).filter(|signal| *signal != libc::SIGCHLD) {
            // KILL and STOP refuse.
            libc::signal(signal, libc::SIG_IGN);
        }
    }
}

/// Lets go of whatever the command has and we do not need: its streams, its folder, its descriptors.
#[expect(unsafe_code, reason = "close_range has no safe interface")]
fn let_go(kept: &[RawFd; 2]) {
    if let Ok(nothing) = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()) {
        let _ = rustix::stdio::dup2_stdin(&nothing);
        let _ = rustix::stdio::dup2_stdout(&nothing);
        let _ = rustix::stdio::dup2_stderr(&nothing);
    }
    let _ = std::env::set_current_dir("/");
    let (low, high) = (kept[0].min(kept[1]).cast_unsigned(), kept[0].max(kept[1]).cast_unsigned());
    for (first, last) in [(3, low - 1), (low + 1, high - 1), (high + 1, libc::c_uint::MAX)] {
        if first <= last {
            // SAFETY: closes descriptors that no object of this process owns; the kept ones are left out.
            unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
        }
    }
}
