//! From one session to another at the screen: new ones, stored ones, copies.

use quire_state::{
    Effect, Key, Msg, Report,
    cmd::StoreEffect,
    fault::{Fault, FaultKind},
    key::ThreadId,
    limits::SESSIONS_LISTED,
    msg::{KeyCode, KeyPress, StoreReport, StoredMessage, StoredThread},
    screen::{Overlay, Sessions},
};

use crate::{lab::Lab, resume::written, undo::say};

fn stored(id: &str, title: &str, name: Option<&str>, cwd: &str) -> StoredThread {
    StoredThread {
        id: ThreadId(id.to_owned()),
        cwd: cwd.to_owned(),
        created_unix_ms: 0,
        updated_unix_ms: 0,
        title: Some(title.to_owned()),
        name: name.map(str::to_owned),
        model: None,
        tokens: 0,
    }
}

/// The newest request for a list: its key, and the folder.
fn asked(lab: &Lab) -> (Key, Option<String>) {
    let mut lists = lab.effects.iter().filter_map(|(key, effect)| match effect {
        Effect::Store(StoreEffect::List { cwd, limit: SESSIONS_LISTED, .. }) => Some((key.clone(), cwd.clone())),
        _ => None,
    });
    lists.next_back().unwrap()
}

/// What stored sessions are read, to go on with or to be copied.
fn read(lab: &Lab) -> Vec<(Key, String)> {
    let read = lab.effects.iter().filter_map(|(key, effect)| match effect {
        Effect::Store(StoreEffect::Load { target, .. }) => Some((key.clone(), target.clone())),
        Effect::Store(StoreEffect::Read { target, .. }) => Some((key.clone(), format!("copy of {target}"))),
        _ => None,
    });
    read.collect()
}

fn answer(lab: &mut Lab) {
    let (key, _) = asked(lab);
    let own = lab.id().0;
    let all = vec![
        stored(&own, "what is shown already", None, "/work"),
        stored("a", "Why is tests/api.rs slow?", Some("Slow tests"), "/work"),
        stored("b", "Add GET /ready", None, "/work"),
    ];
    lab.send(Msg::Report(key, Report::Store(StoreReport::Listed(all))));
}

fn open(lab: &Lab) -> Option<&Sessions> {
    match lab.model.screen.as_ref().unwrap().popup() {
        Some(Overlay::Sessions(sessions)) => Some(sessions),
        _ => None,
    }
}

fn listed(lab: &Lab) -> Vec<&str> {
    open(lab).unwrap().rows.rows().iter().map(|id| id.0.as_str()).collect()
}

fn toast(lab: &Lab) -> &str {
    lab.model.screen.as_ref().unwrap().toast.as_ref().map_or("", |(line, _)| line)
}

fn shown(lab: &Lab) -> ThreadId {
    lab.model.shown().unwrap().id.clone()
}

fn threads(lab: &Lab) -> usize {
    lab.model.engine.threads.len()
}

#[test]
fn a_new_session_takes_the_place_of_the_old_one_and_its_settings() {
    for command in ["/new", "/clear"] {
        let mut lab = Lab::interactive();
        say(&mut lab, "/model gpt-5.4 low");
        let old = shown(&lab);
        say(&mut lab, command);
        assert_ne!(shown(&lab), old);
        lab.save();
        assert_eq!((threads(&lab), lab.model.engine.active.clone()), (1, Some(shown(&lab))));
        let config = &lab.model.shown().unwrap().settings.config;
        assert_eq!((config.model.as_str(), config.effort.as_deref()), ("gpt-5.4", Some("low")));
        say(&mut lab, "hello");
        assert_eq!(lab.request().1.thread, shown(&lab));
    }
}

#[test]
fn a_session_is_not_left_while_a_turn_runs() {
    let mut lab = Lab::interactive();
    lab.submit("go");
    let old = shown(&lab);
    for command in ["/new", "/resume", "/resume last", "/fork", "/fork last"] {
        say(&mut lab, command);
        assert!(toast(&lab).starts_with("A turn is running."), "{command}: {}", toast(&lab));
        assert_eq!((shown(&lab), threads(&lab)), (old.clone(), 1), "{command}");
    }
}

