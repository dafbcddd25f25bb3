//! A request body as the scripted model reads it: who said what, which tools are on offer, what came of the calls.
//!
//! Reads any client's request; whatever is missing counts as empty.

use std::borrow::Cow;

use serde_json::Value;

/// A request, read.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    body: &'a Value,
    entries: Vec<Entry<'a>>,
}

/// One item of the conversation.
#[derive(Debug)]
pub(crate) enum Entry<'a> {
    /// The user's words.
    User(Cow<'a, str>),
    /// A user message that a program wrote: environment, instructions, an abort.
    Context(Cow<'a, str>),
    /// The model's answer.
    Answer(Cow<'a, str>),
    /// A tool call.
    Call { id: &'a str, name: &'a str, input: &'a str },
    /// The output of a tool call.
    Output { id: &'a str, text: Cow<'a, str> },
    /// Anything else.
    Other,
}

/// A tool call of this turn with its output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome<'a> {
    pub(crate) name: &'a str,
    pub(crate) input: &'a str,
    pub(crate) text: &'a str,
}

/// A tool on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer<'a> {
    pub(crate) name: &'a str,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) is_custom: bool,
    parameters: &'a Value,
}

impl Offer<'_> {
    /// Whether the tool takes an argument of this name.
    pub(crate) fn takes(&self, argument: &str) -> bool {
        !self.parameters["properties"][argument].is_null()
    }
}

/// How user messages begin that no user wrote.
const CONTEXT_STARTS: [&str; 7] = [
    "<environment_context",
    "# AGENTS.md instructions",
    "<turn_aborted",
    "<user_instructions",
    "<INSTRUCTIONS",
    "<permissions",
    "<skills",
];

impl<'a> Ask<'a> {
    /// Reads a request body.
    pub(crate) fn read(body: &'a Value) -> Self {
        let entries = match &body["input"] {
            Value::String(text) => vec![Entry::User(Cow::Borrowed(text))],
            Value::Array(items) => items.iter().map(entry).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
        };
        Self { body, entries }
    }

    /// The conversation in order.
    pub(crate) fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// Number of items in the conversation.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of text in the conversation.
    pub(crate) fn bytes(&self) -> usize {
        let size = |entry: &Entry<'_>| match entry {
            Entry::User(text) | Entry::Context(text) | Entry::Answer(text) | Entry::Output { text, .. } => text.len(),
            Entry::Call { input, .. } => input.len(),
            Entry::Other => 0,
        };
        self.entries.iter().map(size).sum()
    }

    /// The model that was asked for.
    pub(crate) fn model(&self) -> &'a str {
        self.body["model"].as_str().unwrap_or("scripted")
    }

    /// Position of the user's last message.
    pub(crate) fn last_user(&self) -> Option<usize> {
        self.entries.iter().rposition(|entry| matches!(entry, Entry::User(_)))
    }

    /// The user's last message.
    pub(crate) fn user(&self) -> &str {
        self.last_user().map_or("", |at| self.user_at(at))
    }

    /// Position of the message that began the running turn. What a user adds while calls are out belongs to it.
    pub(crate) fn turn_start(&self) -> Option<usize> {
        let mut start = None;
        let mut may_steer = false;
        for (at, entry) in self.entries.iter().enumerate() {
            match entry {
                Entry::User(_) if may_steer => {}
                Entry::User(_) => start = Some(at),
                Entry::Output { .. } => may_steer = true,
                Entry::Context(text) => may_steer &= !text.contains("<turn_aborted"),
                Entry::Answer(_) | Entry::Call { .. } | Entry::Other => may_steer = false,
            }
        }
        start
    }

    /// The user's message at this position.
    pub(crate) fn user_at(&self, at: usize) -> &str {
        match self.entries.get(at) {
            Some(Entry::User(text)) => text,
            Some(Entry::Context(_) | Entry::Answer(_) | Entry::Call { .. } | Entry::Output { .. } | Entry::Other)
            | None => "",
        }
    }

    /// Messages of the user so far.
    pub(crate) fn turns(&self) -> u64 {
        self.entries.iter().filter(|entry| matches!(entry, Entry::User(_))).count() as u64
    }

    /// Rounds of tool outputs after this position: runs of outputs without anything between them.
    pub(crate) fn rounds_after(&self, at: usize) -> u64 {
        let mut rounds = 0;
        let mut in_outputs = false;
        for entry in self.entries.iter().skip(at + 1) {
            let is_output = matches!(entry, Entry::Output { .. });
            rounds += u64::from(is_output && !in_outputs);
            in_outputs = is_output;
        }
        rounds
    }

    /// The calls after this position that have an output, in the order of their outputs.
    pub(crate) fn outcomes_after(&self, at: usize) -> Vec<Outcome<'_>> {
        let later = || self.entries.iter().skip(at);
        let outputs = later().filter_map(|entry| match entry {
            Entry::Output { id, text } => Some((*id, text.as_ref())),
            Entry::User(_) | Entry::Context(_) | Entry::Answer(_) | Entry::Call { .. } | Entry::Other => None,
        });
        let called = |wanted: &str| {
            later().find_map(|entry| match entry {
                Entry::Call { id, name, input } if *id == wanted => Some((*name, *input)),
                Entry::Call { .. }
                | Entry::User(_)
                | Entry::Context(_)
                | Entry::Answer(_)
                | Entry::Output { .. }
                | Entry::Other => None,
            })
        };
        outputs
            .map(|(id, text)| {
                let (name, input) = called(id).unwrap_or_default();
                Outcome { name, input, text }
            })
            .collect()
    }

    /// The last tool output of the conversation.
    pub(crate) fn last_output(&self) -> &str {
        self.entries
            .iter()
            .rev()
            .find_map(|entry| match entry {
                Entry::Output { text, .. } => Some(text.as_ref()),
                Entry::User(_) | Entry::Context(_) | Entry::Answer(_) | Entry::Call { .. } | Entry::Other => None,
            })
            .unwrap_or_default()
    }

    /// The working folder as the newest environment message says it.
    pub(crate) fn cwd(&self) -> &str {
        self.entries
            .iter()
            .rev()
            .find_map(|entry| match entry {
                Entry::Context(text) => between(text, "<cwd>", "</cwd>"),
                Entry::User(_) | Entry::Answer(_) | Entry::Call { .. } | Entry::Output { .. } | Entry::Other => None,
            })
            .unwrap_or(".")
    }

    /// Whether the instructions leave anybody to be asked.
    pub(crate) fn may_ask(&self) -> bool {
        let items = self.body["input"].as_array().map(Vec::as_slice).unwrap_or_default();
        let instructions = items.iter().filter(|item| item["role"] == "developer");
        !instructions.map(|item| parts_text(&item["content"])).any(|text| text.contains("approval_policy: never"))
    }

    /// The tool of this name, when it is on offer.
    pub(crate) fn offer(&self, name: &str) -> Option<Offer<'a>> {
        self.offers().into_iter().find(|offer| offer.name == name)
    }

    fn offers(&self) -> Vec<Offer<'a>> {
        let mut offers = Vec::new();
        for tool in self.body["tools"].as_array().into_iter().flatten() {
            let namespace = tool["name"].as_str();
            match tool["tools"].as_array() {
                Some(inner) => offers.extend(inner.iter().filter_map(|tool| offer(tool, namespace))),
                None => offers.extend(offer(tool, None)),
            }
        }
        offers
    }
}

