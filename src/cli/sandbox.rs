//! `quire sandbox`: run one command in the sandbox that the agent's commands get.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, ValueEnum};
use quire_state::config::SandboxMode;

use super::values::{self, Override};

/// `sandbox` as typed.
#[derive(Clone, Debug, PartialEq, Args)]
#[command(
    after_help = "Without -s and -P the configuration decides (default_permissions, sandbox_mode); by default the command may read but not write.\n\n\
    Exit code: the command's own; 128 + n when signal n ended it; 127 when it was not found; 125 when the sandbox could \
    not be set up."
)]
pub struct Sandbox {
    /// The operating system whose sandbox is used [default: this one].
    #[arg(value_enum)]
    pub system: Option<System>,
    /// What the command may do.
    #[arg(short = 's', long = "sandbox", value_name = "MODE", value_parser = values::sandbox(), conflicts_with = "profile")]
    pub mode: Option<SandboxMode>,
    /// The same, by the name of a permission profile: a table [permissions.NAME], or :read-only, :workspace,
    /// :danger-no-sandbox.
    #[arg(short = 'P', long = "permissions-profile", alias = "permission-profile", value_name = "NAME")]
    pub profile: Option<String>,
    /// Set any configuration key for this run, for instance -c sandbox_workspace_write.network_access=true.
    #[arg(short = 'c', long = "config", value_name = "KEY=VALUE", value_parser = values::assignment)]
    pub config: Vec<Override>,
    /// The profile of the configuration to use.
    #[arg(short = 'p', long = "profile", value_name = "PROFILE")]
    pub layer: Option<String>,
    /// Run it in this folder.
    #[arg(short = 'C', long = "cd", value_name = "DIR")]
    pub cd: Option<PathBuf>,
    /// Set up the sandbox by this means, and refuse when it does not work.
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

/// Who sets up the outer layers on Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Means {
    /// The system's bubblewrap.
    Bubblewrap,
    /// Quire itself.
    Native,
    /// None: Landlock and seccomp alone.
    Landlock,
}
