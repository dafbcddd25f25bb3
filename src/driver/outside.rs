//! The outside of a real run: the runner, its subscriptions, and the terminal that it borrows.

use std::{collections::BTreeSet, time::Duration};

use quire_effects::{
    host::HostPort,
    inbox::Inbox,
    runner::{Runner, World},
    subs::Subs,
};
use quire_state::{
    Effect, Key, Sub,
    fault::{Fault, FaultKind},
    limits::KILL_GRACE_MS,
    msg::Size,
};

use crate::terminal::{Tty, clipboard, restore};

/// How long a signalled program may take to end in order before it is ended by force.
const ENDING_PATIENCE: Duration = Duration::from_millis(1800);

/// Where effects go. They are run exactly as they stand; what comes of them comes back through the inbox.
pub trait Outside {
    /// Begins an effect.
    fn run(&mut self, key: Key, effect: Effect);

    /// Listens to what is wanted and to nothing else. The terminal is not meant: that is the face's.
    fn subscribe(&mut self, wanted: &BTreeSet<Sub>);

    /// A signal asks the program to end; `code` is for the case that it does not end in order.
    fn ending(&mut self, code: u8);

    /// Finishes what must be finished, and ends the rest.
    fn shutdown(&mut self);
}

/// The runner and its subscriptions.
#[derive(Debug)]
pub struct Running {
    runner: Option<Runner>,
    subs: Subs,
    is_ending: bool,
}

impl Running {
    /// A runner that is told of signals. Without that a signal would end the program at once, terminal as it is.
    ///
    /// # Errors
    /// When the system refuses a handler or a thread.
    pub fn start(inbox: Inbox, world: World) -> Result<Self, Fault> {
        let runner = Runner::new(inbox, world);
        runner.listen_for_signals()?;
        Ok(Self { subs: runner.subs(), runner: Some(runner), is_ending: false })
    }
}

impl Outside for Running {
    fn run(&mut self, key: Key, effect: Effect) {
        if let Some(runner) = &self.runner {
            runner.run(key, effect);
        }
    }

    fn subscribe(&mut self, wanted: &BTreeSet<Sub>) {
        self.subs.diff(wanted);
    }

    fn ending(&mut self, code: u8) {
        if !std::mem::replace(&mut self.is_ending, true) {
            restore::last_resort(code, ENDING_PATIENCE);
        }
    }

    fn shutdown(&mut self) {
        self.subs.diff(&BTreeSet::new());
        if let Some(runner) = self.runner.take() {
            // Whether all is stored was told before: every append has its report.
            let _ = runner.shutdown(Duration::from_millis(KILL_GRACE_MS));
        }
    }
}

/// What the runner borrows of the terminal: its clipboard. Stopping and leaving are the driver's own.
#[derive(Clone, Debug)]
pub struct BorrowedTerminal {
    tty: Option<Tty>,
    in_tmux: bool,
}

impl BorrowedTerminal {
    /// The terminal of a painting face, or none. `variable` reads the environment.
    pub fn new(tty: Option<Tty>, variable: impl Fn(&str) -> Option<String>) -> Self {
        Self { tty, in_tmux: variable("TMUX").is_some_and(|value| !value.is_empty()) }
    }
}

impl HostPort for BorrowedTerminal {
    fn copy(&self, text: &str) -> Result<String, Fault> {
        let tty =
            self.tty.as_ref().ok_or_else(|| Fault::new(FaultKind::Missing, "There is no terminal to copy with."))?;
        clipboard::copy(tty, text, self.in_tmux).map_err(|reason| Fault::new(FaultKind::Missing, reason))
    }

    fn suspend(&self) -> Result<Size, Fault> {
        Err(Fault::new(FaultKind::Missing, "Only a face can stop the program."))
    }

    fn exit(&self, _code: u8) {}
}
