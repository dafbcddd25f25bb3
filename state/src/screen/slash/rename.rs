//! `/rename NAME`: gives the session a name, by which it is listed and can be resumed.

use super::{Args, Slash, always};
use crate::{msg::Op, screen::ctx::ScreenCtx};

pub(super) const SLASH: Slash = Slash {
    name: "rename",
    aliases: &[],
    args: Args::Text { refusal: "Type a name after it: /rename NAME." },
    help: "name the session",
    available: always,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let name = args.to_owned();
    ctx.op(|thread| Op::RenameThread { thread, name });
    ctx.screen.follow_end();
}
