//! `quire sandbox`: one command in the sandbox of a plan. Its exit code is ours.

mod plan;

use std::{
    env,
    ffi::OsString,
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

use quire_effects::tool::environment::inherited;

use crate::{
    cli::{self, System},
    exit::{Failure, Outcome},
};

/// The exit codes of shells for programs that cannot be executed, and that are not there.
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;

/// Runs the command to its end.
///
/// # Errors
/// When the folder or the means of the system are missing.
pub fn run(options: &cli::Sandbox) -> Result<u8, Failure> {
    if let Some(system) = options.system.filter(|system| !is_here(*system)) {
        let (wanted, here) = (name(system), env::consts::OS);
        return Err(Failure::usage(format!(
            "The sandbox of {wanted} is not available on {here}. Leave `{wanted}` out."
        )));
    }
    let cwd = folder(options.cd.as_deref())?;
    let plan::Prepared { plan, policy, secrets } = plan::plan(options, &cwd)?;
    let env: Vec<(OsString, OsString)> = inherited(Some(&policy), &secrets, env::vars_os());
    match plan {
        Some(plan) => confined(&plan, options, &env),
        None => Ok(plain(&cwd, options, &env)),
    }
}

pub(crate) fn home() -> Option<PathBuf> {
    let named = env::var_os("CODEX_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let path = named.or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".codex")))?;
    std::path::absolute(path).ok()
}

fn folder(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let path = match named {
        Some(path) => path.to_owned(),
        None => env::current_dir()
            .map_err(|error| Failure::new(format!("The working folder cannot be found: {error}. Use --cd DIR.")))?,
    };
    path.canonicalize()
        .map_err(|error| Failure::new(format!("The folder `{}` cannot be entered: {error}.", path.display())))
}

/// Becomes the command.
fn plain(cwd: &Path, options: &cli::Sandbox, env: &[(OsString, OsString)]) -> u8 {
    let [program, arguments @ ..] = options.argv.as_slice() else { return Outcome::NoSandbox.code() };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(cwd).env_clear().envs(env.iter().map(|(name, value)| (name, value)));
    let error = command.exec();
    let shown = program.to_string_lossy();
    Failure::new(format!("`{shown}` could not be executed: {error}.")).report();
    program_code(error.raw_os_error())
}

fn program_code(errno: Option<i32>) -> u8 {
    let kind = errno.map(|errno| io::Error::from_raw_os_error(errno).kind());
    if kind == Some(io::ErrorKind::NotFound) { NOT_FOUND } else { NOT_EXECUTABLE }
}

fn is_here(system: System) -> bool {
    match system {
        System::Linux => cfg!(target_os = "linux"),
        System::Macos => cfg!(target_os = "macos"),
    }
}

fn name(system: System) -> &'static str {
    match system {
        System::Linux => "linux",
        System::Macos => "macos",
    }
}

#[cfg(target_os = "linux")]
pub(crate) use on_linux::{confined, means};

#[cfg(target_os = "linux")]
mod on_linux {
    use std::{
        ffi::OsString,
        io::{self, PipeReader, Read},
        sync::{Arc, atomic::AtomicBool},
        thread,
        time::Duration,
    };

    use quire_sandbox::{
        confine::{Backend, Sandbox, persistently},
        leader::Console,
        plan::Plan,
        refusal::RefusalKind,
    };
    use rustix::process::Signal;

    use super::{home, program_code};
    use crate::{
        cli::{self, Means},
        exit::{Failure, Outcome},
    };

    /// Time between asking the command to end and force.
    const GRACE: Duration = Duration::from_secs(1);

    /// Signals to us that are meant for the command. Keys (Ctrl-C, Ctrl-\) reach it by themselves.
    struct SignalReader(PipeReader);

    impl SignalReader {
        fn open() -> Result<Self, Failure> {
            Self::listen().map_err(|error| Failure::new(format!("Signals cannot be received: {error}.")))
        }

        fn listen() -> io::Result<Self> {
            let (heard, tell) = io::pipe()?;
            for signal in [Signal::TERM, Signal::HUP] {
                signal_hook::low_level::pipe::register(signal.as_raw(), tell.try_clone()?)?;
            }
            for signal in [Signal::INT, Signal::QUIT] {
                signal_hook::flag::register(signal.as_raw(), Arc::new(AtomicBool::new(false)))?;
            }
            Ok(Self(heard))
        }

        /// Ends the command when we are asked to end.
        fn follow(mut self, end: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
            let listen = move || {
                if self.0.read(&mut [0]).is_ok_and(|count| count > 0) {
                    end();
                }
            };
            thread::Builder::new()
                .name("quire-signals".to_owned())
                .spawn(listen)
                .map(drop)
                .map_err(|error| Failure::new(format!("No thread can be started: {error}.")))
        }
    }

    /// The means of this machine, with this program as the inner stage.
    pub(crate) fn means() -> Result<Sandbox, Failure> {
        let registry = home().map(|home| home.join("reserved"));
        Sandbox::new("/proc/self/exe".as_ref(), registry)
            .map_err(|error| Failure::new(format!("Quire cannot find its own program: {error}. Is /proc mounted?")))
    }

    fn prescribed(sandbox: Sandbox, means: Option<Means>) -> Result<Sandbox, Failure> {
        Ok(match means {
            None => sandbox,
            Some(Means::Native) => sandbox.with(Backend::Native),
            Some(Means::Landlock) => sandbox.with(Backend::Reduced),
            Some(Means::Bubblewrap) => match Backend::bubblewrap() {
                Some(backend) => sandbox.with(backend),
                None => return Err(Failure::new("Not run: bubblewrap is not installed in a folder of the system.")),
            },
        })
    }

    pub(crate) fn confined(plan: &Plan, options: &cli::Sandbox, env: &[(OsString, OsString)]) -> Result<u8, Failure> {
        let sandbox = prescribed(means()?, options.backend)?;
        let signals = SignalReader::open()?;
        let started = persistently(plan, |plan| {
            let confined = sandbox.prepare(plan, &options.argv, env.to_vec())?;
            let notes = confined.notes().to_vec();
            Ok(confined.spawn(Console::Shared).map(|leader| (leader, notes)))
        });
        let leader = match started.flatten() {
            Ok(((leader, notes), note)) => {
                notes.iter().chain(&note).for_each(|note| crate::exit::note(note));
                leader
            }
            Err(refusal) => {
                Failure::new(&refusal.message).report();
                let is_program = refusal.kind == RefusalKind::Program;
                return Ok(if is_program { program_code(refusal.errno) } else { Outcome::NoSandbox.code() });
            }
        };
        let tree = leader.tree();
        signals.follow(move || tree.ask().finish(GRACE))?;
        let cut = leader.cut();
        let code = leader.wait().map_err(|error| Failure::new(format!("The command was lost: {error}.")))?;
        if let Some(cut) = cut.get() {
            crate::exit::note(cut);
        }
        Ok(u8::try_from(code).unwrap_or(Outcome::NoSandbox.code()))
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn confined(
    _plan: &quire_sandbox::plan::Plan,
    _options: &cli::Sandbox,
    _env: &[(OsString, OsString)],
) -> Result<u8, Failure> {
    Err(Failure::new(format!(
        "Not run: there is no sandbox for {} yet. Use -s danger-full-access to run it without.",
        env::consts::OS
    )))
}
