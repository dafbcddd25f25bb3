//! Strings made of other values: `f"..."`, `.format`, `%`, `.split` and `.join`.

use super::{
    Evaluator, Wrong,
    value::{SIZE, TOO_LARGE, Value, text_size},
};
use crate::rules::parse::tree::{Method, Node, Piece};

/// What is said of a `join` that cannot be done.
const JOIN: &str = "`join` takes one list of strings.";

/// What is said of a `split` that cannot be done.
const SPLIT: &str = "`split` takes nothing, or one string that is not empty.";

/// Values that a template may name, and how many were taken.
struct Fields {
    given: Vec<Value>,
    named: Vec<(String, Value)>,
    taken: usize,
    /// Whether one was named by its number.
    is_numbered: bool,
}

impl<'a> Evaluator<'a> {
    /// Writes a value into a string.
    pub(super) fn put(&mut self, text: &mut String, value: &Value, at: usize) -> Result<(), Wrong> {
        match value {
            Value::Text(part) => text.push_str(part),
            Value::Number(number) => text.push_str(&number.to_string()),
            Value::Truth(truth) => text.push_str(if *truth { "True" } else { "False" }),
            Value::List(_) | Value::Tuple(_) => {
                return Err(Wrong::new("A list cannot be put into a string; join it: \" \".join(names).", at));
            }
        }
        self.charge(value.size(), at)?;
        if text_size(text.len()) > SIZE { Err(Wrong::new(TOO_LARGE, at)) } else { Ok(()) }
    }

    pub(super) fn joined(&mut self, pieces: &[Piece<'a>], at: usize) -> Result<Value, Wrong> {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Value(node) => {
                    let value = self.value(node)?;
                    self.put(&mut text, &value, node.at)?;
                }
            }
        }
        self.new_text(&text, at)
    }

    pub(super) fn method(
        &mut self,
        of: &Node<'a>,
        method: Method,
        given: &[Node<'a>],
        named: &[(&'a str, Node<'a>)],
        at: usize,
    ) -> Result<Value, Wrong> {
        let of = self.value(of)?;
        let name = method.name();
        let Some(text) = of.text() else {
            return Err(Wrong::new(format!("`{name}` belongs to a string."), at));
        };
        self.charge(of.size(), at)?;
        let given = given.iter().map(|node| self.value(node)).collect::<Result<Vec<_>, _>>()?;
        match method {
            Method::Format => {
                let named = named.iter().map(|(name, node)| Ok(((*name).to_owned(), self.value(node)?)));
                let named = named.collect::<Result<_, Wrong>>()?;
                self.format(text, &mut Fields { given, named, taken: 0, is_numbered: false }, at)
            }
            Method::Join => {
                let [Value::List(items) | Value::Tuple(items)] = given.as_slice() else {
                    return Err(Wrong::new(JOIN, at));
                };
                self.join(text, &items.values, at)
            }
            Method::Split if given.is_empty() => self.parts(text.split_whitespace(), at),
            Method::Split => {
                let [Value::Text(separator)] = given.as_slice() else { return Err(Wrong::new(SPLIT, at)) };
                if separator.is_empty() {
                    return Err(Wrong::new(SPLIT, at));
                }
                self.parts(text.split(&**separator), at)
            }
        }
    }

    fn join(&mut self, separator: &str, values: &[Value], at: usize) -> Result<Value, Wrong> {
        let mut text = String::new();
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                text.push_str(separator);
            }
            if value.text().is_none() {
                return Err(Wrong::new(JOIN, at));
            }
            self.put(&mut text, value, at)?;
        }
        self.new_text(&text, at)
    }

    fn parts<'t>(&mut self, parts: impl Iterator<Item = &'t str>, at: usize) -> Result<Value, Wrong> {
        let mut values = Vec::new();
        for part in parts {
            if values.len() >= SIZE {
                return Err(Wrong::new(TOO_LARGE, at));
            }
            values.push(self.new_text(part, at)?);
        }
        self.items(values, at).map(Value::List)
    }

    /// `"{} {0} {name} {{}}".format(...)`.
    fn format(&mut self, template: &str, fields: &mut Fields, at: usize) -> Result<Value, Wrong> {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.find(['{', '}']).and_then(|brace| rest.split_at_checked(brace)) {
            text.push_str(before);
            rest = if let Some(behind) = after.strip_prefix("{{") {
                text.push('{');
                behind
            } else if let Some(behind) = after.strip_prefix("}}") {
                text.push('}');
                behind
            } else {
                let field = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
                let wrong = || Wrong::new("This string has an unmatched brace; write `{{` for a brace.", at);
                let (name, behind) = field.ok_or_else(wrong)?;
                let value = fields.take(name, at)?;
                self.put(&mut text, &value, at)?;
                behind
            };
        }
        text.push_str(rest);
        self.new_text(&text, at)
    }

    /// `"%s-%d%%" % (...)`.
    pub(super) fn percent(&mut self, template: &str, right: &Value, at: usize) -> Result<Value, Wrong> {
        let given = match right {
            Value::Tuple(items) => items.values.clone(),
            Value::Text(_) | Value::Number(_) | Value::Truth(_) | Value::List(_) => vec![right.clone()],
        };
        self.charge(text_size(template.len()) + given.len(), at)?;
        let mut given = given.into_iter();
        let mut text = String::new();
        let mut pieces = template.split('%');
        text.push_str(pieces.next().unwrap_or_default());
        while let Some(piece) = pieces.next() {
            if piece.is_empty() {
                text.push('%');
                text.push_str(pieces.next().ok_or_else(|| Wrong::new(PERCENT, at))?);
                continue;
            }
            let behind = piece.strip_prefix(['s', 'd']).ok_or_else(|| Wrong::new(PERCENT, at))?;
            let value = given.next().ok_or_else(|| Wrong::new("This string has more %s than values.", at))?;
            if piece.starts_with('d') && !matches!(value, Value::Number(_)) {
                return Err(Wrong::new("`%d` needs a number; `%s` takes anything.", at));
            }
            self.put(&mut text, &value, at)?;
            text.push_str(behind);
        }
        if given.next().is_some() {
            return Err(Wrong::new("This string has fewer %s than values.", at));
        }
        self.new_text(&text, at)
    }
}

const PERCENT: &str = "In a string, `%` must be followed by `s` or `d`; write %% for a percent sign.";

impl Fields {
    /// The value of a field: the next one, or that of a number or name.
    fn take(&mut self, field: &str, at: usize) -> Result<Value, Wrong> {
        let found = if field.is_empty() {
            self.taken += 1;
            self.given.get(self.taken - 1)
        } else if let Ok(index) = field.parse::<usize>() {
            self.is_numbered = true;
            self.given.get(index)
        } else {
            self.named.iter().find(|(name, _)| name == field).map(|(_, value)| value)
        };
        if self.is_numbered && self.taken > 0 {
            return Err(Wrong::new(
                "A string takes its values in their order by `{}`, or by their numbers, and not both.",
                at,
            ));
        }
        let shown: String = field.chars().take(40).collect();
        found.cloned().ok_or_else(|| Wrong::new(format!("There is no value for `{{{shown}}}`."), at))
    }
}
