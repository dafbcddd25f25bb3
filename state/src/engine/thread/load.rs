//! A stored thread has been read: makes the conversation and the transcript of it, and mends what a crash left open.

use std::sync::Arc;

use crate::{
    cmd::{Notice, Refusal, Reply},
    engine::{
        Ctx, Fold, Queued, Thread, shutdown,
        thread::{
            loading::{Ending, Loading},
            log::Log,
            open,
            settings::ThreadSettings,
        },
    },
    fault::Fault,
    history::{HistoryItem, Role},
    item::Level,
    key::ThreadId,
    model::exit_code,
    msg::{ClientId, Origin},
    rollout::{self, RolloutItem, RolloutLine},
};

mod mend;
mod replay;
mod transcript;

/// What the model reads about a turn that a crash or kill ended.
const CUT_OFF: &str = "<turn_aborted>\nThe program was ended in the middle of this turn. Commands may have run partly. Look before \
                       you go on.\n</turn_aborted>";
/// What the model reads about a turn that ran when the conversation was copied.
const COPIED: &str = "<turn_aborted>\nThis conversation is a copy that was made in the middle of this turn. The turn itself may have gone \
                      on elsewhere, and commands may have run. Look before you go on.\n</turn_aborted>";

/// Opens the stored thread; of its file, lines that could not be read and records that are left out are counted.
pub fn loaded(
    ctx: &mut Fold<'_>,
    target: &str,
    (path, name): (String, Option<String>),
    records: Vec<RolloutLine>,
    [skipped, left_out]: [u64; 2],
) {
    let Some(Loading { origin, settings, first }) = ctx.engine.loading.remove(target) else {
        never!(all: ctx, "`{target}` is read without a request for it");
        return;
    };
    let id = rollout::meta(&records).map(|meta| meta.id.clone());
    let unix_ms = ctx.clock.unix_ms;
    let id = id.unwrap_or_else(|| ThreadId(ctx.ids.uuid(unix_ms)));
    if ctx.threads.get(&id).is_some_and(|open| open.is_closing) {
        let why = "That session is just being closed. Try again in a moment.";
        return refuse(ctx, origin, Refusal::Invalid(why.to_owned()));
    }
    ctx.cmd.reply(origin, Ok(Reply::Thread { thread: id.clone() }));
    if ctx.threads.contains_key(&id) {
        // It is open, and goes on as it is.
        let input = ctx.with_thread(&id, |_, thread| match first {
            Some(input) if thread.running().is_some() => {
                thread.queue.push_back(Queued { input });
                None
            }
            first => first,
        });
        return input.flatten().into_iter().for_each(|input| open::say_first(ctx, &id, input));
    }
    let mut thread = Thread::new(id.clone(), Arc::clone(&settings));
    (thread.path, thread.name) = (Some(path), name);
    thread.begun = true;
    take_up(ctx, thread, records, [skipped, left_out], Ending::Killed);
    if let Some(input) = first {
        open::say_first(ctx, &id, input);
    }
}

/// A stored thread could not be read.
pub fn failed(ctx: &mut Fold<'_>, target: &str, fault: &Fault) {
    let Some(Loading { origin, .. }) = ctx.engine.loading.remove(target) else {
        never!(all: ctx, "`{target}` cannot be read, and there is no request for it");
        return;
    };
    refuse(ctx, origin, Refusal::Invalid(fault.line()));
}

/// Refuses to open a thread. At the start of the program it ends with the reason; else nothing else ends.
pub fn refuse(ctx: &mut Fold<'_>, origin: Origin, refusal: Refusal) {
    let message = refusal.sentence();
    ctx.cmd.reply(origin, Err(refusal));
    if origin.client == ClientId::BOOT {
        ctx.tell(Notice::Fatal { message });
        shutdown::quit(ctx, exit_code::FAILED);
    }
}

/// Opens a thread with these records; lines that could not be read and records that are left out are counted.
pub fn take_up(
    ctx: &mut Fold<'_>,
    mut thread: Thread,
    records: Vec<RolloutLine>,
    [skipped, left_out]: [u64; 2],
    ending: Ending,
) {
    let id = thread.id.clone();
    let settings = Arc::clone(&thread.settings);
    let open_turn = replay::replay(&mut thread, records, &settings.config);
    mend::mend(&mut thread, ctx.clock.unix_ms, ending);
    open::install(ctx, thread, None);
    ctx.with_thread(&id, |ctx, thread| {
        if skipped > 0 {
            let lines = if skipped == 1 { "1 line" } else { "some lines" };
            ctx.note(
                thread,
                Level::Warning,
                format!("The session file has {lines} that could not be read ({skipped}); the rest is here."),
            );
        }
        if left_out > 0 {
            let whole = match ending {
                Ending::Killed => "All of them are in its file.",
                Ending::Copied => "All of them are in the file of the session that it was forked from.",
            };
            let line = format!(
                "The session is longer than what is kept in memory: its oldest entries ({left_out}) are left out here \
                 and for the model. {whole}"
            );
            ctx.note(thread, Level::Warning, line);
        }
        if let Some(turn) = open_turn {
            close_turn(ctx, thread, turn, ending);
        }
    });
}

/// What the user said in these records, by turn.
pub fn turns(records: Vec<RolloutLine>, settings: &Arc<ThreadSettings>) -> Log {
    let mut thread = Thread::new(ThreadId(String::new()), Arc::clone(settings));
    replay::replay(&mut thread, records, &settings.config);
    thread.log
}

/// Closes a turn that was cut off, and says so.
fn close_turn(ctx: &mut Ctx<'_>, thread: &mut Thread, turn: String, ending: Ending) {
    let unix_ms = ctx.clock.unix_ms;
    let (for_model, line) = match ending {
        Ending::Killed => (
            CUT_OFF,
            "The last turn was cut off when the program ended; what it had done is above. Say \"go on\" to continue it.",
        ),
        Ending::Copied => (COPIED, "The last turn was running when this session was forked; it is interrupted here."),
    };
    thread.push_history(unix_ms, HistoryItem::message(Role::User, for_model));
    thread.record(unix_ms, RolloutItem::TurnAborted { turn, reason: "interrupted".to_owned() });
    thread.pending_durable = true;
    ctx.note_of_record(thread, Level::Warning, line);
}
