//! Signals that come before anybody listens to them: heard, kept, and handed over.
//!
//! The first frame is painted before the runner exists. A signal in between would otherwise end the program at once
//! and leave the terminal as it is.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use quire_effects::inbox::Inbox;
use quire_state::{
    Key, Report,
    msg::{HostReport, Msg},
};
use rustix::process::Signal;
use signal_hook::SigId;

/// The signals that ask a program to end.
const SIGNALS: [Signal; 3] = [Signal::TERM, Signal::HUP, Signal::INT];

/// Ears for the time before the runner's own.
#[derive(Debug)]
pub struct Early {
    heard: Vec<(Signal, Arc<AtomicBool>, SigId)>,
}

impl Early {
    /// From now on such a signal ends nothing by itself.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub fn listen() -> io::Result<Self> {
        let mut heard = Vec::with_capacity(SIGNALS.len());
        for signal in SIGNALS {
            let flag = Arc::new(AtomicBool::new(false));
            let id = signal_hook::flag::register(signal.as_raw(), Arc::clone(&flag))?;
            heard.push((signal, flag, id));
        }
        Ok(Self { heard })
    }

    /// Tells what was heard. Later listeners must be listening already: then no signal is lost.
    pub fn hand_over(self, inbox: &Inbox) {
        for (signal, flag, id) in self.heard {
            signal_hook::low_level::unregister(id);
            if flag.load(Ordering::SeqCst) {
                let number = u8::try_from(signal.as_raw()).unwrap_or(1);
                inbox.push(Msg::Report(Key::World, Report::Host(HostReport::Signal { number })));
            }
        }
    }
}
