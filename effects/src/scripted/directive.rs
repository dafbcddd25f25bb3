//! Scenarios that a message names itself: `mock:NAME key=value`, for tests and benches that need no script file.
//!
//! A directive holds for its turn: how far a scenario with tools has come is read from the outputs since then.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    Tries,
    ask::Ask,
    markdown,
    prose::Chunks,
    reply::{Answer, Counts, End, HANG_MS, Reply, Step, Stop, StopAt, StopHow},
    rule::error_text,
};

/// The words that begin a directive.
const MARK: &str = "mock:";
/// Documents that one answer repeats at most.
const MOST_DOCUMENTS: u64 = 4_096;

/// A directive, read.
struct Directive<'a> {
    /// Its whole line: what its tries are counted under.
    line: &'a str,
    name: String,
    options: BTreeMap<String, String>,
    /// The message after the directive's line.
    rest: &'a str,
    /// Rounds of tool outputs since.
    rounds: u64,
}

/// The answer of the newest directive in the conversation, if there is one that we know.
pub(crate) fn answer(ask: &Ask<'_>, tries: &Tries) -> Option<Answer> {
    let directive = find(ask)?;
    directive.misbehave(tries).or_else(|| directive.behave(ask)).map(|answer| directive.with_usage(answer))
}

fn find<'a>(ask: &'a Ask<'_>) -> Option<Directive<'a>> {
    let start = ask.turn_start()?;
    let mut turn = (start..ask.len()).rev();
    let (at, after) = turn.find_map(|at| Some((at, ask.user_at(at).split_once(MARK)?.1)))?;
    let (line, rest) = after.split_once('\n').unwrap_or((after, ""));
    let mut words = split_words(line).into_iter();
    let name = words.next()?;
    let options = words
        .filter_map(|word| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect();
    Some(Directive { line, name, options, rest, rounds: ask.rounds_after(at) })
}

/// Splits as a shell does, with single and double quotes and backslashes.
fn split_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(characters.next()),
            (None, space) if space.is_whitespace() => words.extend(word.take()),
            (_, other) => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

impl Directive<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    fn number(&self, name: &str, default: u64) -> u64 {
        let digits = self.text(name).map(|text| text.split(|c: char| !c.is_ascii_digit()).next().unwrap_or(text));
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(default)
    }

    fn delay_ms(&self) -> Option<u64> {
        Some(self.number("delay", 0))
    }

    fn say(&self, text: &str) -> Step {
        Step::Text { chunks: Chunks::words(text), phase: None, delay_ms: self.delay_ms() }
    }

    fn prose(&self, count: u64) -> Chunks {
        Chunks::prose(count, usize::try_from(self.number("size", 10)).unwrap_or(10))
    }

    /// What goes wrong the first `times` times.
    fn misbehave(&self, tries: &Tries) -> Option<Answer> {
        if !matches!(self.name.as_str(), "http" | "cut" | "hang" | "failed" | "error") {
            return None;
        }
        if tries.count(self.line) > self.number("times", u64::MAX) {
            let chunks = self.prose(self.number("n", 5));
            return Some(Reply::of(vec![Step::Text { chunks, phase: None, delay_ms: self.delay_ms() }]).into());
        }
        let code = self.text("code").unwrap_or("server_error").to_owned();
        let message = self.text("message").unwrap_or("Scripted failure.").to_owned();
        Some(match self.name.as_str() {
            "http" => self.status(),
            "failed" => Reply { end: End::Failed { code, message }, ..Reply::default() }.into(),
            "error" => Reply { end: End::Error { code, message }, ..Reply::default() }.into(),
            "hang" => self.broken(StopHow::Hang { delay_ms: self.number("secs", HANG_MS / 1000) * 1000 }),
            _ => self.broken(StopHow::Cut),
        })
    }

    fn status(&self) -> Answer {
        let code = u16::try_from(self.number("status", 500)).unwrap_or(500);
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        for (option, header) in [("retry_after", "retry-after"), ("retry_after_ms", "retry-after-ms")] {
            headers.extend(self.text(option).map(|value| (header.to_owned(), value.to_owned())));
        }
        let message = format!("Scripted error {code}.");
        let kind = self.text("type").unwrap_or("server_error");
        let body = self.text("body").map_or_else(|| error_text(&message, kind, self.text("code")), ToOwned::to_owned);
        Answer::Whole { code, headers, body }
    }

    fn broken(&self, how: StopHow) -> Answer {
        let after = self.number("after", 3);
        let at = match self.text("bytes") {
            Some(_) => StopAt::Bytes(self.number("bytes", 0)),
            None => StopAt::Deltas(after),
        };
        let text: String = (0..=after.min(100_000)).map(|index| format!("part{index} ")).collect();
        Answer::Stream(Reply { stop: Some(Stop { at, how }), ..Reply::of(vec![self.say(&text)]) })
    }

    fn behave(&self, ask: &Ask<'_>) -> Option<Answer> {
        let count = self.number("n", 5);
        let steps = match self.name.as_str() {
            "plain" => {
                let (size, end) = (self.number("size", 10), self.text("end").map(|_| "\n\n\u{3a9}\n".to_owned()));
                let size = usize::try_from(size).unwrap_or(10);
                let chunks = Chunks::Prose { start: None, next: 0, count, size, end };
                vec![Step::Text { chunks, phase: None, delay_ms: self.delay_ms() }]
            }
            "md" => {
                let count = usize::try_from(self.number("n", 1).clamp(1, MOST_DOCUMENTS)).unwrap_or(1);
                let mut text = markdown::DOCUMENT.repeat(count);
                if self.number("end", 0) == 1 {
                    text.push_str("\n\nΩ\n");
                }
                let chunks = Chunks::sized(&text, usize::try_from(self.number("size", 12)).unwrap_or(12).max(1));
                vec![Step::Text { chunks, phase: None, delay_ms: self.delay_ms() }]
            }
            "big" => {
                let size = usize::try_from(self.number("kb", 64) * 1024).unwrap_or(65536);
                vec![Step::Text { chunks: Chunks::prose(1, size), phase: None, delay_ms: self.delay_ms() }]
            }
            "reason" => {
                let start = Some("**Weighing the options**\n\n".to_owned());
                let size = usize::try_from(self.number("size", 10)).unwrap_or(10);
                let chunks = Chunks::Prose { start, next: 0, count, size, end: None };
                vec![Step::Reasoning { chunks, delay_ms: self.delay_ms() }, self.say("Thought it through.")]
            }
            "json" => {
                let text = self.text("text").unwrap_or(r#"{"ok":true}"#);
                vec![Step::Text { chunks: Chunks::sized(text, usize::MAX), phase: None, delay_ms: self.delay_ms() }]
            }
            "comment" => vec![
                self.phased("Looking at the files.", "commentary"),
                self.phased("All of it is done.", "final_answer"),
            ],
            "usage" => vec![self.say("Usage noted.")],
            "refuse" => Vec::new(),
            "incomplete" => {
                let reason = self.text("reason").unwrap_or("max_output_tokens").to_owned();
                let steps = vec![self.say("A partial answer")];
                return Some(Reply { end: End::Incomplete(reason), ..Reply::of(steps) }.into());
            }
            _ => return self.call_tools(ask, count),
        };
        Some(Reply::of(steps).into())
    }

    fn phased(&self, text: &str, phase: &str) -> Step {
        Step::Text { chunks: Chunks::words(text), phase: Some(phase.to_owned()), delay_ms: self.delay_ms() }
    }

    /// The scenarios that call tools, and the text after their last round.
    fn call_tools(&self, ask: &Ask<'_>, count: u64) -> Option<Answer> {
        let (rounds, last) = match self.name.as_str() {
            "sh" | "par" => (1, "The command ran."),
            "shs" => (count, "The command ran."),
            "plan" => (3, "The plan is finished."),
            "tool" | "custom" => (1, "The tool answered."),
            _ => return None,
        };
        if self.rounds >= rounds {
            return Some(Reply::of(vec![self.say(last)]).into());
        }
        let steps = match self.name.as_str() {
            "par" => (0..count).map(|index| self.shell(ask, index)).collect(),
            "plan" => vec![plan_call(ask, self.rounds)],
            "custom" => {
                vec![Step::custom(self.text("name").unwrap_or("custom"), self.text("input").unwrap_or(self.rest))]
            }
            "tool" => {
                let name = self.text("name").unwrap_or("tool");
                let namespace = self.text("ns").or(ask.offer(name).and_then(|offer| offer.namespace));
                let mut call = Step::call(name, namespace, &Value::Null);
                if let Step::Call(call) = &mut call {
                    // As it stands: arguments that are no JSON are a scenario of their own.
                    call.input = self.text("args").unwrap_or("{}").to_owned();
                }
                vec![call]
            }
            _ => vec![self.shell(ask, self.rounds)],
        };
        Some(Reply::of(steps).into())
    }

    /// A shell call; `%i` in the command is its number, and unknown options become arguments.
    fn shell(&self, ask: &Ask<'_>, number: u64) -> Step {
        let command = self.text("cmd").unwrap_or("echo call-%i").replace("%i", &number.to_string());
        let extra = self
            .options
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "cmd" | "n" | "delay"))
            .map(|(name, text)| (name.clone(), serde_json::from_str(text).unwrap_or(Value::String(text.clone()))))
            .collect();
        shell_call(ask, &command, &extra)
    }

    fn with_usage(&self, answer: Answer) -> Answer {
        match answer {
            Answer::Stream(mut reply) if self.name == "usage" => {
                let default = Counts::default();
                reply.usage.input = self.number("in", default.input);
                reply.usage.output = self.number("out", default.output);
                reply.usage.cached = self.number("cached", default.cached);
                Answer::Stream(reply)
            }
            Answer::Stream(_) | Answer::Whole { .. } => answer,
        }
    }
}

