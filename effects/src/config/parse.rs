//! TOML text into a layer, each entry with its place in the file.

use quire_state::config::{Entry, KeyPath, Layer, Problem, Severity, Source, Spot};
use serde_json::{Map, Number, Value};
use toml::de::{DeInteger, DeTable, DeValue};

use super::excerpt::Lines;

/// Reads a file's text. A syntax error costs the whole file: half a configuration is worse than none.
pub(super) fn layer(source: Source, text: &str) -> Result<Layer, Box<Problem>> {
    let lines = Lines::of(text);
    match DeTable::parse(text) {
        Ok(table) => {
            let mut layer = Layer::new(source);
            collect(&mut layer, &lines, &KeyPath::default(), table.get_ref());
            Ok(layer)
        }
        Err(error) => Err(Box::new(syntax_problem(&source, &lines, &error))),
    }
}

fn collect(layer: &mut Layer, lines: &Lines<'_>, parent: &KeyPath, table: &DeTable<'_>) {
    for (key, value) in table {
        let path = parent.child(key.get_ref());
        let spot = Some(Spot { key: lines.place(key.span().start), value: lines.place(value.span().start) });
        match value.get_ref() {
            DeValue::Table(inner) => {
                layer.entries.push(Entry { path: path.clone(), value: Value::Object(Map::new()), spot });
                collect(layer, lines, &path, inner);
            }
            single => layer.entries.push(Entry { path, value: json(single), spot }),
        }
    }
}

/// A TOML value as JSON. What JSON cannot hold (dates, endless numbers) becomes its text.
pub(super) fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.clone().into_owned()),
        DeValue::Integer(integer) => whole(integer),
        DeValue::Float(float) => {
            let number = float.as_str().parse().ok().and_then(Number::from_f64);
            number.map_or_else(|| Value::String(float.as_str().to_owned()), Value::Number)
        }
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(items) => Value::Array(items.iter().map(|item| json(item.get_ref())).collect()),
        DeValue::Table(table) => {
            Value::Object(table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect())
        }
    }
}

fn whole(integer: &DeInteger<'_>) -> Value {
    match i64::from_str_radix(integer.as_str(), integer.radix()) {
        Ok(number) => Value::Number(number.into()),
        Err(_) => Value::String(integer.to_string()),
    }
}

fn syntax_problem(source: &Source, lines: &Lines<'_>, error: &toml::de::Error) -> Problem {
    let reason = error.message().trim().trim_end_matches('.');
    let mut problem = Problem::new(Severity::Error, format!("This is not TOML: {reason}."));
    problem.file = source.path().map(str::to_owned);
    if let Some(span) = error.span() {
        let place = lines.place(span.start);
        problem.line = Some(place.line);
        problem.column = Some(place.column);
        problem.excerpt = lines.excerpt(place);
    }
    problem.with_hint(next_step(reason))
}

/// What most likely helps, by the parser's reason.
fn next_step(reason: &str) -> &'static str {
    if reason.contains("duplicate key") {
        "Keep one of the two."
    } else if reason.contains("escape") || reason.contains("unicode value") {
        "A backslash in \"double quotes\" begins an escape; put Windows paths in 'single quotes'."
    } else if reason.contains("string values must be quoted") || reason.contains("missing value") {
        "Text needs quotes, for instance model = \"gpt-5.5\"."
    } else {
        "Correct the line, or comment it out with a # in front."
    }
}
