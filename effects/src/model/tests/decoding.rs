//! What servers really send: other ids, no ids, no ends, everything twice.

use quire_state::{
    fault::{Fault, FaultKind},
    history::HistoryItem,
    msg::{Ended, ModelReport},
};
use serde_json::{Value, json};

use super::samples::{answer, call, done, read_text, text};

fn stream(events: &[Value]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

fn reports(events: &[Value]) -> Vec<ModelReport> {
    let (reports, end) = read_text(&stream(events));
    assert_eq!(end, Ok(()));
    reports
}

fn fault(text: &str) -> Fault {
    let (_, end) = read_text(text);
    end.unwrap_err()
}

fn delta(id: &str, piece: &str) -> Value {
    json!({ "type": "response.output_text.delta", "item_id": id, "delta": piece })
}

fn completed() -> Value {
    json!({ "type": "response.completed", "response": { "status": "completed" } })
}

fn over() -> ModelReport {
    ModelReport::Completed { usage: None, ended: Ended::Whole }
}

#[test]
fn a_server_with_few_keys() {
    // As llama-server sends it: no positions, no sequence numbers, foreign keys beside the response.
    let item = json!({ "type": "message", "id": "msg_a", "role": "assistant", "status": "completed",
        "content": [{ "type": "output_text", "text": "It is noon.", "annotations": [], "logprobs": [] }] });
    let function = json!({ "type": "function_call", "id": "fc_a", "call_id": "call_a", "name": "shell",
        "arguments": "{\"command\":[\"da", "status": "completed" });
    assert_eq!(
        reports(&[
            json!({ "type": "response.created", "response": { "id": "r", "object": "response", "status": "in_progress" } }),
            json!({ "type": "response.output_item.added", "item": { "type": "message", "id": "msg_a", "content": [] } }),
            delta("msg_a", "It is "),
            delta("msg_a", "noon."),
            json!({ "type": "response.output_item.done", "item": item }),
            json!({ "type": "response.output_item.added", "item": { "type": "function_call", "id": "fc_a",
                "call_id": "call_a", "name": "shell", "arguments": "" } }),
            json!({ "type": "response.function_call_arguments.delta", "item_id": "fc_other", "delta": "{\"comm" }),
            json!({ "type": "response.output_item.done", "item": function }),
            json!({ "type": "response.completed", "timings": { "ms": 1 }, "response": { "status": "completed",
                "output": [item, function], "usage": { "input_tokens": 3, "output_tokens": 4 } } }),
        ])[..4],
        [
            text(0, "It is noon."),
            done(0, answer(Some("msg_a"), "It is noon.")),
            ModelReport::CallInput { item: 1, bytes: 6 },
            done(1, call(Some("fc_a"), "call_a", "shell", "{\"command\":[\"da")),
        ]
    );
}

#[test]
fn text_that_came_only_as_pieces_forms_the_message() {
    let expected = vec![text(0, "one two"), done(0, answer(Some("m"), "one two")), over()];
    assert_eq!(reports(&[delta("m", "one "), delta("m", "two"), completed()]), expected);
    let marker = format!("{}data: [DONE]\n\n", stream(&[delta("m", "one "), delta("m", "two")]));
    assert_eq!(read_text(&marker), (expected.clone(), Ok(())));
    // Even without the last line end.
    assert_eq!(read_text(marker.trim_end()), (expected, Ok(())));
}

#[test]
fn the_response_s_own_list_completes_items_that_never_ended() {
    let list = json!({ "type": "response.completed", "response": { "output": [
        { "type": "message", "id": "m", "role": "assistant", "content": [{ "type": "output_text", "text": "one two!" }] },
        { "type": "function_call", "id": "f", "call_id": "c", "name": "shell", "arguments": "{}" },
    ] } });
    assert_eq!(
        reports(&[delta("m", "one "), list]),
        [text(0, "one "), done(0, answer(Some("m"), "one two!")), done(1, call(Some("f"), "c", "shell", "{}")), over()]
    );
}

#[test]
fn an_end_without_completion_is_a_cut_and_done_without_output_too() {
    let item = json!({ "type": "response.output_item.done", "item": { "type": "message", "role": "assistant",
        "content": "hi" } });
    let (told, end) = read_text(&stream(&[item]));
    assert_eq!(told, [done(0, answer(None, "hi"))]);
    assert_eq!(end.unwrap_err().kind, FaultKind::StreamCut);
    assert_eq!(fault("data: [DONE]\n\n").kind, FaultKind::StreamCut);
    assert_eq!(fault("").kind, FaultKind::StreamCut);
}

#[test]
fn repeated_and_late_events_change_nothing() {
    let added = json!({ "type": "response.output_item.added", "output_index": 0,
        "item": { "type": "message", "id": "m", "role": "assistant", "content": [] } });
    let ended = json!({ "type": "response.output_item.done", "output_index": 0,
        "item": { "type": "message", "id": "m", "role": "assistant", "content": [{ "type": "output_text", "text": "a" }] } });
    let unnamed = json!({ "type": "response.output_item.done",
        "item": { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "b" }] } });
    assert_eq!(
        reports(&[
            added.clone(),
            added.clone(),
            delta("m", "a"),
            ended.clone(),
            ended,
            delta("m", "late"),
            added,
            unnamed.clone(),
            unnamed,
            completed(),
        ]),
        [text(0, "a"), done(0, answer(Some("m"), "a")), done(1, answer(None, "b")), over()]
    );
}

