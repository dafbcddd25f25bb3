//! A stored session is taken up again, also one that was killed in the middle of anything.

use std::sync::Arc;

use quire_state::{
    Effect, Key, Msg, Report,
    boot::{FaceKind, Open},
    cmd::StoreEffect,
    history::{CallKind, HistoryItem, Part},
    item::UserInput,
    key::CallId,
    msg::StoreReport,
    rollout::{RolloutItem, RolloutLine},
};
use serde_json::json;

use crate::lab::{Lab, boot_data, invalid};

/// All records that a session has asked to be written, in order.
pub(crate) fn written(lab: &Lab) -> Vec<RolloutLine> {
    lab.effects
        .iter()
        .filter_map(|(_, effect)| match effect {
            Effect::Store(StoreEffect::Append { records, .. }) => Some(records.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

fn session() -> Lab {
    let mut lab = Lab::interactive();
    lab.submit("first words");
    lab.answer(0, "Let me look.");
    lab.call(1, "c1", "exec_command", r#"{"cmd":"ls"}"#);
    lab.call(2, "c2", "update_plan", r#"{"plan":[{"step":"s","status":"pending"}]}"#);
    lab.complete();
    lab.print(1, "a.txt\n");
    lab.exit(1, 0);
    lab.answer(0, "One file.");
    lab.complete();
    lab.submit("second words");
    lab.answer(0, "Fine.");
    lab.complete();
    lab.save();
    lab
}

pub(crate) fn resumed(records: Vec<RolloutLine>, first: Option<&str>) -> Lab {
    let mut boot = boot_data(FaceKind::ExecJson);
    boot.open = Open::Stored { target: "x".to_owned(), cwd: None };
    boot.first = first.map(UserInput::text);
    let mut lab = Lab::new(boot);
    let report = StoreReport::Loaded { path: "/x.jsonl".to_owned(), records, skipped: 0, left_out: 0, name: None };
    lab.send(Msg::Report(Key::Load("x".to_owned()), Report::Store(report)));
    lab.save();
    lab
}

#[test]
fn a_finished_session_comes_back_as_it_was() {
    let before = session();
    let after = resumed(written(&before), None);
    assert_eq!(after.id(), before.id());
    assert_eq!(after.history(), before.history());
    assert_eq!(after.thread().total, before.thread().total);
    let shown = |lab: &Lab| lab.items().iter().map(|item| item.replace("\"a.txt\\n\"", "")).collect::<Vec<_>>();
    assert_eq!(shown(&after), shown(&before));
}

#[test]
fn killed_after_any_record_the_next_request_is_valid_and_nothing_is_lost() {
    let records = written(&session());
    for cut in 1..=records.len() {
        let kept = records[..cut].to_vec();
        let lab = resumed(kept.clone(), Some("go on"));
        let (_, request) = lab.request();
        assert_eq!(invalid(&request.input), None, "cut after record {cut}");
        for stamped in &kept {
            if let quire_state::rollout::RolloutItem::History(item) = &stamped.item {
                assert!(request.input.contains(item), "cut after record {cut}: {item:?} is lost");
            }
        }
        assert_eq!(request.input.last().unwrap().text(), "go on");
        // What was mended is written down, so that the next resume finds it.
        let mut all = kept;
        all.extend(written(&lab));
        let again = resumed(all, Some("and on"));
        assert_eq!(invalid(&again.request().1.input), None, "cut after record {cut}, second resume");
    }
}

#[test]
fn calls_get_names_that_a_server_accepts_and_keep_their_outputs() {
    let call = |id: &str, word: &str| {
        RolloutItem::History(Arc::new(HistoryItem::Call {
            id: Some("i".to_owned()),
            call_id: CallId(id.to_owned()),
            name: String::new(),
            namespace: None,
            arguments: word.into(),
            kind: CallKind::Function,
        }))
    };
    let output = |id: &str, word: &str| {
        let content = vec![Part::Text(word.to_owned())];
        RolloutItem::History(Arc::new(HistoryItem::Output {
            call_id: CallId(id.to_owned()),
            content,
            kind: CallKind::Function,
        }))
    };
    let long = "x".repeat(10_000);
    let names = ["", " ", "\n", "a\u{1}", &long, "good"];
    let calls = names.iter().chain(&names[..5]).enumerate();
    let mut records: Vec<RolloutItem> = calls.clone().map(|(at, id)| call(id, &at.to_string())).collect();
    records.push(output("unknown", "x"));
    records.extend(calls.map(|(at, id)| output(id, &at.to_string())));
    records.push(call("", "unanswered"));
    for value in [
        json!("text"),
        json!({ "type": "local_shell_call", "call_id": "x" }),
        json!({ "type": "y_output", "call_id": "z" }),
    ] {
        records.push(RolloutItem::History(Arc::new(HistoryItem::Opaque(value))));
    }
    let records: Vec<RolloutLine> = records.into_iter().map(|record| RolloutLine::new(1, record)).collect();
    let mut all = records.clone();
    for round in ["first", "second"] {
        let lab = resumed(all.clone(), Some("go on"));
        let (_, request) = lab.request();
        assert_eq!(invalid(&request.input), None, "{round}");
        let mut said = std::collections::BTreeMap::new();
        for item in &request.input {
            match item.as_ref() {
                HistoryItem::Call { call_id, name, arguments, .. } => {
                    assert_eq!(name, "unknown");
                    said.insert(call_id.clone(), arguments.to_string());
                }
                HistoryItem::Output { call_id, .. } => {
                    let word = &said[call_id];
                    assert!(item.text() == *word || word == "unanswered", "{round}: {call_id:?}");
                }
                HistoryItem::Opaque(value) => panic!("{round}: {value}"),
                HistoryItem::Message { .. } | HistoryItem::Reasoning { .. } => {}
            }
        }
        assert_eq!(said.len(), 12, "{round}");
        // What was mended is written down, and read again.
        all.extend(written(&lab));
    }
}

/// Every step looks at what it is about, not at all that came before.
#[test]
fn very_many_items_are_taken_up_one_by_one() {
    let mut lab = Lab::interactive();
    lab.submit("go");
    for item in 0..20_000_u32 {
        match item % 4 {
            0 => lab.call(item, "same", "x", "{}"),
            1 => lab.answer(item, "text"),
            2 => lab.delta(item, "left open"),
            _ => lab.call(item, &format!("c{item}"), "x", "{}"),
        }
    }
    lab.complete();
    let (_, request) = lab.request();
    assert_eq!(invalid(&request.input), None);
    assert!(request.input.len() > 25_000);
    let again = resumed(written(&lab), Some("go on"));
    assert_eq!(invalid(&again.request().1.input), None);
}

#[test]
fn a_missing_session_ends_the_program_with_the_reason() {
    let mut boot = boot_data(FaceKind::ExecText);
    boot.open = Open::Stored { target: "nope".to_owned(), cwd: None };
    boot.first = Some(UserInput::text("x"));
    let mut lab = Lab::new(boot);
    let fault = quire_state::fault::Fault::new(quire_state::fault::FaultKind::Missing, "There is no session `nope`.");
    lab.send(Msg::Report(Key::Load("nope".to_owned()), Report::Failed(fault)));
    assert!(
        lab.notices
            .iter()
            .any(|notice| matches!(notice, quire_state::Notice::Fatal { message } if message.contains("nope")))
    );
    assert_eq!(lab.requests(), 0, "nothing is sent to a session that does not exist");
    assert!(matches!(lab.model.lifecycle, quire_state::model::Lifecycle::Left { code: 1 }));
}
