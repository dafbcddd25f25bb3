//! `{{name}}` in a script's texts, filled in from the request.

use std::borrow::Cow;

use serde_json::Value;

use super::ask::{Ask, exit_code, printed};

/// Every name and what it stands for.
pub(crate) const NAMES: [&str; 7] = ["user", "output", "printed", "exit", "cwd", "model", "turn"];

/// The first unknown or unclosed placeholder of a text, in words.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, tail)) = after.split_once("}}") else { return Ok(()) };
        if !NAMES.contains(&name) {
            return Err(format!("`{{{{{name}}}}}` is not a placeholder; these are: {}", NAMES.join(", ")));
        }
        rest = tail;
    }
    Ok(())
}

/// Fills in a text.
pub(crate) fn fill<'t>(text: &'t str, ask: &Ask<'_>) -> Cow<'t, str> {
    if !text.contains("{{") {
        return Cow::Borrowed(text);
    }
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, tail)) = after.split_once("}}") else { break };
        filled.push_str(before);
        match name {
            "user" => filled.push_str(ask.user()),
            "output" => filled.push_str(ask.last_output()),
            "printed" => filled.push_str(printed(ask.last_output())),
            "exit" => filled.push_str(&exit_code(ask.last_output()).map_or("?".to_owned(), |code| code.to_string())),
            "cwd" => filled.push_str(ask.cwd()),
            "model" => filled.push_str(ask.model()),
            "turn" => filled.push_str(&ask.turns().to_string()),
            _ => {}
        }
        rest = tail;
    }
    filled.push_str(rest);
    Cow::Owned(filled)
}

/// Fills in every string of a JSON value.
pub(crate) fn fill_value(value: &Value, ask: &Ask<'_>) -> Value {
    match value {
        Value::String(text) => Value::String(fill(text, ask).into_owned()),
        Value::Array(values) => values.iter().map(|value| fill_value(value, ask)).collect(),
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), fill_value(value, ask))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