/// A call of whichever shell tool is on offer.
pub(crate) fn shell_call(ask: &Ask<'_>, command: &str, extra: &Map<String, Value>) -> Step {
    let (name, argument) = if ask.offer("exec_command").is_some() {
        ("exec_command", json!({ "cmd": command }))
    } else if ask.offer("shell_command").is_some() {
        ("shell_command", json!({ "command": command }))
    } else if ask.offer("shell").is_some() {
        ("shell", json!({ "command": ["bash", "-lc", command] }))
    } else {
        ("exec_command", json!({ "cmd": command }))
    };
    let mut arguments = argument;
    for (name, value) in extra {
        arguments[name.as_str()] = value.clone();
    }
    Step::call(name, ask.offer(name).and_then(|offer| offer.namespace), &arguments)
}

/// A call of `update_plan` with three steps, so many of them done.
fn plan_call(ask: &Ask<'_>, round: u64) -> Step {
    const STEPS: [&str; 3] =
        ["Read the code", "Change the parser so that it takes the two old forms and also the new one", "Run the tests"];
    let done = if round >= 2 { 3 } else { round };
    let plan = STEPS.iter().zip(0..).map(|(step, at)| json!({ "step": step, "status": plan_status(at, done) }));
    let plan: Vec<Value> = plan.collect();
    let explanation = format!("Round {}", round + 1);
    let namespace = ask.offer("update_plan").and_then(|offer| offer.namespace);
    Step::call("update_plan", namespace, &json!({ "explanation": explanation, "plan": plan }))
}

/// The status of plan step `at` when `done` steps are done and the next one is being done.
pub(crate) fn plan_status(at: u64, done: u64) -> &'static str {
    match at.cmp(&done) {
        std::cmp::Ordering::Less => "completed",
        std::cmp::Ordering::Equal => "in_progress",
        std::cmp::Ordering::Greater => "pending",
    }
}
