//! What is looked at, what is kept, and what is told where not everything is.

use quire_files::priority::Pace;
use quire_state::changes::{Change, Fact, Opaque, OpaqueFact, Step};

use super::{
    super::{
        workspace::{Patience, Workspace},
        *,
    },
    *,
};

#[test]
fn what_git_ignores_and_protected_folders_are_passed_over() {
    let world = World::of(&[
        (".gitignore", "/target\n*.log\n!keep.log\n"),
        ("target/x", "1\n"),
        ("a.log", "1\n"),
        ("keep.log", "1\n"),
        ("sub/.gitignore", "local\n"),
        ("sub/local/x", "1\n"),
        (".git/info/exclude", "private\n"),
        ("private", "1\n"),
        ("sub/.git/x", "1\n"),
        (".codex/x", "1\n"),
        ("sub/.codex/x", "1\n"),
    ]);
    let mut undo = world.open();
    let files =
        ["target/x", "a.log", "keep.log", "sub/local/x", "private", ".git/x", "sub/.git/x", ".codex/x", "sub/.codex/x"];
    let seen = tool(&mut undo, 1, || files.iter().for_each(|path| world.write(path, "2\n")));
    assert_eq!(names(&seen, &world), ["keep.log", "sub/.codex/x"]);
}

#[test]
fn changed_ignore_rules_make_no_changes_of_files() {
    let world = World::of(&[(".gitignore", "hidden\n"), ("hidden", "1\n"), ("other/x", "1\n"), ("touched", "1\n")]);
    let mut undo = world.open();
    // A look is the younger of the two by more than a step of the clock.
    undo.begin(&turn(1)).unwrap();
    let old = undo_stamp(&world, "hidden");
    while stamp::now_ns() < old + 50_000_000 {
        std::hint::spin_loop();
    }
    undo.end(&turn(1)).unwrap();
    let seen = tool(&mut undo, 1, || world.write(".gitignore", "other\ntouched\n"));
    assert_eq!(names(&seen, &world), [".gitignore"]);
    // What is ignored now is still known by its name.
    let seen = tool(&mut undo, 1, || world.write("touched", "2\n"));
    assert_eq!(names(&seen, &world), ["touched"]);
    world.undo(&mut undo, Consent::Whole).unwrap();
    assert_eq!((world.read("touched"), world.read("hidden")), ("1\n".into(), "1\n".into()));
}

fn undo_stamp(world: &World, path: &str) -> i128 {
    let meta = fs::metadata(world.path(path)).unwrap();
    i128::from(meta.ctime()) * 1_000_000_000 + i128::from(meta.ctime_nsec())
}

