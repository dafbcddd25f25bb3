//! `/help`: shows the table of keys and commands.

use super::{Args, Slash, always};
use crate::screen::{
    ctx::ScreenCtx,
    overlay::{Help, Overlay},
};

pub(super) const SLASH: Slash =
    Slash { name: "help", aliases: &[], args: Args::Unread, help: "keys and commands", available: always, run };

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    ctx.screen.open(Overlay::Help(Help::default()));
}
