//! Every scenario that a message can name.

use serde_json::json;

use super::{Heard, first_tools, hear, output, play_turn, ran, request, user};
use crate::scripted::{Beat, Script, respond};

fn once(directive: &str) -> Heard {
    hear(&Script::parse("").unwrap(), &request(&[user(directive)]))
}

#[test]
fn plain_streams_the_stated_deltas() {
    let heard = once("please mock:plain n=7 size=10 end=1\nand more");
    assert_eq!(heard.deltas(), 8);
    assert_eq!(heard.text().len(), 70 + "\n\n\u{3a9}\n".len());
    assert!(heard.text().ends_with("\n\n\u{3a9}\n"));
    assert_eq!(heard.last_kind(), "response.completed");
    assert_eq!(heard.event("response.completed").unwrap()["response"]["usage"]["total_tokens"], 1260);
    assert!(heard.pauses.is_empty());
}

#[test]
fn plain_waits_between_deltas() {
    assert_eq!(once("mock:plain n=3 delay=4").pauses, [4, 4, 4]);
}

#[test]
fn a_hundred_thousand_deltas_are_made_as_they_are_taken() {
    let script = Script::parse("").unwrap();
    let body = request(&[user("mock:plain n=100000 size=10")]);
    let mut lengths = Vec::new();
    for beat in respond(&script, &body) {
        let Beat::Bytes(bytes) = beat else { panic!("{beat:?}") };
        lengths.push(bytes.len());
    }
    let total: usize = lengths.iter().sum();
    assert!(total > 15_000_000, "{total} bytes");
    let large = lengths.iter().filter(|length| **length > 20_000).count();
    assert_eq!(large, 2, "only what closes the message and the response holds the whole text");
}

