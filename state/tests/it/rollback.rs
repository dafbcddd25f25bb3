//! Turns that are taken out of a conversation: now, and in a session that is taken up again.

use std::sync::Arc;

use quire_state::{
    Effect, Msg, Notice, Op, Report,
    cmd::{CommandEffect, Refusal, Reply},
    history::{HistoryItem, Role},
    item::UserInput,
    key::{ThreadId, Work},
    msg::{CommandReport, StoreReport, UndoReport},
    rollout::{RolloutItem, RolloutLine},
};

use crate::{
    fold_notices::transcript,
    lab::{Lab, invalid},
    resume::{resumed, written},
    undo,
};

fn roll_back(lab: &mut Lab, turns: usize) -> Result<Reply, Refusal> {
    let reply = lab.op(Op::RollBack { thread: lab.id(), turns });
    lab.save();
    reply
}

fn turn(lab: &mut Lab, text: &str) {
    lab.submit(text);
    lab.answer(0, &format!("{text}!"));
    lab.complete();
}

fn talk(turns: &[&str]) -> Lab {
    let mut lab = Lab::interactive();
    turns.iter().for_each(|text| turn(&mut lab, text));
    lab
}

/// What was said in the conversation, without context of ours.
fn said(history: &[Arc<HistoryItem>]) -> Vec<String> {
    let texts = history.iter().filter(|item| !matches!(***item, HistoryItem::Message { role: Role::Developer, .. }));
    texts.map(|item| item.text()).filter(|text| !text.is_empty() && !text.starts_with("<environment")).collect()
}

fn asked(lab: &Lab) -> Vec<String> {
    said(&lab.request().1.input)
}

#[test]
fn the_last_turns_are_gone_for_model_and_user_and_in_the_file() {
    let mut lab = talk(&["one", "two", "three"]);
    assert_eq!(roll_back(&mut lab, 2), Ok(Reply::Done));
    let notices: Vec<&Notice> =
        lab.notices.iter().filter(|notice| matches!(notice, Notice::RolledBack { turns: 2, .. })).collect();
    assert_eq!(notices.len(), 1);
    assert_eq!(
        lab.items(),
        [
            "user: one",
            "agent: one!",
            "end",
            "note Info: The last 2 turns were taken out of the conversation. Files stay as they are."
        ]
    );
    let mut items = lab.thread().items.clone();
    items.iter_mut().for_each(|item| Arc::make_mut(item).revision = 0);
    assert_eq!(transcript(&lab.notices), items);
    turn(&mut lab, "four");
    assert_eq!(asked(&lab), ["one", "one!", "four"]);
    let again = resumed(written(&lab), Some("five"));
    assert_eq!(asked(&again), ["one", "one!", "four", "four!", "five"]);
    assert_eq!(again.items()[..7], lab.items()[..7]);
}

#[test]
fn only_as_many_turns_as_there_are_and_only_between_turns() {
    let mut lab = talk(&[]);
    for turns in [0, 1] {
        assert_eq!(roll_back(&mut lab, turns), Err(Refusal::TurnCount { turns: 0 }));
    }
    turn(&mut lab, "one");
    turn(&mut lab, "two");
    let model = lab.model.clone();
    for turns in [0, 3, usize::MAX] {
        assert_eq!(roll_back(&mut lab, turns), Err(Refusal::TurnCount { turns: 2 }));
    }
    assert_eq!(lab.model, model, "a refusal changes nothing");
    lab.submit("three");
    assert_eq!(roll_back(&mut lab, 1), Err(Refusal::TurnRuns));
    lab.interrupt();
    assert_eq!(roll_back(&mut lab, 1), Ok(Reply::Done));
    assert_eq!(said(&lab.thread().history), ["one", "one!", "two", "two!"]);
    assert_eq!(roll_back(&mut lab, 2), Ok(Reply::Done));
    assert_eq!(said(&lab.thread().history), Vec::<String>::new());
    let nowhere = Op::RollBack { thread: ThreadId("none".to_owned()), turns: 1 };
    assert_eq!(lab.op(nowhere), Err(Refusal::NoSuchThread));
    // What the model is told about the machine went with the first turn, and is told again.
    turn(&mut lab, "anew");
    assert_eq!(lab.request().1.input.len(), 3);
}

