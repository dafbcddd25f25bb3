//! Files that the user's own programs replace while a command runs: the new one is not covered by what covered the old one.

use std::{fs, path::Path};

use super::{
    runner::{Ground, everywhere},
    scene::{script, shell},
};
use crate::bed::until;

/// What the user does meanwhile, with the home folder.
type Act = fn(&Path);

const HOME: &str = "[permissions.mine.filesystem]\n\":root\" = \"read\"\n\"~/private/secret\" = \"none\"\n\"~/private/vault\" = \"none\"\n\
                    [permissions.mine.filesystem.\":project_roots\"]\n\".\" = \"write\"\n\"kept\" = \"read\"\n\
                    \"**/*.env\" = \"none\"\n";

fn world(ground: &mut Ground) {
    for name in ["work/kept", "private/secret", "private/vault/key", "work/a.env", "work/plain", "work/.git/HEAD"] {
        ground.bed.file(&format!("home/{name}"), "old");
    }
    for name in ["work/.git", "private"] {
        ground.forgive(&format!("home/{name}"));
    }
    ground.profile(HOME);
}

/// As an editor saves, and a login.
fn saved(path: &Path) {
    let new = path.with_extension("new");
    fs::write(&new, "new").unwrap();
    fs::rename(new, path).unwrap();
}

#[test]
fn a_command_ends_when_what_is_kept_from_it_is_replaced() {
    let acts: [(&str, Act); 6] = [
        ("work/kept", |home| saved(&home.join("work/kept"))),
        ("work/a.env", |home| saved(&home.join("work/a.env"))),
        ("private/secret", |home| saved(&home.join("private/secret"))),
        ("work/.git", |home| {
            fs::rename(home.join("work/.git"), home.join("private/aside")).unwrap();
            fs::create_dir(home.join("work/.git")).unwrap();
        }),
        ("private/vault", |home| {
            fs::rename(home.join("private/vault"), home.join("private/aside")).unwrap();
            fs::create_dir(home.join("private/vault")).unwrap();
        }),
        ("work/kept", |home| {
            fs::remove_file(home.join("work/kept")).unwrap();
            fs::write(home.join("work/kept"), "new").unwrap();
        }),
    ];
    for (name, act) in acts {
        everywhere(|ground| {
            world(ground);
            let running = ground.start_exec(&script(&[shell("echo > begun; exec sleep 1234")]));
            until("the command runs", || ground.work().join("begun").exists().then_some(()));
            act(&ground.bed.path("home"));
            let is_over = |(line, _): &(String, char)| !line.starts_with("sleep 1234");
            until("the command is ended", || ground.bed.processes().iter().all(is_over).then_some(()));
            let (_, told) = ground.end_exec(running);
            let sentence = format!("home/{name} was replaced from outside while it ran");
            assert!(told[0].contains(&sentence), "{name}: {}", told[0]);
        });
    }
}

/// The user works on, and so does the command.
#[test]
fn other_changes_of_the_user_end_nothing() {
    everywhere(|ground| {
        world(ground);
        let wait = "echo > begun; until test -e go; do sleep 0.05; done; cat plain";
        let running = ground.start_exec(&script(&[shell(wait)]));
        until("the command runs", || ground.work().join("begun").exists().then_some(()));
        saved(&ground.work().join("plain"));
        fs::write(ground.work().join("kept"), "written where it lies").unwrap();
        fs::write(ground.work().join(".git/index"), "").unwrap();
        fs::write(ground.bed.path("home/private/vault/more"), "").unwrap();
        fs::write(ground.work().join("go"), "").unwrap();
        let (_, told) = ground.end_exec(running);
        assert!(told[0].contains("exited with code 0") && told[0].contains("new"), "{}", told[0]);
    });
}
