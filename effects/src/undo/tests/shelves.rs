//! Tools that are watched, as the runner does it.

use std::{fs, path::PathBuf};

use quire_state::{
    changes::Consent,
    cmd::{Shelf, UndoEffect, Watch, Way},
    item::DiffItem,
    key::TurnId,
    msg::UndoReport,
};

use super::{World, thread};
use crate::undo::{Shelves, Undo};

impl World {
    fn watch(&self, turn: &str) -> Watch {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let shelf = Shelf { home: text(self.home()), thread: thread(), roots: vec![text(self.root.clone())] };
        Watch { shelf, turn: TurnId(turn.to_owned()) }
    }

    /// What a turn comes to.
    fn tell(&self, shelves: &Shelves, turn: &str, look: bool) -> DiffItem {
        let base = self.root.to_str().unwrap().to_owned();
        match shelves.run(&UndoEffect::Tell { watch: self.watch(turn), base, look }).unwrap() {
            UndoReport::Told { diff, .. } => DiffItem::clone(&diff),
            other => panic!("{other:?}"),
        }
    }

    fn carry(&self, shelves: &Shelves, way: Way, consent: Consent) -> UndoReport {
        let shelf = self.watch("").shelf;
        shelves.run(&UndoEffect::Carry { shelf, way, consent, roots: vec!["/".to_owned()] }).unwrap()
    }
}

fn paths(diff: &DiffItem) -> Vec<&str> {
    diff.files.iter().map(|changed| changed.file.path.as_str()).collect()
}

#[test]
fn a_tool_that_changed_something_says_so_at_its_end() {
    let (world, shelves) = (World::of(&[("a", "1\n")]), Shelves::default());
    let mut idle = shelves.begin(Some(&world.watch("t")));
    assert!(!idle.end(), "nothing has changed");
    world.write("by-hand", "x\n");
    let mut tool = shelves.begin(Some(&world.watch("t")));
    world.write("a", "2\n");
    assert!(tool.end());
    assert_eq!(paths(&world.tell(&shelves, "t", false)), ["a"]);
    assert!(!tool.end(), "it has ended once");
}

#[test]
fn what_one_tool_sees_of_another_is_told_by_the_next_that_ends() {
    let (world, shelves) = (World::of(&[]), Shelves::default());
    let mut long = shelves.begin(Some(&world.watch("t")));
    world.write("a", "1\n");
    let mut short = shelves.begin(Some(&world.watch("t")));
    assert!(short.end(), "nobody was told of it yet");
    assert!(!long.end());
    assert_eq!(paths(&world.tell(&shelves, "t", false)), ["a"]);
}

#[test]
fn a_look_in_between_sees_what_runs_on() {
    let (world, shelves) = (World::of(&[]), Shelves::default());
    let tool = shelves.begin(Some(&world.watch("t")));
    world.write("log", "1\n");
    assert_eq!(paths(&world.tell(&shelves, "t", false)), [""; 0]);
    assert_eq!(paths(&world.tell(&shelves, "t", true)), ["log"]);
    drop(tool);
    // It has ended, although nobody asked: this is somebody else's.
    world.write("mine", "1\n");
    assert_eq!(paths(&world.tell(&shelves, "t", true)), ["log"]);
}

#[test]
fn a_patch_is_kept_wherever_it_writes() {
    let (world, shelves) = (World::of(&[]), Shelves::default());
    let outside = world.out().join("secret");
    let written = shelves.patch(Some(&world.watch("t")), std::slice::from_ref(&outside), || fs::write(&outside, "b\n"));
    written.unwrap();
    let UndoReport::Done(done) = world.carry(&shelves, Way::Undo, Consent::Whole) else { panic!() };
    assert_eq!((done.change_count, done.turn), (1, TurnId("t".to_owned())));
    assert_eq!(fs::read_to_string(&outside).unwrap(), "a\n");
    assert!(world.tell(&shelves, "t", false).is_undone);
    assert_eq!(world.carry(&shelves, Way::Undo, Consent::Whole), UndoReport::Nothing);
}

