//! `/stop`: ends all commands, or the one of a number.

use super::{Args, Slash, always};
use crate::{key::ProcessId, msg::Op, screen::ctx::ScreenCtx};

pub(super) const SLASH: Slash = Slash {
    name: "stop",
    aliases: &["clean"],
    args: Args::Word { words: &["all"], or_number: true, refusal: "Use /stop, or /stop with a number from /ps." },
    help: "end running commands",
    available: always,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let process = args.parse().ok().map(ProcessId);
    ctx.op(|thread| Op::StopCommands { thread, process });
}
