//! The end of a turn: well, or with an error.

use crate::{
    cmd::Notice,
    item::{ItemKind, Level},
    model::{Lifecycle, exit_code},
    rollout::RolloutItem,
};

use crate::engine::{Attempt, Ctx, Thread, Turn, calls::run, shutdown, tools::permissions, turn::begin, undo};

/// The model is done.
pub fn complete(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let unix_ms = ctx.clock.unix_ms;
    let mono_ms = ctx.clock.mono_ms;
    let Some(running) = thread.running_mut() else { return };
    let (id, usage, plan) = (running.id.clone(), running.usage, running.plan);
    let last_message = running.last_message.take();
    let duration_ms = running.worked_ms(mono_ms);
    if let Some(plan) = plan {
        ctx.close_item(thread, plan, |_| {});
    }
    ctx.add_item(thread, false, ItemKind::TurnEnd { worked_ms: duration_ms });
    thread.record(unix_ms, RolloutItem::TurnCompleted { turn: id.0, last_message: last_message.clone(), duration_ms });
    thread.pending_durable = true;
    undo::look(ctx, thread);
    permissions::turn_ended(ctx, thread);
    thread.turn = Turn::Idle;
    ctx.tell(Notice::TurnCompleted { thread: thread.id.clone(), usage, total: thread.total, last_message });
    if let Some(next) = thread.queue.pop_front() {
        return begin::begin(ctx, thread, next.input);
    }
    after(ctx, thread, exit_code::OK);
}

/// The turn cannot go on.
pub fn fail(ctx: &mut Ctx<'_>, thread: &mut Thread, attempt: &Attempt, message: String) {
    cut_open_items(ctx, thread, attempt);
    run::give_outputs(ctx, thread);
    let Some(running) = thread.running_mut() else { return };
    let plan = running.plan;
    let steer = std::mem::take(&mut running.steer);
    for input in steer.into_iter().rev() {
        thread.queue.push_front(crate::engine::Queued { input });
    }
    if let Some(plan) = plan {
        ctx.close_item(thread, plan, |_| {});
    }
    ctx.note(thread, Level::Error, message.clone());
    thread.record(ctx.clock.unix_ms, RolloutItem::TurnError { message: message.clone() });
    thread.pending_durable = true;
    undo::look(ctx, thread);
    permissions::turn_ended(ctx, thread);
    thread.turn = Turn::Idle;
    ctx.tell(Notice::TurnFailed { thread: thread.id.clone(), message });
    after(ctx, thread, exit_code::FAILED);
}

/// Finishes whatever a response left open on the screen; what an answer had said so far stays, marked as cut.
pub fn cut_open_items(ctx: &mut Ctx<'_>, thread: &mut Thread, attempt: &Attempt) {
    let open = attempt.items.values().filter(|open| !open.done).filter_map(|open| open.item);
    let open: Vec<_> = attempt.stale.all().into_iter().chain(open).collect();
    for id in open {
        ctx.close_item(thread, id, |kind| {
            if let ItemKind::Agent { cut, .. } = kind {
                *cut = true;
            }
        });
    }
}

/// A face without a user leaves when its turn is over.
pub fn after(ctx: &mut Ctx<'_>, thread: &mut Thread, code: u8) {
    // Whoever has begun to end the program has chosen its exit code.
    if ctx.face.is_interactive() || *ctx.life != Lifecycle::Running {
        return;
    }
    let ids: Vec<_> = thread.processes.keys().copied().collect();
    for id in ids {
        shutdown::kill(ctx, thread, id);
    }
    shutdown::quit(ctx, code);
}
