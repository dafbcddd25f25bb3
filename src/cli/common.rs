//! Options of every way to run a turn. They may stand before or after the subcommand.

use std::path::PathBuf;

use clap::Args;
use quire_state::config::{ApprovalPolicy, SandboxMode};

use super::values::{self, Override};

/// Options of every way to run a turn.
#[derive(Clone, Debug, Default, Args)]
pub struct Common {
    /// Set any configuration key for this run, for instance -c model_reasoning_effort=high.
    ///
    /// The key is dotted; quote segments that hold dots. The value is parsed as TOML, or taken as plain text if that fails.
    #[arg(short = 'c', long = "config", value_name = "KEY=VALUE", value_parser = values::assignment)]
    pub config: Vec<Override>,
    /// The model that answers.
    #[arg(short = 'm', long)]
    pub model: Option<String>,
    /// The profile of the configuration to use.
    #[arg(short = 'p', long)]
    pub profile: Option<String>,
    /// What commands may write and reach.
    #[arg(short = 's', long, value_name = "MODE", value_parser = values::sandbox())]
    pub sandbox: Option<SandboxMode>,
    /// When to ask before a command runs.
    #[arg(
        short = 'a',
        long = "ask-for-approval",
        alias = "approval-policy",
        value_name = "POLICY",
        value_parser = values::approval()
    )]
    pub approval: Option<ApprovalPolicy>,
    /// Run every command without asking and without a sandbox. Only for machines that are isolated already.
    #[arg(long = "dangerously-bypass-approvals-and-sandbox", alias = "yolo")]
    pub bypass: bool,
    /// Work in this folder.
    #[arg(short = 'C', long = "cd", value_name = "FOLDER")]
    pub cd: Option<PathBuf>,
    /// Let the model search the web, on servers that offer a search.
    #[arg(long)]
    pub search: bool,
    /// Turn a feature on for this run, as -c features.NAME=true does.
    #[arg(long, value_name = "FEATURE")]
    pub enable: Vec<String>,
    /// Turn a feature off for this run.
    #[arg(long, value_name = "FEATURE")]
    pub disable: Vec<String>,
    /// Let commands write in this folder too; goes with --sandbox workspace-write. Repeat it for more folders.
    #[arg(long = "add-dir", value_name = "FOLDER")]
    pub add_dir: Vec<PathBuf>,
    /// Attach an image to the prompt. Repeat it, or separate files with commas.
    #[arg(short = 'i', long = "image", value_name = "FILE", value_delimiter = ',')]
    pub images: Vec<PathBuf>,
    /// Use a model on this machine.
    #[arg(long)]
    pub oss: bool,
    /// Which server on this machine to use; goes with --oss.
    #[arg(long, value_name = "SERVER", value_parser = ["ollama", "lmstudio"])]
    pub local_provider: Option<String>,
    /// Use the built-in offline model: no network, no account.
    #[arg(long)]
    pub demo: bool,
    /// Stay in the terminal's own scrollback instead of taking the whole screen.
    #[arg(long)]
    pub no_alt_screen: bool,
    /// Show everything as plain text in reading order, for screen readers.
    #[arg(long)]
    pub screen_reader: bool,
    /// Record this run for `quire debug replay`. The file contains everything that is shown, and no API keys.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

impl Common {
    /// These options with those typed before the subcommand below them: what was typed later wins.
    #[must_use]
    pub(super) fn over(self, before: Self) -> Self {
        Self {
            config: [before.config, self.config].concat(),
            model: self.model.or(before.model),
            profile: self.profile.or(before.profile),
            sandbox: self.sandbox.or(before.sandbox),
            approval: self.approval.or(before.approval),
            bypass: self.bypass || before.bypass,
            cd: self.cd.or(before.cd),
            search: self.search || before.search,
            enable: [before.enable, self.enable].concat(),
            disable: [before.disable, self.disable].concat(),
            add_dir: [before.add_dir, self.add_dir].concat(),
            images: [before.images, self.images].concat(),
            oss: self.oss || before.oss,
            local_provider: self.local_provider.or(before.local_provider),
            demo: self.demo || before.demo,
            no_alt_screen: self.no_alt_screen || before.no_alt_screen,
            screen_reader: self.screen_reader || before.screen_reader,
            record: self.record.or(before.record),
        }
    }
}
