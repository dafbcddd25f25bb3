//! What is told of changes in folders.

use std::{collections::BTreeSet, fs, path::PathBuf};

use rustix::fs::{Mode, OFlags};

use crate::{News, Watches};

struct World {
    _folder: tempfile::TempDir,
    top: PathBuf,
    watches: Watches,
}

impl World {
    fn of(most: usize, folders: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let mut world = Self { _folder: folder, top, watches: Watches::new(most).unwrap() };
        for name in folders {
            fs::create_dir_all(world.top.join(name)).unwrap();
            world.add(name);
        }
        world
    }

    fn add(&mut self, name: &str) {
        let path = self.top.join(name);
        let held = rustix::fs::open(&path, OFlags::PATH | OFlags::DIRECTORY, Mode::empty()).unwrap();
        self.watches.add(&path, held);
    }

    fn paths(&mut self, names: &[&str]) {
        let wanted: BTreeSet<PathBuf> = names.iter().map(|name| self.top.join(name)).collect();
        assert_eq!(self.watches.news(), News::Paths(wanted));
    }
}

#[test]
fn what_happened_by_a_name_is_told_once() {
    let mut world = World::of(10, &["a", "a/b"]);
    world.paths(&["a/b"]);
    fs::write(world.top.join("a/new"), "1").unwrap();
    fs::write(world.top.join("a/b/x"), "1").unwrap();
    fs::write(world.top.join("unwatched"), "1").unwrap();
    world.paths(&["a/b/x", "a/new"]);
    world.paths(&[]);
    fs::remove_file(world.top.join("a/new")).unwrap();
    fs::set_permissions(world.top.join("a/b/x"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    world.paths(&["a/b/x", "a/new"]);
}

#[test]
fn a_renamed_folder_is_told_by_its_new_name() {
    let mut world = World::of(10, &["a", "b", "a/x", "a/x/y"]);
    world.watches.news();
    fs::rename(world.top.join("a/x"), world.top.join("b/z")).unwrap();
    world.paths(&["a/x", "b/z"]);
    world.add("b/z");
    world.add("b/z/y");
    world.watches.forget(&world.top.join("a/x"));
    fs::write(world.top.join("b/z/y/new"), "1").unwrap();
    world.paths(&["b/z/y/new"]);
    world.watches.forget(&world.top.join("b/z"));
    fs::write(world.top.join("b/z/y/more"), "1").unwrap();
    world.paths(&[]);
}

#[test]
fn a_folder_that_is_made_anew_is_not_watched() {
    let mut world = World::of(10, &["a", "a/b"]);
    world.watches.news();
    fs::remove_dir(world.top.join("a/b")).unwrap();
    fs::create_dir(world.top.join("a/b")).unwrap();
    assert!(world.watches.has(&world.top.join("a/b")), "it was not told yet");
    world.paths(&["a/b"]);
    assert!(!world.watches.has(&world.top.join("a/b")) && world.watches.has(&world.top.join("a")));
}

#[test]
fn what_cannot_be_told_is_said() {
    let mut world = World::of(1, &["a", "b"]);
    assert_eq!(world.watches.news(), News::Unsure, "one folder too many");
    assert!(world.watches.is_exhausted() && world.watches.news() == News::Unsure);
    let mut world = World::of(10, &["a"]);
    let most: usize = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap();
    for at in 0..most + 10 {
        fs::write(world.top.join("a").join(["x", "y"][at % 2]), "1").unwrap();
    }
    assert_eq!(world.watches.news(), News::Unsure, "the queue has run over");
    fs::write(world.top.join("a/z"), "1").unwrap();
    world.paths(&["a/z"]);
}
