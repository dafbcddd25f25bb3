//! The end of a step: what follows from it in the threads that were worked on, and what of them is written down.

use crate::{
    cmd::Cmd,
    engine::{
        Fold, shutdown,
        thread::{close, follow, fork, persist},
    },
    model::Lifecycle,
};

/// Ends a step, and gives what was asked for in it.
pub fn settle(mut ctx: Fold<'_>) -> Cmd {
    follow(&mut ctx);
    // A thread has ended the program: the others end with it.
    if let Lifecycle::Ending { code } = *ctx.life
        && !ctx.was_ending
    {
        shutdown::quit(&mut ctx, code);
        follow(&mut ctx);
    }
    close::finish(&mut ctx);
    fork::advance(&mut ctx);
    ctx.into_cmd()
}

fn follow(ctx: &mut Fold<'_>) {
    for id in std::mem::take(&mut ctx.touched) {
        ctx.with_thread(&id, |ctx, thread| {
            follow::advance(ctx, thread);
            persist::flush(ctx, thread);
        });
    }
    ctx.touched.clear();
}
