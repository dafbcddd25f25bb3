//! `/fork [TARGET|last]`: goes on with a copy of this session, or of a stored one.

use super::{Args, Slash, between_turns};
use crate::screen::{
    ctx::ScreenCtx,
    overlay::sessions::{self, Purpose},
};

pub(super) const SLASH: Slash =
    Slash { name: "fork", aliases: &[], args: Args::Own, help: "go on in a copy", available: between_turns, run };

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    match args {
        "" => {
            if let Some(thread) = ctx.thread {
                sessions::go_on(ctx, thread.id.0.clone(), true);
            }
        }
        "last" => sessions::open(ctx, Purpose::ForkNewest),
        target => sessions::go_on(ctx, target.to_owned(), true),
    }
}
