//! Copying a conversation into a thread of its own, with an own id and an own file. The copy is made of what is written down, so a
//! thread that is open is waited for until all that it has recorded is. What its turns changed in files stays the source's.

use std::sync::Arc;

use crate::{
    cmd::{Effect, Refusal, Reply, StoreEffect},
    engine::{
        Fold, Thread,
        thread::{
            forking::{Forking, Source},
            load,
            loading::Ending,
            open, persist,
            settings::{SettingsChange, ThreadSettings},
        },
        undo::state::Undoing,
    },
    item::UserInput,
    key::{Key, ThreadId},
    msg::{ForkPoint, ForkSource, Origin, Report, StoreReport},
    rollout::{self, RolloutItem, RolloutLine},
};

/// Asks for a copy. The intent is answered when it is there.
///
/// # Errors
/// [`Refusal::Invalid`] for an open thread of which nothing is written down.
pub fn fork(
    ctx: &mut Fold<'_>,
    origin: Origin,
    source: ForkSource,
    change: SettingsChange,
    first: Option<UserInput>,
) -> Result<(), Refusal> {
    let ForkSource { target, cwd, at } = source;
    let source = match open_source(ctx, &ThreadId(target.clone())) {
        Some(source) => source?,
        None => Source::Stored { target, cwd },
    };
    enter(ctx, Forking { origin, source, at, change, first, is_reading: false });
    Ok(())
}

/// The thread of this id, if it is open.
fn open_source(ctx: &mut Fold<'_>, id: &ThreadId) -> Option<Result<Source, Refusal>> {
    ctx.with_thread(id, |_, thread| {
        if thread.settings.is_ephemeral() {
            return Err(invalid("This session is not kept (--ephemeral), so it cannot be forked."));
        }
        if !thread.begun {
            return Err(invalid("Nothing has been said in this session yet, so there is nothing to fork."));
        }
        Ok(Source::Open(thread.id.clone(), thread.last_append()))
    })
}

fn invalid(why: &str) -> Refusal {
    Refusal::Invalid(why.to_owned())
}

fn enter(ctx: &mut Fold<'_>, forking: Forking) {
    ctx.engine.serials.fork += 1;
    let number = ctx.engine.serials.fork;
    ctx.engine.forks.insert(number, forking);
}

/// Reads the sources that are written down by now.
pub fn advance(ctx: &mut Fold<'_>) {
    let waiting = ctx.engine.forks.iter().filter(|(_, forking)| !forking.is_reading).map(|(number, _)| *number);
    for number in waiting.collect::<Vec<u64>>() {
        let Some(forking) = ctx.engine.forks.get(&number) else { continue };
        let (target, cwd) = match &forking.source {
            Source::Stored { target, cwd } => (target.clone(), cwd.clone()),
            Source::Open(id, append) => match ctx.threads.get(id) {
                Some(thread) if thread.unsaved => {
                    let origin = forking.origin;
                    ctx.engine.forks.remove(&number);
                    let why = "This session is not being saved, so it cannot be forked.";
                    load::refuse(ctx, origin, invalid(why));
                    continue;
                }
                #[cfg(not(feature = "planted-bugs"))]
                Some(thread) if !thread.is_appended(*append) => continue,
                #[cfg(feature = "planted-bugs")]
                Some(thread) if !thread.is_appended(*append) && !crate::planted::is("early-fork") => continue,
                Some(thread) => (thread.path.clone().unwrap_or_else(|| id.0.clone()), None),
                // It was closed meanwhile, with everything written down.
                None => (id.0.clone(), None),
            },
        };
        if let Some(forking) = ctx.engine.forks.get_mut(&number) {
            forking.is_reading = true;
        }
        ctx.run(Key::Fork(number), Effect::Store(StoreEffect::Read { target, cwd }));
    }
}