#[test]
fn texts_of_all_sorts() {
    assert!(once("mock:md").text().contains("| beta | 22 |"));
    let many = once("mock:md n=3 size=4000 end=1").text();
    assert!(many.matches("| beta | 22 |").count() == 3 && many.ends_with("Ω\n"));
    assert_eq!(once(r#"mock:json text='{"answer": 42}'"#).text(), r#"{"answer": 42}"#);
    let big = once("mock:big kb=300");
    assert_eq!((big.deltas(), big.text().len()), (1, 300 * 1024));
    let comment = once("mock:comment");
    let phases: Vec<_> = comment.items.iter().map(|item| item["phase"].as_str().unwrap()).collect();
    assert_eq!(phases, ["commentary", "final_answer"]);
    let nothing = once("mock:refuse");
    assert!(nothing.items.is_empty() && nothing.last_kind() == "response.completed");
}

#[test]
fn reasoning_has_a_summary_and_encrypted_content() {
    let heard = once("mock:reason n=3");
    let reasoning = &heard.items[0];
    assert_eq!(reasoning["type"], "reasoning");
    assert!(reasoning["summary"][0]["text"].as_str().unwrap().starts_with("**Weighing the options**\n\n"));
    assert!(reasoning["encrypted_content"].is_string());
    assert_eq!(heard.text(), "Thought it through.");
}

#[test]
fn shell_scenarios_call_and_then_tell() {
    for (directive, rounds, calls) in [
        ("mock:sh cmd='echo hi' yield_time_ms=500", 2, 1),
        ("mock:shs n=3 cmd='echo %i'", 4, 3),
        ("mock:par n=4 cmd='echo %i'", 2, 4),
    ] {
        let mut items = vec![user(directive)];
        let responses = play_turn(&Script::parse("").unwrap(), &mut items, &first_tools(), |call| ran(call, "hi\n"));
        let all: Vec<_> = responses.iter().flat_map(Heard::calls).collect();
        assert_eq!((responses.len(), all.len()), (rounds, calls), "{directive}");
        assert_eq!(responses.last().unwrap().text(), "The command ran.");
        let mut ids: Vec<_> = all.iter().map(|call| call["call_id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), calls, "call ids must differ");
    }
    let arguments = once("mock:sh cmd='echo hi' yield_time_ms=500").arguments("exec_command");
    assert_eq!(arguments, json!({ "cmd": "echo hi", "yield_time_ms": 500 }));
    assert_eq!(once("mock:par n=2 cmd='echo %i'").calls()[1]["arguments"], r#"{"cmd":"echo 1"}"#);
}

#[test]
fn a_message_in_between_steers_and_a_new_turn_ends_the_scenario() {
    let script = Script::parse("when\n  say ordinary").unwrap();
    let mut items = vec![user("mock:shs n=2 cmd=true")];
    let first = hear(&script, &request(&items));
    items.extend(first.items.iter().cloned());
    items.push(ran(first.calls()[0], ""));
    items.push(user("hurry up"));
    let second = hear(&script, &request(&items));
    assert_eq!(second.calls().len(), 1, "the scenario goes on");
    items.extend(second.items.iter().cloned());
    items.push(ran(second.calls()[0], ""));
    let third = hear(&script, &request(&items));
    assert_eq!(third.text(), "The command ran.");
    items.extend(third.items.iter().cloned());
    items.push(user("something else"));
    assert_eq!(hear(&script, &request(&items)).text(), "ordinary");
}

#[test]
fn tools_by_name() {
    let plan = once("mock:plan").arguments("update_plan");
    assert_eq!(plan["plan"][0]["status"], "in_progress");
    let tool = once(r#"mock:tool name=view_image args='{"path": "a.png"}'"#);
    assert_eq!(tool.arguments("view_image"), json!({ "path": "a.png" }));
    let broken = once("mock:tool name=exec_command args='{\"cmd\": '");
    assert_eq!(broken.items[0]["arguments"], "{\"cmd\": ");
    let custom = once("mock:custom name=apply_patch\n*** Begin Patch\n*** End Patch");
    assert_eq!(custom.items[0]["type"], "custom_tool_call");
    assert_eq!(custom.items[0]["input"], "*** Begin Patch\n*** End Patch");
    let mut items = vec![user("mock:plan")];
    let responses =
        play_turn(&Script::parse("").unwrap(), &mut items, &first_tools(), |call| output(call, "Plan updated"));
    assert_eq!(responses.len(), 4);
    assert!(!responses[2].arguments("update_plan").to_string().contains("in_progress"));
}

#[test]
fn failures_come_the_stated_number_of_times() {
    let script = Script::parse("").unwrap();
    let body = request(&[user("mock:http status=503 times=2 retry_after=7")]);
    for _ in 0..2 {
        let (code, headers, text) = hear(&script, &body).status.unwrap();
        assert_eq!(code, 503);
        assert!(headers.contains(&("retry-after".to_owned(), "7".to_owned())));
        assert!(text.contains("Scripted error 503"));
    }
    assert_eq!(hear(&script, &body).last_kind(), "response.completed");

    let cut = request(&[user("mock:cut after=3 times=1")]);
    let first = hear(&script, &cut);
    assert!(first.is_cut);
    assert_eq!((first.deltas(), first.items.len()), (3, 0));
    assert_eq!(hear(&script.clone(), &cut).last_kind(), "response.completed", "clones share the count");
}

#[test]
fn streams_that_do_not_complete() {
    let hang = once("mock:hang after=2 secs=30");
    assert_eq!((hang.deltas(), hang.pauses.as_slice(), hang.is_cut), (2, &[30_000][..], true));
    let bytes = once("mock:cut bytes=777");
    assert_eq!((bytes.bytes.len(), bytes.is_cut), (777, true));
    let failed = once("mock:failed code=rate_limit_exceeded message='try again in 1.9s'");
    let error = &failed.event("response.failed").unwrap()["response"]["error"];
    assert_eq!(error, &json!({ "code": "rate_limit_exceeded", "message": "try again in 1.9s" }));
    assert_eq!(once("mock:error code=boom").event("error").unwrap()["code"], "boom");
    let incomplete = once("mock:incomplete reason=content_filter");
    let response = &incomplete.event("response.incomplete").unwrap()["response"];
    assert_eq!(response["incomplete_details"]["reason"], "content_filter");
    assert_eq!(response["usage"]["input_tokens"], 1200);
    let usage = once("mock:usage in=10 out=4");
    let usage = &usage.event("response.completed").unwrap()["response"]["usage"];
    assert_eq!((usage["input_tokens"].as_u64(), usage["total_tokens"].as_u64()), (Some(10), Some(14)));
    assert_eq!(usage["input_tokens_details"]["cached_tokens"], 10, "no more cached than sent");
}

#[test]
fn an_unknown_name_is_ordinary_text() {
    let script = Script::parse("when\n  say ordinary").unwrap();
    assert_eq!(hear(&script, &request(&[user("a mock: of sorts")])).text(), "ordinary");
}
