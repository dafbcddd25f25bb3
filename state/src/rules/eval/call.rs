//! A call, checked and turned into a rule. A mistake in it leaves what makes things stricter.

use std::rc::Rc;

use super::{Evaluator, Kind, Made, NetworkRule, RULES, Ruling, Wrong, value::Value};
use crate::{
    rules::{
        examples::Example,
        parse::tree::{Call, Function},
    },
    text::shell,
};

const PROTOCOLS: [&str; 4] = ["http", "https", "socks5_tcp", "socks5_udp"];

/// The arguments of a call, and what is wrong with it.
struct Given {
    /// `None` for a value that could not be worked out.
    values: Vec<(&'static str, Option<Value>, usize)>,
    /// Where the call begins.
    start: usize,
    /// The first mistake.
    wrong: Option<Wrong>,
    /// The strictest ruling that the text of the call names, if it holds a mistake.
    named: Option<Ruling>,
}

impl<'a> Evaluator<'a> {
    /// Makes what the call says. The mistake that comes back is a bound of the whole file.
    pub(super) fn rule(&mut self, call: &Call<'a>) -> Result<(), Wrong> {
        let mut given = Given { values: Vec::new(), start: call.at, wrong: None, named: None };
        for argument in &call.arguments {
            let at = argument.value.at;
            let value = match self.value(&argument.value) {
                Ok(value) => Some(value),
                Err(wrong) if wrong.kind == Kind::Bound => return Err(wrong),
                Err(wrong) => {
                    given.wrong.get_or_insert(wrong);
                    None
                }
            };
            self.charge(value.as_ref().map_or(1, Value::size), at)?;
            given.values.push((argument.parameter, value, at));
        }
        if call.is_broken || given.wrong.is_some() {
            self.charge((call.end - call.at) / 16, call.at)?;
            let text = self.text.get(call.at..call.end).unwrap_or_default();
            let mut strict = [Ruling::Forbidden, Ruling::Prompt].into_iter();
            given.named = strict.find(|ruling| text.contains(ruling.as_str()));
        }
        let made = match call.function {
            Function::Prefix => given.prefix_rule(),
            Function::Network => given.network_rule(),
            Function::Executable => given.host_executable(),
        };
        if let Some(wrong) = given.wrong {
            self.quietly(call.is_broken, |evaluator| evaluator.tell(wrong));
        }
        if made.is_some() && self.made.len() >= RULES && !self.is_spent {
            let message = format!("This file makes more than {RULES} rules; the loops here and below do not run.");
            return Err(Wrong { kind: Kind::Bound, ..Wrong::new(message, call.at) });
        }
        self.made.extend(made);
        Ok(())
    }
}

impl Given {
    fn get(&self, name: &str) -> Option<(Option<&Value>, usize)> {
        self.values.iter().find(|(given, ..)| *given == name).map(|(_, value, at)| (value.as_ref(), *at))
    }

