//! Conversations that are copied into threads of their own.

use quire_state::{
    Cmd, Effect, Key, Msg, Notice, Op, Origin, Report,
    boot::Open,
    cmd::{Refusal, Reply, StoreEffect},
    engine::{Thread, thread::settings::SettingsChange},
    fault::{Fault, FaultKind},
    item::UserInput,
    key::{ThreadId, TurnId},
    model::Lifecycle,
    msg::{ClientId, ForkPoint, ForkSource, StoreReport},
    rollout::{RolloutItem, RolloutLine},
};

use crate::{
    lab::{FULL, Lab, boot_data, invalid},
    resume::resumed,
};

const FROM: Origin = Origin { client: ClientId(7), request: Some(1) };

pub(crate) fn source(target: &str, at: ForkPoint) -> Box<ForkSource> {
    Box::new(ForkSource { target: target.to_owned(), cwd: None, at })
}

fn op(target: &str, at: ForkPoint) -> Op {
    Op::ForkThread { source: source(target, at), change: SettingsChange::default(), first: None }
}

/// The records of a thread that were to be written so far.
pub(crate) fn file(lab: &Lab, id: &ThreadId) -> Vec<RolloutLine> {
    let records = lab.effects.iter().filter_map(|(_, effect)| match effect {
        Effect::Store(StoreEffect::Append { thread, records, .. }) if thread == id => Some(records.clone()),
        _ => None,
    });
    records.flatten().collect()
}

/// The newest thread that is to be read to be copied, with its key.
pub(crate) fn reading(lab: &Lab) -> Option<(Key, String)> {
    lab.effects.iter().rev().find_map(|(key, effect)| match effect {
        Effect::Store(StoreEffect::Read { target, .. }) if lab.model.engine.in_flight.contains(key) => {
            Some((key.clone(), target.clone()))
        }
        _ => None,
    })
}

pub(crate) fn loaded(records: Vec<RolloutLine>) -> Report {
    Report::Store(StoreReport::Loaded { path: "/x.jsonl".to_owned(), name: None, records, skipped: 0, left_out: 0 })
}

/// Reads the thread of this id, which is what was asked for.
fn read(lab: &mut Lab, id: &ThreadId) -> Cmd {
    let (key, _) = reading(lab).unwrap();
    let records = file(lab, id);
    lab.send(Msg::Report(key, loaded(records)))
}

fn answer(cmd: &Cmd) -> Result<Reply, Refusal> {
    let [(FROM, reply)] = &cmd.replies[..] else { panic!("one answer: {:?}", cmd.replies) };
    reply.clone()
}

/// Copies the thread that is shown.
fn fork(lab: &mut Lab, at: ForkPoint) -> Result<ThreadId, Refusal> {
    let id = lab.id();
    assert_eq!(lab.send(Msg::Op(FROM, op(&id.0, at))).replies, []);
    lab.save();
    let cmd = read(lab, &id);
    let Reply::Thread { thread } = answer(&cmd)? else { panic!("a thread") };
    Ok(thread)
}

fn turn(lab: &mut Lab, text: &str) -> TurnId {
    lab.submit(text);
    let turn = lab.thread().running().unwrap().id.clone();
    lab.answer(0, &format!("{text}!"));
    lab.complete();
    turn
}

fn talk(turns: &[&str]) -> Lab {
    let mut lab = Lab::interactive();
    turns.iter().for_each(|text| drop(turn(&mut lab, text)));
    lab.save();
    lab
}

fn thread<'a>(lab: &'a Lab, id: &ThreadId) -> &'a Thread {
    &lab.model.engine.threads[id]
}

fn said(thread: &Thread) -> Vec<String> {
    let texts = thread.history.iter().map(|item| item.text());
    texts.filter(|text| !text.is_empty() && !text.starts_with('<')).collect()
}

