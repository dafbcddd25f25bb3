//! What was typed. One file a subcommand; nothing here reads a file, the environment or the configuration.

mod common;
mod debug;
mod doctor;
mod exec;
mod execpolicy;
mod features;
mod request;
mod resume;
mod sandbox;
mod shelve;
#[cfg(test)]
mod tests;
mod values;
mod words;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::exit::{Outcome, is_open, told};

pub use common::Common;
pub use debug::{MockResponses, Replay};
pub use doctor::About;
pub use exec::{Color, ExecOptions};
pub use execpolicy::CheckRules;
pub use request::{Request, Run, RunMode, Thread};
pub use sandbox::{Means, Sandbox, System};
pub use shelve::{Act, Shelve};
pub use values::Override;

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "quire",
    version,
    about = "A coding agent for the terminal.",
    long_about = "A coding agent for the terminal. It talks to a model, and with your consent runs the commands that the model asks for.",
    after_help = "Try it without an account: quire --demo",
    subcommand_precedence_over_arg = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
    /// The first task; without it, the composer opens empty.
    prompt: Option<String>,
}

/// The subcommands. Each new one is a file beside this one and a variant here.
#[derive(Debug, Subcommand)]
enum Command {
    /// Run one task non-interactively: progress on standard error, the answer on standard output.
    #[command(visible_alias = "e")]
    Exec(Box<exec::Exec>),
    /// Continue an earlier session; without an id, choose from a list.
    Resume(Box<resume::Resume>),
    /// Continue a copy of an earlier session, which stays as it is; without an id, choose from a list.
    Fork(Box<resume::Resume>),
    /// Put a stored session away: it is not listed any more, and nothing of it is lost.
    Archive(shelve::Named),
    /// Take an archived session back.
    Unarchive(shelve::Named),
    /// Delete a stored session for good, after a question.
    Delete(shelve::Delete),
    /// Run a command in the sandbox that the agent's commands get.
    Sandbox(sandbox::Sandbox),
    /// Check what works on this machine, and why something does not.
    Doctor(doctor::Doctor),
    /// Check rules files, which say what commands may run without asking.
    Execpolicy(execpolicy::Execpolicy),
    /// Say which features there are, and which are on.
    Features(features::Features),
    /// Tools for developers of Quire.
    Debug(debug::Debug),
}

/// Reads the command line. Help, the version and mistakes are told here; what is left then is the exit code.
///
/// # Errors
/// The exit code: 0 after help and version, 2 after a mistake.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Request, u8> {
    let line: Vec<OsString> = arguments.into_iter().collect();
    read(&line).map_err(|error| {
        if error.use_stderr() {
            // When standard error is closed, the code alone tells.
            let _ = error.print();
            return Outcome::Usage.code();
        }
        told(&is_open().and_then(|()| error.print())).code()
    })
}

fn read(line: &[OsString]) -> Result<Request, clap::Error> {
    match words::refused(line) {
        Some(refused) => Err(refused),
        None => Cli::try_parse_from(line).and_then(request::from_typed),
    }
}
