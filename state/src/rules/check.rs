//! One argument list against the rules.

use super::{PrefixRule, Rules, Ruling};

/// What an absolute path in the first word counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Programs {
    /// A word like any other.
    AsWritten,
    /// Where no rule names the path itself: the program of its last segment, unless `host_executable` lists other
    /// paths for that name.
    Resolved,
    /// As `Resolved`, but only for paths that `host_executable` lists.
    Listed,
}

/// A rule that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The words of the rule that stand at the beginning.
    pub prefix: Vec<String>,
    /// What the rule says.
    pub ruling: Ruling,
    /// The path that was taken for the program that the rule names.
    pub resolved_program: Option<String>,
    /// Why, in the user's words.
    pub justification: Option<String>,
    /// The file of the rule, and its line from 1.
    pub place: (String, u32),
}

/// What the rules say of an argument list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// Every rule that matches, in the order of the rules.
    pub matches: Vec<Match>,
}

impl Evaluation {
    /// The strictest of the rules that match; `None` when none does.
    pub fn ruling(&self) -> Option<Ruling> {
        self.matches.iter().map(|found| found.ruling).max()
    }

    /// The first of the strictest rules that match.
    pub fn strictest(&self) -> Option<&Match> {
        let ruling = self.ruling()?;
        self.matches.iter().find(|found| found.ruling == ruling)
    }
}

impl Rules {
    /// Compares an argument list with all prefix rules.
    pub fn check(&self, arguments: &[String], programs: Programs) -> Evaluation {
        let as_written = self.matches(arguments, None);
        let Some((path, rest)) = arguments.split_first() else { return Evaluation::default() };
        let must_be_listed = match programs {
            Programs::AsWritten => return Evaluation { matches: as_written },
            Programs::Resolved => false,
            Programs::Listed => true,
        };
        let name = path.rsplit('/').next().unwrap_or_default();
        if !as_written.is_empty() || !path.starts_with('/') || name.is_empty() {
            return Evaluation { matches: as_written };
        }
        let may_be_this = match self.executables.get(name) {
            Some(paths) => paths.contains(path),
            None => !must_be_listed,
        };
        if !may_be_this {
            return Evaluation::default();
        }
        let by_name: Vec<String> = std::iter::once(name.to_owned()).chain(rest.iter().cloned()).collect();
        Evaluation { matches: self.matches(&by_name, Some(path)) }
    }

    fn matches(&self, arguments: &[String], resolved: Option<&String>) -> Vec<Match> {
        let matching = self.prefixes.iter().filter(|rule| rule.is_beginning_of(arguments));
        matching
            .map(|rule| Match {
                prefix: arguments.iter().take(rule.pattern.len()).cloned().collect(),
                ruling: rule.ruling,
                resolved_program: resolved.cloned(),
                justification: rule.justification.clone(),
                place: rule.place.clone(),
            })
            .collect()
    }
}

impl PrefixRule {
    /// Whether the argument list begins as the pattern says.
    pub(super) fn is_beginning_of(&self, arguments: &[String]) -> bool {
        let mut places = self.pattern.iter().zip(arguments);
        arguments.len() >= self.pattern.len() && places.all(|(words, word)| self.has_word(words, word))
    }

    /// Whether one of the words of a place is this one.
    pub(super) fn has_word(&self, words: &[String], word: &str) -> bool {
        words.iter().any(|own| own == word || (self.ignores_case && is_same_in_lower_case(own, word)))
    }
}

fn is_same_in_lower_case(one: &str, other: &str) -> bool {
    one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}
