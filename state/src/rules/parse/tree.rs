//! What the text of a rules file says, before anything of it is worked out. Nothing here has a value yet.

use std::rc::Rc;

/// The statements of a file, and what could not be read.
pub(in crate::rules) struct Tree<'a> {
    /// In the order of the text.
    pub(in crate::rules) statements: Vec<Statement<'a>>,
    /// In the order in which they were found.
    pub(in crate::rules) mistakes: Vec<super::Wrong>,
}

/// One statement.
pub(in crate::rules) enum Statement<'a> {
    /// `a = value` and `a, b = value`.
    Assign { targets: Targets<'a>, value: Node<'a> },
    /// `a += value`.
    Extend { name: &'a str, at: usize, value: Node<'a> },
    /// A call that makes a rule.
    Rule(Call<'a>),
    /// `[prefix_rule(...) for x in xs]`.
    Each { call: Call<'a>, clauses: Vec<Clause<'a>> },
    /// `for x in xs:` with its block.
    For { targets: Targets<'a>, over: Node<'a>, block: Vec<Statement<'a>> },
    /// `if`, each `elif` and `else` with their blocks.
    If { branches: Vec<(Node<'a>, Vec<Statement<'a>>)>, otherwise: Vec<Statement<'a>> },
    /// What was found within something that could not be read. That has been told; these tell nothing more.
    Found(Vec<Statement<'a>>),
}

/// The names that a value, or its parts, are given to.
pub(in crate::rules) struct Targets<'a> {
    /// Never empty.
    pub(in crate::rules) names: Vec<&'a str>,
    /// Whether the value is taken apart; a single name may do that too: `for (a,) in ...`.
    pub(in crate::rules) is_unpacked: bool,
    /// Where they begin.
    pub(in crate::rules) at: usize,
}

/// A part of a comprehension behind its element.
pub(in crate::rules) enum Clause<'a> {
    /// `for x in xs`.
    For { targets: Targets<'a>, over: Node<'a> },
    /// `if condition`.
    If(Node<'a>),
}

/// The calls that make something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Function {
    /// `prefix_rule`.
    Prefix,
    /// `network_rule`.
    Network,
    /// `host_executable`.
    Executable,
}

impl Function {
    /// All of them.
    pub(in crate::rules) const ALL: [Self; 3] = [Self::Prefix, Self::Network, Self::Executable];

    /// Its name in a file.
    pub(in crate::rules) fn name(self) -> &'static str {
        match self {
            Self::Prefix => "prefix_rule",
            Self::Network => "network_rule",
            Self::Executable => "host_executable",
        }
    }

    /// The function of this name.
    pub(in crate::rules) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.name() == name)
    }

    /// Its arguments, in the order in which they may be given without their names.
    pub(in crate::rules) fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Prefix => &["pattern", "decision", "match", "not_match", "justification", "canonical_matching"],
            Self::Network => &["host", "protocol", "decision", "justification"],
            Self::Executable => &["name", "paths"],
        }
    }
}

/// A call that makes a rule. What stands before a mistake in it is kept.
pub(in crate::rules) struct Call<'a> {
    /// What it makes.
    pub(in crate::rules) function: Function,
    /// Each at most once.
    pub(in crate::rules) arguments: Vec<Argument<'a>>,
    /// Where it begins.
    pub(in crate::rules) at: usize,
    /// Where it ends; with a mistake, where the text of the next call begins.
    pub(in crate::rules) end: usize,
    /// Whether it holds a mistake, which has been told.
    pub(in crate::rules) is_broken: bool,
}

/// An argument of such a call.
pub(in crate::rules) struct Argument<'a> {
    /// One of [`Function::parameters`].
    pub(in crate::rules) parameter: &'static str,
    /// What is given.
    pub(in crate::rules) value: Node<'a>,
}

/// An expression, and the byte where it begins; for a comparison, the byte of its operator.
pub(in crate::rules) struct Node<'a> {
    /// Byte of the text.
    pub(in crate::rules) at: usize,
    /// What stands there.
    pub(in crate::rules) expression: Expression<'a>,
}

/// An expression.
pub(in crate::rules) enum Expression<'a> {
    /// A string.
    Text(Rc<str>),
    /// A whole number.
    Number(i64),
    /// `True` or `False`.
    Truth(bool),
    /// A name for a value.
    Name(&'a str),
    /// `f"..."`.
    Joined(Vec<Piece<'a>>),
    /// `[...]`.
    List(Vec<Node<'a>>),
    /// `(a, b)`.
    Tuple(Vec<Node<'a>>),
    /// `[element for ... in ... if ...]`.
    Comprehension { element: Box<Node<'a>>, clauses: Vec<Clause<'a>> },
    /// `value if condition else otherwise`.
    Conditional { condition: Box<Node<'a>>, value: Box<Node<'a>>, otherwise: Box<Node<'a>> },
    /// `a or b or ...`.
    Or(Vec<Node<'a>>),
    /// `a and b and ...`.
    And(Vec<Node<'a>>),
    /// `not a`.
    Not(Box<Node<'a>>),
    /// `a == b` and the like.
    Compare { operator: Comparison, left: Box<Node<'a>>, right: Box<Node<'a>> },
    /// `a + b - c`, from the left; each operator with its byte.
    Chain { first: Box<Node<'a>>, rest: Vec<(Operator, usize, Node<'a>)> },
    /// `-a`.
    Minus(Box<Node<'a>>),
    /// `a[b]`.
    Index { of: Box<Node<'a>>, index: Box<Node<'a>> },
    /// `a[b:c]`.
    Slice { of: Box<Node<'a>>, from: Option<Box<Node<'a>>>, to: Option<Box<Node<'a>>> },
    /// `len(a)` and the like.
    Helper { helper: Helper, given: Vec<Node<'a>> },
    /// `a.split(b)` and the like.
    Method { of: Box<Node<'a>>, method: Method, given: Vec<Node<'a>>, named: Vec<(&'a str, Node<'a>)> },
}

/// A part of an `f"..."`.
pub(in crate::rules) enum Piece<'a> {
    /// As it stands.
    Text(String),
    /// What stands in braces.
    Value(Node<'a>),
}

/// Operators that ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Comparison {
    /// `==`.
    Equal,
    /// `!=`.
    Unequal,
    /// `in`.
    In,
    /// `not in`.
    NotIn,
}

/// Operators that make a value of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Operator {
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Times,
    /// `%`.
    Percent,
}

/// Functions that give a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Helper {
    /// How many.
    Len,
    /// A list of the parts.
    List,
    /// The numbers up to one.
    Range,
    /// A sorted list.
    Sorted,
    /// As a string.
    Str,
}

impl Helper {
    /// All of them.
    pub(in crate::rules) const ALL: [Self; 5] = [Self::Len, Self::List, Self::Range, Self::Sorted, Self::Str];

    /// Its name in a file.
    pub(in crate::rules) fn name(self) -> &'static str {
        match self {
            Self::Len => "len",
            Self::List => "list",
            Self::Range => "range",
            Self::Sorted => "sorted",
            Self::Str => "str",
        }
    }
}

/// Functions of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Method {
    /// Fills in braces.
    Format,
    /// One string of several, with this one between them.
    Join,
    /// Several strings of one.
    Split,
}

impl Method {
    /// All of them.
    pub(in crate::rules) const ALL: [Self; 3] = [Self::Format, Self::Join, Self::Split];

    /// Its name in a file.
    pub(in crate::rules) fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Join => "join",
            Self::Split => "split",
        }
    }
}
