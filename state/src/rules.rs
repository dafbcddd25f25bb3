//! Exec rules: what a user allowed, wants to be asked about, or forbade, by the beginning of a command.
//!
//! [`load`] reads `.rules` files, [`Rules::check`] compares one argument list (`quire execpolicy check`), and
//! [`Rules::judge`] compares the shell text of a call. An allow counts only where the whole text is plain words that
//! allow rules cover; asking and forbidding are looked for everywhere in the text. Nothing here reads a file.

mod append;
mod check;
mod eval;
mod examples;
mod judge;
mod load;
mod names;
mod parse;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use append::rule_text;
pub use check::{Evaluation, Match, Programs};
pub use judge::Judgement;
pub(crate) use judge::is_carrier;
pub use load::{Loaded, RulesFile, load};

/// What a rule says. The order is that of strictness: of several, the greatest holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ruling {
    /// Run it without asking.
    Allow,
    /// Ask every time.
    Prompt,
    /// Never run it.
    Forbidden,
}

impl Ruling {
    /// The spelling of the files and of the JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Prompt => "prompt",
            Self::Forbidden => "forbidden",
        }
    }
}

/// `prefix_rule`: the beginning of an argument list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixRule {
    /// For each place of the beginning the words that may stand there; neither list is ever empty.
    pub pattern: Vec<Vec<String>>,
    /// What it says.
    pub ruling: Ruling,
    /// Why, in the user's words.
    pub justification: Option<String>,
    /// Whether upper and lower case of every word are the same to it: `canonical_matching`.
    #[serde(default)]
    pub ignores_case: bool,
    /// The file it stands in, and its line from 1.
    pub place: (String, u32),
}

/// `network_rule`: one host and protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkRule {
    /// The host, lower case.
    pub host: String,
    /// `http`, `https`, `socks5_tcp` or `socks5_udp`.
    pub protocol: String,
    /// What it says.
    pub ruling: Ruling,
    /// Why, in the user's words.
    pub justification: Option<String>,
}

/// All rules of all files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// In the order of the files and their lines.
    pub prefixes: Vec<PrefixRule>,
    /// In the order of the files and their lines.
    pub networks: Vec<NetworkRule>,
    /// `host_executable`: the paths where a program of this name may lie.
    pub executables: BTreeMap<String, Vec<String>>,
}

impl Rules {
    /// What forbids or asks, and what allows. Where a program may lie opens something, so it is of the second kind.
    pub fn split(self) -> (Self, Self) {
        let (loose, strict) = self.prefixes.into_iter().partition(|rule| rule.ruling == Ruling::Allow);
        let (open, shut) = self.networks.into_iter().partition(|rule| rule.ruling == Ruling::Allow);
        let strict = Self { prefixes: strict, networks: shut, executables: BTreeMap::new() };
        (strict, Self { prefixes: loose, networks: open, executables: self.executables })
    }

    /// Adds the rules of a later file.
    pub fn extend(&mut self, later: Self) {
        self.prefixes.extend(later.prefixes);
        self.networks.extend(later.networks);
        self.executables.extend(later.executables);
    }
}
