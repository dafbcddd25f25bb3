//! An answer as it is played: the state machine between the steps of a reply and the bytes of its stream.
//!
//! Beats are made one by one as they are taken; pieces without a delay between them share one beat.

use serde_json::{Value, json};

use super::{
    events::{self, Events, fields},
    prose::Chunks,
    reply::{Answer, CallStep, Counts, End, Reply, Step, Stop, StopAt, StopHow},
};

/// One beat of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beat {
    /// The whole answer: a status with headers and a body, and no stream. Always the only beat. An answer that
    /// does not begin with it has status 200 and is an event stream.
    Status {
        /// HTTP status.
        code: u16,
        /// Headers, for instance `retry-after`.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// Bytes of the event stream.
    Bytes(Vec<u8>),
    /// Nothing is sent for so long.
    Pause {
        /// Milliseconds.
        delay_ms: u64,
    },
    /// The connection breaks here. Always the last beat; without it the body ends in order.
    Cut,
}

/// Events without a delay are handed out in pieces of about this size.
const BATCH_BYTES: usize = 16 * 1024;
/// Size of the pieces of a call's input.
const CALL_CHUNK_BYTES: usize = 24;
/// The scripted model reads no clock: the same request gives the same bytes.
const CREATED_AT: u64 = 1_750_000_000;

/// The beats of one answer, made as they are taken.
#[derive(Debug)]
pub struct Playback {
    stage: Stage,
    events: Events,
    steps: std::vec::IntoIter<Step>,
    open: Option<Open>,
    end: End,
    usage: Counts,
    stop: Option<Stop>,
    waiting_ms: Option<u64>,
    pace_ms: u64,
    sent: u64,
    deltas: u64,
    piece: String,
    ids: Ids,
    id: String,
    model: String,
    output: Vec<Value>,
}

#[derive(Debug)]
enum Stage {
    Whole(Option<Beat>),
    Opening,
    Playing,
    Dropping,
    Over,
}

/// The output item that is being streamed.
#[derive(Debug)]
struct Open {
    kind: Kind,
    id: String,
    chunks: Chunks,
    delay_ms: u64,
    /// JSON text of a delta's other fields.
    fields: String,
    full: String,
}

#[derive(Debug)]
enum Kind {
    Message { phase: Option<String> },
    Reasoning,
    Call { call_id: String, name: String, namespace: Option<String> },
    Custom { call_id: String, name: String },
}

/// What makes the ids of an answer: they differ between the requests of a thread, also after a restart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed(u64);

impl Seed {
    /// From the number of input items and the number of the request.
    pub(crate) fn new(items: usize, request: u64) -> Self {
        Self(mix(items as u64).wrapping_add(mix(request ^ 0x5ca1_ab1e)))
    }
}

#[derive(Debug)]
struct Ids {
    seed: u64,
    count: u64,
}

impl Ids {
    fn next(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}_{:016x}{:04x}", mix(self.seed.wrapping_add(self.count)), self.count & 0xffff)
    }
}

fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl Iterator for Playback {
    type Item = Beat;

    fn next(&mut self) -> Option<Beat> {
        loop {
            let must_flush = self.waiting_ms.is_some() || matches!(self.stage, Stage::Dropping | Stage::Over);
            if self.events.len() >= BATCH_BYTES || (must_flush && self.events.len() > 0) {
                match self.flush() {
                    bytes if bytes.is_empty() => continue,
                    bytes => return Some(Beat::Bytes(bytes)),
                }
            }
            if let Some(delay_ms) = self.waiting_ms.take() {
                return Some(Beat::Pause { delay_ms });
            }
            match &mut self.stage {
                Stage::Whole(beat) => {
                    let beat = beat.take();
                    self.stage = Stage::Over;
                    return beat;
                }
                Stage::Opening => self.begin(),
                Stage::Playing => self.play(),
                Stage::Dropping => {
                    self.stage = Stage::Over;
                    return Some(Beat::Cut);
                }
                Stage::Over => return None,
            }
        }
    }
}

impl Playback {
    pub(crate) fn new(answer: Answer, model: &str, seed: Seed, pace_ms: u64) -> Self {
        let (stage, reply) = match answer {
            Answer::Whole { code, headers, body } => {
                (Stage::Whole(Some(Beat::Status { code, headers, body })), Reply::default())
            }
            Answer::Stream(reply) => (Stage::Opening, reply),
        };
        let mut ids = Ids { seed: seed.0, count: 0 };
        Self {
            stage,
            events: Events::default(),
            steps: reply.steps.into_iter(),
            open: None,
            end: reply.end,
            usage: reply.usage,
            stop: reply.stop,
            waiting_ms: None,
            pace_ms,
            sent: 0,
            deltas: 0,
            piece: String::new(),
            id: ids.next("resp"),
            ids,
            model: model.to_owned(),
            output: Vec::new(),
        }
    }

