//! The request body, and items to the wire and back.

use std::sync::Arc;

use quire_state::{
    cmd::{ModelRequest, Tool, ToolFormat},
    history::{CallKind, HistoryItem, Part, Role},
    key::{CallId, ThreadId},
};
use serde_json::{Value, json};

use crate::model::{
    encode,
    items::{item_from_value, item_to_value},
};

pub(super) fn request(input: Vec<HistoryItem>) -> ModelRequest {
    ModelRequest {
        provider: "test".into(),
        model: "model-x".into(),
        instructions: "Be brief.".into(),
        input: input.into_iter().map(Arc::new).collect(),
        tools: Arc::from([]),
        parallel_tool_calls: true,
        effort: None,
        summary: None,
        verbosity: None,
        output_schema: None,
        service_tier: None,
        thread: ThreadId("thread-1".into()),
        turn: "turn-1".into(),
        idle_timeout_ms: 10_000,
        connect_timeout_ms: 10_000,
    }
}

/// The body's keys in order, and its value.
fn body(request: &ModelRequest) -> (Vec<String>, Value) {
    let value: Value = serde_json::from_slice(&encode::body(request)).unwrap();
    (value.as_object().unwrap().keys().cloned().collect(), value)
}

#[test]
fn a_full_body_in_the_order_of_the_codex_cli() {
    let mut request = request(vec![HistoryItem::message(Role::User, "hi")]);
    request.effort = Some("medium".into());
    request.summary = Some("auto".into());
    request.verbosity = Some("low".into());
    request.output_schema = Some(Arc::new(json!({ "type": "object" })));
    request.service_tier = Some("flex".into());
    request.tools = Arc::from([
        Tool {
            name: "f".into(),
            description: "does".into(),
            format: ToolFormat::Function(json!({ "type": "object" })),
        },
        Tool { name: "g".into(), description: "patches".into(), format: ToolFormat::Grammar("start: x".into()) },
    ]);
    let (_, value) = body(&request);
    let expected = json!({
        "model": "model-x",
        "instructions": "Be brief.",
        "input": [{ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "hi" }] }],
        "tools": [
            { "type": "function", "name": "f", "description": "does", "strict": false, "parameters": { "type": "object" } },
            { "type": "custom", "name": "g", "description": "patches",
                "format": { "type": "grammar", "syntax": "lark", "definition": "start: x" } },
        ],
        "tool_choice": "auto",
        "parallel_tool_calls": true,
        "reasoning": { "effort": "medium", "summary": "auto" },
        "store": false,
        "stream": true,
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "thread-1",
        "text": { "verbosity": "low", "format": { "type": "json_schema", "strict": true,
            "name": "codex_output_schema", "schema": { "type": "object" } } },
        "client_metadata": { "session_id": "thread-1", "thread_id": "thread-1", "turn_id": "turn-1" },
        "service_tier": "flex",
    });
    // As text, so that the order of the keys counts.
    assert_eq!(value.to_string(), expected.to_string());
}

#[test]
fn a_plain_body_leaves_out_what_is_not_set() {
    let (keys, value) = body(&request(Vec::new()));
    assert_eq!(
        keys.join(" "),
        "model instructions input tools tool_choice parallel_tool_calls reasoning store stream include \
         prompt_cache_key client_metadata"
    );
    assert_eq!((&value["reasoning"], &value["include"]), (&Value::Null, &json!([])));
}

fn reasoning(id: Option<&str>, content: &[&str], encrypted: Option<&str>) -> HistoryItem {
    HistoryItem::Reasoning {
        id: id.map(str::to_owned),
        summary: vec!["s".into()],
        content: content.iter().map(|text| (*text).to_owned()).collect(),
        encrypted: encrypted.map(str::to_owned),
    }
}

#[test]
fn reasoning_goes_up_opaque_and_no_id_does() {
    let call =
        item_from_value(json!({ "type": "function_call", "id": "fc", "call_id": "c", "name": "f", "arguments": "{}" }));
    let opaque = HistoryItem::Opaque(json!({ "type": "web_search_call", "id": "ws", "status": "completed" }));
    let input = vec![
        reasoning(Some("rs_1"), &[], Some("ENC")),
        reasoning(Some("rs_2"), &["raw"], None),
        reasoning(Some("rs_3"), &[], None),
        reasoning(None, &["raw"], None),
        item_from_value(
            json!({ "type": "message", "id": "msg", "role": "assistant", "phase": "final_answer", "content": "a" }),
        ),
        call,
        opaque,
    ];
    let (_, value) = body(&request(input));
    let summary = json!([{ "type": "summary_text", "text": "s" }]);
    assert_eq!(
        value["input"],
        json!([
            { "type": "reasoning", "summary": summary, "encrypted_content": "ENC" },
            { "type": "reasoning", "summary": summary, "content": [{ "type": "reasoning_text", "text": "raw" }] },
            { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "a" }], "phase": "final_answer" },
            { "type": "function_call", "name": "f", "arguments": "{}", "call_id": "c" },
            { "type": "web_search_call", "id": "ws", "status": "completed" },
        ])
    );
}

