//! The way out of the program: stop the turn, end the commands, write everything down, leave.

use crate::{
    cmd::{Effect, HostEffect},
    engine::{Fold, processes, thread::follow, turn::stop},
    key::{Key, Work},
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
            Key::Thread(_, work) => match work {
                Work::Process(_) | Work::Changes(_) | Work::Append(_) | Work::Rule(_) | Work::Name(_) => true,
                // What a tool must see the end of keeps its turn running.
                Work::Tool(_)
                | Work::Files(_)
                | Work::Request(..)
                | Work::Observe
                | Work::Write(..)
                | Work::Timer(_) => false,
            },
            Key::Trust => true,
            Key::Load(_) | Key::Fork(_) | Key::Host(_) | Key::World => false,
        });
    if !busy {
        *ctx.life = Lifecycle::Left { code };
        let key = ctx.host_key();
        ctx.run(key, Effect::Host(HostEffect::Exit { code }));
    }
}
