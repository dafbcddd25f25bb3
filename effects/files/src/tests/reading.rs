use std::{
    fs,
    io::{self, Read as _, Write as _},
    os::unix::fs::symlink,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use super::{ODD, World};
use crate::{Facts, Folder, Held, Kind, Links, Unfit, list, read, read_text, unfit};

/// Every way to read a file of the world's top folder.
fn ways(world: &World, name: &str, limit: u64) -> Vec<(&'static str, io::Result<Vec<u8>>)> {
    let path = world.at(name);
    let yes = |_: &Path, _: &Facts| true;
    let top = || Folder::open(&world.top, Links::Follow);
    let stream = |held: Held| {
        let mut bytes = Vec::new();
        held.stream(0, limit)?.read_to_end(&mut bytes).map(|_| bytes)
    };
    vec![
        ("follow", read(&path, Links::Follow, limit)),
        ("not last", read(&path, Links::NotLast, limit)),
        ("never", read(&path, Links::Never, limit)),
        ("ask", read(&path, Links::Ask(&yes), limit)),
        ("text", read_text(&path, Links::Follow, limit).map(String::into_bytes)),
        ("beneath", top().and_then(|top| top.read(name, limit))),
        ("streamed", Held::open(&path, Links::Follow).and_then(stream)),
        ("streamed beneath", top().and_then(|top| top.hold(name)).and_then(stream)),
    ]
}

#[test]
fn what_is_no_regular_file_is_refused_at_once_with_the_reason() {
    let world = World::new();
    for name in ODD {
        for (way, read) in ways(&world, name, 100) {
            let error = read.expect_err(&format!("{name}, {way}"));
            let is_told = unfit(&error).is_some() || error.kind() == io::ErrorKind::NotFound;
            assert!(is_told, "{name}, {way}: {error}");
        }
    }
    let told = |name| read(&world.at(name), Links::Follow, 100).unwrap_err().to_string();
    assert_eq!(told("folder"), "it is a folder, not a regular file");
    assert_eq!(told("pipe"), "it is a pipe, not a regular file");
    assert_eq!(told("socket"), "it is a socket, not a regular file");
    assert_eq!(told("endless"), "it is a device, not a regular file");
}

#[test]
fn a_limit_is_a_limit() {
    let world = World::new();
    for (way, read) in ways(&world, "plain", 8) {
        assert_eq!(read.unwrap(), b"one\ntwo\n", "{way}");
    }
    for (name, limit) in [("plain", 7), ("sparse", 1 << 20), ("sparse", (8 << 30) - 1)] {
        for (way, read) in ways(&world, name, limit) {
            let error = read.unwrap_err();
            assert_eq!(unfit(&error), Some(&Unfit::TooLarge { limit }), "{name}, {way}");
        }
    }
    let told = read(&world.at("sparse"), Links::Follow, 3 << 20).unwrap_err().to_string();
    assert_eq!(told, "it is larger than 3 MiB");
}

#[test]
fn of_a_file_that_grows_no_more_than_the_limit_is_read() {
    let world = World::new();
    let (path, is_done) = (world.at("growing"), AtomicBool::new(false));
    fs::write(&path, "").unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::File::options().append(true).open(&path).unwrap();
            while !is_done.load(Ordering::Relaxed) && file.metadata().unwrap().len() < 64 << 20 {
                file.write_all(&[b'x'; 4096]).unwrap();
            }
        });
        let limit = 100_000;
        let mut refused = 0;
        while refused < 8 {
            for (way, read) in ways(&world, "growing", limit) {
                match read {
                    Ok(bytes) => assert!(bytes.len() as u64 <= limit, "{way}"),
                    Err(error) => {
                        assert_eq!(unfit(&error), Some(&Unfit::TooLarge { limit }), "{way}");
                        refused += 1;
                    }
                }
            }
        }
        is_done.store(true, Ordering::Relaxed);
    });
    // What is added after the opening is not part of a stream, and is found by the limit otherwise.
    fs::write(&path, "old").unwrap();
    let held = Held::open(&path, Links::Follow).unwrap();
    fs::write(&path, "old and more").unwrap();
    let mut streamed = String::new();
    held.stream(1, 100).unwrap().read_to_string(&mut streamed).unwrap();
    assert_eq!(streamed, "ld");
    assert_eq!(held.bytes(5).unwrap_err().to_string(), "it is larger than 5 bytes");
    assert_eq!(held.part(4, 3).unwrap(), b"and");
}

