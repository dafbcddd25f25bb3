//! Tools that are watched, as the runner does it.

use std::{fs, path::PathBuf};

use quire_state::{
    changes::Consent,
    cmd::{ChangeScope, ChangeStoreRef, UndoEffect, Way},
    item::DiffItem,
    key::TurnId,
    msg::{Tally, UndoReport},
};

use super::{World, thread};
use crate::undo::{ChangeStores, Undo};

impl World {
    fn scope(&self, turn: &str) -> ChangeScope {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let store = ChangeStoreRef { home: text(self.home()), thread: thread(), roots: vec![text(self.root.clone())] };
        ChangeScope { store, turn: TurnId(turn.to_owned()) }
    }

    /// What a turn comes to.
    fn tell(&self, stores: &ChangeStores, turn: &str, look: bool) -> DiffItem {
        let base = self.root.to_str().unwrap().to_owned();
        match stores.run(&UndoEffect::Tell { scope: self.scope(turn), base, look }).unwrap() {
            UndoReport::Told { diff, .. } => DiffItem::clone(&diff),
            other => panic!("{other:?}"),
        }
    }

    fn carry(&self, stores: &ChangeStores, way: Way, consent: Consent) -> UndoReport {
        let store = self.scope("").store;
        stores.run(&UndoEffect::Carry { store, way, consent, roots: vec!["/".to_owned()], turns: Vec::new() }).unwrap()
    }
}

fn paths(diff: &DiffItem) -> Vec<&str> {
    diff.files.iter().map(|changed| changed.file.path.as_str()).collect()
}

#[test]
fn a_tool_that_changed_something_says_so_at_its_end() {
    let (world, stores) = (World::of(&[("a", "1\n")]), ChangeStores::default());
    let mut idle = stores.begin(Some(&world.scope("t")));
    assert!(!idle.end(), "nothing has changed");
    world.write("by-hand", "x\n");
    let mut tool = stores.begin(Some(&world.scope("t")));
    world.write("a", "2\n");
    assert!(tool.end());
    assert_eq!(paths(&world.tell(&stores, "t", false)), ["a"]);
    assert!(!tool.end(), "it has ended once");
}

#[test]
fn what_one_tool_sees_of_another_is_told_by_the_next_that_ends() {
    let (world, stores) = (World::of(&[]), ChangeStores::default());
    let mut long = stores.begin(Some(&world.scope("t")));
    world.write("a", "1\n");
    let mut short = stores.begin(Some(&world.scope("t")));
    assert!(short.end(), "it was not reported yet");
    assert!(!long.end());
    assert_eq!(paths(&world.tell(&stores, "t", false)), ["a"]);
}

#[test]
fn a_look_in_between_sees_what_runs_on() {
    let (world, stores) = (World::of(&[]), ChangeStores::default());
    let tool = stores.begin(Some(&world.scope("t")));
    world.write("log", "1\n");
    assert_eq!(paths(&world.tell(&stores, "t", false)), [""; 0]);
    assert_eq!(paths(&world.tell(&stores, "t", true)), ["log"]);
    drop(tool);
    // It has ended, although nothing asked: this is not its work.
    world.write("mine", "1\n");
    assert_eq!(paths(&world.tell(&stores, "t", true)), ["log"]);
}

#[test]
fn a_patch_is_kept_wherever_it_writes() {
    let (world, stores) = (World::of(&[]), ChangeStores::default());
    let outside = world.out().join("secret");
    let written = stores.patch(Some(&world.scope("t")), std::slice::from_ref(&outside), || fs::write(&outside, "b\n"));
    written.unwrap();
    let UndoReport::Done(done) = world.carry(&stores, Way::Undo, Consent::Whole) else { panic!() };
    assert_eq!((done.change_count, done.turn), (1, TurnId("t".to_owned())));
    assert_eq!(fs::read_to_string(&outside).unwrap(), "a\n");
    assert!(world.tell(&stores, "t", false).is_undone);
    assert_eq!(world.carry(&stores, Way::Undo, Consent::Whole), UndoReport::Nothing);
}

#[test]
fn what_stands_in_the_way_is_told_and_nothing_touched() {
    let (world, stores) = (World::of(&[("a", "1\n"), ("b", "1\n")]), ChangeStores::default());
    let mut tool = stores.begin(Some(&world.scope("t")));
    world.write("a", "2\n");
    world.write("b", "2\n");
    tool.end();
    world.write("a", "3\n");
    let blocked = world.carry(&stores, Way::Undo, Consent::Whole);
    assert!(matches!(blocked, UndoReport::Blocked { conflict_count: 1, free_count: 1, .. }), "{blocked:?}");
    assert_eq!((world.read("a"), world.read("b")), ("3\n".to_owned(), "2\n".to_owned()));
    let UndoReport::Done(done) = world.carry(&stores, Way::Undo, Consent::Rest) else { panic!() };
    assert_eq!((done.change_count, done.conflict_count), (1, 1));
    assert_eq!((world.read("a"), world.read("b")), ("3\n".to_owned(), "1\n".to_owned()));
}

