//! The last stage before a sandboxed command: this program executed again, inside. It puts on the inner layers, checks
//! all of them, and becomes the command. It has no way back and no way around: what cannot be set up ends it.

mod files;
mod filter;
mod native;
mod powers;
mod streams;

use std::{
    ffi::{OsStr, OsString},
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::{
        fd::{AsFd, BorrowedFd, FromRawFd},
        unix::{
            ffi::OsStrExt,
            fs::{MetadataExt, OpenOptionsExt},
            process::CommandExt,
        },
    },
    path::Path,
    process::{Command, ExitCode},
};

use quire_files::{Folder, Held, Links, limits};
use rustix::{
    fs::StatVfsMountFlags,
    process::{Resource, Rlimit},
};

use crate::{
    handoff::{Handoff, Outer},
    layout::Cover,
    leader::default_signals,
    links,
};

/// The first argument that makes this program the inner stage.
pub(crate) const WORD: &str = "__sandbox-inner";
/// Written to the status pipe when every layer stands.
pub(crate) const READY: u8 = b'R';
/// What the agent says of a failure of its own program, before the error number.
pub(crate) const PROGRAM: &str = "program";
/// What begins the step of a failed check.
pub(crate) const CHECK: &str = "check: ";
/// Written to the status pipe before, when links are to be kept.
pub(crate) const LINKS: u8 = b'L';
/// What begins the step of a check that found a link which can be replaced, before its path.
pub(crate) const LINK: &str = "link: ";
/// What begins a whole sentence about what the command was given.
pub(crate) const GIVEN: &str = "given: ";

/// The first version of Landlock that stops truncation and signals, and so can do without namespaces.
const LEAST_ALONE: u32 = 6;

/// A step that failed, in words that follow "could not".
#[derive(Debug)]
pub(crate) struct Failed {
    step: String,
    error: io::Error,
}

impl Failed {
    fn check(what: impl fmt::Display) -> Self {
        Self { step: format!("{CHECK}{what}"), error: io::Error::from_raw_os_error(0) }
    }

    fn given(sentence: impl fmt::Display) -> Self {
        Self { step: format!("{GIVEN}{sentence}"), error: io::Error::from_raw_os_error(0) }
    }
}

/// Turns an error into a failed step.
trait Step<T> {
    fn step(self, step: &str) -> Result<T, Failed>;
}

impl<T, E: Into<io::Error>> Step<T> for Result<T, E> {
    fn step(self, step: &str) -> Result<T, Failed> {
        self.map_err(|error| Failed { step: step.to_owned(), error: error.into() })
    }
}

/// Becomes the inner stage when the command line says so, and then never does anything else. To be called before
/// anything else in `main`.
pub fn enter() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next() {
        Some(word) if word == WORD => {}
        Some(word) if word == crate::supervise::WORD => return Some(crate::supervise::enter(arguments)),
        Some(_) | None => return None,
    }
    let handoff = arguments.next().ok_or_else(torn).and_then(open);
    let Ok(handoff) = handoff else {
        let _ = writeln!(
            io::stderr(),
            "error: Quire uses this internally to start commands in a sandbox; it is not meant to be run by hand."
        );
        return Some(ExitCode::from(2));
    };
    let status = handoff.status;
    match go(handoff) {
        Ok(code) => Some(ExitCode::from(code)),
        Err(failed) => {
            tell(status, &failed);
            Some(ExitCode::from(125))
        }
    }
}

/// The version of Landlock that this kernel keeps; 0 when it keeps none.
pub fn landlock_version() -> u32 {
    files::version()
}

fn torn() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidInput)
}

fn open(descriptor: OsString) -> io::Result<Handoff> {
    let number: i32 = descriptor.to_str().and_then(|text| text.parse().ok()).ok_or_else(torn)?;
    let mut file = take(number)?;
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Handoff::unpack(&bytes)
}