#[test]
fn ids_that_change_with_every_event_are_matched_by_position() {
    let at = |id: &str, piece: &str| json!({ "type": "response.output_text.delta", "item_id": id, "output_index": 0, "delta": piece });
    let item = |id: &str| {
        json!({ "type": "message", "id": id, "role": "assistant",
            "content": [{ "type": "output_text", "text": "ab" }] })
    };
    assert_eq!(
        reports(&[
            json!({ "type": "response.output_item.added", "output_index": 0, "item": item("1") }),
            at("2", "a"),
            at("3", "b"),
            json!({ "type": "response.output_item.done", "output_index": 0, "item": item("4") }),
            json!({ "type": "response.completed", "response": { "output": [item("5")] } }),
        ]),
        [text(0, "ab"), done(0, answer(Some("4"), "ab")), over()]
    );
}

#[test]
fn a_position_that_never_moves_does_not_mix_items() {
    let at = |kind: &str, id: &str, piece: &str| json!({ "type": format!("response.{kind}.delta"), "item_id": id, "output_index": 0, "delta": piece });
    assert_eq!(
        reports(&[
            at("reasoning_text", "r", "hm"),
            at("output_text", "m", "a"),
            at("output_text", "m", "b"),
            completed()
        ]),
        [
            ModelReport::Reasoning { item: 0, part: 0, delta: "hm".into() },
            text(1, "ab"),
            done(
                0,
                HistoryItem::Reasoning {
                    id: Some("r".into()),
                    summary: Vec::new(),
                    content: vec!["hm".into()],
                    encrypted: None
                }
            ),
            done(1, answer(Some("m"), "ab")),
            over(),
        ]
    );
}

#[test]
fn several_calls_without_ids_or_positions_are_told_apart_by_their_names() {
    let item = |name: &str| json!({ "type": "function_call", "call_id": name, "name": "shell", "arguments": "{}" });
    let event = |kind: &str, name: &str| json!({ "type": format!("response.output_item.{kind}"), "item": item(name) });
    assert_eq!(
        reports(&[event("added", "a"), event("added", "b"), event("done", "a"), event("done", "b"), completed()]),
        [done(0, call(None, "a", "shell", "{}")), done(1, call(None, "b", "shell", "{}")), over()]
    );
}