    /// The waiting bytes, up to where the stream breaks off by its length.
    fn flush(&mut self) -> Vec<u8> {
        let mut bytes = self.events.take();
        if let Some(Stop { at: StopAt::Bytes(limit), how }) = self.stop {
            let left = usize::try_from(limit.saturating_sub(self.sent)).unwrap_or(usize::MAX);
            if left <= bytes.len() {
                bytes.truncate(left);
                self.break_off(how);
            }
        }
        self.sent += bytes.len() as u64;
        bytes
    }

    fn break_off(&mut self, how: StopHow) {
        self.stop = None;
        self.stage = Stage::Dropping;
        self.waiting_ms = match how {
            StopHow::Cut => None,
            StopHow::Hang { delay_ms } => Some(delay_ms),
        };
    }

    fn begin(&mut self) {
        self.stage = Stage::Playing;
        let response = self.response("in_progress");
        self.emit("response.created", json!({ "response": response }));
        self.emit("response.in_progress", json!({ "response": response }));
        self.stop_at_delta();
    }

    fn play(&mut self) {
        let Some(open) = &mut self.open else {
            return match self.steps.next() {
                Some(step) => self.start(step),
                None => self.finish(),
            };
        };
        if !open.chunks.next_into(&mut self.piece) {
            return self.close();
        }
        self.events.delta(open.kind.delta_event(), &open.fields, &self.piece);
        open.full.push_str(&self.piece);
        self.deltas += 1;
        if open.delay_ms > 0 {
            self.waiting_ms = Some(open.delay_ms);
        }
        self.stop_at_delta();
    }

    fn stop_at_delta(&mut self) {
        if let Some(Stop { at: StopAt::Deltas(limit), how }) = self.stop
            && self.deltas >= limit
        {
            self.break_off(how);
        }
    }

    fn start(&mut self, step: Step) {
        match step {
            Step::Text { chunks, phase, delay_ms } => self.open(Kind::Message { phase }, "msg", chunks, delay_ms),
            Step::Reasoning { chunks, delay_ms } => self.open(Kind::Reasoning, "rs", chunks, delay_ms),
            Step::Call(CallStep { name, namespace, input, is_custom, delay_ms }) => {
                let call_id = self.ids.next("call");
                let (kind, prefix) = if is_custom {
                    (Kind::Custom { call_id, name }, "ctc")
                } else {
                    (Kind::Call { call_id, name, namespace }, "fc")
                };
                self.open(kind, prefix, Chunks::sized(input, CALL_CHUNK_BYTES), Some(delay_ms.unwrap_or(0)));
            }
            Step::Raw(bytes) => self.events.raw(&bytes),
            Step::Event { kind, fields } => self.events.event(&kind, &fields),
            Step::Pause { delay_ms } => self.waiting_ms = Some(delay_ms),
        }
    }

    fn open(&mut self, kind: Kind, prefix: &str, chunks: Chunks, delay_ms: Option<u64>) {
        let id = self.ids.next(prefix);
        let index = self.output.len();
        self.emit("response.output_item.added", json!({ "output_index": index, "item": kind.item(&id, None) }));
        let place = match &kind {
            Kind::Message { .. } => {
                let place = json!({ "item_id": id, "output_index": index, "content_index": 0 });
                self.emit_at("response.content_part.added", &place, "part", events::text_part(""));
                place
            }
            Kind::Reasoning => {
                let place = json!({ "item_id": id, "output_index": index, "summary_index": 0 });
                self.emit_at("response.reasoning_summary_part.added", &place, "part", events::summary_part(""));
                place
            }
            Kind::Call { .. } | Kind::Custom { .. } => json!({ "item_id": id, "output_index": index }),
        };
        let text = place.to_string();
        let fields = format!(",{}", text.trim_start_matches('{').trim_end_matches('}'));
        let delay_ms = delay_ms.unwrap_or(self.pace_ms);
        self.open = Some(Open { kind, id, chunks, delay_ms, fields, full: String::new() });
    }

