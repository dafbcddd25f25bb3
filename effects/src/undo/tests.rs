//! Keeping and taking back on real folders.

mod hard;
mod keeping;
mod laws;
mod observing;
mod stores;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    os::unix::{
        ffi::OsStrExt as _,
        fs::{MetadataExt as _, PermissionsExt as _, symlink},
    },
    path::{Path, PathBuf},
};

use quire_state::{
    changes::{Consent, Obstacle, Plan, RawPath},
    key::{ThreadId, TurnId},
};
use quire_steering::folders::Folders;
use tempfile::TempDir;

use super::{Bounds, Limits, Refusal, Seen, Taken, Undo, observer::Observer, thread::home_folder};

/// A workspace, a home and a neighbour that nothing may touch.
struct World {
    dir: TempDir,
    root: PathBuf,
}

/// What is in a folder, by paths: the mode, and the content or the target of a link.
type Picture = BTreeMap<PathBuf, (u32, Vec<u8>)>;

fn picture(folder: &Path) -> Picture {
    let mut all = Picture::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let meta = fs::symlink_metadata(&path).unwrap();
        let content = match meta.is_file() {
            true => fs::read(&path).unwrap_or_default(),
            false if meta.is_symlink() => fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes(),
            false => Vec::new(),
        };
        if meta.is_dir() {
            all.extend(picture(&path));
        }
        all.insert(path, (meta.mode(), content));
    }
    all
}

impl World {
    fn of(files: &[(&str, &str)]) -> Self {
        let dir = TempDir::new().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap().join("ws");
        let world = Self { dir, root };
        fs::create_dir(world.out()).unwrap();
        fs::write(world.out().join("secret"), "a\n").unwrap();
        fs::create_dir(&world.root).unwrap();
        for (path, content) in files {
            world.write(path, content);
        }
        world
    }

