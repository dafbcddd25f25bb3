//! How changes are learned of: from the system, and by looking at everything where it cannot tell.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use quire_files::priority::Pace;

use super::*;
use crate::undo::workspace::{Patience, Workspace};

/// With the system telling what changes, with too few watches, and without any.
const WAYS: [usize; 3] = [1000, 2, 0];

/// A world of two threads in one folder.
struct Two {
    world: World,
    threads: [Undo; 2],
}

impl Two {
    fn of(files: &[(&str, &str)]) -> Self {
        let world = World::of(files);
        let bounds = Bounds::default();
        let roots = std::slice::from_ref(&world.root);
        let observer =
            Observer::start(roots, &home_folder(&world.home()), bounds.file_bytes, generous(), &Folders::default());
        let threads = ["one", "two"]
            .map(|name| Undo::open(&world.home(), &ThreadId(name.to_owned()), observer.clone(), bounds).unwrap());
        Self { world, threads }
    }
}

#[test]
fn a_command_that_does_not_wait_for_the_folders_is_told_to_be_early() {
    let world = World::of(&[("a", "1\n")]);
    let roots = std::slice::from_ref(&world.root);
    let observer = Observer::start(roots, &home_folder(&world.home()), 1000, generous(), &Folders::default());
    let open = |observer| Undo::open(&world.home(), &thread(), observer, Bounds::default()).unwrap();
    let mut undo = open(observer.hasty());
    for _ in 0..2 {
        // As if the first look went on.
        observer.workspace(|_| undo.begin(&turn(1))).unwrap();
    }
    let mut undo = open(observer);
    let seen = tool(&mut undo, 1, || world.write("a", "2\n"));
    assert_eq!(names(&seen, &world), ["a"]);
    let known = undo.history().turn(&turn(1)).unwrap();
    assert_eq!((known.early, known.is_partial), (2, false));
}

#[test]
fn a_file_that_was_empty_is_another_one_when_it_is_filled() {
    for watches in WAYS {
        let world = World::of(&[]);
        let mut undo = world.open_within(Bounds::default(), Limits { watches, ..generous() });
        for (content, number) in [("", 1), ("x", 2), ("", 3)] {
            let seen = tool(&mut undo, number, || world.write("a", content));
            assert_eq!(names(&seen, &world), ["a"], "{watches} {number}");
        }
    }
}

#[test]
fn a_large_workspace_is_watched_and_a_small_one_is_not() {
    for (count, is_told) in [(8, false), (9, true)] {
        let world = World::of(&[]);
        (0..count).for_each(|at| world.write(&format!("d/{at}"), "1\n"));
        let roots = std::slice::from_ref(&world.root);
        // With the folder itself.
        let limits = Limits { watched_from: 9, ..generous() };
        let observer = Observer::start(roots, &home_folder(&world.home()), 1000, limits, &Folders::default());
        observer.workspace(|workspace| {
            assert_eq!((workspace.len(), workspace.is_told(), workspace.gap()), (count + 1, is_told, None));
        });
        let mut undo = Undo::open(&world.home(), &thread(), observer, Bounds::default()).unwrap();
        let seen = tool(&mut undo, 1, || world.write("d/new", "2\n"));
        assert_eq!(names(&seen, &world), ["d/new"]);
    }
}

#[test]
fn what_comes_between_the_watch_and_the_listing_is_no_command() {
    let world = World::of(&[("d/a", "1\n"), ("d/b", "1\n")]);
    let limits = Limits { watched_from: 0, ..generous() };
    let roots = std::slice::from_ref(&world.root);
    let mut workspace = Workspace::new(roots, &home_folder(&world.home()), 1000, limits, Arc::default());
    workspace.between = Some(|path| {
        if path.ends_with("d") {
            fs::write(path.join("a"), "2\n").unwrap();
            fs::write(path.join("new"), "2\n").unwrap();
            fs::rename(path.join("b"), path.join("c")).unwrap();
        }
    });
    workspace.begin(|| {}, &Pace::default());
    assert!(workspace.is_told());
    workspace.between = None;
    // The listing has it as it is by then, and what is told of it is old.
    let calm = Patience::until(Instant::now() + Duration::from_secs(600));
    let looked = workspace.look(calm);
    assert!(looked.deltas.is_empty(), "{:?}", looked.deltas);
    world.write("d/new", "3\n");
    fs::rename(world.path("d/c"), world.path("d/b")).unwrap();
    let looked = workspace.look(calm);
    let mut names: Vec<String> = looked.deltas.iter().map(|delta| delta.path.shown().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["d/b", "d/c", "d/new"].map(|name| world.path(name).display().to_string()));
}

