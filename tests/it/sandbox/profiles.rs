//! Permission profiles of the configuration: what they grant, carve out and deny, and what they say when they cannot.

use std::{fs, os::unix::fs::symlink, path::Path};

use super::stand::{Stand, User, everywhere, picture, users};
use crate::{
    bed::{QUIRE, Ran, finish},
    skip::skip,
};

/// What reads and writes in a workspace like most people do, to be added to.
pub(super) const USUAL: &str =
    "[permissions.mine.filesystem]\n\":root\" = \"read\"\n\":workspace_roots\" = \"write\"\n";

/// A command under the profile `mine` of this configuration.
pub(super) fn run(stand: &Stand, configuration: &str, argv: &[&str]) -> Ran {
    let file = stand.bed.file("codex/config.toml", configuration);
    stand.own(file.parent().unwrap());
    let options = ["sandbox", "--backend", stand.means, "-P", "mine", "--"];
    finish(stand.program(QUIRE, &[&options[..], argv].concat()).spawn().unwrap())
}

/// Every line is a try to do what the profile does not grant; none may succeed.
#[track_caller]
pub(super) fn none_succeeds(stand: &Stand, configuration: &str, tries: &[&str]) {
    let line = |each: &&str| format!("({each}) >/dev/null 2>&1 && echo 'HOLE: {}'\n", each.replace('\'', "\""));
    let script = format!("{}echo done", tries.iter().map(line).collect::<String>());
    let ran = run(stand, configuration, &["/bin/sh", "-c", &script]).ends_with(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("done\n", ""), "by {}, as {:?}", stand.means, stand.user);
}

#[track_caller]
pub(super) fn succeeds(stand: &Stand, configuration: &str, script: &str) {
    let ran = run(stand, configuration, &["/bin/sh", "-c", &format!("set -e; {script}; echo fine")]).ends_with(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("fine\n", ""), "by {}, as {:?}", stand.means, stand.user);
}

#[test]
fn what_is_denied_can_be_neither_read_nor_written() {
    everywhere(|stand| {
        for name in ["key", "vault/deep/key", "elsewhere/key"] {
            stand.bed.file(&format!("home/work/{name}"), "secret");
        }
        symlink("vault/deep/key", stand.bed.path("home/work/pointer")).unwrap();
        stand.own(&stand.work());
        let before = ["key", "vault"].map(|name| picture(&stand.work().join(name)));
        let canary = stand.bed.variables()["CANARY"].clone();
        let denied = format!(
            "{USUAL}\"{canary}\" = \"none\"\n\"{}/elsewhere\" = \"deny\"\n[permissions.mine.filesystem.\":project_roots\"]\n\
             \".\" = \"write\"\n\"key\" = \"none\"\n\"vault\" = \"none\"\n\"later/key\" = \"none\"\n",
            stand.work().display()
        );
        none_succeeds(
            stand,
            &denied,
            &[
                "cat key",
                "echo x > key",
                "echo x >> key",
                "rm key",
                "mv key moved",
                "ln key linked",
                "cp key copied",
                "test -s key",
                "cat vault/deep/key",
                "cat pointer",
                "echo x > pointer",
                "ls vault | grep .",
                "echo x > vault/new",
                "mkdir vault/new",
                "mv vault moved",
                "rmdir vault",
                "rm -r vault",
                "cat elsewhere/key",
                "echo x > elsewhere/new",
                "cat /proc/self/cwd/key",
                "mkdir later && echo x > later/key",
                "umount key",
                "umount vault",
                "cat $CANARY/file",
                "ls $CANARY | grep .",
                "echo x > $CANARY/file",
                "cat $CODEX_HOME/auth.json | grep .",
            ],
        );
        succeeds(stand, &denied, "echo x > made; cat made > /dev/null; rm made");
        assert_eq!(["key", "vault"].map(|name| picture(&stand.work().join(name))), before);
        assert!(!stand.work().join("later").exists(), "nothing is left behind");
    });
}

#[test]
fn the_nearest_rule_decides() {
    everywhere(|stand| {
        for name in
            ["fixed/file", "shut/open/file", "shut/seen/file", "shut/seen.txt", "fixed/loose/file", "git/.git/HEAD"]
        {
            stand.bed.file(&format!("home/work/{name}"), "kept");
        }
        stand.own(&stand.work());
        let table = format!(
            "{USUAL}[permissions.mine.filesystem.\":project_roots\"]\n\".\" = \"write\"\nfixed = \"read\"\n\
             \"fixed/loose\" = \"write\"\nshut = \"none\"\n\"shut/open\" = \"write\"\n\"shut/seen\" = \"read\"\n\
             \"shut/seen.txt\" = \"read\"\n\"gone/for/now\" = \"read\"\n"
        );
        succeeds(
            stand,
            &table,
            "echo x > own; rm own; cat fixed/file > fixed/loose/new; cat shut/open/file > shut/open/new; \
             cat shut/seen/file shut/seen.txt > /dev/null; rm shut/open/new fixed/loose/new",
        );
        none_succeeds(
            stand,
            &table,
            &[
                "echo x > fixed/file",
                "echo x > fixed/new",
                "mv fixed moved",
                "mv fixed/loose fixed/moved",
                "chmod 777 fixed",
                "echo x > shut/new",
                "echo x > shut/seen/file",
                "echo x > shut/seen.txt",
                "rm shut/seen.txt",
                "mv shut moved",
                "mv shut/open moved",
                "mkdir -p gone/for && echo x > gone/for/now",
                "mkdir .git",
                "mkdir shut/open/.git",
                "echo x > fixed/loose/.git",
            ],
        );
        assert!(!stand.work().join("gone").exists(), "nothing is left behind");
    });
}

