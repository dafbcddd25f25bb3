//! What a command may change and read: F02 to F04, F15.

use std::{fs, os::unix::fs::symlink, path::Path};

use rustix::process::{Signal, kill_process};

use super::{
    places::HARM,
    stand::{Stand, everywhere, picture},
};
use crate::{
    bed::{LIMIT, finish, lines_of, pid_of, until},
    skip::has,
};

#[test]
fn the_roots_can_be_written_in() {
    everywhere(|stand| {
        let script = "echo one > a && mkdir -p b/c && mv a b/c/ && ln b/c/a d && rm d && cat b/c/a && echo x > /dev/null \
                      && echo y > /dev/shm/y && t=$(mktemp) && rm $t && echo fine";
        let ran = stand.shell(script).ends_with(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("one\nfine\n", ""));
        assert_eq!(fs::read_to_string(stand.work().join("b/c/a")).unwrap(), "one\n");
    });
}

#[test]
fn protected_names_that_exist_stay_as_they_are() {
    everywhere(|stand| {
        let names = [".git/config", ".git/hooks/pre-commit", ".codex/config.toml", ".agents/x"];
        let files = names.map(|name| stand.bed.file(&format!("home/work/{name}"), "kept"));
        stand.own(&stand.work());
        let folders = [".git", ".codex", ".agents"].map(|name| stand.work().join(name));
        let before = folders.clone().map(|folder| picture(&folder));
        stand.none_succeeds(
            "workspace-write",
            &[
                "echo x > .git/config",
                "echo x > .git/hooks/post-commit",
                "chmod 777 .git",
                "mv .git moved",
                "mkdir fresh; mv -T fresh .git",
                "rm -r .git",
                "rmdir .git/hooks",
                "ln .git/config stolen",
                "ln -sfn /tmp .codex",
                "mount --bind /tmp .git",
                "mount -o remount,rw,bind .git",
                "umount .git",
                "echo x >> .codex/config.toml",
                "mkdir .agents/y",
            ],
        );
        assert_eq!(folders.map(|folder| picture(&folder)), before);
        let ran = stand.shell("cat .git/config").ends_with(0);
        assert_eq!(ran.stdout, "kept");
        assert!(files.iter().all(|file| file.exists()));
    });
}

#[test]
fn a_repository_is_read_and_stays_whole() {
    if !has("git") {
        return;
    }
    everywhere(|stand| {
        let git = |arguments: &[&str]| {
            let identity = ["-c", "user.name=x", "-c", "user.email=x@x"];
            let ran = finish(stand.program("git", &[&identity, arguments].concat()).spawn().unwrap());
            (ran.code, ran.stdout)
        };
        stand.bed.file("home/work/a", "one");
        stand.own(&stand.work());
        for arguments in [&["init", "-q", "."][..], &["add", "a"], &["commit", "-qm", "first"]] {
            assert_eq!(git(arguments).0, Some(0), "{arguments:?}");
        }
        let head = git(&["rev-parse", "HEAD"]);
        let before = picture(&stand.work().join(".git"));
        stand.none_succeeds(
            "workspace-write",
            &[
                "git -c user.name=x -c user.email=x@x commit -q --allow-empty -m second",
                "echo two > a; git add a",
                "git config core.hooksPath /tmp",
                "git update-ref refs/heads/other HEAD",
                "git stash",
            ],
        );
        assert_eq!(
            stand.shell("git log --format=%s; git rev-parse HEAD").ends_with(0).stdout,
            format!("first\n{}", head.1)
        );
        assert_eq!(picture(&stand.work().join(".git")), before);
        assert_eq!(git(&["fsck", "--strict"]).0, Some(0));
        assert_eq!(git(&["rev-parse", "HEAD"]), head);
    });
}

