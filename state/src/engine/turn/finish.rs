//! The end of a turn: well, or with an error.

use crate::{
    cmd::Notice,
    engine::{Attempt, Ctx, Thread, Turn, TurnEnd, calls::run, sandbox, undo},
    item::{ItemKind, Level},
    rollout::RolloutItem,
};

/// The model is done.
pub fn complete(ctx: &mut Ctx<'_>, thread: &mut Thread) -> Option<TurnEnd> {
    let unix_ms = ctx.clock.unix_ms;
    let mono_ms = ctx.clock.mono_ms;
    let Some(running) = thread.running_mut() else {
        never!(ctx, thread, "a turn is completed, and none runs");
        return None;
    };
    let (id, usage, plan) = (running.id.clone(), running.usage, running.plan);
    let last_message = running.last_message.take();
    let duration_ms = running.worked_ms(mono_ms);
    let local_s = unix_ms.div_euclid(1000) + i64::from(thread.settings.host.utc_offset_s);
    let minute = u16::try_from(local_s.rem_euclid(86_400) / 60).unwrap_or_default();
    if let Some(plan) = plan {
        ctx.close_item(thread, plan, |_| {});
    }
    let item = ctx.add_item(
        thread,
        false,
        ItemKind::TurnEnd { worked_ms: duration_ms, ended: Some(minute), tokens: usage.total_tokens },
    );
    thread.record(
        unix_ms,
        RolloutItem::TurnCompleted { turn: id.0.clone(), last_message: last_message.clone(), duration_ms },
    );
    thread.shown_as(item);
    thread.pending_durable = true;
    undo::look(ctx, thread);
    sandbox::turn_ended(ctx, thread);
    thread.turn = Turn::Idle;
    ctx.tell(Notice::TurnCompleted {
        thread: thread.id.clone(),
        turn: id,
        unix_ms,
        worked_ms: duration_ms,
        usage,
        total: thread.total,
        last_message,
    });
    Some(TurnEnd::Completed)
}

/// The turn cannot go on.
pub fn fail(ctx: &mut Ctx<'_>, thread: &mut Thread, attempt: &Attempt, message: String) -> Option<TurnEnd> {
    cut_open_items(ctx, thread, attempt);
    run::give_outputs(ctx, thread);
    let Some(running) = thread.running_mut() else {
        never!(ctx, thread, "a turn fails, and none runs");
        return None;
    };
    let (turn, plan) = (running.id.clone(), running.plan);
    let steer = std::mem::take(&mut running.steer);
    for input in steer.into_iter().rev() {
        thread.queue.push_front(crate::engine::Queued { input });
    }
    if let Some(plan) = plan {
        ctx.close_item(thread, plan, |_| {});
    }
    thread.record(ctx.clock.unix_ms, RolloutItem::TurnError { message: message.clone() });
    ctx.note_of_record(thread, Level::Error, message.clone());
    thread.pending_durable = true;
    undo::look(ctx, thread);
    sandbox::turn_ended(ctx, thread);
    thread.turn = Turn::Idle;
    ctx.tell(Notice::TurnFailed { thread: thread.id.clone(), turn, unix_ms: ctx.clock.unix_ms, message });
    Some(TurnEnd::Failed)
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
