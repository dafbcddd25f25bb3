//! What a gesture means. Gestures change the screen, and the engine only by Ops.

use crate::{
    cmd::{Cmd, HostEffect},
    key::Key,
    limits::EXIT_ARMED_MS,
    model::Model,
    msg::{Input, KeyPress, Op},
};

use super::{
    Screen, Scroll, attach, completion,
    ctx::{self, ScreenCtx, Wish},
    keymap::{Action, Context, Edit},
    overlay::{self, Help, Overlay, Pager},
    prompts,
    slash::{self, Draft},
};

mod burst;

/// Takes a gesture.
pub fn input(model: &mut Model, input: Input) -> Cmd {
    ctx::with(model, |ctx| {
        take(ctx, input);
        ctx.screen.offer_is_seen();
    })
}

fn take(ctx: &mut ScreenCtx<'_>, input: Input) {
    match input {
        Input::Key(press) => {
            key(ctx, press);
            ctx.screen.last_key_ms = Some(ctx.now_ms);
        }
        Input::Typed(presses) => {
            if !ctx.screen.closes_over_question(ctx.now_ms) {
                typed(ctx, &presses);
            }
            ctx.screen.last_key_ms = Some(ctx.now_ms);
        }
        Input::Paste(text) => {
            paste(ctx, &text);
            ctx.screen.last_key_ms = Some(ctx.now_ms);
        }
        Input::Resize(size) => ctx.screen.size = size,
        Input::Wheel(rows) => ctx.screen.scroll_by(-i64::from(rows)),
        Input::Focus(focused) => ctx.screen.focused = focused,
    }
}

/// Keys that came together.
fn typed(ctx: &mut ScreenCtx<'_>, presses: &[KeyPress]) {
    let left = burst::over_question(ctx, presses);
    for part in burst::parts(&left) {
        match part {
            burst::Part::Text(text) => paste(ctx, &text),
            burst::Part::Key(press) => key(ctx, press),
        }
        // What a key of these turned to the question is no answer either.
        ctx.screen.last_key_ms = Some(ctx.now_ms);
        ctx.screen.hold_nothing();
    }
    ctx.wishes.retain(|wish| *wish != Wish::Settle);
}

/// Text came in one piece: it is for the draft, whatever lies over it.
fn paste(ctx: &mut ScreenCtx<'_>, text: &str) {
    if overlay::paste(ctx, text) {
        return;
    }
    let screen = &mut *ctx.screen;
    screen.close_popup();
    if completion::paste(screen, text) {
        return;
    }
    screen.turn_to_draft();
    let home = ctx.thread.and_then(|thread| thread.settings.host.user_home.as_deref());
    match attach::path(text, home).filter(|_| screen.can_attach()) {
        Some(path) => ctx.wishes.push(Wish::Attach(Some((path, text.to_owned())))),
        None => screen.composer.paste(text),
    }
    screen.offer_for_draft();
}

/// Nothing has followed a letter for a moment: it answers.
pub fn settle(model: &mut Model, timer: &Key) -> Cmd {
    ctx::with(model, |ctx| overlay::settle(ctx, timer))
}

fn key(ctx: &mut ScreenCtx<'_>, press: KeyPress) {
    pressed(ctx, press);
    ctx.screen.offer_for_draft();
}

fn pressed(ctx: &mut ScreenCtx<'_>, press: KeyPress) {
    if ctx.screen.keymap.action(Context::Always, press) == Some(Action::StepBack) {
        return step_back(ctx);
    }
    ctx.screen.exit_armed_until_ms = None;
    let rewind_armed = ctx.screen.rewind_armed_until_ms.take();
    if overlay::key(ctx, press) || completion::key(ctx, press) {
        return;
    }
    let cols = ctx.screen.composer_cols();
    let Some(press) = ctx.screen.composer.vim_key(press, cols) else { return };
    let has_no_draft = ctx.screen.composer.is_empty();
    let idle = (has_no_draft && !ctx.screen.is_writing_words()).then_some(Context::Idle);
    let contexts = idle.into_iter().chain(has_no_draft.then_some(Context::NoDraft)).chain([Context::Screen]);
    match contexts.filter_map(|context| ctx.screen.keymap.action(context, press)).next() {
        Some(Action::Rewind) if !ctx.is_working() && !ctx.has_user_commands() => rewind(ctx, rewind_armed.is_some()),
        Some(action) => act(ctx, action),
        None => edit(ctx.screen, press),
    }
}

