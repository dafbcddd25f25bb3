//! The ends of the program that only a signal handler sees: faults, and signals without another handler. The
//! terminal is given back first, then the signal does what it would have done, so that the exit status stays.
//!
//! The handler touches nothing but what was prepared: bytes in two places, of which one is in use while the other is
//! filled, and the line discipline as it was found. Rust gives every thread that it starts a stack for handlers, so an
//! overflown stack is such an end as well.

use std::{
    cell::UnsafeCell,
    mem::MaybeUninit,
    os::fd::AsRawFd,
    ptr,
    sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering},
};

/// Bytes that can be prepared. What takes away a live area and undoes all modes is far shorter.
const BYTES: usize = 2048;
/// How long a terminal that does not take what is written is waited for, in milliseconds.
const PATIENCE_MS: i32 = 200;
/// A torn frame may have ended within a sequence (CAN gives up any), and left the screen held (synchronized output) and
/// the pen with a colour.
const PREFIX: &[u8] = b"\x18\x1b[?2026l\x1b[0m";

/// Faults. What handled them before handles them again once the terminal is given back: Rust's own handler tells of an
/// overflown stack.
const FAULTS: [i32; 6] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP, libc::SIGSYS];
/// Signals that end a program by default, and that have no other handler here.
const DEADLY: [i32; 9] = [
    libc::SIGQUIT,
    libc::SIGABRT,
    libc::SIGALRM,
    libc::SIGVTALRM,
    libc::SIGPROF,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGXCPU,
    libc::SIGIO,
];
/// More of them, which only some systems have.
#[cfg(target_os = "linux")]
const MORE: [i32; 2] = [libc::SIGPWR, libc::SIGSTKFLT];
#[cfg(not(target_os = "linux"))]
const MORE: [i32; 0] = [];

/// What is written to the terminal, and how its line discipline was.
struct Place {
    bytes: UnsafeCell<[u8; BYTES]>,
    length: AtomicUsize,
}

impl Place {
    const fn new() -> Self {
        Self { bytes: UnsafeCell::new([0; BYTES]), length: AtomicUsize::new(0) }
    }
}

struct Prepared {
    places: [Place; 2],
    current: AtomicUsize,
    termios: UnsafeCell<MaybeUninit<libc::termios>>,
    is_armed: AtomicBool,
    is_filling: AtomicBool,
    was_stopped: AtomicBool,
    /// Where frames are written, beside standard output; 0 while nothing is painted.
    painted: AtomicI32,
    /// The thread that writes a frame at this moment; 0 for none.
    painter: AtomicUsize,
}

/// A frame is being written for as long as this lives.
#[derive(Debug)]
#[must_use]
pub struct Painting(());

// SAFETY: a place is filled by one thread at a time (`is_filling`) and only while it is not the current one; the line
// discipline only while nothing is armed. A handler reads what is current, once (`is_armed` is taken).
#[expect(unsafe_code, reason = "a signal handler may take no lock")]
unsafe impl Sync for Prepared {}

static PREPARED: Prepared = Prepared {
    places: [Place::new(), Place::new()],
    current: AtomicUsize::new(0),
    termios: UnsafeCell::new(MaybeUninit::uninit()),
    is_armed: AtomicBool::new(false),
    is_filling: AtomicBool::new(false),
    was_stopped: AtomicBool::new(false),
    painted: AtomicI32::new(0),
    painter: AtomicUsize::new(0),
};

/// From here on an end gives the terminal of standard input and output back as it is now, with these bytes.
#[expect(unsafe_code, reason = "the place is shared with a signal handler")]
pub fn arm(bytes: &[u8]) {
    disarm();
    // SAFETY: nothing is armed, so that no handler reads it; the pointer is valid for a whole `termios`.
    let found = unsafe { libc::tcgetattr(0, PREPARED.termios.get().cast()) } == 0;
    if found {
        prepare(bytes);
        PREPARED.is_armed.store(true, Ordering::SeqCst);
    }
}

/// Frames are written to this descriptor, a copy of standard output that stays open as long as the program.
pub fn painting_on(descriptor: &impl AsRawFd) {
    PREPARED.painted.store(descriptor.as_raw_fd(), Ordering::SeqCst);
}

/// To be held while bytes of a frame are written, so that an end on another thread does not come before them.
pub fn painting() -> Painting {
    PREPARED.painter.store(this_thread(), Ordering::SeqCst);
    Painting(())
}

impl Drop for Painting {
    fn drop(&mut self) {
        PREPARED.painter.store(0, Ordering::SeqCst);
    }
}

#[expect(unsafe_code, reason = "the only name of a thread that a signal handler may ask for")]
fn this_thread() -> usize {
    // SAFETY: never fails, and touches nothing.
    unsafe { libc::pthread_self() as usize }
}

