//! `/history`: the whole transcript, at the last prompt or at an earlier one.

use super::{Args, Slash, always};
use crate::screen::{
    ctx::ScreenCtx,
    overlay::{Overlay, Pager},
};

pub(super) const SLASH: Slash = Slash {
    name: "history",
    aliases: &[],
    args: Args::Word {
        words: &[],
        or_number: true,
        refusal: "Use /history, or /history with a number: 2 is the prompt before the last.",
    },
    help: "read from a prompt on",
    available: always,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    let back = args.parse().unwrap_or(1);
    ctx.screen.open(Overlay::Pager(Pager::at_prompt(ctx.thread, back)));
}