/// A descriptor that we were started with.
#[expect(unsafe_code, reason = "descriptors come to us by number")]
fn take(number: i32) -> io::Result<File> {
    if number < 3 {
        return Err(torn());
    }
    // SAFETY: nothing else in this new process knows the number; a wrong one is refused by the first use.
    let file = unsafe { File::from_raw_fd(number) };
    // So that a wrong number is an error here and no abort when it is closed.
    match rustix::io::fcntl_getfd(&file) {
        Ok(_) => Ok(file),
        Err(error) => {
            std::mem::forget(file);
            Err(error.into())
        }
    }
}

fn close(number: i32) {
    drop(take(number));
}

/// All steps in their order. Comes back only when there is nothing to execute.
fn go(handoff: Handoff) -> Result<u8, Failed> {
    close_at_exec()?;
    restore_stderr(handoff.stderr)?;
    streams::check(&handoff)?;
    if handoff.outer == Outer::Native
        && let native::Side::Outside(code) = native::enter(&handoff)?
    {
        return Ok(code);
    }
    if handoff.wait > 2 {
        wait_for_links(&handoff)?;
    }
    std::env::set_current_dir(&handoff.cwd).step("enter the working folder")?;
    default_signals();
    limits()?;
    powers::drop()?;
    let is_landlocked = files::confine(&handoff)?;
    filter::install(&handoff)?;
    check(&handoff, is_landlocked)?;
    write_to(handoff.status, &[READY]).step("report that it is ready")?;
    if handoff.is_probe {
        return Ok(0);
    }
    Err(execute(handoff))
}

/// Bubblewrap puts no link in its own place, so the agent does it from outside.
fn wait_for_links(handoff: &Handoff) -> Result<(), Failed> {
    write_to(handoff.status, &[LINKS]).step("ask for its links")?;
    let mut answer = take(handoff.wait).step("ask for its links")?;
    // Its end is an answer as well: what was done is looked at later.
    let _ = answer.read(&mut [0]);
    Ok(())
}

fn execute(handoff: Handoff) -> Failed {
    let [program, arguments @ ..] = handoff.argv.as_slice() else {
        return Failed { step: PROGRAM.to_owned(), error: io::Error::from_raw_os_error(libc::ENOENT) };
    };
    let path = handoff.env.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path.clone());
    let error = Command::new(program).args(arguments).env_clear().envs(handoff.env).exec();
    let is_missing = error.raw_os_error() == Some(libc::EACCES) && !is_in_path(program, path.as_deref());
    let error = if is_missing { io::Error::from_raw_os_error(libc::ENOENT) } else { error };
    Failed { step: PROGRAM.to_owned(), error }
}

/// A folder of PATH that may not be entered makes a missing program look forbidden.
fn is_in_path(program: &OsStr, path: Option<&OsStr>) -> bool {
    if program.as_bytes().contains(&b'/') {
        return true;
    }
    path.is_some_and(|path| std::env::split_paths(path).any(|folder| folder.join(program).exists()))
}

#[expect(unsafe_code, reason = "close_range has no safe interface")]
fn close_at_exec() -> Result<(), Failed> {
    // SAFETY: marks descriptors and touches no memory.
    let done = unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()).step("close descriptors") }
}

/// Bubblewrap's own complaints go elsewhere; from here on the stream is the command's.
fn restore_stderr(number: i32) -> Result<(), Failed> {
    if number < 3 {
        return Ok(());
    }
    let file = take(number).step("find the command's standard error")?;
    rustix::stdio::dup2_stderr(&file).step("give the command its standard error")
}

#[expect(clippy::disallowed_methods, reason = "a switch of the kernel, in a process that is about to become a command")]
fn limits() -> Result<(), Failed> {
    rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
        .step("forbid core dumps")?;
    // When memory runs out, the command goes before the agent. A kernel that refuses changes nothing of what it may do.
    let _ = fs::write("/proc/self/oom_score_adj", "500");
    Ok(())
}

