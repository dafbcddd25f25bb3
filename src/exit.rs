//! How the program ends: one table from outcome to exit code, and one way to tell a failure.

use std::io::{self, ErrorKind, Write};

use quire_state::{model::exit_code, text::clean::bounded};

/// The code of `quire sandbox` for a command that was not started.
const NO_SANDBOX: u8 = 125;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The work is done, the user left, or the output is not read any more.
    Done,
    /// It could not begin or could not go on.
    Failed,
    /// The command line was wrong.
    Usage,
    /// There are no sandbox for a command that must have them.
    NoSandbox,
    /// A signal of this number ended it.
    Signal(u8),
}

impl Outcome {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => exit_code::OK,
            Self::Failed => exit_code::FAILED,
            Self::Usage => exit_code::USAGE,
            Self::NoSandbox => NO_SANDBOX,
            Self::Signal(number) => 128_u8.saturating_add(number),
        }
    }

    /// The outcome of writing to the output: a reader that stopped reading (`| head`) has all it wanted.
    pub fn of_writing(result: &io::Result<()>) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Self::Done,
            Err(_) => Self::Failed,
        }
    }
}

/// Why the program could not begin: one paragraph that says what, where, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How the run ended.
    pub outcome: Outcome,
    /// What is told.
    pub message: String,
}

impl Failure {
    /// A failure with exit code 1.
    pub fn new(message: impl Into<String>) -> Self {
        Self { outcome: Outcome::Failed, message: message.into() }
    }

    /// A failure of the command line, with exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { outcome: Outcome::Usage, message: message.into() }
    }

    /// Tells it on standard error and gives the exit code. When standard error is closed, the code alone tells.
    pub fn report(&self) -> u8 {
        let _ = writeln!(io::stderr().lock(), "error: {}", printable(&self.message));
        self.outcome.code()
    }
}

/// Writes a text to standard output.
pub(crate) fn print(text: &str) -> Outcome {
    let mut out = io::stdout().lock();
    told(&is_open().and_then(|()| out.write_all(text.as_bytes())).and_then(|()| out.flush()))
}

/// What came of writing to standard output, told when it is a failure.
pub(crate) fn told(result: &io::Result<()>) -> Outcome {
    let outcome = Outcome::of_writing(result);
    if let (Outcome::Failed, Err(error)) = (outcome, result) {
        Failure::new(lost(error)).report();
    }
    outcome
}

/// Whether there is a standard output. The runtime puts `/dev/null` in the place of a closed one, where a write would say nothing.
pub(crate) fn is_open() -> io::Result<()> {
    if quire_sandbox::streams::output_was_closed() { Err(rustix::io::Errno::BADF.into()) } else { Ok(()) }
}

/// The sentence about an output that cannot be written.
pub(crate) fn lost(error: &io::Error) -> String {
    format!("Standard output cannot be written: {error}. Send it to a file or a program that can take it.")
}

/// Tells what a user should know of something that goes on all the same.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "note: {}", printable(text));
}

/// Paths and file contents may hold escape sequences; none reaches the terminal.
pub(crate) fn printable(text: &str) -> String {
    let keep = |character: char| if character.is_control() && character != '\n' { '\u{fffd}' } else { character };
    bounded(&text.chars().map(keep).collect::<String>()).into_owned()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{Outcome, printable};

    #[test]
    fn every_outcome_has_its_code() {
        let codes = [
            Outcome::Done,
            Outcome::Failed,
            Outcome::Usage,
            Outcome::NoSandbox,
            Outcome::Signal(2),
            Outcome::Signal(15),
        ];
        assert_eq!(codes.map(Outcome::code), [0, 1, 2, 125, 130, 143]);
    }

    #[test]
    fn a_closed_output_is_success() {
        let broken = io::Error::from(io::ErrorKind::BrokenPipe);
        assert_eq!(Outcome::of_writing(&Err(broken)), Outcome::Done);
        assert_eq!(Outcome::of_writing(&Err(io::Error::other("disk full"))), Outcome::Failed);
    }

    #[test]
    fn a_message_holds_no_escape() {
        assert_eq!(printable("a\u{1b}]0;x\u{7}\nb\u{9b}"), "a\u{fffd}]0;x\u{fffd}\nb\u{fffd}");
    }
}
