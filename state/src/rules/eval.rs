//! The statements of a rules file, worked out to the rules that they make. A mistake never ends this: what makes
//! things stricter is made from all that is left. The work is bounded, so that no file can hang the program.

mod call;
mod expression;
mod format;
mod value;

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use super::{
    NetworkRule, Ruling,
    examples::Example,
    parse::{
        Kind, MISTAKES, Wrong,
        tree::{Call, Clause, Statement, Targets, Tree},
    },
};
use value::Value;

/// Most steps of one file: a statement, a value, a round of a loop, or 16 bytes of a new string is one.
const STEPS: usize = 1_000_000;

/// Most rules of one file.
const RULES: usize = 10_000;

/// Steps of each statement that is looked at when the steps of the file are used up, beside those that its own text
/// is worth.
const SPARE_STEPS: usize = 1_000;

/// What a call makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// `prefix_rule`.
    Prefix {
        /// For each place the words that may stand there.
        pattern: Vec<Vec<String>>,
        /// What it says.
        ruling: Ruling,
        /// Why.
        justification: Option<String>,
        /// Whether upper and lower case are the same to it.
        ignores_case: bool,
        /// `match` and `not_match`.
        examples: Vec<Example>,
        /// The byte where the call begins.
        at: usize,
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

/// What a tree comes to.
pub(super) struct Evaluated {
    /// In the order in which they were made. With mistakes, whatever could be made all the same.
    pub(super) made: Vec<Made>,
    /// At most one for each byte of the text, whatever loops it stands in.
    pub(super) mistakes: Vec<Wrong>,
}

/// Works out all statements of a text.
pub(super) fn evaluate(text: &str, tree: &Tree<'_>) -> Evaluated {
    let mut evaluator = Evaluator {
        text,
        names: BTreeMap::new(),
        steps_left: STEPS,
        is_spent: false,
        is_quiet: false,
        told: BTreeSet::new(),
        mistakes: Vec::new(),
        made: Vec::new(),
    };
    for statement in &tree.statements {
        if !evaluator.is_spent {
            let Err(bound) = evaluator.statement(statement) else { continue };
            evaluator.tell(bound);
            evaluator.is_spent = true;
        }
        // Nothing comes of this but what was made: the bounds of the file have been told.
        let _bound = evaluator.salvage(std::slice::from_ref(statement));
    }
    Evaluated { made: evaluator.made, mistakes: evaluator.mistakes }
}

struct Evaluator<'a> {
    text: &'a str,
    /// `None` for a name whose value could not be worked out.
    names: BTreeMap<&'a str, Option<Value>>,
    steps_left: usize,
    /// Whether a bound of the file was met. Then loops no longer run.
    is_spent: bool,
    /// Whether mistakes are not told, as they follow from one that was.
    is_quiet: bool,
    told: BTreeSet<usize>,
    mistakes: Vec<Wrong>,
    made: Vec<Made>,
}

impl<'a> Evaluator<'a> {
    fn charge(&mut self, steps: usize, at: usize) -> Result<(), Wrong> {
        self.steps_left = self.steps_left.checked_sub(steps).ok_or_else(|| {
            let message = "This file takes too many steps; the loops here and below do not run.";
            Wrong { kind: Kind::Bound, ..Wrong::new(message, at) }
        })?;
        Ok(())
    }

    fn tell(&mut self, wrong: Wrong) {
        let is_silent = self.is_quiet || wrong.kind == Kind::Consequence;
        if !is_silent && self.told.insert(wrong.at) && self.mistakes.len() < MISTAKES {
            self.mistakes.push(wrong);
        }
    }

    /// Tells a mistake and goes on, unless it is a bound of the whole file.
    fn note(&mut self, wrong: Wrong) -> Result<(), Wrong> {
        if wrong.kind == Kind::Bound {
            return Err(wrong);
        }
        self.tell(wrong);
        Ok(())
    }

    fn quietly<T>(&mut self, is_quiet: bool, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.is_quiet;
        self.is_quiet |= is_quiet;
        let result = run(self);
        self.is_quiet = before;
        result
    }

    /// Runs statements. The mistake that comes back is a bound of the whole file; others have been told.
    fn block(&mut self, statements: &[Statement<'a>]) -> Result<(), Wrong> {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Statement<'a>) -> Result<(), Wrong> {
        match statement {
            Statement::Assign { targets, value } => {
                let result = self.value(value).and_then(|value| self.bind(targets, value));
                result.or_else(|wrong| {
                    self.forget(targets);
                    self.note(wrong)
                })
            }
            Statement::Extend { name, at, value } => {
                let sum = self.growing(name, *at).and_then(|old| {
                    let new = self.value(value)?;
                    self.sum(old, new, *at)
                });
                let (known, result) = match sum {
                    Ok(sum) => (Some(sum), Ok(())),
                    Err(wrong) => (None, self.note(wrong)),
                };
                self.names.insert(name, known);
                result
            }
            Statement::Rule(call) => self.rule(call),
            Statement::Each { call, clauses } => self.each(call, clauses),
            Statement::For { targets, over, block } => match self.iterated(over) {
                Err(wrong) => {
                    self.note(wrong)?;
                    self.forget(targets);
                    self.salvage(block)
                }
                Ok(items) => items.values.iter().try_for_each(|item| {
                    self.charge(1, targets.at)?;
                    match self.bind(targets, item.clone()) {
                        Ok(()) => self.block(block),
                        Err(wrong) => {
                            self.note(wrong)?;
                            self.forget(targets);
                            self.salvage(block)
                        }
                    }
                }),
            },
            Statement::If { branches, otherwise } => {
                for (condition, block) in branches {
                    match self.value(condition) {
                        Ok(value) if value.is_true() => return self.block(block),
                        Ok(_) => {}
                        Err(wrong) => {
                            self.note(wrong)?;
                            return self.salvage(std::slice::from_ref(statement));
                        }
                    }
                }
                self.block(otherwise)
            }
            Statement::Found(statements) => self.quietly(true, |evaluator| evaluator.block(statements)),
        }
    }

    /// The value of a name that `+=` stands behind. Starlark changes a list wherever it stands, and refuses to change one that a
    /// loop goes through; here values never change, so a list that stands elsewhere too is not read.
    fn growing(&self, name: &str, at: usize) -> Result<Value, Wrong> {
        if let Some(Some(Value::List(items))) = self.names.get(name)
            && Rc::strong_count(items) > 1
        {
            let message =
                format!("This list is also used under another name or in a loop; write `{name} = {name} + ...`.");
            return Err(Wrong::new(message, at));
        }
        self.name(name, at)
    }

    /// `[prefix_rule(...) for x in xs]`. Its names end with it.
    fn each(&mut self, call: &Call<'a>, clauses: &[Clause<'a>]) -> Result<(), Wrong> {
        if clauses.is_empty() {
            return self.quietly(true, |evaluator| evaluator.rule(call));
        }
        let result = self
            .scoped(clauses, |evaluator| evaluator.rounds(clauses, &mut |evaluator: &mut Self| evaluator.rule(call)));
        result.or_else(|wrong| {
            self.note(wrong)?;
            self.salvage_call(call, clauses)
        })
    }

