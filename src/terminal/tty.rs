//! The user's terminal: the one place that writes to it, sizes it and changes its line discipline.

use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    os::fd::AsFd,
    sync::{Arc, Mutex, PoisonError},
};

use quire_state::msg::Size;
use rustix::{
    event::{PollFd, PollFlags, poll},
    termios::{OptionalActions, QueueSelector, Termios},
};

/// What is assumed of a terminal that does not tell its size.
const USUAL_SIZE: Size = Size { cols: 80, rows: 24 };

/// A handle to the terminal; clones share it, and their writes never mix.
#[derive(Clone, Debug)]
pub struct Tty {
    out: Arc<Mutex<File>>,
}

impl Tty {
    /// The terminal of standard input and output, or the sentence that says why there is none to paint on.
    pub fn open(term: Option<&str>) -> Result<Self, String> {
        if !io::stdin().is_terminal() {
            return Err("Standard input is not a terminal. Start quire in a terminal, or use `quire exec` in scripts."
                .to_owned());
        }
        if !io::stdout().is_terminal() {
            return Err(
                "Standard output is not a terminal. Start quire in a terminal, or use `quire exec` in scripts."
                    .to_owned(),
            );
        }
        if term == Some("dumb") {
            return Err("TERM=dumb says that nothing can be drawn on this terminal. Set TERM to its real type, or use `quire exec`."
                .to_owned());
        }
        let out = io::stdout()
            .as_fd()
            .try_clone_to_owned()
            .map_err(|error| format!("The terminal cannot be written to: {error}."))?;
        quire_sandbox::ends::painting_on(&out);
        Ok(Self { out: Arc::new(Mutex::new(out.into())) })
    }

    /// Writes all of `bytes`, in one write as long as the terminal takes them.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rest = bytes;
        while !rest.is_empty() {
            let written = {
                let _painting = quire_sandbox::ends::painting();
                out.write(rest)
            };
            match written {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Some other program has made the shared terminal non-blocking.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    poll(&mut [PollFd::new(&*out, PollFlags::OUT)], None)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Its size now. A terminal that does not know has the usual one.
    pub fn size(&self) -> Size {
        size_of(&*self.out.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Its line discipline.
    pub fn termios(&self) -> io::Result<Termios> {
        Ok(rustix::termios::tcgetattr(io::stdin())?)
    }

    /// Changes its line discipline.
    pub fn set_termios(&self, when: OptionalActions, termios: &Termios) -> io::Result<()> {
        Ok(rustix::termios::tcsetattr(io::stdin(), when, termios)?)
    }
}

/// The size of a terminal now. One that does not know has the usual one.
pub fn size_of(terminal: &impl AsFd) -> Size {
    match rustix::termios::tcgetwinsize(terminal) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => Size { cols: size.ws_col, rows: size.ws_row },
        Ok(_) | Err(_) => USUAL_SIZE,
    }
}

/// Throws away what was typed and not read yet. Best effort.
pub(super) fn drain_input() {
    let _ = rustix::termios::tcflush(io::stdin(), QueueSelector::IFlush);
}
