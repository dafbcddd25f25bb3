//! `exec` on a bad day: what is asked again, how often, and what the user is told.

use std::{net::TcpListener, time::Instant};

use crate::{
    bed::{Bed, KEY},
    tidy::{snapshot, tidy},
};

/// Runs a turn that fails, and compares what was said; gives the number of requests.
#[track_caller]
fn fails(name: &str, line: &str) -> usize {
    let bed = Bed::with_script(&format!("when\n  {line}\n"));
    let text = bed.run(&["exec", "hello"]).ends_with(1);
    let asked = bed.bodies().len();
    let json = bed.run(&["exec", "--json", "hello"]).ends_with(1);
    assert_eq!(bed.bodies().len(), 2 * asked, "text and JSON ask alike");
    assert!(!format!("{text:?}{json:?}").contains(KEY), "the key is told: {text:?}");
    assert_eq!(text.stdout, "");
    let said = tidy(&bed, &text.stderr);
    let said = said.rsplit_once("--------\n").map_or(said.as_str(), |(_, said)| said);
    snapshot("exec", &format!("{name}_faults"), &format!("{said}\n\n{}", tidy(&bed, &json.stdout)));
    asked
}

#[test]
fn what_cannot_get_better_is_asked_once() {
    assert_eq!(
        fails(
            "bad_request",
            "status 400 body='{\"error\":{\"message\":\"No such parameter.\",\"type\":\"invalid_request_error\"}}'"
        ),
        1
    );
    assert_eq!(
        fails("key_refused", "status 401 body='{\"error\":{\"message\":\"Bad key.\",\"code\":\"invalid_api_key\"}}'"),
        1
    );
    assert_eq!(fails("forbidden", "status 403 body='nothing here'"), 1);
    assert_eq!(
        fails(
            "unknown_model",
            "status 404 body='{\"error\":{\"message\":\"No such model.\",\"code\":\"model_not_found\"}}'"
        ),
        1
    );
    assert_eq!(
        fails("quota", "status 429 body='{\"error\":{\"message\":\"Pay first.\",\"code\":\"insufficient_quota\"}}'"),
        1
    );
    assert_eq!(fails("too_long", "failed context_length_exceeded 'Too long.'"), 1);
    assert_eq!(fails("late_limit", "status 429 retry-after=7200 body='{}'"), 1);
}

