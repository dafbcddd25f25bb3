//! The value of one `-c key=value`.

use quire_state::config::{
    KeyPath,
    keys::{Found, Kind, find},
};
use serde_json::Value;
use toml::de::DeValue;

use super::parse::json;

/// Reads the value as TOML; what is no TOML is text as it was typed. A key that wants text takes what was typed
/// even where it looks like a number.
pub fn assignment(path: &KeyPath, typed: &str) -> Value {
    let as_text = || Value::String(typed.to_owned());
    let Ok(parsed) = DeValue::parse(typed) else { return as_text() };
    let value = json(parsed.get_ref());
    match find(&path.0) {
        Found::Key(known) => match known.kind {
            Kind::Text | Kind::Variable | Kind::Secret | Kind::Choice(_) | Kind::Address | Kind::Keys => match value {
                Value::Number(_) | Value::Bool(_) => as_text(),
                Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => value,
            },
            Kind::Flag | Kind::FlagOrList | Kind::Whole { .. } | Kind::List | Kind::Unchecked => value,
        },
        Found::Table | Found::Unread { .. } | Found::Below { .. } | Found::Nothing { .. } => value,
    }
}

#[cfg(test)]
mod tests {
    use quire_state::config::KeyPath;
    use serde_json::{Value, json};

    use super::assignment;

    #[test]
    fn values_are_toml_or_else_text() -> Result<(), String> {
        for (typed, key, value) in [
            ("model=\"gpt-5.5\"", "model", json!("gpt-5.5")),
            ("model=gpt-5.5", "model", json!("gpt-5.5")),
            ("model=4", "model", json!("4")),
            ("model = a b = c", "model", json!("a b = c")),
            ("model=", "model", json!("")),
            ("model_context_window=0x10", "model_context_window", json!(16)),
            ("hide_agent_reasoning=true", "hide_agent_reasoning", json!(true)),
            ("hide_agent_reasoning=yes", "hide_agent_reasoning", json!("yes")),
            ("notify=[\"a\", 'b']", "notify", json!(["a", "b"])),
            ("x.y={a=1, b.c=2}", "x.y", json!({"a": 1, "b": {"c": 2}})),
            ("when=2026-01-02", "when", json!("2026-01-02")),
            ("big=99999999999999999999", "big", json!("99999999999999999999")),
            ("odd=inf", "odd", json!("inf")),
            ("projects.\"/home/x.y=z\".trust_level=trusted", "projects.\"/home/x.y=z\".trust_level", json!("trusted")),
            ("projects.'/a.b'.trust_level='x'", "projects.\"/a.b\".trust_level", json!("x")),
        ] {
            let (path, raw) = KeyPath::parse_assignment(typed)?;
            let read: Value = assignment(&path, raw);
            assert_eq!((path.to_string().as_str(), read), (key, value), "{typed}");
        }
        Ok(())
    }

    #[test]
    fn a_bad_key_says_why() {
        for (typed, reason) in [
            ("model", "there is no `=`"),
            ("=x", "empty"),
            ("a..b=1", "empty"),
            ("a.=1", "empty"),
            ("\"a=1", "there is no `=`"),
            ("\"a\"b=1", "joined by dots"),
        ] {
            let said = KeyPath::parse_assignment(typed).err().unwrap_or_default();
            assert!(said.contains(reason), "{typed}: {said}");
        }
    }
}
