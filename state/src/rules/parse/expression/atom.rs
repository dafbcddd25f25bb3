//! What an expression is made of: literals, names, brackets, calls, and what hangs on them.

use crate::rules::parse::{
    PARTS, Parser, Wrong, literal, refused,
    tree::{Expression, Function, Helper, Method, Node},
};

/// What may be given to a function: values, and values with names.
type Given<'a> = (Vec<Node<'a>>, Vec<(&'a str, Node<'a>)>);

impl<'a> Parser<'a> {
    /// Reads a value with its indexes, slices and methods.
    pub(super) fn suffixed(&mut self) -> Result<Node<'a>, Wrong> {
        let mut node = self.atom()?;
        let start = node.at;
        let mut count = 0;
        loop {
            self.skip();
            let at = self.scanner.at();
            let is_index = self.scanner.take("[");
            if !is_index && !self.scanner.take(".") {
                return Ok(node);
            }
            count += 1;
            if count > PARTS {
                return Err(Wrong::new("This expression is too long; give a part of it a name.", at));
            }
            let of = Box::new(node);
            let expression = if is_index { self.in_brackets(|parser| parser.index(of))? } else { self.method(of)? };
            node = Node { at: start, expression };
        }
    }

    fn index(&mut self, of: Box<Node<'a>>) -> Result<Expression<'a>, Wrong> {
        let from = self.bound_of_slice()?;
        if let Some(index) = from {
            if self.scanner.take("]") {
                return Ok(Expression::Index { of, index });
            }
            self.expect(":", "Expected the `]` of the index here.")?;
            let to = self.bound_of_slice()?;
            self.expect("]", "Expected the `]` of the slice here; steps are not supported.")?;
            return Ok(Expression::Slice { of, from: Some(index), to });
        }
        self.expect(":", "Expected a number here.")?;
        let to = self.bound_of_slice()?;
        self.expect("]", "Expected the `]` of the slice here; steps are not supported.")?;
        Ok(Expression::Slice { of, from: None, to })
    }

    fn bound_of_slice(&mut self) -> Result<Option<Box<Node<'a>>>, Wrong> {
        self.skip();
        if matches!(self.scanner.peek(), Some(':' | ']')) {
            return Ok(None);
        }
        let node = self.expression()?;
        self.skip();
        Ok(Some(Box::new(node)))
    }

    fn method(&mut self, of: Box<Node<'a>>) -> Result<Expression<'a>, Wrong> {
        self.skip();
        let at = self.scanner.at();
        let name = self.scanner.name().unwrap_or_default();
        let method = Method::ALL.into_iter().find(|method| method.name() == name);
        let method = method.ok_or_else(|| Wrong::new(refused::method(name), at))?;
        self.expect("(", "Expected the `(` of the call here.")?;
        let (given, named) = self.in_brackets(Self::given)?;
        match named.first() {
            Some((_, value)) if method != Method::Format => {
                Err(Wrong::new("Only `format` takes named values.", value.at))
            }
            _ => Ok(Expression::Method { of, method, given, named }),
        }
    }

    fn atom(&mut self) -> Result<Node<'a>, Wrong> {
        let at = self.scanner.at();
        let expression = if literal::is_here(&self.scanner) {
            literal::read(self)?
        } else if self.scanner.take("[") {
            self.in_brackets(Self::list)?
        } else if self.scanner.take("(") {
            self.in_brackets(Self::parentheses)?
        } else if self.scanner.peek().is_some_and(|letter| letter.is_ascii_digit()) {
            let digits = self.scanner.digits();
            if digits.len() > 1 && digits.starts_with('0') {
                return Err(Wrong::new("A number must not begin with 0.", at));
            }
            Expression::Number(digits.parse().map_err(|_| Wrong::new("This number is too large.", at))?)
        } else if let Some(name) = self.scanner.name() {
            self.named(name, at)?
        } else {
            return Err(Wrong::new(self.no_value(), at));
        };
        Ok(Node { at, expression })
    }

    fn no_value(&self) -> &'static str {
        match self.scanner.peek() {
            None => "The file ends in the middle of a statement.",
            Some('{') => refused::BRACES,
            Some(_) => "Expected a string in quotes or a list in [brackets] here.",
        }
    }

    fn named(&mut self, name: &'a str, at: usize) -> Result<Expression<'a>, Wrong> {
        match name {
            "True" => return Ok(Expression::Truth(true)),
            "False" => return Ok(Expression::Truth(false)),
            _ => {}
        }
        if let Some(message) = refused::word(name) {
            return Err(Wrong::new(message, at));
        }
        if Function::named(name).is_some() {
            return Err(Wrong::new(refused::function(name), at));
        }
        if !refused::is_name(name) {
            return Err(Wrong::new("Expected a string in quotes or a list in [brackets] here.", at));
        }
        self.skip();
        if !self.scanner.take("(") {
            return Ok(Expression::Name(name));
        }
        let helper = Helper::ALL.into_iter().find(|helper| helper.name() == name);
        let helper = helper.ok_or_else(|| Wrong::new(refused::function(name), at))?;
        let (given, named) = self.in_brackets(Self::given)?;
        match named.first() {
            Some((_, value)) => Err(Wrong::new(format!("`{name}` takes no named values."), value.at)),
            None => Ok(Expression::Helper { helper, given }),
        }
    }

    /// Reads the rest of `[...]`.
    fn list(&mut self) -> Result<Expression<'a>, Wrong> {
        let mut values = Vec::new();
        loop {
            self.skip();
            if self.scanner.take("]") {
                return Ok(Expression::List(values));
            }
            values.push(self.expression()?);
            self.skip();
            if values.len() == 1 && self.scanner.peek_name() == Some("for") {
                return self.comprehension(values);
            }
            let at = self.scanner.at();
            if !self.scanner.take(",") && self.scanner.peek() != Some(']') {
                return Err(Wrong::new("Expected a comma or the `]` of the list here.", at));
            }
        }
    }

    fn comprehension(&mut self, mut values: Vec<Node<'a>>) -> Result<Expression<'a>, Wrong> {
        let clauses = self.clauses()?;
        self.expect("]", "Expected the `]` of the comprehension here.")?;
        match values.pop() {
            Some(element) => Ok(Expression::Comprehension { element: Box::new(element), clauses }),
            None => Ok(Expression::List(values)),
        }
    }

    /// Reads the rest of `(...)`: a tuple if there is a comma, else what stands in it.
    fn parentheses(&mut self) -> Result<Expression<'a>, Wrong> {
        let mut values = Vec::new();
        let mut is_tuple = true;
        loop {
            self.skip();
            if self.scanner.take(")") {
                break;
            }
            if !is_tuple {
                let message = "Expected a comma or the `)` of this bracket here.";
                return Err(Wrong::new(message, self.scanner.at()));
            }
            values.push(self.expression()?);
            self.skip();
            is_tuple = self.scanner.take(",");
        }
        match values.pop() {
            Some(only) if !is_tuple && values.is_empty() => Ok(only.expression),
            last => {
                values.extend(last);
                Ok(Expression::Tuple(values))
            }
        }
    }

    /// Reads the rest of `(...)` behind a function.
    fn given(&mut self) -> Result<Given<'a>, Wrong> {
        let mut given: Given<'a> = (Vec::new(), Vec::new());
        loop {
            self.skip();
            if self.scanner.take(")") {
                return Ok(given);
            }
            match self.scanner.name_of_argument() {
                Some(name) => {
                    let value = self.expression()?;
                    given.1.push((name, value));
                }
                None => given.0.push(self.expression()?),
            }
            self.skip();
            let at = self.scanner.at();
            if !self.scanner.take(",") && self.scanner.peek() != Some(')') {
                return Err(Wrong::new("Expected a comma or the `)` of the call here.", at));
            }
        }
    }
}
