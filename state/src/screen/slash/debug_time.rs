//! `/debug-time`: steps back and forth through what has happened in this run.

use super::{Args, Slash, always};
use crate::{
    cmd::HostEffect,
    screen::ctx::{ScreenCtx, Wish},
};

pub(super) const SLASH: Slash = Slash {
    name: "debug-time",
    aliases: &[],
    args: Args::Unread,
    help: "step through the past",
    available: always,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    ctx.wishes.push(Wish::Host(HostEffect::Past));
}