#[test]
fn a_copy_has_all_and_an_own_file_and_goes_its_own_way() {
    let mut lab = talk(&["one", "two"]);
    let (source, before) = (lab.id(), lab.thread().clone());
    let copy = fork(&mut lab, ForkPoint::End).unwrap();
    assert_eq!(*lab.thread(), before, "the source is as it was");
    assert_eq!(thread(&lab, &copy).history, before.history);
    assert_eq!((thread(&lab, &copy).total, thread(&lab, &copy).log.turns()), (before.total, 2));
    assert_eq!(thread(&lab, &copy).forked_from.as_ref(), Some(&source));
    let told = lab.notices.iter().any(|notice| {
        matches!(notice, Notice::ThreadStarted { thread, forked_from: Some(from), items }
            if *thread == copy && *from == source && items.len() == before.items.len())
    });
    assert!(told);
    assert!(!thread(&lab, &copy).is_appended(1), "the notice waits for the file");
    let records = file(&lab, &copy);
    let RolloutItem::Meta(meta) = &records[0].item else { panic!("{:?}", records[0]) };
    assert_eq!((&meta.id, meta.forked_from.as_ref()), (&copy, Some(&source)));
    assert_eq!(records[1..], file(&lab, &source));
    lab.save();
    // It goes on, and the source knows nothing of it.
    lab.op(Op::Submit { thread: copy.clone(), input: UserInput::text("three") }).unwrap();
    assert_eq!(said(thread(&lab, &copy)), ["one", "one!", "two", "two!", "three"]);
    assert_eq!(*lab.thread(), before);
    lab.save();
    assert_eq!(file(&lab, &source).len() + 1, records.len());
    // And it is taken up again from its file.
    let again = resumed(file(&lab, &copy), None);
    assert_eq!((again.id(), again.thread().forked_from.clone()), (copy, Some(source)));
    assert_eq!(said(again.thread()), ["one", "one!", "two", "two!", "three"]);
}

