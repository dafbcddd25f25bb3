//! What a gesture means. Gestures change the screen, and the engine only by Ops.

use crate::{
    changes::Consent,
    cmd::{Cmd, Effect, HostEffect, Way},
    engine::{self, Ctx},
    item::UserInput,
    key::{Key, ProcessId, ThreadId},
    limits::{EXIT_ARMED_MS, SETTLE_MS},
    model::Model,
    msg::{Input, KeyCode, KeyPress, Mods, Op},
};

use super::{
    Popup, Question, Screen, Scroll, help,
    slash::{self, Action, Draft},
};

mod answer;
mod burst;

/// How long a toast stays, in milliseconds.
const TOAST_MS: u64 = 4_000;

/// What a gesture asks for beyond the screen.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    /// An intent for the engine.
    Op(Op),
    /// A request to the machine.
    Host(HostEffect),
    /// To be told when nothing has followed a letter for a moment.
    Settle,
}

/// What a key is read against: the engine's state as far as keys depend on it.
#[derive(Clone)]
pub(super) struct Facts {
    thread: Option<ThreadId>,
    working: bool,
    now_ms: u64,
    last_message: Option<String>,
    newest_queued: Option<UserInput>,
}

/// Takes a gesture.
pub fn input(model: &mut Model, input: Input) -> Cmd {
    let thread = model.engine.thread();
    let facts = Facts {
        thread: thread.map(|thread| thread.id.clone()),
        working: thread.is_some_and(|thread| thread.running().is_some()),
        now_ms: model.clock.mono_ms,
        last_message: None,
        newest_queued: None,
    };
    let Some(screen) = &mut model.screen else { return Cmd::none() };
    let mut wishes = Vec::new();
    match input {
        Input::Key(press) => {
            let facts = with_texts(facts, press, &model.engine);
            key(screen, &facts, press, &mut wishes);
            screen.last_key_ms = Some(facts.now_ms);
        }
        Input::Typed(_) if screen.closes_over_question(facts.now_ms) => screen.last_key_ms = Some(facts.now_ms),
        Input::Typed(presses) => {
            let left = burst::over_question(screen, &facts, &presses);
            for part in burst::parts(&left) {
                match part {
                    burst::Part::Text(text) => paste(screen, &text),
                    burst::Part::Key(press) => {
                        let facts = with_texts(facts.clone(), press, &model.engine);
                        key(screen, &facts, press, &mut wishes);
                    }
                }
                // What a key of these turned to the question is no answer either.
                screen.last_key_ms = Some(facts.now_ms);
                screen.question.iter_mut().for_each(Question::hold_nothing);
            }
            screen.last_key_ms = Some(facts.now_ms);
            wishes.retain(|wish| *wish != Wish::Settle);
        }
        Input::Paste(text) => {
            paste(screen, &text);
            screen.last_key_ms = Some(facts.now_ms);
        }
        Input::Resize(size) => screen.size = size,
        Input::Wheel(rows) => scroll(screen, -i64::from(rows)),
        Input::Focus(focused) => screen.focused = focused,
    }
    carry_out(model, wishes)
}

/// Text came in one piece: it is for the draft, whatever lies over it.
fn paste(screen: &mut Screen, text: &str) {
    screen.popup = None;
    let is_over_question = screen.question.as_ref().is_some_and(Question::is_turned_to);
    if is_over_question {
        answer::text(screen);
    }
    screen.composer.paste(text);
}

/// Nothing has followed a letter for a moment: it answers.
pub fn settle(model: &mut Model, timer: &Key) -> Cmd {
    let now_ms = model.clock.mono_ms;
    let Some(screen) = &mut model.screen else { return Cmd::none() };
    let mut wishes = Vec::new();
    answer::settle(screen, now_ms, timer, &mut wishes);
    carry_out(model, wishes)
}

/// Copies the texts that only few keys need.
fn with_texts(mut facts: Facts, press: KeyPress, engine: &engine::Engine) -> Facts {
    let thread = engine.thread();
    if press == KeyPress::ctrl('o') || press.code == KeyCode::Enter {
        facts.last_message = thread.and_then(|thread| thread.last_message()).map(str::to_owned);
    }
    if press.code == KeyCode::Up {
        facts.newest_queued = thread.and_then(|thread| thread.queue.back()).map(|queued| queued.input.clone());
    }
    facts
}

