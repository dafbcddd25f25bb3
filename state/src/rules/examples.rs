//! The examples of a rule, checked when its file is loaded.

use super::{Programs, Rules};

/// A command that a rule must or must not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Example {
    /// Its words.
    pub(super) words: Vec<String>,
    /// Whether it must match.
    pub(super) must_match: bool,
}

/// What is wrong with an example, if its rule (alone in `rules`, beside the executables of the file) disagrees with it.
pub(super) fn mistake(rules: &Rules, example: &Example) -> Option<String> {
    let is_match = rules.check(&example.words, Programs::Resolved).ruling().is_some();
    let shown: String = example.words.join(" ").chars().take(80).collect();
    match (example.must_match, is_match) {
        (true, true) | (false, false) => None,
        (true, false) => Some(format!("This rule does not match its own example `{shown}`.")),
        (false, true) => Some(format!("This rule matches `{shown}`, although `not_match` says that it must not.")),
    }
}