#[test]
fn consent_to_the_rest_takes_nothing_back_where_there_is_no_rest() {
    let (world, stores) = (World::of(&[("a", "1\n")]), ChangeStores::default());
    let mut tool = stores.begin(Some(&world.scope("t")));
    world.write("a", "2\n");
    tool.end();
    world.write("a", "3\n");
    let blocked = world.carry(&stores, Way::Undo, Consent::Rest);
    assert!(matches!(blocked, UndoReport::Blocked { conflict_count: 1, free_count: 0, .. }), "{blocked:?}");
    // The turn still stands: once nothing is in the way it goes.
    world.write("a", "2\n");
    assert!(matches!(world.carry(&stores, Way::Undo, Consent::Whole), UndoReport::Done(_)));
    assert_eq!(world.read("a"), "1\n");
}

#[test]
fn tools_run_where_nothing_can_be_kept() {
    let (world, stores) = (World::of(&[("a", "1\n")]), ChangeStores::default());
    fs::write(world.home(), "no folder").unwrap();
    let mut tool = stores.begin(Some(&world.scope("t")));
    assert_eq!(stores.patch(Some(&world.scope("t")), &[world.path("a")], || 7), 7);
    assert!(!tool.end());
    let base = world.root.to_str().unwrap().to_owned();
    let fault = stores.run(&UndoEffect::Tell { scope: world.scope("t"), base, look: false }).unwrap_err();
    assert!(fault.line().contains("cannot be read"), "{}", fault.line());
}

#[test]
fn a_panic_in_a_look_ends_no_tool() {
    let (world, stores) = (World::of(&[("a", "1\n")]), ChangeStores::default());
    let mut tool = stores.begin(Some(&world.scope("t")));
    world.write("a", "2\n");
    assert!(tool.end());
    let failed = stores.with(&world.scope("t").store, |_: &mut Undo| panic!("on purpose"));
    assert!(failed.is_err_and(|error| error.to_string() == "Quire itself failed"));
    assert_eq!(paths(&world.tell(&stores, "t", false)), ["a"], "what is on disk is still known");
}

#[test]
fn at_the_end_of_the_program_only_what_turns_speak_of_stays() {
    let (world, stores) = (World::of(&[("a", "1\n"), ("same", "same\n")]), ChangeStores::default());
    let mut tool = stores.begin(Some(&world.scope("t")));
    world.write("a", "2\n");
    tool.end();
    let mut late = stores.begin(Some(&world.scope("t")));
    stores.close();
    let folder = world.home().join("quire/undo").join(&thread().0).join("objects");
    let mut kept: Vec<_> =
        fs::read_dir(folder).unwrap().map(|object| fs::read(object.unwrap().path()).unwrap()).collect();
    kept.sort();
    assert_eq!(kept, [b"1\n", b"2\n"]);
    // Who ends after it is not looked at any more.
    world.write("b", "1\n");
    assert!(!late.end());
    let stores = ChangeStores::default();
    assert_eq!(paths(&world.tell(&stores, "t", false)), ["a"]);
}

#[test]
fn what_going_back_would_take_back_is_counted_and_only_the_turns_that_are_meant_are_taken_back() {
    let (world, stores) = (World::of(&[("a", "1\n"), ("b", "1\n"), ("c", "1\n")]), ChangeStores::default());
    for (turn, files) in [("one", &["a", "b"][..]), ("two", &["c"]), ("three", &["a"])] {
        let mut tool = stores.begin(Some(&world.scope(turn)));
        files.iter().for_each(|file| world.write(file, format!("{turn}\nmore\n")));
        tool.end();
    }
    world.write("c", "by hand\n");
    let tally = |stores: &ChangeStores| match stores.run(&UndoEffect::Tally { store: world.scope("").store }).unwrap() {
        UndoReport::Tallied(all) => all,
        other => panic!("{other:?}"),
    };
    let told = |tally: Tally| (tally.files, tally.added, tally.removed);
    let seen: Vec<_> = tally(&stores)
        .iter()
        .map(|turn| (turn.turn.0.clone(), told(turn.own), told(turn.all), turn.kept.len()))
        .collect();
    let expected =
        [("one", (2, 4, 2), (3, 7, 4), 1), ("two", (1, 2, 1), (2, 3, 2), 1), ("three", (1, 1, 1), (1, 1, 1), 0)];
    assert_eq!(seen, expected.map(|(turn, own, all, kept)| (turn.to_owned(), own, all, kept)));
    let carry = |turns: &[&str]| {
        let turns = turns.iter().map(|turn| TurnId((*turn).to_owned())).collect();
        let (store, roots) = (world.scope("").store, vec!["/".to_owned()]);
        stores.run(&UndoEffect::Carry { store, way: Way::Undo, consent: Consent::Rest, roots, turns }).unwrap()
    };
    // The turn that something stands in the way of is told, and the ones around it are the next of theirs.
    assert!(matches!(carry(&["two"]), UndoReport::Blocked { turn, .. } if turn.0 == "two"));
    assert!(matches!(carry(&["two", "three"]), UndoReport::Done(done) if done.turn.0 == "three"));
    assert_eq!(world.read("a"), "one\nmore\n");
    assert!(matches!(carry(&["three"]), UndoReport::Nothing));
    assert!(matches!(carry(&["one"]), UndoReport::Done(done) if done.turn.0 == "one"));
    assert_eq!((world.read("a"), world.read("b"), world.read("c")), ("1\n".into(), "1\n".into(), "by hand\n".into()));
    assert_eq!(tally(&stores).len(), 1, "only what still stands");
}