fn carry_out(model: &mut Model, wishes: Vec<Wish>) -> Cmd {
    let mut cmd = Cmd::none();
    for wish in wishes {
        match wish {
            Wish::Op(op) => cmd.then(engine::op::apply(model, op)),
            Wish::Host(effect) => {
                let mut ctx = Ctx::of(model);
                let key = ctx.host_key();
                ctx.run(key, Effect::Host(effect));
                cmd.then(ctx.cmd);
            }
            Wish::Settle => {
                let mut ctx = Ctx::of(model);
                let key = ctx.host_key();
                ctx.run(key.clone(), Effect::Wait { delay_ms: SETTLE_MS });
                cmd.then(ctx.cmd);
                let open = model.screen.as_mut().and_then(|screen| screen.question.as_mut());
                if let Some(held) = open.and_then(|open| open.held.as_mut()) {
                    held.timer = Some(key);
                }
            }
        }
    }
    cmd
}

fn key(screen: &mut Screen, facts: &Facts, press: KeyPress, wishes: &mut Vec<Wish>) {
    if press == KeyPress::ctrl('c') {
        return ctrl_c(screen, facts, wishes);
    }
    screen.exit_armed_until_ms = None;
    if let Some(popup) = screen.popup {
        if scroll_popup(screen, popup, press) {
            return;
        }
        if screen.closes_over_question(facts.now_ms) {
            return;
        }
        screen.popup = None;
        if press.code == KeyCode::Esc {
            return;
        }
    }
    if press.typed() == Some('?') && screen.composer.is_empty() && !screen.is_writing_words() {
        // It lies over an open question, which keeps the keys.
        screen.question.iter_mut().for_each(Question::rest);
        screen.popup = Some(Popup::Help { scrolled: 0 });
        return;
    }
    if answer::key(screen, facts, press, wishes) {
        return;
    }
    let Mods { ctrl, alt, shift } = press.mods;
    match press.code {
        KeyCode::Char('d') if ctrl && screen.composer.is_empty() => wishes.push(Wish::Op(Op::Quit)),
        KeyCode::Char('z') if ctrl => wishes.push(Wish::Host(HostEffect::Suspend)),
        KeyCode::Char('l') if ctrl => wishes.push(Wish::Host(HostEffect::Repaint)),
        KeyCode::Char('t') if ctrl => screen.details = !screen.details,
        KeyCode::Char('o') if ctrl => copy(screen, facts, wishes),
        KeyCode::Esc => escape(facts, wishes),
        KeyCode::Enter if !ctrl && !alt && !shift => submit(screen, facts, wishes),
        KeyCode::Tab => queue(screen, facts, wishes),
        KeyCode::Up if alt => unqueue(screen, facts, wishes),
        KeyCode::PageUp => scroll(screen, i64::from(page(screen))),
        KeyCode::PageDown => scroll(screen, -i64::from(page(screen))),
        KeyCode::End if ctrl => screen.scroll = Scroll::Follow,
        KeyCode::Home if ctrl => screen.scroll = Scroll::Up(u32::MAX),
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
        | KeyCode::F(_) => edit(screen, press),
    }
}

/// Scrolls a popup; `false` when the key means something else.
fn scroll_popup(screen: &mut Screen, popup: Popup, press: KeyPress) -> bool {
    let Popup::Help { scrolled } = popup;
    let (last, page) = (help::rows(screen.size.cols).saturating_sub(1), help::page(screen.size.rows));
    let moves = !press.mods.ctrl && !press.mods.alt;
    let scrolled = match press.code {
        KeyCode::Up if moves => scrolled.saturating_sub(1),
        KeyCode::Down if moves => scrolled.saturating_add(1),
        KeyCode::PageUp => scrolled.saturating_sub(page),
        KeyCode::PageDown => scrolled.saturating_add(page),
        KeyCode::Home => 0,
        KeyCode::End => last,
        KeyCode::Char(_)
        | KeyCode::Enter
        | KeyCode::Esc
        | KeyCode::Tab
        | KeyCode::BackTab
        | KeyCode::Backspace
        | KeyCode::Delete
        | KeyCode::Insert
        | KeyCode::Left
        | KeyCode::Right
        | KeyCode::Up
        | KeyCode::Down
        | KeyCode::F(_) => return false,
    };
    screen.popup = Some(Popup::Help { scrolled: scrolled.min(last) });
    true
}

/// Ctrl-C, in this order: closes a popup, clears the draft (kept in the history), interrupts, arms the exit, exits.
fn ctrl_c(screen: &mut Screen, facts: &Facts, wishes: &mut Vec<Wish>) {
    screen.question.iter_mut().for_each(Question::hold_nothing);
    if screen.popup.take().is_some() {
        return;
    }
    if !screen.composer.is_empty() {
        screen.composer.clear_to_recall();
    } else if facts.working {
        interrupt(facts, wishes);
    } else if screen.exit_armed_until_ms.take().is_some() {
        wishes.push(Wish::Op(Op::Quit));
    } else {
        screen.exit_armed_until_ms = Some(facts.now_ms + EXIT_ARMED_MS);
    }
}

