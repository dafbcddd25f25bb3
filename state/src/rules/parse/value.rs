//! Values of a rules file: strings, lists, names that stand for them, and sums.

use std::collections::BTreeMap;

use super::{Wrong, scan::Scanner};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    List(Vec<Value>),
}

/// Values by the names that the file gave them.
pub(super) type Names = BTreeMap<String, Value>;

/// Deepest nesting of lists.
const DEPTH: usize = 8;

/// Most strings and lists that one value may hold, so that sums of names do not grow without bound.
const VALUES: usize = 10_000;

/// Reads a value inside of brackets, where lines may end anywhere.
pub(super) fn inside(scanner: &mut Scanner<'_>, names: &Names) -> Result<Value, Wrong> {
    sum(scanner, names, 0)
}

/// Reads the value of a name; it ends with its line.
pub(super) fn of_line(scanner: &mut Scanner<'_>, names: &Names) -> Result<Value, Wrong> {
    scanner.skip_in_line();
    let mut value = term(scanner, names, 0)?;
    loop {
        scanner.skip_in_line();
        let at = scanner.at();
        if !scanner.take("+") {
            return Ok(value);
        }
        scanner.skip_in_line();
        value = add(value, term(scanner, names, 0)?, at)?;
    }
}

fn sum(scanner: &mut Scanner<'_>, names: &Names, depth: usize) -> Result<Value, Wrong> {
    scanner.skip_blank();
    let mut value = term(scanner, names, depth)?;
    loop {
        scanner.skip_blank();
        let at = scanner.at();
        if !scanner.take("+") {
            return Ok(value);
        }
        scanner.skip_blank();
        value = add(value, term(scanner, names, depth)?, at)?;
    }
}

fn add(left: Value, right: Value, at: usize) -> Result<Value, Wrong> {
    let sum = match (left, right) {
        (Value::Text(left), Value::Text(right)) => Value::Text(left + &right),
        (Value::List(left), Value::List(right)) => Value::List([left, right].concat()),
        (Value::Text(_) | Value::List(_), _) => {
            return Err(Wrong::new("`+` joins two strings or two lists.", at));
        }
    };
    if size(&sum) > VALUES { Err(Wrong::new("This value is too large.", at)) } else { Ok(sum) }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => 1 + text.len() / 1024,
        Value::List(values) => 1 + values.iter().map(size).sum::<usize>(),
    }
}

fn term(scanner: &mut Scanner<'_>, names: &Names, depth: usize) -> Result<Value, Wrong> {
    let at = scanner.at();
    if scanner.is_at_string() {
        return scanner.string().map(Value::Text);
    }
    if scanner.take("[") {
        return list(scanner, names, depth, at);
    }
    match scanner.name() {
        Some(name) => names.get(name).cloned().ok_or_else(|| Wrong::new(unknown_name(name), at)),
        None if scanner.is_at_end() => Err(Wrong::new("The file ends in the middle of a call.", at)),
        None => Err(Wrong::new("Here must stand a string in quotes or a list in [brackets].", at)),
    }
}

fn unknown_name(name: &str) -> String {
    format!("`{name}` is no name that was given a value above; text stands in quotes.")
}

fn list(scanner: &mut Scanner<'_>, names: &Names, depth: usize, start: usize) -> Result<Value, Wrong> {
    if depth >= DEPTH {
        return Err(Wrong::new("Lists are nested too deeply here.", start));
    }
    let mut values = Vec::new();
    loop {
        scanner.skip_blank();
        if scanner.take("]") {
            return Ok(Value::List(values));
        }
        values.push(sum(scanner, names, depth + 1)?);
        scanner.skip_blank();
        let at = scanner.at();
        if !scanner.take(",") && scanner.peek() != Some(']') {
            return Err(Wrong::new("Here must stand a comma or the `]` of the list.", at));
        }
    }
}