/// Checks every layer from the inside.
fn check(handoff: &Handoff, is_landlocked: bool) -> Result<(), Failed> {
    powers::check()?;
    let has_view = handoff.outer != Outer::None;
    if !has_view && files::version() < LEAST_ALONE {
        let version = files::version();
        return Err(Failed::check(format_args!(
            "there are no namespaces, and Landlock version {version} is too old to stand alone: it must be \
             {LEAST_ALONE}"
        )));
    }
    if !is_landlocked && (!has_view || rustix::process::geteuid().is_root()) {
        return Err(Failed::check("this kernel has no Landlock"));
    }
    if !is_landlocked && has_view && !is_first_process_safe() {
        return Err(Failed::check(
            "this kernel has neither Landlock nor a `kernel.yama.ptrace_scope` of 1 or more, so the sandbox's first process \
             could be taken over",
        ));
    }
    for root in &handoff.roots {
        let facts = fs::metadata(&root.path).step("inspect a writable root")?;
        if (facts.dev(), facts.ino()) != (root.device, root.inode) {
            return Err(Failed::check(format_args!("{} is no longer the same folder", root.path.display())));
        }
    }
    if !has_view {
        return Ok(());
    }
    let protected =
        handoff.covers.iter().filter(|(_, cover)| *cover == Cover::Protected).map(|(path, _)| path.as_path());
    for path in protected.chain([Path::new("/"), Path::new("/proc/sys")]) {
        refuses_writes(path)?;
    }
    for (path, cover) in &handoff.covers {
        match cover {
            Cover::HiddenFolder if !is_empty_but_for(path, handoff) => {
                return Err(Failed::check(format_args!("{} can be read", path.display())));
            }
            Cover::HiddenFile if shows_content(path) => {
                return Err(Failed::check(format_args!("{} can be read", path.display())));
            }
            Cover::Link if !links::is_kept(path) => {
                return Err(Failed::check(format_args!("{LINK}{}", path.display())));
            }
            Cover::Pin | Cover::Root | Cover::Protected | Cover::Link | Cover::HiddenFile | Cover::HiddenFolder => {}
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "writing is tried to see that it fails")]
fn refuses_writes(path: &Path) -> Result<(), Failed> {
    let hole = || Failed::check(format_args!("{} is still writable", path.display()));
    let mount = rustix::fs::statvfs(path).step("inspect a protected name")?;
    if !mount.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Err(hole());
    }
    // A file without a name: nothing is left when it can be made after all.
    let tried = if path.is_dir() {
        OpenOptions::new().write(true).custom_flags(libc::O_TMPFILE).open(path)
    } else {
        // A pipe would wait for a reader.
        OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
    };
    if tried.is_ok() { Err(hole()) } else { Ok(()) }
}

/// Whether a covered file can be read, and holds something.
fn shows_content(path: &Path) -> bool {
    Held::open(path, Links::NotLast).and_then(|file| file.first(1)).is_ok_and(|bytes| !bytes.is_empty())
}

/// Whether a covered folder shows nothing but what the plan itself puts there.
fn is_empty_but_for(path: &Path, handoff: &Handoff) -> bool {
    let entries = Folder::open(path, Links::NotLast).and_then(|folder| folder.entries());
    let Ok(entries) = entries else { return true };
    entries.flatten().all(|entry| handoff.covers.iter().any(|(cover, _)| cover.starts_with(path.join(&entry.name))))
}

fn tell(status: i32, failed: &Failed) {
    let text = format!("{}\0{}", failed.error.raw_os_error().unwrap_or_default(), failed.step);
    let detail = if failed.error.raw_os_error().is_some() { String::new() } else { format!(" ({})", failed.error) };
    let _ = write_to(status, format!("{text}{detail}").as_bytes());
}

#[expect(unsafe_code, reason = "the status pipe comes by number and stays open to the end")]
fn write_to(number: i32, bytes: &[u8]) -> io::Result<()> {
    if number < 3 {
        return Err(torn());
    }
    // SAFETY: borrowed for this write alone; a closed descriptor gives an error.
    let status = unsafe { BorrowedFd::borrow_raw(number) };
    rustix::io::write(status.as_fd(), bytes)?;
    Ok(())
}

/// Whether Yama keeps commands from tracing what is no child of theirs: the first process of the namespace runs without
/// their filter. Landlock does that, too.
fn is_first_process_safe() -> bool {
    let scope = quire_files::read_text(Path::new("/proc/sys/kernel/yama/ptrace_scope"), Links::Follow, limits::POINTER);
    scope.is_ok_and(|scope| scope.trim().parse::<u32>().is_ok_and(|scope| scope > 0))
}
