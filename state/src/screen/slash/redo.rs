//! `/redo`: brings back what `/undo` took back.

use super::{Slash, always, undo};
use crate::{msg::Op, screen::ctx::ScreenCtx};

pub(super) const SLASH: Slash =
    Slash { name: "redo", aliases: &[], args: undo::ARGS, help: "redo what was undone", available: always, run };

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let consent = undo::consent(args);
    ctx.op(|thread| Op::Redo { thread, consent });
    ctx.screen.follow_end();
}