fn offer<'a>(tool: &'a Value, namespace: Option<&'a str>) -> Option<Offer<'a>> {
    let kind = tool["type"].as_str().unwrap_or_default();
    let name = tool["name"].as_str().unwrap_or(kind);
    (!name.is_empty()).then_some(Offer {
        name,
        namespace,
        is_custom: kind == "custom",
        parameters: &tool["parameters"],
    })
}

fn entry(item: &Value) -> Entry<'_> {
    let text = |name: &str| item[name].as_str().unwrap_or_default();
    match item["type"].as_str().unwrap_or("message") {
        "message" => match text("role") {
            "user" => user(parts_text(&item["content"])),
            "assistant" => Entry::Answer(parts_text(&item["content"])),
            _ => Entry::Other,
        },
        "function_call" => Entry::Call { id: text("call_id"), name: text("name"), input: text("arguments") },
        "custom_tool_call" => Entry::Call { id: text("call_id"), name: text("name"), input: text("input") },
        kind if kind.ends_with("_call_output") => {
            Entry::Output { id: text("call_id"), text: parts_text(&item["output"]) }
        }
        _ => Entry::Other,
    }
}

fn user(text: Cow<'_, str>) -> Entry<'_> {
    let start = text.trim_start();
    if CONTEXT_STARTS.iter().any(|context| start.starts_with(context)) {
        Entry::Context(text)
    } else {
        Entry::User(text)
    }
}

/// The text of a content list or of a plain string.
fn parts_text(content: &Value) -> Cow<'_, str> {
    let parts = match content {
        Value::String(text) => return Cow::Borrowed(text),
        Value::Array(parts) => parts,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return Cow::Borrowed(""),
    };
    let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
    match texts.as_slice() {
        [one] => Cow::Borrowed(one),
        several => Cow::Owned(several.join("\n")),
    }
}

/// The text between two marks.
pub(crate) fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inner, _)| inner)
}

/// What a shell tool's output says: the part after its `Output:` line, or all of it without such a line.
pub(crate) fn printed(output: &str) -> &str {
    if let Some(rest) = output.strip_prefix("Output:\n") {
        return rest;
    }
    match output.split_once("\nOutput:\n") {
        Some((_, printed)) => printed,
        None => output.strip_suffix("\nOutput:").map_or(output, |_| ""),
    }
}

/// The exit code that a shell tool's output states.
pub(crate) fn exit_code(output: &str) -> Option<i32> {
    let (_, rest) = output.split_once("Process exited with code ")?;
    rest.split(|character: char| !(character.is_ascii_digit() || character == '-')).next()?.parse().ok()
}
