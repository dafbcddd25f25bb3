//! Opening threads: new ones, and stored ones.

use std::sync::Arc;

use crate::{
    cmd::{Effect, Notice, Refusal, Reply, StoreEffect},
    engine::{
        Fold, Thread,
        thread::{
            loading::Loading,
            settings::{SettingsChange, ThreadSettings},
        },
        turn::begin,
    },
    item::{Level, UserInput},
    key::{Key, ThreadId},
    msg::Origin,
};

/// Opens a new thread, and begins its first turn if there is something to say.
pub fn start(ctx: &mut Fold<'_>, change: SettingsChange, first: Option<UserInput>) -> Reply {
    let unix_ms = ctx.clock.unix_ms;
    let id = ThreadId(ctx.ids.uuid(unix_ms));
    let settings = changed(ctx, change);
    install(ctx, Thread::new(id.clone(), settings), first);
    Reply::Thread { thread: id }
}

/// Asks for a stored thread. The intent is answered when it has been read.
///
/// # Errors
/// [`Refusal::Busy`] while the same one is being read.
pub fn resume(
    ctx: &mut Fold<'_>,
    origin: Origin,
    (target, cwd): (String, Option<String>),
    change: SettingsChange,
    first: Option<UserInput>,
) -> Result<(), Refusal> {
    if ctx.engine.loading.contains_key(&target) {
        return Err(Refusal::Busy);
    }
    let settings = changed(ctx, change);
    ctx.engine.loading.insert(target.clone(), Loading { origin, settings, first });
    ctx.run(Key::Load(target.clone()), Effect::Store(StoreEffect::Load { target, cwd }));
    Ok(())
}

/// The settings of new threads, with a change.
fn changed(ctx: &Fold<'_>, change: SettingsChange) -> Arc<ThreadSettings> {
    let mut settings = Arc::clone(ctx.defaults);
    if change != SettingsChange::default() {
        Arc::make_mut(&mut settings).change(change);
    }
    settings
}

/// Adds a thread, and begins its first turn if there is something to say.
pub fn install(ctx: &mut Fold<'_>, thread: Thread, first: Option<UserInput>) {
    let id = thread.id.clone();
    ctx.tell(Notice::ThreadStarted {
        thread: id.clone(),
        forked_from: thread.forked_from.clone(),
        items: thread.items.clone(),
    });
    let is_first = ctx.engine.active.is_none();
    ctx.threads.insert(id.clone(), thread);
    if is_first {
        *ctx.engine.active = Some(id.clone());
        ctx.with_thread(&id, |ctx, thread| {
            for warning in ctx.settings.config.warnings.clone() {
                ctx.tell(Notice::Warning { message: warning.clone() });
                ctx.note(thread, Level::Warning, warning);
            }
            for note in ctx.settings.config.notes.clone() {
                ctx.note(thread, Level::Info, note);
            }
        });
    }
    if let Some(input) = first {
        say_first(ctx, &id, input);
    }
}

/// Begins the first turn; it waits while it is not answered whether the folder is to be trusted.
pub fn say_first(ctx: &mut Fold<'_>, id: &ThreadId, input: UserInput) {
    let waits = ctx.engine.news.is_some();
    ctx.with_thread(id, |ctx, thread| match waits {
        true => thread.first = Some(input),
        false => begin::begin(ctx, thread, input),
    });
}
