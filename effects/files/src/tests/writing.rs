use std::{
    fs,
    io::{self, Write as _},
    os::fd::AsFd as _,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
};

use super::{ODD, World};
use crate::{Folder, Links, New, Unfit, unfit, write::Staged};

/// Every way to write a file of a folder.
fn ways(folder: &Folder, name: &str) -> Vec<(&'static str, io::Result<()>)> {
    let written = |mut file: fs::File| file.write_all(b"new");
    vec![
        ("replace", folder.replace(name, b"new", New::PRIVATE)),
        ("replace synced", folder.replace(name, b"new", New::PRIVATE.synced())),
        ("begin", folder.begin(name, New::PRIVATE).and_then(written)),
        ("append", folder.append(name, 0o600).and_then(|appending| written(appending.file))),
        ("append existing", folder.append_existing(name).and_then(|appending| written(appending.file))),
        ("create", folder.create(name, b"new", New::PRIVATE)),
        ("make", folder.make_file(name, 0o600).and_then(written)),
    ]
}

#[test]
fn nothing_is_written_through_what_is_no_regular_file() {
    let world = World::new();
    symlink("folder/inside", world.at("inward")).unwrap();
    let top = Folder::open(&world.top, Links::Never).unwrap();
    let before = world.names(".");
    for name in ODD.into_iter().chain(["link", "inward", "way/inside", "way/new", "../x", "folder/../plain"]) {
        for (way, written) in ways(&top, name) {
            assert!(written.is_err(), "{name}, {way}");
        }
    }
    assert_eq!(world.names("."), before);
    assert_eq!(world.names("folder"), ["inside"]);
    assert_eq!(fs::read(world.at("plain")).unwrap(), b"one\ntwo\n");
    assert_eq!(fs::read(world.at("folder/inside")).unwrap(), b"in");
    assert!(!world.at("nowhere").exists());
}

#[test]
fn a_file_with_other_names_is_replaced_and_never_appended_to() {
    let world = World::new();
    fs::hard_link(world.at("plain"), world.at("other")).unwrap();
    let top = Folder::open(&world.top, Links::Never).unwrap();
    let error = top.append("other", 0o600).unwrap_err();
    assert_eq!(unfit(&error), Some(&Unfit::HardLinked));
    top.replace("other", b"new", New::PRIVATE).unwrap();
    fs::remove_file(world.at("other")).unwrap();
    fs::hard_link(world.at("plain"), world.at("other")).unwrap();
    top.begin("other", New::PRIVATE).unwrap().write_all(b"new").unwrap();
    assert_eq!(fs::read(world.at("plain")).unwrap(), b"one\ntwo\n");
    assert_eq!(fs::read(world.at("other")).unwrap(), b"new");
}

#[test]
fn a_file_of_another_user_is_not_appended_to() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let world = World::new();
    std::os::unix::fs::chown(world.at("plain"), Some(65_534), None).unwrap();
    let top = Folder::open(&world.top, Links::Never).unwrap();
    assert_eq!(unfit(&top.append("plain", 0o600).unwrap_err()), Some(&Unfit::Foreign));
    // One of whom the folder belongs to is that user's own.
    std::os::unix::fs::chown(&world.top, Some(65_534), None).unwrap();
    top.append("plain", 0o600).unwrap();
}

#[test]
fn new_files_and_folders_have_the_modes_that_were_asked_for() {
    let world = World::new();
    let top = Folder::open(&world.top, Links::Never).unwrap();
    let mode = |path: &str| fs::metadata(world.at(path)).unwrap().permissions().mode() & 0o7777;
    top.make_folder("a/b", 0o700).unwrap().create("c", b"x", New::PRIVATE).unwrap();
    Folder::make(&world.at("d/e"), Links::Follow, 0o755).unwrap();
    top.replace("plain", b"x", New { mode: 0o664, is_synced: true }).unwrap();
    drop(top.append("log", 0o600).unwrap());
    for (path, wanted) in
        [("a", 0o700), ("a/b", 0o700), ("a/b/c", 0o600), ("d", 0o755), ("d/e", 0o755), ("plain", 0o664), ("log", 0o600)]
    {
        assert_eq!(mode(path), wanted, "{path}");
    }
    // What is there stays as it is.
    fs::set_permissions(world.at("a"), fs::Permissions::from_mode(0o750)).unwrap();
    top.make_folder("a/b", 0o700).unwrap();
    assert_eq!(mode("a"), 0o750);
    assert!(top.make_folder("plain/x", 0o700).is_err() && top.make_folder("way/x", 0o700).is_err());
}

