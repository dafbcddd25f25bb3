//! What was said in stored sessions.

use std::cell::RefCell;

use quire_state::msg::StoredMessage;

use super::*;
use crate::{runner::Reporter, secrets::Secrets, store::Search, vault::Secret};

/// What a search for these words finds in these threads, as long as there are fewer hits than so many.
fn found_most(store: &Store, words: &[&str], among: &[ThreadId], most: usize) -> Vec<(ThreadId, String)> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let found = RefCell::new(Vec::new());
    let tell = |report| {
        let StoreReport::Searched { hits, is_done: false } = report else { panic!("{report:?}") };
        found.borrow_mut().extend(hits);
    };
    let reporter = Reporter { is_current: &|| found.borrow().len() < most, tell: &tell };
    let end = store.searched(&Search { words: &words, among }, &reporter);
    assert_eq!(end, StoreReport::Searched { hits: Vec::new(), is_done: true });
    found.into_inner()
}

fn found(store: &Store, words: &[&str], among: &[ThreadId]) -> Vec<(ThreadId, String)> {
    found_most(store, words, among, usize::MAX)
}

#[test]
fn words_are_found_in_what_was_said_and_not_in_what_commands_printed() {
    let home = home();
    let long = format!("{} NEEDLE {}", "before ".repeat(60), "after ".repeat(60));
    written(home.path(), &id(1), &session(&id(1)));
    written(home.path(), &id(2), &[meta(&id(2)), said(&long)]);
    written(home.path(), &id(3), &[meta(&id(3)), said("Straße und Öl")]);
    let store = open(home.path().to_owned());
    store.archive(&id(3), false).unwrap();
    let all = [id(3), id(1), id(2), id(9)];
    // In the order of the list; words may be in two messages of one session.
    let cases: [(&str, &[&str]); 8] = [
        ("question", &["1: question 1"]),
        ("second line", &["1: with a second line"]),
        ("answer question", &["1: answer 1"]),
        ("answer needle", &[]),
        ("öl", &["3: Straße und Öl"]),
        ("weighing", &[]),
        ("echo", &[]),
        ("someone", &[]),
    ];
    for (words, expected) in cases {
        let hits = found(&store, &words.split(' ').collect::<Vec<_>>(), &all);
        let hits: Vec<String> = hits
            .into_iter()
            .map(|(thread, line)| format!("{}: {line}", (0..).find(|number| id(*number) == thread).unwrap()))
            .collect();
        assert_eq!(hits, expected, "{words}");
    }
    let hits = found(&store, &["needle"], &all);
    let line = &hits[0].1;
    assert!(line.starts_with("\u{2026}") && line.contains("NEEDLE") && line.chars().count() < 210, "{line}");
}

#[test]
fn what_is_not_looked_for_any_more_is_given_up() {
    let home = home();
    let all: Vec<ThreadId> = (1..6).map(id).collect();
    all.iter().for_each(|thread| drop(written(home.path(), thread, &session(thread))));
    let store = open(home.path().to_owned());
    assert_eq!(found_most(&store, &["answer"], &all, 2).len(), 2);
}

/// A key that was said to the model once is not shown again.
#[test]
fn secrets_are_covered_in_what_is_found_and_told() {
    let home = home();
    written(home.path(), &id(1), &[meta(&id(1)), said("use sk-canary-4711 for it")]);
    let secrets = Secrets::default();
    secrets.learn(&Secret::new("sk-canary-4711"));
    let store = open(home.path().to_owned()).without(secrets);
    let [(_, line)] = &found(&store, &["use"], &[id(1)])[..] else { panic!("one") };
    let Ok(StoreReport::Told(said)) = store.told(&id(1)) else { panic!("it is there") };
    for text in [line, &said[0].text] {
        assert!(text.contains("use [secret] for it"), "{text}");
    }
}

#[test]
fn the_end_of_a_session_is_told() {
    let home = home();
    let mut records = session(&id(1));
    records.push(said(&"x".repeat(5_000)));
    written(home.path(), &id(1), &records);
    let store = open(home.path().to_owned());
    let Ok(StoreReport::Told(said)) = store.told(&id(1)) else { panic!("it is there") };
    let texts: Vec<(bool, &str)> = said.iter().map(|said| (said.is_user, said.text.as_str())).collect();
    assert_eq!(
        texts[..4],
        [
            (true, "question 1\nwith a second line"),
            (false, "answer 1"),
            (true, "question 2\nwith a second line"),
            (false, "answer 2")
        ]
    );
    assert_eq!(texts[4].1.len(), 600);
    assert!(store.told(&id(2)).is_err());
}

/// What both programs write is read.
#[test]
fn the_sessions_of_the_codex_cli_are_searched() {
    for version in ["0.131.0", "0.169.0"] {
        let home = of_codex(version);
        let store = open(home.path().to_owned());
        let all = store.listed(None, 100, false).unwrap();
        let StoreReport::Listed(all) = all else { panic!("a list") };
        let ids: Vec<ThreadId> = all.iter().map(|session| session.id.clone()).collect();
        for session in all.iter().filter(|session| session.title.is_some()) {
            let Ok(StoreReport::Told(said)) = store.told(&session.id) else { panic!("{version}: {session:?}") };
            let first = |said: &StoredMessage| said.text.split_whitespace().next().unwrap_or_default().to_lowercase();
            let word = said.iter().map(first).find(|word| !word.is_empty()).unwrap();
            assert!(found(&store, &[&word], &ids).iter().any(|(id, _)| *id == session.id), "{version}: {word}");
        }
    }
}
