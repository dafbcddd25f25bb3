//! `quire features`: the switches of `[features]`.

use clap::{Args, Subcommand};

use super::Common;

/// `features` as typed.
#[derive(Debug, Args)]
pub(super) struct Features {
    #[command(subcommand)]
    command: FeaturesCommand,
}

/// The subcommands of `features`.
#[derive(Debug, Subcommand)]
enum FeaturesCommand {
    /// Say of each feature how mature it is and whether it is on in this folder.
    List(List),
}

/// `features list` as typed.
#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    common: Box<Common>,
}

impl Features {
    /// The options of the run that is meant, those before it included.
    pub(super) fn options(self, before: Common) -> Common {
        let FeaturesCommand::List(List { common }) = self.command;
        common.over(before)
    }
}
