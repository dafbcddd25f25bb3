//! The way out of the program: stop the turn, end the commands, write everything down, leave.

use crate::{
    cmd::{Effect, HostEffect},
    engine::{Fold, processes, thread::follow, turn::stop},
    key::Key,
    model::Lifecycle,
};

/// Begins to end the program. A second call changes nothing but the exit code.
pub fn quit(ctx: &mut Fold<'_>, code: u8) {
    match *ctx.life {
        Lifecycle::Left { .. } => return,
        Lifecycle::Running | Lifecycle::Ending { .. } => *ctx.life = Lifecycle::Ending { code },
    }
    ctx.was_ending = true;
    for id in ctx.ids() {
        ctx.with_thread(&id, |ctx, thread| {
            stop::interrupt(ctx, thread);
            follow::advance(ctx, thread);
            processes::kill_all(ctx, thread);
        });
    }
}

/// Leaves once nothing that must not be lost is in flight.
pub fn leave_when_done(ctx: &mut Fold<'_>) {
    let Lifecycle::Ending { code } = *ctx.life else { return };
    let busy = ctx.threads.values().any(|thread| thread.running().is_some())
        || ctx.engine.in_flight.iter().any(|key| match key {
            Key::Command(_) | Key::Patch(_) | Key::Undo(_) | Key::Append(..) | Key::Rule(_) | Key::Trust => true,
            Key::Image(_)
            | Key::HashFiles(_)
            | Key::Turn(..)
            | Key::Observe(_)
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
