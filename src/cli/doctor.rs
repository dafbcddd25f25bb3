//! `quire doctor`: what works on this machine and what does not.

use clap::{Args, Subcommand};

/// `doctor` as typed.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(subcommand)]
    pub(super) about: About,
}

/// What `doctor` can look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum About {
    /// Which walls stand around commands here, and why others do not.
    Sandbox,
}
