//! `/resume [TARGET|last]`: goes on with a stored session.

use super::{Args, Slash, between_turns};
use crate::screen::{
    ctx::ScreenCtx,
    overlay::sessions::{self, Purpose},
};

pub(super) const SLASH: Slash = Slash {
    name: "resume",
    aliases: &["sessions"],
    args: Args::Own,
    help: "open a stored session",
    available: between_turns,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    match args {
        "" => sessions::open(ctx, Purpose::Resume),
        "last" => sessions::open(ctx, Purpose::ResumeNewest),
        target => sessions::go_on(ctx, target.to_owned(), false),
    }
}
