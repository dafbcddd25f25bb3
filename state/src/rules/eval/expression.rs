//! Expressions to values.

use std::rc::Rc;

use super::{
    Evaluator, Kind, Wrong,
    value::{Items, SIZE, TOO_LARGE, Value, text_size},
};
use crate::rules::names;
use crate::rules::parse::tree::{Clause, Comparison, Expression, Helper, Node, Operator};

const NUMBER: &str = "This number is too large.";

impl<'a> Evaluator<'a> {
    pub(super) fn value(&mut self, node: &Node<'a>) -> Result<Value, Wrong> {
        let at = node.at;
        self.charge(1, at)?;
        match &node.expression {
            Expression::Text(text) => Ok(Value::Text(Rc::clone(text))),
            Expression::Number(number) => Ok(Value::Number(*number)),
            Expression::Truth(truth) => Ok(Value::Truth(*truth)),
            Expression::Name(name) => self.name(name, at),
            Expression::Joined(pieces) => self.joined(pieces, at),
            Expression::List(nodes) => self.values(nodes, at).map(Value::List),
            Expression::Tuple(nodes) => self.values(nodes, at).map(Value::Tuple),
            Expression::Comprehension { element, clauses } => self.comprehension(element, clauses, at),
            Expression::Conditional { condition, value, otherwise } => {
                let is_true = self.value(condition)?.is_true();
                self.value(if is_true { value } else { otherwise })
            }
            Expression::Or(sides) => self.first_side(sides, true),
            Expression::And(sides) => self.first_side(sides, false),
            Expression::Not(inner) => Ok(Value::Truth(!self.value(inner)?.is_true())),
            Expression::Compare { operator, left, right } => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                self.compare(*operator, &left, &right, at)
            }
            Expression::Chain { first, rest } => {
                let first = self.value(first)?;
                rest.iter().try_fold(first, |left, (operator, at, right)| {
                    let right = self.value(right)?;
                    self.operate(*operator, left, right, *at)
                })
            }
            Expression::Minus(inner) => match self.value(inner)? {
                Value::Number(number) => number.checked_neg().map(Value::Number).ok_or_else(|| Wrong::new(NUMBER, at)),
                Value::Text(_) | Value::Truth(_) | Value::List(_) | Value::Tuple(_) => {
                    Err(Wrong::new("Expected a number after this `-`.", at))
                }
            },
            Expression::Index { of, index } => self.index(of, index),
            Expression::Slice { of, from, to } => self.slice(of, from.as_deref(), to.as_deref()),
            Expression::Helper { helper, given } => self.helper(*helper, given, at),
            Expression::Method { of, method, given, named } => self.method(of, *method, given, named, at),
        }
    }

    pub(super) fn name(&self, name: &str, at: usize) -> Result<Value, Wrong> {
        match self.names.get(name) {
            Some(Some(value)) => Ok(value.clone()),
            Some(None) => Err(Wrong { kind: Kind::Consequence, ..Wrong::new("", at) }),
            None => Err(names::unknown(name, at)),
        }
    }

    fn values(&mut self, nodes: &[Node<'a>], at: usize) -> Result<Rc<Items>, Wrong> {
        let values = nodes.iter().map(|node| self.value(node)).collect::<Result<_, _>>()?;
        self.items(values, at)
    }

    /// Makes a list or tuple, within the bounds.
    pub(super) fn items(&mut self, values: Vec<Value>, at: usize) -> Result<Rc<Items>, Wrong> {
        self.charge(values.len(), at)?;
        let items = Items::of(values);
        items.fault().map_or_else(|| Ok(Rc::new(items)), |message| Err(Wrong::new(message, at)))
    }

    /// Makes a string, within the bounds.
    pub(super) fn new_text(&mut self, text: &str, at: usize) -> Result<Value, Wrong> {
        let size = text_size(text.len());
        self.charge(size, at)?;
        if size > SIZE { Err(Wrong::new(TOO_LARGE, at)) } else { Ok(Value::Text(Rc::from(text))) }
    }

    fn comprehension(&mut self, element: &Node<'a>, clauses: &[Clause<'a>], at: usize) -> Result<Value, Wrong> {
        let mut values = Vec::new();
        self.scoped(clauses, |evaluator| {
            evaluator.rounds(clauses, &mut |evaluator: &mut Self| {
                if values.len() >= SIZE {
                    return Err(Wrong::new(TOO_LARGE, at));
                }
                values.push(evaluator.value(element)?);
                Ok(())
            })
        })?;
        self.items(values, at).map(Value::List)
    }

    /// The first side that decides an `or` (true) or an `and` (false), else the last.
    fn first_side(&mut self, sides: &[Node<'a>], deciding: bool) -> Result<Value, Wrong> {
        let mut last = Value::Truth(!deciding);
        for side in sides {
            last = self.value(side)?;
            if last.is_true() == deciding {
                break;
            }
        }
        Ok(last)
    }

    fn compare(&mut self, operator: Comparison, left: &Value, right: &Value, at: usize) -> Result<Value, Wrong> {
        self.charge(left.size().max(right.size()), at)?;
        let is_in = || {
            if let (Value::Text(part), Value::Text(whole)) = (left, right) {
                return Ok(whole.contains(&**part));
            }
            match right.items() {
                Some(items) => Ok(items.values.contains(left)),
                None => {
                    Err(Wrong::new("Expected a list after `in`; in a string, only a string can be searched for.", at))
                }
            }
        };
        Ok(Value::Truth(match operator {
            Comparison::Equal => left == right,
            Comparison::Unequal => left != right,
            Comparison::In => is_in()?,
            Comparison::NotIn => !is_in()?,
        }))
    }

    fn operate(&mut self, operator: Operator, left: Value, right: Value, at: usize) -> Result<Value, Wrong> {
        match operator {
            Operator::Plus => self.sum(left, right, at),
            Operator::Minus => {
                let (Value::Number(left), Value::Number(right)) = (left, right) else {
                    return Err(Wrong::new("`-` subtracts one number from another.", at));
                };
                number(left.checked_sub(right), at)
            }
            Operator::Times => self.product(left, right, at),
            Operator::Percent => match left {
                Value::Text(template) => self.percent(&template, &right, at),
                Value::Number(_) | Value::Truth(_) | Value::List(_) | Value::Tuple(_) => {
                    Err(Wrong::new("Expected a string with %s before `%`.", at))
                }
            },
        }
    }

    pub(super) fn sum(&mut self, left: Value, right: Value, at: usize) -> Result<Value, Wrong> {
        if left.size().saturating_add(right.size()) > SIZE + 1 {
            return Err(Wrong::new(TOO_LARGE, at));
        }
        let wrong = Err(Wrong::new("`+` joins two strings or two lists.", at));
        match left {
            Value::Text(left) => {
                let Value::Text(right) = right else { return wrong };
                self.new_text(&[left, right].concat(), at)
            }
            Value::List(left) => {
                let Value::List(right) = right else { return wrong };
                self.items([left.values.as_slice(), &right.values].concat(), at).map(Value::List)
            }
            Value::Tuple(left) => {
                let Value::Tuple(right) = right else { return wrong };
                self.items([left.values.as_slice(), &right.values].concat(), at).map(Value::Tuple)
            }
            Value::Number(left) => {
                let Value::Number(right) = right else { return wrong };
                number(left.checked_add(right), at)
            }
            Value::Truth(_) => wrong,
        }
    }

    fn product(&mut self, left: Value, right: Value, at: usize) -> Result<Value, Wrong> {
        let (value, times) = if let Value::Number(times) = left {
            (right, times)
        } else if let Value::Number(times) = right {
            (left, times)
        } else {
            return Err(Wrong::new("`*` repeats a list or a string a number of times.", at));
        };
        if let Value::Number(value) = value {
            return number(value.checked_mul(times), at);
        }
        let times = usize::try_from(times).unwrap_or_default();
        let size = match &value {
            Value::Text(text) => text_size(text.len().saturating_mul(times)),
            Value::Number(_) | Value::Truth(_) | Value::List(_) | Value::Tuple(_) => value.size().saturating_mul(times),
        };
        if size > SIZE {
            return Err(Wrong::new(TOO_LARGE, at));
        }
        match value {
            Value::Text(text) => self.new_text(&text.repeat(times), at),
            Value::List(items) => self.items(repeated(&items.values, times), at).map(Value::List),
            Value::Tuple(items) => self.items(repeated(&items.values, times), at).map(Value::Tuple),
            Value::Number(_) | Value::Truth(_) => {
                Err(Wrong::new("`*` repeats a list or a string a number of times.", at))
            }
        }
    }

    fn index(&mut self, of: &Node<'a>, index: &Node<'a>) -> Result<Value, Wrong> {
        let value = self.value(of)?;
        let wanted = self.number(index)?;
        self.charge(text_size(value.text().map_or(0, |text| text.len())), of.at)?;
        let count =
            length(&value).ok_or_else(|| Wrong::new("Only a list, a tuple or a string can be indexed.", of.at))?;
        let found = if wanted < 0 { count.checked_sub(magnitude(wanted)) } else { Some(magnitude(wanted)) };
        let part = found.and_then(|found| match &value {
            Value::Text(text) => text.chars().nth(found).map(|letter| Value::Text(Rc::from(letter.to_string()))),
            Value::List(items) | Value::Tuple(items) => items.values.get(found).cloned(),
            Value::Number(_) | Value::Truth(_) => None,
        });
        part.ok_or_else(|| {
            Wrong::new(format!("There is no element {wanted}; there are {count}, counted from 0."), index.at)
        })
    }

    fn slice(&mut self, of: &Node<'a>, from: Option<&Node<'a>>, to: Option<&Node<'a>>) -> Result<Value, Wrong> {
        let value = self.value(of)?;
        let count =
            length(&value).ok_or_else(|| Wrong::new("Only a list, a tuple or a string can be indexed.", of.at))?;
        let mut bound = |node: Option<&Node<'a>>, default| match node {
            None => Ok(default),
            Some(node) => self.number(node).map(|number| match number {
                ..0 => count.saturating_sub(magnitude(number)),
                0.. => magnitude(number).min(count),
            }),
        };
        let (from, to) = (bound(from, 0)?, bound(to, count)?);
        let length = to.saturating_sub(from);
        match &value {
            Value::Text(text) => {
                self.charge(text_size(text.len()), of.at)?;
                let part: String = text.chars().skip(from).take(length).collect();
                self.new_text(&part, of.at)
            }
            Value::List(items) => {
                self.items(items.values.iter().skip(from).take(length).cloned().collect(), of.at).map(Value::List)
            }
            Value::Tuple(items) => {
                self.items(items.values.iter().skip(from).take(length).cloned().collect(), of.at).map(Value::Tuple)
            }
            Value::Number(_) | Value::Truth(_) => Ok(value),
        }
    }

    fn number(&mut self, node: &Node<'a>) -> Result<i64, Wrong> {
        match self.value(node)? {
            Value::Number(number) => Ok(number),
            Value::Text(_) | Value::Truth(_) | Value::List(_) | Value::Tuple(_) => {
                Err(Wrong::new("Expected a number here.", node.at))
            }
        }
    }

    /// What a `for` goes through.
    pub(super) fn iterated(&mut self, node: &Node<'a>) -> Result<Rc<Items>, Wrong> {
        let value = self.value(node)?;
        let wrong = || Wrong::new("A `for` goes through a list; a string can be taken apart by `.split()`.", node.at);
        value.items().map(Rc::clone).ok_or_else(wrong)
    }

    fn helper(&mut self, helper: Helper, given: &[Node<'a>], at: usize) -> Result<Value, Wrong> {
        let name = helper.name();
        let (only, second) = match given {
            [only] => (only, None),
            [first, second] if helper == Helper::Range => (first, Some(second)),
            _ => return Err(Wrong::new(format!("`{name}` takes one value here."), at)),
        };
        match helper {
            Helper::Range => self.range(only, second, at),
            Helper::Len => {
                let value = self.value(only)?;
                self.charge(value.size(), at)?;
                let wrong = || Wrong::new("`len` takes a list, a tuple or a string.", only.at);
                let count = length(&value).ok_or_else(wrong)?;
                number(i64::try_from(count).ok(), at)
            }
            Helper::List => {
                let items = self.iterated(only)?;
                self.items(items.values.clone(), at).map(Value::List)
            }
            Helper::Sorted => self.sorted(only, at),
            Helper::Str => {
                let value = self.value(only)?;
                let mut text = String::new();
                self.put(&mut text, &value, only.at)?;
                self.new_text(&text, at)
            }
        }
    }

    fn range(&mut self, first: &Node<'a>, second: Option<&Node<'a>>, at: usize) -> Result<Value, Wrong> {
        let first = self.number(first)?;
        let (from, to) = match second {
            Some(second) => (first, self.number(second)?),
            None => (0, first),
        };
        if usize::try_from(to.saturating_sub(from)).unwrap_or_default() > SIZE {
            return Err(Wrong::new(TOO_LARGE, at));
        }
        self.items((from..to).map(Value::Number).collect(), at).map(Value::List)
    }

    fn sorted(&mut self, node: &Node<'a>, at: usize) -> Result<Value, Wrong> {
        let items = self.iterated(node)?;
        self.charge(items.values.len(), at)?;
        let texts: Option<Vec<&Rc<str>>> = items.values.iter().map(Value::text).collect();
        let mut texts = texts.ok_or_else(|| Wrong::new("`sorted` takes a list of strings.", node.at))?;
        texts.sort();
        self.items(texts.into_iter().map(|text| Value::Text(Rc::clone(text))).collect(), at).map(Value::List)
    }
}

fn repeated(values: &[Value], times: usize) -> Vec<Value> {
    values.iter().cycle().take(values.len() * times).cloned().collect()
}

fn number(found: Option<i64>, at: usize) -> Result<Value, Wrong> {
    found.map(Value::Number).ok_or_else(|| Wrong::new(NUMBER, at))
}

fn magnitude(number: i64) -> usize {
    usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX)
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::Text(text) => Some(text.chars().count()),
        Value::List(items) | Value::Tuple(items) => Some(items.values.len()),
        Value::Number(_) | Value::Truth(_) => None,
    }
}
