//! Questions of the model on the screen: one after the other, each answered by a choice or in the user's own words.

use crate::item::UserQuestion;

/// The questions of one call, and how far they are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// All questions.
    pub questions: Vec<UserQuestion>,
    /// Which one is being answered.
    pub at: usize,
    /// The marked choice; after the options comes "something else".
    pub marked: usize,
    /// The answers so far.
    pub answers: Vec<String>,
}

impl Form {
    /// Nothing answered yet.
    pub fn new(questions: Vec<UserQuestion>) -> Self {
        Self { questions, at: 0, marked: 0, answers: Vec::new() }
    }

    /// The question that is being answered.
    pub fn question(&self) -> Option<&UserQuestion> {
        self.questions.get(self.at)
    }

    /// How many choices there are, "something else" included.
    pub fn choices(&self) -> usize {
        self.question().map_or(0, |question| question.options.len()) + 1
    }

    /// The label of a choice; `None` for "something else".
    pub fn label(&self, choice: usize) -> Option<&str> {
        self.question().and_then(|question| question.options.get(choice)).map(|option| option.label.as_str())
    }

    /// Moves the mark.
    pub fn mark(&mut self, step: isize) {
        self.marked = self.marked.saturating_add_signed(step).min(self.choices() - 1);
    }

    /// Takes an answer and goes on to the next question; `true` when it was the last.
    pub fn answer(&mut self, text: String) -> bool {
        self.answers.push(text);
        self.at += 1;
        self.marked = 0;
        self.at >= self.questions.len()
    }
}