#[test]
fn sessions_are_listed_searched_and_opened() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/resume");
    assert_eq!(asked(&lab).1.as_deref(), Some("/work"));
    assert!(open(&lab).unwrap().all.is_none());
    // Nothing can be taken before there is something.
    lab.press(KeyCode::Enter);
    answer(&mut lab);
    assert_eq!(listed(&lab), ["a", "b"]);
    lab.type_text("API slow");
    assert_eq!(listed(&lab), ["a"]);
    lab.type_text("x");
    assert!(listed(&lab).is_empty());
    lab.press(KeyCode::Backspace);
    lab.send(Msg::Input(quire_state::Input::Paste(" test\n".to_owned())));
    assert_eq!(
        (listed(&lab), open(&lab).unwrap().query.as_str(), lab.draft()),
        (vec!["a"], "API slow test", String::new())
    );
    lab.press(KeyCode::Tab);
    assert_eq!(asked(&lab).1, None);
    answer(&mut lab);
    assert_eq!(listed(&lab), ["a"]);
    lab.press(KeyCode::Enter);
    assert!(open(&lab).is_none());
    let (key, target) = read(&lab).pop().unwrap();
    assert_eq!(target, "a");
    let loaded =
        StoreReport::Loaded { path: "/s/a.jsonl".into(), name: None, records: Vec::new(), skipped: 0, left_out: 0 };
    let old = shown(&lab);
    lab.send(Msg::Report(key, Report::Store(loaded)));
    lab.save();
    assert_ne!(shown(&lab), old);
    assert_eq!(threads(&lab), 1);
}

#[test]
fn a_late_list_changes_nothing() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/resume");
    let (first, _) = asked(&lab);
    lab.press(KeyCode::Tab);
    lab.send(Msg::Report(first, Report::Store(StoreReport::Listed(vec![stored("z", "old", None, "/work")]))));
    assert!(open(&lab).unwrap().all.is_none());
    answer(&mut lab);
    assert_eq!(listed(&lab), ["a", "b"]);
    lab.press(KeyCode::Esc);
    assert!(open(&lab).is_none() && read(&lab).is_empty());
}

#[test]
fn targets_are_named_behind_the_commands() {
    let own = Lab::interactive().id().0;
    let cases = [("/resume b", "b".to_owned()), ("/fork b", "copy of b".to_owned())];
    for (line, target) in cases {
        let mut lab = Lab::interactive();
        say(&mut lab, line);
        assert_eq!(read(&lab).pop().map(|(_, target)| target), Some(target), "{line}");
    }
    for (line, target) in [("/resume last", "a"), ("/fork last", "copy of a")] {
        let mut lab = Lab::interactive();
        say(&mut lab, line);
        answer(&mut lab);
        assert_eq!(read(&lab).pop().map(|(_, target)| target).as_deref(), Some(target), "{line}");
        assert!(open(&lab).is_none());
    }
    let mut lab = Lab::interactive();
    say(&mut lab, "/resume last");
    let (key, _) = asked(&lab);
    lab.send(Msg::Report(key, Report::Store(StoreReport::Listed(vec![stored(&own, "own", None, "/work")]))));
    assert!(toast(&lab).contains("no other session"), "{}", toast(&lab));
    say(&mut lab, "/resume");
    answer(&mut lab);
    lab.key(KeyPress::ctrl('f'));
    assert_eq!(read(&lab).pop().map(|(_, target)| target).as_deref(), Some("copy of a"));
}

#[test]
fn a_session_that_cannot_be_opened_leaves_everything_as_it_is() {
    let mut lab = Lab::interactive();
    let old = shown(&lab);
    say(&mut lab, "/resume nowhere");
    let (key, _) = read(&lab).pop().unwrap();
    lab.send(Msg::Report(key, Report::Failed(Fault::new(FaultKind::Missing, "No session is called `nowhere`."))));
    assert!(toast(&lab).contains("No session is called `nowhere`."), "{}", toast(&lab));
    assert_eq!((shown(&lab), threads(&lab)), (old, 1));
    say(&mut lab, "/resume");
    let (key, _) = asked(&lab);
    lab.send(Msg::Report(key, Report::Failed(Fault::new(FaultKind::Storage, "The disk is gone."))));
    assert!(toast(&lab).contains("The disk is gone.") && open(&lab).is_none(), "{}", toast(&lab));
}

