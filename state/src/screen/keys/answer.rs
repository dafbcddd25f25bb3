//! Keys while a question is open. A key answers only when the question accepts it (see [`crate::screen::Question::accepts`]);
//! every other key goes where it would have gone without the question.

use crate::{
    key::{Key, RequestId},
    limits::{LATE_MS, QUIET_MS, SETTLE_MS},
    msg::{KeyCode, KeyPress, Op, Response, ReviewDecision},
    screen::{
        Screen,
        question::{About, Answer, Choice, Held, Question},
    },
};

use super::{ScreenCtx, Wish};

/// Takes a key for the open question. `false`: the key is not for the question.
pub(super) fn key(ctx: &mut ScreenCtx<'_>, press: KeyPress) -> bool {
    let (last_key_ms, is_answering) = (ctx.screen.last_key_ms, ctx.screen.is_answering);
    let has_no_draft = ctx.screen.composer.is_empty();
    let Some(question) = &mut ctx.screen.question else { return false };
    if question.explaining {
        return explain(ctx, press);
    }
    if press.code == KeyCode::Tab && !question.focused {
        // Turning to the question is itself a key, so an answer still needs the quiet after it.
        question.focused = true;
        return true;
    }
    if !question.focused {
        return false;
    }
    if let Some(held) = question.held.take() {
        if press.typed().is_some() {
            question.held = Some(held);
            return text(ctx.screen);
        }
        // A letter and Enter is no sentence.
        if press == KeyPress::plain(KeyCode::Enter) {
            own(ctx, true);
            return confirmed(ctx, held.answer);
        }
        if press == KeyPress::plain(KeyCode::Backspace) {
            return own(ctx, true);
        }
    }
    let Some(question) = &mut ctx.screen.question else { return false };
    // Reading on is no answer.
    if matches!(press.code, KeyCode::PageUp | KeyCode::PageDown) {
        question.page(press.code == KeyCode::PageDown);
        return true;
    }
    if matches!(press.code, KeyCode::Home | KeyCode::End) && has_no_draft {
        question.jump(press.code == KeyCode::End);
        return true;
    }
    // After a letter that only marked something, another one goes on with a sentence, unless it comes calmly.
    let is_calm = last_key_ms.is_none_or(|key| ctx.now_ms.saturating_sub(key) >= QUIET_MS);
    let goes_on = question.marked_by.is_some_and(|letter| press.typed().is_some_and(|typed| typed != letter));
    if !question.accepts(ctx.now_ms, last_key_ms, is_answering) || goes_on && !is_calm {
        // Somebody is in the middle of typing: what they type is theirs, and the question waits.
        if types(press) {
            return text(ctx.screen);
        }
        return matches!(press.code, KeyCode::Up | KeyCode::Down | KeyCode::Tab);
    }
    let is_taken = if question.form.is_some() { form(ctx, press) } else { answer(ctx, press) };
    own(ctx, is_taken)
}

/// What is typed is text for the draft, with the letters that came before it. Always `false`.
pub(super) fn text(screen: &mut Screen) -> bool {
    let Some(question) = &mut screen.question else { return false };
    let held = question.held.take().map(|held| held.letter);
    let before: String = question.marked_by.take().into_iter().chain(held).collect();
    question.leave();
    screen.composer.insert_str(&before);
    false
}

/// Notes that the question took a key as its own, and says again whether it did.
fn own(ctx: &mut ScreenCtx<'_>, is_taken: bool) -> bool {
    if let Some(question) = ctx.screen.question.as_mut().filter(|_| is_taken) {
        question.taken_ms = Some(ctx.now_ms);
    }
    is_taken
}

/// Waits whether something follows this letter.
fn hold(ctx: &mut ScreenCtx<'_>, letter: char, answer: Answer) {
    #[cfg(feature = "planted-bugs")]
    if crate::planted::is("instant-letter") {
        confirmed(ctx, answer);
        return;
    }
    if let Some(question) = &mut ctx.screen.question {
        question.held = Some(Held { letter, answer, due_ms: ctx.now_ms + SETTLE_MS, timer: None, is_again: false });
        ctx.wishes.push(Wish::Settle);
    }
}

