//! Intents, and the one answer to each.

use std::sync::Arc;

use crate::{
    changes::Consent,
    cmd::{Cmd, Refusal, Reply, Way},
    engine::{
        Ctx, Fold, Queued, Thread, jobs, respond, settle, shutdown,
        thread::{close, fork, open, rename, rollback, settings::SettingsChange},
        turn::{begin, stop},
        undo, user_shell,
    },
    item::UserInput,
    key::{ThreadId, TurnId},
    limits::QUEUE_ITEMS,
    model::{Model, exit_code},
    msg::{Op, Origin},
};

/// Carries out an intent, and answers it.
pub fn apply(model: &mut Model, origin: Origin, op: Op) -> Cmd {
    let mut ctx = Fold::of(model);
    if let Some(reply) = route(&mut ctx, origin, op).transpose() {
        ctx.cmd.reply(origin, reply);
    }
    settle::settle(ctx)
}

/// The answer; `None` when it follows later.
fn route(ctx: &mut Fold<'_>, origin: Origin, op: Op) -> Result<Option<Reply>, Refusal> {
    let reply = match op {
        Op::ResumeThread { target, cwd, change, first } => {
            return open::resume(ctx, origin, (target, cwd), change, first).map(|()| None);
        }
        Op::ForkThread { source, change, first } => {
            return fork::fork(ctx, origin, *source, change, first).map(|()| None);
        }
        Op::StartThread { change, first } => Ok(open::start(ctx, change, first)),
        Op::CloseThread { thread } => done(ctx, &thread, close::begin),
        Op::Submit { thread, input } => on(ctx, &thread, |ctx, thread| submit(ctx, thread, input)),
        Op::Steer { thread, turn, input } => on(ctx, &thread, |_, thread| steer(thread, &turn, input)),
        Op::Queue { thread, input } => on(ctx, &thread, |ctx, thread| queue(ctx, thread, input)),
        Op::Unqueue { thread } => on(ctx, &thread, |_, thread| {
            let queued = thread.queue.pop_back().ok_or_else(|| Refusal::Invalid("No input is held.".to_owned()))?;
            Ok(Reply::Unqueued { input: queued.input })
        }),
        Op::Interrupt { thread, turn } => on(ctx, &thread, |ctx, thread| {
            named(thread, &turn)?;
            stop::interrupt(ctx, thread);
            Ok(Reply::Done)
        }),
        Op::Respond { request, response } => respond::respond(ctx, request, response),
        Op::ChangeSettings { thread, change } => on(ctx, &thread, |ctx, thread| change_settings(ctx, thread, change)),
        Op::RollBack { thread, turns } => on(ctx, &thread, |ctx, thread| rollback::roll_back(ctx, thread, turns)),
        Op::RenameThread { thread, name } => on(ctx, &thread, |ctx, thread| rename::rename(ctx, thread, &name)),
        Op::RunCommand { thread, command } => on(ctx, &thread, |ctx, thread| user_shell::run(ctx, thread, command)),
        Op::InterruptCommands { thread } => done(ctx, &thread, user_shell::interrupt),
        Op::ListCommands { thread } => done(ctx, &thread, jobs::list),
        Op::StopCommands { thread, process } => done(ctx, &thread, |ctx, thread| jobs::stop(ctx, thread, process)),
        Op::Diff { thread } => done(ctx, &thread, undo::diff),
        Op::Undo { thread, consent } => carry(ctx, &thread, Way::Undo, consent, Vec::new()),
        Op::UndoTurns { turns, .. } if turns.is_empty() => Err(Refusal::NoSuchTurn),
        Op::UndoTurns { thread, turns } => carry(ctx, &thread, Way::Undo, Consent::Rest, turns),
        Op::Redo { thread, consent } => carry(ctx, &thread, Way::Redo, consent, Vec::new()),
        Op::Quit => quit(ctx, exit_code::OK),
        Op::Terminate { signal } => quit(ctx, 128_u8.saturating_add(signal)),
    };
    reply.map(Some)
}

fn carry(
    ctx: &mut Fold<'_>,
    thread: &ThreadId,
    way: Way,
    consent: Consent,
    turns: Vec<TurnId>,
) -> Result<Reply, Refusal> {
    done(ctx, thread, |ctx, thread| undo::carry(ctx, thread, way, consent, turns))
}

/// Runs what always succeeds on an open thread.
fn done(ctx: &mut Fold<'_>, thread: &ThreadId, work: impl FnOnce(&mut Ctx<'_>, &mut Thread)) -> Result<Reply, Refusal> {
    on(ctx, thread, |ctx, thread| {
        work(ctx, thread);
        Ok(Reply::Done)
    })
}

/// Runs `work` on an open thread.
fn on(
    ctx: &mut Fold<'_>,
    thread: &ThreadId,
    work: impl FnOnce(&mut Ctx<'_>, &mut Thread) -> Result<Reply, Refusal>,
) -> Result<Reply, Refusal> {
    ctx.with_thread(thread, work).unwrap_or(Err(Refusal::NoSuchThread))
}

fn quit(ctx: &mut Fold<'_>, code: u8) -> Result<Reply, Refusal> {
    shutdown::quit(ctx, code);
    Ok(Reply::Done)
}

/// Whether this turn is the one that runs.
fn named(thread: &Thread, turn: &TurnId) -> Result<(), Refusal> {
    let running = thread.running().ok_or(Refusal::NoTurn)?;
    if running.id == *turn { Ok(()) } else { Err(Refusal::WrongTurn { running: running.id.clone() }) }
}

fn submit(ctx: &mut Ctx<'_>, thread: &mut Thread, input: UserInput) -> Result<Reply, Refusal> {
    if thread.running().is_some() || thread.is_closing {
        return Err(Refusal::Busy);
    }
    begin::begin(ctx, thread, input);
    let turn = thread.running().map(|running| running.id.clone());
    Ok(turn.map_or(Reply::Done, |turn| Reply::Turn { turn }))
}

fn change_settings(ctx: &Ctx<'_>, thread: &mut Thread, change: SettingsChange) -> Result<Reply, Refusal> {
    if change.storage.is_some_and(|storage| storage != thread.settings.storage) {
        return Err(Refusal::Invalid("Whether a session is kept is decided when it begins.".to_owned()));
    }
    if let Some(why) = thread.settings.overruled(&change) {
        return Err(Refusal::Invalid(why));
    }
    // A folder that is not trusted yet is not opened on the way around the question.
    if ctx.engine.news.is_some() && change.sandbox.is_some_and(|mode| mode > thread.settings.config.sandbox) {
        let why = "Not changed: answer first whether this folder is trusted.";
        return Err(Refusal::Invalid(why.to_owned()));
    }
    Arc::make_mut(&mut thread.settings).change(change);
    Ok(Reply::Done)
}

fn steer(thread: &mut Thread, turn: &TurnId, input: UserInput) -> Result<Reply, Refusal> {
    named(thread, turn)?;
    let running = thread.running_mut().ok_or(Refusal::NoTurn)?;
    if running.steer.len() >= QUEUE_ITEMS {
        return Err(Refusal::QueueFull);
    }
    running.steer.push(input);
    Ok(Reply::Turn { turn: turn.clone() })
}

fn queue(ctx: &mut Ctx<'_>, thread: &mut Thread, input: UserInput) -> Result<Reply, Refusal> {
    if thread.running().is_none() {
        return submit(ctx, thread, input);
    }
    if thread.queue.len() >= QUEUE_ITEMS {
        return Err(Refusal::QueueFull);
    }
    thread.queue.push_back(Queued { input });
    Ok(Reply::Queued { waiting: thread.queue.len() })
}
