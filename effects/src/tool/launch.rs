//! From the description of a command to a running one.

use std::{
    io,
    os::fd::OwnedFd,
    process::{Command, Stdio},
};

#[cfg(target_os = "linux")]
use quire_sandbox::supervise::Supervised;
use quire_sandbox::{
    leader::{Console, Leader},
    refusal::RefusalKind,
};
use quire_state::{cmd::effect::CommandSpec, fault::Fault, msg::Backend};

use crate::secrets::Secrets;

use super::{
    fault,
    login::Start,
    terminal,
    walls::{self, Walls, environment, refused},
};

/// A started command with our ends of its streams.
pub(super) struct Launched {
    /// The process.
    pub(super) leader: Leader,
    /// Who keeps its walls.
    pub(super) backend: Backend,
    /// What it prints, standard output and errors in one.
    pub(super) output: OwnedFd,
    /// Where to write to it: the terminal, when it has one.
    pub(super) input: Option<OwnedFd>,
}

/// Starts exactly what `spec` says. Call it on a thread that lives as long as the program.
pub(super) fn launch(
    spec: &CommandSpec,
    start: Option<Start>,
    walls: &Walls,
    secrets: &Secrets,
) -> Result<Launched, Fault> {
    if spec.argv.is_empty() {
        return Err(fault::empty());
    }
    if spec.argv.iter().any(|word| word.contains('\0')) {
        return Err(fault::nul());
    }
    if let Some(plan) = &spec.sandbox {
        let confined = || {
            let mut confined = walls.confine(spec, start.clone(), plan)?;
            if walls.supervisor().is_some() {
                confined.watch_over().map_err(|error| fault::spawn(spec, &error))?;
            }
            let streams = Streams::open(confined.command(), spec).map_err(|error| fault::spawn(spec, &error))?;
            let backend = walls::backend(confined.backend());
            Ok::<_, Fault>((confined.spawn(streams.console), streams, backend))
        };
        let mut started = confined()?;
        // What failed while the walls were put up may be over by now (a full process table, somebody who clears away).
        if started.0.as_ref().is_err_and(|refusal| refusal.kind == RefusalKind::Setup) {
            started = confined()?;
        }
        let (leader, streams, backend) = started;
        return Ok(streams.of(leader.map_err(|refusal| refused(&refusal))?, backend));
    }
    let (leader, streams) = plain(spec, start, walls, secrets).map_err(|error| fault::spawn(spec, &error))?;
    Ok(streams.of(leader, Backend::None))
}

/// Starts the command without walls; where that is possible below a supervisor, so that nothing outlives the agent.
fn plain(spec: &CommandSpec, start: Option<Start>, walls: &Walls, secrets: &Secrets) -> io::Result<(Leader, Streams)> {
    let start = start.unwrap_or_else(|| Start { argv: spec.argv.clone(), env: environment(spec, secrets) });
    let program = start.argv.first().map_or("", String::as_str);
    #[cfg(target_os = "linux")]
    if let Some(helper) = walls.supervisor() {
        let mut supervised = Supervised::new(helper, program)?;
        set_up(supervised.command(), spec, &start);
        let streams = Streams::open(supervised.command(), spec)?;
        return Ok((supervised.spawn()?, streams));
    }
    let _ = walls;
    let mut command = Command::new(program);
    set_up(&mut command, spec, &start);
    let streams = Streams::open(&mut command, spec)?;
    Ok((Leader::spawn(command, streams.console)?, streams))
}

/// Arguments, folder and environment.
fn set_up(command: &mut Command, spec: &CommandSpec, start: &Start) {
    command.args(start.argv.iter().skip(1)).current_dir(&spec.cwd);
    command.env_clear().envs(start.env.iter().map(|(name, value)| (name, value)));
}

/// Our ends of a command's streams.
struct Streams {
    console: Console,
    output: OwnedFd,
    input: Option<OwnedFd>,
}

impl Streams {
    /// Gives the command its ends.
    fn open(command: &mut Command, spec: &CommandSpec) -> io::Result<Self> {
        match spec.tty {
            Some(size) => {
                let terminal::Terminal { ours, theirs } = terminal::open(size)?;
                command.stdin(theirs.try_clone()?).stdout(theirs.try_clone()?).stderr(theirs);
                let input = Some(ours.try_clone()?);
                Ok(Self { console: Console::Terminal, output: ours, input })
            }
            None => {
                // One pipe for both streams keeps what is printed in order.
                let (output, end) = io::pipe()?;
                command.stdin(Stdio::null()).stdout(end.try_clone()?).stderr(end);
                Ok(Self { console: Console::Nothing, output: output.into(), input: None })
            }
        }
    }

    fn of(self, leader: Leader, backend: Backend) -> Launched {
        Launched { leader, backend, output: self.output, input: self.input }
    }
}
