//! Failures: what is tried again, how often, and what is shown.

use quire_state::{
    Notice,
    fault::{Fault, FaultKind},
    msg::ModelReport,
};

use crate::lab::Lab;

const ALL: [FaultKind; 20] = [
    FaultKind::Network,
    FaultKind::Tls,
    FaultKind::MissingCredential,
    FaultKind::Auth,
    FaultKind::NotFound,
    FaultKind::BadRequest,
    FaultKind::ContextTooLong,
    FaultKind::RateLimited,
    FaultKind::QuotaExceeded,
    FaultKind::Server,
    FaultKind::Overloaded,
    FaultKind::StreamCut,
    FaultKind::StreamIdle,
    FaultKind::Malformed,
    FaultKind::Incomplete,
    FaultKind::TooLarge,
    FaultKind::Spawn,
    FaultKind::Sandbox,
    FaultKind::Storage,
    FaultKind::Missing,
];

/// Requests until the turn fails, when every one fails like this before its stream begins.
fn requests_until_failure(kind: FaultKind) -> usize {
    let mut lab = Lab::interactive();
    lab.submit("x");
    while lab.thread().running().is_some() {
        lab.fail(Fault::new(kind, "It failed."));
        if lab.thread().running().is_some() {
            lab.elapse();
        }
    }
    lab.requests()
}

#[test]
fn only_what_can_get_better_is_tried_again() {
    for kind in ALL {
        let expected = match kind {
            FaultKind::Network | FaultKind::Server | FaultKind::RateLimited | FaultKind::Overloaded => 5,
            FaultKind::StreamCut | FaultKind::StreamIdle => 6,
            _ => 1,
        };
        assert_eq!(requests_until_failure(kind), expected, "{kind:?}");
    }
}

#[test]
fn a_dead_server_is_given_up_within_four_seconds_of_waiting() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    while lab.thread().running().is_some() {
        lab.fail(Fault::new(FaultKind::Network, "Nothing answers at 127.0.0.1:1."));
        if lab.thread().running().is_some() {
            lab.elapse();
        }
    }
    assert!(lab.model.clock.mono_ms <= 4_000, "{}", lab.model.clock.mono_ms);
    assert_eq!(lab.items().last().unwrap(), "note Error: Nothing answers at 127.0.0.1:1. It was tried again 4 times.");
}

#[test]
fn an_overloaded_server_is_given_time_but_not_for_ever() {
    // Before the stream begins, within it, and after something was said.
    for (connected, text, requests) in [(false, "", 5), (true, "", 6), (true, "Half", 6)] {
        let mut lab = Lab::interactive();
        lab.submit("x");
        let mut waits = Vec::new();
        while lab.thread().running().is_some() {
            if connected {
                lab.model(ModelReport::Connected);
            }
            if !text.is_empty() {
                lab.delta(0, text);
            }
            lab.fail(Fault::new(FaultKind::Overloaded, "It is overloaded."));
            if let Some((_, wait)) = lab.timer() {
                waits.push(wait);
                lab.elapse();
            }
        }
        assert_eq!((lab.requests(), waits.len()), (requests, requests - 1));
        assert!(waits[0] >= 360 && waits.windows(2).all(|pair| pair[1] > pair[0]), "{waits:?}");
    }
    let mut lab = Lab::interactive();
    lab.submit("x");
    let mut fault = Fault::new(FaultKind::Overloaded, "It is overloaded.");
    fault.retry_after_ms = Some(9_000);
    lab.fail(fault);
    assert_eq!(lab.timer().unwrap().1, 9_000);
}