#[test]
fn links_are_followed_where_that_was_asked_for() {
    let world = World::new();
    symlink(world.at("way"), world.at("far")).unwrap();
    let top = world.top.clone();
    let in_top = move |folder: &Path, _: &Facts| folder == top;
    let elsewhere = |folder: &Path, _: &Facts| folder == Path::new("/");
    for (path, follow, not_last, never, asked) in [
        ("plain", true, true, true, true),
        ("link", true, false, false, true),
        ("way/inside", true, true, false, true),
        ("far/inside", true, true, false, true),
        ("folder/../plain", true, true, true, true),
        ("far/../link", true, false, false, true),
    ] {
        let is_read = |links| Held::open(&world.at(path), links).is_ok();
        let got = [Links::Follow, Links::NotLast, Links::Never, Links::Ask(&in_top)].map(is_read);
        assert_eq!(got, [follow, not_last, never, asked], "{path}");
        assert_eq!(is_read(Links::Ask(&elsewhere)), never, "{path}");
        if !never {
            let error = Held::open(&world.at(path), Links::Never).unwrap_err();
            assert_eq!(unfit(&error), Some(&Unfit::Link), "{path}");
        }
    }
    symlink("loop", world.at("loop")).unwrap();
    assert!(Held::open(&world.at("loop"), Links::Ask(&|_, _| true)).is_err());
}

#[test]
fn nothing_beneath_a_folder_leads_out_of_it() {
    let world = World::new();
    let folder = Folder::open(&world.at("folder"), Links::Never).unwrap();
    symlink(world.at("plain"), world.at("folder/out")).unwrap();
    symlink("..", world.at("folder/up")).unwrap();
    assert_eq!(folder.read("inside", 10).unwrap(), b"in");
    assert_eq!(folder.read("./inside", 10).unwrap(), b"in");
    for path in ["../plain", "out", "up/plain", "/etc/passwd", "", ".", "inside/x"] {
        assert!(folder.read(path, 100_000).is_err(), "{path}");
    }
    // It stays the same one, whatever gets its name.
    fs::rename(world.at("folder"), world.at("moved")).unwrap();
    fs::create_dir(world.at("folder")).unwrap();
    fs::write(world.at("folder/inside"), "other").unwrap();
    assert_eq!(folder.read("inside", 10).unwrap(), b"in");
}

#[test]
fn folders_are_looked_through_as_far_as_was_asked() {
    let world = World::new();
    let whole = list(&world.top, Links::Follow, 100).unwrap();
    assert!(whole.is_whole);
    let kind = |name: &str| whole.entries.iter().find(|entry| entry.name == name).map(|entry| entry.kind);
    for (name, wanted) in [
        ("plain", Kind::File),
        ("folder", Kind::Folder),
        ("way", Kind::Link),
        ("pipe", Kind::Pipe),
        ("socket", Kind::Socket),
        ("endless", Kind::Link),
    ] {
        assert_eq!(kind(name), Some(wanted), "{name}");
    }
    let some = list(&world.top, Links::Follow, 3).unwrap();
    assert!(!some.is_whole && some.entries.len() == 3);
    for (name, told) in [("plain", "it is a file, not a folder"), ("pipe", "it is a pipe, not a folder")] {
        assert_eq!(list(&world.at(name), Links::Follow, 3).unwrap_err().to_string(), told);
    }
    assert_eq!(unfit(&list(&world.at("way"), Links::NotLast, 3).unwrap_err()), Some(&Unfit::Link));
    assert!(list(&world.at("way"), Links::Follow, 3).is_ok());
}

#[test]
fn what_is_no_text_is_told_by_its_line() {
    let world = World::new();
    fs::write(world.at("bytes"), b"a\nb\n\xff\n").unwrap();
    let told = read_text(&world.at("bytes"), Links::Follow, 100).unwrap_err().to_string();
    assert_eq!(told, "line 3 is not UTF-8 text");
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_kernel_makes_up_is_read_although_it_has_no_size() {
    let status = read_text(Path::new("/proc/self/status"), Links::Follow, 1 << 20).unwrap();
    assert!(status.contains("Pid:"));
}
