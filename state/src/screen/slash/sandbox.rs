//! `/sandbox [M]`: how far commands reach.

use super::{Args, Slash, always, permissions};
use crate::screen::{ctx::ScreenCtx, overlay::permissions::change};

pub(super) const SLASH: Slash = Slash {
    name: "sandbox",
    aliases: &[],
    args: Args::Word {
        words: &["read-only", "workspace-write", "danger-full-access"],
        or_number: false,
        refusal: "Use /sandbox read-only, workspace-write or danger-full-access.",
    },
    help: "how far commands reach",
    available: always,
    run,
};

fn run(ctx: &mut ScreenCtx<'_>, args: &str) {
    match permissions::sandbox_of(args) {
        Ok(sandbox) => change(ctx, None, Some(sandbox)),
        Err(_) => permissions::open(ctx),
    }
}
