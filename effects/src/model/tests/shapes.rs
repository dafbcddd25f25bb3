//! An item in every shape in which servers send one: its text in deltas, as a whole part, with its announcement, with its
//! end, in the response's own list, and in several of these at once.

use quire_state::{
    fault::FaultKind,
    history::{CallKind, HistoryItem},
    msg::ModelReport,
};
use serde_json::{Value, json};

use super::samples::{answer, call, read_text};

const ARGUMENTS: &str = "{\"cmd\":\"ls\"}";

/// The finished items, and the text that was told while they were open.
fn read(events: &[Value]) -> (Vec<HistoryItem>, String) {
    let text: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    let (reports, end) = read_text(&text);
    assert_eq!(end, Ok(()), "{text}");
    let (mut items, mut told) = (Vec::new(), String::new());
    for report in reports {
        match report {
            ModelReport::ItemDone { done, .. } => items.push(done.as_ref().clone()),
            ModelReport::Text { delta, .. }
            | ModelReport::Summary { delta, .. }
            | ModelReport::Reasoning { delta, .. } => told.push_str(&delta),
            ModelReport::Connected | ModelReport::CallInput { .. } | ModelReport::Completed { .. } => {}
        }
    }
    (items, told)
}

fn completed(output: &[Value]) -> Value {
    json!({ "type": "response.completed", "response": { "status": "completed", "output": output } })
}

fn function(id: &str, arguments: &Value) -> Value {
    json!({ "type": "function_call", "id": id, "call_id": "c", "name": "exec_command", "arguments": arguments })
}

fn added(item: Value) -> Value {
    json!({ "type": "response.output_item.added", "output_index": 0, "item": item })
}

fn done(item: Value) -> Value {
    json!({ "type": "response.output_item.done", "output_index": 0, "item": item })
}

fn input(kind: &str, key: &str, value: &Value) -> Value {
    let mut event = json!({ "type": format!("response.{kind}"), "item_id": "f", "output_index": 0 });
    event[key] = value.clone();
    event
}

