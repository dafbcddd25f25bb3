//! The name of a thread.

use crate::{
    cmd::{Effect, Notice, Refusal, Reply, StoreEffect},
    engine::{Ctx, Thread},
    item::Level,
    key::Work,
    limits::THREAD_NAME_CHARS,
    msg::Report,
    text::clean,
};

/// Gives a thread a name. It has it once that is written down.
///
/// # Errors
/// [`Refusal::Invalid`] for a name that says nothing or is too long, and for a thread that is not kept.
pub fn rename(ctx: &mut Ctx<'_>, thread: &mut Thread, name: &str) -> Result<Reply, Refusal> {
    let refuse = |why: &str| Err(Refusal::Invalid(why.to_owned()));
    let name = cleaned(name);
    if name.is_empty() {
        return refuse("A name needs at least one character that can be seen.");
    }
    if name.chars().count() > THREAD_NAME_CHARS {
        return Err(Refusal::Invalid(format!("A name has at most {THREAD_NAME_CHARS} characters.")));
    }
    if ctx.settings.is_ephemeral() {
        return refuse("This session is not kept (--ephemeral), so it cannot have a name.");
    }
    if thread.is_closing {
        return Err(Refusal::NoSuchThread);
    }
    ctx.engine.serials.name += 1;
    let number = ctx.engine.serials.name;
    thread.naming.insert(number, name.clone());
    let effect = StoreEffect::Rename { thread: thread.id.clone(), name, unix_ms: ctx.clock.unix_ms };
    ctx.run(thread.key(Work::Name(number)), Effect::Store(effect));
    Ok(Reply::Done)
}

/// A name without what does not print.
pub fn cleaned(name: &str) -> String {
    let clean = clean::clean(name);
    clean.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// A name is written down, or could not be.
pub fn answered(ctx: &mut Ctx<'_>, thread: &mut Thread, number: u64, report: &Report) {
    let Some(name) = thread.naming.remove(&number) else {
        never!(ctx, thread, "name {number} is written down, and was never given");
        return;
    };
    if let Report::Failed(fault) = report {
        let line = format!("The session could not be named \"{name}\". {}", fault.line());
        return ctx.note(thread, Level::Warning, line);
    }
    ctx.tell(Notice::ThreadRenamed { thread: thread.id.clone(), name: name.clone() });
    ctx.note(thread, Level::Info, format!("This session is named \"{name}\"."));
    thread.name = Some(name);
}