fn act(ctx: &mut ScreenCtx<'_>, action: Action) {
    match action {
        Action::StepBack => step_back(ctx),
        Action::OpenHelp => open_help(ctx.screen),
        Action::Quit => ctx.wishes.push(Wish::Op(Op::Quit)),
        Action::Suspend => ctx.wishes.push(Wish::Host(HostEffect::Suspend)),
        Action::Repaint => ctx.wishes.push(Wish::Host(HostEffect::Repaint)),
        Action::ToggleDetails if ctx.screen.is_linear => ctx.toast("Everything is read out as it comes.".to_owned()),
        Action::ToggleDetails => show_all(ctx.screen),
        Action::Copy => slash::COPY.start(ctx, ""),
        Action::Interrupt => interrupt(ctx),
        // Without a turn it counts once it was pressed before.
        Action::Rewind => interrupt(ctx),
        Action::Search => completion::search(ctx),
        Action::Editor => ctx.wishes.push(Wish::Edit),
        Action::PasteImage if ctx.screen.can_attach() => ctx.wishes.push(Wish::Attach(None)),
        Action::PasteImage => {}
        Action::ToggleVim => slash::VIM.start(ctx, ""),
        Action::ToggleRaw => slash::RAW.start(ctx, ""),
        Action::ToggleFast => slash::FAST.start(ctx, ""),
        Action::LessEffort => overlay::models::step(ctx, false),
        Action::MoreEffort => overlay::models::step(ctx, true),
        Action::Send => submit(ctx),
        Action::Queue => queue(ctx),
        Action::Unqueue => unqueue(ctx),
        Action::ScrollUp => ctx.screen.scroll_by(page(ctx.screen)),
        Action::ScrollDown => ctx.screen.scroll_by(-page(ctx.screen)),
        Action::ScrollToStart => (ctx.screen.scroll, ctx.screen.prompt) = (Scroll::START, None),
        Action::ScrollToEnd => ctx.screen.follow_end(),
        Action::PromptBefore | Action::PromptAfter => {
            let Some(thread) = ctx.thread else { return };
            let from = (ctx.screen.scroll, ctx.screen.prompt);
            (ctx.screen.scroll, ctx.screen.prompt) = prompts::go(&thread.items, from, action == Action::PromptAfter);
        }
        // Keys of an overlay, prompts, of what is offered and of the draft, which look them up themselves.
        Action::Previous
        | Action::Next
        | Action::PageUp
        | Action::PageDown
        | Action::First
        | Action::Last
        | Action::Scope
        | Action::Sort
        | Action::Fork
        | Action::Rename
        | Action::Archive
        | Action::Delete
        | Action::Less
        | Action::More
        | Action::Take
        | Action::TakeForSession
        | Action::Toggle
        | Action::Cancel
        | Action::Turn
        | Action::Complete
        | Action::Erase
        | Action::HalfUp
        | Action::HalfDown
        | Action::FindNext
        | Action::FindPrevious
        | Action::CopyCode
        | Action::EditFrom
        | Action::Edit(_) => {}
    }
}

/// Opens the pager. Beside a question, which stays in sight, the transcript itself shows everything.
fn show_all(screen: &mut Screen) {
    if screen.details || screen.question().is_some() {
        screen.details = !screen.details;
    } else {
        screen.open(Overlay::Pager(Pager::default()));
    }
}

/// The table of keys lies over an open question, which keeps the keys.
fn open_help(screen: &mut Screen) {
    if let Some(asks) = screen.asks() {
        asks.rest();
    }
    screen.open(Overlay::Help(Help::default()));
}

/// Ctrl-C, in this order: closes a popup, clears the draft (kept in the history), interrupts, arms the exit, exits.
fn step_back(ctx: &mut ScreenCtx<'_>) {
    let is_working = ctx.is_working() || ctx.has_user_commands();
    let screen = &mut *ctx.screen;
    screen.hold_nothing();
    if screen.close_popup() || screen.offer().is_some() && screen.close_offer() {
        return;
    }
    if !screen.composer.is_empty() {
        screen.composer.clear_to_recall();
    } else if is_working {
        interrupt(ctx);
    } else if screen.exit_armed_until_ms.take().is_some() {
        ctx.wishes.push(Wish::Op(Op::Quit));
    } else {
        screen.exit_armed_until_ms = Some(ctx.now_ms + EXIT_ARMED_MS);
    }
}