#[test]
fn summary_parts_are_numbered_and_an_absurd_number_makes_no_gap() {
    let piece = |part: Value| json!({ "type": "response.reasoning_summary_text.delta", "item_id": "r", "summary_index": part, "delta": "x" });
    let part_added = json!({ "type": "response.reasoning_summary_part.added", "item_id": "r" });
    let (told, _) =
        read_text(&stream(&[piece(json!(0)), piece(json!(4_000_000_000_u64)), part_added, piece(Value::Null)]));
    let summary = |part| ModelReport::Summary { item: 0, part, delta: "x".into() };
    assert_eq!(told, [summary(0), summary(1), summary(2)]);
}

#[test]
fn an_incomplete_response_keeps_its_text_and_drops_calls_that_are_cut_off() {
    let events = [
        delta("m", "half"),
        json!({ "type": "response.output_item.added", "item": { "type": "function_call", "id": "f", "call_id": "c",
            "name": "shell", "arguments": "" } }),
        json!({ "type": "response.function_call_arguments.delta", "item_id": "f", "delta": "{\"cm" }),
        json!({ "type": "response.incomplete", "response": { "incomplete_details": { "reason": "max_output_tokens" },
            "output": [{ "type": "function_call", "id": "f", "call_id": "c", "name": "shell", "arguments": "{\"cm" }] } }),
    ];
    assert_eq!(
        reports(&events),
        [
            text(0, "half"),
            ModelReport::CallInput { item: 1, bytes: 4 },
            done(0, answer(Some("m"), "half")),
            ModelReport::Completed { usage: None, ended: Ended::Incomplete { reason: "max_output_tokens".into() } },
        ]
    );
}

#[test]
fn unknown_events_and_surprising_types_are_ignored() {
    let odd = [
        json!({ "type": "response.web_search_call.searching", "delta": { "a": [1] }, "item_id": 7 }),
        json!({ "type": "response.output_text.delta", "item_id": "m", "output_index": "zero", "delta": ["no"] }),
        json!({ "type": "codex.rate_limits", "response": null, "error": null }),
        json!({ "type": "response.output_item.added", "item": "nothing" }),
        delta("m", "a"),
        completed(),
    ];
    assert_eq!(reports(&odd), [text(0, "a"), done(0, answer(Some("m"), "a")), over()]);
    let foreign = format!("event: heartbeat\ndata: now\n\ndata:\n\n{}", stream(&[delta("m", "a"), completed()]));
    assert_eq!(read_text(&foreign).1, Ok(()));
    let named = "event: response.output_text.delta\ndata: {\"delta\":\"a\"}\n\ndata: [DONE]\n\n";
    assert_eq!(read_text(named).0, [text(0, "a"), done(0, answer(None, "a")), over()]);
}

#[test]
fn bytes_that_are_no_text_become_replacement_characters() {
    let mut bytes = b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"a".to_vec();
    bytes.extend_from_slice(b"\xff\"}\n\n");
    assert_eq!(super::samples::read([bytes.as_slice()]).0, [text(0, "a\u{fffd}")]);
}

#[test]
fn broken_events_are_a_fault_that_shows_how_they_begin() {
    let fault = fault("data: {\"type\": <html>\u{1b}[2J\n\n");
    assert_eq!(fault.kind, FaultKind::Malformed);
    assert_eq!(
        fault.line(),
        "host.test sent an event that is not JSON. It begins: {\"type\": <html> [2J Check that `base_url` of provider \
         `test` leads to a Responses API."
    );
    assert_eq!(self::fault("event: response.completed\ndata: {\n\n").kind, FaultKind::Malformed);
    // Nested too deep to be sensible: refused, not a crash.
    let deep = format!("data: {{\"item\":{}\n\n", "[".repeat(100_000));
    assert_eq!(self::fault(&deep).kind, FaultKind::Malformed);
}

