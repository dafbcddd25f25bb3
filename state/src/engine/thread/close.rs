//! Closing a thread: its turn is stopped, its commands are ended, everything is written down, and then it is gone. Other
//! threads go on.

use crate::{
    cmd::Notice,
    engine::{Ctx, Fold, Thread, processes, turn::stop},
    key::ThreadId,
};

/// Begins to close a thread.
pub fn begin(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    thread.is_closing = true;
    thread.queue.clear();
    thread.first = None;
    stop::interrupt(ctx, thread);
    processes::kill_all(ctx, thread);
}

/// Takes the threads out that are closing and have nothing left to do.
pub fn finish(ctx: &mut Fold<'_>) {
    let is_done = |thread: &Thread| {
        thread.is_closing
            && thread.running().is_none()
            && thread.processes.is_empty()
            && thread.pending.is_empty()
            && thread.appending.is_empty()
            && thread.naming.is_empty()
            && !thread.undo.is_carrying()
    };
    let done: Vec<ThreadId> = ctx.ids().into_iter().filter(|id| ctx.threads.get(id).is_some_and(is_done)).collect();
    for id in done {
        ctx.threads.remove(&id);
        ctx.engine.active.take_if(|active| *active == id);
        ctx.tell(Notice::ThreadClosed { thread: id });
    }
    if ctx.engine.active.is_none() {
        *ctx.engine.active = ctx.ids().into_iter().next();
    }
}
