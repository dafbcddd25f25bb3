//! What is said when something about a command fails.

use std::io;

use quire_state::{
    cmd::effect::CommandSpec,
    fault::{Fault, FaultKind},
    key::ProcessId,
};

/// The command has no program.
pub(super) fn empty() -> Fault {
    Fault::new(FaultKind::Spawn, "Could not start a command without a program.")
}

/// A word of it holds a NUL.
pub(super) fn nul() -> Fault {
    Fault::new(FaultKind::Spawn, "Not run: the command contains a NUL character, which cannot be passed to a program.")
}

/// The system refused to start it.
pub(super) fn spawn(spec: &CommandSpec, error: &io::Error) -> Fault {
    let program = spec.argv.first().map_or("", String::as_str);
    // A missing folder and a missing program are the same error to the system, not to a user.
    if !std::path::Path::new(&spec.cwd).is_dir() {
        let summary = format!("Could not start `{program}`: the folder {} does not exist.", spec.cwd);
        return Fault::new(FaultKind::Spawn, summary).with_hint("Choose a working folder that exists.");
    }
    let fault = Fault::new(FaultKind::Spawn, format!("Could not start `{program}`: {}.", reason(error)));
    match error.kind() {
        io::ErrorKind::NotFound => fault.with_hint("Check its name and the PATH."),
        io::ErrorKind::PermissionDenied => fault.with_hint("Check that the file may be executed."),
        _ => fault,
    }
}

/// A command of the background goes on although it was stopped.
pub(super) fn restless() -> Fault {
    let summary = "Not run: a background command could not be paused, and could change what this one runs.";
    Fault::new(FaultKind::Spawn, summary).with_hint("End it first, or wait until it has ended.")
}

/// A command outside the sandbox has not read what it runs.
pub(super) fn waits_for(path: Option<&std::path::PathBuf>) -> Fault {
    let path = path.map_or_else(|| "what it runs".to_owned(), |path| format!("`{}`", path.display()));
    let summary = format!("Not run: an approved command is still reading {path}, and this one could change it.");
    Fault::new(FaultKind::Spawn, summary).with_hint("Wait until that command has ended, or end it.")
}

/// There is no session of this number.
pub(super) fn unknown(id: ProcessId) -> Fault {
    Fault::new(FaultKind::Missing, format!("There is no session {}; it has ended or was never started.", id.0))
}

/// The session runs without a terminal, so there is nothing to write to.
pub(super) fn no_terminal(id: ProcessId) -> Fault {
    Fault::new(FaultKind::Missing, format!("Session {} has no terminal, so nothing can be typed into it.", id.0))
        .with_hint("Start the command with a terminal (`tty`) to write to it.")
}

/// The session does not read what is written.
pub(super) fn deaf(id: ProcessId) -> Fault {
    let summary = format!("Session {} does not read its input; too much of it is waiting already.", id.0);
    Fault::new(FaultKind::Missing, summary)
}

/// The status of an ended command is lost.
pub(super) fn lost(error: &io::Error) -> Fault {
    Fault::new(FaultKind::Spawn, format!("Could not find out how the command ended: {}.", reason(error)))
}

/// The system gives us no thread.
pub(super) fn no_thread(error: io::Error) -> Fault {
    Fault::new(FaultKind::Spawn, format!("Could not start a thread for a command: {}.", reason(&error)))
        .with_hint("Close other programs, or raise the limit of processes.")
}

/// The program is ending.
pub(super) fn ending() -> Fault {
    Fault::new(FaultKind::Spawn, "Nothing new can be started: the program is shutting down.")
}

/// The system's words without its number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().map_or_else(String::new, str::to_owned)
}
