//! `/quit`: leaves.

use super::{Args, Slash, always};
use crate::{
    msg::Op,
    screen::ctx::{ScreenCtx, Wish},
};

pub(super) const SLASH: Slash =
    Slash { name: "quit", aliases: &["exit"], args: Args::Unread, help: "exit Quire", available: always, run };

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    ctx.wishes.push(Wish::Op(Op::Quit));
}
