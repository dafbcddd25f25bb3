//! What the sandbox was in the way of, read from the output of a command that failed in it: for the user and the model, so
//! that both know the one rule that would have allowed it. It only words a failure; nothing is decided by it, and nothing is
//! looked at but the output and the configuration. A rule is named only when the plan that it makes lets the path be.

mod complaint;
mod network;
mod opening;
mod read;
mod sockets;
#[cfg(test)]
mod tests;
mod write;

use complaint::Complaint;

use super::SandboxPlan;
use crate::{
    boot::Host,
    config::{Config, PermissionProfile},
};

/// Lines of the output that are looked at, from its end.
const LINES: usize = 200;

/// A command that failed in the sandbox.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a> {
    /// What the sandbox was made of.
    pub config: &'a Config,
    /// The machine.
    pub host: &'a Host,
    /// The sandbox that it had.
    pub plan: &'a SandboxPlan,
    /// Its text.
    pub command: &'a str,
    /// Its exit code.
    pub code: i32,
    /// What it printed.
    pub output: &'a str,
}

impl<'a> Failure<'a> {
    /// The profile that the user has written; `None` for a mode and for what is built in, which have no lines to change.
    fn own_profile(&self) -> Option<&'a PermissionProfile> {
        self.config.profile().filter(|profile| !profile.name.starts_with(':'))
    }

    /// What opens everything else, as the subject of a sentence. While a profile denies something an allow rule opens nothing.
    fn escape(&self) -> &'static str {
        let denies = self.config.profile().is_some_and(PermissionProfile::denies);
        if denies { "an approval" } else { "an approval or an allow rule" }
    }
}

/// One sentence that names what was blocked and what would allow it; `None` when the output does not tell of it.
pub fn denial(failure: &Failure<'_>) -> Option<String> {
    let folder = complaint::folder(failure.command, &failure.plan.cwd);
    let lines = failure.output.lines().rev().take(LINES);
    lines.filter(|line| !complaint::is_cited(line)).find_map(|line| {
        if let Some(sentence) = sockets::sentence(failure, line) {
            return Some(sentence);
        }
        let complaint = Complaint::of(line, folder.as_deref())?;
        write::sentence(failure, &complaint)
            .or_else(|| read::sentence(failure, &complaint))
            .or_else(|| network::sentence(failure, &complaint))
    })
}

/// The absolute path, with `.` and `..` taken out by their text.
pub fn resolved(path: &str, cwd: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{cwd}/{path}") };
    let mut segments: Vec<&str> = Vec::new();
    for segment in whole.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            other => segments.push(other),
        }
    }
    format!("/{}", segments.join("/"))
}
