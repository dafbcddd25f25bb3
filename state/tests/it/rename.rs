//! The name of a thread.

use quire_state::{
    Effect, Key, Msg, Notice, Op, Report,
    boot::Open,
    cmd::{Refusal, Reply, StoreEffect},
    fault::{Fault, FaultKind},
    key::{ThreadId, Work},
    limits::THREAD_NAME_CHARS,
    msg::StoreReport,
};

use crate::{
    lab::{FULL, Lab, boot_data},
    resume::written,
    threads::open,
    undo::say,
};

fn rename(lab: &mut Lab, name: &str) -> Result<Reply, Refusal> {
    lab.op(Op::RenameThread { thread: lab.id(), name: name.to_owned() })
}

/// The names that are to be written down, with their keys.
fn names(lab: &Lab) -> Vec<(Key, String)> {
    let names = lab.effects.iter().filter_map(|(key, effect)| match effect {
        Effect::Store(StoreEffect::Rename { name, .. }) => Some((key.clone(), name.clone())),
        _ => None,
    });
    names.collect()
}

fn told(lab: &Lab) -> Vec<&str> {
    let told = lab.notices.iter().filter_map(|notice| match notice {
        Notice::ThreadRenamed { name, .. } => Some(name.as_str()),
        _ => None,
    });
    told.collect()
}

fn appended(lab: &mut Lab, key: Key) {
    lab.send(Msg::Report(key, Report::Store(StoreReport::Appended)));
}

#[test]
fn a_name_counts_and_is_told_once_it_is_written_down() {
    let mut lab = Lab::interactive();
    assert_eq!(rename(&mut lab, "  my\t \u{1b}[31mname\u{1b}[0m\nof\u{7} it \u{202e}"), Ok(Reply::Done));
    let (key, name) = names(&lab).pop().unwrap();
    assert_eq!(name, "my name of it");
    assert_eq!((told(&lab), lab.thread().name.as_deref()), (vec![], None));
    appended(&mut lab, key);
    assert_eq!((told(&lab), lab.thread().name.as_deref()), (vec!["my name of it"], Some("my name of it")));
    assert_eq!(lab.items(), ["note Info: This session is named \"my name of it\"."]);
    // A turn that runs is no obstacle, and of two names the later one counts.
    lab.submit("go");
    rename(&mut lab, "one").unwrap();
    rename(&mut lab, "two").unwrap();
    let keys: Vec<Key> = names(&lab).into_iter().skip(1).map(|(key, _)| key).collect();
    keys.into_iter().for_each(|key| appended(&mut lab, key));
    assert_eq!((told(&lab).len(), lab.thread().name.as_deref()), (3, Some("two")));
}

#[test]
fn the_user_names_the_session() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/rename");
    assert!(lab.model.screen.as_ref().unwrap().toast.as_ref().unwrap().0.contains("/rename NAME"));
    assert_eq!((names(&lab), lab.draft()), (Vec::new(), String::new()));
    say(&mut lab, "/rename  the big  change ");
    assert_eq!((names(&lab)[0].1.as_str(), lab.draft()), ("the big change", String::new()));
    say(&mut lab, &format!("/rename {}", "x".repeat(THREAD_NAME_CHARS + 1)));
    assert!(lab.model.screen.as_ref().unwrap().toast.as_ref().unwrap().0.contains("at most 200 characters"));
    assert_eq!(names(&lab).len(), 1);
}

#[test]
fn what_is_no_name_is_refused() {
    let mut lab = Lab::interactive();
    let model = lab.model.clone();
    let long = "é".repeat(THREAD_NAME_CHARS + 1);
    for name in ["", "  \n\t", "\u{1b}[31m", "\u{200b}", &long] {
        assert!(matches!(rename(&mut lab, name), Err(Refusal::Invalid(_))), "{name:?}");
    }
    assert_eq!(lab.model, model);
    assert_eq!(rename(&mut lab, &long[2..]), Ok(Reply::Done));
    let nowhere = Op::RenameThread { thread: ThreadId("none".to_owned()), name: "x".to_owned() };
    assert_eq!(lab.op(nowhere), Err(Refusal::NoSuchThread));
    let mut boot = boot_data(FULL);
    boot.ephemeral = true;
    let mut lab = Lab::new(boot);
    assert!(matches!(rename(&mut lab, "x"), Err(Refusal::Invalid(why)) if why.contains("not kept")));
    assert_eq!(names(&lab), []);
}

#[test]
fn a_name_that_cannot_be_kept_is_none() {
    let mut lab = Lab::interactive();
    rename(&mut lab, "a name").unwrap();
    let (key, _) = names(&lab).pop().unwrap();
    lab.send(Msg::Report(key, Report::Failed(Fault::new(FaultKind::Storage, "The disk is full."))));
    assert_eq!((told(&lab), lab.thread().name.as_deref()), (vec![], None));
    assert_eq!(lab.items(), ["note Warning: The session could not be named \"a name\". The disk is full."]);
}

#[test]
fn a_thread_that_closes_keeps_its_name_first() {
    let (mut lab, ids) = open(2);
    lab.op(Op::RenameThread { thread: ids[1].clone(), name: "second".to_owned() }).unwrap();
    lab.op(Op::CloseThread { thread: ids[1].clone() }).unwrap();
    assert!(lab.model.engine.threads.contains_key(&ids[1]));
    let (key, _) = names(&lab).pop().unwrap();
    assert!(matches!(&key, Key::Thread(thread, Work::Name(_)) if *thread == ids[1]));
    appended(&mut lab, key);
    assert!(!lab.model.engine.threads.contains_key(&ids[1]));
    assert_eq!(lab.thread().name, None, "the other one has none");
}

#[test]
fn a_resumed_thread_has_its_name() {
    let mut before = Lab::interactive();
    before.submit("go");
    let records = written(&before);
    let mut boot = boot_data(FULL);
    boot.open = Open::Stored { target: "x".to_owned(), cwd: None };
    let mut lab = Lab::new(boot);
    let name = Some("mine".to_owned());
    let report = StoreReport::Loaded { path: "/x.jsonl".to_owned(), name, records, skipped: 0, left_out: 0 };
    lab.send(Msg::Report(Key::Load("x".to_owned()), Report::Store(report)));
    assert_eq!(lab.thread().name.as_deref(), Some("mine"));
}
