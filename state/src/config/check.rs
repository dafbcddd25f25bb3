//! Checks the layers against the table: unknown keys in any of them, wrong values among those that hold.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    hint::nearest,
    keys::{Found, Kind, Known, find, homes_of, may_be_table, names_below},
    layer::{KeyPath, Layer, kind_of},
    problem::{Problem, Severity},
    settings::{Settings, Winner},
    source::Spot,
};

/// A warning for each unknown key, wherever it stands.
pub(crate) fn unknown_keys(layers: &[Layer]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for layer in layers {
        let mut told = BTreeSet::new();
        for entry in &layer.entries {
            let Found::Nothing { depth } = find(&entry.path.0) else { continue };
            let key = KeyPath(entry.path.0.iter().take(depth + 1).cloned().collect());
            if told.insert(key.clone()) {
                let is_table = entry.value.is_object() || entry.path.0.len() > depth + 1;
                let what = if is_table { "table" } else { "key" };
                let message = format!("Unknown {what} `{key}`; it is ignored.");
                let place = entry.spot.map(|spot| spot.key);
                let mut problem = Problem::new(Severity::Warning, message).written(&layer.source, place);
                problem.hint = unknown_hint(&key);
                problem.is_secret = true;
                problems.push(problem);
            }
        }
    }
    problems
}

fn unknown_hint(key: &KeyPath) -> Option<String> {
    let (name, parents) = key.0.split_last()?;
    let top = std::slice::from_ref(name);
    if !parents.is_empty() && !matches!(find(top), Found::Nothing { .. }) {
        return Some(format!("`{name}` belongs at the top level: write it above the first [table] of the file."));
    }
    let near = nearest(name, names_below(parents));
    if let Some(near) = near.filter(|near| super::hint::distance(near, name) <= 2) {
        return Some(format!("Did you mean `{}`?", KeyPath(parents.to_vec()).child(near)));
    }
    if let Some(home) = homes_of(name).find(|known| known.path.contains('.')) {
        let table = home.path.rsplit_once('.').map_or(home.path, |(table, _)| table);
        return Some(format!("`{name}` belongs under `{}`.", table.replace('*', "NAME")));
    }
    near.map(|near| format!("Did you mean `{}`?", KeyPath(parents.to_vec()).child(near)))
}

/// What is in use, and therefore must be right.
pub(crate) struct InUse<'a> {
    pub(crate) profile: Option<&'a str>,
    pub(crate) provider: Option<&'a str>,
}

/// What the check of the values found.
#[derive(Default)]
pub(crate) struct Checked {
    pub(crate) problems: Vec<Problem>,
    /// Providers that something is wrong with.
    pub(crate) broken_providers: BTreeSet<String>,
}

/// Checks every value that holds and takes the bad ones out. A bad value is an error when it is in use, and a
/// warning in a profile or provider that is not.
pub(crate) fn values(settings: &mut Settings<'_>, in_use: &InUse<'_>) -> Checked {
    let mut verdict = Checked::default();
    let mut bad = Vec::new();
    for (path, winner) in settings.iter() {
        if is_profile(path, in_use.profile) {
            // Its values have been lifted to the top level and are checked there.
            continue;
        }
        if let Some(mut problem) = value_problem(settings, path, winner) {
            problem.severity = severity(path, in_use);
            verdict.problems.push(problem);
            bad.push(path.clone());
        }
    }
    for path in bad {
        if let [first, name, ..] = path.0.as_slice()
            && first == "model_providers"
        {
            verdict.broken_providers.insert(name.clone());
        }
        settings.remove(&path);
    }
    verdict
}

fn is_profile(path: &KeyPath, name: Option<&str>) -> bool {
    matches!(path.0.as_slice(), [first, second, ..] if first == "profiles" && Some(second.as_str()) == name)
}

fn severity(path: &KeyPath, in_use: &InUse<'_>) -> Severity {
    match path.0.as_slice() {
        [first, _, ..] if first == "profiles" => Severity::Warning,
        [first, name, ..] if first == "model_providers" && in_use.provider != Some(name) => Severity::Warning,
        _ => Severity::Error,
    }
}

fn value_problem(settings: &Settings<'_>, path: &KeyPath, winner: Winner<'_>) -> Option<Problem> {
    let (message, hint, known) = match find(&path.0) {
        Found::Key(known) => {
            let (message, hint) = judge(known, path, winner.value)?;
            (message, hint, Some(known))
        }
        Found::Table if !winner.value.is_object() => {
            (format!("`{path}` must be a table, not {}.", kind_of(winner.value)), table_hint(path), None)
        }
        Found::Below { known, depth } => {
            let parent = KeyPath(path.0.iter().take(depth).cloned().collect());
            if settings.get(&parent).is_some_and(|held| held.value.is_object()) {
                return None;
            }
            (format!("`{parent}` must be {}, not a table.", wanted(known.kind)), None, Some(known))
        }
        Found::Table | Found::Unread { .. } | Found::Nothing { .. } => return None,
    };
    let place = winner.spot.map(|spot| value_place(winner.value, spot));
    let mut problem = Problem::new(Severity::Error, message).written(winner.source, place);
    problem.hint = hint;
    // What is set for commands may stand on the same line.
    let beside_secrets = |known: &Known| known.path.starts_with("shell_environment_policy.");
    problem.is_secret =
        known.is_none_or(|known| matches!(known.kind, Kind::Secret | Kind::Address) || beside_secrets(known));
    Some(problem)
}