#[test]
fn what_appears_from_under_a_rule_is_not_taken_for_new() {
    let world = World::of(&[(".gitignore", "hidden\n"), ("hidden/x", "1\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || {
        world.write(".gitignore", "\n");
        world.write("hidden/x", "2\n");
    });
    let (_, plan) = undo.plan_undo(&[]).unwrap();
    assert!(plan.steps.iter().all(|step| step.to != Fact::Missing), "{:?}", plan.steps);
    assert!(obstacles(&plan).contains(&Obstacle::OldNotKept));
}

/// The workspace after its first look.
fn workspace(world: &World, watches: usize) -> Workspace {
    let limits = Limits { watches, ..generous() };
    let mut workspace =
        Workspace::new(std::slice::from_ref(&world.root), &world.home(), 1000, limits, Default::default());
    workspace.begin(|| {}, &Pace::default());
    workspace.read_backlog(later());
    workspace
}

fn later() -> Patience {
    Patience::until(std::time::Instant::now() + std::time::Duration::from_secs(600))
}

/// With the system telling what changes, and without.
const WAYS: [usize; 2] = [1000, 0];

#[test]
fn the_second_look_reads_only_what_changed() {
    for watches in WAYS {
        let world = World::of(&[("a", "1\n"), ("b", "1\n"), ("c/d", "1\n")]);
        let newest = ["a", "b", "c/d"].map(|path| undo_stamp(&world, path)).into_iter().max().unwrap();
        while stamp::now_ns() < newest + 50_000_000 {
            std::hint::spin_loop();
        }
        let mut workspace = workspace(&world, watches);
        assert_eq!((workspace.len(), workspace.is_told()), (4, watches > 0));
        workspace.look(later());
        assert_eq!(workspace.read, (0, 0));
        world.write("b", "22\n");
        assert_eq!(workspace.look(later()).deltas.len(), 1);
        assert_eq!(workspace.read, (1, 3));
    }
}

#[test]
fn a_change_within_one_step_of_the_clock_is_seen() {
    let world = World::of(&[]);
    for round in 0..50 {
        world.write("a", "1\n");
        let modified = fs::metadata(world.path("a")).unwrap().modified().unwrap();
        let mut workspace = workspace(&world, WAYS[round % 2]);
        world.write("a", "2\n");
        fs::File::options().write(true).open(world.path("a")).unwrap().set_modified(modified).unwrap();
        assert_eq!(workspace.look(later()).deltas.len(), 1, "round {round}");
    }
}

#[test]
fn a_stamp_is_trusted_only_if_it_is_older_than_the_look() {
    let world = World::of(&[]);
    for (is_racy, seen) in [(true, 1), (false, 0)] {
        world.write("a", "1\n");
        let mut workspace = workspace(&world, 0);
        world.write("a", "2\n");
        workspace.stop_the_clock(&world.path("a"), is_racy);
        assert_eq!(workspace.look(later()).deltas.len(), seen);
    }
    let mut stat = rustix::fs::stat(&world.root).unwrap();
    let second = i128::from(stat.st_ctime) * 1_000_000_000;
    stat.st_ctime_nsec = 500_000_000;
    let is_racy = |stat: &rustix::fs::Stat, moment| stamp::Stamp::of(stat).is_racy(moment);
    assert!(is_racy(&stat, second) && is_racy(&stat, second + 510_000_000) && !is_racy(&stat, second + 600_000_000));
    // Where times are whole seconds they say less.
    stat.st_ctime_nsec = 0;
    assert!(is_racy(&stat, second + 1_900_000_000) && !is_racy(&stat, second + 2_100_000_000));
}

#[test]
fn what_is_too_large_is_told_and_not_taken_back() {
    let world = World::of(&[("large", "0123456789"), ("small", "1"), ("other", "1")]);
    let bounds = Bounds { file_bytes: 8, total_bytes: 1000 };
    let mut undo = world.open_within(bounds, generous());
    let seen = tool(&mut undo, 1, || {
        world.write("large", "9876543210");
        world.write("small", "2");
        world.write("new", "0123456789");
    });
    assert_eq!(names(&seen, &world), ["large", "new", "small"]);
    let (_, plan) = undo.plan_undo(&[]).unwrap();
    assert_eq!(obstacles(&plan), [Obstacle::OldNotKept, Obstacle::NewNotKept]);
    world.undo(&mut undo, Consent::Rest).unwrap();
    assert_eq!(
        (world.read("small"), world.read("large"), world.read("new")),
        ("1".into(), "9876543210".into(), "0123456789".into())
    );
    assert!(undo.diff(&turn(1), &world.root).text.contains("too large to be kept"));
}

#[test]
fn a_full_store_says_what_it_did_not_keep() {
    let world = World::of(&[("a", "11111111"), ("b", "22222222"), ("c", "33333333")]);
    let bounds = Bounds { file_bytes: 8, total_bytes: 12 };
    let mut undo = world.open_within(bounds, generous());
    tool(&mut undo, 1, || {
        fs::remove_file(world.path("a")).unwrap();
        fs::remove_file(world.path("c")).unwrap();
    });
    assert!(undo.objects().used_bytes() <= 12);
    let (_, plan) = undo.plan_undo(&[]).unwrap();
    assert_eq!((plan.steps.len(), obstacles(&plan)), (1, vec![Obstacle::OldNotKept]));
}

#[test]
fn a_look_that_ends_early_claims_nothing() {
    let files: Vec<String> = (10..40).map(|number| format!("f{number}")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|path| (path.as_str(), "1\n")).collect();
    for (limits, gap) in [
        (Limits { files: 5, ..generous() }, Gap::Files),
        (Limits { bytes: 10, ..generous() }, Gap::Bytes),
        (Limits { time: std::time::Duration::ZERO, ..generous() }, Gap::Time),
    ] {
        let world = World::of(&files);
        let mut undo = world.open_within(Bounds::default(), limits);
        let seen = tool(&mut undo, 1, || {
            world.write("f39", "2\n");
            fs::remove_file(world.path("f38")).unwrap();
            world.write("new", "2\n");
        });
        assert_eq!(seen.gap, Some(gap));
        assert!(undo.history().turn(&turn(1)).unwrap().is_partial);
        for change in &seen.changes {
            let is_new = change.path == world.raw("new");
            assert!(is_new || change.before != Fact::Missing, "{change:?}");
        }
        // Nothing that was not kept is taken away.
        let before = world.picture();
        if let Some((_, plan)) = undo.plan_undo(&[]) {
            // Which files were seen depends on the order in which the file system lists them.
            let is_kept = |step: &Step| matches!(step.to, Fact::File { is_kept: true, .. });
            let is_sound = |step: &Step| step.path == world.raw("new") || is_kept(step);
            assert!(plan.steps.iter().all(is_sound), "{gap:?}: {plan:?}");
        }
        assert_eq!(world.picture(), before);
    }
}

#[test]
fn what_was_not_read_in_time_is_still_known_to_have_changed() {
    let world = World::of(&[("a", "1\n"), ("b", "1\n")]);
    let mut undo = world.open_within(Bounds::default(), Limits { bytes: 0, ..generous() });
    let seen = tool(&mut undo, 1, || world.write("a", "22\n"));
    let not_read = |fact: &Fact| matches!(fact, Fact::Opaque(OpaqueFact { why: Opaque::NotRead, .. }));
    assert!(matches!(seen.changes.as_slice(), [Change { before, after, .. }] if not_read(before) && not_read(after)));
}

#[test]
fn contents_are_private_checked_and_cleaned_up() {
    let world = World::of(&[]);
    let folder = world.home().join("objects");
    let mut objects = Objects::open(folder.clone(), Bounds::default()).unwrap();
    let name = digest(b"secret");
    assert!(objects.put(&name, b"secret").unwrap());
    assert_eq!(name.as_str(), "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b");
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join(name.as_str()))), (0o700, 0o600));
    assert_eq!(objects.read(&name).unwrap(), b"secret");
    // A run that was killed while it wrote.
    fs::write(folder.join("new-123"), "sec").unwrap();
    fs::write(folder.join(name.as_str()), "forged").unwrap();
    let objects = Objects::open(folder.clone(), Bounds::default()).unwrap();
    assert!(!folder.join("new-123").exists());
    assert_eq!(objects.read(&name).unwrap_err().to_string(), "the kept copy is damaged");
}

