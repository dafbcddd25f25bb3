//! A stored session is taken up again, also one that was killed in the middle of anything.

use quire_state::{
    Effect, Key, Msg, Report,
    boot::{FaceKind, Open},
    cmd::StoreEffect,
    item::UserInput,
    msg::{Decision, Op, StoreReport},
    record::Stamped,
};

use crate::lab::{Lab, boot_data, invalid};

/// All records that a session has asked to be written, in order.
fn written(lab: &Lab) -> Vec<Stamped> {
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
    let decide =
        Op::Decide { thread: lab.id(), call: quire_state::key::CallId("c1".to_owned()), decision: Decision::Accept };
    lab.send(Msg::Op(decide));
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

fn resumed(records: Vec<Stamped>, first: Option<&str>) -> Lab {
    let mut boot = boot_data(FaceKind::ExecJson);
    boot.open = Open::Stored { target: "x".to_owned(), cwd: None };
    boot.first = first.map(UserInput::text);
    let mut lab = Lab::new(boot);
    let report = StoreReport::Loaded { path: "/x.jsonl".to_owned(), records, skipped: 0 };
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
            if let quire_state::record::Record::History(item) = &stamped.record {
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
    assert!(matches!(lab.model.life, quire_state::model::Life::Left { code: 1 }));
}
