//! From the description of a command to a running one.

use std::{
    io,
    os::fd::OwnedFd,
    process::{Command, Stdio},
};

use quire_sandbox::{
    leader::{Console, Leader},
    refusal::RefusalKind,
};
use quire_state::{cmd::effect::CommandSpec, fault::Fault, msg::Backend};

use super::{
    fault,
    login::Start,
    terminal,
    walls::{self, Walls, refused},
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
pub(super) fn launch(spec: &CommandSpec, start: Option<Start>, walls: &Walls) -> Result<Launched, Fault> {
    if spec.argv.is_empty() {
        return Err(fault::empty());
    }
    if spec.argv.iter().any(|word| word.contains('\0')) {
        return Err(fault::nul());
    }
    if let Some(plan) = &spec.sandbox {
        let confined = || {
            let mut confined = walls.confine(spec, start.clone(), plan)?;
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
    let mut command = plain(spec, start);
    let started =
        Streams::open(&mut command, spec).and_then(|streams| Ok((Leader::spawn(command, streams.console)?, streams)));
    let (leader, streams) = started.map_err(|error| fault::spawn(spec, &error))?;
    Ok(streams.of(leader, Backend::None))
}

/// The command without walls.
fn plain(spec: &CommandSpec, start: Option<Start>) -> Command {
    if let Some(Start { argv, env }) = start {
        let mut command = Command::new(argv.first().map_or("", String::as_str));
        command.args(argv.iter().skip(1)).current_dir(&spec.cwd).env_clear().envs(env);
        return command;
    }
    let mut command = Command::new(spec.argv.first().map_or("", String::as_str));
    command.args(spec.argv.iter().skip(1)).current_dir(&spec.cwd);
    for name in &spec.env_remove {
        command.env_remove(name);
    }
    command.envs(spec.env.iter().map(|(name, value)| (name, value)));
    command
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