#[test]
fn what_was_added_to_a_turn_goes_with_it_and_counts_in_the_file() {
    let mut lab = talk(&["one"]);
    lab.submit("two");
    let turn = lab.thread().running().unwrap().id.clone();
    lab.op(Op::Steer { thread: lab.id(), turn, input: UserInput::text("and more") }).unwrap();
    lab.answer(0, "first");
    lab.complete();
    lab.answer(0, "second");
    lab.complete();
    assert_eq!(said(&lab.thread().history), ["one", "one!", "two", "first", "and more", "second"]);
    roll_back(&mut lab, 1).unwrap();
    assert_eq!(said(&lab.thread().history), ["one", "one!"]);
    let records = written(&lab);
    assert!(records.iter().any(|line| line.item == RolloutItem::RolledBack { messages: 2 }));
    assert_eq!(said(&resumed(records, None).thread().history), ["one", "one!"]);
}

fn line(item: RolloutItem) -> RolloutLine {
    RolloutLine::new(1, item)
}

/// A file with a compaction in its middle turn.
fn compacted() -> Vec<RolloutLine> {
    let mut records = written(&talk(&["one", "two", "three"]));
    let at = records.iter().position(|line| matches!(&line.item, RolloutItem::History(item) if item.text() == "two!"));
    let replacement = vec![Arc::new(HistoryItem::message(Role::User, "the summary"))];
    records.insert(at.unwrap(), line(RolloutItem::Compacted { message: String::new(), replacement }));
    records
}

#[test]
fn a_compaction_in_between_is_taken_back_with_its_turn() {
    let lab = resumed(compacted(), None);
    assert_eq!(said(&lab.thread().history), ["the summary", "two!", "three", "three!"]);
    for (turns, expected) in [
        (1, &["the summary", "two!"][..]),
        (2, &["one", "one!"]),
        (3, &[]),
        // A file may say more than there is.
        (4, &[]),
    ] {
        let mut records = compacted();
        records.push(line(RolloutItem::RolledBack { messages: turns }));
        let from_file = resumed(records, None);
        assert_eq!(said(&from_file.thread().history), expected, "{turns}");
        assert_eq!(invalid(&from_file.thread().history), None);
        if turns < 4 {
            let mut now = lab.clone();
            roll_back(&mut now, turns as usize).unwrap();
            assert_eq!(said(&now.thread().history), expected, "{turns}");
            assert_eq!(now.thread().log, from_file.thread().log);
        }
    }
}

#[test]
fn a_call_without_an_output_moves_no_turn() {
    let mut lab = talk(&["one"]);
    lab.submit("two");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"ls"}"#);
    lab.complete();
    let mut records = written(&lab);
    // The program was killed, and went on with another turn.
    records.extend(written(&talk(&["three"])).into_iter().skip(1));
    let mut lab = resumed(records, None);
    assert_eq!(invalid(&lab.thread().history), None);
    roll_back(&mut lab, 1).unwrap();
    assert_eq!(lab.thread().log.turns(), 2);
    assert_eq!(said(&lab.thread().history)[..3], ["one", "one!", "two"]);
    assert!(said(&lab.thread().history)[3].starts_with("Cut off"));
    roll_back(&mut lab, 1).unwrap();
    assert_eq!(said(&lab.thread().history), ["one", "one!"]);
}

#[test]
fn every_prefix_of_a_life_with_a_rollback_is_taken_up_validly() {
    let mut lab = talk(&["one", "two"]);
    roll_back(&mut lab, 1).unwrap();
    turn(&mut lab, "three");
    let records = written(&lab);
    for cut in 1..=records.len() {
        let lab = resumed(records[..cut].to_vec(), Some("go on"));
        assert_eq!(invalid(&lab.request().1.input), None, "cut after record {cut}");
        assert_eq!(lab.request().1.input.last().unwrap().text(), "go on");
    }
}