#[test]
fn what_a_sandbox_leaves_in_the_way_of_a_repository_is_none() {
    for (name, content) in [(".git/x", "1\n"), (".git", "")] {
        let world = World::of(&[("d/a", "1\n")]);
        let limits = Limits { watched_from: 0, ..generous() };
        let roots = std::slice::from_ref(&world.root);
        let mut workspace = Workspace::new(roots, &home_folder(&world.home()), 1000, limits, Arc::default());
        workspace.begin(|| {}, &Pace::default());
        world.write(name, content);
        world.write("d/a", "2\n");
        // The rules of what is ignored are the same: no folder is listed again.
        workspace.between = Some(|path| panic!("{} is listed again", path.display()));
        let looked = workspace.look(Patience::until(Instant::now() + Duration::from_secs(600)));
        assert_eq!(looked.deltas.len(), 1, "{:?}", looked.deltas);
    }
}

#[test]
fn a_large_workspace_is_walked_through_after_what_is_known_of_its_folders() {
    let world = World::of(&[]);
    (0..20).for_each(|at| world.write(&format!("d/{at}"), "1\n"));
    let (roots, folders) = (std::slice::from_ref(&world.root), Folders::default());
    folders.prepare(roots);
    let limits = Limits { watched_from: 9, ..generous() };
    // It rests as long as something is being started, and ends when that is over.
    let starting = folders.pace().start();
    let observer = Observer::start(roots, &home_folder(&world.home()), 1000, limits, &folders);
    drop(starting);
    observer.workspace(|workspace| assert_eq!((workspace.len(), workspace.is_told()), (21, true)));
    assert!(!folders.are_busy(roots));
}

fn undone(undo: &mut Undo) {
    let planned = undo.plan_undo(&[]).unwrap();
    undo.undo(&planned, Consent::Whole, &[PathBuf::from("/")]).unwrap();
}

#[test]
fn every_way_sees_the_same() {
    for watches in WAYS {
        let files = [("a", "1\n"), ("d/e/x", "1\n"), ("d/e/f/y", "1\n"), ("gone/z", "1\n"), ("kept/k", "1\n")];
        let world = World::of(&files);
        let mut undo = world.open_within(Bounds::default(), Limits { watches, ..generous() });
        let before = world.picture();
        let seen = tool(&mut undo, 1, || {
            // A folder goes elsewhere with what is in it, and changes there; another one takes its place.
            fs::rename(world.path("d/e"), world.path("moved")).unwrap();
            world.write("moved/f/y", "2\n");
            world.write("d/e/x", "3\n");
            fs::remove_dir_all(world.path("gone")).unwrap();
            fs::create_dir(world.path("gone")).unwrap();
            world.write("new/deep/er", "2\n");
        });
        let expected = [
            "d/e/f",
            "d/e/f/y",
            "d/e/x",
            "gone/z",
            "moved",
            "moved/f",
            "moved/f/y",
            "moved/x",
            "new",
            "new/deep",
            "new/deep/er",
        ];
        assert_eq!(names(&seen, &world), expected, "{watches}");
        // What was made meanwhile is observed, too.
        let more = tool(&mut undo, 1, || {
            world.write("moved/f/y", "4\n");
            world.write("d/e/x", "4\n");
            world.write("gone/z", "1\n");
            world.write("new/deep/er", "4\n");
        });
        assert_eq!(names(&more, &world), ["d/e/x", "gone/z", "moved/f/y", "new/deep/er"], "{watches}");
        world.undo(&mut undo, Consent::Whole).unwrap();
        assert_eq!(world.picture(), before, "{watches}");
    }
}

#[test]
fn more_events_than_the_system_holds_lose_nothing() {
    let world = World::of(&[("a", "1\n"), ("b", "1\n"), ("d/x", "1\n")]);
    let most: usize = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap();
    let mut undo = world.open();
    let seen = tool(&mut undo, 1, || {
        for at in 0..most {
            world.chmod(["a", "b"][at % 2], [0o600, 0o644][at / 2 % 2]);
        }
        world.write("d/x", "2\n");
        world.write("e/new", "2\n");
    });
    let late: Vec<String> =
        names(&seen, &world).into_iter().filter(|name| !["a", "b"].contains(&name.as_str())).collect();
    assert_eq!(late, ["d/x", "e", "e/new"]);
    // And the system tells again.
    let seen = tool(&mut undo, 1, || world.write("e/new", "3\n"));
    assert_eq!(names(&seen, &world), ["e/new"]);
}

