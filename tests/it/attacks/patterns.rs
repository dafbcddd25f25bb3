//! Commands that want what a permission profile denies by a pattern: in the way of the look for it, and in its bounds.

use std::{fs, os::unix::fs::PermissionsExt};

use super::{
    runner::{Ground, everywhere, in_every_mode},
    scene::shell,
};

/// What is denied in the workspace, where a command may do this.
fn deny(ground: &mut Ground, rights: &str, pattern: &str) {
    ground.profile(&format!(
        "[permissions.mine.filesystem]\n\":root\" = \"read\"\n[permissions.mine.filesystem.\":project_roots\"]\n\
         \".\" = \"{rights}\"\n\"{pattern}\" = \"none\"\n"
    ));
}

/// What was said of each call, without a word of the secret.
#[track_caller]
fn nothing_is_told(told: &[String]) {
    for told in told {
        assert!(!told.contains("the-secret"), "{told}");
    }
}

#[test]
fn a_folder_that_cannot_be_listed_hides_nothing_from_the_look() {
    for pattern in ["keys/**/*.pem", "**/*.pem", "keys/between/*.pem"] {
        everywhere(|ground| {
            ground.bed.file("home/work/keys/between/a.pem", "the-secret");
            ground.bed.file("home/work/keys/new/plain", "plain");
            deny(ground, "write", pattern);
            let read = "cat keys/between/a.pem; chmod 755 keys/between keys; cat keys/between/a.pem; cat keys/*/*.pem";
            // The first command opens nothing and closes the folder between for the look; the next ones read.
            let mut calls = Vec::new();
            for mode in ["311", "111", "000", "600"] {
                calls.push(shell(format!("chmod {mode} keys/between; chmod {mode} keys")));
                calls.push(shell(read));
                calls.push(shell("chmod 755 keys; chmod 755 keys/between; ls keys; echo ran >> ran"));
            }
            nothing_is_told(&ground.exec_in_turn(&calls));
            assert!(fs::read_to_string(ground.work().join("ran")).unwrap().starts_with("ran"), "nothing ran");
            for name in ["keys", "keys/between"] {
                fs::set_permissions(ground.work().join(name), PermissionsExt::from_mode(0o755)).unwrap();
            }
            assert_eq!(fs::read_to_string(ground.work().join("keys/between/a.pem")).unwrap(), "the-secret");
        });
    }
}

/// The user's own folder is closed like that from the start, and the command has its own rights only.
#[test]
fn a_closed_folder_of_the_user_is_hidden_from_readers_too() {
    in_every_mode(|ground| {
        ground.bed.file("home/work/keys/a.pem", "the-secret");
        let rights = if ground.mode == "read-only" { "read" } else { "write" };
        deny(ground, rights, "keys/**/*.pem");
        fs::set_permissions(ground.work().join("keys"), PermissionsExt::from_mode(0o311)).unwrap();
        let told = ground.exec(&[shell("cat keys/a.pem; echo went on")]);
        assert!(told[0].contains("went on"), "{}", told[0]);
        nothing_is_told(&told);
    });
}

#[test]
fn a_command_that_makes_too_much_that_fits_stops_no_other() {
    let floods = [
        "for i in $(seq 2100); do echo > $i.env; done",
        "mkdir many && cd many && for i in $(seq 2100); do echo > $i.env; done",
        "for i in $(seq 1200); do mkdir -p f$i/g; echo > f$i/x.env; echo > f$i/g/x.env; done",
        // Deeper than a path can be long.
        "for i in $(seq 40); do n=$(printf %0200d 0); mkdir $n && cd $n || break; done; echo > x.env",
    ];
    for flood in floods {
        everywhere(|ground| {
            ground.bed.file("home/work/a.env", "the-secret");
            ground.bed.file("home/work/src/b.env", "the-secret");
            ground.bed.file("home/work/src/plain", "plain text");
            deny(ground, "write", "**/*.env");
            let read =
                "cat a.env src/b.env */*.env; cat src/plain; echo more >> src/plain; echo x > .git/x; echo went on";
            let told = ground.exec_in_turn(&[shell(flood), shell(read), shell("cat src/plain; cat src/b.env")]);
            assert!(told[1].contains("went on") && told[1].contains("plain text"), "{}", told[1]);
            assert!(told[2].contains("more"), "{}", told[2]);
            nothing_is_told(&told);
            let is_told = told[1].contains("more files match what the permission profile denies");
            assert_eq!(is_told, flood.contains("seq 2100") || flood.contains("1200"), "{}", told[1]);
        });
    }
}
