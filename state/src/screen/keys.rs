//! What a gesture means. Gestures change the screen, and the engine only by Ops.

use crate::{
    cmd::{Cmd, HostEffect},
    key::Key,
    limits::EXIT_ARMED_MS,
    model::Model,
    msg::{Input, KeyCode, KeyPress, Mods, Op},
};

use super::{
    Screen, Scroll,
    ctx::{self, ScreenCtx, Wish},
    overlay::{self, Help, Overlay},
    slash::{self, Draft},
};

mod burst;

/// Takes a gesture.
pub fn input(model: &mut Model, input: Input) -> Cmd {
    ctx::with(model, |ctx| match input {
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
            paste(ctx.screen, &text);
            ctx.screen.last_key_ms = Some(ctx.now_ms);
        }
        Input::Resize(size) => ctx.screen.size = size,
        Input::Wheel(rows) => scroll(ctx.screen, -i64::from(rows)),
        Input::Focus(focused) => ctx.screen.focused = focused,
    })
}

/// Keys that came together.
fn typed(ctx: &mut ScreenCtx<'_>, presses: &[KeyPress]) {
    let left = burst::over_question(ctx, presses);
    for part in burst::parts(&left) {
        match part {
            burst::Part::Text(text) => paste(ctx.screen, &text),
            burst::Part::Key(press) => key(ctx, press),
        }
        // What a key of these turned to the question is no answer either.
        ctx.screen.last_key_ms = Some(ctx.now_ms);
        ctx.screen.hold_nothing();
    }
    ctx.wishes.retain(|wish| *wish != Wish::Settle);
}

/// Text came in one piece: it is for the draft, whatever lies over it.
fn paste(screen: &mut Screen, text: &str) {
    screen.close_popup();
    screen.turn_to_draft();
    screen.composer.paste(text);
}

/// Nothing has followed a letter for a moment: it answers.
pub fn settle(model: &mut Model, timer: &Key) -> Cmd {
    ctx::with(model, |ctx| overlay::settle(ctx, timer))
}

fn key(ctx: &mut ScreenCtx<'_>, press: KeyPress) {
    if press == KeyPress::ctrl('c') {
        return ctrl_c(ctx);
    }
    ctx.screen.exit_armed_until_ms = None;
    if overlay::key(ctx, press) {
        return;
    }
    if press.typed() == Some('?') && ctx.screen.composer.is_empty() && !ctx.screen.is_writing_words() {
        // It lies over an open question, which keeps the keys.
        if let Some(asks) = ctx.screen.asks() {
            asks.rest();
        }
        return ctx.screen.open(Overlay::Help(Help::default()));
    }
    let Mods { ctrl, alt, shift } = press.mods;
    match press.code {
        KeyCode::Char('d') if ctrl && ctx.screen.composer.is_empty() => ctx.wishes.push(Wish::Op(Op::Quit)),
        KeyCode::Char('z') if ctrl => ctx.wishes.push(Wish::Host(HostEffect::Suspend)),
        KeyCode::Char('l') if ctrl => ctx.wishes.push(Wish::Host(HostEffect::Repaint)),
        KeyCode::Char('t') if ctrl => ctx.screen.details = !ctx.screen.details,
        KeyCode::Char('o') if ctrl => slash::COPY.start(ctx, ""),
        KeyCode::Esc => escape(ctx),
        KeyCode::Enter if !ctrl && !alt && !shift => submit(ctx),
        KeyCode::Tab => queue(ctx),
        KeyCode::Up if alt => unqueue(ctx),
        KeyCode::PageUp => scroll(ctx.screen, i64::from(page(ctx.screen))),
        KeyCode::PageDown => scroll(ctx.screen, -i64::from(page(ctx.screen))),
        KeyCode::End if ctrl => ctx.screen.scroll = Scroll::Follow,
        KeyCode::Home if ctrl => ctx.screen.scroll = Scroll::Up(u32::MAX),
        KeyCode::Char(_)
        | KeyCode::Enter
        | KeyCode::BackTab
        | KeyCode::Backspace
        | KeyCode::Delete
        | KeyCode::Insert
        | KeyCode::Left
        | KeyCode::Right
        | KeyCode::Up
        | KeyCode::Down
        | KeyCode::Home
        | KeyCode::End
        | KeyCode::F(_) => edit(ctx.screen, press),
    }
}

/// Ctrl-C, in this order: closes a popup, clears the draft (kept in the history), interrupts, arms the exit, exits.
fn ctrl_c(ctx: &mut ScreenCtx<'_>) {
    let is_working = ctx.is_working();
    let screen = &mut *ctx.screen;
    screen.hold_nothing();
    if screen.close_popup() {
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

fn escape(ctx: &mut ScreenCtx<'_>) {
    if ctx.is_working() {
        interrupt(ctx);
    }
}

fn interrupt(ctx: &mut ScreenCtx<'_>) {
    if let Some(turn) = ctx.turn() {
        ctx.op(|thread| Op::Interrupt { thread, turn });
    }
}

fn submit(ctx: &mut ScreenCtx<'_>) {
    let draft = ctx.screen.composer.text();
    if ctx.thread.is_none() || draft.trim().is_empty() {
        return;
    }
    match slash::read(&draft) {
        Draft::Words => {
            let input = ctx.screen.composer.take();
            let turn = ctx.turn();
            ctx.op(|thread| match turn {
                Some(turn) => Op::Steer { thread, turn, input },
                None => Op::Submit { thread, input },
            });
            ctx.screen.scroll = Scroll::Follow;
        }
        Draft::Command(slash, args) => {
            ctx.screen.composer.take();
            slash.start(ctx, args);
        }
        Draft::Unknown(word) => ctx.toast(slash::unknown(word)),
    }
}

fn queue(ctx: &mut ScreenCtx<'_>) {
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

fn page(screen: &Screen) -> u32 {
    u32::from(screen.size.rows.saturating_sub(8).max(1))
}

/// Scrolls by rows, positive is towards the beginning.
fn scroll(screen: &mut Screen, rows: i64) {
    let now = match screen.scroll {
        Scroll::Follow => 0,
        Scroll::Up(rows) => i64::from(rows),
    };
    let rows = (now + rows).clamp(0, i64::from(u32::MAX));
    screen.scroll = if rows == 0 { Scroll::Follow } else { Scroll::Up(u32::try_from(rows).unwrap_or(u32::MAX)) };
}

/// Edits the draft; the arrows recall earlier submissions beyond its first and last row.
fn edit(screen: &mut Screen, press: KeyPress) {
    let used = screen.composer.key(press, screen.composer_cols());
    if !used && press.mods == Mods::default() {
        if press.code == KeyCode::Up {
            screen.composer.recall_previous();
        } else if press.code == KeyCode::Down {
            screen.composer.recall_next();
        }
    }
}
