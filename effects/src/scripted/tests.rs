//! The scripted model as its users see it: a request in, beats or bytes out.

mod client;
mod demo;
mod directives;
mod language;
mod served;

use serde_json::{Value, json};

use super::{Beat, Script, respond};

/// A request of these items with Quire's first tools on offer.
fn request(items: &[Value]) -> Value {
    let tool = |name: &str| json!({ "type": "function", "name": name, "parameters": { "type": "object" } });
    json!({
        "model": "test-model",
        "input": items,
        "tools": [tool("exec_command"), tool("write_stdin"), tool("update_plan")],
        "stream": true,
    })
}

fn user(text: &str) -> Value {
    json!({ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": text }] })
}

/// The output of a call, as Quire words it when the command ran.
fn ran(call: &Value, printed: &str) -> Value {
    output(
        call,
        &format!("Chunk ID: a1b2c3\nWall time: 0.0100 seconds\nProcess exited with code 0\nOutput:\n{printed}"),
    )
}

fn output(call: &Value, text: &str) -> Value {
    let kind = format!("{}_output", call["type"].as_str().unwrap());
    json!({ "type": kind, "call_id": call["call_id"], "output": text })
}

/// An answer taken apart.
#[derive(Debug, Default)]
struct Heard {
    /// The bytes of the stream.
    bytes: Vec<u8>,
    /// Its events in order.
    events: Vec<Value>,
    /// Items as their `done` events hold them.
    items: Vec<Value>,
    /// All pauses, in milliseconds.
    pauses: Vec<u64>,
    is_cut: bool,
    status: Option<Status>,
}

/// A plain answer: code, headers, body.
type Status = (u16, Vec<(String, String)>, String);

impl Heard {
    fn event(&self, kind: &str) -> Option<&Value> {
        self.events.iter().find(|event| event["type"] == kind)
    }

    fn last_kind(&self) -> &str {
        self.events.last().unwrap()["type"].as_str().unwrap()
    }

    /// The text of all messages.
    fn text(&self) -> String {
        let texts = self.items.iter().filter(|item| item["type"] == "message");
        texts.map(|item| item["content"][0]["text"].as_str().unwrap()).collect()
    }

    fn calls(&self) -> Vec<&Value> {
        self.items.iter().filter(|item| item["type"].as_str().unwrap().ends_with("_call")).collect()
    }

    /// The arguments of the call of this name.
    fn arguments(&self, name: &str) -> Value {
        let call = self.items.iter().find(|item| item["name"] == name).unwrap();
        serde_json::from_str(call["arguments"].as_str().unwrap()).unwrap()
    }

    fn deltas(&self) -> usize {
        self.events.iter().filter(|event| event["type"].as_str().unwrap().ends_with(".delta")).count()
    }
}

fn hear(script: &Script, body: &Value) -> Heard {
    let mut heard = Heard::default();
    for beat in respond(script, body) {
        assert!(!heard.is_cut, "a beat after the cut");
        match beat {
            Beat::Status { code, headers, body } => heard.status = Some((code, headers, body)),
            Beat::Bytes(bytes) => heard.bytes.extend(bytes),
            Beat::Pause { delay_ms } => heard.pauses.push(delay_ms),
            Beat::Cut => heard.is_cut = true,
        }
    }
    (heard.events, heard.items) = decode(&heard.bytes);
    heard
}

/// A strict reader: frames of `event` and `data`, equal types, numbers without gaps, and deltas that add up.
fn decode(bytes: &[u8]) -> (Vec<Value>, Vec<Value>) {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut events = Vec::new();
    let mut items = Vec::new();
    let mut streamed = String::new();
    let whole = text.rfind("\n\n").map_or("", |end| &text[..end]);
    for (number, frame) in whole.split("\n\n").filter(|frame| !frame.is_empty()).enumerate() {
        let (first, second) = frame.split_once('\n').unwrap();
        let event: Value = serde_json::from_str(second.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(first, format!("event: {}", event["type"].as_str().unwrap()));
        assert_eq!(event["sequence_number"], number);
        match event["type"].as_str().unwrap() {
            "response.output_item.added" => streamed.clear(),
            "response.output_item.done" => {
                let item = &event["item"];
                let full =
                    [&item["arguments"], &item["input"], &item["content"][0]["text"], &item["summary"][0]["text"]];
                assert_eq!(full.iter().find_map(|text| text.as_str()).unwrap(), streamed);
                items.push(item.clone());
            }
            kind if kind.ends_with(".delta") => streamed.push_str(event["delta"].as_str().unwrap()),
            "response.completed" => assert_eq!(event["response"]["output"], json!(items)),
            _ => {}
        }
        events.push(event);
    }
    (events, items)
}

/// Plays a whole turn: every call is answered by `answer`, until a response has none. Gives all responses.
fn play_turn(
    script: &Script,
    items: &mut Vec<Value>,
    tools: &Value,
    mut answer: impl FnMut(&Value) -> Value,
) -> Vec<Heard> {
    let mut responses = Vec::new();
    loop {
        assert!(responses.len() < 10, "the turn does not end");
        let mut body = request(items);
        body["tools"] = tools.clone();
        let heard = hear(script, &body);
        items.extend(heard.items.iter().cloned());
        let outputs: Vec<Value> = heard.calls().into_iter().map(&mut answer).collect();
        let is_last = outputs.is_empty();
        items.extend(outputs);
        responses.push(heard);
        if is_last {
            return responses;
        }
    }
}

fn first_tools() -> Value {
    request(&[])["tools"].clone()
}
