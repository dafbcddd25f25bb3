//! `quire resume` and `quire fork`.

use clap::Args;

use super::common::Common;

/// `resume` and `fork` as typed.
#[derive(Debug, Args)]
pub(super) struct Resume {
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Which session, and what to say to it.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Take the newest session of this folder. A single word after it is the prompt.
    #[arg(long)]
    pub(super) last: bool,
    /// Id, name or file of the session.
    #[arg(value_name = "SESSION")]
    pub(super) id: Option<String>,
    /// What to say next.
    pub(super) prompt: Option<String>,
}
