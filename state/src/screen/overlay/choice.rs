//! What can be chosen at a question that allows or refuses something.

use super::{
    Handled,
    picker::Picker,
    question::{Answer, Asks, Question},
};
use crate::screen::ctx::ScreenCtx;

/// The choices. A question offers some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Run it, this once.
    Yes,
    /// Run it, and the same again without asking, this session.
    YesForSession,
    /// Run it, and commands that begin like it without asking, by a rule that is kept.
    YesAlways,
    /// Do not run it; tell the model why.
    NoWithReason,
    /// Do not run it and end the turn.
    Cancel,
    /// Use what the folder brings, from now on.
    Use,
    /// Do not use it in this session.
    NotNow,
}

impl Choice {
    /// Whether it allows more than what is asked about. Its letter only marks it, so that the first letter of a sentence
    /// that the user types over a question allows nothing permanently.
    pub fn is_wide(self) -> bool {
        match self {
            Self::YesForSession | Self::YesAlways | Self::Use => true,
            Self::Yes | Self::NoWithReason | Self::Cancel | Self::NotNow => false,
        }
    }

    /// Whether it allows what is asked about.
    pub fn is_yes(self) -> bool {
        self == Self::Yes || self.is_wide()
    }

    /// What a question offers, in order; with `YesAlways` when there is a rule that would allow it. `is_once`: nothing beyond
    /// this time.
    pub fn offered(with_rule: bool, is_once: bool) -> Vec<Self> {
        let session = (!is_once).then_some(Self::YesForSession);
        let always = with_rule.then_some(Self::YesAlways);
        [Self::Yes].into_iter().chain(session).chain(always).chain([Self::NoWithReason, Self::Cancel]).collect()
    }

    /// Its label and its key.
    pub fn label(self) -> (&'static str, char) {
        match self {
            Self::Yes => ("Yes, run it", 'y'),
            Self::YesForSession => ("Yes, and do not ask again for this command in this session", 'a'),
            Self::YesAlways => ("Yes, and always allow commands that begin with", 'p'),
            Self::NoWithReason => ("No, and tell the model why", 'n'),
            Self::Cancel => ("No, and stop the turn", 'c'),
            Self::Use => ("Yes, from now on", 'y'),
            Self::NotNow => ("Not in this session", 'n'),
        }
    }
}

impl Picker<Choice> {
    /// The choice of a letter or a number.
    pub(super) fn answer_of(&self, letter: char) -> Option<Answer> {
        let by_letter = || self.rows().iter().find(|choice| choice.label().1 == letter);
        let choice =
            if letter.is_ascii_digit() { self.rows().get(super::picker::number(letter)?) } else { by_letter() };
        choice.copied().map(Answer::Choice)
    }

    /// Whether the letter of an answer does not answer yet; then it is marked, if it is offered.
    pub(super) fn only_marks(&mut self, answer: Answer) -> Option<bool> {
        match answer {
            Answer::Choice(choice) if choice.is_wide() && self.marked() != Some(&choice) => Some(self.mark(&choice)),
            Answer::Choice(_) | Answer::Option(_) => None,
        }
    }

    /// The choice of an answer, if it is offered.
    pub(super) fn offered(&self, answer: Answer) -> Option<Choice> {
        match answer {
            Answer::Choice(choice) => Some(choice).filter(|choice| self.rows().contains(choice)),
            Answer::Option(_) => None,
        }
    }

    /// Leaves the mark on no choice that allows more than what is asked about.
    pub(super) fn rest(&mut self, on: Choice) {
        if self.marked().is_some_and(|choice| choice.is_wide()) {
            self.mark(&on);
        }
    }
}

/// A question whose answers are choices.
pub(super) trait Chooses {
    /// The shortest no.
    const NO: Choice;
    /// The choice on which the mark rests: it allows no more than what is asked about.
    const REST: Choice;

    /// What it has in common with all questions, and what can be chosen.
    fn parts(&mut self) -> (&mut Question, &mut Picker<Choice>);

    /// What can be chosen.
    fn choices(&self) -> &Picker<Choice>;

    /// Carries out a choice that may be made now.
    fn chosen(&mut self, ctx: &mut ScreenCtx<'_>, choice: Choice) -> Handled;

    /// Takes the draft as the answer in own words.
    fn said(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled;

    /// Carries out a choice, unless it may not be made yet.
    fn choose(&mut self, ctx: &mut ScreenCtx<'_>, choice: Choice) -> Handled {
        if self.parts().0.refuses(ctx, choice) {
            return Handled::Taken;
        }
        self.chosen(ctx, choice)
    }
}

impl<T: Chooses> Asks for T {
    fn question(&mut self) -> &mut Question {
        self.parts().0
    }

    fn answer_of(&self, letter: char) -> Option<Answer> {
        self.choices().answer_of(letter)
    }

    fn step(&mut self, rows: isize) {
        let (question, choices) = self.parts();
        question.marked_by = None;
        choices.step(rows);
    }

    fn only_marks(&mut self, answer: Answer) -> Option<bool> {
        self.parts().1.only_marks(answer)
    }

    fn confirm(&mut self, ctx: &mut ScreenCtx<'_>, answer: Answer) -> Handled {
        self.choices().offered(answer).map_or(Handled::Taken, |choice| self.choose(ctx, choice))
    }

    fn enter(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        self.choices().marked().copied().map_or(Handled::Taken, |choice| self.choose(ctx, choice))
    }

    fn cancel(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        self.choose(ctx, T::NO)
    }

    fn say(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        self.said(ctx)
    }

    fn unmark(&mut self) {
        self.parts().1.rest(T::REST);
    }
}