#[test]
fn a_reason_is_told_wherever_it_stands_and_asked_for_once() {
    for (line, said) in [
        (
            r#"event response.failed {"error":{"code":"invalid_prompt","message":"Not that."},"response":{"error":null}}"#,
            "Not that.",
        ),
        (r#"event error {"error":{"code":402,"message":"Pay first."}}"#, "Pay first."),
        (r#"event error {"status":401,"message":"Who are you?"}"#, "Who are you?"),
        (
            r#"event error {"error":{"code":400,"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"message\":\"Bad tools.\"}}"}}}"#,
            "Provider returned error: Bad tools.",
        ),
        (
            r#"status 400 body='[{"error":{"code":400,"message":"Bad name.","status":"INVALID_ARGUMENT"}}]'"#,
            "Bad name.",
        ),
        (
            r#"status 200 content-type=application/json body='{"error":{"code":402,"message":"Pay first."}}'"#,
            "Pay first.",
        ),
        (
            r#"status 200 content-type=text/event-stream body='{"error":"No such model was found: model not found"}'"#,
            "No such model",
        ),
        (r#"status 200 content-type=text/html body='<html><title>Sign in here</title></html>'"#, "Sign in here"),
    ] {
        let bed = Bed::with_script(&format!("when\n  {line}\n"));
        let ran = bed.run(&["exec", "hello"]).ends_with(1);
        assert!(ran.stderr.contains(said), "{line}: {}", ran.stderr);
        assert_eq!((ran.stdout.as_str(), bed.bodies().len()), ("", 1), "{line}: {}", ran.stderr);
    }
}

#[test]
fn an_overloaded_server_is_asked_again() {
    for line in [
        "status 529 body=''",
        r#"status 529 body='{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'"#,
        r#"status 503 body='{"error":{"code":"server_is_overloaded","message":"Later."}}'"#,
        r#"status 503 retry-after=1 body='{"error":{"code":"slow_down","message":"Later."}}'"#,
        "error server_is_overloaded Later.",
        "error slow_down Later.",
        "failed server_is_overloaded Later.",
        r#"event error {"error":{"type":"overloaded_error","message":"Later."}}"#,
        r#"status 200 content-type=application/json body='{"error":{"code":529,"message":"Later."}}'"#,
    ] {
        let bed = Bed::with_script(&format!("when times=1\n  {line}\nwhen\n  say \"There you are.\"\n"));
        let ran = bed.run(&["exec", "hello"]).ends_with(0);
        assert_eq!((ran.stdout.as_str(), bed.bodies().len()), ("There you are.\n", 2), "{line}");
    }
    let bed = Bed::with_script("when\n  status 529 body=''\n");
    let ran = bed.run(&["exec", "hello"]).ends_with(1);
    assert!(
        ran.stderr.contains("is overloaded (529)") && ran.stderr.contains("It was tried again 4 times."),
        "{}",
        ran.stderr
    );
    assert_eq!(bed.bodies().len(), 5);
}

#[test]
fn an_empty_answer_is_a_failure() {
    for line in
        ["usage none", "reason \"Hm.\"", "say \" \"", "event response.completed {\"response\":{\"output\":[]}}", "done"]
    {
        let bed = Bed::with_script(&format!("when\n  {line}\n"));
        let text = bed.run(&["exec", "hello"]).ends_with(1);
        if line != "done" {
            assert!(text.stderr.contains("was empty: no text and no tool call"), "{line}: {}", text.stderr);
        }
        let json = bed.run(&["exec", "--json", "hello"]).ends_with(1);
        assert!(json.events().iter().any(|event| event["type"] == "turn.failed"), "{line}");
    }
    // After a tool as well; what was said before it stands.
    let call = "call exec_command {\"cmd\": \"true\"}";
    let silent = Bed::with_script(&format!("when\n  {call}\nthen\n  usage none\n"));
    assert!(silent.run(&["exec", "hello"]).ends_with(1).stderr.contains("was empty"));
    let said = Bed::with_script(&format!("when\n  say \"All is done.\"\n  {call}\nthen\n  usage none\n"));
    let ran = said.run(&["exec", "hello"]).ends_with(0);
    assert!(ran.stdout.contains("All is done.") && ran.stderr.contains("was empty"), "{ran:?}");
}

#[test]
fn a_call_runs_with_its_arguments_however_they_come() {
    let added = r#"event response.output_item.added {"output_index":0,"item":{"type":"function_call","id":"f","call_id":"c","name":"exec_command","arguments":""}}"#;
    let done = added.replace("added", "done");
    let delta = |piece: &str| {
        format!(r#"event response.function_call_arguments.delta {{"item_id":"f","output_index":0,"delta":"{piece}"}}"#)
    };
    let deltas = format!("{}\n  {}", delta(r#"{\"cmd\":"#), delta(r#"\"echo here-it-is\"}"#));
    let whole = r#"event response.function_call_arguments.done {"item_id":"f","output_index":0,"arguments":"{\"cmd\":\"echo here-it-is\"}"}"#;
    for lines in [[added, &deltas, &done], [added, whole, &done], [added, &deltas, ""], [added, whole, ""]] {
        let bed =
            Bed::with_script(&format!("when\n  {}\nthen\n  say \"It printed {{{{printed}}}}\"\n", lines.join("\n  ")));
        let ran = bed.run(&["exec", "hello"]).ends_with(0);
        assert!(ran.stdout.contains("It printed here-it-is"), "{lines:?}: {ran:?}");
    }
}

#[test]
fn a_server_that_stays_broken_is_given_up() {
    let begun = Instant::now();
    let asked = fails("broken", "status 500 body='down'");
    assert!((2..=12).contains(&asked), "{asked} requests");
    assert!(begun.elapsed().as_secs() < 50, "{:?}", begun.elapsed());
}

#[test]
fn a_server_that_recovers_is_asked_again() {
    let bed = Bed::with_script("when times=2\n  status 503 body='starting'\nwhen\n  say \"There you are.\"\n");
    let ran = bed.run(&["exec", "hello"]).ends_with(0);
    assert_eq!((ran.stdout.as_str(), bed.bodies().len()), ("There you are.\n", 3));
    let bed = Bed::with_script("when times=1\n  status 429 retry-after=1 body='{}'\nwhen\n  say \"Now.\"\n");
    let ran = bed.run(&["exec", "hello"]).ends_with(0);
    assert_eq!((ran.stdout.as_str(), bed.bodies().len()), ("Now.\n", 2));
}

#[test]
fn a_stream_that_breaks_is_asked_again_and_shown_once() {
    let bed = Bed::with_script(
        "when times=1\n  say \"One two three four.\"\n  cut deltas=2\nwhen\n  say \"One two three four.\"\n",
    );
    let ran = bed.run(&["exec", "--json", "hello"]).ends_with(0);
    assert_eq!(bed.bodies().len(), 2);
    let said: Vec<_> = ran
        .events()
        .into_iter()
        .filter(|event| event["type"] == "item.completed")
        .map(|event| event["item"]["text"].clone())
        .collect();
    assert_eq!(said, ["One two three four."]);
    // The second request is the first again: nothing of the torn answer is in it.
    let bodies = bed.bodies();
    assert_eq!(bodies[0]["input"], bodies[1]["input"]);
}

#[test]
fn no_server_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut bed = Bed::new();
    bed.configure(&format!("http://127.0.0.1:{port}/v1"));
    let ran = bed.run(&["exec", "hello"]).ends_with(1);
    assert!(ran.stderr.contains(&format!("Nothing answers at 127.0.0.1:{port}")), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_local_server_that_is_not_running_says_how_it_is_started() {
    // Its own port may be taken here, so the provider's name tells which it is; ports: `effects/src/model/tests/faults.rs`.
    for (name, command) in [("ollama", "`ollama serve`"), ("lmstudio", "`lms server start`")] {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let bed = Bed::new();
        bed.file(
            "codex/config.toml",
            format!("model = \"m\"\nmodel_provider = \"{name}\"\n[model_providers.{name}]\nname = \"x\"\nbase_url = \"http://127.0.0.1:{port}/v1\"\n"),
        );
        let ran = bed.run(&["exec", "hello"]).ends_with(1);
        assert!(ran.stderr.contains(command) && ran.stderr.contains("Nothing answers"), "{}", ran.stderr);
    }
}

#[test]
fn what_is_missing_is_told_before_anything_is_asked() {
    let mut bed = Bed::with_script("when\n  say hello\n");
    bed.unset("SCRIPTED_KEY");
    let ran = bed.run(&["exec", "hello"]).ends_with(1);
    assert!(ran.stderr.contains("SCRIPTED_KEY"), "{}", ran.stderr);
    assert!(bed.bodies().is_empty());
}
