//! The text of a rules file as a tree of statements: the part of Starlark that rules are written in. What is not read
//! of that language is a mistake with its place that says what can be written instead. Nothing here works out a value.

mod call;
mod expression;
mod literal;
mod refused;
mod scan;
mod statement;
pub(super) mod tree;

use scan::Scanner;
use tree::Tree;

pub(super) use scan::Lines;

/// A mistake at a byte of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// One sentence.
    pub(super) message: String,
    /// Byte of the text.
    pub(super) at: usize,
    /// What it means for the rest of the file.
    pub(super) kind: Kind,
}

/// What a mistake means for the rest of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is told, and the rest goes on.
    Mistake,
    /// It comes of another one, which has been told.
    Consequence,
    /// A bound of the whole file was met: loops no longer run.
    Bound,
}

impl Wrong {
    pub(super) fn new(message: impl Into<String>, at: usize) -> Self {
        Self { message: message.into(), at, kind: Kind::Mistake }
    }
}

/// Most mistakes of one file that are told.
pub(super) const MISTAKES: usize = 50;

/// Deepest nesting of brackets and of other expressions within each other, far below what the stack bears.
const DEPTH: usize = 32;

/// Deepest nesting of blocks.
const BLOCKS: usize = 8;

/// Most parts of one comprehension, and most things that may hang on one value, such as `[0]` and `.split()`.
const PARTS: usize = 8;

/// Reads a text to its end, whatever is wrong in it: behind a mistake it goes on at the next line that begins a call.
pub(super) fn parse(text: &str) -> Tree<'_> {
    let scanner = Scanner::new(text);
    let mut parser =
        Parser { scanner, brackets: 0, depth: 0, blocks: 0, start: 0, is_quiet: false, mistakes: Vec::new() };
    let mut statements = Vec::new();
    parser.block(0, &mut statements);
    Tree { statements, mistakes: parser.mistakes }
}

/// What reads a text.
struct Parser<'a> {
    scanner: Scanner<'a>,
    /// How many brackets are open; within brackets lines may end anywhere.
    brackets: usize,
    /// How many expressions are open.
    depth: usize,
    /// How many blocks are open.
    blocks: usize,
    /// Where the statement began that is being read, or its last header: behind a mistake it goes on behind this line.
    start: usize,
    /// Whether mistakes are not told, as they follow from one that was.
    is_quiet: bool,
    mistakes: Vec<Wrong>,
}

impl<'a> Parser<'a> {
    fn note(&mut self, wrong: Wrong) {
        if !self.is_quiet && self.mistakes.len() < MISTAKES {
            self.mistakes.push(wrong);
        }
    }

    fn skip(&mut self) {
        if self.brackets > 0 { self.scanner.skip_blank() } else { self.scanner.skip_in_line() }
    }

    fn in_brackets<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Wrong>) -> Result<T, Wrong> {
        self.brackets += 1;
        let result = read(self);
        self.brackets -= 1;
        result
    }

    /// Takes this text behind blanks, or tells that it must stand here.
    fn expect(&mut self, wanted: &str, message: &str) -> Result<(), Wrong> {
        self.skip();
        let at = self.scanner.at();
        if self.scanner.take(wanted) { Ok(()) } else { Err(Wrong::new(message, at)) }
    }
}
