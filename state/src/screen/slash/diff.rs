//! `/diff`: shows what the last turn changed in the files.

use super::{Args, Slash, always};
use crate::{msg::Op, screen::ctx::ScreenCtx};

pub(super) const SLASH: Slash =
    Slash { name: "diff", aliases: &[], args: Args::Unread, help: "what the turn changed", available: always, run };

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    ctx.op(|thread| Op::Diff { thread });
    ctx.screen.follow_end();
}