fn value_place(value: &Value, spot: Spot) -> super::source::Place {
    if value.is_object() { spot.key } else { spot.value }
}

fn table_hint(path: &KeyPath) -> Option<String> {
    let name = names_below(&path.0).next()?;
    Some(format!("Write a table such as [{path}] with keys like `{name}` in it."))
}

/// What is wrong with a value, and what to do.
fn judge(known: &Known, path: &KeyPath, value: &Value) -> Option<(String, Option<String>)> {
    if value.is_object() && may_be_table(known) {
        return None;
    }
    if value.is_object() {
        let near = path.0.first().map(|name| format!("{name}s")).filter(|name| path.0.len() == 1 && is_table(name));
        let hint = near.map(|name| format!("Did you mean [{name}.NAME]?"));
        return Some((format!("`{path}` must be {}, not a table.", wanted(known.kind)), hint));
    }
    if known.path.ends_with("headers.*") && !path.0.last().is_some_and(|name| is_header_name(name)) {
        let message = format!("`{path}` does not end in a name that an HTTP header can have.");
        return Some((message, Some("Header names hold letters, digits and hyphens.".to_owned())));
    }
    match (known.kind, value) {
        (Kind::Text | Kind::Variable | Kind::Secret, Value::String(_))
        | (Kind::Flag | Kind::FlagOrList, Value::Bool(_)) => None,
        (Kind::Whole { least, most }, Value::Number(number)) => match number.as_u64() {
            Some(whole) if (least..=most).contains(&whole) => None,
            Some(_) | None => Some((format!("`{path}` must be {}, not {number}.", wanted(known.kind)), None)),
        },
        (Kind::Choice(words), Value::String(text)) if words.contains(&text.as_str()) => None,
        (Kind::Choice(words), Value::String(text)) => Some(bad_choice(path, words, text)),
        (Kind::Address, Value::String(text)) => bad_address(path, text),
        (Kind::Keys, Value::String(_)) => None,
        (Kind::List | Kind::Keys | Kind::FlagOrList, Value::Array(values)) if values.iter().all(Value::is_string) => {
            None
        }
        (Kind::Unchecked, _) => None,
        (
            Kind::Text
            | Kind::Variable
            | Kind::Secret
            | Kind::Flag
            | Kind::FlagOrList
            | Kind::Whole { .. }
            | Kind::Choice(_)
            | Kind::List
            | Kind::Keys
            | Kind::Address,
            other,
        ) => Some((format!("`{path}` must be {}, not {}.", wanted(known.kind), kind_of(other)), None)),
    }
}

fn is_table(name: &str) -> bool {
    matches!(find(&[name.to_owned()]), Found::Table)
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

fn bad_choice(path: &KeyPath, words: &[&str], text: &str) -> (String, Option<String>) {
    if path.0.last().is_some_and(|name| name == "wire_api") && text == "chat" {
        let hint = "Set `wire_api = \"responses\"`, or leave it out; recent versions of llama.cpp, Ollama, LM Studio and vLLM serve \
                    that protocol at the same address.";
        return (format!("`{path}` cannot be \"chat\": Quire speaks the Responses API only."), Some(hint.to_owned()));
    }
    let list = words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    let near = nearest(text, words.iter().copied()).map(|near| format!(" Did you mean \"{near}\"?"));
    let shown: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    (format!("`{path}` cannot be \"{shown}\"."), Some(format!("Allowed: {list}.{}", near.unwrap_or_default())))
}

/// What is wrong with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AddressFault {
    /// It holds credentials, which would end up in recordings.
    Credentials,
    /// It holds a query or a fragment, which would cut `/responses` off.
    Query,
    /// It is no `http` or `https` address.
    NotWhole,
}

/// What is wrong with this address; `None` when it is good.
pub(crate) fn address_fault(text: &str) -> Option<AddressFault> {
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let Some(rest) = rest else { return Some(AddressFault::NotWhole) };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        Some(AddressFault::Credentials)
    } else if rest.contains(['?', '#']) {
        Some(AddressFault::Query)
    } else {
        (host.is_empty() || rest.contains(char::is_whitespace)).then_some(AddressFault::NotWhole)
    }
}

fn bad_address(path: &KeyPath, text: &str) -> Option<(String, Option<String>)> {
    let (message, hint) = match address_fault(text)? {
        AddressFault::Credentials => (
            format!("`{path}` holds credentials."),
            "Take them out of the address and give them by `env_key` or `env_http_headers`.",
        ),
        AddressFault::Query => {
            (format!("`{path}` holds a query or a fragment."), "Write parameters under `query_params` of the provider.")
        }
        AddressFault::NotWhole => (
            format!("`{path}` is not an http or https address."),
            "Write it whole, for instance \"http://localhost:8080/v1\".",
        ),
    };
    Some((message, Some(hint.to_owned())))
}

/// What a kind of value is, in words.
fn wanted(kind: Kind) -> String {
    match kind {
        Kind::Text | Kind::Variable | Kind::Secret => "text in quotes".to_owned(),
        Kind::Flag => "true or false".to_owned(),
        Kind::FlagOrList => "true, false, or a list of strings in quotes".to_owned(),
        Kind::Whole { least, most } => format!("a whole number from {least} to {most}"),
        Kind::Choice(words) => {
            format!("one of {}", words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", "))
        }
        Kind::List => "a list of strings in quotes".to_owned(),
        Kind::Keys => "a key in quotes, or a list of them".to_owned(),
        Kind::Address => "an address in quotes".to_owned(),
        Kind::Unchecked => "anything".to_owned(),
    }
}
