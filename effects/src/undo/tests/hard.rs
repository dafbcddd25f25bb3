//! Links, races, damage and refusals: nothing is half done, and nothing outside is reached.

use std::{os::unix::process::CommandExt as _, process::Command};

use super::{super::*, *};

#[test]
fn links_are_not_followed() {
    let world = World::of(&[("folder/x", "1\n")]);
    symlink(world.out(), world.path("outside")).unwrap();
    symlink(world.out().join("secret"), world.path("file")).unwrap();
    let mut undo = world.open();
    let seen = tool(&mut undo, 1, || {
        fs::write(world.out().join("secret"), "b\n").unwrap();
        fs::write(world.out().join("new"), "b\n").unwrap();
        world.write("folder/x", "2\n");
    });
    assert_eq!(names(&seen, &world), ["folder/x"]);
    // A folder that became a link out of the workspace meanwhile.
    let planned = undo.plan_undo(&[]).unwrap();
    fs::rename(world.path("folder"), world.path("elsewhere")).unwrap();
    fs::write(world.out().join("x"), "2\n").unwrap();
    symlink(world.out(), world.path("folder")).unwrap();
    let before = picture(world.dir.path());
    let refusal = undo.undo(&planned, Consent::Rest, std::slice::from_ref(&world.root)).unwrap_err();
    assert_eq!(refusal.path, Some(world.raw("folder/x")), "{refusal}");
    assert_eq!(picture(world.dir.path()), before);
    assert_eq!(obstacles(&undo.plan_undo(&[]).unwrap().1), [Obstacle::ChangedSince]);
}

