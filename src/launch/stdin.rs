//! Standard input that says so when it keeps the person waiting.

use std::io::{self, Read, Stdin, Write};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long to wait in silence.
const SILENT: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };

/// A pipe that nobody closes would look like a hang; after a moment this names what is being waited for.
pub(super) struct Patient {
    stdin: Stdin,
    has_waited: bool,
}

impl Patient {
    pub(super) fn new(stdin: Stdin) -> Self {
        Self { stdin, has_waited: false }
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.has_waited {
            self.has_waited = true;
            let ready = poll(&mut [PollFd::new(&self.stdin, PollFlags::IN)], Some(&SILENT));
            if ready == Ok(0) {
                let note = "Waiting for the end of standard input; add </dev/null to the command when nothing comes from there.";
                let _ = writeln!(io::stderr().lock(), "{note}");
            }
        }
        self.stdin.read(buffer)
    }
}