#[test]
fn a_call_is_put_together_from_every_shape() {
    let delta = |piece: &str| input("function_call_arguments.delta", "delta", &piece.into());
    let whole = |value: Value| input("function_call_arguments.done", "arguments", &value);
    let deltas = || vec![delta("{\"cmd\":"), delta("\"ls\"}")];
    let (none, full) = (json!(""), json!(ARGUMENTS));
    let told: Vec<(&str, Vec<Value>, Value, Vec<Value>)> = vec![
        ("deltas", deltas(), none.clone(), vec![]),
        ("deltas and no end", deltas(), Value::Bool(false), vec![]),
        ("a whole", vec![whole(full.clone())], none.clone(), vec![]),
        ("a whole and no end", vec![whole(full.clone())], Value::Bool(false), vec![]),
        ("a whole as an object", vec![whole(json!({ "cmd": "ls" }))], none.clone(), vec![]),
        ("a whole that comes twice", vec![whole(full.clone()), whole(full.clone())], none.clone(), vec![]),
        ("deltas and a whole", [deltas(), vec![whole(full.clone())]].concat(), none.clone(), vec![]),
        ("a whole and late deltas", [vec![whole(full.clone())], deltas()].concat(), none.clone(), vec![]),
        ("half of the deltas and a whole", vec![delta("{\"cmd\":"), whole(full.clone())], none.clone(), vec![]),
        ("deltas and an empty whole", [deltas(), vec![whole(none.clone())]].concat(), none.clone(), vec![]),
        ("deltas and a null", deltas(), Value::Null, vec![]),
        ("deltas and an empty object", deltas(), json!("{}"), vec![]),
        ("the end", vec![], full.clone(), vec![]),
        ("an end as an object", vec![], json!({ "cmd": "ls" }), vec![]),
        ("the list", vec![], Value::Bool(false), vec![function("f", &full)]),
        ("the list behind an empty end", vec![], none.clone(), vec![function("f", &full)]),
        ("deltas and an empty list", deltas(), Value::Bool(false), vec![function("f", &none)]),
        ("all of it", [deltas(), vec![whole(full.clone())]].concat(), full.clone(), vec![function("f", &full)]),
    ];
    for (name, pieces, end, list) in &told {
        for opening in [&none, &json!("{}"), &Value::Null] {
            let mut events = vec![added(function("f", opening))];
            events.extend(pieces.iter().cloned());
            // `false` stands for an end that never comes.
            if !end.is_boolean() {
                events.push(done(function("f", end)));
            }
            events.push(completed(list));
            assert_eq!(read(&events).0, [call(Some("f"), "c", "exec_command", ARGUMENTS)], "{name}, {opening}");
        }
    }
    // With the announcement, whatever follows or does not.
    for rest in
        [vec![], vec![done(function("f", &none))], deltas(), vec![whole(full.clone()), done(function("f", &full))]]
    {
        let events = [vec![added(function("f", &full))], rest, vec![completed(&[])]].concat();
        assert_eq!(read(&events).0, [call(Some("f"), "c", "exec_command", ARGUMENTS)], "{events:?}");
    }
    // Before it, or behind an end that was empty.
    let late = |piece: Vec<Value>| [piece, vec![added(function("f", &none)), completed(&[])]].concat();
    assert_eq!(read(&late(deltas())).0, [call(Some("f"), "c", "exec_command", ARGUMENTS)]);
    let behind = [vec![done(function("f", &none))], deltas(), vec![completed(&[])]].concat();
    assert_eq!(read(&behind).0, [call(Some("f"), "c", "exec_command", ARGUMENTS)]);
    // Calls keep their order, and those behind it are not lost.
    let two = |end: &str| {
        let first =
            json!({ "type": "function_call", "id": "f", "call_id": "c", "name": "exec_command", "arguments": "" });
        let other = json!({ "type": "function_call", "id": "g", "call_id": "d", "name": "exec_command", "arguments": ARGUMENTS });
        let mut last = completed(&[]);
        last["type"] = end.into();
        read(&[done(first), json!({ "type": "response.output_item.done", "output_index": 1, "item": other }), last]).0
    };
    let behind = call(Some("g"), "d", "exec_command", ARGUMENTS);
    assert_eq!(two("response.completed"), [call(Some("f"), "c", "exec_command", ""), behind.clone()]);
    assert_eq!(two("response.incomplete"), [behind]);
    // Two that wait are two, without positions as well, and both get what the list says.
    let empty = |id: &str, arguments: &str| json!({ "type": "function_call", "call_id": id, "name": "exec_command", "arguments": arguments });
    let ended = |id: &str| json!({ "type": "response.output_item.done", "item": empty(id, "") });
    for list in [vec![], vec![empty("a", ARGUMENTS), empty("b", ARGUMENTS)]] {
        let said = if list.is_empty() { "" } else { ARGUMENTS };
        let wanted = ["a", "b"].map(|id| call(None, id, "exec_command", said));
        assert_eq!(read(&[ended("a"), ended("b"), completed(&list)]).0, wanted);
    }
    // What really has no arguments has none.
    for end in [&none, &Value::Null] {
        assert_eq!(read(&[done(function("f", end)), completed(&[])]).0, [call(Some("f"), "c", "exec_command", "")]);
    }
    assert_eq!(
        read(&[done(function("f", &json!("{}"))), completed(&[])]).0,
        [call(Some("f"), "c", "exec_command", "{}")]
    );
}

#[test]
fn a_call_that_only_its_whole_names() {
    let whole = |id: &str, name: &str| json!({ "type": "response.function_call_arguments.done", "item_id": id, "name": name, "arguments": ARGUMENTS });
    assert_eq!(
        read(&[whole("f", "a"), whole("g", "b"), completed(&[])]).0,
        [call(Some("f"), "f", "a", ARGUMENTS), call(Some("g"), "g", "b", ARGUMENTS)]
    );
    // It comes again behind its end, under another id: it runs once.
    let again = json!({ "type": "response.function_call_arguments.done", "item_id": "other", "output_index": 0,
        "name": "exec_command", "arguments": ARGUMENTS });
    let events = [added(function("f", &json!(""))), done(function("f", &json!(ARGUMENTS))), again, completed(&[])];
    assert_eq!(read(&events).0, [call(Some("f"), "c", "exec_command", ARGUMENTS)]);
}