/// Esc without a draft while nothing runs: the second one within a moment opens the choice of an earlier message.
fn rewind(ctx: &mut ScreenCtx<'_>, is_armed: bool) {
    if is_armed {
        overlay::rewind::open(ctx, None);
    } else if ctx.thread.is_some_and(|thread| thread.log.said().next().is_some()) {
        ctx.screen.rewind_armed_until_ms = Some(ctx.now_ms + EXIT_ARMED_MS);
    }
}

fn interrupt(ctx: &mut ScreenCtx<'_>) {
    if let Some(turn) = ctx.turn() {
        ctx.op(|thread| Op::Interrupt { thread, turn });
    }
    if ctx.has_user_commands() {
        ctx.op(|thread| Op::InterruptCommands { thread });
    }
}

fn needs_login(ctx: &ScreenCtx<'_>) -> bool {
    ctx.thread.is_some_and(|thread| thread.settings.host.needs_login)
}

pub(super) fn submit(ctx: &mut ScreenCtx<'_>) {
    if ctx.screen.is_attaching() {
        return ctx.toast("An image is still being read: send it in a moment.".to_owned());
    }
    let draft = ctx.screen.composer.text();
    if ctx.thread.is_none() || draft.trim().is_empty() {
        return;
    }
    match slash::read(&draft) {
        // The words stay in the draft until a model can read them.
        Draft::Words if needs_login(ctx) => overlay::sign_in::open(ctx),
        Draft::Words => {
            let input = ctx.screen.composer.take();
            let turn = ctx.turn();
            ctx.op(|thread| match turn {
                Some(turn) => Op::Steer { thread, turn, input },
                None => Op::Submit { thread, input },
            });
            ctx.screen.follow_end();
        }
        Draft::Shell => shell(ctx),
        Draft::Command(slash, args) => {
            ctx.screen.composer.take();
            slash.start(ctx, args);
        }
        Draft::Unknown(word) => ctx.toast(slash::unknown(&ctx.screen.keymap, word)),
    }
}

/// Runs what stands behind the `!` in the user's shell.
fn shell(ctx: &mut ScreenCtx<'_>) {
    if ctx.screen.composer.text().trim() == "!" {
        return ctx.toast("Write a command behind the `!`: it runs in your shell, outside the sandbox.".to_owned());
    }
    let input = ctx.screen.composer.take();
    let command = input.text.trim_start_matches('!').trim().to_owned();
    ctx.op(|thread| Op::RunCommand { thread, command });
    ctx.screen.follow_end();
}

fn queue(ctx: &mut ScreenCtx<'_>) {
    if ctx.screen.is_shell_draft() {
        return submit(ctx);
    }
    if ctx.thread.is_some() && !ctx.screen.composer.text().trim().is_empty() {
        let input = ctx.screen.composer.take();
        ctx.op(|thread| Op::Queue { thread, input });
    }
}

/// Takes the newest held input back into the composer.
fn unqueue(ctx: &mut ScreenCtx<'_>) {
    let Some(queued) = ctx.thread.and_then(|thread| thread.queue.back()) else { return };
    if !ctx.screen.composer.is_empty() {
        return ctx.toast("Send or clear the draft first.".to_owned());
    }
    ctx.screen.composer.restore(&queued.input);
    ctx.op(|thread| Op::Unqueue { thread });
}

fn page(screen: &Screen) -> i64 {
    i64::from(screen.size.rows.saturating_sub(8).max(1))
}

/// Edits the draft; the arrows recall earlier submissions beyond its first and last row.
fn edit(screen: &mut Screen, press: KeyPress) {
    let used = screen.composer.key(press, screen.composer_cols());
    let edit = screen.keymap.action(Context::Composer, press).filter(|_| !used);
    if edit == Some(Action::Edit(Edit::Up)) {
        screen.composer.recall_previous();
        screen.draft_replaced();
    } else if edit == Some(Action::Edit(Edit::Down)) {
        screen.composer.recall_next();
        screen.draft_replaced();
    }
    screen.composer.keep_on_text();
}
