//! Leaves the terminal as it was found, however the program ends: in order, by a panic, or by force.

use std::{
    io::{self, Write},
    panic,
    sync::{Mutex, PoisonError, TryLockError},
    thread,
    time::Duration,
};

use quire_state::model::exit_code;
use rustix::termios::{OptionalActions, Termios, tcsetattr};

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
    *FOUND.lock().unwrap_or_else(PoisonError::into_inner) = Some(Found { termios, undo, parting: Vec::new() });
}

/// Remembers the bytes that take away what is painted now; they go out before the modes are undone.
pub fn park(parting: Vec<u8>) {
    if let Some(found) = FOUND.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
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
    // What was typed until now is in the encoding of our modes; the shell must not get it.
    drain_input();
    let mut out = io::stdout();
    let _ = out.write_all(&found.parting).and_then(|()| out.write_all(&found.undo)).and_then(|()| out.flush());
    drain_input();
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, &found.termios);
}

/// From here on a panic that ends the program restores the terminal first, then says in one line what happened.
///
/// A panic on another thread than the main one is caught by whoever started the work, and told as a fault, unless
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
            "quire: internal error{place}: {}. What was finished is saved; `quire resume --last` goes on with it.",
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