#[test]
fn what_stands_in_the_way_is_told_and_nothing_touched() {
    let (world, shelves) = (World::of(&[("a", "1\n"), ("b", "1\n")]), Shelves::default());
    let mut tool = shelves.begin(Some(&world.watch("t")));
    world.write("a", "2\n");
    world.write("b", "2\n");
    tool.end();
    world.write("a", "3\n");
    let blocked = world.carry(&shelves, Way::Undo, Consent::Whole);
    assert!(matches!(blocked, UndoReport::Blocked { conflict_count: 1, free_count: 1, .. }), "{blocked:?}");
    assert_eq!((world.read("a"), world.read("b")), ("3\n".to_owned(), "2\n".to_owned()));
    let UndoReport::Done(done) = world.carry(&shelves, Way::Undo, Consent::Rest) else { panic!() };
    assert_eq!((done.change_count, done.conflict_count), (1, 1));
    assert_eq!((world.read("a"), world.read("b")), ("3\n".to_owned(), "1\n".to_owned()));
}

#[test]
fn consent_to_the_rest_takes_nothing_back_where_there_is_no_rest() {
    let (world, shelves) = (World::of(&[("a", "1\n")]), Shelves::default());
    let mut tool = shelves.begin(Some(&world.watch("t")));
    world.write("a", "2\n");
    tool.end();
    world.write("a", "3\n");
    let blocked = world.carry(&shelves, Way::Undo, Consent::Rest);
    assert!(matches!(blocked, UndoReport::Blocked { conflict_count: 1, free_count: 0, .. }), "{blocked:?}");
    // The turn still stands: once nothing is in the way it goes.
    world.write("a", "2\n");
    assert!(matches!(world.carry(&shelves, Way::Undo, Consent::Whole), UndoReport::Done(_)));
    assert_eq!(world.read("a"), "1\n");
}

#[test]
fn tools_run_where_nothing_can_be_kept() {
    let (world, shelves) = (World::of(&[("a", "1\n")]), Shelves::default());
    fs::write(world.home(), "no folder").unwrap();
    let mut tool = shelves.begin(Some(&world.watch("t")));
    assert_eq!(shelves.patch(Some(&world.watch("t")), &[world.path("a")], || 7), 7);
    assert!(!tool.end());
    let base = world.root.to_str().unwrap().to_owned();
    let fault = shelves.run(&UndoEffect::Tell { watch: world.watch("t"), base, look: false }).unwrap_err();
    assert!(fault.line().contains("cannot be read"), "{}", fault.line());
}

#[test]
fn a_panic_in_a_look_ends_no_tool() {
    let (world, shelves) = (World::of(&[("a", "1\n")]), Shelves::default());
    let mut tool = shelves.begin(Some(&world.watch("t")));
    world.write("a", "2\n");
    assert!(tool.end());
    let failed = shelves.with(&world.watch("t").shelf, |_: &mut Undo| panic!("on purpose"));
    assert!(failed.is_err_and(|error| error.to_string() == "Quire itself failed"));
    assert_eq!(paths(&world.tell(&shelves, "t", false)), ["a"], "what is on disk is still known");
}

#[test]
fn at_the_end_of_the_program_only_what_turns_speak_of_stays() {
    let (world, shelves) = (World::of(&[("a", "1\n"), ("same", "same\n")]), Shelves::default());
    let mut tool = shelves.begin(Some(&world.watch("t")));
    world.write("a", "2\n");
    tool.end();
    let mut late = shelves.begin(Some(&world.watch("t")));
    shelves.close();
    let folder = world.home().join("quire/undo").join(&thread().0).join("objects");
    let mut kept: Vec<_> =
        fs::read_dir(folder).unwrap().map(|object| fs::read(object.unwrap().path()).unwrap()).collect();
    kept.sort();
    assert_eq!(kept, [b"1\n", b"2\n"]);
    // Who ends after it is not looked at any more.
    world.write("b", "1\n");
    assert!(!late.end());
    let shelves = Shelves::default();
    assert_eq!(paths(&world.tell(&shelves, "t", false)), ["a"]);
}
