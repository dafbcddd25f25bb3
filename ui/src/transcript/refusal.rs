//! Who kept a call from running, read from what the model was told of it.

/// Who it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The user said no.
    User,
    /// The turn was over before it could run.
    TurnEnd,
    /// The policy, a rule or a limit.
    Policy,
}

impl Refusal {
    /// From the sentence that the model was told.
    pub(super) fn of(reason: &str) -> Self {
        let is = |words: &str| reason.starts_with(words);
        if is("Not run: the user declined") {
            Self::User
        } else if is("Not run: the user interrupted") || is("Not run: the turn ended") {
            Self::TurnEnd
        } else {
            Self::Policy
        }
    }
}