#[test]
fn a_copy_of_what_is_shown_takes_its_place() {
    let mut lab = Lab::interactive();
    lab.submit("one");
    lab.answer(0, "one!");
    lab.complete();
    lab.save();
    let old = shown(&lab);
    say(&mut lab, "/fork");
    lab.save();
    let records = written(&lab);
    let (key, _) = read(&lab).pop().unwrap();
    let loaded = StoreReport::Loaded { path: "/s/x.jsonl".into(), name: None, records, skipped: 0, left_out: 0 };
    lab.send(Msg::Report(key, Report::Store(loaded)));
    lab.save();
    let thread = lab.model.shown().unwrap();
    assert_ne!(thread.id, old);
    assert_eq!((thread.forked_from.clone(), threads(&lab)), (Some(old), 1));
}

/// The changes of stored sessions that were asked for, with their keys.
fn changes(lab: &Lab) -> Vec<(Key, StoreEffect)> {
    let changes = lab.effects.iter().filter(|(_, effect)| {
        matches!(
            effect,
            Effect::Store(StoreEffect::Archive { .. } | StoreEffect::Delete { .. } | StoreEffect::Rename { .. })
        )
    });
    let stored = |effect: &Effect| if let Effect::Store(effect) = effect { Some(effect.clone()) } else { None };
    changes.filter_map(|(key, effect)| Some((key.clone(), stored(effect)?))).collect()
}

fn lists(lab: &Lab) -> usize {
    lab.effects.iter().filter(|(_, effect)| matches!(effect, Effect::Store(StoreEffect::List { .. }))).count()
}

#[test]
fn a_listed_session_is_named_put_away_and_deleted_after_a_yes() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/resume");
    answer(&mut lab);
    let id = ThreadId("a".to_owned());
    // A name: what was written before is there to be changed.
    lab.key(KeyPress::ctrl('n'));
    lab.type_text("!");
    lab.press(KeyCode::Backspace);
    lab.type_text(" again");
    lab.press(KeyCode::Enter);
    let (key, named) = changes(&lab).pop().unwrap();
    assert!(
        matches!(&named, StoreEffect::Rename { thread, name, .. } if *thread == id && name == "Slow tests again"),
        "{named:?}"
    );
    let before = lists(&lab);
    lab.send(Msg::Report(key, Report::Store(StoreReport::Appended)));
    assert_eq!(lists(&lab), before + 1, "the list is read again");
    answer(&mut lab);
    lab.key(KeyPress::ctrl('x'));
    let (_, away) = changes(&lab).pop().unwrap();
    assert_eq!(away, StoreEffect::Archive { thread: id.clone(), is_back: false });
    // Any key but y keeps it, and what is pasted says nothing.
    for keep in [KeyCode::Enter, KeyCode::Esc, KeyCode::Char('n')] {
        lab.key(KeyPress::ctrl('d'));
        lab.press(keep);
    }
    lab.key(KeyPress::ctrl('d'));
    lab.send(Msg::Input(quire_state::Input::Paste("y".to_owned())));
    lab.press(KeyCode::Backspace);
    assert_eq!(changes(&lab).len(), 2);
    lab.key(KeyPress::ctrl('d'));
    lab.press(KeyCode::Char('y'));
    let (key, gone) = changes(&lab).pop().unwrap();
    assert_eq!(gone, StoreEffect::Delete { thread: id });
    let fault = Fault::new(FaultKind::Storage, "Session a is in use by process 7.");
    lab.send(Msg::Report(key, Report::Failed(fault)));
    let screen = lab.model.screen.as_ref().unwrap();
    assert!(screen.toast.as_ref().unwrap().0.contains("in use") && open(&lab).is_some());
}