#[test]
fn an_empty_answer_fails_and_says_so() {
    let empty = |lab: &mut Lab| {
        lab.complete();
        assert!(lab.thread().running().is_none());
        lab.items().pop().unwrap()
    };
    let mut lab = Lab::interactive();
    lab.submit("x");
    let told = empty(&mut lab);
    assert!(told.starts_with("note Error: The answer of `"), "{told}");
    assert!(told.contains("was empty: no text and no tool call. Send the message again"), "{told}");
    // Blanks are no answer.
    lab.submit("y");
    lab.answer(0, " \n");
    assert!(empty(&mut lab).starts_with("note Error: The answer of `"));
    // An answer that failed half-way does not count for the empty one after it.
    lab.submit("z");
    lab.delta(0, "Half");
    lab.fail(Fault::new(FaultKind::StreamCut, "The stream ended early."));
    lab.elapse();
    assert!(empty(&mut lab).starts_with("note Error: The answer of `"));
    // What was said since is answered instead.
    lab.submit("a");
    lab.submit("b");
    lab.complete();
    assert!(lab.thread().running().is_some());
    lab.answer(0, "Yes.");
    lab.complete();
    assert_eq!(lab.items().last().unwrap(), "end");
}

#[test]
fn the_server_says_how_long_to_wait_within_reason() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    let mut fault = Fault::new(FaultKind::RateLimited, "Too many requests.");
    fault.retry_after_ms = Some(7_000);
    lab.fail(fault.clone());
    assert_eq!(lab.timer().unwrap().1, 7_000);
    lab.elapse();
    fault.retry_after_ms = Some(3_600_000);
    lab.fail(fault);
    assert!(lab.thread().running().is_none(), "an hour is not waited");
    let told = lab.items().pop().unwrap();
    assert!(told.contains("It asks to wait 60 minutes."), "{told}");
}

#[test]
fn a_cut_stream_is_taken_up_without_repeating_what_was_shown() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    lab.model(ModelReport::Connected);
    lab.delta(0, "The quick brown");
    lab.fail(Fault::new(FaultKind::StreamCut, "The stream ended early."));
    assert_eq!(lab.items()[1], "agent: The quick brown (open)");
    lab.elapse();
    lab.delta(0, "The qu");
    assert_eq!(lab.items()[1], "agent: The quick brown (open)", "nothing shrinks while the retry catches up");
    lab.delta(0, "ick brown fox");
    assert_eq!(lab.items()[1], "agent: The quick brown fox (open)");
    lab.answer(0, "The quick brown fox.");
    lab.complete();
    assert_eq!(lab.items(), ["user: x", "agent: The quick brown fox.", "end"]);
    assert_eq!(lab.history(), ["User: x", "Assistant: The quick brown fox."]);
    let shown: String = lab
        .notices
        .iter()
        .filter_map(|notice| match notice {
            Notice::ItemDelta { delta, .. } => Some(delta.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(shown, "The quick brown fox", "observers get no piece twice");
}

#[test]
fn another_text_of_the_retry_takes_the_place_of_the_first() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    lab.delta(0, "The quick");
    lab.fail(Fault::new(FaultKind::StreamCut, "cut"));
    lab.elapse();
    lab.delta(0, "The slow");
    assert_eq!(lab.items()[1], "agent: The slow (open)");
}

#[test]
fn finished_items_of_a_cut_stream_stay() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    lab.answer(0, "First.");
    lab.delta(1, "Sec");
    lab.fail(Fault::new(FaultKind::StreamCut, "cut"));
    lab.elapse();
    let (_, request) = lab.request();
    assert_eq!(crate::lab::short(&request.input), ["User: x", "Assistant: First."]);
    lab.delta(0, "Second");
    lab.answer(0, "Second.");
    lab.complete();
    assert_eq!(lab.items(), ["user: x", "agent: First.", "agent: Second.", "end"]);
}

#[test]
fn calls_that_came_whole_before_the_cut_are_run_and_not_asked_for_again() {
    let mut lab = Lab::interactive();
    lab.submit("x");
    lab.call(0, "c1", "update_plan", r#"{"plan":[]}"#);
    lab.fail(Fault::new(FaultKind::StreamCut, "cut"));
    let (_, request) = lab.request();
    assert_eq!(crate::lab::short(&request.input), ["User: x", "call c1 update_plan", "output c1: Plan updated"]);
    // A server that cuts after every call is given up all the same.
    let mut rounds = 0;
    while lab.thread().running().is_some() && rounds < 20 {
        rounds += 1;
        lab.call(0, &format!("r{rounds}"), "update_plan", r#"{"plan":[]}"#);
        lab.fail(Fault::new(FaultKind::StreamCut, "cut"));
    }
    assert_eq!(rounds, 5);
}
