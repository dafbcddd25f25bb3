//! `quire doctor`: what works on this machine and what does not.

use clap::{Args, Subcommand};

/// `doctor` as typed. Without a subcommand it looks at everything.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(subcommand)]
    pub(super) about: Option<About>,
}

/// What `doctor` can look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum About {
    /// Which sandbox commands get here, and why.
    Sandbox,
    /// Which configuration files are read, what is wrong in them, and which keys have no effect yet.
    Config,
    /// Which rules files are read, and what is wrong in them.
    Rules,
}
