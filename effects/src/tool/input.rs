//! Writing to a command's terminal. A thread of its own, because a program that does not read makes us wait.

use std::{
    io,
    os::fd::OwnedFd,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread,
};

use quire_state::{
    fault::Fault,
    key::{Key, ProcessId},
    msg::{CommandReport, Msg, Report},
};
use rustix::io::Errno;

use super::fault;
use crate::inbox::Inbox;

/// Writes that may wait for a program that does not read.
const WAITING_WRITES: usize = 64;

/// The way into one command's terminal.
#[derive(Debug)]
pub(super) enum Input {
    /// The command has no terminal.
    Closed,
    /// Nothing has been written yet.
    Unused(OwnedFd),
    /// The thread that writes, in order.
    Writing(SyncSender<(Key, String)>),
}

impl Input {
    /// Hands `chars` to the writer, which reports under `key`.
    pub(super) fn write(&mut self, id: ProcessId, key: Key, chars: String, inbox: &Inbox) -> Result<(), Fault> {
        if let Self::Unused(terminal) = self {
            let (queue, waiting) = sync_channel(WAITING_WRITES);
            let (terminal, inbox) = (terminal.try_clone().map_err(fault::no_thread)?, inbox.clone());
            thread::Builder::new()
                .name(format!("quire-write-{}", id.0))
                .spawn(move || write_all(&terminal, id, &waiting, &inbox))
                .map_err(fault::no_thread)?;
            *self = Self::Writing(queue);
        }
        match self {
            Self::Closed | Self::Unused(_) => Err(fault::no_terminal(id)),
            Self::Writing(queue) => queue.try_send((key, chars)).map_err(|error| match error {
                TrySendError::Full(_) => fault::deaf(id),
                TrySendError::Disconnected(_) => fault::unknown(id),
            }),
        }
    }
}

fn write_all(terminal: &OwnedFd, id: ProcessId, waiting: &Receiver<(Key, String)>, inbox: &Inbox) {
    for (key, chars) in waiting {
        let report = match write(terminal, chars.as_bytes()) {
            Ok(()) => Report::Command(CommandReport::Written),
            // The other end is closed: the session has ended meanwhile.
            Err(_) => Report::Failed(fault::unknown(id)),
        };
        inbox.push(Msg::Report(key, report));
    }
}

fn write(terminal: &OwnedFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(terminal, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
