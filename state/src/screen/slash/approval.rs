//! `/approval [M]`: when the user is asked.

use super::{Args, Slash, always, permissions};
use crate::screen::{ctx::ScreenCtx, overlay::permissions::change};

pub(super) const SLASH: Slash = Slash {
    name: "approval",
    aliases: &[],
    args: Args::Word {
        words: &["untrusted", "on-request", "never", "on-failure"],
        or_number: false,
        refusal: "Use /approval untrusted, on-request, never or on-failure.",
    },
    help: "when to ask",
    available: always,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    match permissions::approval_of(args) {
        Ok(approval) => change(ctx, Some(approval), None),
        Err(_) => permissions::open(ctx),
    }
}