#[test]
fn a_replacement_is_another_file_and_leaves_no_third_one() {
    let world = World::new();
    let top = Folder::open(&world.at("folder"), Links::Never).unwrap();
    let number = |name: &str| fs::metadata(world.at("folder").join(name)).unwrap().ino();
    let old = number("inside");
    top.replace("inside", b"first", New::PRIVATE).unwrap();
    assert_ne!(number("inside"), old);
    let mut begun = top.begin("inside", New::PRIVATE).unwrap();
    assert_eq!(fs::read(world.at("folder/inside")).unwrap(), b"");
    begun.write_all(b"second").unwrap();
    assert_eq!(fs::read(world.at("folder/inside")).unwrap(), b"second");
    top.create("next", b"x", New::PRIVATE).unwrap();
    assert_eq!(top.create("next", b"y", New::PRIVATE).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(world.at("folder/next")).unwrap(), b"x");
    assert_eq!(world.names("folder"), ["inside", "next"]);
    top.rename("next", "inside").unwrap();
    top.remove("inside").unwrap();
    assert!(world.names("folder").is_empty());
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let world = World::new();
    let top = Folder::open(&world.top, Links::Never).unwrap();
    let before = world.names(".");
    // A name that is longer than any file system takes: the content is written by then.
    let long = "x".repeat(300);
    for (way, written) in ways(&top, &long) {
        assert!(written.is_err(), "{way}");
    }
    assert_eq!(world.names("."), before);
}

#[test]
fn a_folder_is_removed_with_all_that_is_in_it_and_nothing_behind_its_links() {
    let world = World::new();
    let top = Folder::open(&world.top, Links::Never).unwrap();
    fs::create_dir_all(world.at("tree/a/b")).unwrap();
    fs::write(world.at("tree/a/b/c"), "").unwrap();
    symlink(world.at("folder"), world.at("tree/a/out")).unwrap();
    top.remove_all("tree").unwrap();
    top.remove_all("way").unwrap();
    assert!(!world.at("tree").exists() && world.at("way").symlink_metadata().is_err());
    assert_eq!(world.names("folder"), ["inside"]);
}

#[test]
fn what_is_appended_comes_last() {
    let world = World::new();
    let top = Folder::open(&world.top, Links::Never).unwrap();
    for (name, is_new) in [("plain", false), ("fresh", true)] {
        let mut appending = top.append(name, 0o600).unwrap();
        assert_eq!(appending.is_new, is_new);
        appending.file.write_all(b"end").unwrap();
    }
    assert_eq!(fs::read(world.at("plain")).unwrap(), b"one\ntwo\nend");
    assert_eq!(fs::read(world.at("fresh")).unwrap(), b"end");
    assert_eq!(top.append_existing("missing").unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn the_folder_above_a_file_is_found_by_way_of_links_that_may_be_followed() {
    let world = World::new();
    symlink("../plain", world.at("folder/out")).unwrap();
    let real = |path: &str, may: bool| {
        let answer = move |_: &Path, _: &crate::Facts| may;
        let path = world.at(path);
        let found = Folder::above(&path, Links::Ask(&answer));
        found.map(|(folder, name)| folder.path().join(name)).ok()
    };
    assert_eq!(real("way/out", true), Some(world.at("plain")));
    assert_eq!(real("way/new", true), Some(world.at("folder/new")));
    assert_eq!(real("way/out", false), None);
    assert_eq!(real("folder/inside", false), Some(world.at("folder/inside")));
}

#[test]
fn where_files_without_names_cannot_be_made_others_wait_under_names_that_are_not_known() {
    let world = World::new();
    let folder = Folder::open(&world.at("folder"), Links::Never).unwrap();
    let (first, second) = (Staged::named(folder.as_fd()).unwrap(), Staged::named(folder.as_fd()).unwrap());
    let names = world.names("folder");
    assert_eq!(names.len(), 3, "{names:?}");
    first.put("inside".as_ref()).unwrap();
    assert!(second.link("inside".as_ref()).is_err());
    Staged::named(folder.as_fd()).unwrap().link("next".as_ref()).unwrap();
    assert_eq!(world.names("folder"), ["inside", "next"]);
}