#[test]
fn free_text_is_put_together_in_the_same_way() {
    const PATCH: &str = "*** Begin Patch\n*** End Patch";
    let custom = |text: &str| json!({ "type": "custom_tool_call", "id": "f", "call_id": "c", "name": "apply_patch", "input": text });
    let delta = |piece: &str| input("custom_tool_call_input.delta", "delta", &piece.into());
    let whole = input("custom_tool_call_input.done", "input", &PATCH.into());
    let wanted = HistoryItem::Call {
        id: Some("f".into()),
        call_id: quire_state::key::CallId("c".into()),
        name: "apply_patch".into(),
        namespace: None,
        arguments: PATCH.into(),
        kind: CallKind::Custom,
    };
    for (pieces, end) in [
        (vec![delta("*** Begin Patch\n"), delta("*** End Patch")], Some(custom(""))),
        (vec![delta("*** Begin Patch\n"), delta("*** End Patch")], None),
        (vec![whole.clone()], Some(custom(""))),
        (vec![whole.clone()], None),
        (vec![delta("*** Begin"), whole], Some(custom(""))),
        (vec![], Some(custom(PATCH))),
    ] {
        let events =
            [vec![added(custom(""))], pieces, end.map(done).into_iter().collect(), vec![completed(&[])]].concat();
        assert_eq!(read(&events).0, std::slice::from_ref(&wanted), "{events:?}");
    }
}

#[test]
fn an_incomplete_response_runs_no_call_of_its_pieces() {
    let incomplete = json!({ "type": "response.incomplete", "response": { "incomplete_details": { "reason": "x" } } });
    let events = [
        added(function("f", &json!(""))),
        input("function_call_arguments.delta", "delta", &"{\"cmd\":".into()),
        incomplete,
    ];
    assert_eq!(read(&events).0, []);
    let text = format!("data: {}\n\n", done(function("f", &json!(""))));
    assert_eq!(read_text(&text).1.unwrap_err().kind, FaultKind::StreamCut);
}

#[test]
fn a_message_and_reasoning_are_too() {
    let part = |kind: &str, index: u64, text: &str| json!({ "type": kind, "item_id": "m", "output_index": 0, "content_index": index, "text": text });
    let object = |kind: &str, part: &str, text: &str| json!({ "type": kind, "item_id": "m", "output_index": 0, "part": { "type": part, "text": text } });
    let delta =
        |text: &str| json!({ "type": "response.output_text.delta", "item_id": "m", "output_index": 0, "delta": text });
    let message = |content: Value| json!({ "type": "message", "id": "m", "role": "assistant", "content": content });
    let empty = || message(json!([]));
    let text_done = "response.output_text.done";
    let shapes = [
        vec![added(empty()), part(text_done, 0, "one two"), done(empty())],
        vec![added(empty()), part(text_done, 0, "one two")],
        vec![part(text_done, 0, "one two")],
        vec![
            added(empty()),
            part(text_done, 0, "one "),
            part(text_done, 1, "two"),
            part(text_done, 0, "one "),
            done(empty()),
        ],
        vec![
            added(empty()),
            delta("one "),
            part(text_done, 0, "one two"),
            object("response.content_part.done", "output_text", "one two"),
        ],
        vec![added(empty()), object("response.content_part.done", "output_text", "one two"), done(empty())],
        vec![
            added(empty()),
            delta("one "),
            delta("two"),
            done(message(json!([{ "type": "output_text", "text": "" }]))),
        ],
        vec![added(message(json!([{ "type": "output_text", "text": "one two" }])))],
        // The end says so first, and the part once more.
        vec![
            added(empty()),
            delta("one two"),
            done(message(json!([{ "type": "output_text", "text": "one two" }]))),
            json!({ "type": text_done, "item_id": "other", "output_index": 0, "text": "one two" }),
        ],
    ];
    for (at, shape) in shapes.into_iter().enumerate() {
        let (items, told) = read(&[shape, vec![completed(&[])]].concat());
        assert_eq!(items, [answer(Some("m"), "one two")], "shape {at}");
        assert!(told.is_empty() && at == 7 || told == "one two", "shape {at}: {told}");
    }
    let refusal = json!({ "type": "response.refusal.done", "item_id": "m", "refusal": "No." });
    assert_eq!(read(&[refusal, completed(&[])]), (vec![answer(Some("m"), "No.")], "No.".to_owned()));

    let thought = |summary: &[&str], content: &[&str]| HistoryItem::Reasoning {
        id: Some("m".into()),
        summary: summary.iter().map(|&text| text.to_owned()).collect(),
        content: content.iter().map(|&text| text.to_owned()).collect(),
        encrypted: None,
    };
    let reasoning = || json!({ "type": "reasoning", "id": "m", "summary": [] });
    let summary = |index: u64, text: &str| json!({ "type": "response.reasoning_summary_text.done", "item_id": "m", "summary_index": index, "text": text });
    for (shape, wanted) in [
        (vec![added(reasoning()), summary(0, "a"), summary(1, "b"), done(reasoning())], thought(&["a", "b"], &[])),
        (vec![summary(0, "a"), summary(4_000_000_000, "a")], thought(&["a"], &[])),
        (vec![part("response.reasoning_text.done", 0, "x")], thought(&[], &["x"])),
        (
            vec![object("response.reasoning_summary_part.done", "summary_text", "a"), done(reasoning())],
            thought(&["a"], &[]),
        ),
        (vec![object("response.content_part.done", "reasoning_text", "x"), done(reasoning())], thought(&[], &["x"])),
    ] {
        assert_eq!(read(&[shape, vec![completed(&[])]].concat()).0, [wanted]);
    }
}