#[test]
fn without_the_root_only_what_is_named_can_be_read() {
    everywhere(|stand| {
        stand.bed.file("home/other/file", "canary");
        stand.bed.file("home/shared/file", "shared");
        symlink(stand.bed.path("home/other/file"), stand.bed.path("home/work/pointer")).unwrap();
        stand.own(&stand.bed.root());
        let narrow = "[permissions.mine.filesystem]\n\":minimal\" = \"read\"\n\":workspace_roots\" = \"write\"\n\
                      \"~/shared\" = \"read\"\n";
        succeeds(
            stand,
            narrow,
            "echo x > own; cat own > /dev/null; rm own; cat ../shared/file > /dev/null; test -r /etc/passwd; ls /usr > /dev/null; \
             echo x > /dev/null; echo x > /dev/shm/x; test \"$(cat /proc/self/comm)\" = cat; pwd > /dev/null",
        );
        none_succeeds(
            stand,
            narrow,
            &[
                "cat ../other/file",
                "cat pointer",
                "cat $CANARY/file",
                "ls $CANARY",
                "ls .. | grep other",
                "ls /tmp | grep -v quire-",
                "ls /var/tmp",
                "ls /root | grep .",
                "ls /home | grep .",
                "cat /sys/kernel/ostype",
                "echo x > ../shared/file",
                "echo x > ../new",
                "echo x > /tmp/new",
                "mkdir /new",
                "echo x > /usr/new",
                "cat $CODEX_HOME/auth.json",
                "cat /proc/1/root$CANARY/file",
                "mkdir .git",
            ],
        );
        stand.none_succeeds("read-only", &["cat $CANARY/none"]);
    });
}

#[test]
fn a_plan_that_shows_too_little_is_refused_with_what_to_add() {
    everywhere(|stand| {
        for (table, part) in [
            ("[permissions.mine]\n", "the working folder"),
            (
                "[permissions.mine.filesystem]\n\":workspace_roots\" = \"read\"\n",
                "the system's programs cannot be read under these permissions. Allow them with \":minimal\" = \"read\".",
            ),
            (
                "[permissions.mine.filesystem]\n\":root\" = \"read\"\n\":workspace_roots\" = \"none\"\n",
                "the working folder",
            ),
        ] {
            let ran = run(stand, table, &["/bin/echo", "ran"]).ends_with(125);
            assert!(ran.stdout.is_empty() && ran.stderr.starts_with("error: Not run: "), "{}", ran.stderr);
            assert!(ran.stderr.contains(part) && ran.stderr.lines().count() == 1, "{}", ran.stderr);
        }
    });
}

#[test]
fn a_protected_name_can_be_opened_by_the_profile_itself() {
    everywhere(|stand| {
        stand.bed.file("home/work/.git/HEAD", "ref: refs/heads/main\n");
        stand.bed.file("home/work/.codex/config.toml", "");
        stand.own(&stand.work());
        let open = format!(
            "{USUAL}[permissions.mine.filesystem.\":project_roots\"]\n\".\" = \"write\"\n\".git\" = \"write\"\n"
        );
        succeeds(stand, &open, "echo x > .git/index.lock; rm .git/index.lock");
        none_succeeds(stand, &open, &["echo x > .codex/config.toml", "mkdir .agents", "mv .codex moved"]);
        none_succeeds(stand, USUAL, &["echo x > .git/index.lock"]);
    });
}

#[test]
fn a_folder_that_is_not_there_is_not_granted() {
    everywhere(|stand| {
        let gone = stand.bed.path("home/gone");
        succeeds(stand, &format!("{USUAL}\"~/gone\" = \"write\"\n\"~/never\" = \"read\"\n"), "echo x > own; rm own");
        assert!(!gone.exists());
    });
}

#[test]
fn a_file_of_its_own_can_be_granted() {
    everywhere(|stand| {
        let file = stand.bed.file("home/settings/one", "before");
        stand.bed.file("home/settings/two", "before");
        stand.own(&stand.bed.root());
        for table in [
            format!("{USUAL}\"~/settings/one\" = \"write\"\n"),
            "[permissions.mine.filesystem]\n\":minimal\" = \"read\"\n\":workspace_roots\" = \"read\"\n\
             \"~/settings/one\" = \"write\"\n"
                .to_owned(),
        ] {
            succeeds(stand, &table, "echo after > ../settings/one");
            assert_eq!(fs::read_to_string(&file).unwrap(), "after\n");
            let tries = [
                "echo x > ../settings/two",
                "echo x > ../settings/new",
                "rm ../settings/one",
                "mv ../settings/one own",
            ];
            none_succeeds(stand, &table, &tries);
        }
    });
}

