//! From the description of a command to a running one.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, OwnedFd},
    process::{Command, Stdio},
};

use quire_files::Folder;
#[cfg(target_os = "linux")]
use quire_sandbox::supervise::Supervised;
use quire_sandbox::{
    confine::persistently,
    leader::{Console, Leader},
};
use quire_state::{cmd::effect::CommandSpec, fault::Fault, msg::Backend};

use crate::secrets::Secrets;

use super::{
    environment::environment,
    fault,
    sandbox::{self, Sandboxes, refused},
    shell_env::{Start, back},
    terminal,
};

/// A started command with our ends of its streams.
pub(super) struct Launched {
    /// The process.
    pub(super) leader: Leader,
    /// Who keeps its sandbox.
    pub(super) backend: Backend,
    /// What its plan lets it do and its sandbox cannot.
    pub(super) notes: Vec<String>,
    /// The same, of no matter where the command does not fail.
    pub(super) on_failure: Vec<String>,
    /// What it prints, standard output and errors in one.
    pub(super) output: OwnedFd,
    /// Where to write to it: the terminal, when it has one.
    pub(super) input: Option<OwnedFd>,
}

/// Starts exactly what `spec` says. Call it on a thread that lives as long as the program. Without a sandbox it
/// begins in `folder`, if that is held, whatever its path leads to by now.
pub(super) fn launch(
    spec: &CommandSpec,
    start: Option<Start>,
    sandboxes: &Sandboxes,
    secrets: &Secrets,
    folder: Option<&Folder>,
) -> Result<Launched, Fault> {
    if spec.argv.is_empty() {
        return Err(fault::empty());
    }
    if spec.argv.iter().any(|word| word.contains('\0')) {
        return Err(fault::nul());
    }
    let start = start.map(|start| back(start, &spec.cwd, folder));
    if let Some(plan) = &spec.sandbox {
        let rendered = sandboxes.rendered(plan)?;
        let started = persistently(&rendered.plan, |plan| {
            let mut confined = sandboxes.confine(spec, start.clone(), plan)?;
            if sandboxes.supervisor().is_some() {
                confined.watch_over().map_err(|error| fault::spawn(spec, &error))?;
            }
            let streams = Streams::open(confined.command(), spec).map_err(|error| fault::spawn(spec, &error))?;
            let (backend, notes) = (sandbox::backend(confined.backend()), confined.notes().to_vec());
            let leader = confined.spawn(streams.console);
            Ok::<_, Fault>(leader.map(|leader| Launched { notes, ..streams.of(leader, backend) }))
        })?;
        let (mut launched, note) = started.map_err(|refusal| refused(&refusal))?;
        launched.notes.extend(rendered.notes.into_iter().chain(note));
        launched.on_failure.extend(rendered.on_failure);
        return Ok(launched);
    }
    let (leader, streams) =
        plain(spec, start, sandboxes, secrets, folder).map_err(|error| fault::spawn(spec, &error))?;
    Ok(streams.of(leader, Backend::None))
}

/// Starts the command without a sandbox; where that is possible below a supervisor, so that nothing outlives the agent.
fn plain(
    spec: &CommandSpec,
    start: Option<Start>,
    sandboxes: &Sandboxes,
    secrets: &Secrets,
    folder: Option<&Folder>,
) -> io::Result<(Leader, Streams)> {
    let start = start.unwrap_or_else(|| Start { argv: spec.argv.clone(), env: environment(spec, secrets) });
    let program = start.argv.first().map_or("", String::as_str);
    #[cfg(target_os = "linux")]
    if let Some(helper) = sandboxes.supervisor() {
        let mut supervised = Supervised::new(helper, program)?;
        set_up(supervised.command(), spec, &start, folder);
        let streams = Streams::open(supervised.command(), spec)?;
        return Ok((supervised.spawn()?, streams));
    }
    let _ = sandboxes;
    let mut command = Command::new(program);
    set_up(&mut command, spec, &start, folder);
    let streams = Streams::open(&mut command, spec)?;
    Ok((Leader::spawn(command, streams.console)?, streams))
}

/// Arguments, folder and environment.
fn set_up(command: &mut Command, spec: &CommandSpec, start: &Start, folder: Option<&Folder>) {
    let cwd = folder.map_or_else(|| spec.cwd.clone(), |folder| format!("/proc/self/fd/{}", folder.as_fd().as_raw_fd()));
    command.args(start.argv.iter().skip(1)).current_dir(cwd);
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
        Launched { leader, backend, notes: Vec::new(), on_failure: Vec::new(), output: self.output, input: self.input }
    }
}
