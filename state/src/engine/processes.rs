//! Ending commands that run.

use crate::{
    cmd::{CommandEffect, Effect},
    engine::{Ctx, Thread},
    key::{ProcessId, Work},
    limits::KILL_GRACE_MS,
};

/// Ends a command with everything that it started.
pub fn kill(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId) {
    let Some(process) = thread.processes.get_mut(&id) else { return };
    if process.exited.is_some() || std::mem::replace(&mut process.killed, true) {
        return;
    }
    process.writes += 1;
    let number = process.writes;
    let key = thread.key(Work::Write(id, number));
    ctx.run(key, Effect::Command(CommandEffect::Kill { process: id, grace_ms: KILL_GRACE_MS }));
}

/// Ends what a command has left behind that is over itself.
pub fn end_rest(ctx: &mut Ctx<'_>, thread: &Thread, id: ProcessId) {
    // No write has this number: each command is written to far less often.
    let key = thread.key(Work::Write(id, u32::MAX));
    ctx.run(key, Effect::Command(CommandEffect::Kill { process: id, grace_ms: KILL_GRACE_MS }));
}

/// Ends all commands of a thread.
pub fn kill_all(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let ids: Vec<ProcessId> = thread.processes.keys().copied().collect();
    for id in ids {
        kill(ctx, thread, id);
    }
}
