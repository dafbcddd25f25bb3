//! Stopping a turn: what streams is cut, what runs is ended and reports its outcome, what was asked is withdrawn.

use crate::{
    cmd::Notice,
    engine::{
        Attempt, CallPhase, CallStep, Ctx, Step, StopReason, Thread, Turn, TurnEnd, audit,
        calls::{close, run, step},
        requests, sandbox, tools,
        turn::{finish, request},
        undo,
    },
    history::{HistoryItem, Role},
    item::{ItemKind, Level},
    rollout::{CommandOutcome, RolloutItem},
};

/// What the model reads at the next request about a turn that was stopped.
const ABORTED: &str = "<turn_aborted>\nThe user interrupted this turn on purpose. Commands may have run partly; background \
                       processes may still run. Look before you go on.\n</turn_aborted>";

/// Stops the running turn, if there is one.
pub fn interrupt(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let stream = request::key(thread);
    let id = thread.id.clone();
    let Some(running) = thread.running_mut() else { return };
    let why = StopReason::Interrupted;
    let attempt = match std::mem::replace(&mut running.step, Step::Stopping { why }) {
        Step::Stopping { .. } => return,
        Step::Streaming(attempt) => {
            if let Some(key) = stream {
                ctx.cancel(key);
            }
            attempt
        }
        Step::Waiting { timer, attempt, .. } => {
            ctx.cancel_timer(&id, timer);
            attempt
        }
        Step::RunningTools => Attempt::default(),
    };
    // What the user had typed in for this turn waits in the queue; what they say from now on is what to do instead.
    for input in std::mem::take(&mut running.steer).into_iter().rev() {
        thread.queue.push_front(crate::engine::Queued { input });
    }
    keep_partial_text(ctx, thread, &attempt);
    finish::cut_open_items(ctx, thread, &attempt);
    stop_calls(ctx, thread);
}

/// What was shown of an unfinished answer stays in the conversation, so that "go on" means something.
fn keep_partial_text(ctx: &Ctx<'_>, thread: &mut Thread, attempt: &Attempt) {
    let open: Vec<_> =
        attempt.stale.all().into_iter().chain(attempt.items.values().filter_map(|open| open.item)).collect();
    for id in open {
        let Some(item) = thread.item(id).filter(|item| item.open) else { continue };
        if let ItemKind::Agent { text, .. } = &item.kind
            && !text.trim().is_empty()
        {
            let text = text.clone();
            thread.push_history(ctx.clock.unix_ms, HistoryItem::message(Role::Assistant, text.clone()));
            thread.shown_as(id);
            thread.record(ctx.clock.unix_ms, RolloutItem::AgentMessage { text: text.into(), phase: None });
        }
    }
}

fn stop_calls(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    let calls = thread.running().map_or_else(Vec::new, |running| running.calls.clone());
    for (at, call) in calls.into_iter().enumerate() {
        let step = match &call.phase {
            CallPhase::Done { .. } => None,
            CallPhase::New => Some(CallStep::done(close::INTERRUPTED)),
            CallPhase::AwaitingApproval { request, action, .. } => {
                requests::close(ctx, thread, *request);
                audit::not_run(ctx, thread, at, action, CommandOutcome::Aborted);
                Some(close::abort(ctx, thread, at, close::INTERRUPTED))
            }
            CallPhase::Persisting { action } => {
                audit::not_run(ctx, thread, at, action, CommandOutcome::Aborted);
                Some(close::abort(ctx, thread, at, close::INTERRUPTED))
            }
            CallPhase::Working(_) => tools::stop(ctx, thread, at),
        };
        if let Some(step) = step {
            step::take(ctx, thread, at, step);
        }
    }
}

/// Everything has ended: closes the turn.
pub fn stopped(ctx: &mut Ctx<'_>, thread: &mut Thread) -> Option<TurnEnd> {
    run::give_outputs(ctx, thread);
    let unix_ms = ctx.clock.unix_ms;
    thread.push_history(unix_ms, HistoryItem::message(Role::User, ABORTED));
    let Some(running) = thread.running_mut() else {
        never!(ctx, thread, "a turn has been stopped, and none runs");
        return None;
    };
    let (id, instead, plan) = (running.id.clone(), std::mem::take(&mut running.steer), running.plan);
    if let Some(plan) = plan {
        ctx.close_item(thread, plan, |_| {});
    }
    let next = next_step(ctx, thread);
    thread.record(unix_ms, RolloutItem::TurnAborted { turn: id.0.clone(), reason: "interrupted".to_owned() });
    ctx.note_of_record(thread, Level::Warning, next);
    thread.pending_durable = true;
    undo::look(ctx, thread);
    sandbox::turn_ended(ctx, thread);
    thread.turn = Turn::Idle;
    ctx.tell(Notice::TurnInterrupted { thread: thread.id.clone(), turn: id, unix_ms });
    Some(TurnEnd::Interrupted { instead })
}

/// What can be done after the stop. A face without a composer leaves, so the session is what is left.
fn next_step(ctx: &Ctx<'_>, thread: &Thread) -> String {
    let id = &thread.id.0;
    match (ctx.settings.can_ask(), ctx.settings.is_ephemeral()) {
        (true, _) => "Interrupted. Say what to do instead.".to_owned(),
        (false, false) => format!(
            "Interrupted. Go on with: quire exec resume {id} \"PROMPT\", or in the interface: quire resume {id}"
        ),
        (false, true) => {
            "Interrupted. The session is not kept (--ephemeral), so begin anew: quire exec \"PROMPT\"".to_owned()
        }
    }
}
