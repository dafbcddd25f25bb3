//! Leaves the terminal as it was found, however the program ends: in order, by a panic, or by force.

use std::{
    io::{self, Read, Write},
    panic,
    sync::{Mutex, PoisonError, TryLockError},
    thread,
    time::Duration,
};

use quire_sandbox::ends::Fault;
use quire_state::model::exit_code;
use rustix::{
    process::Signal,
    termios::{OptionalActions, Termios, tcsetattr},
};

use super::tty::drain_input;

/// How the terminal was found, and the bytes that undo what was set since.
struct Found {
    termios: Termios,
    undo: Vec<u8>,
    parting: Vec<u8>,
}

/// The one terminal of the process. A panic hook has no other way to reach it.
static FOUND: Mutex<Option<Found>> = Mutex::new(None);

/// Remembers how the terminal was found.
pub(super) fn arm(termios: Termios, undo: Vec<u8>) {
    quire_sandbox::ends::arm(&undo);
    *FOUND.lock().unwrap_or_else(PoisonError::into_inner) = Some(Found { termios, undo, parting: Vec::new() });
}

/// Remembers the bytes that take away what is painted now; they go out before the modes are undone.
pub fn park(parting: Vec<u8>) {
    if let Some(found) = FOUND.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        quire_sandbox::ends::prepare(&[parting.as_slice(), &found.undo].concat());
        found.parting = parting;
    }
}

/// Restores the terminal. Does nothing when there is nothing to restore, or when another thread is at it.
pub fn now() {
    let found = match FOUND.try_lock() {
        Ok(mut found) => found.take(),
        Err(TryLockError::Poisoned(found)) => found.into_inner().take(),
        Err(TryLockError::WouldBlock) => None,
    };
    let Some(found) = found else { return };
    quire_sandbox::ends::disarm();
    // What was typed until now is in the encoding of our modes; the shell must not get it.
    drain_input();
    let mut out = io::stdout();
    let _ = out.write_all(&found.parting).and_then(|()| out.write_all(&found.undo)).and_then(|()| out.flush());
    drain_input();
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, &found.termios);
}

/// The variable by which a test has a fault happen at SIGUSR2.
const FAULT_VARIABLE: &str = "QUIRE_TEST_FAULT";

/// From here on, faults and unhandled signals restore the terminal before they end the program. A test can
/// name a fault, which then happens at SIGUSR2.
pub fn install_last_handlers(variable: impl Fn(&str) -> Option<String>) {
    let fault = variable(FAULT_VARIABLE).and_then(|name| Fault::of(&name));
    quire_sandbox::ends::listen(fault.map(|_| Signal::USR2.as_raw()));
    let Some(fault) = fault else { return };
    let Ok((mut asked, writer)) = io::pipe() else { return };
    if signal_hook::low_level::pipe::register(Signal::USR2.as_raw(), writer).is_ok() {
        // Without a thread nothing happens, and the test says so.
        let _ = thread::Builder::new().name("test-fault".to_owned()).spawn(move || {
            if asked.read_exact(&mut [0]).is_ok() {
                fault.happen();
            }
        });
    }
}

/// From here on a panic that ends the program restores the terminal first, then says in one line what happened.
///
/// A panic on another thread than the main one is caught where the work was started, and reported as a fault, unless
/// this build cannot catch panics at all.
pub fn install_panic_hook() {
    let main = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() != main && cfg!(panic = "unwind") {
            return;
        }
        now();
        let place = info.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        let what = info.payload_as_str().unwrap_or("no message");
        let _ = writeln!(
            io::stderr(),
            "quire: internal error{place}: {}. What was finished is saved; `quire resume --last` continues it.",
            super::glyph::clean(what)
        );
        std::process::exit(i32::from(exit_code::FAILED));
    }));
}

/// Ends the program by force, terminal restored, unless it has ended in order within `patience`.
pub fn last_resort(code: u8, patience: Duration) {
    // If no thread can be had there is nothing better to do than to go on in order.
    let _ = thread::Builder::new().name("last-resort".to_owned()).spawn(move || {
        thread::sleep(patience);
        now();
        std::process::exit(i32::from(code));
    });
}
