//! `quire sandbox`: run one command behind the walls that the agent's commands get.

use std::{ffi::OsString, path::PathBuf};

use clap::{
    Args, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use quire_sandbox::plan::Profile;
use quire_state::config::SandboxMode;

use super::values;

/// `sandbox` as typed.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = "Without -s and -P the command may read and not write.\n\n\
    Exit code: the command's own; 128 + n when signal n ended it; 127 when it was not found; 125 when the sandbox could \
    not be set up.")]
pub struct Sandbox {
    /// The system whose means are used; this one's if not said.
    #[arg(value_enum)]
    pub system: Option<System>,
    /// What the command may do.
    #[arg(short = 's', long = "sandbox", value_name = "MODE", value_parser = values::sandbox(), conflicts_with = "profile")]
    pub mode: Option<SandboxMode>,
    /// The same by the name of a profile: :read-only, :workspace or :danger-no-sandbox.
    #[arg(short = 'P', long = "permissions-profile", value_name = "PROFILE", value_parser = profile())]
    pub profile: Option<Profile>,
    /// Run it in this folder.
    #[arg(short = 'C', long = "cd", value_name = "DIR")]
    pub cd: Option<PathBuf>,
    /// Put up the walls by this means, and refuse when it does not work.
    #[arg(long, value_enum, hide = true)]
    pub backend: Option<Means>,
    /// The command and its arguments, after `--`.
    #[arg(last = true, required = true, value_name = "CMD")]
    pub argv: Vec<OsString>,
}

/// Systems with a sandbox of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// Namespaces, Landlock and seccomp.
    Linux,
    /// Seatbelt.
    Macos,
}

/// Who puts up the outer walls on Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Means {
    /// The system's bubblewrap.
    Bubblewrap,
    /// Quire itself.
    Native,
    /// Nobody: Landlock and seccomp alone.
    Landlock,
}

fn profile() -> impl TypedValueParser<Value = Profile> {
    let words = PossibleValuesParser::new(Profile::ALL.map(Profile::name));
    words.try_map(|word| Profile::named(&word).ok_or("unknown profile"))
}
