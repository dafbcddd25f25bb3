//! What the lines under a `when` add to an answer: one verb each.

use std::path::Path;

use quire_files::{Links, limits};

use crate::scripted::{
    events::fields,
    prose::Chunks,
    reply::{Counts, End, HANG_MS, Step, Stop, StopAt, StopHow},
    rule::{Draft, StatusDraft, StepDraft},
    template::check,
};

use super::line::{Word, Words};

/// Every verb that may stand under a `when`.
pub(super) const NAMES: [&str; 19] = [
    "say",
    "file",
    "repeat",
    "reason",
    "call",
    "custom",
    "shell",
    "raw",
    "event",
    "pause",
    "usage",
    "status",
    "cut",
    "hang",
    "failed",
    "error",
    "incomplete",
    "done",
    "end",
];

/// Whether this is such a verb.
pub(super) fn is_known(verb: &str) -> bool {
    NAMES.contains(&verb)
}

/// Adds one line to an answer.
pub(super) fn take(draft: &mut Draft, words: &mut Words, folder: &Path) -> Result<(), String> {
    if draft.status.is_some() {
        return Err("nothing may follow `status`: it is the whole answer".to_owned());
    }
    match words.verb.as_str() {
        "say" | "file" | "repeat" | "reason" | "call" | "custom" | "shell" | "raw" | "event" | "pause" => {
            let step = step(words, folder)?;
            draft.steps.push(step);
        }
        "usage" => draft.usage = Some(usage(words)?),
        "status" if draft.steps.is_empty() => draft.status = Some(status(words)?),
        "status" => return Err("`status` is the whole answer; nothing may stand before it".to_owned()),
        "cut" => draft.stop = Some(Stop { at: stop_at(words)?, how: StopHow::Cut }),
        "hang" => {
            let delay_ms = words.number_option("for")?.unwrap_or(HANG_MS);
            draft.stop = Some(Stop { at: stop_at(words)?, how: StopHow::Hang { delay_ms } });
        }
        _ => draft.end = Some(end(words)?),
    }
    Ok(())
}

fn step(words: &mut Words, folder: &Path) -> Result<StepDraft, String> {
    Ok(match words.verb.as_str() {
        "say" => {
            let text = template(words, "the text to say")?;
            text_step(text, words)?
        }
        "file" => {
            let path = folder.join(words.text("a path")?);
            let text = quire_files::read_text(&path, Links::Follow, limits::SCRIPT)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            text_step(text, words)?
        }
        "repeat" => {
            let count = words.number("how many deltas")?;
            let size = size(words, "size")?.unwrap_or(10);
            let (start, end) = (words.option("start"), words.option("end"));
            let chunks = Chunks::Prose { start, next: 0, count, size, end };
            let (phase, delay_ms) = (words.option("phase"), words.number_option("delay")?);
            StepDraft::Plain(Step::Text { chunks, phase, delay_ms })
        }
        "reason" => {
            let text = template(words, "the summary")?;
            let chunks = Chunks::sized(text, size(words, "chunk")?.unwrap_or(0));
            StepDraft::Plain(Step::Reasoning { chunks, delay_ms: words.number_option("delay")? })
        }
        "call" => call(words)?,
        "custom" => {
            let name = words.text("the tool's name")?;
            let input = template(words, "the input")?;
            StepDraft::Plain(Step::custom(&name, input))
        }
        "shell" => StepDraft::Shell { command: template(words, "a command")? },
        "raw" => StepDraft::Plain(Step::Raw(match words.option("hex") {
            Some(digits) => bytes(&digits)?,
            None => words.text("the bytes")?.into_bytes(),
        })),
        "event" => {
            let kind = words.text("the event's type")?;
            let fields = match words.word("a JSON object").ok() {
                Some(Word::Json(value)) => fields(value),
                Some(Word::Text(text)) => return Err(format!("`event` needs a JSON object, not `{text}`")),
                None => serde_json::Map::new(),
            };
            StepDraft::Event { kind, fields }
        }
        _ => StepDraft::Plain(Step::Pause { delay_ms: words.number("milliseconds")? }),
    })
}

