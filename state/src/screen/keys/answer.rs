//! Keys while a question is open. A key answers only when the question accepts it (see [`crate::screen::Question::accepts`]);
//! every other key goes where it would have gone without the question.

use crate::{
    msg::{Decision, KeyCode, KeyPress, Mods, Op},
    screen::{
        Screen,
        question::{About, Choice, Question},
    },
};

use super::{Facts, Wish};

/// Takes a key for the open question. `false`: the key is not for the question.
pub(super) fn key(screen: &mut Screen, facts: &Facts, press: KeyPress, wishes: &mut Vec<Wish>) -> bool {
    let (last_key_ms, is_answering) = (screen.last_key_ms, screen.is_answering);
    // What is asked about has a part of the window only.
    let page = usize::from(screen.size.rows / 4).max(1);
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
    // Reading on is no answer.
    if matches!(press.code, KeyCode::PageUp | KeyCode::PageDown) {
        question.page(page, press.code == KeyCode::PageDown);
        return true;
    }
    if matches!(press.code, KeyCode::Home | KeyCode::End) && has_no_draft {
        question.jump(press.code == KeyCode::End);
        return true;
    }
    if !question.accepts(facts.now_ms, last_key_ms, is_answering) {
        // Somebody is in the middle of typing: what they type is theirs, and the question waits.
        question.focused = !types(press);
        return matches!(press.code, KeyCode::Up | KeyCode::Down | KeyCode::Tab);
    }
    if question.form.is_some() {
        let is_taken = form(screen, press, wishes);
        return own(screen, facts, is_taken);
    }
    let is_taken = answer(screen, press, wishes);
    own(screen, facts, is_taken)
}

/// Notes that the question took a key as its own, and says again whether it did.
fn own(screen: &mut Screen, facts: &Facts, is_taken: bool) -> bool {
    if let Some(question) = screen.question.as_mut().filter(|_| is_taken) {
        question.taken_ms = Some(facts.now_ms);
    }
    is_taken
}

/// Takes a key that may answer.
fn answer(screen: &mut Screen, press: KeyPress, wishes: &mut Vec<Wish>) -> bool {
    let Some(question) = &mut screen.question else { return false };
    match (press.code, press.mods) {
        (KeyCode::Char(letter), Mods { ctrl: false, alt: false, .. }) => match choice_of(&question.choices, letter) {
            Some(choice) if choice.is_wide() && question.choice != choice => question.choice = choice,
            Some(choice) => choose(screen, choice, wishes),
            None => {
                question.focused = false;
                return false;
            }
        },
        (KeyCode::Up, _) => question.choice = neighbour(question, -1),
        (KeyCode::Down, _) => question.choice = neighbour(question, 1),
        (KeyCode::Enter, _) => {
            let choice = question.choice;
            choose(screen, choice, wishes);
        }
        (KeyCode::Esc, _) => {
            let choice = if question.about == About::Trust { Choice::NotNow } else { Choice::Cancel };
            choose(screen, choice, wishes);
        }
        (KeyCode::Tab, _) => question.focused = false,
        _ => return false,
    }
    true
}

/// Takes a key for the questions of the model.
fn form(screen: &mut Screen, press: KeyPress, wishes: &mut Vec<Wish>) -> bool {
    let Some(question) = &mut screen.question else { return false };
    let Some(form) = &mut question.form else { return false };
    match (press.code, press.mods) {
        (KeyCode::Char(letter), Mods { ctrl: false, alt: false, .. }) => {
            let number = letter.to_digit(10).and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
            match number.filter(|number| *number < form.choices()) {
                Some(number) => {
                    form.marked = number;
                    pick(screen, wishes);
                }
                None => {
                    question.focused = false;
                    return false;
                }
            }
        }
        (KeyCode::Up, _) => form.mark(-1),
        (KeyCode::Down, _) => form.mark(1),
        (KeyCode::Enter, _) => pick(screen, wishes),
        (KeyCode::Esc, _) => decide(screen, Decision::CancelTurn, wishes),
        (KeyCode::Tab, _) => question.focused = false,
        _ => return false,
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
        (question.painted_ms, question.seen_ms) = (None, None);
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

fn neighbour(question: &Question, step: isize) -> Choice {
    let at = question.choices.iter().position(|choice| *choice == question.choice).unwrap_or(0);
    let at = at.saturating_add_signed(step).min(question.choices.len().saturating_sub(1));
    question.choices.get(at).copied().unwrap_or(question.choice)
}

fn choose(screen: &mut Screen, choice: Choice, wishes: &mut Vec<Wish>) {
    let Some(question) = &mut screen.question else { return };
    let decision = match choice {
        Choice::Use => return trust(screen, true, wishes),
        Choice::NotNow => return trust(screen, false, wishes),
        Choice::Yes => Decision::Accept,
        Choice::YesAlways => Decision::AcceptAlways,
        Choice::YesForSession => Decision::AcceptForSession,
        Choice::NoWithReason => {
            question.explaining = true;
            question.choice = Choice::NoWithReason;
            return;
        }
        Choice::Cancel => Decision::CancelTurn,
    };
    decide(screen, decision, wishes);
}

fn decide(screen: &mut Screen, decision: Decision, wishes: &mut Vec<Wish>) {
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
    match (press.code, press.mods) {
        (KeyCode::Enter, Mods { ctrl: false, alt: false, shift: false })
            if screen.question.as_ref().is_some_and(|question| question.form.is_some()) =>
        {
            // Nothing is no answer: the words are waited for.
            if !screen.composer.text().trim().is_empty() {
                let words = screen.composer.take().text;
                take(screen, words, wishes);
            }
            true
        }
        (KeyCode::Enter, Mods { ctrl: false, alt: false, shift: false }) => {
            let reason = screen.composer.take().text;
            decide(screen, Decision::Decline { reason: Some(reason) }, wishes);
            true
        }
        (KeyCode::Esc, _) => {
            if let Some(question) = &mut screen.question {
                question.explaining = false;
            }
            true
        }
        _ => false,
    }
}
