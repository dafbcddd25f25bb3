//! `quire debug`: tools for developers of Quire.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use quire_state::msg::Size;

use super::values;

/// `debug` as typed.
#[derive(Debug, Args)]
pub(super) struct Debug {
    #[command(subcommand)]
    pub(super) command: DebugCommand,
}

/// The subcommands of `debug`.
#[derive(Debug, Subcommand)]
pub(super) enum DebugCommand {
    /// Show one moment of a recording made with --record.
    Replay(Replay),
    /// Serve scripted answers of the Responses API on this machine.
    MockResponses(MockResponses),
}

/// `debug replay` as typed.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Replay {
    /// The recording.
    pub file: PathBuf,
    /// Stop after this many messages [default: all].
    #[arg(long, value_name = "N")]
    pub until: Option<usize>,
    /// Use this size instead of the recorded one.
    #[arg(long, value_name = "COLSxROWS", value_parser = values::size)]
    pub size: Option<Size>,
}

/// `debug mock-responses` as typed.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct MockResponses {
    /// The script of the answers.
    #[arg(long, value_name = "FILE")]
    pub script: PathBuf,
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long)]
    pub port: u16,
    /// Append each request to this file, one JSON object per line.
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
}
