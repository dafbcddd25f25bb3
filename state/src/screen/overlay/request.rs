//! An approval: what a call of the model wants, and whether it may.

use crate::{
    key::{CallId, ThreadId},
    msg::{Response, ReviewDecision},
    screen::ctx::ScreenCtx,
};

use super::{
    Handled,
    choice::{Choice, Chooses},
    picker::Picker,
    question::Question,
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
}

impl Chooses for Request {
    const NO: Choice = Choice::Cancel;
    const REST: Choice = Choice::Yes;

    fn parts(&mut self) -> (&mut Question, &mut Picker<Choice>) {
        (&mut self.question, &mut self.choices)
    }

    fn choices(&self) -> &Picker<Choice> {
        &self.choices
    }

    fn chosen(&mut self, ctx: &mut ScreenCtx<'_>, choice: Choice) -> Handled {
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

    /// Sends the sentence that goes with a no, also when it is empty.
    fn said(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        let reason = Some(ctx.screen.composer.take().text);
        self.question.respond(ctx, Response::Review(ReviewDecision::Decline { reason }))
    }
}
