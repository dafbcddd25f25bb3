//! Keys and values as TOML.

use serde_json::Value;

/// A segment of a key, in quotes where it needs them.
pub(super) fn key(segment: &str) -> String {
    let is_bare = !segment.is_empty() && segment.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if is_bare { segment.to_owned() } else { text(segment) }
}

/// A value on one line.
pub(super) fn value(value: &Value) -> String {
    match value {
        // TOML has no such value; it is never asked for.
        Value::Null => "\"\"".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(string) => text(string),
        Value::Array(items) => format!("[{}]", items.iter().map(self::value).collect::<Vec<_>>().join(", ")),
        Value::Object(table) if table.is_empty() => "{}".to_owned(),
        Value::Object(table) => {
            let pairs = table.iter().map(|(name, inner)| format!("{} = {}", key(name), self::value(inner)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
    }
}

fn text(string: &str) -> String {
    let mut out = String::from("\"");
    for letter in string.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(control))),
            plain => out.push(plain),
        }
    }
    out.push('"');
    out
}
