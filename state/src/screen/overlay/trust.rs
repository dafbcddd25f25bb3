//! The question about a trusted folder: whether what is new there is used.

use crate::{key::RequestId, msg::Response, screen::ctx::ScreenCtx};

use super::{
    Handled,
    choice::{Choice, Chooses},
    picker::Picker,
    question::Question,
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
}

impl Chooses for Trust {
    const NO: Choice = Choice::NotNow;
    const REST: Choice = Choice::NotNow;

    fn parts(&mut self) -> (&mut Question, &mut Picker<Choice>) {
        (&mut self.question, &mut self.choices)
    }

    fn choices(&self) -> &Picker<Choice> {
        &self.choices
    }

    fn chosen(&mut self, ctx: &mut ScreenCtx<'_>, choice: Choice) -> Handled {
        self.question.respond(ctx, Response::Trust { is_used: choice == Choice::Use })
    }

    /// It has no answer in own words.
    fn said(&mut self, _: &mut ScreenCtx<'_>) -> Handled {
        Handled::Taken
    }
}