/// Changes the bytes. What is too long is left out whole: half a sequence would be worse than none.
#[expect(unsafe_code, reason = "the place is shared with a signal handler")]
pub fn prepare(bytes: &[u8]) {
    if PREFIX.len() + bytes.len() > BYTES || PREPARED.is_filling.swap(true, Ordering::SeqCst) {
        return;
    }
    let next = 1 - PREPARED.current.load(Ordering::SeqCst);
    let place = &PREPARED.places[next];
    // SAFETY: this place is not the current one, and nothing else fills it; both parts fit, as was looked at above.
    unsafe {
        let start = place.bytes.get().cast::<u8>();
        ptr::copy_nonoverlapping(PREFIX.as_ptr(), start, PREFIX.len());
        ptr::copy_nonoverlapping(bytes.as_ptr(), start.add(PREFIX.len()), bytes.len());
    }
    place.length.store(PREFIX.len() + bytes.len(), Ordering::SeqCst);
    PREPARED.current.store(next, Ordering::SeqCst);
    PREPARED.is_filling.store(false, Ordering::SeqCst);
}

/// Whether the terminal was given back because the program was stopped, since this was last asked.
pub fn was_given_back() -> bool {
    PREPARED.was_stopped.swap(false, Ordering::SeqCst)
}

/// The terminal is as it was found.
pub fn disarm() {
    PREPARED.is_armed.store(false, Ordering::SeqCst);
}

/// Listens to the ends. Who is listened to elsewhere (SIGTERM, SIGHUP, SIGINT, SIGXFSZ, and the one named here) is left
/// alone.
pub fn listen(but: Option<i32>) {
    FAULTS.into_iter().for_each(|signal| handle(signal, fault));
    let deadly = DEADLY.into_iter().chain(MORE).filter(|signal| Some(*signal) != but);
    deadly.chain(real_time()).for_each(|signal| handle(signal, end));
    handle(libc::SIGTSTP, stop);
}

#[cfg(target_os = "linux")]
fn real_time() -> impl Iterator<Item = i32> {
    libc::SIGRTMIN()..=libc::SIGRTMAX()
}

#[cfg(not(target_os = "linux"))]
fn real_time() -> impl Iterator<Item = i32> {
    std::iter::empty()
}

type Handler = extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void);

/// What handled the faults before, by their place in [`FAULTS`].
struct Before([UnsafeCell<MaybeUninit<libc::sigaction>>; FAULTS.len()]);

// SAFETY: written once, before the handler that reads it is there.
#[expect(unsafe_code, reason = "a signal handler may take no lock")]
unsafe impl Sync for Before {}

static BEFORE: Before = Before([const { UnsafeCell::new(MaybeUninit::zeroed()) }; FAULTS.len()]);

#[expect(unsafe_code, reason = "signal dispositions have no safe interface")]
fn handle(signal: i32, handler: Handler) {
    // SAFETY: the structure is whole, the handler calls nothing but async-signal-safe functions, and the place of the
    // old action is valid and not read yet.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
        libc::sigfillset(&raw mut action.sa_mask);
        let before = FAULTS.iter().position(|fault| *fault == signal).map(|at| BEFORE.0[at].get().cast());
        libc::sigaction(signal, &raw const action, before.unwrap_or(ptr::null_mut()));
    }
}

/// Gives the terminal back. Only the first handler does.
#[expect(unsafe_code, reason = "async-signal-safe system calls on prepared memory")]
fn give_back() {
    if !PREPARED.is_armed.swap(false, Ordering::SeqCst) {
        return;
    }
    let place = &PREPARED.places[PREPARED.current.load(Ordering::SeqCst)];
    let length = place.length.load(Ordering::SeqCst);
    // SAFETY: the bytes up to `length` were written before `current` was set; the line discipline before `is_armed` was.
    unsafe {
        turn_away_frames();
        await_frame();
        libc::tcflush(0, libc::TCIFLUSH);
        let start = place.bytes.get().cast::<u8>();
        let mut written = 0;
        while written < length {
            let mut ready = libc::pollfd { fd: 1, events: libc::POLLOUT, revents: 0 };
            if libc::poll(&raw mut ready, 1, PATIENCE_MS) <= 0 {
                break;
            }
            match libc::write(1, start.add(written).cast(), length - written) {
                more @ 1.. => written += more.cast_unsigned(),
                _ => break,
            }
        }
        libc::tcflush(0, libc::TCIFLUSH);
        libc::tcsetattr(0, libc::TCSANOW, PREPARED.termios.get().cast());
    }
}

