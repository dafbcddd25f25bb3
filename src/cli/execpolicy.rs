//! `quire execpolicy`: what rules files say of a command.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `execpolicy` as typed.
#[derive(Debug, Args)]
pub(super) struct Execpolicy {
    #[command(subcommand)]
    pub(super) command: ExecpolicyCommand,
}

/// The subcommands of `execpolicy`.
#[derive(Debug, Subcommand)]
pub(super) enum ExecpolicyCommand {
    /// Say as JSON which rules match a command, and what they decide.
    Check(CheckRules),
}

/// `execpolicy check` as typed.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct CheckRules {
    /// A rules file. Repeat it for more files.
    #[arg(short = 'r', long = "rules", value_name = "FILE", required = true)]
    pub rules: Vec<PathBuf>,
    /// Pretty-print the JSON.
    #[arg(long)]
    pub pretty: bool,
    /// Match an absolute path as the program that a rule names, unless host_executable says otherwise.
    #[arg(long)]
    pub resolve_host_executables: bool,
    /// The command, one argument per word.
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true)]
    pub words: Vec<String>,
}