#[test]
fn those_that_were_put_away_are_a_list_of_their_own() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/resume");
    let asked = |lab: &Lab| match lab
        .effects
        .iter()
        .rev()
        .find(|(_, effect)| matches!(effect, Effect::Store(StoreEffect::List { .. })))
    {
        Some((_, Effect::Store(StoreEffect::List { cwd, is_archived, .. }))) => (cwd.is_some(), *is_archived),
        other => panic!("{other:?}"),
    };
    let mut seen = vec![asked(&lab)];
    for _ in 0..3 {
        lab.press(KeyCode::Tab);
        seen.push(asked(&lab));
    }
    assert_eq!(seen, [(true, false), (false, false), (false, true), (true, false)]);
    lab.press(KeyCode::Tab);
    lab.press(KeyCode::Tab);
    answer(&mut lab);
    lab.key(KeyPress::ctrl('x'));
    assert!(matches!(changes(&lab).pop(), Some((_, StoreEffect::Archive { is_back: true, .. }))));
}

/// The newest search in what was said: its key, the words, and where.
fn search(lab: &Lab) -> Option<(Key, String, Vec<String>)> {
    lab.effects.iter().rev().find_map(|(key, effect)| match effect {
        Effect::Store(StoreEffect::Search { words, among }) => {
            Some((key.clone(), words.join(" "), among.iter().map(|id| id.0.clone()).collect()))
        }
        _ => None,
    })
}

fn searched(lab: &mut Lab, key: &Key, hits: &[(&str, &str)], is_done: bool) {
    let hits = hits.iter().map(|(id, line)| (ThreadId((*id).to_owned()), (*line).to_owned())).collect();
    lab.send(Msg::Report(key.clone(), Report::Store(StoreReport::Searched { hits, is_done })));
}

fn is_cancelled(lab: &Lab, key: &Key) -> bool {
    lab.effects.iter().any(|(_, effect)| *effect == Effect::Cancel(key.clone()))
}

#[test]
fn what_was_said_is_searched_beside_what_sessions_are_called() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/resume");
    answer(&mut lab);
    lab.type_text("s");
    assert_eq!(search(&lab), None, "one letter is in everything");
    lab.type_text("l");
    let (first, words, among) = search(&lab).unwrap();
    assert_eq!((words.as_str(), among), ("sl", vec!["b".to_owned()]), "the other one is called so");
    assert_eq!(listed(&lab), ["a"]);
    searched(&mut lab, &first, &[("b", "It is slow.")], false);
    assert_eq!((listed(&lab), open(&lab).unwrap().hits.len()), (vec!["a", "b"], 1));
    lab.press(KeyCode::Down);
    searched(&mut lab, &first, &[("c", "not listed")], false);
    assert_eq!(open(&lab).unwrap().rows.at(), 1, "the mark stays");
    // Another word: what was found before does not count, and comes too late.
    lab.type_text("x");
    assert!(is_cancelled(&lab, &first));
    let (second, words, among) = search(&lab).unwrap();
    assert_eq!((words.as_str(), among), ("slx", vec!["a".to_owned(), "b".to_owned()]));
    searched(&mut lab, &first, &[("b", "late")], true);
    assert!(listed(&lab).is_empty());
    searched(&mut lab, &second, &[("b", "slx")], true);
    assert_eq!((listed(&lab), &open(&lab).unwrap().searching), (vec!["b"], &None));
    lab.send(Msg::Input(quire_state::Input::Paste("yz".to_owned())));
    let (third, words, _) = search(&lab).unwrap();
    assert_eq!(words, "slxyz");
    lab.press(KeyCode::Esc);
    assert!(is_cancelled(&lab, &third) && open(&lab).is_none());
    assert!(!lab.model.engine.in_flight.contains(&third));
}

/// Which sessions were asked about for the preview.
fn asked_about(lab: &Lab) -> Vec<(Key, String)> {
    let previews = lab.effects.iter().filter_map(|(key, effect)| match effect {
        Effect::Store(StoreEffect::Preview { thread }) => Some((key.clone(), thread.0.clone())),
        _ => None,
    });
    previews.collect()
}

