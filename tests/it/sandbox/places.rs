//! Places outside the roots, and every way to change something there: F01.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
    process::Command,
};

use tempfile::TempDir;

use super::stand::{everywhere, is_root, picture};
use crate::skip::skip;

/// Ways to change something in the folder `$CANARY`, which holds a `file` and an empty `folder`.
pub(crate) const HARM: [&str; 21] = [
    "echo x > $CANARY/new",
    "echo x > $CANARY/file",
    "echo x >> $CANARY/file",
    "echo x > moved; mv moved $CANARY/moved",
    "echo x > over; mv -f over $CANARY/file",
    "mv $CANARY/file taken",
    "mv $CANARY/file $CANARY/renamed",
    "ln -f $CANARY/file linked",
    "echo x > own; ln own $CANARY/linked",
    "ln -sfn $CANARY/file pointer; echo x > pointer",
    "ln -sfn $CANARY way; echo x > way/new",
    "ln -s /etc/passwd $CANARY/pointer",
    "chmod 777 $CANARY/file",
    "touch -d 2001-01-01 $CANARY/file",
    "setfattr -n user.x -v y $CANARY/file || /usr/bin/python3 -c 'import os; os.setxattr(os.environ[\"CANARY\"] + \"/file\", \"user.x\", b\"y\")'",
    "rm $CANARY/file",
    "rmdir $CANARY/folder",
    "mkdir $CANARY/other",
    "mkfifo $CANARY/pipe",
    "truncate -s 0 $CANARY/file",
    "chmod 777 $CANARY",
];

/// The test's own machine lies in `/tmp`, where commands may write otherwise.
const NO_TMP: &str = "sandbox_workspace_write.exclude_slash_tmp=true";
const MODES: [&[&str]; 2] = [&["-s", "read-only"], &["-s", "workspace-write", "-c", NO_TMP]];

/// Folders of the system. Nothing but new names is tried there, and what changes nothing when it succeeds.
const SYSTEM: [&str; 16] = [
    "/",
    "/etc",
    "/etc/cron.d",
    "/etc/profile.d",
    "/etc/ssh",
    "/etc/systemd/system",
    "/usr",
    "/usr/bin",
    "/usr/local/bin",
    "/var/spool",
    "/var/spool/cron",
    "/var/spool/cron/crontabs",
    "/var/lib",
    "/opt",
    "/boot",
    "/root",
];

/// Files of the system.
const FILES: [&str; 6] =
    ["/etc/passwd", "/etc/crontab", "/etc/hosts", "/etc/ld.so.cache", "/usr/bin/env", "/etc/bash.bashrc"];

/// Every way does harm where there are no sandbox: none of the tries below is one that fails by itself.
#[test]
fn every_way_works_where_nothing_is_in_the_way() {
    for way in HARM {
        let work = tempfile::tempdir_in("/var/tmp").unwrap();
        let canary = filled(tempfile::tempdir_in("/var/tmp").unwrap());
        let before = picture(canary.path());
        let script = way.to_owned();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &script]).current_dir(work.path()).env("CANARY", canary.path());
        let output = command.output().unwrap();
        if way.starts_with("setfattr") && !output.status.success() {
            skip("no program here sets attributes, or the file system has none");
            continue;
        }
        assert!(output.status.success(), "{way}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(way.starts_with("setfattr") || picture(canary.path()) != before, "{way} changed nothing");
    }
}

#[test]
fn nothing_outside_the_roots_is_changed() {
    everywhere(|stand| {
        for mode in MODES {
            stand.none_succeeds_with(mode, &HARM);
        }
        // With `/tmp` among the roots, and not below it.
        stand.none_succeeds("workspace-write", &HARM);
        let own = ["echo x > own", "mkdir own", "echo x > /tmp/quire-canary", "touch .", "chmod 777 ."];
        stand.none_succeeds("read-only", &own);
    });
}