#[test]
fn a_turn_that_runs_is_interrupted_in_the_copy_alone() {
    let mut lab = talk(&["one"]);
    lab.submit("two");
    lab.call(0, "c1", "exec_command", r#"{"cmd":"ls"}"#);
    lab.complete();
    let running = lab.thread().running().unwrap().id.clone();
    let copy = fork(&mut lab, ForkPoint::Through(running.clone())).unwrap();
    assert_eq!(lab.thread().running().unwrap().id, running);
    let copied = thread(&lab, &copy);
    assert!(copied.running().is_none() && copied.processes.is_empty());
    assert_eq!(invalid(&copied.history), None);
    let texts: Vec<String> = copied.history.iter().rev().take(2).map(|item| item.text()).collect();
    assert!(texts[0].starts_with("<turn_aborted>") && texts[1].starts_with("Cut off: this conversation was copied"));
    let records = file(&lab, &copy);
    let last = &records[records.len() - 1].item;
    assert!(matches!(last, RolloutItem::TurnAborted { turn, reason } if *turn == running.0 && reason == "interrupted"));
    assert!(records.iter().all(|line| line.unix_ms > 0));
    assert_eq!(resumed(records, None).thread().history, copied.history);
    // The source ends as it would have.
    lab.exit(1, 0);
    lab.answer(0, "Done.");
    lab.complete();
    assert!(lab.thread().running().is_none());
    assert!(
        said(lab.thread()).contains(&"Done.".to_owned()) && !said(thread(&lab, &copy)).contains(&"Done.".to_owned())
    );
}

/// How many threads are read before what they have recorded is written down, and then.
pub(crate) fn reads_while_writing() -> (usize, usize) {
    let mut lab = talk(&["one"]);
    lab.submit("two");
    lab.answer(0, "two!");
    let id = lab.id();
    lab.send(Msg::Op(FROM, op(&id.0, ForkPoint::End)));
    let early = usize::from(reading(&lab).is_some());
    lab.save();
    (early, usize::from(reading(&lab).is_some()))
}

#[test]
fn what_is_recorded_is_written_before_it_is_read() {
    assert_eq!(reads_while_writing(), (0, 1));
}

#[test]
fn it_is_copied_as_far_as_is_wished() {
    let mut lab = Lab::interactive();
    let turns: Vec<TurnId> = ["one", "two", "three"].into_iter().map(|text| turn(&mut lab, text)).collect();
    lab.op(Op::RollBack { thread: lab.id(), turns: 1 }).unwrap();
    lab.save();
    for (at, expected) in [
        (ForkPoint::End, Ok(4)),
        (ForkPoint::Through(turns[1].clone()), Ok(4)),
        (ForkPoint::Through(turns[0].clone()), Ok(2)),
        (ForkPoint::Before(turns[1].clone()), Ok(2)),
        (ForkPoint::Before(turns[0].clone()), Ok(0)),
        (ForkPoint::Through(turns[2].clone()), Err(Refusal::NoSuchTurn)),
        (ForkPoint::Before(TurnId("other".to_owned())), Err(Refusal::NoSuchTurn)),
    ] {
        let threads = lab.model.engine.threads.len();
        let copied = fork(&mut lab, at.clone());
        assert_eq!(
            copied.as_ref().map(|copy| said(thread(&lab, copy)).len()).map_err(Clone::clone),
            expected,
            "{at:?}"
        );
        assert_eq!(lab.model.engine.threads.len() - threads, usize::from(copied.is_ok()));
        lab.save();
    }
    assert_eq!(lab.model.lifecycle, Lifecycle::Running);
}

#[test]
fn a_copy_works_under_the_settings_of_its_source_and_claims_none_of_its_changes() {
    let mut lab = talk(&["one"]);
    let change = |model: &str| SettingsChange { model: Some(model.to_owned()), ..SettingsChange::default() };
    lab.op(Op::ChangeSettings { thread: lab.id(), change: change("other") }).unwrap();
    let copy = fork(&mut lab, ForkPoint::End).unwrap();
    assert_eq!(thread(&lab, &copy).settings, lab.thread().settings);
    assert_eq!((thread(&lab, &copy).undo.turns.len(), lab.thread().undo.turns.len()), (0, 1));
    let id = lab.id();
    let first = Some(UserInput::text("two"));
    lab.send(Msg::Op(FROM, Op::ForkThread { source: source(&id.0, ForkPoint::End), change: change("third"), first }));
    lab.save();
    let cmd = read(&mut lab, &id);
    let Ok(Reply::Thread { thread: second }) = answer(&cmd) else { panic!("a thread") };
    assert_eq!(lab.request().1.model, "third");
    assert_eq!(said(thread(&lab, &second)), ["one", "one!", "two"]);
    let own = thread(&lab, &second).undo.turns.clone();
    assert_eq!(own.len(), 1);
    // So it is when it is taken up again: ids of turns begin with their time.
    lab.save();
    let mut records = file(&lab, &second);
    for line in &mut records {
        if let RolloutItem::TurnStarted { turn, .. } = &mut line.item
            && *turn != own[0].0.0
        {
            "00000000-0000-7000-8000-000000000000".clone_into(turn);
        }
    }
    let again = resumed(records, None);
    assert_eq!(again.thread().log.turns(), 2);
    assert!(again.thread().undo.turns.iter().all(|(turn, _)| *turn == own[0].0));
}

#[test]
fn what_cannot_be_copied_is_refused_and_ends_nothing_else() {
    let mut lab = Lab::interactive();
    let id = lab.id();
    let said_nothing = answer(&lab.send(Msg::Op(FROM, op(&id.0, ForkPoint::End))));
    assert!(matches!(said_nothing, Err(Refusal::Invalid(why)) if why.contains("Nothing has been said")));
    let mut boot = boot_data(FULL);
    boot.ephemeral = true;
    let mut quiet = Lab::new(boot);
    quiet.submit("go");
    let id = quiet.id();
    let not_kept = answer(&quiet.send(Msg::Op(FROM, op(&id.0, ForkPoint::End))));
    assert!(matches!(not_kept, Err(Refusal::Invalid(why)) if why.contains("not kept")));
    // One that cannot be saved while it is waited for.
    let mut lab = talk(&["one"]);
    lab.submit("two");
    let id = lab.id();
    lab.send(Msg::Op(FROM, op(&id.0, ForkPoint::End)));
    let append = lab.model.engine.in_flight.iter().find(|key| format!("{key:?}").contains("Append")).cloned().unwrap();
    let full = || Report::Failed(Fault::new(FaultKind::Storage, "The disk is full."));
    let not_saved = answer(&lab.send(Msg::Report(append, full())));
    assert!(matches!(not_saved, Err(Refusal::Invalid(why)) if why.contains("not being saved")));
    // One that is not there.
    lab.send(Msg::Op(FROM, op("gone", ForkPoint::End)));
    let (key, target) = reading(&lab).unwrap();
    assert_eq!(target, "gone");
    let gone = answer(&lab.send(Msg::Report(key, Report::Failed(Fault::new(FaultKind::Missing, "No such session.")))));
    assert_eq!(gone, Err(Refusal::Invalid("No such session.".to_owned())));
    assert_eq!((lab.model.lifecycle, lab.model.engine.threads.len()), (Lifecycle::Running, 1));
}

#[test]
fn at_the_start_of_the_program_the_copy_is_its_thread_or_its_end() {
    let records = file(&talk(&["one"]), &talk(&["one"]).id());
    let boot = || {
        let mut boot = boot_data(FULL);
        (boot.open, boot.seed) = (Open::Forked { target: "x".to_owned(), cwd: None }, 8);
        boot.first = Some(UserInput::text("two"));
        Lab::new(boot)
    };
    let mut lab = boot();
    let (key, target) = reading(&lab).unwrap();
    assert_eq!(target, "x");
    lab.send(Msg::Report(key, loaded(records)));
    assert_eq!(said(lab.thread()), ["one", "one!", "two"]);
    assert!(lab.model.shown().is_some_and(|shown| shown.id == lab.id()));
    let mut lab = boot();
    let (key, _) = reading(&lab).unwrap();
    lab.send(Msg::Report(key, Report::Failed(Fault::new(FaultKind::Missing, "No such session."))));
    assert!(
        lab.notices.iter().any(|notice| matches!(notice, Notice::Fatal { message } if message == "No such session."))
    );
    assert_ne!(lab.model.lifecycle, Lifecycle::Running);
}

#[test]
fn an_open_thread_that_is_named_otherwise_is_waited_for_too() {
    let mut lab = talk(&["one"]);
    let id = lab.id();
    lab.send(Msg::Op(FROM, op("its name", ForkPoint::End)));
    lab.submit("two");
    // What was read first lacks what was said meanwhile.
    let (key, target) = reading(&lab).unwrap();
    assert_eq!(target, "its name");
    let records = file(&talk(&["one"]), &id);
    assert_eq!(lab.send(Msg::Report(key, loaded(records))).replies, []);
    assert_eq!(reading(&lab), None);
    lab.save();
    assert_eq!(reading(&lab).unwrap().1, id.0);
    let cmd = read(&mut lab, &id);
    let Ok(Reply::Thread { thread: copy }) = answer(&cmd) else { panic!("a thread") };
    assert_eq!(said(thread(&lab, &copy)), ["one", "one!", "two"]);
}

#[test]
fn one_that_is_closed_meanwhile_is_copied_as_it_ended_and_each_is_answered() {
    let mut lab = talk(&["one"]);
    lab.submit("two");
    let id = lab.id();
    let second = Origin { client: ClientId(8), request: Some(1) };
    lab.send(Msg::Op(FROM, op(&id.0, ForkPoint::End)));
    lab.send(Msg::Op(second, op(&id.0, ForkPoint::End)));
    lab.op(Op::CloseThread { thread: id.clone() }).unwrap();
    while let Some(key) = lab.model.engine.in_flight.iter().find(|key| format!("{key:?}").contains("Append")).cloned() {
        lab.send(Msg::Report(key, Report::Store(StoreReport::Appended)));
    }
    assert!(lab.model.engine.threads.is_empty());
    let records = file(&lab, &id);
    let mut answered = Vec::new();
    while let Some((key, target)) = reading(&lab) {
        assert_eq!(target, id.0);
        let cmd = lab.send(Msg::Report(key, loaded(records.clone())));
        answered.extend(cmd.replies.into_iter().map(|(origin, reply)| (origin, reply.is_ok())));
    }
    answered.sort_unstable();
    assert_eq!(answered, [(FROM, true), (second, true)]);
    assert_eq!(lab.model.engine.threads.len(), 2);
}
