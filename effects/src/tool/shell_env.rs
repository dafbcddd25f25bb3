//! The shell environment: what the user's login shell sets up, taken once, so that commands need not set it up again.
//!
//! The shell is run once, apart from the terminal and bounded. Later commands get its variables as their environment, and
//! the rest (functions, aliases, options, traps) as text in one more variable, which the shell evaluates first. No file is
//! involved that a command could change. A snapshot that does not give the same state when it is tried is refused: the
//! caller then goes on with the login shell. Never decides which commands are started so.
//!
//! Three things that a login shell does are left out: it is not followed into another folder, what it starts in the background
//! is ended with it, and no logout file is run after a command.

mod begin;
pub(in crate::tool) mod cache;
mod clean;
mod path;
mod run;
mod shell;
mod state;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
    panic::resume_unwind,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use quire_state::fault::{Fault, FaultKind};

pub(super) use begin::back;
pub use begin::{Own, begin};
pub use clean::Kept;
pub(super) use run::Starter;
use shell::{PIECES, Shell};
use state::State;

/// How long taking a snapshot may last.
pub const BUDGET: Duration = Duration::from_secs(10);

/// Bytes of one variable; the system takes strings up to 128 KiB.
const PIECE_BYTES: usize = 96 * 1024;

/// What a login shell has set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellEnv {
    program: String,
    shell: Shell,
    /// The environment in which the login shell was started.
    given: Vec<(OsString, OsString)>,
    /// The environment that it made of it.
    variables: Vec<(OsString, OsString)>,
    /// Text that makes up for the rest.
    prelude: Vec<u8>,
    has_aliases: bool,
    /// What start files that are read for every command may set up again.
    unwanted: BTreeSet<String>,
}

/// How to start a command with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// The whole environment: nothing is inherited.
    pub env: Vec<(OsString, OsString)>,
}

impl ShellEnv {
    /// Runs `shell` as a login shell in `cwd` with exactly the environment `env`, and keeps what it sets up, as far as `kept` says.
    /// Names of variables that are not kept as they were are added to `unwanted`, also when nothing is kept in the end. Blocks up to `budget` ([`BUDGET`] is meant); everything that the shell has
    /// started is ended.
    ///
    /// # Errors
    /// When the shell is neither bash nor zsh, does not come to an end, ends by itself, or has a state that cannot be had
    /// without it. Then commands need the login shell itself.
    pub fn take(
        shell: &str,
        env: &[(OsString, OsString)],
        kept: &Kept<'_>,
        cwd: &Path,
        budget: Duration,
        unwanted: &mut BTreeSet<String>,
    ) -> Result<Self, Fault> {
        Self::take_by(shell, env, kept, budget, &|start, end| run::plainly(start, end, cwd), unwanted)
    }