fn escape(facts: &Facts, wishes: &mut Vec<Wish>) {
    if facts.working {
        interrupt(facts, wishes);
    }
}

fn interrupt(facts: &Facts, wishes: &mut Vec<Wish>) {
    if let Some(thread) = facts.thread.clone() {
        wishes.push(Wish::Op(Op::Interrupt { thread }));
    }
}

fn submit(screen: &mut Screen, facts: &Facts, wishes: &mut Vec<Wish>) {
    let Some(thread) = facts.thread.clone() else { return };
    let draft = screen.composer.text();
    if draft.trim().is_empty() {
        return;
    }
    match slash::read(&draft) {
        Draft::Words => {
            let input = screen.composer.take();
            wishes.push(Wish::Op(Op::Submit { thread, input }));
            screen.scroll = Scroll::Follow;
        }
        Draft::Command(action) => {
            screen.composer.take();
            match action {
                Action::Help => screen.popup = Some(Popup::Help { scrolled: 0 }),
                Action::Copy => copy(screen, facts, wishes),
                Action::Diff => {
                    wishes.push(Wish::Op(Op::Diff { thread }));
                    screen.scroll = Scroll::Follow;
                }
                Action::Undo => carry(screen, facts, Way::Undo, slash::words(&draft), wishes),
                Action::Redo => carry(screen, facts, Way::Redo, slash::words(&draft), wishes),
                Action::Ps => wishes.push(Wish::Op(Op::ListCommands { thread })),
                Action::Stop => stop(screen, facts, thread, slash::words(&draft), wishes),
                Action::Quit => wishes.push(Wish::Op(Op::Quit)),
            }
        }
        Draft::Unknown(word) => toast(screen, facts.now_ms, slash::unknown(word)),
    }
}

/// `/undo` and `/redo`, with the word `rest` or without.
fn carry(screen: &mut Screen, facts: &Facts, way: Way, words: &str, wishes: &mut Vec<Wish>) {
    let Some(thread) = facts.thread.clone() else { return };
    let consent = match words {
        "" => Consent::Whole,
        "rest" => Consent::Rest,
        _ => return toast(screen, facts.now_ms, "After /undo and /redo only the word `rest` can stand.".to_owned()),
    };
    wishes.push(Wish::Op(match way {
        Way::Undo => Op::Undo { thread, consent },
        Way::Redo => Op::Redo { thread, consent },
    }));
    screen.scroll = Scroll::Follow;
}

/// `/stop`: all commands, or the one of this number.
fn stop(screen: &mut Screen, facts: &Facts, thread: ThreadId, words: &str, wishes: &mut Vec<Wish>) {
    let session = match words {
        "" | "all" => None,
        number => match number.parse() {
            Ok(number) => Some(ProcessId(number)),
            Err(_) => {
                return toast(screen, facts.now_ms, "Say /stop, or /stop and a number that /ps lists.".to_owned());
            }
        },
    };
    wishes.push(Wish::Op(Op::StopCommands { thread, process: session }));
}

fn queue(screen: &mut Screen, facts: &Facts, wishes: &mut Vec<Wish>) {
    let Some(thread) = facts.thread.clone() else { return };
    if !screen.composer.text().trim().is_empty() {
        let input = screen.composer.take();
        wishes.push(Wish::Op(Op::Queue { thread, input }));
    }
}

/// Takes the newest held input back into the composer.
fn unqueue(screen: &mut Screen, facts: &Facts, wishes: &mut Vec<Wish>) {
    let (Some(thread), Some(input)) = (facts.thread.clone(), &facts.newest_queued) else { return };
    if !screen.composer.is_empty() {
        return toast(screen, facts.now_ms, "Send or clear the draft first.".to_owned());
    }
    screen.composer.restore(input);
    wishes.push(Wish::Op(Op::Unqueue { thread }));
}

fn copy(screen: &mut Screen, facts: &Facts, wishes: &mut Vec<Wish>) {
    match &facts.last_message {
        Some(text) => wishes.push(Wish::Host(HostEffect::Copy { text: text.clone() })),
        None => toast(screen, facts.now_ms, "There is no answer to copy yet.".to_owned()),
    }
}

pub(super) fn toast(screen: &mut Screen, now_ms: u64, line: String) {
    screen.toast = Some((line, now_ms + TOAST_MS));
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
