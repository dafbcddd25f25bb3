//! What turns changed in the files: which tools are watched, what a turn comes to, and taking it back.
//!
//! The contents are kept outside, beside the session. Here is decided for whom a tool is watched, when a turn is told anew,
//! and whether something may be taken back now.

use std::sync::Arc;

use crate::{
    changes::Consent,
    cmd::{ChangeScope, ChangeStoreRef, Effect, Notice, UndoEffect, Way},
    engine::{
        Ctx, ShellCommand, Thread,
        thread::settings::ThreadSettings,
        undo::state::{Asked, Undoing},
    },
    history::{HistoryItem, Role},
    item::{DiffItem, ItemKind, Level},
    key::{ItemId, ProcessId, TurnId, Work},
    model::Lifecycle,
    msg::{Report, UndoReport},
    policy::{self, SandboxPlan},
    text::shell as shell_text,
};

pub mod state;
pub mod words;

/// Where the changes of a thread are kept; nowhere in a session that is not written to disk.
fn store(ctx: &Ctx<'_>, thread: &Thread) -> Option<ChangeStoreRef> {
    store_of(&ctx.settings, thread)
}

/// The same under these settings.
pub fn store_of(settings: &ThreadSettings, thread: &Thread) -> Option<ChangeStoreRef> {
    if settings.is_ephemeral() {
        return None;
    }
    let folders = std::iter::once(&settings.host.cwd).chain(&settings.config.workspace.added_folders);
    let roots = folders.filter(|folder| !is_too_wide(settings, folder)).cloned().collect();
    Some(ChangeStoreRef { home: settings.host.home.clone(), thread: thread.id.clone(), roots })
}

/// Folders that hold much more than work: the root, temporary folders, the user's home, and what holds our own files.
fn is_too_wide(settings: &ThreadSettings, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    let is = |other: &str| other.trim_end_matches('/') == folder;
    let holds = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_home = settings.host.cwd_short == "~" && is(&settings.host.cwd);
    is("/") || is("/tmp") || settings.host.tmpdir.as_deref().is_some_and(is) || is_home || holds(&settings.host.home)
}

/// For whom a command is watched. One that can write nothing, or is known to only read, is not.
pub fn of_command(
    ctx: &Ctx<'_>,
    thread: &Thread,
    command: &ShellCommand,
    plan: Option<&SandboxPlan>,
) -> Option<ChangeScope> {
    let commands = shell_text::commands(&command.argv, &ctx.settings.host.shell);
    let only_reads = policy::finds_programs_safely(&ctx.settings.host, plan)
        && commands.is_some_and(|commands| commands.iter().all(|words| policy::is_read_only(words)));
    if only_reads || plan.is_some_and(|plan| plan.roots.is_empty()) {
        return None;
    }
    of_patch(ctx, thread).filter(|scope| !scope.store.roots.is_empty())
}

/// For whom a patch is watched.
pub fn of_patch(ctx: &Ctx<'_>, thread: &Thread) -> Option<ChangeScope> {
    let turn = thread.running()?.id.clone();
    Some(ChangeScope { store: store(ctx, thread)?, turn })
}

/// A turn begins: the folders are looked at while the first request is out, and the model is told what the user did to the
/// files since.
pub fn begin(ctx: &mut Ctx<'_>, thread: &mut Thread, text: &str) {
    if let Some(store) = store(ctx, thread).filter(|store| !store.roots.is_empty())
        && !std::mem::replace(&mut thread.undo.is_observed, true)
    {
        ctx.run(thread.key(Work::Observe), Effect::Undo(UndoEffect::Observe(store)));
    }
    if let Some(id) = thread.running().map(|running| running.id.clone()) {
        thread.undo.begun(id, text);
    }
    for (text, item) in std::mem::take(&mut thread.undo.untold) {
        thread.push_history(ctx.clock.unix_ms, HistoryItem::message(Role::User, text));
        thread.shown_as(item);
    }
}

/// A command has changed files.
pub fn command_changed(ctx: &mut Ctx<'_>, thread: &mut Thread, id: ProcessId) {
    if let Some(turn) = thread.processes.get(&id).and_then(|process| process.watched.clone()) {
        tell(ctx, thread, turn, false);
    }
}

