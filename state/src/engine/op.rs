//! Intents on threads.

use crate::{
    cmd::{Cmd, Way},
    engine::{
        Fold, Queued, approval, jobs, settle, shutdown,
        tools::user_input,
        trust,
        turn::{begin, stop},
        undo,
    },
    limits::QUEUE_ITEMS,
    model::Model,
    msg::Op,
};

/// Carries out an intent.
pub fn apply(model: &mut Model, op: Op) -> Cmd {
    if let Op::Trust { is_used } = op {
        return trust::answer(model, is_used);
    }
    let mut ctx = Fold::of(model);
    route(&mut ctx, op);
    settle::settle(ctx)
}

fn route(ctx: &mut Fold<'_>, op: Op) {
    match op {
        Op::Submit { thread, input } => {
            ctx.with_thread(&thread, |ctx, thread| match thread.running_mut() {
                Some(running) if running.steer.len() < QUEUE_ITEMS => running.steer.push(input),
                Some(_) => {}
                None => begin::begin(ctx, thread, input),
            });
        }
        Op::Queue { thread, input } => {
            ctx.with_thread(&thread, |ctx, thread| {
                if thread.running().is_none() {
                    begin::begin(ctx, thread, input);
                } else if thread.queue.len() < QUEUE_ITEMS {
                    thread.queue.push_back(Queued { input });
                }
            });
        }
        Op::Unqueue { thread } => {
            ctx.with_thread(&thread, |_, thread| thread.queue.pop_back());
        }
        Op::Interrupt { thread } => {
            ctx.with_thread(&thread, stop::interrupt);
        }
        Op::Decide { thread, call, decision } => {
            ctx.with_thread(&thread, |ctx, thread| approval::decide(ctx, thread, &call, decision));
        }
        Op::Answer { thread, call, answers } => {
            ctx.with_thread(&thread, |ctx, thread| user_input::answered(ctx, thread, &call, answers));
        }
        // Carried out above: it is about no thread.
        Op::Trust { .. } => {}
        Op::ListCommands { thread } => {
            ctx.with_thread(&thread, jobs::list);
        }
        Op::StopCommands { thread, process: session } => {
            ctx.with_thread(&thread, |ctx, thread| jobs::stop(ctx, thread, session));
        }
        Op::Diff { thread } => {
            ctx.with_thread(&thread, undo::diff);
        }
        Op::Undo { thread, consent } => {
            ctx.with_thread(&thread, |ctx, thread| undo::carry(ctx, thread, Way::Undo, consent));
        }
        Op::Redo { thread, consent } => {
            ctx.with_thread(&thread, |ctx, thread| undo::carry(ctx, thread, Way::Redo, consent));
        }
        Op::Quit => shutdown::quit(ctx, crate::model::exit_code::OK),
        Op::Terminate { signal } => shutdown::quit(ctx, 128_u8.saturating_add(signal)),
    }
}