#[test]
fn a_journal_with_a_torn_line_is_read_and_goes_on() {
    let world = World::of(&[("a", "1\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || world.write("a", "2\n"));
    drop(undo);
    let path = world.home().join("quire/undo/0199-thread/changes.jsonl");
    let mut text = fs::read(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    text.extend_from_slice(b"{\"entry\":\"changed\",\"turn\":\"tu");
    fs::write(&path, text).unwrap();
    let mut undo = world.open();
    tool(&mut undo, 2, || world.write("a", "3\n"));
    let undo = world.open();
    assert_eq!(undo.history().turns.len(), 2);
}

#[test]
fn old_threads_make_room() {
    let world = World::of(&[("a", "12345678")]);
    for (at, name) in ["one", "two", "three"].into_iter().enumerate() {
        let thread = ThreadId(name.to_owned());
        let mut undo = world.open_thread(&world.home(), &thread, Bounds::default(), generous());
        tool(&mut undo, 1, || world.write(&format!("new{at}"), "12345678"));
    }
    let folder = world.home().join("quire/undo");
    for (name, seconds) in [("one", 100), ("two", 50), ("three", 200)] {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        fs::File::open(folder.join(name).join("objects")).unwrap().set_modified(time).unwrap();
    }
    prune(&world.home(), &ThreadId("one".to_owned()), 8).unwrap();
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["one"]);
}

#[test]
fn a_store_in_the_workspace_is_not_looked_at() {
    let world = World::of(&[("a", "1\n"), ("home/mine", "1\n")]);
    let home = world.path("home");
    let mut undo = world.open_thread(&home, &thread(), Bounds::default(), generous());
    let seen = tool(&mut undo, 1, || world.write("a", "2\n"));
    let more = tool(&mut undo, 1, || world.write("home/mine", "2\n"));
    assert_eq!((names(&seen, &world), names(&more, &world)), (vec!["a".to_owned()], vec!["home/mine".to_owned()]));
}

#[test]
fn a_journal_that_cannot_be_written_is_told_and_the_turn_can_be_taken_back() {
    let world = World::of(&[("a", "1\n")]);
    let mut undo = world.open();
    fs::create_dir(world.home().join("quire/undo/0199-thread/changes.jsonl")).unwrap();
    undo.begin(&turn(1)).unwrap();
    world.write("a", "2\n");
    assert!(undo.end(&turn(1)).is_err());
    assert!(world.undo(&mut undo, Consent::Whole).unwrap().done.is_forgotten);
    assert_eq!(world.read("a"), "1\n");
}

#[test]
fn it_can_live_on_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Undo>();
}
