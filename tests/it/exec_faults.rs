//! `exec` on a bad day: what is asked again, how often, and what the person is told.

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
fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut bed = Bed::new();
    bed.configure(&format!("http://127.0.0.1:{port}/v1"));
    let ran = bed.run(&["exec", "hello"]).ends_with(1);
    assert!(ran.stderr.contains(&format!("Nothing answers at 127.0.0.1:{port}")), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[test]
fn what_is_missing_is_told_before_anything_is_asked() {
    let mut bed = Bed::with_script("when\n  say hello\n");
    bed.unset("SCRIPTED_KEY");
    let ran = bed.run(&["exec", "hello"]).ends_with(1);
    assert!(ran.stderr.contains("SCRIPTED_KEY"), "{}", ran.stderr);
    assert!(bed.bodies().is_empty());
}
