//! What a permission profile denies by patterns: what is there when a command starts.

use std::os::unix::fs::symlink;

use super::{
    profiles::{USUAL, none_succeeds, run, succeeds},
    stand::{everywhere, picture},
};

#[test]
fn what_fits_a_pattern_can_be_neither_read_nor_written() {
    everywhere(|stand| {
        for name in ["a.env", "b/.env", "b/c/d.env", "b/plain", "keys/one/secret", "keys/open"] {
            stand.bed.file(&format!("home/work/{name}"), "secret");
        }
        symlink("b/plain", stand.bed.path("home/work/l.env")).unwrap();
        stand.own(&stand.work());
        let before = ["a.env", "b", "keys"].map(|name| picture(&stand.work().join(name)));
        let denied = format!(
            "{USUAL}\"{}/b/c/*\" = \"none\"\n[permissions.mine.filesystem.\":project_roots\"]\n\".\" = \"write\"\n\
             \"**/*.env\" = \"none\"\n\"keys/on[a-f]\" = \"none\"\n",
            stand.work().display()
        );
        none_succeeds(
            stand,
            &denied,
            &[
                "cat a.env",
                "cat b/.env",
                "cat b/c/d.env",
                "cat keys/one/secret",
                "ls keys/one | grep .",
                "echo x > a.env",
                "echo x >> b/.env",
                "rm b/.env",
                "rmdir b",
                "mv a.env a",
                "mv b c",
                "mv keys/one two",
                "ln b/.env linked",
                "cp b/c/d.env copied",
                "echo x > keys/one/new",
                "ln -s a.env pointer; cat pointer | grep .",
                "cat /proc/self/cwd/b/.env",
                "umount a.env",
            ],
        );
        succeeds(stand, &denied, "test \"$(cat b/plain keys/open l.env)\" = secretsecretsecret; rm pointer");
        assert_eq!(["a.env", "b", "keys"].map(|name| picture(&stand.work().join(name))), before);
        // What comes to be is hidden from the next command.
        succeeds(stand, &denied, "echo x > new.env; cat new.env > /dev/null");
        none_succeeds(stand, &denied, &["cat new.env", "rm new.env"]);
    });
}

#[test]
fn only_so_deep_as_was_said() {
    everywhere(|stand| {
        for name in ["a.env", "b/b.env", "b/c/c.env"] {
            stand.bed.file(&format!("home/work/{name}"), "secret");
        }
        stand.own(&stand.work());
        let denied = format!(
            "{USUAL}glob_scan_max_depth = 2\n[permissions.mine.filesystem.\":project_roots\"]\n\".\" = \"write\"\n\
             \"**/*.env\" = \"none\"\n"
        );
        none_succeeds(stand, &denied, &["cat a.env", "cat b/b.env"]);
        succeeds(stand, &denied, "cat b/c/c.env > /dev/null");
    });
}

#[test]
fn where_too_much_fits_the_rest_goes_on() {
    everywhere(|stand| {
        for at in 0..2001 {
            stand.bed.file(&format!("home/work/many/{at}.env"), "secret");
        }
        stand.bed.file("home/work/many/sub/plain", "plain");
        stand.own(&stand.work());
        let denied = format!(
            "{USUAL}[permissions.mine.filesystem.\":project_roots\"]\n\".\" = \"write\"\n\"many/*.env\" = \"none\"\n"
        );
        let ran =
            run(stand, &denied, &["/bin/sh", "-c", "echo ran > ran; echo x > many/sub/new; ls many"]).ends_with(0);
        assert_eq!(ran.stdout, "sub\n");
        assert!(ran.stderr.contains("work/many more files match what the permission profile denies"), "{}", ran.stderr);
        for harm in ["cat many/7.env", "cat many/*.env", "echo x > many/a.env", "mv many m", "umount many"] {
            let ran = run(stand, &denied, &["/bin/sh", "-c", harm]);
            assert!(ran.code != Some(0) && ran.stdout.is_empty(), "{harm}: {ran:?}");
        }
        assert!(stand.work().join("ran").exists() && stand.work().join("many/sub/new").exists());
    });
}
