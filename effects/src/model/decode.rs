//! The events of an answer's stream as reports. Knows no words for people and keeps no clock; tolerates servers
//! that leave out ids, positions, ends and whole events.
//!
//! An item is numbered when it is first heard of. Its text is kept until its `output_item.done`, so that an
//! answer that came only as pieces still becomes an item at the end of the response.

mod slots;

use std::collections::HashMap;

use quire_state::{
    coalesce::merge_model,
    history::{CallKind, HistoryItem},
    item::Usage,
    msg::{Ended, ModelReport},
};
use quire_wire::responses::{Event, Outputs, REPEATED_ITEMS, Response};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use self::slots::{Slots, Sort, Thought};
use super::{failure::Failure, items::item_from_value, sse::SseEvent};
use crate::json;

/// How much of an undecodable event is kept for the message.
const SAMPLE_BYTES: usize = 400;
/// Longest part of an event that says something in few words.
const SMALL_BYTES: usize = 256 * 1024;
/// Most items of one response.
const ITEMS: usize = REPEATED_ITEMS;
/// Most bytes of one response that are kept: of finished items, and of the pieces of open ones. Each is held several times on
/// its way: as text, on the screen, in the conversation and as a line of the session.
const RESPONSE_BYTES: usize = 24 * 1024 * 1024;

/// Where the stream stands after an event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// It goes on.
    More,
    /// The response is complete; `Completed` has been reported.
    Over,
    /// The server says that it failed.
    Failed(Failure),
    /// The event is no JSON; this is how it begins.
    Malformed(Vec<u8>),
    /// There is more of it than is kept; this says of what.
    TooLarge(String),
}

/// The decoder of one response.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    slots: Slots,
    over: bool,
    /// The response has come further since this was asked last.
    has_moved: bool,
    /// Bytes of finished items, and of what opened the others.
    item_bytes: usize,
    /// Bytes of the pieces of open items.
    piece_bytes: usize,
}

impl Decoder {
    /// Whether the response has come further since this was asked last. Comments, signs of life and repeats move nothing.
    pub(crate) fn take_moved(&mut self) -> bool {
        std::mem::take(&mut self.has_moved)
    }

