//! From the description of a command to a running one.

use std::{
    io,
    os::fd::OwnedFd,
    process::{Command, Stdio},
};

use quire_sandbox::leader::{Console, Leader};
use quire_state::{cmd::effect::CommandSpec, fault::Fault};

use super::{fault, terminal};

/// A started command with our ends of its streams.
pub(super) struct Launched {
    /// The process.
    pub(super) leader: Leader,
    /// What it prints, standard output and errors in one.
    pub(super) output: OwnedFd,
    /// Where to write to it: the terminal, when it has one.
    pub(super) input: Option<OwnedFd>,
}

/// Starts exactly what `spec` says. Call it on a thread that lives as long as the program.
pub(super) fn launch(spec: &CommandSpec) -> Result<Launched, Fault> {
    let [program, arguments @ ..] = spec.argv.as_slice() else { return Err(fault::empty()) };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&spec.cwd);
    for name in &spec.env_remove {
        command.env_remove(name);
    }
    command.envs(spec.env.iter().map(|(name, value)| (name, value)));
    start(command, spec).map_err(|error| fault::spawn(spec, &error))
}

fn start(mut command: Command, spec: &CommandSpec) -> io::Result<Launched> {
    match spec.tty {
        Some(size) => {
            let terminal::Terminal { ours, theirs } = terminal::open(size)?;
            command.stdin(theirs.try_clone()?).stdout(theirs.try_clone()?).stderr(theirs);
            let input = Some(ours.try_clone()?);
            let leader = Leader::spawn(command, Console::Terminal)?;
            Ok(Launched { leader, output: ours, input })
        }
        None => {
            // One pipe for both streams keeps what is printed in order.
            let (output, end) = io::pipe()?;
            command.stdin(Stdio::null()).stdout(end.try_clone()?).stderr(end);
            let leader = Leader::spawn(command, Console::Nothing)?;
            Ok(Launched { leader, output: output.into(), input: None })
        }
    }
}
