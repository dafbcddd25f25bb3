//! The way out of the program: stop the turn, end the commands, write everything down, leave.

use crate::{
    cmd::{CommandEffect, Effect, HostEffect},
    key::{Key, ProcessId, ThreadId},
    limits::KILL_GRACE_MS,
    model::Lifecycle,
};

use crate::engine::{Ctx, Thread, turn::stop};

/// Begins to end the program. A second call changes nothing but the exit code.
pub fn quit(ctx: &mut Ctx<'_>, code: u8) {
    match *ctx.life {
        Lifecycle::Left { .. } => return,
        Lifecycle::Running | Lifecycle::Ending { .. } => *ctx.life = Lifecycle::Ending { code },
    }
    let ids: Vec<ThreadId> = ctx.engine.threads.keys().cloned().collect();
    for id in ids {
        ctx.with_thread(&id, |ctx, thread| {
            stop::interrupt(ctx, thread);
            let ids: Vec<ProcessId> = thread.processes.keys().copied().collect();
            for id in ids {
                kill(ctx, thread, id);
            }
        });
    }
}

/// Ends a command with everything that it started.
pub fn kill(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId) {
    let Some(process) = thread.processes.get_mut(&id) else { return };
    if process.exited.is_some() || std::mem::replace(&mut process.killed, true) {
        return;
    }
    process.writes += 1;
    let key = Key::Write(id, process.writes);
    ctx.run(key, Effect::Command(CommandEffect::Kill { process: id, grace_ms: KILL_GRACE_MS }));
}

/// Ends what a command has left behind that is over itself.
pub fn end_rest(ctx: &mut Ctx<'_>, id: ProcessId) {
    // No write has this number: each command is written to far less often.
    let key = Key::Write(id, u32::MAX);
    ctx.run(key, Effect::Command(CommandEffect::Kill { process: id, grace_ms: KILL_GRACE_MS }));
}

/// Leaves once nothing that must not be lost is in flight.
pub fn leave_when_done(ctx: &mut Ctx<'_>) {
    let Lifecycle::Ending { code } = *ctx.life else { return };
    let busy = ctx.engine.threads.values().any(|thread| thread.running().is_some())
        || ctx.engine.in_flight.iter().any(|key| match key {
            Key::Command(_) | Key::Patch(_) | Key::Undo(_) | Key::Append(..) | Key::Rule(_) | Key::Trust => true,
            Key::Image(_)
            | Key::HashFiles(_)
            | Key::Turn(..)
            | Key::Write(..)
            | Key::Timer(_)
            | Key::Load(_)
            | Key::Host(_)
            | Key::World => false,
        });
    if !busy {
        *ctx.life = Lifecycle::Left { code };
        let key = ctx.host_key();
        ctx.run(key, Effect::Host(HostEffect::Exit { code }));
    }
}