#[test]
fn what_belongs_to_the_user_stays_as_it_is() {
    everywhere(|stand| {
        let home = stand.bed.path("home");
        let shared = tempfile::Builder::new().prefix("quire-canary-").tempdir_in("/dev/shm").ok();
        let mut folders = vec![
            // The folder above the workspace is the home itself.
            home.clone(),
            home.join(".ssh"),
            home.join(".config/autostart"),
            home.join("project"),
            stand.bed.path("codex"),
            stand.bed.path("codex/rules"),
        ];
        folders.extend(shared.as_ref().map(|folder| folder.path().to_owned()));
        for folder in &folders {
            fill(folder);
            stand.own(folder);
        }
        for name in [".bashrc", ".profile", ".ssh/authorized_keys", ".gitconfig"] {
            stand.bed.file(&format!("home/{name}"), "kept");
        }
        stand.own(&stand.bed.root());
        let before: Vec<_> = folders.iter().map(|folder| of_the_user(folder)).collect();
        for mode in MODES {
            for folder in &folders {
                let tries = in_folder(folder);
                stand.none_succeeds_with(mode, &words(&tries));
            }
            let names = [
                "echo x > $HOME/.bashrc",
                "echo x >> $HOME/.profile",
                "echo x > $HOME/.zshenv",
                "echo x >> $HOME/.ssh/authorized_keys",
                "mv $HOME/.ssh $HOME/.ssh2",
                "mkdir $HOME/.local",
                "git config --global core.pager x",
                "echo x > ../sibling",
                "echo x > $CODEX_HOME/auth.json",
                "echo x > $CODEX_HOME/config.toml",
                "rm -r $CODEX_HOME",
            ];
            stand.none_succeeds_with(mode, &names);
        }
        let after: Vec<_> = folders.iter().map(|folder| of_the_user(folder)).collect();
        assert_eq!(after, before, "by {}, as {:?}", stand.means, stand.user);
    });
}

#[test]
fn the_folder_of_another_user_stays_as_it_is() {
    if !is_root() {
        return skip("only root can make a folder of another user");
    }
    everywhere(|stand| {
        for mode in [0o777, 0o755] {
            let theirs = filled(tempfile::tempdir_in("/var/tmp").unwrap());
            let own = [theirs.path().to_owned(), theirs.path().join("file"), theirs.path().join("folder")];
            for path in own {
                chown(&path, Some(1000), Some(1000)).unwrap();
                fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            }
            let before = picture(theirs.path());
            for options in MODES {
                stand.none_succeeds_with(options, &words(&in_folder(theirs.path())));
            }
            assert_eq!(picture(theirs.path()), before, "{mode:o}, by {}, as {:?}", stand.means, stand.user);
        }
    });
}

#[test]
fn the_system_stays_as_it_is() {
    everywhere(|stand| {
        let mut tries: Vec<String> = Vec::new();
        for folder in SYSTEM {
            tries.extend([
                format!("echo x > {folder}/quire-canary"),
                format!("mkdir {folder}/quire-canary"),
                format!("ln -s x {folder}/quire-canary"),
                format!("echo x > moved; mv moved {folder}/quire-canary"),
                format!("touch -c -r {folder} {folder} && test -d {folder}"),
                format!("chmod $(stat -c %a {folder}) {folder}"),
            ]);
        }
        for file in FILES {
            tries.extend([
                format!("true >> {file}"),
                format!("touch -c -r {file} {file} && test -e {file}"),
                format!("chmod $(stat -c %a {file}) {file}"),
                format!("ln -f {file} linked"),
                format!("ln -sfn {file} pointer; true >> pointer"),
            ]);
        }
        // What is in the table stays in it, should it be written after all.
        tries.extend(["crontab -l > table; crontab table".to_owned(), "mkdir -p /var/spool/cron/crontabs".to_owned()]);
        if fs::exists("/var/spool/cron/crontabs").unwrap() {
            tries.pop();
        }
        for mode in MODES {
            stand.none_succeeds_with(mode, &words(&tries));
        }
        for folder in SYSTEM {
            assert!(!Path::new(folder).join("quire-canary").exists(), "{folder}/quire-canary is there");
        }
    });
}

/// The ways to change something in this folder.
fn in_folder(folder: &Path) -> Vec<String> {
    HARM.iter().map(|way| format!("export CANARY='{}'; {way}", folder.display())).collect()
}

fn words(tries: &[String]) -> Vec<&str> {
    tries.iter().map(String::as_str).collect()
}

/// What a folder holds, but for the workspace and what the program itself writes in its home.
fn of_the_user(folder: &Path) -> Vec<String> {
    let is_own = |line: &&String| !["/work", "/quire"].iter().any(|part| line.contains(part));
    picture(folder).iter().skip(1).filter(is_own).cloned().collect()
}

fn filled(folder: TempDir) -> TempDir {
    fill(folder.path());
    folder
}

fn fill(folder: &Path) {
    fs::create_dir_all(folder.join("folder")).unwrap();
    fs::write(folder.join("file"), "canary").unwrap();
}
