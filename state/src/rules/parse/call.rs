//! One statement: a call, checked and turned into a rule, or a name that gets a value.

use crate::text::shell;

use super::{
    NetworkRule, Ruling, Statement, Wrong,
    scan::{FUNCTIONS, Scanner},
    value::{self, Names, Value},
};
use crate::rules::examples::Example;

/// Arguments in the order in which they may be given without their names.
const PREFIX_RULE: [&str; 5] = ["pattern", "decision", "match", "not_match", "justification"];
const NETWORK_RULE: [&str; 4] = ["host", "protocol", "decision", "justification"];
const HOST_EXECUTABLE: [&str; 2] = ["name", "paths"];

const PROTOCOLS: [&str; 4] = ["http", "https", "socks5_tcp", "socks5_udp"];

/// An argument with the place of its value.
type Argument = (&'static str, Value, usize);

/// Reads the statement that begins here. A mistake in a call leaves of it what makes things stricter.
pub(super) fn statement(scanner: &mut Scanner<'_>, names: &mut Names) -> (Option<Statement>, Option<Wrong>) {
    let start = scanner.at();
    let Some(name) = scanner.name() else {
        return (None, Some(Wrong::new("Here must begin a call such as prefix_rule(...).", start)));
    };
    scanner.skip_in_line();
    let parameters: &[&'static str] = match name {
        "prefix_rule" => &PREFIX_RULE,
        "network_rule" => &NETWORK_RULE,
        "host_executable" => &HOST_EXECUTABLE,
        _ if scanner.rest().starts_with('=') && !scanner.rest().starts_with("==") => {
            return (None, assignment(scanner, names, name).err());
        }
        _ => return (None, Some(Wrong::new(unknown_function(name), start))),
    };
    let mut arguments = Vec::new();
    let mut wrong = arguments_of(scanner, names, parameters, &mut arguments).err();
    if wrong.is_none() {
        wrong = end_of_statement(scanner).err();
    }
    let made = match name {
        "prefix_rule" => prefix_rule(scanner, start, &arguments, &mut wrong),
        "network_rule" => network_rule(&arguments, start, &mut wrong),
        _ => host_executable(&arguments, start, &mut wrong),
    };
    (made, wrong)
}

fn unknown_function(name: &str) -> String {
    let known = FUNCTIONS.join(", ");
    format!("`{name}` is nothing that a rules file can hold; it holds calls of {known}, and names for values.")
}

fn assignment(scanner: &mut Scanner<'_>, names: &mut Names, name: &str) -> Result<(), Wrong> {
    scanner.take("=");
    let value = value::of_line(scanner, names)?;
    end_of_statement(scanner)?;
    names.insert(name.to_owned(), value);
    Ok(())
}

fn end_of_statement(scanner: &mut Scanner<'_>) -> Result<(), Wrong> {
    scanner.skip_in_line();
    let at = scanner.at();
    if scanner.is_at_end() || scanner.take("\n") || scanner.take(";") {
        return Ok(());
    }
    Err(Wrong::new("Behind a call the line must end.", at))
}

/// Reads `(...)` into `arguments`; those before a mistake are kept.
fn arguments_of(
    scanner: &mut Scanner<'_>,
    names: &Names,
    parameters: &[&'static str],
    arguments: &mut Vec<Argument>,
) -> Result<(), Wrong> {
    let open = scanner.at();
    if !scanner.take("(") {
        return Err(Wrong::new("Here must stand the `(` of the call.", open));
    }
    let mut unknown = None;
    loop {
        scanner.skip_blank();
        if scanner.take(")") {
            return unknown.map_or(Ok(()), Err);
        }
        let at = scanner.at();
        let parameter = match named(scanner) {
            Some(name) => parameters.iter().copied().find(|parameter| *parameter == name).ok_or_else(|| {
                let known = parameters.join(", ");
                Wrong::new(format!("`{name}` is no argument of this call; it takes {known}."), at)
            }),
            None => {
                parameters.get(arguments.len()).copied().ok_or_else(|| Wrong::new("This argument is too many.", at))
            }
        };
        scanner.skip_blank();
        let value_at = scanner.at();
        let value = value::inside(scanner, names)?;
        match parameter {
            Err(wrong) => unknown = unknown.or(Some(wrong)),
            Ok(parameter) if arguments.iter().any(|(given, ..)| *given == parameter) => {
                unknown = unknown.or_else(|| Some(Wrong::new(format!("`{parameter}` is given twice."), at)));
            }
            Ok(parameter) => arguments.push((parameter, value, value_at)),
        }
        scanner.skip_blank();
        let at = scanner.at();
        if !scanner.take(",") && scanner.peek() != Some(')') {
            return Err(Wrong::new("Here must stand a comma or the `)` of the call.", at));
        }
    }
}

/// Takes `name =`, if it stands here.
fn named<'a>(scanner: &mut Scanner<'a>) -> Option<&'a str> {
    let rest = scanner.rest();
    let length = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))?;
    let after = rest.get(length..)?.trim_start_matches([' ', '\t', '\r', '\n']);
    if length == 0 || !after.starts_with('=') || after.starts_with("==") {
        return None;
    }
    let name = scanner.name()?;
    scanner.skip_blank();
    scanner.take("=");
    Some(name)
}

