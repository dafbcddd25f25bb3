//! The beginning of a turn.

use std::sync::Arc;

use crate::{
    cmd::Notice,
    engine::{
        Ctx, RequestedPermissions, Running, Step, Thread, Turn,
        thread::persist,
        turn::{context, origin, request, say},
        undo,
    },
    item::{Usage, UserInput},
    key::TurnId,
    rollout::{RolloutItem, TurnContext},
};

/// Starts a turn with what the user said.
pub fn begin(ctx: &mut Ctx<'_>, thread: &mut Thread, input: UserInput) {
    ctx.settings = Arc::clone(&thread.settings);
    let unix_ms = ctx.clock.unix_ms;
    thread.turns += 1;
    let id = TurnId(ctx.ids.uuid(unix_ms));
    persist::begin_session(ctx, thread);
    let window = ctx.settings.config.context_window;
    thread.record(unix_ms, RolloutItem::TurnStarted { turn: id.0.clone(), context_window: window });
    thread.turn = Turn::Running(Box::new(Running {
        id: id.clone(),
        number: thread.turns,
        settings: Arc::clone(&thread.settings),
        started_ms: ctx.clock.mono_ms,
        waited_ms: 0,
        waits_since_ms: None,
        requests: 0,
        step: Step::RunningTools,
        calls: Vec::new(),
        steer: Vec::new(),
        stream_retries: 0,
        usage: Usage::default(),
        plan: None,
        granted: RequestedPermissions::default(),
        widened: Vec::new(),
        last_message: None,
    }));
    ctx.tell(Notice::TurnStarted { thread: thread.id.clone(), turn: id.clone(), number: thread.turns, unix_ms });
    let here = thread.position();
    thread.log.begin(id.clone(), here);
    context::refresh(ctx, thread);
    thread.record(unix_ms, RolloutItem::TurnContext(Box::new(turn_context(ctx, id))));
    undo::begin(ctx, thread, &input.text);
    say::say(ctx, thread, input);
    request::send(ctx, thread);
}

fn turn_context(ctx: &Ctx<'_>, id: TurnId) -> TurnContext {
    TurnContext {
        turn: id.0,
        cwd: ctx.settings.host.cwd.clone(),
        date: context::date(ctx),
        timezone: ctx.settings.host.timezone.clone(),
        approval_policy: ctx.settings.config.approval.as_str().to_owned(),
        sandbox_mode: ctx.settings.config.sandbox.as_str().to_owned(),
        model: ctx.settings.config.model.clone(),
        effort: ctx.settings.config.effort.clone(),
        summary: ctx.settings.config.summary.clone(),
        origin: Some(origin::here(&ctx.settings.config)).filter(|origin| !origin.is_empty()),
    }
}