#[test]
fn failures_in_the_stream_by_their_code() {
    let failed = |code: Value, message: &str| {
        let error = json!({ "code": code, "message": message });
        fault(&stream(&[json!({ "type": "response.failed", "response": { "status": "failed", "error": error } })]))
    };
    for (code, kind) in [
        (json!("context_length_exceeded"), FaultKind::ContextTooLong),
        (json!("insufficient_quota"), FaultKind::QuotaExceeded),
        (json!("rate_limit_exceeded"), FaultKind::RateLimited),
        (json!("server_is_overloaded"), FaultKind::Overloaded),
        (json!("invalid_prompt"), FaultKind::BadRequest),
        (json!("server_error"), FaultKind::Server),
        (json!("brand_new"), FaultKind::Server),
        (json!(500), FaultKind::Server),
        (json!(402), FaultKind::QuotaExceeded),
        (json!("402"), FaultKind::QuotaExceeded),
        (json!(401), FaultKind::Auth),
        (json!(422), FaultKind::BadRequest),
        (json!(429), FaultKind::RateLimited),
        (json!(529), FaultKind::Overloaded),
        (json!("slow_down"), FaultKind::Overloaded),
        (json!("overloaded_error"), FaultKind::Overloaded),
        (json!("insufficient_credits"), FaultKind::QuotaExceeded),
        (Value::Null, FaultKind::Server),
    ] {
        assert_eq!(failed(code.clone(), "m").kind, kind, "{code}");
    }
    let limited = failed(json!("rate_limit_exceeded"), "Rate limit reached. Please try again in 1.898s.");
    assert_eq!(limited.retry_after_ms, Some(1898));
    assert_eq!(
        limited.summary,
        "host.test limits the rate of requests for `model-x`: Rate limit reached. Please try again in 1.898s."
    );
    for bare in [
        json!({ "type": "error", "code": "server_error", "message": "boom" }),
        json!({ "type": "error", "error": { "type": "server_error", "message": "boom" } }),
        json!({ "error": { "code": 500, "message": "boom" } }),
        json!({ "error": "boom" }),
        // Beside the response, within it, or both.
        json!({ "type": "response.failed", "response": { "status": "failed", "error": null }, "error": { "code": "server_error", "message": "boom" } }),
        json!({ "type": "response.failed", "response": { "status": "failed" }, "error": "boom" }),
        json!({ "type": "response.failed", "error": { "message": "boom" } }),
        json!({ "type": "response.failed", "code": 500, "message": "boom" }),
        json!({ "type": "response.failed", "response": { "error": { "code": "x" } }, "error": { "message": "boom" } }),
        json!({ "type": "response.completed", "response": { "status": "failed" }, "error": { "message": "boom" } }),
        json!([{ "error": { "code": 500, "message": "boom" } }]),
        json!({ "type": "error", "error": { "error": { "message": "boom" } } }),
        json!({ "type": "error", "error": { "message": "{\"error\":{\"message\":\"boom\"}}" } }),
        json!({ "type": "error", "status": 500, "message": "boom" }),
    ] {
        let fault = fault(&stream(&[bare]));
        assert_eq!(fault.kind, FaultKind::Server);
        assert_eq!(fault.summary, "host.test failed while answering for `model-x`: boom.");
    }
    for (event, kind) in [
        (json!({ "type": "error", "error": { "type": "overloaded_error", "message": "m" } }), FaultKind::Overloaded),
        (json!({ "type": "error", "status": 402, "message": "m" }), FaultKind::QuotaExceeded),
        (json!({ "error": { "code": 402, "message": "m", "metadata": { "raw": "x" } } }), FaultKind::QuotaExceeded),
        (
            json!({ "error": { "message": "This request requires more credits, or fewer max_tokens." } }),
            FaultKind::QuotaExceeded,
        ),
        (json!({ "error": { "type": "invalid_request_error", "message": "m" } }), FaultKind::BadRequest),
        (json!({ "error": "model 'x' not found" }), FaultKind::NotFound),
    ] {
        assert_eq!(fault(&stream(std::slice::from_ref(&event))).kind, kind, "{event}");
    }
    let asked = fault(&stream(&[
        json!({ "type": "error", "error": { "code": "slow_down", "message": "m", "retry_after": 2 } }),
    ]));
    assert_eq!(asked.retry_after_ms, Some(2000));
    // Very long lists are no error that anybody reads.
    assert_eq!(fault(&format!("data: [{}0]\n\n", "0,".repeat(1 << 20))).kind, FaultKind::Malformed);
}
