//! `quire exec`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{common::Common, resume::Which};

/// `exec` as typed.
#[derive(Debug, Args)]
#[command(subcommand_precedence_over_arg = true)]
pub(super) struct Exec {
    #[command(subcommand)]
    pub(super) command: Option<ExecCommand>,
    #[command(flatten)]
    pub(super) options: ExecOptions,
    #[command(flatten)]
    pub(super) common: Common,
    /// What to do. `-`, or nothing, reads it from standard input; text piped in with a prompt is added to it.
    pub(super) prompt: Option<String>,
}

/// The subcommands of `exec`.
#[derive(Debug, Subcommand)]
pub(super) enum ExecCommand {
    /// Continue an earlier session.
    Resume(Box<ExecResume>),
    /// Continue a copy of an earlier session, which stays as it is.
    Fork(Box<ExecResume>),
}

/// `exec resume` and `exec fork` as typed.
#[derive(Debug, Args)]
pub(super) struct ExecResume {
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    pub(super) options: ExecOptions,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Options of `exec` alone.
#[derive(Clone, Debug, Default, Args)]
pub struct ExecOptions {
    /// Print events as JSON, one object per line, instead of text.
    #[arg(long, alias = "experimental-json")]
    pub json: bool,
    /// Also run outside a git repository.
    #[arg(long)]
    pub skip_git_repo_check: bool,
    /// Do not save a session.
    #[arg(long)]
    pub ephemeral: bool,
    /// A JSON schema that the final answer must match.
    #[arg(long, value_name = "FILE")]
    pub output_schema: Option<PathBuf>,
    /// Also write the final answer to this file.
    #[arg(short = 'o', long = "output-last-message", value_name = "FILE")]
    pub last_message: Option<PathBuf>,
    /// When to use colours [default: auto].
    #[arg(long, value_name = "WHEN")]
    pub color: Option<Color>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// Always.
    Always,
    /// Never.
    Never,
    /// Only when the output is a terminal.
    Auto,
}

impl ExecOptions {
    /// These options with those typed before the subcommand: what was typed later wins.
    #[must_use]
    pub(super) fn over(self, before: Self) -> Self {
        Self {
            json: self.json || before.json,
            skip_git_repo_check: self.skip_git_repo_check || before.skip_git_repo_check,
            ephemeral: self.ephemeral || before.ephemeral,
            output_schema: self.output_schema.or(before.output_schema),
            last_message: self.last_message.or(before.last_message),
            color: self.color.or(before.color),
        }
    }
}
