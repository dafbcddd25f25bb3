//! Answers of very many items, of every sort. What looks through all items for each of them does not end here in any time
//! that a user would have to wait.

use quire_state::msg::ModelReport;
use serde_json::{Value, json};

use super::samples::read_text;

const COUNT: usize = 50_000;

fn done(item: &Value) -> Value {
    json!({ "type": "response.output_item.done", "item": item })
}

fn completed(output: &[Value]) -> Value {
    json!({ "type": "response.completed", "response": { "status": "completed", "output": output } })
}

/// How many items and how many bytes of text come of these events.
fn read(events: impl IntoIterator<Item = Value>) -> (usize, usize) {
    let text: String = events.into_iter().map(|event| format!("data: {event}\n\n")).collect();
    let (reports, end) = read_text(&text);
    assert_eq!(end, Ok(()));
    let mut told = (0, 0);
    for report in reports {
        match report {
            ModelReport::ItemDone { .. } => told.0 += 1,
            ModelReport::Text { delta, .. }
            | ModelReport::Reasoning { delta, .. }
            | ModelReport::Summary { delta, .. } => {
                told.1 += delta.len();
            }
            ModelReport::Connected | ModelReport::CallInput { .. } | ModelReport::Completed { .. } => {}
        }
    }
    told
}

fn reasoning(at: usize) -> Value {
    json!({ "type": "reasoning", "summary": [{ "type": "summary_text", "text": format!("{at}") }] })
}

fn message(at: usize) -> Value {
    json!({ "type": "message", "id": format!("m{at}"), "role": "assistant", "content": [{ "type": "output_text", "text": "x" }] })
}

fn call(at: usize) -> Value {
    json!({ "type": "function_call", "id": format!("f{at}"), "call_id": format!("c{at}"), "name": "x", "arguments": "{}" })
}

fn search(at: usize) -> Value {
    json!({ "type": "web_search_call", "id": format!("w{at}"), "status": "completed" })
}

#[test]
fn whole_items_of_every_sort() {
    for item in [reasoning, message, call, search] {
        let items: Vec<Value> = (0..COUNT).map(item).collect();
        let events = items.iter().map(done).chain([completed(&[])]);
        assert_eq!(read(events).0, COUNT);
        // Every one twice, and all of them again in the end.
        let events = items.iter().chain(&items).map(done).chain([completed(&items)]);
        assert_eq!(read(events).0, COUNT);
        // Only in the end.
        assert_eq!(read([completed(&items)]).0, COUNT);
    }
}

#[test]
fn items_that_are_announced_and_come_in_pieces() {
    let added = |at: usize, position: Option<u64>| {
        let mut event =
            json!({ "type": "response.output_item.added", "item": { "type": "message", "id": format!("m{at}") } });
        if let Some(position) = position {
            event["output_index"] = position.into();
        }
        event
    };
    let delta = |at: usize| json!({ "type": "response.output_text.delta", "item_id": format!("m{at}"), "delta": "x" });
    for position in [|_| None, |at| Some(at as u64), |at| Some(4_000_000_000 - at as u64 * 7), |_| Some(0)] {
        let all = (0..COUNT).map(|at| added(at, position(at))).chain((0..COUNT).map(delta));
        assert_eq!(read(all.chain([completed(&[])])), (COUNT, COUNT));
    }
    // Never announced, and without an id at the end.
    let nameless =
        json!({ "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "x" }] });
    let all = (0..COUNT).map(delta).chain((0..COUNT).map(|_| done(&nameless)));
    assert_eq!(read(all.chain([completed(&[])])), (COUNT, COUNT));
}

#[test]
fn items_that_come_as_wholes_and_end_elsewhere() {
    let text = |at: usize| json!({ "type": "response.output_text.done", "item_id": format!("m{at}"), "text": "x" });
    assert_eq!(read((0..COUNT).map(text).chain([completed(&[])])), (COUNT, COUNT));
    let input = |at: usize| json!({ "type": "response.function_call_arguments.done", "item_id": format!("f{at}"), "name": "x", "arguments": "{}" });
    assert_eq!(read((0..COUNT).map(input).chain([completed(&[])])).0, COUNT);
    // All open, and every end at a position that was not begun, without an id.
    let added = |at: usize| json!({ "type": "response.output_item.added", "output_index": at, "item": { "type": "message", "id": format!("m{at}") } });
    let ended = |at: usize| {
        json!({ "type": "response.output_item.done", "output_index": at + COUNT,
            "item": { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": format!("{at}") }] } })
    };
    assert_eq!(read((0..COUNT).map(added).chain((0..COUNT).map(ended)).chain([completed(&[])])).0, COUNT);
    // Calls that wait for their arguments to the end, and are told again in the list.
    let empty = |at: usize| json!({ "type": "function_call", "id": format!("f{at}"), "call_id": format!("c{at}"), "name": "x", "arguments": "" });
    let calls: Vec<Value> = (0..COUNT).map(call).collect();
    assert_eq!(read((0..COUNT).map(|at| done(&empty(at))).chain([completed(&calls)])).0, COUNT);
    assert_eq!(read((0..COUNT).map(|at| done(&empty(at))).chain([completed(&[])])).0, COUNT);
}

#[test]
fn parts_of_one_item() {
    let part = |kind: &str, index: &str, at: usize| json!({ "type": kind, "item_id": "r", index: at, "delta": "x" });
    let all = (0..COUNT).flat_map(|at| {
        [
            part("response.reasoning_text.delta", "content_index", at),
            part("response.reasoning_summary_text.delta", "summary_index", at),
        ]
    });
    assert_eq!(read(all.chain([completed(&[])])), (1, 2 * COUNT));
    let parts: Vec<Value> = (0..COUNT).map(|_| json!({ "type": "output_text", "text": "x" })).collect();
    let item = json!({ "type": "message", "id": "m", "role": "assistant", "content": parts });
    assert_eq!(read([done(&item), completed(std::slice::from_ref(&item))]).0, 1);
}

#[test]
fn more_than_an_answer_may_hold_is_given_up() {
    let ends = |events: &mut dyn Iterator<Item = Value>| {
        let text: String = events.map(|event| format!("data: {event}\n\n")).collect();
        read_text(&text).1.unwrap_err().line()
    };
    let line = ends(&mut (0..70_000).map(|at| done(&reasoning(at))));
    assert!(line.contains("an answer of more than 65536 items"), "{line}");
    let delta = |at: usize| json!({ "type": "response.output_text.delta", "item_id": format!("m{at}"), "delta": "x".repeat(1 << 20) });
    let line = ends(&mut (0..40).map(delta));
    assert!(line.contains("an answer of more than 24 MiB"), "{line}");
    // What is finished makes room for the pieces of the next item.
    let half = "x".repeat(15 << 20);
    let item = json!({ "type": "message", "id": "m", "role": "assistant", "content": [{ "type": "output_text", "text": half }] });
    let delta = json!({ "type": "response.output_text.delta", "item_id": "m", "delta": half });
    assert_eq!(read([delta, done(&item), completed(&[])]), (1, 15 << 20));
    let heavy = format!(
        "data: {{\"type\":\"response.output_item.done\",\"item\":{{\"x\":[{}0]}}}}\n\n",
        "[0],".repeat(1 << 20)
    );
    let line = read_text(&heavy).1.unwrap_err().line();
    assert!(line.contains("an item with too many values"), "{line}");
}