/// A frame that another thread is about to write would set modes again: it goes nowhere.
#[expect(unsafe_code, reason = "async-signal-safe system calls")]
fn turn_away_frames() {
    let painted = PREPARED.painted.load(Ordering::SeqCst);
    if painted < 3 {
        return;
    }
    // SAFETY: the number is that of the descriptor that frames are written to, which stays open as long as the program.
    unsafe {
        let nowhere = libc::open(c"/dev/null".as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        if nowhere >= 0 {
            libc::dup2(nowhere, painted);
            libc::close(nowhere);
        }
    }
}

/// Lets another thread end the write that it is in: it waits at the terminal by now, and would come last. One that cannot go
/// on, because the terminal takes nothing, is not waited for any longer.
#[expect(unsafe_code, reason = "an async-signal-safe system call")]
fn await_frame() {
    for _ in 0..PATIENCE_MS {
        let painter = PREPARED.painter.load(Ordering::SeqCst);
        if painter == 0 || painter == this_thread() {
            return;
        }
        // SAFETY: looks at no descriptor, and only waits.
        unsafe { libc::poll(ptr::null_mut(), 0, 1) };
    }
}

/// Frames are seen again.
#[expect(unsafe_code, reason = "async-signal-safe system calls")]
fn let_frames_in() {
    let painted = PREPARED.painted.load(Ordering::SeqCst);
    if painted >= 3 {
        // SAFETY: as above; standard output is the same terminal.
        unsafe { libc::dup2(1, painted) };
    }
}

/// The signal does what it does by itself.
#[expect(unsafe_code, reason = "signal dispositions have no safe interface")]
fn let_happen(signal: i32) {
    // SAFETY: async-signal-safe system calls.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
        let mut only: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut only);
        libc::sigaddset(&raw mut only, signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const only, ptr::null_mut());
    }
}

extern "C" fn end(signal: i32, _: *mut libc::siginfo_t, _: *mut libc::c_void) {
    give_back();
    let_happen(signal);
}

/// A fault happens again when the handler comes back; one that was sent does not.
#[expect(unsafe_code, reason = "what the kernel tells of a signal comes by a pointer")]
extern "C" fn fault(signal: i32, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    give_back();
    // SAFETY: the kernel gives a valid structure to a handler with `SA_SIGINFO`.
    let is_sent = unsafe { (*info).si_code } <= 0;
    let before = FAULTS.iter().position(|fault| *fault == signal).map(|at| BEFORE.0[at].get());
    match before {
        Some(before) if !is_sent && signal != libc::SIGSYS => {
            // SAFETY: the old action was written when this handler was set.
            unsafe { libc::sigaction(signal, before.cast(), ptr::null_mut()) };
        }
        Some(_) | None => let_happen(signal),
    }
}

/// Another process stops the program: its terminal is given back meanwhile. Who goes on sets the modes anew.
#[expect(unsafe_code, reason = "the thread's `errno` belongs to what was interrupted")]
extern "C" fn stop(signal: i32, _: *mut libc::siginfo_t, _: *mut libc::c_void) {
    // SAFETY: the location of this thread's `errno` is always valid.
    let errno = unsafe { *errno_place() };
    let was_armed = PREPARED.is_armed.load(Ordering::SeqCst);
    give_back();
    PREPARED.was_stopped.store(was_armed, Ordering::SeqCst);
    let_happen(signal);
    // It goes on.
    handle(libc::SIGTSTP, stop);
    let_frames_in();
    if was_armed {
        PREPARED.is_armed.store(true, Ordering::SeqCst);
    }
    // SAFETY: as above.
    unsafe { *errno_place() = errno };
}

#[expect(unsafe_code, reason = "the C library's own place")]
fn errno_place() -> *mut i32 {
    // SAFETY: takes nothing and gives a pointer that is valid for the thread's life.
    #[cfg(target_os = "linux")]
    return unsafe { libc::__errno_location() };
    // SAFETY: as above.
    #[cfg(not(target_os = "linux"))]
    return unsafe { libc::__error() };
}

/// A fault for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A write to where nothing is.
    Segment,
    /// A stack that overflows.
    Overflow,
    /// An instruction that is none.
    Illegal,
    /// An abort.
    Abort,
}

impl Fault {
    /// The fault of this name.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "segment" => Some(Self::Segment),
            "overflow" => Some(Self::Overflow),
            "illegal" => Some(Self::Illegal),
            "abort" => Some(Self::Abort),
            _ => None,
        }
    }

    /// Makes it happen, on this thread.
    #[expect(unsafe_code, reason = "a fault cannot be had in safe code")]
    pub fn happen(self) {
        match self {
            // SAFETY: there is none; the program ends here, which is what is tested.
            Self::Segment => unsafe { ptr::write_volatile(ptr::without_provenance_mut::<u8>(8), 1) },
            Self::Overflow => drop(descend(0)),
            // SAFETY: as above; a `ud2` where this is x86, an abort elsewhere.
            #[cfg(target_arch = "x86_64")]
            Self::Illegal => unsafe { std::arch::asm!("ud2") },
            #[cfg(not(target_arch = "x86_64"))]
            Self::Illegal => std::process::abort(),
            Self::Abort => std::process::abort(),
        }
    }
}

/// Calls itself for ever, as far as the compiler can see until a number overflows.
fn descend(depth: u64) -> Vec<u8> {
    let frame = std::hint::black_box([depth; 512]);
    if depth == u64::MAX {
        return Vec::new();
    }
    let below = descend(depth + 1);
    [below, frame[0].to_le_bytes().to_vec()].concat()
}
