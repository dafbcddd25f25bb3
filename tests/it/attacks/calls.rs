//! Calls that cannot be read: F48. Each gets a result that the model can read, and the history stays whole.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::scene::{exec_script, stand};
use crate::sandbox::stand::{Stand, User};

/// A response that is these function calls, as they stand: identity, name, arguments.
fn script(calls: &[(String, &str, String)]) -> String {
    let mut script = String::from("when user=\"go\"\n");
    for (at, (id, name, arguments)) in calls.iter().enumerate() {
        let item = json!({ "type": "function_call", "id": format!("fc_{at}"), "call_id": id, "name": name,
                           "arguments": arguments, "status": "completed" });
        let done = json!({ "output_index": at, "item": item });
        writeln!(script, "  event response.output_item.done {done}").unwrap();
    }
    script.push_str("then\n  say \"It is over.\"\n");
    script
}

fn call(at: usize, name: &'static str, arguments: impl Into<String>) -> (String, &'static str, String) {
    (format!("call_{at}"), name, arguments.into())
}

/// Every call has one output behind it, and every output belongs to one call.
#[track_caller]
fn is_whole(stand: &Stand, count: usize) {
    let bodies = stand.bed.bodies();
    let input = bodies.last().unwrap()["input"].as_array().unwrap();
    let of = |kind: &str| -> Vec<&Value> {
        input.iter().filter(|item| item["type"] == kind).map(|item| &item["call_id"]).collect()
    };
    assert_eq!(of("function_call").len(), count);
    assert_eq!(of("function_call"), of("function_call_output"), "in call order");
}

#[test]
fn what_cannot_be_read_is_answered_in_words() {
    let mut stand = stand(User::Own);
    let patch = "*** Begin Patch\n*** Add File: new\n+x\n*** End Patch";
    let cases = [
        ("exec_command", "", "failed to parse function arguments: "),
        ("exec_command", "{", "failed to parse function arguments: "),
        ("exec_command", "nonsense", "failed to parse function arguments: "),
        ("exec_command", "null", "failed to parse function arguments: "),
        ("exec_command", "[]", "failed to parse function arguments: "),
        ("exec_command", "\"ls\"", "failed to parse function arguments: "),
        ("exec_command", "{\"cmd\":\"echo a\"} x", "failed to parse function arguments: "),
        ("exec_command", "{\"cmd\":\"echo a", "failed to parse function arguments: "),
        ("exec_command", "{}", "missing field `cmd`"),
        ("exec_command", "{\"cmd\": 7}", "failed to parse function arguments: "),
        ("exec_command", "{\"cmd\": [\"ls\"]}", "failed to parse function arguments: "),
        ("exec_command", "{\"cmd\": null}", "failed to parse function arguments: "),
        ("exec_command", "{\"cmd\": \"echo one\", \"cmd\": \"echo two\"}", "duplicate field"),
        ("exec_command", "{\"cmd\": \"echo [a]\", \"what\": {\"is\": [\"this\"]}}", "\n[a]\n"),
        ("exec_command", "{\"cmd\": \"echo [b]\", \"yield_time_ms\": \"5000\", \"tty\": \"false\"}", "\n[b]\n"),
        ("exec_command", "{\"cmd\": \"echo [c]\", \"yield_time_ms\": 1e300, \"max_output_tokens\": 4.5}", "\n[c]\n"),
        ("exec_command", "{\"cmd\": \"echo [d]\", \"yield_time_ms\": -1}", "is no number"),
        ("exec_command", "{\"cmd\": \"echo [e]\", \"yield_time_ms\": \"soon\"}", "is no number"),
        ("exec_command", "{\"cmd\": \"echo [f]\", \"tty\": 3}", "neither true nor false"),
        ("exec_command", "{\"cmd\": \"echo a\\u0000b\"}", ""),
        ("exec_command", "{\"cmd\": \"\"}", "exited with code 0"),
        ("exec_command", "{\"cmd\": \"echo \\ud800\"}", "failed to parse function arguments: "),
        ("write_stdin", "{\"session_id\": \"x\"}", "is no number"),
        ("write_stdin", "{}", "missing field `session_id`"),
        ("write_stdin", "{\"session_id\": 99, \"chars\": \"x\"}", "No running command has session ID 99"),
        ("write_stdin", "{\"session_id\": 18446744073709551615}", "No running command has session ID"),
        ("apply_patch", "{}", "missing field"),
        ("apply_patch", "{\"input\": \"\"}", "apply_patch verification failed"),
        ("apply_patch", "{\"input\": {\"a\": 1}}", "failed to parse function arguments: "),
        ("apply_patch", &json!({ "input": patch, "workdir": "/", "more": 1 }).to_string(), "Success"),
        ("update_plan", "{\"plan\": \"all\"}", "failed to parse function arguments: "),
        ("no_such_tool", "{}", "unsupported call: no_such_tool"),
        ("exec_command\u{1b}[2J", "{}", "unsupported call: "),
        ("../exec_command", "{\"cmd\": \"echo a\"}", "unsupported call: "),
        ("EXEC_COMMAND", "{\"cmd\": \"echo a\"}", "unsupported call: "),
    ];
    let calls: Vec<_> =
        cases.iter().enumerate().map(|(at, case)| (format!("call_{at}"), case.0, case.1.to_owned())).collect();
    let (_, told) = exec_script(&mut stand, "workspace-write", &script(&calls));
    assert_eq!(told.len(), cases.len());
    for ((name, arguments, said), told) in cases.iter().zip(&told) {
        assert!(told.contains(said) && !told.is_empty(), "{name} {arguments}: {told}");
    }
    is_whole(&stand, cases.len());
    stand.is_untouched();
}

