//! `/help`: shows the table of keys and commands.

use super::{Args, Slash, always};
use crate::screen::{Popup, ctx::ScreenCtx};

pub(super) const SLASH: Slash =
    Slash { name: "help", aliases: &[], args: Args::Unread, help: "keys and commands", available: always, run };

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    ctx.screen.popup = Some(Popup::Help { scrolled: 0 });
}