#[test]
fn the_marked_session_is_shown_as_far_as_it_got() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/resume");
    answer(&mut lab);
    let told = |lab: &mut Lab, text: &str| {
        let (key, _) = asked_about(lab).pop().unwrap();
        let said = vec![StoredMessage { is_user: true, text: text.to_owned() }];
        lab.send(Msg::Report(key, Report::Store(StoreReport::Told(said))));
    };
    let shown = |lab: &Lab| {
        let open = open(lab).unwrap();
        open.preview.of(open.rows.marked().unwrap()).map(|said| said[0].text.clone())
    };
    // The mark has moved on before the first one is read: that one is read next.
    lab.press(KeyCode::Down);
    assert_eq!((asked_about(&lab).len(), shown(&lab)), (1, None));
    told(&mut lab, "of a");
    assert_eq!((asked_about(&lab).pop().unwrap().1.as_str(), shown(&lab)), ("b", None));
    told(&mut lab, "of b");
    assert_eq!(shown(&lab).as_deref(), Some("of b"));
    lab.press(KeyCode::Up);
    let (key, _) = asked_about(&lab).pop().unwrap();
    lab.send(Msg::Report(key, Report::Failed(Fault::new(FaultKind::Storage, "It cannot be read."))));
    assert!(open(&lab).is_some() && toast(&lab).is_empty(), "the list goes on without it");
}

#[test]
fn sessions_are_sorted_by_change_or_by_start() {
    let mut lab = Lab::interactive();
    say(&mut lab, "/resume");
    let (key, _) = asked(&lab);
    let begun = |id: &str, created_unix_ms| StoredThread { created_unix_ms, ..stored(id, id, None, "/work") };
    let all = vec![begun("a", 3), begun("b", 9), begun("c", 5)];
    lab.send(Msg::Report(key, Report::Store(StoreReport::Listed(all))));
    assert_eq!(listed(&lab), ["a", "b", "c"]);
    lab.key(KeyPress::ctrl('s'));
    assert_eq!(listed(&lab), ["b", "c", "a"]);
    lab.key(KeyPress::ctrl('s'));
    assert_eq!(listed(&lab), ["a", "b", "c"]);
}

/// What is asked of the store about a session that is left.
fn shelved(lab: &Lab) -> Vec<(Key, StoreEffect)> {
    let asked = lab.effects.iter().filter_map(|(key, effect)| match effect {
        Effect::Store(effect @ (StoreEffect::Archive { .. } | StoreEffect::Delete { .. })) => {
            Some((key.clone(), effect.clone()))
        }
        _ => None,
    });
    asked.collect()
}

#[test]
fn a_session_that_is_archived_or_deleted_is_closed_first_and_another_takes_its_place() {
    for (typed, says) in [("/archive", "Archived."), ("/delete yes", "Deleted."), ("/delete", "Deleted.")] {
        let mut lab = Lab::interactive();
        say(&mut lab, typed);
        assert_eq!(toast(&lab), "Nothing of this session is stored yet.", "{typed}");
        lab.submit("hello");
        say(&mut lab, typed);
        assert!(toast(&lab).starts_with("A turn is running."), "{typed}: {}", toast(&lab));
        lab.answer(0, "well");
        lab.complete();
        let old = shown(&lab);
        say(&mut lab, typed);
        if typed == "/delete" {
            // The mark rests on the way back.
            lab.press(KeyCode::Enter);
            assert_eq!((shown(&lab), shelved(&lab).len()), (old.clone(), 0));
            say(&mut lab, typed);
            lab.press(KeyCode::Down);
            lab.press(KeyCode::Enter);
        }
        assert_ne!(shown(&lab), old);
        lab.save();
        let asked = shelved(&lab);
        let [(key, effect)] = asked.as_slice() else { panic!("{typed}: {asked:?}") };
        let expected = match typed {
            "/archive" => StoreEffect::Archive { thread: old.clone(), is_back: false },
            _ => StoreEffect::Delete { thread: old.clone() },
        };
        assert_eq!((effect, threads(&lab)), (&expected, 1));
        lab.send(Msg::Report(key.clone(), Report::Store(StoreReport::Appended)));
        assert!(toast(&lab).starts_with(says), "{typed}: {}", toast(&lab));
    }
}
