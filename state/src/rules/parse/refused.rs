//! What Starlark knows and a rules file does not, each with what can be written instead.

use super::tree::{Function, Helper, Method};

/// Words that are no names for values.
const WORDS: [&str; 11] = ["and", "elif", "else", "for", "if", "in", "not", "or", "pass", "True", "False"];

/// Whether a value may have this name.
pub(super) fn is_name(name: &str) -> bool {
    !WORDS.contains(&name) && word(name).is_none() && Function::named(name).is_none()
}

/// What is to be said of a word that begins something which is not read.
pub(super) fn word(name: &str) -> Option<&'static str> {
    Some(match name {
        "def" => "`def` makes a function, and a rules file has none of its own; write a `for` loop over a list.",
        "lambda" => "`lambda` makes a function, and a rules file has none of its own; write a comprehension.",
        "load" => "`load` reads another file, and every rules file stands alone; write the values here.",
        "while" => "`while` is not read; write `for x in range(10):` or a `for` loop over a list.",
        "dict" => "Dicts are not read; write a list of pairs, such as [(\"a\", \"b\")], and `for key, value in ...`.",
        "break" | "continue" | "return" => "A loop runs over its whole list; write an `if` within it.",
        "import" | "from" | "try" | "with" | "class" => "This word begins nothing that a rules file can hold.",
        "print" | "fail" => "A rules file prints nothing and ends nothing; write a # comment.",
        "None" => "`None` is not read; leave the argument out.",
        "elif" | "else" => "This needs an `if` above it that is indented alike.",
        _ => return None,
    })
}

/// For a dict or a set.
pub(super) const BRACES: &str =
    "Dicts are not read; write a list of pairs, such as [(\"a\", \"b\")], and `for key, value in ...`.";

/// For a statement that begins with some name.
pub(super) fn statement(name: &str) -> String {
    let known = Function::ALL.map(Function::name).join(", ");
    let generally = || {
        format!(
            "`{name}` is nothing that a rules file can hold; it holds calls of {known}, names for values, `for` and `if`."
        )
    };
    word(name).map_or_else(generally, str::to_owned)
}

/// For a call within an expression.
pub(super) fn function(name: &str) -> String {
    if Function::named(name).is_some() {
        return format!("`{name}` gives no value; it stands on its own, or as [{name}(...) for x in xs].");
    }
    let known = Helper::ALL.map(Helper::name).join(", ");
    word(name).map_or_else(|| format!("`{name}` is no function that is read; these are: {known}."), str::to_owned)
}

/// For a method.
pub(super) fn method(name: &str) -> String {
    let known = Method::ALL.map(Method::name).join(", ");
    match name {
        "append" | "extend" => "A list grows by `+=`: names += [\"more\"].".to_owned(),
        _ => format!("`{name}` is no method that is read; these are: {known}."),
    }
}
