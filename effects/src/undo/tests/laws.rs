//! Whatever a turn does to a real folder, it is taken back exactly, and brought back exactly.

use proptest::prelude::*;

use super::*;

const PATHS: [&str; 8] = ["a", "b", "d", "d/a", "d/e", "d/e/a", "d/e/b", "d/e/b/c"];

/// What is put at a path; whatever stands in the way goes.
#[derive(Clone, Debug)]
enum Put {
    Nothing,
    File(Vec<u8>, u32),
    Link(u8),
    Folder(u32),
}

fn puts() -> impl Strategy<Value = Put> {
    prop_oneof![
        3 => Just(Put::Nothing),
        5 => (prop::collection::vec(any::<u8>(), 0..3), prop::sample::select(vec![0o644, 0o755, 0o600]))
            .prop_map(|(bytes, mode)| Put::File(bytes, mode)),
        1 => (0..3u8).prop_map(Put::Link),
        2 => prop::sample::select(vec![0o755, 0o700]).prop_map(Put::Folder),
    ]
}

fn edits() -> impl Strategy<Value = Vec<(&'static str, Put)>> {
    prop::collection::vec((prop::sample::select(PATHS.to_vec()), puts()), 0..6)
}

fn clear(path: &Path) {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path).unwrap(),
        Ok(_) => fs::remove_file(path).unwrap(),
        Err(_) => {}
    }
}

fn put(world: &World, name: &str, what: &Put) {
    let path = world.path(name);
    for folder in path.ancestors().skip(1).take_while(|folder| *folder != world.root) {
        if !fs::symlink_metadata(folder).is_ok_and(|meta| meta.is_dir()) {
            clear(folder);
        }
    }
    match what {
        Put::Nothing => clear(&path),
        Put::File(bytes, mode) => {
            if !fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file()) {
                clear(&path);
            }
            world.write(name, bytes);
            world.chmod(name, *mode);
        }
        Put::Link(target) => {
            clear(&path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(format!("../{target}"), &path).unwrap();
        }
        Put::Folder(mode) => {
            if !fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) {
                clear(&path);
                fs::create_dir_all(&path).unwrap();
            }
            world.chmod(name, *mode);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn turns_are_taken_back_and_brought_back_one_by_one(
        first in edits(),
        turns in prop::collection::vec(prop::collection::vec(edits(), 1..3), 1..4),
    ) {
        let world = World::of(&[]);
        first.iter().for_each(|(path, what)| put(&world, path, what));
        let mut undo = world.open();
        let mut pictures = vec![world.picture()];
        for (number, tools) in turns.iter().enumerate() {
            for edits in tools {
                tool(&mut undo, number as u32, || edits.iter().for_each(|(path, what)| put(&world, path, what)));
            }
            if *pictures.last().unwrap() != world.picture() {
                pictures.push(world.picture());
            }
        }
        for former in pictures.iter().rev().skip(1) {
            world.undo(&mut undo, Consent::Whole).unwrap();
            prop_assert_eq!(&world.picture(), former);
        }
        prop_assert!(undo.plan_undo(&[]).is_none());
        for later in pictures.iter().skip(1) {
            world.redo(&mut undo).unwrap();
            prop_assert_eq!(&world.picture(), later);
        }
        prop_assert!(undo.plan_redo().is_none());
    }
}
