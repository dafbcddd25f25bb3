//! What is found in folders, whichever module asks, and however it is learned of.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use quire_files::Watches;

use super::{
    Folders, Linked,
    tree::{Tree, WATCHED_FROM},
};

fn repository(folder: &Path) {
    fs::create_dir_all(folder.join("objects")).unwrap();
    fs::create_dir_all(folder.join("refs")).unwrap();
    fs::write(folder.join("HEAD"), "ref: refs/heads/main\n").unwrap();
}

fn world() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().canonicalize().unwrap();
    (folder, top)
}

/// A file with two names.
fn linked(top: &Path, from: &str, to: &str) {
    fs::write(top.join(from), "").unwrap();
    fs::hard_link(top.join(from), top.join(to)).unwrap();
}

fn names(top: &Path, linked: &Linked) -> Vec<String> {
    let mut names: Vec<String> =
        linked.names.iter().map(|name| name.path.strip_prefix(top).unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn what_the_system_tells_is_what_a_look_through_all_finds() {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().canonicalize().unwrap();
    let make = |path: &str| fs::create_dir_all(top.join(path)).unwrap();
    repository(&top.join("a/b/.git"));
    make("c/d/e/f");
    // One that is told, one with too few watches, and one that looks everywhere.
    let mut trees = [Watches::new(1000), Watches::new(3), None].map(|watches| {
        let mut tree = Tree::new(&top, false);
        tree.watches = watches;
        tree.look();
        tree
    });
    assert!(trees[0].watches.is_some() && trees[1].watches.is_none());
    let changes: [&dyn Fn(); 9] = [
        &|| fs::write(top.join("c/file"), "x").unwrap(),
        &|| repository(&top.join("c/d/e/.git")),
        &|| fs::rename(top.join("c/d"), top.join("a/moved")).unwrap(),
        &|| repository(&top.join("a/moved/e/f/.git")),
        &|| fs::remove_dir_all(top.join("a/moved/e/.git")).unwrap(),
        &|| {
            fs::remove_dir_all(top.join("a/moved/e")).unwrap();
            make("a/moved/e");
            repository(&top.join("a/moved/e/new/bare"));
        },
        &|| fs::rename(top.join("a/b"), top.join("a/b2")).unwrap(),
        &|| {
            make("a/b/x");
            repository(&top.join("a/b/x/.git"));
        },
        &|| {
            fs::rename(top.join("a"), top.join("old")).unwrap();
            fs::rename(top.join("c"), top.join("a")).unwrap();
            repository(&top.join("old/b/x/y/.git"));
        },
    ];
    for (at, change) in changes.iter().enumerate() {
        change();
        let [told, few, all] = trees.each_mut().map(|tree| tree.look());
        assert!(told == all && few == all, "{at}: {told:?}, {few:?}, {all:?}");
    }
    assert_eq!(trees[2].look().0.len(), 4);
    assert!(trees[0].watches.is_some(), "it was told all the time");
}

#[test]
fn a_large_root_is_watched_and_a_small_one_when_it_has_grown() {
    let (_folder, top) = world();
    let make = |folders: std::ops::Range<usize>| {
        folders.for_each(|at| fs::create_dir_all(top.join(format!("c/{at}"))).unwrap());
    };
    make(0..WATCHED_FROM - 10);
    let mut tree = Tree::new(&top, true);
    tree.look();
    assert!(tree.watches.is_none());
    make(WATCHED_FROM - 10..WATCHED_FROM + 10);
    repository(&top.join("c/7/.git"));
    assert_eq!(tree.look().0.len(), 1);
    assert!(tree.watches.is_some());
    let mut large = Tree::new(&top, true);
    large.look();
    assert!(large.watches.is_some());
    repository(&top.join("c/7/e/.git"));
    assert_eq!((tree.look().0.len(), large.look().0.len()), (2, 2));
    let mut once = Tree::new(&top, false);
    assert_eq!((once.look().0.len(), once.watches.is_none()), (2, true));
}

#[test]
fn what_comes_between_the_watch_and_the_listing_is_found() {
    for watches in [Watches::new(1000), None] {
        let (_folder, top) = world();
        fs::create_dir_all(top.join("leaf")).unwrap();
        fs::create_dir_all(top.join("inner/folder")).unwrap();
        fs::write(top.join("twin"), "").unwrap();
        let mut tree = Tree::new(&top, false);
        tree.watches = watches;
        tree.between = Some(|path| {
            if path.ends_with("leaf") || path.ends_with("inner") {
                repository(&path.join("late/.git"));
                fs::hard_link(path.join("../twin"), path.join("name")).unwrap();
            }
        });
        tree.look();
        tree.between = None;
        let all: Vec<PathBuf> = tree.look().0.into_iter().map(|found| found.folder).collect();
        assert_eq!(all, ["inner/late", "leaf/late"].map(|name| top.join(name)));
        let folders = Folders::with(tree);
        assert_eq!(names(&top, &folders.linked(&top, &BTreeSet::new())), ["inner/name", "leaf/name", "twin"]);
    }
}

#[test]
fn what_is_read_ahead_is_what_a_command_reads() {
    let (_folder, top) = world();
    (0..300).for_each(|at| fs::create_dir_all(top.join(format!("a/{at}/b"))).unwrap());
    repository(&top.join("a/.git"));
    linked(&top, "a/1/b/one", "a/2/b/one");
    linked(&top, "a/.git/two", "a/3/two");
    let closed = BTreeSet::from([top.join("a/4")]);
    linked(&top, "a/4/b/three", "a/5/three");
    let (ahead, later) = (Folders::default(), Folders::default());
    ahead.prepare(std::slice::from_ref(&top));
    ahead.root(&top).wait_to_the_end();
    for change in [None, Some("a/1/b/four"), Some("new/five")] {
        if let Some(name) = change {
            fs::create_dir_all(top.join(name).parent().unwrap()).unwrap();
            linked(&top, name, &format!("{name}-twin"));
        }
        let both = [&ahead, &later].map(|folders| folders.linked(&top, &closed));
        assert_eq!(both[0], both[1]);
        let once = Folders::once().linked(&top, &closed);
        assert_eq!((&both[0], both[0].is_whole), (&once, true));
    }
    let all = names(&top, &ahead.linked(&top, &closed));
    let expected =
        ["a/.git/two", "a/1/b/four", "a/1/b/four-twin", "a/1/b/one", "a/2/b/one", "a/3/two", "a/5/three", "new/five"];
    assert_eq!(all[..8], expected);
}

#[test]
fn a_command_does_not_wait_for_all_names_and_the_next_one_has_them() {
    let (_folder, top) = world();
    ["a", "b"].iter().for_each(|name| fs::create_dir_all(top.join(name)).unwrap());
    linked(&top, "a/one", "b/one");
    let mut tree = Tree::new(&top, false);
    tree.look();
    // No time at all, and no names that are waited for.
    let closed = BTreeSet::new();
    let hasty = || super::tree::Reading::new(&closed, Some(std::time::Instant::now()), 0);
    assert_eq!(tree.linked(hasty()), Linked { names: Vec::new(), is_whole: false });
    while tree.read_ahead(std::time::Instant::now(), &|| false) {}
    tree.look();
    let linked = tree.linked(hasty());
    assert_eq!(names(&top, &linked), ["a/one", "b/one"]);
}
