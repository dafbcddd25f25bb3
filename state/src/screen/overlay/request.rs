//! An approval: what a call of the model wants, and whether it may.

use crate::{
    key::{CallId, ThreadId},
    msg::{Response, ReviewDecision},
    screen::ctx::ScreenCtx,
};

use super::{
    Handled,
    choice::Choice,
    picker::Picker,
    question::{Answer, Asks, Question},
};

/// A call that waits for an approval.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// When keys answer.
    pub question: Question,
    /// The thread that asks.
    pub thread: ThreadId,
    /// The call that asks.
    pub call: CallId,
    /// What can be chosen.
    pub choices: Picker<Choice>,
}

impl Request {
    /// A request with these choices.
    pub fn new(question: Question, thread: ThreadId, call: CallId, choices: Vec<Choice>) -> Self {
        Self { question, thread, call, choices: Picker::new(choices) }
    }

    fn choose(&mut self, ctx: &mut ScreenCtx<'_>, choice: Choice) -> Handled {
        if self.question.refuses(ctx, choice) {
            return Handled::Taken;
        }
        let decision = match choice {
            Choice::Yes => ReviewDecision::Accept,
            Choice::YesAlways => ReviewDecision::AcceptAlways,
            Choice::YesForSession => ReviewDecision::AcceptForSession,
            Choice::NoWithReason => {
                self.question.explaining = true;
                self.choices.mark(&Choice::NoWithReason);
                return Handled::Taken;
            }
            Choice::Cancel => ReviewDecision::CancelTurn,
            // What only the question about the folder offers.
            Choice::Use | Choice::NotNow => return Handled::Taken,
        };
        self.question.respond(ctx, Response::Review(decision))
    }
}

impl Asks for Request {
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
        self.choose(ctx, Choice::Cancel)
    }

    /// Sends the sentence that goes with a no, also when it is empty.
    fn say(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        let reason = Some(ctx.screen.composer.take().text);
        self.question.respond(ctx, Response::Review(ReviewDecision::Decline { reason }))
    }

    fn unmark(&mut self) {
        self.choices.rest(Choice::Yes);
    }
}
