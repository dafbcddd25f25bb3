//! `/copy`: puts the last answer on the clipboard. Ctrl-O does the same.

use super::{Args, Slash};
use crate::{
    cmd::HostEffect,
    engine::Thread,
    screen::ctx::{ScreenCtx, Wish},
};

pub(in crate::screen) const SLASH: Slash =
    Slash { name: "copy", aliases: &[], args: Args::Unread, help: "copy the last answer", available, run };

fn available(ctx: &ScreenCtx<'_>) -> Option<&'static str> {
    let has_answer = ctx.thread.is_some_and(|thread| thread.last_message().is_some());
    (!has_answer).then_some("There is no answer to copy yet.")
}

fn run(ctx: &mut ScreenCtx<'_>, _: &str) {
    if let Some(text) = ctx.thread.and_then(Thread::last_message) {
        ctx.wishes.push(Wish::Host(HostEffect::Copy { text: text.to_owned() }));
    }
}