#[test]
fn what_is_written_by_another_name_is_seen() {
    for watches in WAYS {
        let world = World::of(&[("a", "1\n")]);
        fs::hard_link(world.path("a"), world.out().join("twin")).unwrap();
        let mut undo = world.open_within(Bounds::default(), Limits { watches, ..generous() });
        for content in ["2\n", "3\n"] {
            let seen = tool(&mut undo, 1, || fs::write(world.out().join("twin"), content).unwrap());
            assert_eq!(names(&seen, &world), ["a"], "{watches}");
        }
    }
}

#[test]
fn what_has_another_name_is_looked_at_for_good() {
    let world = World::of(&[("a", "1\n")]);
    fs::hard_link(world.path("a"), world.out().join("twin")).unwrap();
    let roots = std::slice::from_ref(&world.root);
    let mut workspace = Workspace::new(roots, &home_folder(&world.home()), 1000, generous(), Arc::default());
    workspace.begin(|| {}, &Pace::default());
    let calm = Patience::until(Instant::now() + Duration::from_secs(600));
    for content in ["2\n", "33\n"] {
        // Long after the last change, looks have found nothing.
        workspace.look(calm);
        workspace.stop_the_clock(&world.path("a"), false);
        assert!(workspace.look(calm).deltas.is_empty() && workspace.look(calm).deltas.is_empty());
        fs::write(world.out().join("twin"), content.repeat(9)).unwrap();
        assert_eq!(workspace.look(calm).deltas.len(), 1, "{content}");
    }
    assert!(workspace.is_told());
}

#[test]
fn another_folder_at_the_place_of_the_workspace_is_looked_at() {
    let world = World::of(&[("a", "1\n"), ("b", "1\n")]);
    let mut undo = world.open();
    let seen = tool(&mut undo, 1, || {
        fs::rename(&world.root, world.out().join("before")).unwrap();
        world.write("a", "2\n");
    });
    assert_eq!(names(&seen, &world), ["a", "b"]);
    let seen = tool(&mut undo, 1, || world.write("a", "3\n"));
    assert_eq!(names(&seen, &world), ["a"]);
}

#[test]
fn two_threads_in_one_folder_do_not_claim_each_others_changes() {
    let mut two = Two::of(&[("a", "1\n"), ("b", "1\n"), ("c", "1\n")]);
    let (world, [one, other]) = (&two.world, &mut two.threads);
    let before = world.picture();
    one.begin(&turn(1)).unwrap();
    world.write("a", "2\n");
    // The other one only looks: what it sees is not its own.
    assert_eq!(names(&other.begin(&turn(2)).unwrap(), world), [""; 0]);
    assert_eq!(names(&one.end(&turn(1)).unwrap(), world), ["a"]);
    world.write("b", "2\n");
    let kept = one.keep(&[world.path("c")]);
    world.write("c", "patch\n");
    assert_eq!(names(&one.patched(&turn(1), kept).unwrap(), world), ["c"]);
    assert_eq!(names(&other.end(&turn(2)).unwrap(), world), ["b"]);
    undone(one);
    assert_eq!((world.read("a"), world.read("b"), world.read("c")), ("1\n".into(), "2\n".into(), "1\n".into()));
    undone(other);
    assert_eq!(world.picture(), before);
}

#[test]
fn what_two_threads_may_have_changed_is_said_to_be_shared() {
    let mut two = Two::of(&[("a", "1\n"), ("b", "1\n")]);
    let (world, [one, other]) = (&two.world, &mut two.threads);
    one.begin(&turn(1)).unwrap();
    other.begin(&turn(2)).unwrap();
    world.write("a", "2\n");
    assert_eq!(names(&one.end(&turn(1)).unwrap(), world), ["a"]);
    world.write("b", "2\n");
    assert_eq!(names(&other.end(&turn(2)).unwrap(), world), ["a", "b"]);
    // What may be the other's is not taken back.
    assert_eq!(obstacles(&one.plan_undo(&[]).unwrap().1), [Obstacle::ChangedBetween]);
    let (_, plan) = other.plan_undo(&[]).unwrap();
    assert_eq!((obstacles(&plan), plan.steps.len()), (vec![Obstacle::ChangedBetween], 1));
}

#[test]
fn taking_back_is_no_change_of_a_turn() {
    let mut two = Two::of(&[("a", "1\n")]);
    let (world, [one, other]) = (&two.world, &mut two.threads);
    tool(one, 1, || world.write("a", "2\n"));
    other.begin(&turn(2)).unwrap();
    undone(one);
    assert_eq!(names(&other.end(&turn(2)).unwrap(), world), [""; 0]);
}