/// The source has been read, or could not be.
pub fn read(ctx: &mut Fold<'_>, number: u64, report: Report) {
    let Some(forking) = ctx.engine.forks.remove(&number) else {
        never!(all: ctx, "thread {number} is read, and no copy of it was asked for");
        return;
    };
    match report {
        Report::Store(StoreReport::Loaded { records, skipped, left_out, .. }) => {
            if let Err((origin, refusal)) = copied(ctx, forking, records, [skipped, left_out]) {
                load::refuse(ctx, origin, refusal);
            }
        }
        Report::Failed(fault) => load::refuse(ctx, forking.origin, Refusal::Invalid(fault.line())),
        Report::Store(
            StoreReport::Appended
            | StoreReport::Located { .. }
            | StoreReport::Listed(_)
            | StoreReport::Searched { .. }
            | StoreReport::Told(_)
            | StoreReport::Saved { .. },
        )
        | Report::Model(_)
        | Report::Command(_)
        | Report::Tool(_)
        | Report::FileDigests(_)
        | Report::Undo(_)
        | Report::Host(_)
        | Report::Elapsed => {
            load::refuse(ctx, forking.origin, invalid("Reading the session to fork gave no answer."));
        }
    }
}

fn copied(
    ctx: &mut Fold<'_>,
    mut forking: Forking,
    records: Vec<RolloutLine>,
    gaps: [u64; 2],
) -> Result<(), (Origin, Refusal)> {
    let origin = forking.origin;
    let refuse = |refusal| (origin, refusal);
    let source = rollout::meta(&records).map(|meta| meta.id.clone());
    let source = source.ok_or_else(|| refuse(invalid("The file of this session does not say whose it is.")))?;
    if let (Source::Stored { .. }, true) = (&forking.source, ctx.threads.contains_key(&source)) {
        // It is open, and was named in another way than by its id: what it has recorded since is waited for.
        if let Some(open) = open_source(ctx, &source) {
            forking = Forking { source: open.map_err(refuse)?, is_reading: false, ..forking };
            enter(ctx, forking);
        }
        return Ok(());
    }
    let mut settings =
        ctx.threads.get(&source).map_or_else(|| Arc::clone(ctx.defaults), |open| Arc::clone(&open.settings));
    if forking.change != SettingsChange::default() {
        Arc::make_mut(&mut settings).change(forking.change);
    }
    let records = cut(records, &forking.at, &settings).ok_or_else(|| refuse(Refusal::NoSuchTurn))?;
    let unix_ms = ctx.clock.unix_ms;
    let id = ThreadId(ctx.ids.uuid(unix_ms));
    let mut thread = Thread::new(id.clone(), settings);
    let meta = persist::meta(ctx, &thread.settings, &id, Some(source));
    let meta = RolloutLine::new(unix_ms, RolloutItem::Meta(Box::new(meta)));
    let records: Vec<RolloutLine> = std::iter::once(meta).chain(records).collect();
    thread.pending.clone_from(&records);
    (thread.begun, thread.pending_durable) = (true, true);
    ctx.cmd.reply(origin, Ok(Reply::Thread { thread: id.clone() }));
    load::take_up(ctx, thread, records, gaps, Ending::Copied);
    // What the turns of the source changed in files is not the copy's to take back.
    ctx.with_thread(&id, |_, thread| thread.undo = Undoing::default());
    if let Some(input) = forking.first {
        open::say_first(ctx, &id, input);
    }
    Ok(())
}

/// The records up to a point; `None` when the turn that it names is none of the conversation.
fn cut(mut records: Vec<RolloutLine>, at: &ForkPoint, settings: &Arc<ThreadSettings>) -> Option<Vec<RolloutLine>> {
    let (turn, is_kept) = match at {
        ForkPoint::End => return Some(records),
        ForkPoint::Through(turn) => (turn, true),
        ForkPoint::Before(turn) => (turn, false),
    };
    if !load::turns(records.clone(), settings).has(turn) {
        return None;
    }
    let begins = |stamped: &RolloutLine| matches!(&stamped.item, RolloutItem::TurnStarted { .. });
    let names =
        |stamped: &RolloutLine| matches!(&stamped.item, RolloutItem::TurnStarted { turn: id, .. } if *id == turn.0);
    let begin = records.iter().rposition(names)?;
    let end = if is_kept {
        let next = records.iter().skip(begin + 1).position(begins);
        next.map_or(records.len(), |next| begin + 1 + next)
    } else {
        begin
    };
    records.truncate(end);
    Some(records)
}
