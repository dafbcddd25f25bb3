//! `/debug-config`: the layers of the configuration, and which value comes from where.

use super::{Args, Slash, always};
use crate::screen::{
    ctx::ScreenCtx,
    overlay::{Overlay, Status, status::Subject},
};

pub(super) const SLASH: Slash = Slash {
    name: "debug-config",
    aliases: &[],
    args: Args::Unread,
    help: "what sets which value",
    available: always,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    ctx.screen.open(Overlay::Status(Status { subject: Subject::Configuration, ..Status::default() }));
}
