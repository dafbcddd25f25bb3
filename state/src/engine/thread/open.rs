//! Opening the thread that the program works on.

use std::sync::Arc;

use crate::{
    boot::Open,
    cmd::{Cmd, Effect, Notice, StoreEffect},
    engine::{Fold, Thread, settle, turn::begin},
    item::UserInput,
    key::{Key, ThreadId},
    model::Model,
};

/// Opens a new thread and begins its first turn, or asks for a stored one.
pub fn open(model: &mut Model, open: &Open, first: Option<UserInput>) -> Cmd {
    let mut ctx = Fold::of(model);
    match open {
        Open::New => {
            let unix_ms = ctx.clock.unix_ms;
            let id = ThreadId(ctx.ids.uuid(unix_ms));
            let thread = Thread::new(id, Arc::clone(ctx.defaults));
            install(&mut ctx, thread, first);
        }
        Open::Stored { target, cwd } => {
            *ctx.engine.waiting_first = first;
            let effect = StoreEffect::Load { target: target.clone(), cwd: cwd.clone() };
            ctx.run(Key::Load(target.clone()), Effect::Store(effect));
        }
    }
    let cmd = settle::settle(ctx);
    crate::update::booted(model, &cmd);
    cmd
}

/// Makes a thread the one that the program works on, and begins its first turn if there is something to say.
pub fn install(ctx: &mut Fold<'_>, thread: Thread, first: Option<UserInput>) {
    let id = thread.id.clone();
    ctx.tell(Notice::ThreadStarted { thread: id.clone(), items: thread.items.clone() });
    ctx.threads.insert(id.clone(), thread);
    *ctx.engine.active = Some(id.clone());
    for warning in ctx.settings.config.warnings.clone() {
        ctx.tell(Notice::Warning { message: warning.clone() });
        ctx.with_thread(&id, |ctx, thread| ctx.note(thread, crate::item::Level::Warning, warning));
    }
    for note in ctx.settings.config.notes.clone() {
        ctx.with_thread(&id, |ctx, thread| ctx.note(thread, crate::item::Level::Info, note));
    }
    if let Some(input) = first {
        say_first(ctx, &id, input);
    }
}

/// Begins the first turn; it waits while it is not answered whether the folder is to be trusted.
pub fn say_first(ctx: &mut Fold<'_>, id: &ThreadId, input: UserInput) {
    if ctx.engine.news.is_some() {
        *ctx.engine.waiting_first = Some(input);
    } else {
        ctx.with_thread(id, |ctx, thread| begin::begin(ctx, thread, input));
    }
}
