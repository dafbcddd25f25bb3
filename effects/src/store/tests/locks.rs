//! One writer for each session.

use quire_state::fault::FaultKind;

use super::*;

#[test]
fn a_second_writer_is_refused_by_name() {
    let home = home();
    let first = open(home.path().to_owned());
    first.append(&id(1), None, &session(&id(1)), true).unwrap();
    let path = finding::by_id(home.path(), &id(1)).unwrap();
    let before = fs::read(&path).unwrap();
    let second = open(home.path().to_owned());
    let expected = format!(
        "Session {} is in use by process {}. Close it there first, or start a new session.",
        id(1).0,
        std::process::id()
    );
    for fault in
        [second.load(&id(1).0, None).unwrap_err(), second.append(&id(1), path.to_str(), &turn(3), true).unwrap_err()]
    {
        assert_eq!((fault.kind, fault.line()), (FaultKind::Storage, expected.clone()));
    }
    assert_eq!(fs::read(&path).unwrap(), before);
    // A copy is made of what is there, and takes nothing away from the process that writes it.
    let Ok(StoreReport::Loaded { records, .. }) = second.read(&id(1).0, None) else { panic!("it is read") };
    assert_eq!(records, session(&id(1)));
    first.append(&id(1), None, &turn(3), true).unwrap();
    second.append(&id(2), None, &session(&id(2)), true).expect("another session is free");
}

#[test]
fn who_writes_one_session_holds_up_no_other() {
    let home = home();
    let store = open(home.path().to_owned());
    store.append(&id(1), None, &session(&id(1)), true).unwrap();
    let slow = store.rollout(&id(1));
    let _writing = held(&slow);
    store.append(&id(2), None, &session(&id(2)), true).unwrap();
    store.remember(&id(1), "words", 1).unwrap();
}

#[test]
fn a_session_is_free_again_when_its_writer_is_done() {
    let home = home();
    let first = open(home.path().to_owned());
    first.append(&id(1), None, &session(&id(1)), true).unwrap();
    let second = open(home.path().to_owned());
    second.load(&id(1).0, None).unwrap_err();
    first.close(&id(1));
    load_by(&second, &id(1).0);
    first.append(&id(1), None, &turn(3), true).expect_err("the second has it now");
    drop(second);
    first.append(&id(1), None, &turn(3), true).unwrap();
    first.shut();
    let left: Vec<_> =
        fs::read_dir(place::locks(home.path())).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [".coordination.lock"]);
}

#[test]
fn a_home_that_is_gone_stays_gone() {
    let home = home();
    let store = open(home.path().to_owned());
    store.append(&id(1), None, &session(&id(1)), true).unwrap();
    fs::remove_dir_all(home.path()).unwrap();
    store.close(&id(1));
    store.shut();
    assert!(!home.path().exists());
}

#[test]
fn a_lock_held_as_the_codex_cli_holds_it_counts() {
    let home = of_codex("0.169.0");
    let thread = "01a202ff-9e94-7752-9ce2-8101070621da";
    fs::create_dir_all(place::locks(home.path())).unwrap();
    let held = fs::File::create(place::locks(home.path()).join(format!("{thread}.lock"))).unwrap();
    held.lock().unwrap();
    let fault = open(home.path().to_owned()).load(thread, None).unwrap_err();
    assert!(fault.summary.contains("is in use by process"), "{}", fault.summary);
    drop(held);
    load(home.path(), thread);
}

#[test]
fn many_writers_of_many_sessions_do_not_mix() {
    let home = home();
    std::thread::scope(|scope| {
        for number in 1..=8 {
            let home = home.path().to_owned();
            scope.spawn(move || {
                let store = open(home);
                store.append(&id(number), None, &[meta(&id(number))], false).unwrap();
                for turn_number in 0..20 {
                    store.append(&id(number), None, &turn(turn_number), false).unwrap();
                    store.remember(&id(number), "said", 1).unwrap();
                }
                store.tidy();
            });
        }
    });
    for number in 1..=8 {
        let (records, skipped) = load(home.path(), &id(number).0);
        assert_eq!((records.len(), skipped), (1 + 20 * turn(1).len(), 0));
    }
    assert_eq!(crate::store::recall(home.path(), 1000).len(), 160);
}