#[test]
fn the_notice_waits_for_the_disk() {
    let mut lab = talk(&["one"]);
    let cmd = lab.send(Msg::Op(quire_state::Origin::SCREEN, Op::RollBack { thread: lab.id(), turns: 1 }));
    let append = cmd.effects.iter().find_map(|(key, effect)| match effect {
        Effect::Store(quire_state::cmd::StoreEffect::Append { durable: true, records, .. }) => Some((key, records)),
        _ => None,
    });
    let (key, records) = append.unwrap();
    assert!(matches!(records[0].item, RolloutItem::RolledBack { messages: 1 }));
    // What holds notices asks for this.
    assert!(!lab.thread().is_appended(lab.thread().last_append()));
    lab.send(Msg::Report(key.clone(), Report::Store(StoreReport::Appended)));
    assert!(lab.thread().is_appended(lab.thread().last_append()));
}

#[test]
fn a_command_that_goes_on_ends_without_its_item() {
    let mut lab = talk(&["one"]);
    lab.submit("two");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"ls","yield_time_ms":250}"#);
    lab.complete();
    let timer = lab.timer().unwrap().0;
    lab.send(Msg::Report(timer, Report::Elapsed));
    lab.answer(0, "It goes on.");
    lab.complete();
    assert_eq!(lab.thread().processes.len(), 1);
    roll_back(&mut lab, 1).unwrap();
    turn(&mut lab, "three");
    let items = lab.items();
    lab.print(1, "late\n");
    let process = *lab.thread().processes.keys().next().unwrap();
    let key = lab.thread().key(Work::Process(process));
    lab.send(Msg::Report(key, Report::Command(CommandReport::Exited { code: 0, wall_ms: 1 })));
    assert_eq!(lab.items(), items);
    assert!(lab.thread().processes.values().all(|process| process.exited.is_some()));
    assert!(lab.effects.iter().all(|(_, effect)| !matches!(effect, Effect::Command(CommandEffect::Kill { .. }))));
}

#[test]
fn files_that_were_taken_back_stay_known_of_turns_that_stay() {
    // The files of the first turn are taken back after the second.
    let mut lab = undo::with_turn();
    turn(&mut lab, "secret words");
    undo::say(&mut lab, "/undo");
    let stays = lab.thread().undo.turns[0].0.clone();
    let UndoReport::Done(mut done) = undo::done(&lab, &["/work/a"]) else { panic!("it is done") };
    done.turn = stays.clone();
    undo::answer(&mut lab, UndoReport::Done(done));
    lab.save();
    let known = |lab: &Lab| said(&lab.thread().history).into_iter().filter(|text| text.contains("took back")).count();
    assert_eq!(known(&lab), 1);
    roll_back(&mut lab, 1).unwrap();
    assert!(lab.thread().log.has(&stays));
    assert_eq!(known(&lab), 1);
    assert!(!said(&lab.thread().history).iter().any(|text| text.contains("secret words")));
    assert_eq!(said(&resumed(written(&lab), None).thread().history), said(&lab.thread().history));
    // The files of turns that are gone can still be taken back; the model is not told their words.
    assert_eq!(lab.thread().undo.turns.len(), 2);
    let mut lab = undo::with_turn();
    roll_back(&mut lab, 1).unwrap();
    undo::say(&mut lab, "/undo");
    let report = undo::done(&lab, &["/work/a"]);
    undo::answer(&mut lab, report);
    assert!(lab.items().iter().any(|item| item.contains("fix the parser")), "the user is: {:?}", lab.items());
    assert!(!lab.thread().history.iter().any(|item| item.text().contains("fix the parser")));
    assert!(lab.thread().history.iter().any(|item| item.text().contains("an earlier turn")));
}

#[test]
fn what_came_later_takes_the_place_on_the_screen() {
    let mut lab = talk(&["one", "two"]);
    let before: Vec<u64> = lab.thread().items.iter().map(|item| item.id.0).collect();
    roll_back(&mut lab, 1).unwrap();
    turn(&mut lab, "three");
    let after: Vec<u64> = lab.thread().items.iter().map(|item| item.id.0).collect();
    assert!(after.is_sorted() && after.iter().skip(3).all(|id| !before.contains(id)), "{before:?} {after:?}");
}
