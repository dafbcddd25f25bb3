//! What of a thread goes into its rollout file, and when.

use crate::{
    cmd::{Effect, StoreEffect},
    engine::{Ctx, Thread, thread::settings::ThreadSettings},
    item::Level,
    key::{ThreadId, Work},
    msg::Report,
    rollout::{RolloutItem, RolloutLine, SessionMeta},
};

/// Records that may wait in memory while the disk refuses them; older ones are dropped beyond it.
const UNSAVED_RECORDS: usize = 20_000;

/// Asks for the thread's waiting records to be written, as one append. Called after every step, so what has to wait is
/// written when the append before it is answered.
pub fn flush(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    if ctx.settings.is_ephemeral() {
        thread.pending.clear();
        return;
    }
    // One append at a time: what comes meanwhile goes with the next one, in order, with one wait for the disk.
    if !thread.appending.is_empty() {
        return;
    }
    // While the disk refuses, records gather until a durable point, so that a full disk is not asked at every line.
    if thread.pending.is_empty() || thread.unsaved && !thread.pending_durable {
        return;
    }
    let records = std::mem::take(&mut thread.pending);
    let durable = std::mem::take(&mut thread.pending_durable);
    thread.appends += 1;
    thread.appending.insert(thread.appends, records.clone());
    let effect = StoreEffect::Append { thread: thread.id.clone(), path: thread.path.clone(), records, durable };
    ctx.run(thread.key(Work::Append(thread.appends)), Effect::Store(effect));
}

/// The first record of a new session.
pub fn begin_session(ctx: &Ctx<'_>, thread: &mut Thread) {
    if std::mem::replace(&mut thread.begun, true) {
        return;
    }
    let meta = meta(ctx, &ctx.settings, &thread.id, None);
    thread.pending.insert(0, RolloutLine::new(ctx.clock.unix_ms, RolloutItem::Meta(Box::new(meta))));
}

/// What the first record of a thread says.
pub fn meta(ctx: &Ctx<'_>, settings: &ThreadSettings, id: &ThreadId, forked_from: Option<ThreadId>) -> SessionMeta {
    let (originator, source) = if settings.can_ask() { ("codex-tui", "cli") } else { ("codex_exec", "exec") };
    SessionMeta {
        id: id.clone(),
        started_unix_ms: ctx.clock.unix_ms,
        cwd: settings.host.cwd.clone(),
        originator: originator.to_owned(),
        cli_version: ctx.version.to_owned(),
        source: source.to_owned(),
        model_provider: settings.config.provider.clone(),
        instructions: Some(crate::engine::prompt::base(&settings.config).to_string()),
        forked_from,
    }
}

/// An append has been answered.
pub fn answered(ctx: &mut Ctx<'_>, thread: &mut Thread, number: u64, report: Report) {
    let Some(records) = thread.appending.remove(&number) else {
        never!(ctx, thread, "append {number} is answered, and was not asked for");
        return;
    };
    let Report::Failed(fault) = report else {
        if std::mem::replace(&mut thread.unsaved, false) {
            ctx.note(thread, Level::Info, "The session is being saved again.");
        }
        return;
    };
    let newer = std::mem::replace(&mut thread.pending, records);
    thread.pending.extend(newer);
    let excess = thread.pending.len().saturating_sub(UNSAVED_RECORDS);
    thread.pending.drain(..excess);
    thread.pending_durable = false;
    if !std::mem::replace(&mut thread.unsaved, true) {
        let line = format!("This session is not being saved: {} The work goes on in memory.", fault.line());
        ctx.note(thread, Level::Warning, line);
    }
}
