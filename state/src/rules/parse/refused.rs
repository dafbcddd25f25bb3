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
        "def" => "`def` is not supported; write a `for` loop over a list.",
        "lambda" => "`lambda` is not supported; write a comprehension.",
        "load" => "`load` is not supported, because every rules file stands alone; write the values here.",
        "while" => "`while` is not supported; write `for x in range(10):` or a `for` loop over a list.",
        "dict" => {
            "Dicts are not supported; write a list of pairs, such as [(\"a\", \"b\")], and `for key, value in ...`."
        }
        "break" | "continue" | "return" => "A loop runs over its whole list; write an `if` within it.",
        "import" | "from" | "try" | "with" | "class" => "This word cannot begin a statement in a rules file.",
        "print" | "fail" => "A rules file cannot print or fail; write a # comment.",
        "None" => "`None` is not supported; leave the argument out.",
        "elif" | "else" => "This needs an `if` above it with the same indentation.",
        _ => return None,
    })
}

/// For a dict or a set.
pub(super) const BRACES: &str =
    "Dicts are not supported; write a list of pairs, such as [(\"a\", \"b\")], and `for key, value in ...`.";

/// For a statement that begins with some name.
pub(super) fn statement(name: &str) -> String {
    let known = Function::ALL.map(Function::name).join(", ");
    let generally = || {
        format!(
            "`{name}` is not supported in a rules file; it can contain calls of {known}, names for values, `for` and \
             `if`."
        )
    };
    word(name).map_or_else(generally, str::to_owned)
}

/// For a call within an expression.
pub(super) fn function(name: &str) -> String {
    if Function::named(name).is_some() {
        return format!("`{name}` has no value; use it on its own, or as [{name}(...) for x in xs].");
    }
    let known = Helper::ALL.map(Helper::name).join(", ");
    word(name).map_or_else(|| format!("`{name}` is not a supported function; these are: {known}."), str::to_owned)
}

/// For a method.
pub(super) fn method(name: &str) -> String {
    let known = Method::ALL.map(Method::name).join(", ");
    match name {
        "append" | "extend" => "A list grows by `+=`: names += [\"more\"].".to_owned(),
        _ => format!("`{name}` is not a supported method; these are: {known}."),
    }
}