#[test]
fn the_network_is_as_the_profile_says() {
    everywhere(|stand| {
        let network = |stand: &Stand, more: &str| {
            let script = "test -e /proc/net/route && grep -c . /proc/net/route; echo $CODEX_SANDBOX_NETWORK_DISABLED";
            run(stand, &format!("{USUAL}{more}"), &["/bin/sh", "-c", script]).ends_with(0)
        };
        assert!(network(stand, "").stdout.ends_with("\n1\n"));
        assert!(network(stand, "[permissions.mine.network]\nenabled = true\n").stdout.ends_with("\n\n"));
        let limited =
            network(stand, "[permissions.mine.network]\nenabled = true\ndomains = { \"a.org\" = \"allow\" }\n");
        assert!(limited.stdout.ends_with("\n1\n") && limited.stderr.contains("it stays off"), "{}", limited.stderr);
    });
}

#[test]
fn landlock_alone_keeps_what_is_denied_and_refuses_what_it_cannot_keep() {
    if quire_sandbox::inner::landlock_version() < 6 {
        return skip("this kernel has no Landlock that can stand alone");
    }
    for user in users() {
        let stand = Stand::new(user, "landlock");
        stand.bed.file("home/work/key", "secret");
        stand.bed.file("home/work/shut/open/file", "kept");
        stand.own(&stand.work());
        let canary = stand.bed.variables()["CANARY"].clone();
        let table = format!(
            "[permissions.mine.filesystem]\n\":root\" = \"read\"\n\"{canary}\" = \"none\"\n\
             [permissions.mine.filesystem.\":workspace_roots\"]\n\"key\" = \"none\"\n\"shut\" = \"none\"\n\
             \"shut/open\" = \"read\"\n"
        );
        let denied =
            ["cat key", "ls shut", "cat $CANARY/file", "ls $CANARY", "echo x > new", "cat $CODEX_HOME/auth.json"];
        none_succeeds(&stand, &table, &denied);
        succeeds(&stand, &table, "cat shut/open/file > /dev/null; cat /etc/passwd > /dev/null");
        let narrow = "[permissions.mine.filesystem]\n\":minimal\" = \"read\"\n\":workspace_roots\" = \"read\"\n";
        none_succeeds(&stand, narrow, &["cat $CANARY/file", "ls ..", "ls /var/tmp", "ls /home", "echo x > new"]);
        succeeds(&stand, narrow, "cat key > /dev/null; cat /etc/passwd > /dev/null");
        let ran = run(&stand, USUAL, &["/bin/echo", "ran"]).ends_with(125);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("Landlock alone cannot protect .git"), "{}", ran.stderr);
        stand.is_untouched();
    }
}

#[test]
fn names_options_and_mistakes() {
    let stand = Stand::new(User::Own, "native");
    let write = ["--", "/bin/sh", "-c", "echo x > made && rm made"];
    let run = |options: &[&str]| stand.bed.run(&[&["sandbox"], options, &write].concat());
    // Without a word of anybody it is reading alone.
    assert_ne!(run(&[]).code, Some(0));
    stand.bed.file(
        "codex/config.toml",
        "default_permissions = \"work\"\n[permissions.work]\nextends = \":workspace\"\n[permissions.look.filesystem]\n\":root\" = \"read\"\n",
    );
    run(&[]).ends_with(0);
    run(&["-P", "work"]).ends_with(0);
    run(&["--permission-profile", ":workspace"]).ends_with(0);
    run(&["-c", "sandbox_mode=workspace-write"]).ends_with(0);
    for options in [
        &["-P", "look"][..],
        &["-s", "read-only"],
        &["-c", "default_permissions=look"],
        &["-c", "sandbox_mode=read-only"],
    ] {
        assert_ne!(run(options).code, Some(0), "{options:?}");
    }
    let inline = "permissions.look.filesystem={\":root\"=\"read\", \":workspace_roots\"=\"write\"}";
    run(&["-c", inline, "-P", "look"]).ends_with(0);
    let ran = run(&["-P", "wrok"]).ends_with(2);
    let wanted =
        "There is no permission profile `wrok`. Did you mean `work`? There are: look, work, :read-only, :workspace, ";
    assert!(ran.stderr.contains(wanted), "{}", ran.stderr);
    stand
        .bed
        .file("codex/config.toml", "[permissions.work.filesystem]\n\":root\" = \"read\"\n  \"sub/key\" = \"none\"\n");
    let ran = run(&["-P", "work"]).ends_with(1);
    let place = format!("{}:3:3: ", Path::new(&stand.bed.variables()["CODEX_HOME"]).join("config.toml").display());
    assert!(ran.stderr.contains(&place) && ran.stderr.contains("is not an absolute path."), "{}", ran.stderr);
    assert_eq!(fs::read_dir(stand.work()).unwrap().count(), 0);
    stand.is_untouched();
}