    /// Runs the rounds of a comprehension.
    fn rounds(
        &mut self,
        clauses: &[Clause<'a>],
        run: &mut dyn FnMut(&mut Self) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        match clauses.split_first() {
            None => run(self),
            Some((Clause::If(condition), rest)) => {
                if self.value(condition)?.is_true() {
                    self.rounds(rest, run)?;
                }
                Ok(())
            }
            Some((Clause::For { targets, over }, rest)) => {
                let items = self.iterated(over)?;
                items.values.iter().try_for_each(|item| {
                    self.charge(1, targets.at)?;
                    self.bind(targets, item.clone())?;
                    self.rounds(rest, run)
                })
            }
        }
    }

    /// Gives the names of a comprehension back the values that they had outside of it.
    fn scoped<T>(&mut self, clauses: &[Clause<'a>], run: impl FnOnce(&mut Self) -> T) -> T {
        let names: Vec<&'a str> = clauses.iter().flat_map(names_of).copied().collect();
        let before: Vec<_> = names.iter().map(|name| self.names.get(name).cloned()).collect();
        let result = run(self);
        for (name, value) in names.into_iter().zip(before) {
            match value {
                Some(value) => self.names.insert(name, value),
                None => self.names.remove(name),
            };
        }
        result
    }

    /// Makes what can be made of statements whose loop or condition is not known: every call once, without telling
    /// what is wrong. The file holds a mistake, so that only what makes things stricter counts.
    fn salvage(&mut self, statements: &[Statement<'a>]) -> Result<(), Wrong> {
        statements.iter().try_for_each(|statement| match statement {
            Statement::Assign { .. } | Statement::Extend { .. } => {
                self.with_spare(0, |evaluator| evaluator.statement(statement))
            }
            Statement::Rule(call) => self.salvage_call(call, &[]),
            Statement::Each { call, clauses } => self.salvage_call(call, clauses),
            Statement::For { targets, block, .. } => {
                self.forget(targets);
                self.salvage(block)
            }
            Statement::If { branches, otherwise } => {
                branches.iter().try_for_each(|(_, block)| self.salvage(block))?;
                self.salvage(otherwise)
            }
            Statement::Found(statements) => self.salvage(statements),
        })
    }

    fn salvage_call(&mut self, call: &Call<'a>, clauses: &[Clause<'a>]) -> Result<(), Wrong> {
        self.scoped(clauses, |evaluator| {
            for name in clauses.iter().flat_map(names_of) {
                evaluator.names.insert(name, None);
            }
            evaluator.with_spare(call.end.saturating_sub(call.at), |evaluator| evaluator.rule(call))
        })
    }

    /// Runs one statement without telling anything; when the steps of the file are used up, with a few of its own.
    fn with_spare(&mut self, steps: usize, run: impl FnOnce(&mut Self) -> Result<(), Wrong>) -> Result<(), Wrong> {
        if self.is_spent {
            self.steps_left = SPARE_STEPS + steps;
        }
        let result = self.quietly(true, run);
        if self.is_spent { Ok(()) } else { result }
    }

    /// Gives names the value, or its parts.
    fn bind(&mut self, targets: &Targets<'a>, value: Value) -> Result<(), Wrong> {
        if !targets.is_unpacked {
            self.names.extend(targets.names.first().map(|name| (*name, Some(value))));
            return Ok(());
        }
        let count = targets.names.len();
        match value.items().filter(|items| items.values.len() == count) {
            Some(items) => {
                let values = items.values.iter().cloned().map(Some);
                self.names.extend(targets.names.iter().copied().zip(values));
                Ok(())
            }
            None => Err(Wrong::new(format!("These {count} names need a tuple or list of {count} values."), targets.at)),
        }
    }

    /// Leaves the names without a value that could be taken for the right one.
    fn forget(&mut self, targets: &Targets<'a>) {
        self.names.extend(targets.names.iter().map(|name| (*name, None)));
    }
}

fn names_of<'c, 'a>(clause: &'c Clause<'a>) -> &'c [&'a str] {
    match clause {
        Clause::For { targets, .. } => &targets.names,
        Clause::If(_) => &[],
    }
}