/// The timer of a letter has run out.
pub(super) fn settle(ctx: &mut ScreenCtx<'_>, timer: &Key) {
    let Some(question) = &mut ctx.screen.question else { return };
    let Some(mut held) = question.held.take_if(|held| held.timer.as_ref() == Some(timer)) else { return };
    if ctx.now_ms > held.due_ms + LATE_MS && !held.is_again {
        // What was pressed while the program stood still is on its way. By the next timer it has come.
        (held.due_ms, held.timer, held.is_again) = (ctx.now_ms + SETTLE_MS, None, true);
        question.held = Some(held);
        return ctx.wishes.push(Wish::Settle);
    }
    let letter = held.letter;
    let was_marked = question.choice;
    match held.answer {
        // The letter of what allows more only marks it, unless it is marked already.
        Answer::Choice(choice) if choice.is_wide() && was_marked != choice => {
            if question.choices.contains(&choice) {
                (question.choice, question.marked_by) = (choice, Some(letter));
            }
        }
        answer @ (Answer::Choice(_) | Answer::Option(_)) => {
            confirmed(ctx, answer);
        }
    }
}

/// Carries out what a letter answers, if it is still offered.
fn confirmed(ctx: &mut ScreenCtx<'_>, answer: Answer) -> bool {
    let Some(question) = &mut ctx.screen.question else { return true };
    match answer {
        Answer::Choice(choice) if question.choices.contains(&choice) => choose(ctx, choice),
        Answer::Option(number) => {
            if let Some(form) = question.form.as_mut().filter(|form| number < form.choices()) {
                form.marked = number;
                pick(ctx);
            }
        }
        Answer::Choice(_) => {}
    }
    true
}

/// Takes a key that may answer.
fn answer(ctx: &mut ScreenCtx<'_>, press: KeyPress) -> bool {
    let Some(question) = &mut ctx.screen.question else { return false };
    let types = press.typed().is_some();
    match press.code {
        KeyCode::Char(letter) if types => match choice_of(&question.choices, letter) {
            Some(choice) => hold(ctx, letter, Answer::Choice(choice)),
            None => return text(ctx.screen),
        },
        KeyCode::Up => mark(question, -1),
        KeyCode::Down => mark(question, 1),
        KeyCode::Enter => {
            let choice = question.choice;
            choose(ctx, choice);
        }
        KeyCode::Esc => {
            let choice = if question.about == About::Trust { Choice::NotNow } else { Choice::Cancel };
            choose(ctx, choice);
        }
        KeyCode::Tab => question.leave(),
        KeyCode::Char(_)
        | KeyCode::BackTab
        | KeyCode::Backspace
        | KeyCode::Delete
        | KeyCode::Insert
        | KeyCode::Left
        | KeyCode::Right
        | KeyCode::Home
        | KeyCode::End
        | KeyCode::PageUp
        | KeyCode::PageDown
        | KeyCode::F(_) => return false,
    }
    true
}

/// Takes a key for the questions of the model.
fn form(ctx: &mut ScreenCtx<'_>, press: KeyPress) -> bool {
    let Some(question) = &mut ctx.screen.question else { return false };
    let Some(form) = &mut question.form else { return false };
    let types = press.typed().is_some();
    match press.code {
        KeyCode::Char(letter) if types => {
            let number = letter.to_digit(10).and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
            match number.filter(|number| *number < form.choices()) {
                Some(number) => hold(ctx, letter, Answer::Option(number)),
                None => return text(ctx.screen),
            }
        }
        KeyCode::Up => form.mark(-1),
        KeyCode::Down => form.mark(1),
        KeyCode::Enter => pick(ctx),
        KeyCode::Esc => decide(ctx, ReviewDecision::CancelTurn),
        KeyCode::Tab => question.leave(),
        KeyCode::Char(_)
        | KeyCode::BackTab
        | KeyCode::Backspace
        | KeyCode::Delete
        | KeyCode::Insert
        | KeyCode::Left
        | KeyCode::Right
        | KeyCode::Home
        | KeyCode::End
        | KeyCode::PageUp
        | KeyCode::PageDown
        | KeyCode::F(_) => return false,
    }
    true
}

