//! Keys while a question is open. A key answers only when the question accepts it (see [`crate::screen::Question::accepts`]);
//! every other key goes where it would have gone without the question.

use crate::{
    key::Key,
    limits::{LATE_MS, QUIET_MS, SETTLE_MS},
    msg::{KeyCode, KeyPress, Op, ReviewDecision},
    screen::{
        Screen,
        question::{About, Answer, Choice, Held, Question},
    },
};

use super::{Facts, Wish, toast};

/// Takes a key for the open question. `false`: the key is not for the question.
pub(super) fn key(screen: &mut Screen, facts: &Facts, press: KeyPress, wishes: &mut Vec<Wish>) -> bool {
    let (last_key_ms, is_answering) = (screen.last_key_ms, screen.is_answering);
    let has_no_draft = screen.composer.is_empty();
    let Some(question) = &mut screen.question else { return false };
    if question.explaining {
        return explain(screen, press, wishes);
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
            return text(screen);
        }
        // A letter and Enter is no sentence.
        if press == KeyPress::plain(KeyCode::Enter) {
            own(screen, facts, true);
            return confirmed(screen, facts.now_ms, held.answer, wishes);
        }
        if press == KeyPress::plain(KeyCode::Backspace) {
            return own(screen, facts, true);
        }
    }
    let Some(question) = &mut screen.question else { return false };
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
    let is_calm = last_key_ms.is_none_or(|key| facts.now_ms.saturating_sub(key) >= QUIET_MS);
    let goes_on = question.marked_by.is_some_and(|letter| press.typed().is_some_and(|typed| typed != letter));
    if !question.accepts(facts.now_ms, last_key_ms, is_answering) || goes_on && !is_calm {
        // Somebody is in the middle of typing: what they type is theirs, and the question waits.
        if types(press) {
            return text(screen);
        }
        return matches!(press.code, KeyCode::Up | KeyCode::Down | KeyCode::Tab);
    }
    let is_taken =
        if question.form.is_some() { form(screen, facts, press, wishes) } else { answer(screen, facts, press, wishes) };
    own(screen, facts, is_taken)
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
fn own(screen: &mut Screen, facts: &Facts, is_taken: bool) -> bool {
    if let Some(question) = screen.question.as_mut().filter(|_| is_taken) {
        question.taken_ms = Some(facts.now_ms);
    }
    is_taken
}

/// Waits whether something follows this letter.
fn hold(screen: &mut Screen, facts: &Facts, letter: char, answer: Answer, wishes: &mut Vec<Wish>) {
    #[cfg(feature = "planted-bugs")]
    if crate::planted::is("instant-letter") {
        confirmed(screen, facts.now_ms, answer, wishes);
        return;
    }
    if let Some(question) = &mut screen.question {
        question.held = Some(Held { letter, answer, due_ms: facts.now_ms + SETTLE_MS, timer: None, is_again: false });
        wishes.push(Wish::Settle);
    }
}

/// The timer of a letter has run out.
pub(super) fn settle(screen: &mut Screen, now_ms: u64, timer: &Key, wishes: &mut Vec<Wish>) {
    let Some(question) = &mut screen.question else { return };
    let Some(mut held) = question.held.take_if(|held| held.timer.as_ref() == Some(timer)) else { return };
    if now_ms > held.due_ms + LATE_MS && !held.is_again {
        // What was pressed while the program stood still is on its way. By the next timer it has come.
        (held.due_ms, held.timer, held.is_again) = (now_ms + SETTLE_MS, None, true);
        question.held = Some(held);
        return wishes.push(Wish::Settle);
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
            confirmed(screen, now_ms, answer, wishes);
        }
    }
}

/// Carries out what a letter answers, if it is still offered.
fn confirmed(screen: &mut Screen, now_ms: u64, answer: Answer, wishes: &mut Vec<Wish>) -> bool {
    let Some(question) = &mut screen.question else { return true };
    match answer {
        Answer::Choice(choice) if question.choices.contains(&choice) => choose(screen, now_ms, choice, wishes),
        Answer::Option(number) => {
            if let Some(form) = question.form.as_mut().filter(|form| number < form.choices()) {
                form.marked = number;
                pick(screen, wishes);
            }
        }
        Answer::Choice(_) => {}
    }
    true
}