    /// Decodes one event and adds what it says to `out`, merged with the report before it where that says the same.
    pub(crate) fn event(&mut self, event: SseEvent<'_>, out: &mut Vec<ModelReport>) -> Step {
        let data = event.data.trim_ascii();
        if self.over {
            return Step::Over;
        }
        if data.is_empty() || is_silent(event.name) {
            return Step::More;
        }
        if data == b"[DONE]" {
            return self.done_marker(out);
        }
        if let Some(failure) = listed(data) {
            return Step::Failed(failure);
        }
        let items = self.slots.len();
        let step = match serde_json::from_slice::<Event<'_>>(data) {
            Ok(decoded) => self.decoded(decoded, event.name, out),
            Err(_) => self.undecodable(data, event.name, out),
        };
        // What a new item was opened with stays with it: its id, its name.
        if self.slots.len() > items {
            self.has_moved = true;
            self.item_bytes += (items..self.slots.len()).map(|index| self.slots.at(index).head_bytes()).sum::<usize>();
        }
        if step == Step::More { self.bounded() } else { step }
    }

    fn bounded(&self) -> Step {
        if self.slots.len() > ITEMS {
            return too_many();
        }
        if self.item_bytes > RESPONSE_BYTES || self.piece_bytes > RESPONSE_BYTES {
            return Step::TooLarge(format!("an answer of more than {} MiB", RESPONSE_BYTES / (1024 * 1024)));
        }
        Step::More
    }

    /// Pieces of this many bytes were added to an open item.
    fn grew(&mut self, bytes: usize) {
        self.piece_bytes += bytes;
        self.has_moved = true;
    }

    /// A second try for text that is no valid UTF-8; foreign events may hold what they like.
    fn undecodable(&mut self, data: &[u8], name: &[u8], out: &mut Vec<ModelReport>) -> Step {
        let text = String::from_utf8_lossy(data);
        if let Ok(decoded) = serde_json::from_str::<Event<'_>>(&text) {
            return self.decoded(decoded, name, out);
        }
        if !name.is_empty() && name != b"error" && !name.starts_with(b"response.") {
            return Step::More;
        }
        Step::Malformed(data[..data.len().min(SAMPLE_BYTES)].to_vec())
    }

    fn decoded(&mut self, mut event: Event<'_>, name: &[u8], out: &mut Vec<ModelReport>) -> Step {
        let kind = event.kind.0.take();
        let kind = kind.as_deref().or(str::from_utf8(name).ok()).unwrap_or_default();
        match kind {
            "response.output_text.delta" | "response.refusal.delta" => self.text(&event, out),
            "response.output_text.done" => {
                event.text.get().into_iter().for_each(|text| self.text_done(&event, text, out))
            }
            "response.refusal.done" => {
                event.refusal.get().into_iter().for_each(|text| self.text_done(&event, text, out))
            }
            "response.reasoning_summary_text.delta" => self.thought(&event, Thought::Summary, out),
            "response.reasoning_text.delta" => self.thought(&event, Thought::Content, out),
            "response.reasoning_summary_text.done" => {
                event.text.get().into_iter().for_each(|text| self.thought_done(&event, Thought::Summary, text, out));
            }
            "response.reasoning_text.done" => {
                event.text.get().into_iter().for_each(|text| self.thought_done(&event, Thought::Content, text, out));
            }
            "response.content_part.done" | "response.reasoning_summary_part.done" => self.part_done(&event, out),
            "response.reasoning_summary_part.added" => self.summary_part(&event),
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                self.call_input(&event, out);
            }
            "response.function_call_arguments.done" => self.input_done(&event, CallKind::Function, out),
            "response.custom_tool_call_input.done" => self.input_done(&event, CallKind::Custom, out),
            "response.output_item.added" => return self.added(&event),
            "response.output_item.done" => return self.item_done(&event, out),
            "response.completed" | "response.done" | "response.incomplete" => {
                return self.completed(kind, &event, out);
            }
            "response.failed" | "error" => return failed(&event),
            _ if event.error.is_some() => return failed(&event),
            _ => {}
        }
        Step::More
    }

    fn text(&mut self, event: &Event<'_>, out: &mut Vec<ModelReport>) {
        let Some((delta, index)) = event.delta.get().zip(self.slots.of_delta(event, Sort::Message)) else { return };
        self.slots.at(index).pieces.push(event.content_index.0, delta);
        self.grew(delta.len());
        push(out, ModelReport::Text { item: number(index), delta: delta.to_owned() });
    }

    /// A part of a message is whole; what had not come of it comes now.
    fn text_done(&mut self, event: &Event<'_>, whole: &str, out: &mut Vec<ModelReport>) {
        let Some(index) = self.slots.of_whole(event, Sort::Message, whole) else { return };
        let rest = self.slots.at(index).pieces.end_part(event.content_index.0, whole);
        if !rest.is_empty() {
            self.grew(rest.len());
            push(out, ModelReport::Text { item: number(index), delta: rest.to_owned() });
        }
    }

    /// A piece of reasoning.
    fn thought(&mut self, event: &Event<'_>, thought: Thought, out: &mut Vec<ModelReport>) {
        let Some((delta, index)) = event.delta.get().zip(self.slots.of_delta(event, Sort::Reasoning)) else { return };
        let pieces = &mut self.slots.at(index).pieces;
        let before = pieces.bytes();
        let part = pieces.think(thought, thought_index(event, thought), delta);
        let grown = pieces.bytes() - before;
        self.grew(grown);
        push(out, thought_report(thought, index, part, delta));
    }

    /// A part of reasoning is whole; what had not come of it comes now.
    fn thought_done(&mut self, event: &Event<'_>, thought: Thought, whole: &str, out: &mut Vec<ModelReport>) {
        let Some(index) = self.slots.of_whole(event, Sort::Reasoning, whole) else { return };
        let pieces = &mut self.slots.at(index).pieces;
        let before = pieces.bytes();
        let Some((part, rest)) = pieces.end_thought(thought, thought_index(event, thought), whole) else { return };
        let grown = pieces.bytes() - before;
        self.grew(grown);
        push(out, thought_report(thought, index, part, rest));
    }

    /// A part is whole, told as an object.
    fn part_done(&mut self, event: &Event<'_>, out: &mut Vec<ModelReport>) {
        let Ok(Some(part)) = item(event.part) else { return };
        let said = |key: &str| part.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        match part.get("type").and_then(Value::as_str) {
            Some("output_text" | "text") => said("text").into_iter().for_each(|text| self.text_done(event, text, out)),
            Some("refusal") => said("refusal").into_iter().for_each(|text| self.text_done(event, text, out)),
            Some("summary_text") => {
                said("text").into_iter().for_each(|text| self.thought_done(event, Thought::Summary, text, out));
            }
            Some("reasoning_text") => {
                said("text").into_iter().for_each(|text| self.thought_done(event, Thought::Content, text, out));
            }
            _ => {}
        }
    }

    /// A new summary part; it matters only where deltas do not say which part they belong to.
    fn summary_part(&mut self, event: &Event<'_>) {
        if event.summary_index.0.is_none()
            && let Some(index) = self.slots.of_delta(event, Sort::Reasoning)
        {
            self.slots.at(index).pieces.begin_summary();
            self.grew(slots::PART_BYTES);
        }
    }

    fn call_input(&mut self, event: &Event<'_>, out: &mut Vec<ModelReport>) {
        let Some(index) = event.delta.get().and_then(|_| self.slots.of_delta(event, Sort::Call)) else { return };
        let Some(delta) = event.delta.get().filter(|_| !self.slots.at(index).pieces.is_whole()) else { return };
        self.slots.at(index).pieces.push(None, delta);
        self.grew(delta.len());
        push(out, ModelReport::CallInput { item: number(index), bytes: delta.len() as u64 });
    }

    /// The input of a call is whole.
    fn input_done(&mut self, event: &Event<'_>, kind: CallKind, out: &mut Vec<ModelReport>) {
        let raw = event.arguments.or(event.input).map_or("\"\"", RawValue::get);
        // As an object it is the text that spells it.
        let whole = serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned());
        let Some(index) = self.slots.of_whole(event, Sort::Call, &whole) else { return };
        let grown = self.slots.at(index).pieces.end_input(&whole);
        self.item_bytes += self.slots.christen(index, event, kind);
        if grown > 0 {
            self.grew(grown);
            push(out, ModelReport::CallInput { item: number(index), bytes: grown as u64 });
        }
    }

    fn added(&mut self, event: &Event<'_>) -> Step {
        match item(event.item) {
            Err(step) => return step,
            Ok(Some(item)) => {
                let items = self.slots.len();
                let bytes = self.slots.announce(&item, event.output_index.0);
                // The names of a new item are counted by who looks whether there is one.
                let named = (items..self.slots.len()).map(|index| self.slots.at(index).head_bytes()).sum::<usize>();
                self.item_bytes += bytes.saturating_sub(named);
            }
            Ok(None) => {}
        }
        Step::More
    }

    fn item_done(&mut self, event: &Event<'_>, out: &mut Vec<ModelReport>) -> Step {
        let item = match item(event.item) {
            Err(step) => return step,
            Ok(Some(item)) => item,
            Ok(None) => return Step::More,
        };
        let sort = Sort::of(&item);
        let done = item_from_value(item);
        if let Some(index) = self.slots.of_done(&done, sort, event.output_index.0) {
            if self.slots.must_wait(index, &done) {
                self.item_bytes += self.slots.hold(index, done);
            } else {
                self.report_done(index, done, out);
            }
        }
        Step::More
    }

    fn report_done(&mut self, index: usize, done: HistoryItem, out: &mut Vec<ModelReport>) {
        self.has_moved = true;
        self.piece_bytes = self.piece_bytes.saturating_sub(self.slots.at(index).pieces.bytes());
        self.item_bytes = self.item_bytes.saturating_sub(self.slots.held_bytes(index));
        let done = self.slots.close(index, done);
        self.item_bytes += done.weight();
        out.push(ModelReport::ItemDone { item: number(index), done });
    }

    /// `[DONE]`: the end, when there was an answer; else the server has said nothing yet, and the end of the bytes
    /// will tell.
    fn done_marker(&mut self, out: &mut Vec<ModelReport>) -> Step {
        if self.slots.is_empty() {
            return Step::More;
        }
        match self.close_all(&Outputs::default(), true, out) {
            Step::More => self.complete(None, Ended::Whole, out),
            step => step,
        }
    }

    fn completed(&mut self, kind: &str, event: &Event<'_>, out: &mut Vec<ModelReport>) -> Step {
        let none = Response::default();
        let response = event.response.as_ref().unwrap_or(&none);
        let status = small(response.status);
        let status = status.as_ref().and_then(Value::as_str).unwrap_or_default();
        if status == "failed" {
            return failed(event);
        }
        let is_whole = kind != "response.incomplete" && status != "incomplete";
        match self.close_all(&response.output, is_whole, out) {
            Step::More => {}
            step => return step,
        }
        let ended = if is_whole {
            Ended::Whole
        } else {
            let details = small(response.incomplete_details);
            let reason = details.as_ref().and_then(|details| details.get("reason")?.as_str());
            Ended::Incomplete { reason: reason.unwrap_or("unknown").to_owned() }
        };
        self.complete(small(response.usage).as_ref().and_then(usage), ended, out)
    }

    /// Reports every item whose end did not come: from the response's own list, else from its pieces. A call counts
    /// only in a whole response: of an incomplete one its arguments are cut off.
    fn close_all(&mut self, output: &Outputs<'_>, is_whole: bool, out: &mut Vec<ModelReport>) -> Step {
        if output.is_cut {
            return too_many();
        }
        let mut finals: HashMap<usize, HistoryItem> = HashMap::new();
        for (position, value) in output.items.iter().enumerate() {
            // Not read at all: it is told once more, and may be large.
            if names(value).is_some_and(|names| self.slots.has_ended(names.call(), names.id.as_deref())) {
                continue;
            }
            let value = match item(Some(value)) {
                Err(step) => return step,
                Ok(Some(value)) => value,
                Ok(None) => continue,
            };
            let sort = Sort::of(&value);
            if sort == Sort::Call && !is_whole {
                continue;
            }
            let item = item_from_value(value);
            if let Some(index) = self.slots.of_output(&item, sort, position) {
                finals.insert(index, item);
                self.slots.end(index);
            }
        }
        for index in 0..self.slots.len() {
            if let Some(item) = finals.remove(&index) {
                self.report_done(index, item, out);
            } else if let Some(item) = self.slots.take_pieces(index, is_whole) {
                self.report_done(index, item, out);
            }
        }
        Step::More
    }

    fn complete(&mut self, usage: Option<Usage>, ended: Ended, out: &mut Vec<ModelReport>) -> Step {
        self.over = true;
        out.push(ModelReport::Completed { usage, ended });
        Step::Over
    }
}