/// Takes the marked choice; for "something else" the composer takes the words.
fn pick(ctx: &mut ScreenCtx<'_>) {
    let Some(question) = &mut ctx.screen.question else { return };
    let label = question.form.as_ref().and_then(|form| form.label(form.marked)).map(str::to_owned);
    match label {
        Some(label) => take(ctx, label),
        None => question.explaining = true,
    }
}

/// Takes an answer. The next question counts as new: it has to be painted before it can be answered.
fn take(ctx: &mut ScreenCtx<'_>, answer: String) {
    let Some(question) = &mut ctx.screen.question else { return };
    let Some(form) = &mut question.form else { return };
    question.explaining = false;
    if !form.answer(answer) {
        question.forget_sight();
        return;
    }
    let answers = std::mem::take(&mut form.answers);
    if let Some(question) = ctx.screen.question.take() {
        respond(ctx, RequestId(question.serial), Response::Answers(answers));
    }
}

fn types(press: KeyPress) -> bool {
    matches!(press.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Enter) && !press.mods.ctrl && !press.mods.alt
}

fn choice_of(choices: &[Choice], letter: char) -> Option<Choice> {
    let by_number = letter.to_digit(10).and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
    match by_number {
        Some(at) => choices.get(at).copied(),
        None => choices.iter().copied().find(|choice| choice.label().1 == letter),
    }
}

/// Moves the mark.
fn mark(question: &mut Question, step: isize) {
    let at = question.choices.iter().position(|choice| *choice == question.choice).unwrap_or(0);
    let at = at.saturating_add_signed(step).min(question.choices.len().saturating_sub(1));
    question.choice = question.choices.get(at).copied().unwrap_or(question.choice);
    question.marked_by = None;
}

fn choose(ctx: &mut ScreenCtx<'_>, choice: Choice) {
    let Some(question) = &mut ctx.screen.question else { return };
    question.marked_by = None;
    if let Some(why) = question.refusal().filter(|_| choice.is_yes()) {
        return ctx.toast(why);
    }
    let decision = match choice {
        Choice::Use => return trust(ctx, true),
        Choice::NotNow => return trust(ctx, false),
        Choice::Yes => ReviewDecision::Accept,
        Choice::YesAlways => ReviewDecision::AcceptAlways,
        Choice::YesForSession => ReviewDecision::AcceptForSession,
        Choice::NoWithReason => {
            question.explaining = true;
            question.choice = Choice::NoWithReason;
            return;
        }
        Choice::Cancel => ReviewDecision::CancelTurn,
    };
    decide(ctx, decision);
}

fn decide(ctx: &mut ScreenCtx<'_>, decision: ReviewDecision) {
    if let Some(question) = ctx.screen.question.take() {
        respond(ctx, RequestId(question.serial), Response::Review(decision));
    }
}

fn respond(ctx: &mut ScreenCtx<'_>, request: RequestId, response: Response) {
    ctx.wishes.push(Wish::Op(Op::Respond { request, response }));
}

fn trust(ctx: &mut ScreenCtx<'_>, is_used: bool) {
    ctx.screen.question = None;
    respond(ctx, RequestId::TRUST, Response::Trust { is_used });
}

/// The composer writes the sentence that goes with a "no"; Enter sends it, also when it is empty, Esc goes back.
fn explain(ctx: &mut ScreenCtx<'_>, press: KeyPress) -> bool {
    if press.code == KeyCode::Esc {
        if let Some(question) = &mut ctx.screen.question {
            question.explaining = false;
        }
        return true;
    }
    if press != KeyPress::plain(KeyCode::Enter) {
        return false;
    }
    if ctx.screen.question.as_ref().is_some_and(|question| question.form.is_some()) {
        // Nothing is no answer: the words are waited for.
        if !ctx.screen.composer.text().trim().is_empty() {
            let words = ctx.screen.composer.take().text;
            take(ctx, words);
        }
    } else {
        let reason = ctx.screen.composer.take().text;
        decide(ctx, ReviewDecision::Decline { reason: Some(reason) });
    }
    true
}
