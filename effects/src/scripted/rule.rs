//! The rules of a parsed script: which one fits a request, and its answer with the placeholders filled in.

use serde_json::{Map, Value};

use super::{
    Tries,
    ask::Ask,
    directive::shell_call,
    prose::Chunks,
    reply::{Answer, Counts, End, Reply, Step, Stop},
    template::{fill, fill_value},
};

/// A parsed script.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) pace_ms: u64,
    pub(crate) models: Vec<String>,
    pub(crate) rules: Vec<Rule>,
}

/// Answers for the turns that fit.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Line of the script where it begins.
    pub(crate) line: usize,
    /// The user's last message contains this, in lower case.
    pub(crate) user: Option<String>,
    /// It is the user's message of this number, from 1.
    pub(crate) turn: Option<u64>,
    /// Only so many requests, the first that fit.
    pub(crate) times: Option<u64>,
    /// One answer for each round of tool outputs; the last one serves all later rounds. Never empty.
    pub(crate) rounds: Vec<Draft>,
}

/// An answer before its placeholders are filled in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) status: Option<StatusDraft>,
    pub(crate) steps: Vec<StepDraft>,
    pub(crate) end: Option<End>,
    pub(crate) usage: Option<Counts>,
    pub(crate) stop: Option<Stop>,
}

/// A plain HTTP answer.
#[derive(Clone, Debug)]
pub(crate) struct StatusDraft {
    pub(crate) code: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
}

/// A step before its placeholders are filled in.
#[derive(Clone, Debug)]
pub(crate) enum StepDraft {
    /// A step without placeholders, or with them in its text.
    Plain(Step),
    /// A function call with JSON arguments.
    Call { name: String, namespace: Option<String>, arguments: Value },
    /// A call of whichever shell tool is on offer.
    Shell { command: String },
    /// An event of any type.
    Event { kind: String, fields: Map<String, Value> },
}

/// The answer of the first rule that fits.
pub(crate) fn answer(rules: &Rules, ask: &Ask<'_>, tries: &Tries) -> Answer {
    if rules.rules.is_empty() {
        let chunks = Chunks::prose(5, 10);
        return Reply::of(vec![Step::Text { chunks, phase: None, delay_ms: None }]).into();
    }
    let Some(rule) = rules.rules.iter().find(|rule| rule.fits(ask, tries)) else {
        return Reply::of(vec![Step::say("No rule of the script fits this request.")]).into();
    };
    let round = ask.last_user().map_or(0, |at| ask.rounds_after(at));
    let at = usize::try_from(round).unwrap_or(usize::MAX).min(rule.rounds.len().saturating_sub(1));
    rule.rounds.get(at).map_or_else(|| Reply::default().into(), |draft| draft.fill(ask))
}

impl Rule {
    /// Whether the rule fits; counts the request when all else fits and the rule serves only so many.
    fn fits(&self, ask: &Ask<'_>, tries: &Tries) -> bool {
        self.user.as_ref().is_none_or(|words| ask.user().to_lowercase().contains(words))
            && self.turn.is_none_or(|turn| ask.turns() == turn)
            && self.times.is_none_or(|times| tries.count(&format!("line {}", self.line)) <= times)
    }
}

impl Draft {
    fn fill(&self, ask: &Ask<'_>) -> Answer {
        if let Some(status) = &self.status {
            let body =
                status.body.as_ref().map_or_else(|| error_body(status.code), |body| fill(body, ask).into_owned());
            return Answer::Whole { code: status.code, headers: status.headers.clone(), body };
        }
        Answer::Stream(Reply {
            steps: self.steps.iter().map(|step| step.fill(ask)).collect(),
            end: self.end.clone().unwrap_or_default(),
            usage: self.usage.unwrap_or_default(),
            stop: self.stop,
        })
    }
}

impl StepDraft {
    fn fill(&self, ask: &Ask<'_>) -> Step {
        match self {
            Self::Plain(step) => fill_step(step.clone(), ask),
            Self::Call { name, namespace, arguments } => {
                let namespace = namespace.as_deref().or(ask.offer(name).and_then(|offer| offer.namespace));
                Step::call(name, namespace, &fill_value(arguments, ask))
            }
            Self::Shell { command } => shell_call(ask, &fill(command, ask), &Map::new()),
            Self::Event { kind, fields } => Step::Event {
                kind: kind.clone(),
                fields: fields.iter().map(|(name, value)| (name.clone(), fill_value(value, ask))).collect(),
            },
        }
    }
}

fn fill_step(step: Step, ask: &Ask<'_>) -> Step {
    match step {
        Step::Text { chunks, phase, delay_ms } => Step::Text { chunks: fill_chunks(chunks, ask), phase, delay_ms },
        Step::Reasoning { chunks, delay_ms } => Step::Reasoning { chunks: fill_chunks(chunks, ask), delay_ms },
        Step::Call(mut call) => {
            call.input = fill(&call.input, ask).into_owned();
            Step::Call(call)
        }
        Step::Raw(_) | Step::Event { .. } | Step::Pause { .. } => step,
    }
}

fn fill_chunks(chunks: Chunks, ask: &Ask<'_>) -> Chunks {
    match chunks {
        Chunks::Text { text, at, size } => Chunks::Text { text: fill(&text, ask).into_owned(), at, size },
        Chunks::Prose { .. } => chunks,
    }
}

/// The body of an error answer, in the shape of the API.
pub(crate) fn error_body(code: u16) -> String {
    let kind = if code >= 500 { "server_error" } else { "invalid_request_error" };
    error_text(&format!("Scripted error {code}."), kind, None)
}

/// The same with words of one's own.
pub(crate) fn error_text(message: &str, kind: &str, code: Option<&str>) -> String {
    serde_json::json!({ "error": { "message": message, "type": kind, "code": code, "param": null } }).to_string()
}
