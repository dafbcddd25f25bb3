//! Expressions. Chains of one operator are read in a loop, so that only brackets and the like nest.

mod atom;

use super::{
    DEPTH, PARTS, Parser, Wrong,
    tree::{Clause, Comparison, Expression, Node, Operator},
};

/// What is said of a comma behind the last part of a tuple that has no brackets.
pub(super) const LAST_COMMA: &str =
    "Expected another value after this comma; a tuple that ends in a comma needs (brackets).";

impl<'a> Parser<'a> {
    /// Reads an expression without a bare comma.
    pub(super) fn expression(&mut self) -> Result<Node<'a>, Wrong> {
        self.skip();
        if self.depth >= DEPTH {
            return Err(Wrong::new("Brackets are nested too deeply here.", self.scanner.at()));
        }
        self.depth += 1;
        let result = self.conditional();
        self.depth -= 1;
        result
    }

    /// Reads an expression, or several as a tuple without brackets.
    pub(super) fn expressions(&mut self) -> Result<Node<'a>, Wrong> {
        let first = self.expression()?;
        self.skip();
        if self.scanner.peek() != Some(',') {
            return Ok(first);
        }
        let at = first.at;
        let mut values = vec![first];
        while self.scanner.take(",") {
            self.skip();
            if matches!(self.scanner.peek(), None | Some('\n' | ';' | ':')) {
                return Err(Wrong::new(LAST_COMMA, self.scanner.at()));
            }
            values.push(self.expression()?);
            self.skip();
        }
        Ok(Node { at, expression: Expression::Tuple(values) })
    }

    fn conditional(&mut self) -> Result<Node<'a>, Wrong> {
        let value = self.disjunction()?;
        self.skip();
        if !self.scanner.take_word("if") {
            return Ok(value);
        }
        let condition = Box::new(self.disjunction()?);
        self.skip();
        let at = self.scanner.at();
        if !self.scanner.take_word("else") {
            return Err(Wrong::new("Expected the `else` of this `if` here.", at));
        }
        let otherwise = Box::new(self.expression()?);
        let at = value.at;
        Ok(Node { at, expression: Expression::Conditional { condition, value: Box::new(value), otherwise } })
    }

    /// Reads what may stand behind `in` and `if` of a comprehension: no conditional expression.
    fn disjunction(&mut self) -> Result<Node<'a>, Wrong> {
        self.words("or", Expression::Or, |parser| parser.words("and", Expression::And, Self::negation))
    }

    fn words(
        &mut self,
        word: &str,
        make: fn(Vec<Node<'a>>) -> Expression<'a>,
        read: impl Fn(&mut Self) -> Result<Node<'a>, Wrong>,
    ) -> Result<Node<'a>, Wrong> {
        let first = read(self)?;
        let at = first.at;
        let mut sides = vec![first];
        loop {
            self.skip();
            if !self.scanner.take_word(word) {
                break;
            }
            sides.push(read(self)?);
        }
        match sides.pop() {
            Some(only) if sides.is_empty() => Ok(only),
            last => {
                sides.extend(last);
                Ok(Node { at, expression: make(sides) })
            }
        }
    }

    fn negation(&mut self) -> Result<Node<'a>, Wrong> {
        self.skip();
        let at = self.scanner.at();
        let mut count = 0_usize;
        while self.scanner.take_word("not") {
            count += 1;
            self.skip();
        }
        let negated = |node| Node { at, expression: Expression::Not(Box::new(node)) };
        let node = self.comparison()?;
        Ok(match (count, count % 2) {
            (0, _) => node,
            (_, 1) => negated(node),
            _ => negated(negated(node)),
        })
    }

    fn comparison(&mut self) -> Result<Node<'a>, Wrong> {
        let left = self.sum()?;
        self.skip();
        let at = self.scanner.at();
        let operator = if self.scanner.take("==") {
            Comparison::Equal
        } else if self.scanner.take("!=") {
            Comparison::Unequal
        } else if self.scanner.take_word("in") {
            Comparison::In
        } else if self.scanner.take_word("not") {
            self.skip();
            let at = self.scanner.at();
            if !self.scanner.take_word("in") {
                return Err(Wrong::new("Expected the `in` of `not in` here.", at));
            }
            Comparison::NotIn
        } else {
            return Ok(left);
        };
        let right = Box::new(self.sum()?);
        Ok(Node { at, expression: Expression::Compare { operator, left: Box::new(left), right } })
    }

    fn sum(&mut self) -> Result<Node<'a>, Wrong> {
        let operators = [("+", Operator::Plus), ("-", Operator::Minus)];
        self.chain(&operators, |parser| parser.chain(&[("*", Operator::Times), ("%", Operator::Percent)], Self::signed))
    }

    fn chain(
        &mut self,
        operators: &[(&str, Operator)],
        read: impl Fn(&mut Self) -> Result<Node<'a>, Wrong>,
    ) -> Result<Node<'a>, Wrong> {
        let first = read(self)?;
        let mut rest = Vec::new();
        loop {
            self.skip();
            let at = self.scanner.at();
            let found = operators.iter().find(|(sign, _)| self.scanner.take(sign));
            let Some((_, operator)) = found else { break };
            rest.push((*operator, at, read(self)?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Node { at: first.at, expression: Expression::Chain { first: Box::new(first), rest } })
    }

    fn signed(&mut self) -> Result<Node<'a>, Wrong> {
        self.skip();
        let at = self.scanner.at();
        if !self.scanner.take("-") {
            return self.suffixed();
        }
        self.skip();
        let node = self.suffixed()?;
        Ok(Node { at, expression: Expression::Minus(Box::new(node)) })
    }

    /// Reads `for x in xs if condition` up to the bracket that ends them.
    pub(super) fn clauses(&mut self) -> Result<Vec<Clause<'a>>, Wrong> {
        let mut clauses = Vec::new();
        loop {
            self.skip();
            let at = self.scanner.at();
            let clause = if self.scanner.take_word("for") {
                let targets = self.targets_of_loop()?;
                Clause::For { targets, over: self.disjunction()? }
            } else if !clauses.is_empty() && self.scanner.take_word("if") {
                Clause::If(self.disjunction()?)
            } else {
                return Ok(clauses);
            };
            if clauses.len() >= PARTS {
                return Err(Wrong::new("This comprehension has too many parts; write `for` loops.", at));
            }
            clauses.push(clause);
        }
    }
}