#[test]
fn outputs_are_one_text_or_a_list_of_parts() {
    let output = |content| HistoryItem::Output { call_id: CallId("c".into()), content, kind: CallKind::Function };
    let image = Part::Image { url: "data:image/png;base64,AA".into(), detail: Some("high".into()) };
    for (content, expected) in [
        (vec![], json!("")),
        (vec![Part::Text("out".into())], json!("out")),
        (
            vec![Part::Text("see".into()), image],
            json!([{ "type": "input_text", "text": "see" },
                { "type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "high" }]),
        ),
    ] {
        let value = item_to_value(&output(content.clone()));
        assert_eq!(value, json!({ "type": "function_call_output", "call_id": "c", "output": expected }));
    }
}

#[test]
fn every_item_comes_back_as_it_was() {
    let call = |kind, namespace: Option<&str>| HistoryItem::Call {
        id: Some("i".into()),
        call_id: CallId("c".into()),
        name: "n".into(),
        namespace: namespace.map(str::to_owned),
        arguments: "{\"a\": 1}".into(),
        kind,
    };
    for item in [
        HistoryItem::message(Role::Developer, "d"),
        HistoryItem::message(Role::System, "s"),
        HistoryItem::Message {
            id: Some("m".into()),
            role: Role::Assistant,
            content: vec![Part::Text("a".into()), Part::Text("b".into())],
            phase: Some("commentary".into()),
        },
        HistoryItem::Message {
            id: None,
            role: Role::User,
            content: vec![Part::Image { url: "data:x".into(), detail: None }, Part::Text("t".into())],
            phase: None,
        },
        reasoning(Some("r"), &["raw"], Some("ENC")),
        call(CallKind::Function, Some("mcp__x")),
        call(CallKind::Custom, None),
        HistoryItem::Output {
            call_id: CallId("c".into()),
            content: vec![Part::Text("a".into()), Part::Text("b".into())],
            kind: CallKind::Custom,
        },
        HistoryItem::Opaque(json!({ "type": "local_shell_call", "action": { "command": ["ls"] }, "id": "x" })),
    ] {
        assert_eq!(item_from_value(item_to_value(&item)), item);
    }
}

#[test]
fn items_of_other_programs_are_understood_or_kept_whole() {
    for (wire, expected) in [
        (json!({ "role": "user", "content": "hi" }), HistoryItem::message(Role::User, "hi")),
        (
            json!({ "type": "message", "role": "assistant", "content": [{ "type": "refusal", "refusal": "no" }] }),
            HistoryItem::message(Role::Assistant, "no"),
        ),
        (
            json!({ "type": "function_call", "id": "only", "name": "f", "arguments": { "a": 1 } }),
            super::samples::call(Some("only"), "only", "f", "{\"a\":1}"),
        ),
        (
            json!({ "type": "function_call", "id": "i", "call_id": "c", "name": "", "arguments": "{}" }),
            super::samples::call(Some("i"), "c", "", "{}"),
        ),
        (json!({ "type": "function_call", "call_id": "c" }), super::samples::call(None, "c", "", "")),
        // What has no name gets one before it goes up again.
        (json!({ "type": "function_call", "name": "f", "arguments": "{}" }), super::samples::call(None, "", "f", "{}")),
        (
            json!({ "type": "function_call_output", "output": "x" }),
            HistoryItem::Output {
                call_id: CallId(String::new()),
                content: vec![Part::Text("x".into())],
                kind: CallKind::Function,
            },
        ),
        (
            json!({ "type": "function_call_output", "call_id": "c", "output": { "content": "x" } }),
            HistoryItem::Output {
                call_id: CallId("c".into()),
                content: vec![Part::Text("{\"content\":\"x\"}".into())],
                kind: CallKind::Function,
            },
        ),
    ] {
        assert_eq!(item_from_value(wire), expected);
    }
    for whole in [
        json!({ "type": "message", "role": "tool", "content": "x" }),
        json!({ "type": "message", "role": "user", "content": [{ "type": "input_file", "file_id": "f" }] }),
        json!({ "type": 5 }),
        json!("text"),
        json!(null),
    ] {
        let item = item_from_value(whole.clone());
        assert_eq!(item, HistoryItem::Opaque(whole.clone()));
        assert_eq!(item_to_value(&item), whole);
    }
}