fn text_step(text: String, words: &mut Words) -> Result<StepDraft, String> {
    let chunks = Chunks::sized(text, size(words, "chunk")?.unwrap_or(0));
    let (phase, delay_ms) = (words.option("phase"), words.number_option("delay")?);
    Ok(StepDraft::Plain(Step::Text { chunks, phase, delay_ms }))
}

fn call(words: &mut Words) -> Result<StepDraft, String> {
    let name = words.text("the tool's name")?;
    let namespace = words.option("namespace");
    Ok(match words.word("JSON arguments")? {
        Word::Json(arguments) => {
            check(&arguments.to_string())?;
            StepDraft::Call { name, namespace, arguments }
        }
        // Text is sent as it stands, so that arguments which are no JSON can be tried out.
        Word::Text(text) => {
            check(&text)?;
            let mut step = Step::call(&name, namespace.as_deref(), &serde_json::Value::Null);
            if let Step::Call(call) = &mut step {
                call.input = text;
            }
            StepDraft::Plain(step)
        }
    })
}

fn status(words: &mut Words) -> Result<StatusDraft, String> {
    let code = words.number("a status code")?;
    let code = u16::try_from(code).ok().filter(|code| (100..=999).contains(code));
    let code = code.ok_or_else(|| "a status code has three digits".to_owned())?;
    let body = words.option("body");
    if let Some(body) = &body {
        check(body)?;
    }
    let mut headers = words.all_options();
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Ok(StatusDraft { code, headers, body })
}

fn usage(words: &mut Words) -> Result<Counts, String> {
    let default = Counts::default();
    if let Some(word) = words.optional_text() {
        return match word.as_str() {
            "none" => Ok(Counts { is_told: false, ..default }),
            other => Err(format!("`usage` knows `none` or options, not `{other}`")),
        };
    }
    Ok(Counts {
        input: words.number_option("input")?.unwrap_or(default.input),
        cached: words.number_option("cached")?.unwrap_or(default.cached),
        output: words.number_option("output")?.unwrap_or(default.output),
        reasoning: words.number_option("reasoning")?.unwrap_or(default.reasoning),
        is_told: true,
    })
}

fn stop_at(words: &mut Words) -> Result<StopAt, String> {
    Ok(match (words.number_option("deltas")?, words.number_option("bytes")?) {
        (Some(_), Some(_)) => return Err("give `deltas=` or `bytes=`, not both".to_owned()),
        (Some(deltas), None) => StopAt::Deltas(deltas),
        (None, Some(bytes)) => StopAt::Bytes(bytes),
        (None, None) => StopAt::Steps,
    })
}

fn end(words: &mut Words) -> Result<End, String> {
    let verb = words.verb.clone();
    let mut text = |default: &str| words.optional_text().unwrap_or_else(|| default.to_owned());
    Ok(match verb.as_str() {
        "failed" => End::Failed { code: text("server_error"), message: text("Scripted failure.") },
        "error" => End::Error { code: text("server_error"), message: text("Scripted failure.") },
        "incomplete" => End::Incomplete(text("max_output_tokens")),
        "done" => End::DoneMark,
        "end" => End::Nothing,
        _ => return Err(format!("`{verb}` is not a way to end an answer")),
    })
}

/// The bytes that pairs of hexadecimal digits stand for.
fn bytes(digits: &str) -> Result<Vec<u8>, String> {
    let pair = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(pair).collect();
    bytes.ok_or_else(|| format!("`hex={digits}` needs pairs of hexadecimal digits"))
}

fn template(words: &mut Words, what: &str) -> Result<String, String> {
    let text = words.text(what)?;
    check(&text)?;
    Ok(text)
}

fn size(words: &mut Words, name: &str) -> Result<Option<usize>, String> {
    let size = words.number_option(name)?;
    Ok(size.map(|size| usize::try_from(size).unwrap_or(usize::MAX)))
}
