//! The question about a trusted folder: whether what is new there is used.

use crate::{key::RequestId, msg::Response, screen::ctx::ScreenCtx};

use super::{
    Handled,
    choice::Choice,
    picker::Picker,
    question::{Answer, Asks, Question},
};

/// What a trusted folder brings, and whether it is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Trust {
    /// When keys answer.
    pub question: Question,
    /// What can be chosen.
    pub choices: Picker<Choice>,
}

impl Trust {
    /// The question; what is safe is marked. `focused`: keys go to it at once.
    pub fn new(focused: bool) -> Self {
        let mut choices = Picker::new(vec![Choice::Use, Choice::NotNow]);
        choices.mark(&Choice::NotNow);
        Self { question: Question::new(RequestId::TRUST.0, focused), choices }
    }

    fn choose(&mut self, ctx: &mut ScreenCtx<'_>, choice: Choice) -> Handled {
        if self.question.refuses(ctx, choice) {
            return Handled::Taken;
        }
        self.question.respond(ctx, Response::Trust { is_used: choice == Choice::Use })
    }
}

impl Asks for Trust {
    fn question(&mut self) -> &mut Question {
        &mut self.question
    }

    fn answer_of(&self, letter: char) -> Option<Answer> {
        self.choices.answer_of(letter)
    }

    fn step(&mut self, rows: isize) {
        self.question.marked_by = None;
        self.choices.step(rows);
    }

    fn only_marks(&mut self, answer: Answer) -> Option<bool> {
        self.choices.only_marks(answer)
    }

    fn confirm(&mut self, ctx: &mut ScreenCtx<'_>, answer: Answer) -> Handled {
        self.choices.offered(answer).map_or(Handled::Taken, |choice| self.choose(ctx, choice))
    }

    fn enter(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        self.choices.marked().copied().map_or(Handled::Taken, |choice| self.choose(ctx, choice))
    }

    fn cancel(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        self.choose(ctx, Choice::NotNow)
    }

    /// It has no answer in own words.
    fn say(&mut self, _: &mut ScreenCtx<'_>) -> Handled {
        Handled::Taken
    }

    fn unmark(&mut self) {
        self.choices.rest(Choice::NotNow);
    }
}