    /// The same, with the shell started by `starter`.
    ///
    /// # Errors
    /// As for [`LoginEnvironment::take`].
    pub(super) fn take_by(
        shell: &str,
        env: &[(OsString, OsString)],
        kept: &Kept<'_>,
        budget: Duration,
        starter: Starter<'_>,
        unwanted: &mut BTreeSet<String>,
    ) -> Result<Self, Fault> {
        let Some(kind) = Shell::of(shell) else {
            return Err(fault(format_args!("`{shell}` is neither bash nor zsh.")));
        };
        let until = Instant::now() + budget;
        let given = env.iter().filter_map(|(name, value)| Some((name.clone(), kept.variable(name, value)?)));
        let given: Vec<_> = given.collect();
        let look = |flags: &[&str], env: &[(OsString, OsString)]| {
            let mark = run::mark();
            let mut argv = vec![shell.to_owned()];
            argv.extend(flags.iter().map(|&flag| flag.to_owned()));
            argv.extend(["-c".to_owned(), kind.script(&mark)]);
            let printed = run::run(Start { argv, env: env.to_vec() }, starter, &mark, until)?;
            State::read(kind, &printed, &mark).ok_or_else(|| fault("the login shell's answer cannot be read."))
        };
        // They need nothing of each other, and a command waits for both.
        let (env, plain) = thread::scope(|both| {
            let plain = both.spawn(|| look(kind.plain(), &without(&given, "BASH_ENV")));
            (look(&["-l"], &given), plain.join())
        });
        let mut env = env?;
        unwanted.extend(env.lost(kept));
        let mut plain = plain.unwrap_or_else(|panic| resume_unwind(panic))?;
        let own = plain.declared_names();
        unwanted.extend(plain.forget(kept, &own));
        env.forget(kept, &own);
        env.keep_path(&given, kept);
        let has_aliases = env.expands_aliases(kind) && env.aliases != plain.aliases;
        let prelude = env.prelude(kind, &plain);
        if prelude.len() > PIECE_BYTES * PIECES.len() {
            return Err(fault("the login shell defines too much."));
        }
        let variables = env.variables(&given);
        let (program, unwanted) = (shell.to_owned(), unwanted.clone());
        let taken = Self { program, shell: kind, given, variables, prelude, has_aliases, unwanted };

        // What is promised is tried: the same questions, asked in a shell that is started our way.
        let mark = run::mark();
        let argv = vec![shell.to_owned(), "-lc".to_owned(), kind.script(&mark)];
        let Some(start) = taken.command(&argv, &[]) else {
            return Err(fault("the snapshot cannot be used."));
        };
        let printed = run::run(start, starter, &mark, until)?;
        let mut again = State::read(kind, &printed, &mark).ok_or_else(|| fault("the snapshot cannot be used."))?;
        again.forget(kept, &own);
        match env.difference(&again) {
            None => Ok(taken),
            Some(what) => Err(fault(format_args!("its {what} cannot be obtained without it."))),
        }
    }

    /// How to start `argv` without a login shell; `None` when it is not `SHELL -lc COMMAND` of this very shell. `env` is what is
    /// set for this command: a variable that the login shell was given with the same value stays as the login shell left it,
    /// any other is set.
    pub fn command(&self, argv: &[String], env: &[(String, String)]) -> Option<Start> {
        let [program, flag, command] = argv else { return None };
        if *program != self.program || flag != "-lc" {
            return None;
        }
        let mut all = self.variables.clone();
        for (name, value) in env {
            let pair = (OsString::from(name), OsString::from(value));
            if !self.given.contains(&pair) {
                all.retain(|(known, _)| *known != pair.0);
                all.push(pair);
            }
        }
        let mut pieces = 0;
        for (name, piece) in PIECES.iter().zip(self.prelude.chunks(PIECE_BYTES)) {
            all.push(((*name).into(), OsString::from_vec(piece.to_vec())));
            pieces += 1;
        }
        let mut start = vec![program.clone()];
        start.extend(self.shell.plain().iter().map(|&flag| flag.to_owned()));
        let words = self.shell.words(command, pieces, self.has_aliases);
        let unset = match self.shell {
            Shell::Bash => String::new(),
            Shell::Zsh => clean::zsh(&self.unwanted.iter().cloned().collect::<Vec<_>>().join(" ")),
        };
        start.extend(["-c".to_owned(), unset + &words]);
        Some(Start { argv: start, env: all })
    }
}

fn without(env: &[(OsString, OsString)], name: &str) -> Vec<(OsString, OsString)> {
    env.iter().filter(|(known, _)| known != name).cloned().collect()
}

fn fault(why: impl std::fmt::Display) -> Fault {
    Fault::new(FaultKind::Spawn, format!("The shell environment was not cached: {why}"))
        .with_hint("Each command starts its own login shell.")
}

/// A word that a shell reads as exactly these bytes.
fn quoted(bytes: &[u8]) -> Vec<u8> {
    let mut word = b"'".to_vec();
    for byte in bytes {
        match byte {
            b'\'' => word.extend(b"'\\''"),
            other => word.push(*other),
        }
    }
    word.push(b'\'');
    word
}

/// The text of a name or value, when it has one.
fn text(bytes: &OsStr) -> Option<&str> {
    std::str::from_utf8(bytes.as_bytes()).ok()
}
