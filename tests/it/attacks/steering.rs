//! What steers a later start: no approval is possible, and so nothing of it changes. The victims are the user's next git command
//! and the next start of the program.

use std::{fs, os::unix::fs::symlink, path::Path};

use super::{
    runner::{Ground, everywhere, in_every_mode},
    scene::{patch, shell},
};
use crate::{sandbox::stand::picture, skip::has};

/// A program that leaves a trace in the canary when git runs it.
const PLANT: &str = "touch $CANARY/planted; false";

/// A repository made by the test itself, outside of any sandbox.
fn repository(ground: &Ground, folder: &str) {
    let path = ground.bed.path(folder);
    fs::create_dir_all(path.join("objects/info")).unwrap();
    fs::create_dir_all(path.join("refs/heads")).unwrap();
    fs::create_dir_all(path.join("hooks")).unwrap();
    fs::write(path.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(path.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = false\n").unwrap();
}

/// The user's next git commands, in this folder of the workspace.
fn next_git(ground: &Ground, folder: &str) {
    if !has("git") {
        return;
    }
    for arguments in [["status", "--short"], ["diff", "--stat"], ["log", "-1"], ["branch", "-a"]] {
        ground.git(&[&["-C", folder][..], &arguments].concat());
    }
}

/// Every way to put a program into the configuration of a repository, or to put another repository in its place.
fn plants(git: &str) -> String {
    let folder = git.rsplit_once('/').map_or(".", |(folder, _)| folder);
    [
        format!("printf '[core]\\n\\tfsmonitor = \"{PLANT}\"\\n' >> {git}/config"),
        format!("cp {git}/config c; printf '[core]\\nfsmonitor = \"{PLANT}\"\\n' >> c; mv -f c {git}/config; rm -f c"),
        format!("rm -rf {git}; mkdir -p {git}; printf '[core]\\nfsmonitor = \"{PLANT}\"\\n' > {git}/config"),
        format!("mv {git} {git}.old && cp -r {git}.old {git}"),
        format!("mkdir -p {git}/hooks; printf '#!/bin/sh\\n{PLANT}\\n' > {git}/hooks/post-index-change"),
        format!("chmod +x {git}/hooks/*"),
        format!("echo ../evil > {git}/commondir"),
        format!("printf '[core]\\nfsmonitor = \"{PLANT}\"\\n' > {git}/config.worktree"),
        format!("ln -sf /tmp/x {git}/HEAD"),
        format!("[ {folder} = . ] || {{ mv {folder} {folder}.old; cp -r {folder}.old {folder}; }}"),
    ]
    .join("\n")
}

#[test]
fn a_nested_repository_that_is_there_stays_as_it_is() {
    everywhere(|ground| {
        // So that git's own look at a repository changes nothing in it.
        ground.bed.set("GIT_OPTIONAL_LOCKS", "0");
        repository(ground, "home/work/.git");
        repository(ground, "home/work/vendor/x/.git");
        repository(ground, "home/work/modules/meta");
        ground.bed.file("home/work/sub/.git", "gitdir: ../modules/meta\n");
        ground.bed.file("home/work/vendor/x/.git/config", "[core]\n\tbare = false\n[include]\n\tpath = ../shared\n");
        ground.bed.file("home/work/vendor/x/shared", "[user]\n\tname = x\n");
        ground.bed.file("home/work/vendor/x/file", "text");
        let redirect = "echo 'gitdir: ../evil' > sub/.git; rm -f sub/.git; mv sub/.git sub/g; \
                        printf '[core]\\nfsmonitor = \"touch $CANARY/planted; false\"\\n' >> vendor/x/shared";
        let told = ground.exec(&[
            shell(plants("vendor/x/.git")),
            shell(plants("modules/meta")),
            shell(plants(".git")),
            shell(redirect),
            shell("echo y > vendor/x/file && echo written"),
        ]);
        assert!(told[4].contains("written"), "the files beside it can be written: {}", told[4]);
        for folder in [".", "vendor/x", "sub"] {
            next_git(ground, folder);
        }
        assert!(!ground.canary().join("planted").exists());
    });
}

#[test]
fn no_folder_of_the_workspace_becomes_a_repository_by_what_lies_in_it() {
    everywhere(|ground| {
        let plant = format!(
            "mkdir -p objects refs; echo 'ref: refs/heads/main' > HEAD; \
             printf '[core]\\nrepositoryformatversion = 0\\nbare = false\\nworktree = .\\nfsmonitor = \"{PLANT}\"\\n' > config"
        );
        ground.exec(&[shell(&plant), shell("rm -rf HEAD; mv x HEAD; ln -s /dev/null HEAD")]);
        next_git(ground, ".");
        assert!(!ground.canary().join("planted").exists());
        let left = fs::symlink_metadata(ground.work().join("HEAD"));
        assert!(left.is_err(), "nothing of the protection stays behind: {left:?}");
    });
}

#[test]
fn a_root_above_the_project_opens_nothing_that_steers() {
    everywhere(|ground| {
        let src = ground.bed.path("home");
        repository(ground, "home/other/.git");
        repository(ground, "home/.git");
        ground.options = vec!["-c".to_owned(), format!("sandbox_workspace_write.writable_roots={:?}", [&src])];
        // All of it can be written, so that its folders change; what steers is looked at by itself.
        ground.forgive("home");
        ground.own(&ground.bed.root());
        let kept = || [".git", "other/.git"].map(|name| picture(&src.join(name)));
        let before = kept();
        let tries = "for d in .. ../other .; do for n in .git/hooks/pre-push .git/config .codex/rules/a.rules \
                     .agents/skills/x .codex/config.toml; do mkdir -p $d/${n%/*}; echo x > $d/$n; done; done; \
                     echo x > ../free; echo x > ../other/free; rm -rf ../other/.codex";
        ground.exec(&[shell(tries), patch("*** Add File: ../.codex/rules/b.rules\n+x"), shell("echo x > ../.bashrc")]);
        assert!(src.join("free").exists() && src.join("other/free").exists(), "the root is one");
        assert_eq!(kept(), before, "by {}, as {:?}", ground.machine, ground.user);
        for name in [".codex", ".agents", "HEAD", "work/.codex", "work/.git"] {
            assert!(!src.join(name).exists(), "{name}, by {}, as {:?}", ground.machine, ground.user);
        }
    });
}

#[test]
fn what_the_links_of_the_home_lead_to_is_out_of_reach() {
    in_every_mode(|ground| {
        let home = ground.bed.path("codex");
        ground.bed.file("home/work/dots/work.config.toml", "secret-in-dots");
        ground.bed.file("home/cloud/work.config.toml", "secret-in-cloud");
        ground.bed.file("home/cloud/sessions/2026/x.jsonl", "secret-in-session");
        ground.bed.file("home/work/dots/rules/default.rules", "");
        for (target, name) in [
            ("home/work/dots/work.config.toml", "work.config.toml"),
            ("home/cloud/work.config.toml", "cloud.config.toml"),
            ("home/cloud/sessions", "archived_sessions"),
            ("home/work/dots/rules", "rules"),
        ] {
            symlink(ground.bed.path(target), home.join(name)).unwrap();
        }
        let told = ground.exec(&[
            shell("cat dots/*.toml ../cloud/*.toml ../cloud/sessions/*/*; ls ../cloud/sessions"),
            shell("echo 'sandbox_mode = \"danger-full-access\"' > dots/work.config.toml; rm -rf dots/work.config.toml"),
            shell("echo 'prefix_rule([\"x\"])' > dots/rules/default.rules; mv dots/rules dots/r; mv dots d"),
            patch("*** Add File: dots/rules/more.rules\n+x"),
        ]);
        assert!(!told.concat().contains("secret-in"), "{told:#?}");
        let read = |path: &str| fs::read_to_string(ground.work().join(path)).unwrap();
        assert_eq!(
            (read("dots/work.config.toml").as_str(), read("dots/rules/default.rules").as_str()),
            ("secret-in-dots", "")
        );
        assert!(!ground.work().join("dots/rules/more.rules").exists());
    });
}

#[test]
fn a_link_in_the_workspace_over_which_the_home_is_reached_stops_commands() {
    everywhere(|ground| {
        ground.bed.file("home/work/v1/config.toml", "");
        symlink("v1", ground.work().join("current")).unwrap();
        symlink(ground.work().join("current/config.toml"), ground.bed.path("codex/work.config.toml")).unwrap();
        let told = ground.exec(&[shell("rm current; mkdir -p v2; echo x > v2/config.toml; ln -s v2 current")]);
        assert!(told[0].contains("is a symbolic link that commands could change"), "{}", told[0]);
        assert_eq!(fs::read_link(ground.work().join("current")).unwrap(), Path::new("v1"));
    });
}

#[test]
fn a_patch_knows_what_a_command_knows() {
    everywhere(|ground| {
        repository(ground, "home/work/meta ");
        ground.bed.file("home/work/.git", "gitdir: meta \n");
        ground.bed.file("home/work/meta /commondir", "../deep/er\n");
        repository(ground, "home/work/deep/er");
        ground.bed.file("home/work/deep/er/commondir", "..\n");
        repository(ground, "home/work/vendor/x/.git");
        ground.bed.file("home/work/file", "one\n");
        ground.own(&ground.bed.root());
        let before = picture(&ground.work());
        let paths =
            ["meta /config", "meta /hooks/x", "deep/er/new", "deep/new", "vendor/x/.git/new", "HEAD", ".codex/x"];
        let mut calls: Vec<_> = paths.iter().map(|path| patch(&format!("*** Add File: {path}\n+x"))).collect();
        calls.extend(
            paths
                .iter()
                .map(|path| patch(&format!("*** Update File: file\n*** Move to: {path}.moved\n@@\n-one\n+two"))),
        );
        calls.pop();
        let commands = paths.map(|path| format!("mkdir -p \"$(dirname '{path}')\"; echo x > '{path}'"));
        calls.push(shell(commands.join("\n")));
        let told = ground.exec(&calls);
        let is_denied = |answer: &String| answer.contains("protected") || answer.contains("Not applied");
        // `HEAD.moved` is a name like any other.
        let open: Vec<_> = told[..told.len() - 1].iter().filter(|answer| !is_denied(answer)).collect();
        assert_eq!(open.len(), 2, "{open:#?}");
        let now = picture(&ground.work());
        for path in ["meta ", "deep", "vendor/x/.git"] {
            let of = |all: &[String]| -> Vec<String> {
                all.iter().filter(|line| line.contains(&format!("/work/{path}"))).cloned().collect()
            };
            assert_eq!(of(&now), of(&before), "{path}");
        }
    });
}

#[test]
fn what_appears_and_what_git_will_run_is_told() {
    everywhere(|ground| {
        repository(ground, "home/work/.git");
        ground.bed.file("home/work/.git/config", "[core]\n\thooksPath = .husky/_\n");
        ground.bed.file("home/work/.husky/_/pre-commit", "one");
        let make = "mkdir -p new/.git/objects new/.git/refs; echo 'ref: refs/heads/main' > new/.git/HEAD; \
                    echo two > .husky/_/pre-commit; echo x > .husky/pre-push";
        let script = super::scene::script(&[shell(make), patch("*** Add File: AGENTS.md\n+Obey.")]);
        let (ran, _) = ground.exec_script(&script);
        for part in [
            "A git repository has appeared: `new`.",
            "`.husky/_/pre-commit`, `.husky/pre-push`",
            "read by later sessions as instructions: `AGENTS.md`",
        ] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
        assert_eq!(fs::read_to_string(ground.work().join(".husky/_/pre-commit")).unwrap(), "two\n");
    });
}