    /// An argument read by `read`; `None` if it is missing. The message tells what it must be.
    fn read<T>(
        &self,
        name: &str,
        message: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<(T, usize)>, Wrong> {
        let Some((value, at)) = self.get(name) else { return Ok(None) };
        match value.and_then(read) {
            Some(found) => Ok(Some((found, at))),
            None => Err(Wrong::new(message, at)),
        }
    }

    fn text(&self, name: &str) -> Result<Option<(Rc<str>, usize)>, Wrong> {
        self.read(name, &format!("`{name}` must be a string."), |value| value.text().cloned())
    }

    fn needed(&self, name: &str) -> Result<(Rc<str>, usize), Wrong> {
        self.text(name)?.ok_or_else(|| Wrong::new(format!("`{name}` is missing."), self.start))
    }

    /// Keeps the first mistake, and gives what is left without the value.
    fn or_note<T>(&mut self, result: Result<T, Wrong>) -> Option<T> {
        result.map_err(|mistake| self.wrong.get_or_insert(mistake)).ok()
    }

    fn note(&mut self, message: impl Into<String>, at: usize) {
        self.wrong.get_or_insert_with(|| Wrong::new(message, at));
    }

    /// A rule whose pattern can be read counts whatever else is wrong with it. When its decision cannot be read it
    /// forbids; when a mistake hides whether it has one, the strictest that its text names holds.
    fn prefix_rule(&mut self) -> Option<Made> {
        let pattern = self.pattern();
        let pattern = self.or_note(pattern)?;
        let ruling = match self.get("decision") {
            Some(_) => {
                let decision = self.needed("decision").and_then(|(word, at)| decision(&word, at, "forbidden"));
                self.or_note(decision).unwrap_or(Ruling::Forbidden)
            }
            None => self.named.unwrap_or(Ruling::Allow),
        };
        let justification = self.justification();
        let justification = self.or_note(justification).flatten();
        let examples = self.examples();
        let examples = self.or_note(examples).unwrap_or_default();
        let ignores_case =
            self.read("canonical_matching", "`canonical_matching` must be True or False.", |value| match value {
                Value::Truth(truth) => Some(*truth),
                Value::Text(_) | Value::Number(_) | Value::List(_) | Value::Tuple(_) => None,
            });
        // What cannot be read matches more, as only strict rules are left of this file.
        let ignores_case = self.or_note(ignores_case).is_none_or(|found| found.is_some_and(|(truth, _)| truth));
        Some(Made::Prefix { pattern, ruling, justification, ignores_case, examples, at: self.start })
    }

    fn justification(&self) -> Result<Option<String>, Wrong> {
        match self.text("justification")? {
            Some((text, at)) if text.trim().is_empty() => Err(Wrong::new("`justification` must not be empty.", at)),
            found => Ok(found.map(|(text, _)| text.to_string())),
        }
    }

    fn pattern(&self) -> Result<Vec<Vec<String>>, Wrong> {
        let message = "`pattern` must be a list, for instance [\"git\", \"status\"].";
        let found = self.read("pattern", message, |value| value.list().map(<[Value]>::to_vec))?;
        let Some((values, at)) = found else {
            return Err(Wrong::new("`pattern` is missing.", self.start));
        };
        let words = |value: &Value| match value {
            Value::Text(word) => Some(vec![word.to_string()]),
            Value::List(_) => value.strings().filter(|words| !words.is_empty()),
            Value::Number(_) | Value::Truth(_) | Value::Tuple(_) => None,
        };
        let wrong = || Wrong::new("`pattern` must contain strings, and lists of alternative strings.", at);
        let pattern: Vec<Vec<String>> = values.iter().map(words).collect::<Option<_>>().ok_or_else(wrong)?;
        if pattern.is_empty() { Err(Wrong::new("`pattern` must not be empty.", at)) } else { Ok(pattern) }
    }

    fn examples(&self) -> Result<Vec<Example>, Wrong> {
        let mut examples = Vec::new();
        for (name, must_match) in [("match", true), ("not_match", false)] {
            let message = format!("`{name}` must contain commands: strings, or lists of words.");
            let words = |value: &Value| {
                let words = match value {
                    Value::Text(line) => shell::split(line),
                    Value::Number(_) | Value::Truth(_) | Value::List(_) | Value::Tuple(_) => value.strings(),
                };
                words.filter(|words| !words.is_empty())
            };
            let read = |value: &Value| value.list()?.iter().map(words).collect::<Option<Vec<_>>>();
            let found = self.read(name, &message, read)?;
            let found = found.into_iter().flat_map(|(found, _)| found);
            examples.extend(found.map(|words| Example { words, must_match }));
        }
        Ok(examples)
    }

    fn network_rule(&mut self) -> Option<Made> {
        let [host, protocol, word] = ["host", "protocol", "decision"].map(|name| self.needed(name));
        let (host, host_at) = self.or_note(host)?;
        let (protocol, protocol_at) = self.or_note(protocol)?;
        let (word, at) = self.or_note(word)?;
        let justification = self.justification();
        let justification = self.or_note(justification).flatten();
        // Codex spells the forbidding decision `deny` here.
        let word = if &*word == "forbidden" { "deny" } else { &word };
        let ruling = self.or_note(decision(word, at, "deny"))?;
        let is_host = !host.is_empty() && !host.contains(['/', '*', '?', '@']) && !host.contains(char::is_whitespace);
        if !is_host {
            self.note("`host` must be one host name or address, without scheme, path and wildcard.", host_at);
            return None;
        }
        // A proxy is asked for https by CONNECT.
        let protocol = if matches!(&*protocol, "https_connect" | "http-connect") { "https" } else { &protocol };
        if !PROTOCOLS.contains(&protocol) {
            self.note(format!("`protocol` must be one of {}.", PROTOCOLS.join(", ")), protocol_at);
            return None;
        }
        let (host, protocol) = (host.to_ascii_lowercase(), protocol.to_owned());
        Some(Made::Network(NetworkRule { host, protocol, ruling, justification }))
    }

    fn host_executable(&mut self) -> Option<Made> {
        let name = self.needed("name");
        let (name, name_at) = self.or_note(name)?;
        if name.is_empty() || name.contains('/') {
            self.note("`name` must be the bare name of a program.", name_at);
            return None;
        }
        let paths = self.paths(&name);
        let paths = self.or_note(paths).unwrap_or_default();
        Some(Made::Executable { name: name.to_string(), paths })
    }

    fn paths(&self, name: &str) -> Result<Vec<String>, Wrong> {
        let found = self.read("paths", "`paths` must be a list of strings.", Value::strings)?;
        let (paths, at) = found.ok_or_else(|| Wrong::new("`paths` is missing.", self.start))?;
        let is_its = |path: &String| path.starts_with('/') && path.rsplit('/').next() == Some(name);
        if paths.iter().all(is_its) {
            return Ok(paths);
        }
        Err(Wrong::new(format!("`paths` must be absolute and end in `/{name}`."), at))
    }
}

fn decision(word: &str, at: usize, forbidding: &str) -> Result<Ruling, Wrong> {
    match word {
        "allow" => Ok(Ruling::Allow),
        "prompt" => Ok(Ruling::Prompt),
        _ if word == forbidding => Ok(Ruling::Forbidden),
        _ => Err(Wrong::new(format!("`decision` must be \"allow\", \"prompt\" or \"{forbidding}\"."), at)),
    }
}
