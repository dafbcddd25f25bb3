//! What counts as working time.

use quire_state::{item::ItemKind, msg::ReviewDecision};

use crate::lab::Lab;

/// How long the turn says that it worked, at its end.
fn worked_ms(lab: &Lab) -> u64 {
    lab.thread()
        .items
        .iter()
        .rev()
        .find_map(|item| match &item.kind {
            ItemKind::TurnEnd { worked_ms, .. } => Some(*worked_ms),
            _ => None,
        })
        .unwrap()
}

#[test]
fn waiting_for_the_user_is_no_working_time() {
    let questions = r#"{"questions":[{"id":"a","header":"A","question":"?","options":[]}]}"#;
    let cases = [
        // The calls of one response, and how much of the wait counts as work.
        (vec![("exec_command", r#"{"cmd":"rm x"}"#)], 0),
        (vec![("request_user_input", questions)], 0),
        (vec![("exec_command", r#"{"cmd":"rm x"}"#), ("exec_command", r#"{"cmd":"rm y"}"#)], 0),
        // Something runs meanwhile.
        (vec![("exec_command", r#"{"cmd":"ls"}"#), ("exec_command", r#"{"cmd":"rm y"}"#)], 60_000),
    ];
    for (calls, counted_ms) in cases {
        let mut lab = Lab::interactive();
        lab.submit("x");
        for (at, (name, arguments)) in calls.iter().enumerate() {
            lab.call(at as u32, &format!("c{at}"), name, arguments);
        }
        lab.wait(1_000);
        lab.complete();
        lab.wait(60_000);
        assert_eq!(lab.thread().running().unwrap().worked_ms(lab.model.clock.mono_ms), 1_000 + counted_ms, "{calls:?}");
        for at in 0..calls.len() {
            let _ = lab.decide(&format!("c{at}"), ReviewDecision::Decline { reason: None });
        }
        lab.save();
        for session in lab.spawned() {
            lab.exit(session.0.0, 0);
        }
        lab.wait(500);
        lab.answer(0, "Done.");
        lab.complete();
        assert_eq!(worked_ms(&lab), 1_500 + counted_ms, "{calls:?}");
    }
}