    fn out(&self) -> PathBuf {
        self.root.parent().unwrap().join("out")
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn raw(&self, path: &str) -> RawPath {
        RawPath::from(self.path(path).as_os_str().as_bytes().to_vec())
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn chmod(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn picture(&self) -> Picture {
        picture(&self.root)
    }

    fn open(&self) -> Undo {
        self.open_within(Bounds::default(), generous())
    }

    fn open_within(&self, bounds: Bounds, limits: Limits) -> Undo {
        self.open_thread(&self.home(), &thread(), bounds, limits)
    }

    fn open_thread(&self, home: &Path, thread: &ThreadId, bounds: Bounds, limits: Limits) -> Undo {
        let roots = std::slice::from_ref(&self.root);
        let observer = Observer::start(roots, &home_folder(home), bounds.file_bytes, limits, &Folders::default());
        Undo::open(home, thread, observer, bounds).unwrap()
    }

    fn undo(&self, undo: &mut Undo, consent: Consent) -> Result<Taken, Refusal> {
        let planned = undo.plan_undo(&[]).unwrap();
        undo.undo(&planned, consent, std::slice::from_ref(&self.root))
    }

    fn redo(&self, undo: &mut Undo) -> Result<Taken, Refusal> {
        let planned = undo.plan_redo().unwrap();
        undo.redo(&planned, Consent::Whole, std::slice::from_ref(&self.root))
    }
}

/// No test depends on how fast the machine is.
fn generous() -> Limits {
    let (time, wait) = (std::time::Duration::from_secs(600), std::time::Duration::from_secs(600));
    Limits { time, wait, watched_from: 0, ..Limits::default() }
}

fn thread() -> ThreadId {
    ThreadId("0199-thread".to_owned())
}

fn turn(number: u32) -> TurnId {
    TurnId(format!("turn-{number}"))
}

/// A tool of a turn that does something.
fn tool(undo: &mut Undo, number: u32, work: impl FnOnce()) -> Seen {
    undo.begin(&turn(number)).unwrap();
    work();
    undo.end(&turn(number)).unwrap()
}

fn names(seen: &Seen, world: &World) -> Vec<String> {
    let short = |path: &RawPath| {
        Path::new(OsStr::from_bytes(path.bytes())).strip_prefix(&world.root).unwrap().to_string_lossy().into_owned()
    };
    seen.changes.iter().map(|change| short(&change.path)).collect()
}

fn obstacles(plan: &Plan) -> Vec<Obstacle> {
    plan.conflicts.iter().map(|conflict| conflict.obstacle).collect()
}

#[test]
fn everything_that_a_command_does_is_taken_back_and_brought_back() {
    let world = World::of(&[
        ("same", "a\n"),
        ("text", "a\n"),
        ("windows", "a\r\nb\r\n"),
        ("script", "#!/bin/sh\n"),
        ("gone", "x\n"),
        ("old/deep/file", "x\n"),
        ("old/other", "y\n"),
        ("file-to-folder", "f\n"),
        ("folder-to-file/inner", "i\n"),
        ("closed/inner", "i\n"),
    ]);
    let odd = world.root.join(OsStr::from_bytes(b"odd \n\xff name"));
    fs::write(&odd, b"\0\xff\x00binary").unwrap();
    symlink("text", world.path("link")).unwrap();
    symlink("nowhere", world.path("dangling")).unwrap();
    world.chmod("old/deep", 0o750);
    world.chmod("gone", 0o600);
    let before = world.picture();
    let mut undo = world.open();
    tool(&mut undo, 1, || {
        world.write("text", "b\n");
        world.write("windows", "a\r\nc\r\n");
        world.chmod("script", 0o755);
        fs::remove_file(world.path("gone")).unwrap();
        fs::remove_dir_all(world.path("old")).unwrap();
        world.write("new/deep/file", "n\n");
        world.chmod("new/deep", 0o700);
        fs::remove_file(world.path("file-to-folder")).unwrap();
        world.write("file-to-folder/inner", "f\n");
        fs::remove_dir_all(world.path("folder-to-file")).unwrap();
        world.write("folder-to-file", "i\n");
        world.chmod("closed", 0o500);
        fs::write(&odd, b"\0other").unwrap();
        fs::remove_file(world.path("link")).unwrap();
        symlink("same", world.path("link")).unwrap();
        fs::remove_file(world.path("dangling")).unwrap();
        world.write("dangling", "a file now\n");
        fs::rename(world.path("same"), world.path("moved")).unwrap();
    });
    let after = world.picture();
    let taken = world.undo(&mut undo, Consent::Whole).unwrap();
    assert_eq!(world.picture(), before);
    assert!(taken.done.in_use.is_empty() && !taken.done.is_forgotten);
    assert!(undo.plan_undo(&[]).is_none());
    world.redo(&mut undo).unwrap();
    assert_eq!(world.picture(), after);
    world.undo(&mut undo, Consent::Whole).unwrap();
    assert_eq!(world.picture(), before);
}

#[test]
fn the_diff_tells_the_net_of_a_turn() {
    let world = World::of(&[("a", "1\n"), ("b", "1\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || world.write("a", "2\n"));
    tool(&mut undo, 1, || world.write("b", "2\n"));
    tool(&mut undo, 1, || world.write("a", "1\n"));
    let diff = undo.diff(&turn(1), &world.root);
    assert_eq!(diff.text, "diff --git a/b b/b\n--- a/b\n+++ b/b\n@@ -1 +1 @@\n-1\n+2\n");
    assert!(undo.diff(&turn(2), &world.root).files.is_empty());
}

#[test]
fn what_a_user_did_since_is_never_touched() {
    let world = World::of(&[("a", "1\n"), ("b", "1\n"), ("gone", "1\n"), ("run", "1\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || {
        world.write("a", "2\n");
        world.write("b", "2\n");
        world.write("new", "2\n");
        world.write("folder/new", "2\n");
        fs::remove_file(world.path("gone")).unwrap();
        world.write("run", "2\n");
    });
    world.write("a", "mine\n");
    world.write("new", "mine\n");
    world.write("folder/mine", "mine\n");
    world.write("gone", "mine\n");
    world.chmod("run", 0o755);
    let before = world.picture();
    let refusal = world.undo(&mut undo, Consent::Whole).unwrap_err();
    assert!(refusal.to_string().ends_with("/a: changed by something else since."), "{refusal}");
    assert_eq!(world.picture(), before);
    let (_, plan) = undo.plan_undo(&[]).unwrap();
    assert_eq!(obstacles(&plan), [Obstacle::ChangedSince; 4]);
    let taken = world.undo(&mut undo, Consent::Rest).unwrap();
    assert_eq!(
        (world.read("a"), world.read("new"), world.read("gone")),
        ("mine\n".into(), "mine\n".into(), "mine\n".into())
    );
    assert_eq!(
        (world.read("b"), world.read("folder/mine"), world.read("run")),
        ("1\n".into(), "mine\n".into(), "2\n".into())
    );
    assert!(!world.path("folder/new").exists());
    assert_eq!(taken.done.in_use, [world.raw("folder")]);
    // Only what was taken back comes back.
    world.redo(&mut undo).unwrap();
    assert_eq!(world.picture(), before);
}

#[test]
fn what_a_user_did_between_two_tools_is_not_the_turns() {
    let world = World::of(&[("a", "1\n"), ("b", "1\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || world.write("a", "2\n"));
    world.write("a", "mine\n");
    world.write("b", "mine\n");
    let seen = tool(&mut undo, 1, || world.write("a", "3\n"));
    assert_eq!(names(&seen, &world), ["a"]);
    let (_, plan) = undo.plan_undo(&[]).unwrap();
    assert_eq!((obstacles(&plan), plan.steps.len()), (vec![Obstacle::ChangedBetween], 0));
}

#[test]
fn tools_at_the_same_time_are_told_once() {
    let world = World::of(&[("a", "1\n"), ("b", "1\n")]);
    let before = world.picture();
    let mut undo = world.open();
    undo.begin(&turn(1)).unwrap();
    world.write("a", "2\n");
    undo.begin(&turn(1)).unwrap();
    world.write("a", "3\n");
    world.write("b", "2\n");
    let kept = undo.keep(&[world.path("c")]);
    world.write("c", "patch\n");
    assert_eq!(names(&undo.patched(&turn(1), kept).unwrap(), &world), ["c"]);
    undo.end(&turn(1)).unwrap();
    world.write("b", "3\n");
    assert_eq!(names(&undo.meanwhile(&turn(1)).unwrap(), &world), ["b"]);
    assert!(undo.end(&turn(1)).unwrap().changes.is_empty());
    world.undo(&mut undo, Consent::Whole).unwrap();
    assert_eq!(world.picture(), before);
}

#[test]
fn a_resumed_session_takes_back_what_an_earlier_one_did() {
    let world = World::of(&[("a", "1\n"), ("b", "1\n")]);
    let mut undo = world.open();
    let first = world.picture();
    tool(&mut undo, 1, || world.write("a", "2\n"));
    let second = world.picture();
    tool(&mut undo, 2, || fs::remove_file(world.path("b")).unwrap());
    undo.close();
    let mut undo = world.open();
    // Only the contents of the two changed files are left: `1` and `2`.
    assert_eq!(undo.objects().used_bytes(), 4);
    world.undo(&mut undo, Consent::Whole).unwrap();
    assert_eq!(world.picture(), second);
    drop(undo);
    let mut undo = world.open();
    world.undo(&mut undo, Consent::Whole).unwrap();
    assert_eq!(world.picture(), first);
    let mut undo = world.open();
    assert_eq!(world.redo(&mut undo).unwrap().turn, turn(1));
    assert_eq!(world.picture(), second);
}

#[test]
fn a_patch_is_kept_wherever_it_writes() {
    let world = World::of(&[(".gitignore", "ignored\n"), ("ignored", "1\n"), ("real/f", "1\n")]);
    symlink("real", world.path("alias")).unwrap();
    let before = world.picture();
    let mut undo = world.open();
    let kept = undo.keep(&[world.path("ignored"), world.path("alias/f"), world.path("n/deep/new")]);
    world.write("ignored", "2\n");
    world.write("real/f", "2\n");
    world.write("n/deep/new", "2\n");
    let seen = undo.patched(&turn(1), kept).unwrap();
    assert_eq!(names(&seen, &world), ["ignored", "n", "n/deep", "n/deep/new", "real/f"]);
    world.undo(&mut undo, Consent::Whole).unwrap();
    assert_eq!(world.picture(), before);
}