fn given<'a>(arguments: &'a [Argument], name: &str) -> Option<(&'a Value, usize)> {
    arguments.iter().find(|(given, ..)| *given == name).map(|(_, value, at)| (value, *at))
}

fn text_of(arguments: &[Argument], name: &str) -> Result<Option<(String, usize)>, Wrong> {
    match given(arguments, name) {
        None => Ok(None),
        Some((Value::Text(text), at)) => Ok(Some((text.clone(), at))),
        Some((Value::List(_), at)) => Err(Wrong::new(format!("`{name}` must be a string."), at)),
    }
}

fn needed(arguments: &[Argument], name: &str, start: usize) -> Result<(String, usize), Wrong> {
    text_of(arguments, name)?.ok_or_else(|| Wrong::new(format!("`{name}` is missing."), start))
}

fn justification(arguments: &[Argument]) -> Result<Option<String>, Wrong> {
    match text_of(arguments, "justification")? {
        Some((text, at)) if text.trim().is_empty() => Err(Wrong::new("`justification` must not be empty.", at)),
        found => Ok(found.map(|(text, _)| text)),
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    let Value::List(values) = value else { return None };
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        Value::List(_) => None,
    };
    values.iter().map(text).collect()
}

/// Keeps the first mistake, and gives what is left without the value.
fn or_note<T: Default>(result: Result<T, Wrong>, wrong: &mut Option<Wrong>) -> T {
    result.unwrap_or_else(|mistake| {
        wrong.get_or_insert(mistake);
        T::default()
    })
}

/// A rule whose pattern can be read counts whatever else is wrong with it. When its decision cannot be read it
/// forbids; when a mistake hides whether it has one, the strictest that its text names holds.
fn prefix_rule(
    scanner: &Scanner<'_>,
    start: usize,
    arguments: &[Argument],
    wrong: &mut Option<Wrong>,
) -> Option<Statement> {
    let pattern = or_note(pattern(arguments, start).map(Some), wrong)?;
    let ruling = match given(arguments, "decision") {
        Some(_) => match needed(arguments, "decision", start).and_then(|(word, at)| decision(&word, at, "forbidden")) {
            Ok(ruling) => ruling,
            Err(mistake) => {
                wrong.get_or_insert(mistake);
                Ruling::Forbidden
            }
        },
        None if wrong.is_none() => Ruling::Allow,
        None => {
            let text = scanner.statement_text(start);
            let named = [Ruling::Forbidden, Ruling::Prompt].into_iter().find(|ruling| text.contains(ruling.as_str()));
            named.unwrap_or(Ruling::Allow)
        }
    };
    let justification = or_note(justification(arguments), wrong);
    let examples = or_note(examples(arguments), wrong);
    Some(Statement::Prefix { pattern, ruling, justification, examples, place: scanner.place(start) })
}