#[test]
fn what_changes_between_the_plan_and_the_deed_stops_all_of_it() {
    let world = World::of(&[("a", "1\n"), ("b", "1\n"), ("z", "1\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || ["a", "b", "z"].iter().for_each(|path| world.write(path, "2\n")));
    let planned = undo.plan_undo(&[]).unwrap();
    world.write("z", "mine\n");
    let before = world.picture();
    for consent in [Consent::Whole, Consent::Rest] {
        let refusal = undo.undo(&planned, consent, std::slice::from_ref(&world.root)).unwrap_err();
        assert_eq!(refusal.path, Some(world.raw("z")));
        assert_eq!(world.picture(), before);
    }
}

/// The path that is in the way, and what another process does to it.
type Case = (&'static str, fn(&World));

#[test]
fn what_changes_in_the_last_moment_stops_all_of_it() {
    let work: [Case; 7] = [
        ("z", |world| world.write("z", "mine\n")),
        ("z", |world| world.chmod("z", 0o755)),
        ("z", |world| fs::remove_file(world.path("z")).unwrap()),
        ("z", |world| {
            fs::remove_file(world.path("z")).unwrap();
            symlink(world.out().join("secret"), world.path("z")).unwrap();
        }),
        ("gone", |world| world.write("gone", "mine\n")),
        ("new", |world| world.write("new", "mine\n")),
        ("d/x", |world| {
            fs::rename(world.path("d"), world.path("elsewhere")).unwrap();
            fs::write(world.out().join("x"), "2\n").unwrap();
            symlink(world.out(), world.path("d")).unwrap();
        }),
    ];
    for (path, theirs) in work {
        let world = World::of(&[("a", "1\n"), ("d/x", "1\n"), ("gone", "1\n"), ("z", "1\n"), ("run", "1\n")]);
        let mut undo = world.open();
        tool(&mut undo, 1, || {
            ["a", "d/x", "z", "new", "n/new"].iter().for_each(|path| world.write(path, "2\n"));
            world.chmod("run", 0o755);
            fs::remove_file(world.path("gone")).unwrap();
        });
        let (_, plan) = undo.plan_undo(&[]).unwrap();
        let before = std::cell::RefCell::default();
        let meanwhile = || {
            theirs(&world);
            // Our own files stand there already, under names of their own.
            let mut picture = picture(world.dir.path());
            picture.retain(|path, _| !path.to_string_lossy().contains(".quire-undo-"));
            before.replace(picture);
        };
        let refusal = carry::carry_out_while(
            &plan.steps,
            std::slice::from_ref(&world.root),
            undo.objects(),
            &quire_steering::Steering::default(),
            meanwhile,
        )
        .unwrap_err();
        assert_eq!(refusal.path, Some(world.raw(path)), "{refusal}");
        assert_eq!(picture(world.dir.path()), before.into_inner(), "{refusal}");
    }
}

#[test]
fn a_step_that_fails_late_takes_the_others_back() {
    let world = World::of(&[(".gitignore", "ignored\n"), ("a", "1\n"), ("d/x", "1\n"), ("f", "1\n"), ("gone", "1\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || {
        world.write("a", "2\n");
        world.chmod("a", 0o755);
        fs::remove_file(world.path("gone")).unwrap();
        fs::remove_dir_all(world.path("d")).unwrap();
        fs::remove_file(world.path("f")).unwrap();
        world.write("f/new", "2\n");
        world.write("n/m/new", "2\n");
    });
    // No look knows of this one: it cannot be planned around.
    world.write("f/ignored", "mine\n");
    let inode = |path: &str| fs::metadata(world.path(path)).unwrap().ino();
    let (before, numbers) = (world.picture(), [inode("a"), inode("f/new"), inode("n/m/new"), inode("f")]);
    let refusal = world.undo(&mut undo, Consent::Whole).unwrap_err();
    assert!(refusal.reason.contains("the folder holds files that the turn did not make"), "{refusal}");
    assert_eq!(world.picture(), before);
    assert_eq!([inode("a"), inode("f/new"), inode("n/m/new"), inode("f")], numbers);
}

#[test]
fn a_damaged_copy_changes_nothing() {
    let world = World::of(&[("a", "1\n"), ("b", "one\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || ["a", "b"].iter().for_each(|path| world.write(path, "2\n")));
    let copy = world.home().join("quire/undo/0199-thread/objects").join(digest(b"one\n").as_str());
    fs::write(&copy, "forged").unwrap();
    let before = world.picture();
    let refusal = world.undo(&mut undo, Consent::Whole).unwrap_err();
    assert!(refusal.reason.contains("damaged"), "{refusal}");
    assert_eq!(world.picture(), before);
    fs::remove_file(&copy).unwrap();
    let undo = world.open();
    assert_eq!(obstacles(&undo.plan_undo(&[]).unwrap().1), [Obstacle::OldNotKept]);
}

#[test]
fn other_names_of_a_file_are_not_cut_off() {
    let world = World::of(&[("a", "1\n")]);
    fs::hard_link(world.path("a"), world.out().join("twin")).unwrap();
    let mut undo = world.open();
    tool(&mut undo, 1, || world.write("a", "2\n"));
    let refusal = world.undo(&mut undo, Consent::Whole).unwrap_err();
    assert!(refusal.reason.contains("hard links"), "{refusal}");
    assert_eq!((world.read("a"), fs::read_to_string(world.out().join("twin")).unwrap()), ("2\n".into(), "2\n".into()));
}

#[test]
fn a_mode_is_not_given_to_names_elsewhere() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let world = World::of(&[("a", "1\n")]);
    let twin = world.out().join("twin");
    let mut undo = world.open();
    tool(&mut undo, 1, || fs::set_permissions(world.path("a"), fs::Permissions::from_mode(0o755)).unwrap());
    fs::hard_link(world.path("a"), &twin).unwrap();
    let refusal = world.undo(&mut undo, Consent::Whole).unwrap_err();
    assert!(refusal.reason.contains("hard links"), "{refusal}");
    assert_eq!(fs::metadata(&twin).unwrap().mode() & 0o777, 0o755);
}

#[test]
fn what_a_file_carries_is_there_after_an_undo() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let world = World::of(&[("a", "1\n")]);
    // Owner and mask read and write, user 1234 reads.
    let entries: [(u16, u16, u32); 5] =
        [(1, 6, u32::MAX), (2, 4, 1234), (4, 4, u32::MAX), (0x10, 6, u32::MAX), (0x20, 0, u32::MAX)];
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in entries {
        list.extend([&tag.to_le_bytes()[..], &rights.to_le_bytes(), &id.to_le_bytes()].concat());
    }
    let name = "system.posix_acl_access";
    if setxattr(world.path("a"), name, &list, XattrFlags::empty()).is_err() {
        return;
    }
    let mut undo = world.open();
    tool(&mut undo, 1, || world.write("a", "2\n"));
    world.undo(&mut undo, Consent::Whole).unwrap();
    let mut value = vec![0; 1024];
    let count = getxattr(world.path("a"), name, value.as_mut_slice()).unwrap();
    assert_eq!((world.read("a").as_str(), &value[..count]), ("1\n", list.as_slice()));
}

#[test]
fn rights_of_others_are_not_given_back() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let world = World::of(&[("a", "1\n")]);
    fs::set_permissions(world.path("a"), fs::Permissions::from_mode(0o4755)).unwrap();
    let mut undo = world.open();
    tool(&mut undo, 1, || {
        world.write("a", "2\n");
        fs::set_permissions(world.path("a"), fs::Permissions::from_mode(0o755)).unwrap();
    });
    let refusal = world.undo(&mut undo, Consent::Whole).unwrap_err();
    assert!(refusal.reason.contains("set-user-id"), "{refusal}");
    assert_eq!((world.read("a").as_str(), fs::metadata(world.path("a")).unwrap().mode() & 0o7777), ("2\n", 0o755));
}

#[test]
fn only_the_roots_that_are_allowed_now_are_written() {
    let world = World::of(&[("a", "1\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || world.write("a", "2\n"));
    let planned = undo.plan_undo(&[]).unwrap();
    let refusal = undo.undo(&planned, Consent::Whole, &[world.out()]).unwrap_err();
    assert!(refusal.reason.contains("leads out of"), "{refusal}");
    assert_eq!(world.read("a"), "2\n");
}

#[test]
fn a_turn_is_taken_back_once_and_in_its_order() {
    let world = World::of(&[("a", "1\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || world.write("a", "2\n"));
    let early = undo.plan_undo(&[]).unwrap();
    tool(&mut undo, 2, || world.write("a", "3\n"));
    assert!(undo.undo(&early, Consent::Whole, std::slice::from_ref(&world.root)).is_err());
    let planned = undo.plan_undo(&[]).unwrap();
    undo.undo(&planned, Consent::Whole, std::slice::from_ref(&world.root)).unwrap();
    assert!(undo.undo(&planned, Consent::Whole, std::slice::from_ref(&world.root)).is_err());
    assert_eq!(world.read("a"), "2\n");
}

#[test]
fn what_a_killed_run_left_is_removed_if_it_is_kept() {
    let world = World::of(&[("a", "1\n")]);
    let mut objects = Objects::open(world.home(), Bounds::default()).unwrap();
    assert!(objects.put(&digest(b"1\n"), b"1\n").unwrap());
    let mut undo = world.open();
    undo.begin(&turn(1)).unwrap();
    world.write(".quire-undo-1-0", "1\n");
    world.write(".quire-undo-1-1", "another's\n");
    // It may still be in use.
    assert!(undo.end(&turn(1)).unwrap().changes.is_empty());
    assert!(world.path(".quire-undo-1-0").exists());
    let leftovers = [world.raw(".quire-undo-1-0"), world.raw(".quire-undo-1-1")];
    workspace::sweep(&leftovers, &objects, -1_000_000_000);
    assert!(!world.path(".quire-undo-1-0").exists());
    assert_eq!(world.read(".quire-undo-1-1"), "another's\n");
}

#[test]
fn folders_that_are_gone_are_made_again() {
    let world = World::of(&[("d/e/x", "1\n"), ("d/e/y", "1\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || fs::remove_file(world.path("d/e/x")).unwrap());
    fs::remove_dir_all(world.path("d")).unwrap();
    world.undo(&mut undo, Consent::Whole).unwrap();
    assert_eq!(world.read("d/e/x"), "1\n");
    assert!(!world.path("d/e/y").exists());
}

#[test]
fn special_files_are_told_and_left() {
    let world = World::of(&[("pipe", "1\n")]);
    let mut undo = world.open();
    tool(&mut undo, 1, || {
        fs::remove_file(world.path("pipe")).unwrap();
        assert!(Command::new("mkfifo").arg(world.path("pipe")).status().unwrap().success());
    });
    assert_eq!(obstacles(&undo.plan_undo(&[]).unwrap().1), [Obstacle::NewNotKept]);
}

/// Runs a test of this file again as a user other than root, if this is root.
fn again(test: &str, world: &World) -> Option<std::process::Output> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([&format!("undo::tests::hard::{test}"), "--exact", "--nocapture"]);
    command.env("QUIRE_UNDO_AS_NOBODY", "1").env("TMPDIR", world.dir.path()).uid(65534).gid(65534).current_dir("/");
    fs::set_permissions(world.dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
    Some(command.output().unwrap())
}

#[test]
fn what_may_not_be_read_or_written_stays() {
    let world = World::of(&[("closed", "1\n"), ("open", "1\n"), ("fixed/x", "1\n")]);
    if let Some(output) = again("what_may_not_be_read_or_written_stays", &world) {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    world.chmod("closed", 0o000);
    let mut undo = world.open();
    tool(&mut undo, 1, || {
        world.write("open", "2\n");
        world.write("fixed/x", "2\n");
        fs::remove_file(world.path("closed")).unwrap();
    });
    assert_eq!(obstacles(&undo.plan_undo(&[]).unwrap().1), [Obstacle::OldNotKept]);
    world.chmod("fixed", 0o555);
    let before = world.picture();
    let refusal = world.undo(&mut undo, Consent::Rest).unwrap_err();
    assert!(refusal.reason.contains("permission denied"), "{refusal}");
    assert_eq!(world.picture(), before);
    world.chmod("fixed", 0o755);
    world.undo(&mut undo, Consent::Rest).unwrap();
    assert_eq!((world.read("open"), world.read("fixed/x")), ("1\n".into(), "1\n".into()));
}
