//! `/rollout`: says which file the session is stored in.

use super::{Args, Slash};
use crate::{
    cmd::StoreEffect,
    screen::ctx::{ScreenCtx, Wish},
};

pub(super) const SLASH: Slash =
    Slash { name: "rollout", aliases: &[], args: Args::Unread, help: "the file of the session", available, run };

fn available(ctx: &ScreenCtx<'_>) -> Option<&'static str> {
    let is_stored = ctx.thread.is_some_and(|thread| !thread.settings.is_ephemeral());
    (!is_stored).then_some("This session is not stored.")
}

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    if let Some(thread) = ctx.thread {
        ctx.wishes.push(Wish::Store(StoreEffect::Locate { thread: thread.id.clone() }));
    }
}