    fn close(&mut self) {
        let Some(Open { kind, id, full, .. }) = self.open.take() else { return };
        let index = self.output.len();
        let mut place = json!({ "item_id": id, "output_index": index });
        match &kind {
            Kind::Message { .. } => {
                place["content_index"] = 0.into();
                self.emit_at("response.output_text.done", &place, "text", full.as_str().into());
                self.emit_at("response.content_part.done", &place, "part", events::text_part(&full));
            }
            Kind::Reasoning => {
                place["summary_index"] = 0.into();
                self.emit_at("response.reasoning_summary_text.done", &place, "text", full.as_str().into());
                self.emit_at("response.reasoning_summary_part.done", &place, "part", events::summary_part(&full));
            }
            Kind::Call { .. } => {
                self.emit_at("response.function_call_arguments.done", &place, "arguments", full.as_str().into());
            }
            Kind::Custom { .. } => {
                self.emit_at("response.custom_tool_call_input.done", &place, "input", full.as_str().into());
            }
        }
        let item = kind.item(&id, Some(&full));
        self.emit("response.output_item.done", json!({ "output_index": index, "item": item }));
        self.output.push(item);
    }

    fn finish(&mut self) {
        if let Some(Stop { at: StopAt::Steps, how }) = self.stop {
            return self.break_off(how);
        }
        self.stage = Stage::Over;
        match std::mem::take(&mut self.end) {
            End::Completed => {
                let response = self.response("completed");
                self.emit("response.completed", json!({ "response": response }));
            }
            End::Incomplete(reason) => {
                let mut response = self.response("incomplete");
                response["incomplete_details"] = json!({ "reason": reason });
                self.emit("response.incomplete", json!({ "response": response }));
            }
            End::Failed { code, message } => {
                let mut response = self.response("failed");
                response["error"] = json!({ "code": code, "message": message });
                self.emit("response.failed", json!({ "response": response }));
            }
            End::Error { code, message } => {
                self.emit("error", json!({ "code": code, "message": message, "param": null }));
            }
            End::DoneMark => self.events.raw(b"data: [DONE]\n\n"),
            End::Nothing => {}
        }
    }

    fn emit(&mut self, kind: &str, value: Value) {
        self.events.event(kind, &fields(value));
    }

    fn emit_at(&mut self, kind: &str, place: &Value, name: &str, value: Value) {
        let mut all = fields(place.clone());
        all.insert(name.to_owned(), value);
        self.events.event(kind, &all);
    }

    fn response(&mut self, status: &str) -> Value {
        let is_over = matches!(self.stage, Stage::Over);
        let Counts { input, cached, output, reasoning, is_told } = self.usage;
        let usage = (is_over && is_told).then(|| {
            json!({
                "input_tokens": input,
                "input_tokens_details": { "cached_tokens": cached.min(input) },
                "output_tokens": output,
                "output_tokens_details": { "reasoning_tokens": reasoning.min(output) },
                "total_tokens": input.saturating_add(output),
            })
        });
        json!({
            "id": self.id,
            "object": "response",
            "created_at": CREATED_AT,
            "status": status,
            "model": self.model,
            "output": std::mem::take(&mut self.output),
            "error": null,
            "incomplete_details": null,
            "usage": usage,
        })
    }
}

impl Kind {
    fn delta_event(&self) -> &'static str {
        match self {
            Self::Message { .. } => "response.output_text.delta",
            Self::Reasoning => "response.reasoning_summary_text.delta",
            Self::Call { .. } => "response.function_call_arguments.delta",
            Self::Custom { .. } => "response.custom_tool_call_input.delta",
        }
    }

    /// The output item: as it begins, or with its whole text.
    fn item(&self, id: &str, full: Option<&str>) -> Value {
        let status = if full.is_some() { "completed" } else { "in_progress" };
        match self {
            Self::Message { phase } => events::message(id, status, phase.as_deref(), full),
            Self::Reasoning => events::reasoning(id, full),
            Self::Call { call_id, name, namespace } => {
                let mut item = json!({ "id": id, "type": "function_call", "status": status, "call_id": call_id,
                    "name": name, "arguments": full.unwrap_or_default() });
                if let Some(namespace) = namespace {
                    item["namespace"] = namespace.as_str().into();
                }
                item
            }
            Self::Custom { call_id, name } => {
                json!({ "id": id, "type": "custom_tool_call", "status": status, "call_id": call_id,
                    "name": name, "input": full.unwrap_or_default() })
            }
        }
    }
}