/// Takes a key that may answer.
fn answer(screen: &mut Screen, facts: &Facts, press: KeyPress, wishes: &mut Vec<Wish>) -> bool {
    let Some(question) = &mut screen.question else { return false };
    let types = press.typed().is_some();
    match press.code {
        KeyCode::Char(letter) if types => match choice_of(&question.choices, letter) {
            Some(choice) => hold(screen, facts, letter, Answer::Choice(choice), wishes),
            None => return text(screen),
        },
        KeyCode::Up => mark(question, -1),
        KeyCode::Down => mark(question, 1),
        KeyCode::Enter => {
            let choice = question.choice;
            choose(screen, facts.now_ms, choice, wishes);
        }
        KeyCode::Esc => {
            let choice = if question.about == About::Trust { Choice::NotNow } else { Choice::Cancel };
            choose(screen, facts.now_ms, choice, wishes);
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
fn form(screen: &mut Screen, facts: &Facts, press: KeyPress, wishes: &mut Vec<Wish>) -> bool {
    let Some(question) = &mut screen.question else { return false };
    let Some(form) = &mut question.form else { return false };
    let types = press.typed().is_some();
    match press.code {
        KeyCode::Char(letter) if types => {
            let number = letter.to_digit(10).and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
            match number.filter(|number| *number < form.choices()) {
                Some(number) => hold(screen, facts, letter, Answer::Option(number), wishes),
                None => return text(screen),
            }
        }
        KeyCode::Up => form.mark(-1),
        KeyCode::Down => form.mark(1),
        KeyCode::Enter => pick(screen, wishes),
        KeyCode::Esc => decide(screen, ReviewDecision::CancelTurn, wishes),
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
fn pick(screen: &mut Screen, wishes: &mut Vec<Wish>) {
    let Some(question) = &mut screen.question else { return };
    let label = question.form.as_ref().and_then(|form| form.label(form.marked)).map(str::to_owned);
    match label {
        Some(label) => take(screen, label, wishes),
        None => question.explaining = true,
    }
}

/// Takes an answer. The next question counts as new: it has to be painted before it can be answered.
fn take(screen: &mut Screen, answer: String, wishes: &mut Vec<Wish>) {
    let Some(question) = &mut screen.question else { return };
    let Some(form) = &mut question.form else { return };
    question.explaining = false;
    if !form.answer(answer) {
        question.forget_sight();
        return;
    }
    let answers = std::mem::take(&mut form.answers);
    if let Some(About::Call { thread, call }) = screen.question.take().map(|question| question.about) {
        wishes.push(Wish::Op(Op::Answer { thread, call, answers }));
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

fn choose(screen: &mut Screen, now_ms: u64, choice: Choice, wishes: &mut Vec<Wish>) {
    let Some(question) = &mut screen.question else { return };
    question.marked_by = None;
    if let Some(why) = question.refusal().filter(|_| choice.is_yes()) {
        return toast(screen, now_ms, why);
    }
    let decision = match choice {
        Choice::Use => return trust(screen, true, wishes),
        Choice::NotNow => return trust(screen, false, wishes),
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
    decide(screen, decision, wishes);
}

fn decide(screen: &mut Screen, decision: ReviewDecision, wishes: &mut Vec<Wish>) {
    if let Some(About::Call { thread, call }) = screen.question.take().map(|question| question.about) {
        wishes.push(Wish::Op(Op::Decide { thread, call, decision }));
    }
}

fn trust(screen: &mut Screen, is_used: bool, wishes: &mut Vec<Wish>) {
    screen.question = None;
    wishes.push(Wish::Op(Op::Trust { is_used }));
}

/// The composer writes the sentence that goes with a "no"; Enter sends it, also when it is empty, Esc goes back.
fn explain(screen: &mut Screen, press: KeyPress, wishes: &mut Vec<Wish>) -> bool {
    if press.code == KeyCode::Esc {
        if let Some(question) = &mut screen.question {
            question.explaining = false;
        }
        return true;
    }
    if press != KeyPress::plain(KeyCode::Enter) {
        return false;
    }
    if screen.question.as_ref().is_some_and(|question| question.form.is_some()) {
        // Nothing is no answer: the words are waited for.
        if !screen.composer.text().trim().is_empty() {
            let words = screen.composer.take().text;
            take(screen, words, wishes);
        }
    } else {
        let reason = screen.composer.take().text;
        decide(screen, ReviewDecision::Decline { reason: Some(reason) }, wishes);
    }
    true
}