/// A patch has changed files.
pub fn patch_changed(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    if let Some(turn) = thread.running().map(|running| running.id.clone()) {
        tell(ctx, thread, turn, false);
    }
}

/// A call or the turn is over. While a command still runs, what it has changed so far is not reported: it is looked for.
pub fn look(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    if is_at_work(thread)
        && let Some((turn, _)) = thread.undo.turns.back()
    {
        let turn = turn.clone();
        tell(ctx, thread, turn, true);
    }
}

/// Whether a command runs that is watched.
fn is_at_work(thread: &Thread) -> bool {
    thread.processes.values().any(|process| process.watched.is_some() && process.exited.is_none())
}

/// Asks what a turn comes to. Where the same is being asked already, that answer is asked for once more.
fn tell(ctx: &mut Ctx<'_>, thread: &mut Thread, turn: TurnId, look: bool) {
    let same = thread.undo.asked.values_mut().find_map(|asked| match asked {
        Asked::Diff { turn: asked, shown: false, stale } if *asked == turn => Some(stale),
        Asked::Diff { .. } | Asked::Carry(..) => None,
    });
    match same {
        Some(stale) => *stale = true,
        None => ask_diff(ctx, thread, turn, look, false),
    }
}

fn ask_diff(ctx: &mut Ctx<'_>, thread: &mut Thread, turn: TurnId, look: bool, shown: bool) {
    let Some(store) = store(ctx, thread) else { return };
    let scope = ChangeScope { store, turn: turn.clone() };
    let base = ctx.settings.host.cwd.clone();
    ask(ctx, thread, Asked::Diff { turn, shown, stale: false }, UndoEffect::Tell { scope, base, look });
}

fn ask(ctx: &mut Ctx<'_>, thread: &mut Thread, asked: Asked, effect: UndoEffect) {
    ctx.engine.serials.undo += 1;
    let serial = ctx.engine.serials.undo;
    thread.undo.asked.insert(serial, asked);
    ctx.run(thread.key(Work::Changes(serial)), Effect::Undo(effect));
}

/// The user wants to see what the running turn has changed, or the last one.
pub fn diff(ctx: &mut Ctx<'_>, thread: &mut Thread) {
    if ctx.settings.is_ephemeral() {
        return ctx.note(thread, Level::Warning, words::EPHEMERAL);
    }
    match thread.undo.turns.back().map(|(turn, _)| turn.clone()) {
        Some(turn) => {
            let look = is_at_work(thread);
            ask_diff(ctx, thread, turn, look, true);
        }
        None => ctx.note(thread, Level::Info, words::NO_TURN),
    }
}

/// The user wants a turn taken back, or brought back; all these turns, if some are named.
pub fn carry(ctx: &mut Ctx<'_>, thread: &mut Thread, way: Way, consent: Consent, turns: Vec<TurnId>) {
    #[cfg(not(feature = "planted-bugs"))]
    let is_running = thread.running().is_some();
    #[cfg(feature = "planted-bugs")]
    let is_running = thread.running().is_some() && !crate::planted::is("undo-in-turn");
    let refusal = if thread.undo.is_carrying() || *ctx.life != Lifecycle::Running {
        return;
    } else if is_running {
        Some(words::RUNNING)
    } else if is_at_work(thread) {
        Some(words::BACKGROUND)
    } else if thread.undo.turns.is_empty() {
        Some(words::nothing(&thread.undo, way))
    } else {
        None
    };
    match (refusal, store(ctx, thread)) {
        (Some(refusal), _) => ctx.note(thread, Level::Warning, refusal),
        (None, None) => ctx.note(thread, Level::Warning, words::EPHEMERAL),
        (None, Some(store)) => {
            // A patch that the user allowed may have written anywhere, and each step names its file and what must
            // be there.
            let roots = vec!["/".to_owned()];
            let effect = UndoEffect::Carry { store, way, consent, roots, turns: turns.clone() };
            ask(ctx, thread, Asked::Carry(way, turns), effect);
        }
    }
}

