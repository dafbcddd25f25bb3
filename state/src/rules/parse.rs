//! The text of a rules file as statements: calls of three functions with strings and lists, names for values, and `+`.
//! That is the part of Starlark that rules are written in; the rest of the language is a mistake with its place.

mod call;
mod scan;
mod value;

use super::{NetworkRule, Ruling, examples::Example};
use scan::Scanner;

pub(super) use scan::Place;

/// One call that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Statement {
    /// `prefix_rule`.
    Prefix {
        /// For each place the words that may stand there.
        pattern: Vec<Vec<String>>,
        /// What it says.
        ruling: Ruling,
        /// Why.
        justification: Option<String>,
        /// `match` and `not_match`.
        examples: Vec<Example>,
        /// Where the call begins.
        place: Place,
    },
    /// `network_rule`.
    Network(NetworkRule),
    /// `host_executable`.
    Executable {
        /// The program's name.
        name: String,
        /// Where it may lie.
        paths: Vec<String>,
    },
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// One sentence.
    pub(super) message: String,
    /// Where it is.
    pub(super) place: Place,
}

/// What a text comes to. With mistakes the statements are those that could be read all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    /// In the order of the text.
    pub(super) statements: Vec<Statement>,
    /// In the order in which they were found.
    pub(super) mistakes: Vec<Mistake>,
}

/// A mistake at a byte of the text.
#[derive(Clone, Debug)]
struct Wrong {
    message: String,
    at: usize,
}

impl Wrong {
    fn new(message: impl Into<String>, at: usize) -> Self {
        Self { message: message.into(), at }
    }
}

/// Most mistakes of one file that are told.
const MISTAKES: usize = 50;

/// Reads a text to its end, whatever is wrong in it: behind a mistake it goes on at the next line that begins a call.
pub(super) fn parse(text: &str) -> Parsed {
    let mut scanner = Scanner::new(text);
    let mut names = value::Names::new();
    let mut parsed = Parsed::default();
    loop {
        scanner.skip_blank();
        if scanner.is_at_end() {
            return parsed;
        }
        let start = scanner.at();
        let (statement, wrong) = call::statement(&mut scanner, &mut names);
        parsed.statements.extend(statement);
        if let Some(wrong) = wrong {
            if parsed.mistakes.len() < MISTAKES {
                let place = scanner.place(wrong.at);
                parsed.mistakes.push(Mistake { message: wrong.message, place });
            }
            scanner.resume_after(start);
        }
    }
}