#[test]
fn an_item_without_an_id_that_ends_at_another_position_is_one() {
    let at = |kind: &str, index: u64, item: &Value| json!({ "type": format!("response.output_item.{kind}"), "output_index": index, "item": item });
    let message = |id: &str, text: &str| {
        json!({ "type": "message", "id": id, "role": "assistant",
            "content": if text.is_empty() { json!([]) } else { json!([{ "type": "output_text", "text": text }]) } })
    };
    let delta = |id: &str, index: u64, text: &str| json!({ "type": "response.output_text.delta", "item_id": id, "output_index": index, "delta": text });
    let one = |item: &HistoryItem| matches!(item, HistoryItem::Message { .. });
    for (first, pieces, last, end, list) in [
        ("", 0, "", 1, vec![]),
        ("", 0, "", 1, vec![message("", "hi")]),
        (
            "",
            0,
            "",
            1,
            vec![
                json!({ "type": "reasoning", "id": "r", "summary": [], "encrypted_content": "E" }),
                message("m", "hi"),
            ],
        ),
        ("", 1, "", 1, vec![]),
        ("", 1, "", 0, vec![]),
        ("", 0, "late", 3, vec![]),
        ("early", 0, "", 1, vec![]),
        ("early", 0, "late", 2, vec![]),
    ] {
        let piece = if pieces == 0 { first } else { "" };
        let events = [
            at("added", 0, &message(first, "")),
            delta(piece, pieces, "h"),
            delta(piece, pieces, "i"),
            at("done", end, &message(last, "hi")),
            completed(&list),
        ];
        let (items, told) = read(&events);
        assert_eq!((items.iter().filter(|item| one(item)).count(), told.as_str()), (1, "hi"), "{events:?}");
    }
    // Two are two, one after the other and each at its own place.
    let two = [
        at("added", 0, &message("", "")),
        delta("", 0, "a"),
        at("done", 1, &message("", "a")),
        at("added", 1, &message("", "")),
        delta("", 1, "b"),
        at("done", 2, &message("", "b")),
        completed(&[message("", "a"), message("", "b")]),
    ];
    assert_eq!(read(&two), (vec![answer(None, "a"), answer(None, "b")], "ab".to_owned()));
    let apart = [
        at("added", 0, &message("", "")),
        delta("", 0, "a"),
        at("done", 1, &message("", "b")),
        at("done", 0, &message("", "a")),
        completed(&[]),
    ];
    assert_eq!(read(&apart).0, [answer(None, "b"), answer(None, "a")]);

    // Calls and reasoning.
    let nameless = |id: &str, arguments: &str| json!({ "type": "function_call", "id": "", "call_id": id, "name": "exec_command", "arguments": arguments });
    for (opened, closed) in [("c", "c"), ("c", ""), ("", "c")] {
        let events = [
            at("added", 1, &nameless(opened, "")),
            json!({ "type": "response.function_call_arguments.delta", "item_id": "", "output_index": 2, "delta": ARGUMENTS }),
            at("done", 2, &nameless(closed, ARGUMENTS)),
            completed(&[]),
        ];
        assert_eq!(read(&events).0, [call(None, "c", "exec_command", ARGUMENTS)], "{opened} {closed}");
    }
    let thought = |id: &str, text: &str| json!({ "type": "reasoning", "id": id, "summary": if text.is_empty() { json!([]) } else { json!([{ "type": "summary_text", "text": text }]) } });
    let events = [
        at("added", 0, &thought("", "")),
        json!({ "type": "response.reasoning_summary_text.delta", "item_id": "", "output_index": 0, "summary_index": 0, "delta": "hm" }),
        at("done", 1, &thought("", "hm")),
        completed(&[]),
    ];
    assert_eq!(read(&events).0.len(), 1);
}
