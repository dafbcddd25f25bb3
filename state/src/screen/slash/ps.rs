//! `/ps`: shows which commands run.

use super::{Args, Slash, always};
use crate::{msg::Op, screen::ctx::ScreenCtx};

pub(super) const SLASH: Slash =
    Slash { name: "ps", aliases: &[], args: Args::Unread, help: "running commands", available: always, run };

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    ctx.op(|thread| Op::ListCommands { thread });
}
