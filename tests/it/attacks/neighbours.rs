//! Other users of the machine, who put something into the shared folder for temporary files.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    os::unix::{
        fs::{DirBuilderExt, PermissionsExt, chown, symlink},
        net::UnixListener,
    },
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use rustix::fs::{CWD, FileType, FlockOperation, Mode, flock, mknodat};

use super::{
    runner::{Ground, everywhere},
    scene::{script, shell},
};
use crate::sandbox::stand::is_root;

/// Another user.
const OTHER: u32 = 4711;

/// A folder where everybody may put something, as the one for temporary files.
fn shared(ground: &mut Ground) -> std::path::PathBuf {
    let shared = ground.bed.path("shared");
    fs::create_dir(&shared).unwrap();
    ground.bed.set("TMPDIR", shared.to_str().unwrap());
    ground.forgive("shared");
    shared
}

/// Two commands run; whether they can write there, and what is said of it: to the model each time, to the user once.
#[track_caller]
fn commands_run(ground: &mut Ground, what: &str, is_writable: bool) {
    let calls = [shell("echo x > $TMPDIR/new; echo ran > ran"), shell("echo again > again")];
    let (ran, told) = ground.exec_script(&script(&calls));
    assert!(ground.work().join("ran").exists() && ground.work().join("again").exists(), "{what}: {told:#?}");
    assert_eq!(ground.bed.path("shared/new").exists(), is_writable, "{what}: {told:#?}");
    let sentence = "Commands cannot write in ";
    for told in &told {
        assert_eq!(told.contains(sentence), !is_writable, "{what}: {told}");
    }
    assert_eq!(ran.stderr.matches(sentence).count(), usize::from(!is_writable), "{what}: {}", ran.stderr);
}

/// Made by another user, where the test can become one.
fn foreign(path: &Path) {
    if is_root() {
        chown(path, Some(OTHER), Some(OTHER)).unwrap();
    }
}

#[test]
fn what_another_user_puts_into_the_shared_folder_stops_nothing() {
    type Plant = (&'static str, bool, fn(&Path, &Path));
    let plants: [Plant; 7] = [
        ("a link that leads nowhere", false, |shared, _| symlink("/nonexistent", shared.join(".agents")).unwrap()),
        ("a link to a folder", false, |shared, _| symlink("/usr", shared.join(".git")).unwrap()),
        ("a pipe", false, |shared, _| {
            mknodat(CWD, shared.join(".git"), FileType::Fifo, Mode::from_raw_mode(0o666), 0).unwrap();
        }),
        ("a socket", false, |shared, _| drop(UnixListener::bind(shared.join(".codex")).unwrap())),
        ("a repository elsewhere", true, |shared, work| {
            fs::write(shared.join(".git"), format!("gitdir: {}", work.display())).unwrap();
        }),
        ("a repository of its own", true, |shared, _| {
            fs::create_dir(shared.join("y")).unwrap();
            fs::write(shared.join(".git"), "gitdir: y").unwrap();
        }),
        ("a folder that no other user may look into", true, |shared, _| {
            fs::create_dir(shared.join(".codex")).unwrap();
        }),
    ];
    everywhere(|ground| {
        let folder = shared(ground);
        for (what, is_writable, plant) in plants {
            fs::remove_dir_all(&folder).unwrap();
            fs::create_dir(&folder).unwrap();
            plant(&folder, &ground.work());
            // After the user has got all that is theirs, which happens before the start.
            ground.begin();
            for name in [".codex", ".git"].map(|name| folder.join(name)) {
                if fs::symlink_metadata(&name).is_ok_and(|facts| facts.is_dir()) && what.contains("no other user") {
                    fs::set_permissions(&name, Permissions::from_mode(0o0)).unwrap();
                    foreign(&name);
                }
            }
            for name in ["ran", "again"] {
                let _ = fs::remove_file(ground.work().join(name));
            }
            commands_run(ground, what, is_writable);
        }
    });
}

#[test]
fn a_lock_that_is_never_given_back_stops_nothing() {
    everywhere(|ground| {
        let name = shared(ground).join(".agents");
        DirBuilder::new().mode(0o1755).create(&name).unwrap();
        let lock = File::open(&name).unwrap();
        flock(&lock, FlockOperation::LockExclusive).unwrap();
        commands_run(ground, "a lock", false);
    });
}

#[test]
fn a_name_that_is_swapped_all_the_time_stops_nothing() {
    everywhere(|ground| {
        let folder = shared(ground);
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let name = folder.join(".agents");
                while !is_over.load(Ordering::Relaxed) {
                    let _ = DirBuilder::new().mode(0o1755).create(&name);
                    let _ = fs::remove_dir(&name);
                    let _ = symlink("/nonexistent", &name);
                    let _ = fs::remove_file(&name);
                }
            });
            let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                ground.exec(&["a", "b", "c", "d"].map(|name| shell(format!("echo ran > {name}"))))
            }));
            is_over.store(true, Ordering::Relaxed);
            for told in told.unwrap() {
                assert!(told.contains("exited with code 0"), "{told}");
            }
        });
    });
}

/// A folder that was named is no such folder: a link in it is kept, and the command runs.
#[test]
fn in_a_folder_that_was_named_a_link_is_kept() {
    everywhere(|ground| {
        let folder = shared(ground);
        symlink("/nonexistent", folder.join(".agents")).unwrap();
        ground.options = vec!["--add-dir".to_owned(), folder.to_str().unwrap().to_owned()];
        let agents = folder.join(".agents").display().to_string();
        let told = ground.exec(&[shell(format!("echo ran > ran; rm -f {agents}; ln -sfn /tmp {agents}"))]);
        assert!(ground.work().join("ran").exists(), "{}", told[0]);
        assert_eq!(fs::read_link(folder.join(".agents")).unwrap(), Path::new("/nonexistent"));
    });
}