#[test]
fn missing_protected_names_stay_missing_and_nothing_is_left_behind() {
    everywhere(|stand| {
        let tries = [
            "git init .",
            "mkdir .codex",
            "ln -s /tmp .agents",
            "echo x > .git",
            "rmdir .git; mkdir .git/x",
            "mv .git g",
        ];
        stand.none_succeeds("workspace-write", &tries);
        let left: Vec<_> = fs::read_dir(stand.work()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert!(left.is_empty(), "{left:?}");

        // A repository above is still found.
        if !has("git") {
            return;
        }
        stand.program("git", &["init", "-q", "../..", "--initial-branch=main"]).status().unwrap();
        let ran = stand.shell("git -c safe.directory=* rev-parse --show-toplevel").ends_with(0);
        assert_eq!(Path::new(ran.stdout.trim()), stand.bed.root());
    });
}

#[test]
fn of_two_commands_the_first_to_end_leaves_the_other_protected() {
    everywhere(|stand| {
        rustix::fs::mknodat(rustix::fs::CWD, stand.work().join("go"), rustix::fs::FileType::Fifo, 0o666.into(), 0)
            .unwrap();
        stand.own(&stand.work().join("go"));
        let mut slow = stand
            .start("workspace-write", &["/bin/sh", "-c", "echo up; cat go > /dev/null; mkdir .git/x || echo kept"]);
        let lines = lines_of(slow.stdout.take().unwrap());
        assert_eq!(lines.recv_timeout(LIMIT).unwrap(), "up");
        stand.shell("true").ends_with(0);
        assert!(stand.work().join(".git").exists(), "the other still needs it");
        fs::write(stand.work().join("go"), "").unwrap();
        assert_eq!(lines.recv_timeout(LIMIT).unwrap(), "kept");
        finish(slow).ends_with(0);
        assert!(!stand.work().join(".git").exists());
    });
}

#[test]
fn what_a_killed_agent_left_is_gone_after_the_next_start() {
    everywhere(|stand| {
        let mut killed = stand.start("workspace-write", &["/bin/sh", "-c", "echo up; exec sleep 1000"]);
        assert_eq!(lines_of(killed.stdout.take().unwrap()).recv_timeout(LIMIT).unwrap(), "up");
        assert!(stand.work().join(".git").exists());
        kill_process(pid_of(killed.id()), Signal::KILL).unwrap();
        killed.wait().unwrap();
        stand.bed.is_deserted();
        // In another folder, and without a root: only the record tells of the first.
        let elsewhere = stand.program(crate::bed::QUIRE, &["sandbox", "-C", "/", "--", "true"]).spawn().unwrap();
        finish(elsewhere).ends_with(0);
        for name in [".git", ".codex", ".agents"] {
            assert!(!stand.work().join(name).exists(), "{name} is left");
        }
    });
}

#[test]
fn a_command_that_is_asked_to_end_leaves_nothing_behind() {
    everywhere(|stand| {
        let mut asked = stand.start(
            "workspace-write",
            &["/bin/sh", "-c", "trap 'echo heard; exit 3' TERM; echo up; while :; do read x < go; done"],
        );
        rustix::fs::mknodat(rustix::fs::CWD, stand.work().join("go"), rustix::fs::FileType::Fifo, 0o666.into(), 0)
            .unwrap();
        stand.own(&stand.work().join("go"));
        let lines = lines_of(asked.stdout.take().unwrap());
        assert_eq!(lines.recv_timeout(LIMIT).unwrap(), "up");
        kill_process(pid_of(asked.id()), Signal::TERM).unwrap();
        assert_eq!(lines.recv_timeout(LIMIT).unwrap(), "heard");
        finish(asked).ends_with(3);
        until("the names are free", || (!stand.work().join(".git").exists()).then_some(()));
    });
}

#[test]
fn a_git_file_protects_what_it_points_to() {
    everywhere(|stand| {
        for (pointer, target) in [("gitdir: store/git\n", "store/git"), ("gitdir: store/blank  \n", "store/blank")] {
            stand.bed.file(&format!("home/work/{target}/config"), "kept");
            stand.bed.file("home/work/.git", pointer);
            stand.own(&stand.work());
            let overwrite = format!("echo x > {target}/config");
            let tries = [overwrite.as_str(), "mv store elsewhere", "echo x > .git", "rm .git"];
            stand.none_succeeds("workspace-write", &tries);
            assert_eq!(fs::read_to_string(stand.work().join(target).join("config")).unwrap(), "kept");
            stand.shell("echo x > store/beside").ends_with(0);
        }
        // To a place that does not exist: it does not come to be.
        stand.bed.file("home/work/.git", "gitdir: none/git");
        stand.own(&stand.work());
        stand.none_succeeds("workspace-write", &["mkdir -p none/git", "mkdir none/x"]);
        assert!(!stand.work().join("none").exists());
    });
}

#[test]
fn a_git_file_protects_what_lies_in_another_root() {
    everywhere(|stand| {
        stand.bed.file("home/other/store/config", "kept");
        stand.bed.file("home/work/.git", "gitdir: ../other/store\n");
        stand.own(&stand.bed.path("home"));
        let roots = format!("sandbox_workspace_write.writable_roots=[{:?}]", stand.bed.path("home/other"));
        let script = "(echo x > ../other/store/config) 2>/dev/null; (rm -r ../other/store) 2>/dev/null; \
                      (mv ../other/store ../other/moved) 2>/dev/null; echo x > ../other/beside; cat ../other/store/config";
        let options = ["sandbox", "--backend", stand.means, "-s", "workspace-write", "-c", &roots, "--"];
        let command = [&options[..], &["/bin/sh", "-c", script]].concat();
        let ran = finish(stand.program(crate::bed::QUIRE, &command).spawn().unwrap()).ends_with(0);
        assert_eq!(ran.stdout, "kept", "{}", ran.stderr);
        assert!(stand.bed.path("home/other/beside").exists(), "the rest of that root can be written");
    });
}

#[test]
fn as_a_working_folder_the_agents_home_hides_its_secrets() {
    everywhere(|stand| {
        let secrets = [
            "auth.json",
            "config.toml",
            "history.jsonl",
            "sessions/2026/01/01/rollout-x.jsonl",
            "quire_index.sqlite",
            "quire/undo/thread/objects/x",
            ".credentials.json",
        ];
        for name in secrets {
            stand.bed.file(&format!("codex/{name}"), "# canary");
        }
        stand.bed.file("codex/notes.md", "mine");
        stand.own(&stand.bed.root());
        let home = stand.bed.path("codex");
        let tries: Vec<String> =
            secrets.iter().map(|name| format!("(cat {name}) 2>/dev/null; (echo x > {name}) 2>/dev/null")).collect();
        let script = format!("{}; cat notes.md", tries.join("; "));
        let options =
            ["sandbox", "--backend", stand.means, "-s", "workspace-write", "-C", home.to_str().unwrap(), "--"];
        let command = [&options[..], &["/bin/sh", "-c", &script]].concat();
        let ran = finish(stand.program(crate::bed::QUIRE, &command).spawn().unwrap()).ends_with(0);
        assert_eq!(ran.stdout, "mine", "{}", ran.stderr);
        for name in secrets {
            assert_eq!(fs::read_to_string(stand.bed.path(&format!("codex/{name}"))).unwrap(), "# canary", "{name}");
        }
    });
}

#[test]
fn a_git_link_is_kept_with_what_it_leads_to() {
    everywhere(|stand| {
        stand.bed.file("home/work/real/config", "mine");
        symlink("real", stand.work().join(".git")).unwrap();
        stand.own(&stand.work());
        let ran = stand.shell("cat .git/config; echo x > free && rm free && echo ran").ends_with(0);
        assert_eq!(ran.stdout, "mineran\n", "{}", ran.stderr);
        stand.none_succeeds(
            "workspace-write",
            &[
                "rm .git",
                "mv .git x",
                "ln -sfn other .git",
                "ln -sTf other .git",
                "echo x > .git/config",
                "echo x > real/config",
                "mv real x",
                "rm -r real",
                "touch real/new",
                "mkdir x && mv -T x .git",
            ],
        );
        assert_eq!(stand.run("read-only", &["echo", "ran"]).ends_with(0).stdout, "ran\n");
        assert_eq!(fs::read_link(stand.work().join(".git")).unwrap(), Path::new("real"));
        assert_eq!(fs::read_to_string(stand.work().join("real/config")).unwrap(), "mine");
    });
}

#[test]
fn the_agents_home_cannot_be_read() {
    everywhere(|stand| {
        for mode in ["read-only", "workspace-write"] {
            stand.none_succeeds(
                mode,
                &["cat $CODEX_HOME/auth.json", "ls $CODEX_HOME/* ", "test -e $CODEX_HOME/auth.json"],
            );
            let ran = stand.run(mode, &["/bin/sh", "-c", "head -c 4 /etc/passwd && ls -d ../work"]).ends_with(0);
            assert!(ran.stdout.ends_with("../work\n"));
        }
    });
    // Landlock alone.
    let stand = Stand::new(super::stand::User::Own, "landlock");
    stand.none_succeeds("read-only", &["cat $CODEX_HOME/auth.json", "ls $CODEX_HOME", "echo x > x"]);
    stand.none_succeeds("read-only", &HARM);
    stand.none_succeeds("read-only", &["kill -0 1", "kill -0 $PPID", "chown 1 $CANARY/file", "chattr +i $CANARY/file"]);
    stand.run("read-only", &["/bin/ls", "/usr"]).ends_with(0);
    stand.is_untouched();
}
