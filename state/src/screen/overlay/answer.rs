//! Keys while a question is open. A key answers only when the question accepts it (see [`Question::accepts`]); every other
//! key goes where it would have gone without the question.

use crate::{
    key::Key,
    limits::{LATE_MS, QUIET_MS, SETTLE_MS},
    msg::{KeyCode, KeyPress},
    screen::{
        ctx::{ScreenCtx, Wish},
        keymap::{Action, Context},
    },
};

use super::{
    Handled,
    question::{Answer, Asks, Held},
};

/// Takes a key for the open question.
pub(super) fn key(asks: &mut dyn Asks, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
    let has_no_draft = ctx.screen.composer.is_empty();
    let action = ctx.screen.keymap.action(Context::Question, press);
    let question = asks.question();
    if question.explaining {
        return explain(asks, ctx, press);
    }
    // The table of keys lies over a question.
    if has_no_draft && ctx.screen.keymap.action(Context::Idle, press).is_some() {
        return Handled::Ignored;
    }
    if action == Some(Action::Turn) && !question.focused {
        // Turning to the question is itself a key, so an answer still needs the quiet after it.
        question.focused = true;
        return Handled::Taken;
    }
    if !question.focused {
        return Handled::Ignored;
    }
    if let Some(held) = question.held.take() {
        if press.typed().is_some() {
            question.held = Some(held);
            return text(asks, ctx);
        }
        // A letter and Enter is no sentence.
        if press == KeyPress::plain(KeyCode::Enter) {
            question.taken_ms = Some(ctx.now_ms);
            return asks.confirm(ctx, held.answer);
        }
        if press == KeyPress::plain(KeyCode::Backspace) {
            question.taken_ms = Some(ctx.now_ms);
            return Handled::Taken;
        }
    }
    // Reading on is no answer.
    if matches!(action, Some(Action::PageUp | Action::PageDown)) {
        question.page(action == Some(Action::PageDown));
        return Handled::Taken;
    }
    if matches!(action, Some(Action::First | Action::Last)) && has_no_draft {
        question.jump(action == Some(Action::Last));
        return Handled::Taken;
    }
    // After a letter that only marked something, another one goes on with a sentence, unless it comes calmly.
    let last_key_ms = ctx.screen.last_key_ms;
    let is_calm = last_key_ms.is_none_or(|key| ctx.now_ms.saturating_sub(key) >= QUIET_MS);
    let goes_on = question.marked_by.is_some_and(|letter| press.typed().is_some_and(|typed| typed != letter));
    if !question.accepts(ctx.now_ms, last_key_ms, ctx.screen.is_answering) || goes_on && !is_calm {
        // The user is typing: the keys go to the draft, and the question waits.
        if types(press) {
            return text(asks, ctx);
        }
        let is_taken = matches!(action, Some(Action::Previous | Action::Next | Action::Turn));
        return if is_taken { Handled::Taken } else { Handled::Ignored };
    }
    let handled = take(asks, ctx, press);
    if handled != Handled::Ignored {
        asks.question().taken_ms = Some(ctx.now_ms);
    }
    handled
}

/// Takes a key that may answer.
fn take(asks: &mut dyn Asks, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
    if let Some(letter) = press.typed() {
        return match asks.answer_of(letter) {
            Some(answer) => hold(asks, ctx, letter, answer),
            None => text(asks, ctx),
        };
    }
    let Some(action) = ctx.screen.keymap.action(Context::Question, press) else { return Handled::Ignored };
    if action == Action::Take {
        return asks.enter(ctx);
    }
    if action == Action::Cancel {
        return asks.cancel(ctx);
    }
    if action == Action::Previous {
        asks.step(-1);
    } else if action == Action::Next {
        asks.step(1);
    } else if action == Action::Turn {
        asks.leave();
    } else {
        return Handled::Ignored;
    }
    Handled::Taken
}

/// What is typed is text for the draft.
fn text(asks: &mut dyn Asks, ctx: &mut ScreenCtx<'_>) -> Handled {
    asks.text(&mut ctx.screen.composer);
    Handled::Ignored
}

/// Waits whether something follows this letter.
fn hold(asks: &mut dyn Asks, ctx: &mut ScreenCtx<'_>, letter: char, answer: Answer) -> Handled {
    #[cfg(feature = "planted-bugs")]
    if crate::planted::is("instant-letter") {
        return asks.confirm(ctx, answer);
    }
    let due_ms = ctx.now_ms + SETTLE_MS;
    asks.question().held = Some(Held { letter, answer, due_ms, timer: None, is_again: false });
    ctx.wishes.push(Wish::Settle);
    Handled::Taken
}

/// The timer of a letter has run out.
pub(super) fn settle(asks: &mut dyn Asks, ctx: &mut ScreenCtx<'_>, timer: &Key) -> Handled {
    let question = asks.question();
    let Some(mut held) = question.held.take_if(|held| held.timer.as_ref() == Some(timer)) else {
        return Handled::Taken;
    };
    if ctx.now_ms > held.due_ms + LATE_MS && !held.is_again {
        // What was pressed while the program stood still is on its way. By the next timer it has come.
        (held.due_ms, held.timer, held.is_again) = (ctx.now_ms + SETTLE_MS, None, true);
        question.held = Some(held);
        ctx.wishes.push(Wish::Settle);
        return Handled::Taken;
    }
    // The letter of what allows more only marks it, unless it is marked already.
    match asks.only_marks(held.answer) {
        Some(is_offered) => {
            if is_offered {
                asks.question().marked_by = Some(held.letter);
            }
            Handled::Taken
        }
        None => asks.confirm(ctx, held.answer),
    }
}

fn types(press: KeyPress) -> bool {
    matches!(press.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Enter) && !press.mods.ctrl && !press.mods.alt
}

/// The composer writes the answer in own words; one key sends it, one goes back.
fn explain(asks: &mut dyn Asks, ctx: &mut ScreenCtx<'_>, press: KeyPress) -> Handled {
    let action = ctx.screen.keymap.action(Context::Words, press);
    if action == Some(Action::Cancel) {
        asks.question().explaining = false;
        return Handled::Taken;
    }
    if action == Some(Action::Take) { asks.say(ctx) } else { Handled::Ignored }
}
