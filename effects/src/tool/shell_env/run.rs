//! One bounded run of a shell, apart from the terminal, with everything that it starts.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    io::{self, PipeReader, PipeWriter, Read},
    os::fd::AsFd,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use quire_sandbox::leader::{Console, Leader};
use quire_state::fault::Fault;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use super::{Start, fault};

/// Most that start files and answers may print.
const OUTPUT_BYTES: usize = 8 * 1024 * 1024;
/// How often the mark is printed, the last time at the end.
const MARKS: usize = 11;

/// A word that nothing prints by chance.
pub(super) fn mark() -> String {
    let number = || RandomState::new().build_hasher().finish();
    format!("quire-{:016x}{:016x}", number(), number())
}

/// Starts a program with exactly this environment; what it prints goes to the pipe.
pub(crate) type Starter<'a> = &'a (dyn Fn(Start, PipeWriter) -> Result<Leader, Fault> + Sync);

/// Starts it in this folder, without a sandbox.
pub(super) fn plainly(start: Start, end: PipeWriter, cwd: &Path) -> Result<Leader, Fault> {
    let program = start.argv.first().map(String::as_str).unwrap_or_default();
    let mut command = Command::new(program);
    command.args(start.argv.iter().skip(1)).env_clear().envs(start.env).current_dir(cwd);
    command.stdin(Stdio::null()).stdout(end).stderr(Stdio::null());
    Leader::spawn(command, Console::Nothing)
        .map_err(|error| fault(format_args!("`{program}` could not be started: {error}.")))
}

/// Runs a program until it has printed its last mark. What it has started is ended.
pub(super) fn run(start: Start, starter: Starter<'_>, mark: &str, until: Instant) -> Result<Vec<u8>, Fault> {
    let program = start.argv.first().cloned().unwrap_or_default();
    let (mut output, end) =
        io::pipe().map_err(|error| fault(format_args!("`{program}` could not be started: {error}.")))?;
    let leader = starter(start, end)?;
    let mut printed = Vec::new();
    let outcome = read(&mut output, &mut printed, format!("\0{mark}\0").as_bytes(), until);
    leader.tree().ask().finish(Duration::ZERO);
    let code = leader.wait().unwrap_or(-1);
    match outcome {
        Ok(true) => Ok(printed),
        Ok(false) => Err(fault(format_args!("`{program}` ended in its start files, with code {code}."))),
        Err(why) => Err(fault(format_args!("`{program}` {why}"))),
    }
}

/// Whether all marks came before the end.
fn read(output: &mut PipeReader, printed: &mut Vec<u8>, mark: &[u8], until: Instant) -> Result<bool, &'static str> {
    let (mut seen, mut from) = (0, 0);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(|_| "took too long.")?;
        match poll(&mut [PollFd::new(&output.as_fd(), PollFlags::IN)], Some(&timeout)) {
            Ok(0) => return Err("did not finish its start files in time."),
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return Err("cannot be read from."),
        }
        match output.read(&mut buffer) {
            Ok(0) => return Ok(false),
            Ok(count) => printed.extend(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err("cannot be read from."),
        }
        while let Some(at) = printed[from..].windows(mark.len()).position(|window| window == mark) {
            seen += 1;
            from += at + mark.len();
        }
        from = from.max(printed.len().saturating_sub(mark.len() - 1));
        if seen == MARKS {
            return Ok(true);
        }
        if printed.len() > OUTPUT_BYTES {
            return Err("prints too much in its start files.");
        }
    }
}
