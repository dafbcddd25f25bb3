//! `/status`: shows what the session works with.

use super::{Args, Slash, always};
use crate::screen::{
    ctx::ScreenCtx,
    overlay::{Overlay, Status},
};

pub(super) const SLASH: Slash =
    Slash { name: "status", aliases: &[], args: Args::Unread, help: "model, sandbox, tokens", available: always, run };

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    ctx.screen.open(Overlay::Status(Status::default()));
}
