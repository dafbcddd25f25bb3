//! The beginning of a turn.

use crate::{
    cmd::{Effect, Notice, StoreEffect},
    engine::{
        Ctx, Running, Step, Thread, Turn,
        thread::persist,
        turn::{context, origin, request},
        undo,
    },
    history::{HistoryItem, Part, Role},
    item::{ItemKind, Usage, UserInput},
    key::TurnId,
    rollout::{RolloutItem, TurnContext},
};

/// Starts a turn with what the user said.
pub fn begin(ctx: &mut Ctx<'_>, thread: &mut Thread, input: UserInput) {
    let unix_ms = ctx.clock.unix_ms;
    thread.turns += 1;
    let id = TurnId(ctx.ids.uuid(unix_ms));
    persist::begin_session(ctx, thread);
    let window = ctx.config.context_window;
    thread.record(unix_ms, RolloutItem::TurnStarted { turn: id.0.clone(), context_window: window });
    thread.turn = Turn::Running(Box::new(Running {
        id: id.clone(),
        number: thread.turns,
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
        granted: crate::engine::tools::permissions::RequestedPermissions::default(),
        widened: Vec::new(),
        last_message: None,
    }));
    ctx.tell(Notice::TurnStarted { thread: thread.id.clone(), turn: thread.turns });
    context::refresh(ctx, thread);
    thread.record(unix_ms, RolloutItem::TurnContext(Box::new(turn_context(ctx, id))));
    undo::begin(ctx, thread, &input.text);
    say(ctx, thread, input);
    request::send(ctx, thread);
}

/// Puts what the user said into transcript, conversation and history file.
pub fn say(ctx: &mut Ctx<'_>, thread: &mut Thread, input: UserInput) {
    let unix_ms = ctx.clock.unix_ms;
    thread.push_history(unix_ms, user_message(&input));
    let images = input.images.iter().map(|image| image.url.clone()).collect();
    thread.record(unix_ms, RolloutItem::UserMessage { text: input.text.clone(), images });
    thread.pending_durable = true;
    if ctx.face.is_interactive() && !ctx.engine.ephemeral {
        let key = ctx.host_key();
        let effect =
            StoreEffect::Remember { thread: thread.id.clone(), text: input.text.clone(), ts: unix_ms.div_euclid(1000) };
        ctx.run(key, Effect::Store(effect));
    }
    ctx.add_item(thread, false, ItemKind::User(input));
}

/// The message on the wire: images first, each between its name tags, then the text.
fn user_message(input: &UserInput) -> HistoryItem {
    let mut content = Vec::with_capacity(1 + 3 * input.images.len());
    for (at, image) in input.images.iter().enumerate() {
        content.push(Part::Text(format!("<image name=[Image #{}]>", at + 1)));
        content.push(Part::Image { url: image.url.clone(), detail: Some("high".to_owned()) });
        content.push(Part::Text("</image>".to_owned()));
    }
    content.push(Part::Text(input.text.clone()));
    HistoryItem::Message { id: None, role: Role::User, content, phase: None }
}

fn turn_context(ctx: &Ctx<'_>, id: TurnId) -> TurnContext {
    TurnContext {
        turn: id.0,
        cwd: ctx.host.cwd.clone(),
        date: context::date(ctx),
        timezone: ctx.host.timezone.clone(),
        approval_policy: ctx.config.approval.as_str().to_owned(),
        sandbox_mode: ctx.config.sandbox.as_str().to_owned(),
        model: ctx.config.model.clone(),
        effort: ctx.config.effort.clone(),
        summary: ctx.config.summary.clone(),
        origin: Some(origin::here(ctx.config)).filter(|origin| !origin.is_empty()),
    }
}
