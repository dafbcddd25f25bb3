//! Names that no statement of a file gives a value. One is a mistake wherever it stands, also where nothing comes by.

use std::collections::BTreeSet;

use super::parse::{
    Wrong,
    tree::{Call, Clause, Expression, Node, Piece, Statement, Tree},
};

/// What is said of a name without a value.
pub(super) fn unknown(name: &str, at: usize) -> Wrong {
    Wrong::new(format!("`{name}` has not been given a value above; strings need quotes."), at)
}

/// The names of a tree that are never given a value. What stands within a mistake does not count.
pub(super) fn unknown_in(tree: &Tree<'_>) -> Vec<Wrong> {
    let mut given = BTreeSet::new();
    gather(&tree.statements, &mut given);
    let mut reader = Reader { given, inner: Vec::new(), unknown: Vec::new() };
    reader.statements(&tree.statements);
    reader.unknown
}

/// Every name that some statement gives a value, whether or not it runs.
fn gather<'a>(statements: &[Statement<'a>], given: &mut BTreeSet<&'a str>) {
    for statement in statements {
        match statement {
            Statement::Assign { targets, .. } => given.extend(&targets.names),
            Statement::Extend { name, .. } => {
                given.insert(name);
            }
            Statement::For { targets, block, .. } => {
                given.extend(&targets.names);
                gather(block, given);
            }
            Statement::If { branches, otherwise } => {
                branches.iter().for_each(|(_, block)| gather(block, given));
                gather(otherwise, given);
            }
            Statement::Found(statements) => gather(statements, given),
            Statement::Rule(_) | Statement::Each { .. } => {}
        }
    }
}

struct Reader<'a> {
    given: BTreeSet<&'a str>,
    /// Names of the comprehensions around.
    inner: Vec<&'a str>,
    unknown: Vec<Wrong>,
}

impl<'a> Reader<'a> {
    fn statements(&mut self, statements: &[Statement<'a>]) {
        for statement in statements {
            match statement {
                Statement::Assign { value, .. } | Statement::Extend { value, .. } => self.node(value),
                Statement::Rule(call) => self.call(call),
                Statement::Each { call, clauses } => self.within(clauses, |reader| reader.call(call)),
                Statement::For { over, block, .. } => {
                    self.node(over);
                    self.statements(block);
                }
                Statement::If { branches, otherwise } => {
                    for (condition, block) in branches {
                        self.node(condition);
                        self.statements(block);
                    }
                    self.statements(otherwise);
                }
                Statement::Found(_) => {}
            }
        }
    }

    fn call(&mut self, call: &Call<'a>) {
        if !call.is_broken {
            call.arguments.iter().for_each(|argument| self.node(&argument.value));
        }
    }

    fn within(&mut self, clauses: &[Clause<'a>], read: impl FnOnce(&mut Self)) {
        let outer = self.inner.len();
        for clause in clauses {
            match clause {
                Clause::For { targets, over } => {
                    self.node(over);
                    self.inner.extend(&targets.names);
                }
                Clause::If(condition) => self.node(condition),
            }
        }
        read(self);
        self.inner.truncate(outer);
    }

    fn nodes<'n>(&mut self, nodes: impl IntoIterator<Item = &'n Node<'a>>)
    where
        'a: 'n,
    {
        nodes.into_iter().for_each(|node| self.node(node));
    }

    fn node(&mut self, node: &Node<'a>) {
        match &node.expression {
            Expression::Text(_) | Expression::Number(_) | Expression::Truth(_) => {}
            Expression::Name(name) => {
                if !self.given.contains(name) && !self.inner.contains(name) {
                    self.unknown.push(unknown(name, node.at));
                }
            }
            Expression::Joined(pieces) => pieces.iter().for_each(|piece| match piece {
                Piece::Text(_) => {}
                Piece::Value(node) => self.node(node),
            }),
            Expression::List(nodes)
            | Expression::Tuple(nodes)
            | Expression::Or(nodes)
            | Expression::And(nodes)
            | Expression::Helper { given: nodes, .. } => self.nodes(nodes),
            Expression::Comprehension { element, clauses } => self.within(clauses, |reader| reader.node(element)),
            Expression::Conditional { condition, value, otherwise } => {
                [condition, value, otherwise].into_iter().for_each(|node| self.node(node));
            }
            Expression::Not(node) | Expression::Minus(node) => self.node(node),
            Expression::Compare { left, right, .. } => {
                self.node(left);
                self.node(right);
            }
            Expression::Chain { first, rest } => {
                self.node(first);
                self.nodes(rest.iter().map(|(_, _, node)| node));
            }
            Expression::Index { of, index } => {
                self.node(of);
                self.node(index);
            }
            Expression::Slice { of, from, to } => {
                self.node(of);
                self.nodes(from.iter().chain(to).map(|node| &**node));
            }
            Expression::Method { of, given, named, .. } => {
                self.node(of);
                self.nodes(given);
                self.nodes(named.iter().map(|(_, node)| node));
            }
        }
    }
}