#[test]
fn arguments_of_ten_megabytes_are_an_argument() {
    let mut stand = stand(User::Own);
    let big = "x".repeat(10 << 20);
    let calls = [
        call(0, "exec_command", json!({ "cmd": format!("echo {big}") }).to_string()),
        call(1, "exec_command", format!("{{\"cmd\": \"{big}")),
        call(2, "no_such_tool", json!({ "text": big }).to_string()),
        call(3, "exec_command", json!({ "cmd": "echo [still here]" }).to_string()),
    ];
    // One response may not be larger than an event; so each call has a response of its own.
    let mut script = String::new();
    for (at, one) in calls.iter().enumerate() {
        let rule = self::script(std::slice::from_ref(one));
        let rule = rule.trim_start_matches("when user=\"go\"\n").trim_end_matches("then\n  say \"It is over.\"\n");
        script.push_str(if at == 0 { "when user=\"go\"\n" } else { "then\n" });
        script.push_str(rule);
    }
    script.push_str("then\n  say \"It is over.\"\n");
    let (_, told) = exec_script(&mut stand, "workspace-write", &script);
    assert!(told[0].contains("Not run: "), "{:.200}", told[0]);
    assert!(told[1].contains("failed to parse function arguments: "), "{:.200}", told[1]);
    assert!(told[2].contains("unsupported call: no_such_tool"), "{:.200}", told[2]);
    assert!(told[3].contains("[still here]"), "{:.200}", told[3]);
    is_whole(&stand, calls.len());
}

#[test]
fn of_many_calls_every_one_is_answered() {
    let mut stand = stand(User::Own);
    let calls: Vec<_> = (0..210).map(|at| call(at, "update_plan", "{\"plan\": []}")).collect();
    let (_, told) = exec_script(&mut stand, "workspace-write", &script(&calls));
    assert_eq!(told.len(), 210);
    assert!(told[199] == told[0] && !told[0].starts_with("Not run"), "{}", told[199]);
    assert!(told[200..].iter().all(|told| told.starts_with("Not run: one response may hold at most 200 calls")));
    is_whole(&stand, 210);
}

/// A call that has the identity of another one is answered as that one, or not at all; it never leaves the history with
/// a call that has no output, or with two for one.
#[test]
fn an_identity_that_is_used_again_breaks_nothing() {
    let mut stand = stand(User::Own);
    let one = |text: &str| ("call_0".to_owned(), "exec_command", json!({ "cmd": format!("echo {text}") }).to_string());
    let (ran, _) =
        exec_script(&mut stand, "workspace-write", &script(&[one("[a]"), one("[b]"), call(1, "update_plan", "{}")]));
    assert!(ran.stdout.contains("It is over."));
    let bodies = stand.bed.bodies();
    let input = bodies.last().unwrap()["input"].as_array().unwrap();
    let of = |kind: &str| {
        input.iter().filter(|item| item["type"] == kind).map(|item| item["call_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("function_call"), of("function_call_output"), "{input:#?}");
}
