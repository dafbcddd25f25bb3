//! Questions of the model: one after the other, each answered by a choice or in the user's own words.

use crate::{
    item::{UserOption, UserQuestion},
    msg::{Response, ReviewDecision},
    screen::ctx::ScreenCtx,
};

use super::{
    Handled,
    picker::{self, Picker},
    question::{Answer, Asks, Question},
};

/// The questions of one call, and how far they are answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// When keys answer.
    pub question: Question,
    /// All questions.
    pub questions: Vec<UserQuestion>,
    /// Which one is being answered.
    pub at: usize,
    /// What can be chosen; after the options comes `None`, something else.
    pub picker: Picker<Option<UserOption>>,
    /// The answers so far.
    pub answers: Vec<String>,
}

impl Form {
    /// Nothing answered yet.
    pub fn new(question: Question, questions: Vec<UserQuestion>) -> Self {
        let picker = options(questions.first());
        Self { question, questions, at: 0, picker, answers: Vec::new() }
    }

    /// The question that is being answered.
    pub fn current(&self) -> Option<&UserQuestion> {
        self.questions.get(self.at)
    }

    /// Takes an answer. The next question counts as new: it has to be painted before it can be answered.
    fn take(&mut self, ctx: &mut ScreenCtx<'_>, answer: String) -> Handled {
        self.question.explaining = false;
        self.answers.push(answer);
        self.at += 1;
        self.picker = options(self.current());
        if self.at < self.questions.len() {
            self.question.part += 1;
            self.question.forget_sight();
            return Handled::Taken;
        }
        let answers = std::mem::take(&mut self.answers);
        self.question.respond(ctx, Response::Answers(answers))
    }
}

fn options(question: Option<&UserQuestion>) -> Picker<Option<UserOption>> {
    let options = question.into_iter().flat_map(|question| question.options.iter().cloned().map(Some));
    Picker::new(options.chain([None]).collect())
}

impl Asks for Form {
    fn question(&mut self) -> &mut Question {
        &mut self.question
    }

    fn answer_of(&self, letter: char) -> Option<Answer> {
        picker::number(letter).filter(|number| *number < self.picker.rows().len()).map(Answer::Option)
    }

    fn step(&mut self, rows: isize) {
        self.picker.step(rows);
    }

    fn only_marks(&mut self, _: Answer) -> Option<bool> {
        None
    }

    fn confirm(&mut self, ctx: &mut ScreenCtx<'_>, answer: Answer) -> Handled {
        match answer {
            Answer::Option(number) if self.picker.mark_at(number) => self.enter(ctx),
            Answer::Option(_) | Answer::Choice(_) => Handled::Taken,
        }
    }

    /// Takes the marked choice; for something else the composer takes the words.
    fn enter(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        match self.picker.marked().cloned().flatten() {
            Some(option) => self.take(ctx, option.label),
            None => {
                self.question.explaining = true;
                Handled::Taken
            }
        }
    }

    fn cancel(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        self.question.respond(ctx, Response::Review(ReviewDecision::CancelTurn))
    }

    fn say(&mut self, ctx: &mut ScreenCtx<'_>) -> Handled {
        // Nothing is no answer: the words are waited for.
        if ctx.screen.composer.text().trim().is_empty() {
            return Handled::Taken;
        }
        let words = ctx.screen.composer.take().text;
        self.take(ctx, words)
    }

    fn unmark(&mut self) {}
}
