//! What the sandbox of a command does not do although its plan says so: the user is told once, the model with the results that
//! it bears on.

/// Most sentences that are kept of one command, and of one thread.
pub const MOST: usize = 32;

/// Sentences about one command, until a result has carried them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remarks {
    notes: Vec<String>,
    on_failure: Vec<String>,
}

impl Remarks {
    /// Adds sentences: that belong to every result, and to those of a failure.
    pub fn add(&mut self, notes: Vec<String>, on_failure: Vec<String>) {
        self.notes.extend(notes);
        self.on_failure.extend(on_failure);
    }

    /// What belongs to a result with this exit code; none while it runs.
    pub fn of(self, code: Option<i32>) -> impl Iterator<Item = String> {
        let has_failed = code.is_some_and(|code| code != 0);
        self.notes.into_iter().chain(self.on_failure.into_iter().filter(move |_| has_failed))
    }
}