/// Events that repeat what others say; not even parsed.
fn is_silent(name: &[u8]) -> bool {
    matches!(
        name,
        b"response.created"
            | b"response.in_progress"
            | b"response.queued"
            | b"response.content_part.added"
            | b"ping"
            | b"keepalive"
    )
}

fn push(out: &mut Vec<ModelReport>, report: ModelReport) {
    let rest = match out.last_mut() {
        Some(last) => merge_model(last, report),
        None => Some(report),
    };
    out.extend(rest);
}

fn thought_index(event: &Event<'_>, thought: Thought) -> Option<u64> {
    match thought {
        Thought::Summary => event.summary_index.0,
        Thought::Content => event.content_index.0,
    }
}

fn thought_report(thought: Thought, index: usize, part: usize, delta: &str) -> ModelReport {
    let (item, part, delta) = (number(index), number(part), delta.to_owned());
    match thought {
        Thought::Summary => ModelReport::Summary { item, part, delta },
        Thought::Content => ModelReport::Reasoning { item, part, delta },
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn too_many() -> Step {
    Step::TooLarge(format!("an answer of more than {ITEMS} items"))
}

/// What an item is called.
#[derive(Deserialize)]
struct Names {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    call_id: Option<String>,
}

impl Names {
    /// The call's own name, where it is one.
    fn call(&self) -> Option<&str> {
        let is_call = matches!(self.kind.as_deref(), Some("function_call" | "custom_tool_call"));
        self.call_id.as_deref().filter(|name| is_call && !name.trim().is_empty())
    }
}

fn names(raw: &RawValue) -> Option<Names> {
    raw.get().starts_with('{').then(|| serde_json::from_str(raw.get()).ok())?
}

/// An item as a value. `None` for what is no object.
fn item(raw: Option<&RawValue>) -> Result<Option<Value>, Step> {
    let Some(raw) = raw.filter(|raw| raw.get().starts_with('{')) else { return Ok(None) };
    match json::is_heavy(raw.get().as_bytes()) {
        true => Err(Step::TooLarge("an item with too many values".to_owned())),
        // It was read once already.
        false => Ok(serde_json::from_str(raw.get()).ok()),
    }
}

/// The error that an event is a list of.
fn listed(data: &[u8]) -> Option<Failure> {
    let is_short = data.starts_with(b"[") && data.len() <= SMALL_BYTES;
    let list: Vec<Value> = is_short.then(|| serde_json::from_slice(data).ok())??;
    let error = list.first().filter(|first| first.get("error").is_some())?;
    Some(Failure::of(error))
}

/// A part that says something in few words. A long one says nothing.
fn small(raw: Option<&RawValue>) -> Option<Value> {
    raw.filter(|raw| raw.get().len() <= SMALL_BYTES).and_then(|raw| serde_json::from_str(raw.get()).ok())
}

/// What failed: said in the response, beside it, or flat in the event (`code`, `message`).
fn failed(event: &Event<'_>) -> Step {
    let response = event.response.as_ref();
    let said = [response.and_then(|response| response.error), event.error];
    let flat = Failure {
        code: event.code.get().unwrap_or_default().to_owned(),
        message: event.message.get().unwrap_or_default().to_owned(),
        others: event.status.get().map(str::to_owned).into_iter().collect(),
        ..Failure::default()
    };
    let said = said.into_iter().filter_map(|error| Some(Failure::of(&small(error)?)));
    Step::Failed(said.chain([flat]).reduce(Failure::or).unwrap_or_default())
}

fn usage(usage: &Value) -> Option<Usage> {
    let count = |path: &str| usage.pointer(path).and_then(Value::as_u64);
    let (input, output) = (count("/input_tokens"), count("/output_tokens"));
    if input.is_none() && output.is_none() {
        return None;
    }
    let (input_tokens, output_tokens) = (input.unwrap_or(0), output.unwrap_or(0));
    Some(Usage {
        input_tokens,
        cached_input_tokens: count("/input_tokens_details/cached_tokens").unwrap_or(0),
        output_tokens,
        reasoning_output_tokens: count("/output_tokens_details/reasoning_tokens").unwrap_or(0),
        total_tokens: count("/total_tokens").unwrap_or_else(|| input_tokens.saturating_add(output_tokens)),
    })
}