/// A request was answered.
pub fn answered(ctx: &mut Ctx<'_>, thread: &mut Thread, serial: u64, report: Report) {
    match thread.undo.asked.remove(&serial) {
        Some(Asked::Diff { turn, shown, stale }) => {
            if let Report::Undo(UndoReport::Told { diff, text, .. }) = report {
                told(ctx, thread, turn.clone(), diff, text, shown);
                if stale {
                    let look = is_at_work(thread);
                    ask_diff(ctx, thread, turn, look, false);
                }
            } else if let Report::Failed(fault) = report
                && shown
            {
                ctx.note(thread, Level::Error, words::failed("The changes cannot be shown.", &fault));
            }
        }
        Some(Asked::Carry(way, turns)) => {
            if let Report::Undo(report) = report {
                carried(ctx, thread, way, turns, report);
            } else if let Report::Failed(fault) = report {
                ctx.note(thread, Level::Error, words::failed(words::nothing_done(way), &fault));
            }
        }
        None => never!(ctx, thread, "request {serial} about changes is answered, and was not made"),
    }
}

fn told(ctx: &mut Ctx<'_>, thread: &mut Thread, turn: TurnId, diff: Arc<DiffItem>, text: Arc<str>, shown: bool) {
    if diff.is_partial && ctx.settings.can_ask() && !std::mem::replace(&mut thread.undo.is_gap_told, true) {
        ctx.note(thread, Level::Info, words::GAP);
    }
    if shown && diff.files.is_empty() {
        let line = words::no_changes(&thread.undo, &turn, diff.is_partial, diff.early);
        ctx.note(thread, Level::Info, line);
    } else if shown {
        ctx.add_item(thread, false, ItemKind::Diff(DiffItem::clone(&diff)));
    }
    ctx.tell(Notice::TurnDiff { thread: thread.id.clone(), turn: turn.clone(), diff: Arc::clone(&diff), text });
    if thread.undo.turns.back().is_none_or(|(newest, _)| *newest == turn) {
        thread.undo.diff = Some((turn, diff));
    }
}

fn carried(ctx: &mut Ctx<'_>, thread: &mut Thread, way: Way, turns: Vec<TurnId>, report: UndoReport) {
    let text = words::outcome(&thread.undo, &ctx.settings.host.cwd, way, &report);
    match report {
        UndoReport::Done(done) => {
            let item = ctx.add_item(thread, false, ItemKind::Note { level: Level::Info, text });
            let is_known = thread.log.has(&done.turn);
            // Who went back to before the turn has left nothing of it in the conversation, unless it left something in files.
            if done.change_count > 0 && (is_known || turns.is_empty() || done.conflict_count > 0) {
                // Of a turn that was taken out of the conversation the model knows nothing.
                let unknown = Undoing::default();
                let known = if is_known { &thread.undo } else { &unknown };
                let text = words::for_model(known, &ctx.settings.host.cwd, way, &done);
                tell_model(ctx, thread, text, item);
            }
            tell(ctx, thread, done.turn.clone(), false);
            carry_on(ctx, thread, way, turns, &done.turn);
        }
        UndoReport::Blocked { turn, .. } => {
            ctx.note(thread, Level::Warning, text);
            carry_on(ctx, thread, way, turns, &turn);
        }
        UndoReport::Refused { .. } => ctx.note(thread, Level::Warning, text),
        // The rest of the turns that were named has changed nothing.
        UndoReport::Nothing if !turns.is_empty() => {}
        UndoReport::Nothing => ctx.note(thread, Level::Info, text),
        UndoReport::Told { .. } | UndoReport::Observing | UndoReport::Tallied(_) => {}
    }
}

/// Goes on with the turns that were named beside this one: those before it.
fn carry_on(ctx: &mut Ctx<'_>, thread: &mut Thread, way: Way, mut turns: Vec<TurnId>, done: &TurnId) {
    let at = turns.iter().position(|turn| turn == done).unwrap_or(0);
    turns.truncate(at);
    if !turns.is_empty() {
        carry(ctx, thread, way, Consent::Rest, turns);
    }
}

/// The model believes that its files are there; it is told before it goes on.
fn tell_model(ctx: &Ctx<'_>, thread: &mut Thread, text: String, item: ItemId) {
    if thread.running().is_some() || !thread.begun {
        return thread.undo.untold.push((text, item));
    }
    thread.push_history(ctx.clock.unix_ms, HistoryItem::message(Role::User, text));
    thread.shown_as(item);
    thread.pending_durable = true;
}