fn pattern(arguments: &[Argument], start: usize) -> Result<Vec<Vec<String>>, Wrong> {
    let Some((value, at)) = given(arguments, "pattern") else {
        return Err(Wrong::new("`pattern` is missing.", start));
    };
    let Value::List(values) = value else {
        return Err(Wrong::new("`pattern` must be a list, for instance [\"git\", \"status\"].", at));
    };
    let place = |value: &Value| match value {
        Value::Text(word) => Some(vec![word.clone()]),
        Value::List(_) => strings(value).filter(|words| !words.is_empty()),
    };
    let wrong = || Wrong::new("`pattern` holds strings, and lists of strings that may stand in one place.", at);
    let pattern: Vec<Vec<String>> = values.iter().map(place).collect::<Option<_>>().ok_or_else(wrong)?;
    if pattern.is_empty() { Err(Wrong::new("`pattern` must not be empty.", at)) } else { Ok(pattern) }
}

fn decision(word: &str, at: usize, forbidding: &str) -> Result<Ruling, Wrong> {
    match word {
        "allow" => Ok(Ruling::Allow),
        "prompt" => Ok(Ruling::Prompt),
        _ if word == forbidding => Ok(Ruling::Forbidden),
        _ => Err(Wrong::new(format!("`decision` must be \"allow\", \"prompt\" or \"{forbidding}\"."), at)),
    }
}

fn examples(arguments: &[Argument]) -> Result<Vec<Example>, Wrong> {
    let mut examples = Vec::new();
    for (name, must_match) in [("match", true), ("not_match", false)] {
        let Some((value, at)) = given(arguments, name) else { continue };
        let wrong = || Wrong::new(format!("`{name}` holds commands: strings, or lists of words."), at);
        let Value::List(values) = value else { return Err(wrong()) };
        for value in values {
            let words = match value {
                Value::Text(line) => shell::split(line),
                Value::List(_) => strings(value),
            };
            let words = words.filter(|words| !words.is_empty()).ok_or_else(wrong)?;
            examples.push(Example { words, must_match });
        }
    }
    Ok(examples)
}

fn network_rule(arguments: &[Argument], start: usize, wrong: &mut Option<Wrong>) -> Option<Statement> {
    let (host, host_at) = or_note(needed(arguments, "host", start).map(Some), wrong)?;
    let (protocol, protocol_at) = or_note(needed(arguments, "protocol", start).map(Some), wrong)?;
    let (word, at) = or_note(needed(arguments, "decision", start).map(Some), wrong)?;
    let justification = or_note(justification(arguments), wrong);
    // Codex spells the forbidding decision `deny` here.
    let word = if word == "forbidden" { "deny" } else { word.as_str() };
    let ruling = or_note(decision(word, at, "deny").map(Some), wrong)?;
    let is_host = !host.is_empty() && !host.contains(['/', '*', '?', '@']) && !host.contains(char::is_whitespace);
    if !is_host {
        let message = "`host` must be one host name or address, without scheme, path and wildcard.";
        wrong.get_or_insert(Wrong::new(message, host_at));
        return None;
    }
    if !PROTOCOLS.contains(&protocol.as_str()) {
        wrong.get_or_insert(Wrong::new(format!("`protocol` must be one of {}.", PROTOCOLS.join(", ")), protocol_at));
        return None;
    }
    Some(Statement::Network(NetworkRule { host: host.to_ascii_lowercase(), protocol, ruling, justification }))
}

fn host_executable(arguments: &[Argument], start: usize, wrong: &mut Option<Wrong>) -> Option<Statement> {
    let (name, name_at) = or_note(needed(arguments, "name", start).map(Some), wrong)?;
    if name.is_empty() || name.contains('/') {
        wrong.get_or_insert(Wrong::new("`name` must be the bare name of a program.", name_at));
        return None;
    }
    let paths = match given(arguments, "paths") {
        None => Err(Wrong::new("`paths` is missing.", start)),
        Some((value, at)) => {
            strings(value).ok_or_else(|| Wrong::new("`paths` must be a list of strings.", at)).and_then(|paths| {
                let is_its = |path: &String| path.starts_with('/') && path.rsplit('/').next() == Some(name.as_str());
                let message = format!("`paths` must be absolute and end in `/{name}`.");
                if paths.iter().all(is_its) { Ok(paths) } else { Err(Wrong::new(message, at)) }
            })
        }
    };
    let paths = or_note(paths, wrong);
    Some(Statement::Executable { name, paths })
}
