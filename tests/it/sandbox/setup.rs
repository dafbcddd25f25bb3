//! How commands start and end in the sandbox, and what is said when the sandbox cannot be set up: F13, F14, P04.

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::Path};

use super::stand::{BUBBLEWRAP, Stand, User, everywhere, is_root};
use crate::{
    bed::{QUIRE, Ran, finish},
    skip::{has, skip},
};

#[test]
fn the_exit_code_is_the_commands_own() {
    everywhere(|stand| {
        stand.shell("exit 7").ends_with(7);
        stand.shell("kill -9 $$").ends_with(137);
        stand.shell("kill -15 $$").ends_with(143);
        let ran = stand.run("read-only", &["quire-no-such-program"]).ends_with(127);
        assert_eq!(
            ran.stderr,
            "error: Not run: `quire-no-such-program` was not found. Check the name, or install it.\n"
        );
        let ran = stand.run("read-only", &["/etc/passwd"]).ends_with(126);
        assert!(ran.stderr.contains("may not be executed"), "{}", ran.stderr);
    });
}

#[test]
fn streams_and_environment_go_through_and_background_processes_do_not_stay() {
    everywhere(|stand| {
        let ran =
            stand.shell("echo out; echo err >&2; echo $TERM; sleep 1000 & setsid sleep 1000 & exit 0").ends_with(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("out\nxterm-256color\n", "err\n"));
        stand.bed.is_deserted();
    });
}

#[test]
fn what_the_environment_preloads_reaches_nothing_outside() {
    everywhere(|stand| {
        let mut command =
            stand.program(QUIRE, &["sandbox", "--backend", stand.means, "--", "/bin/sh", "-c", "echo $QUIRE_X"]);
        let ran = finish(command.env("QUIRE_X", "a\nb").spawn().unwrap()).ends_with(0);
        assert_eq!(ran.stdout, "a\nb\n".replace('\n', " ").trim_end().to_owned() + "\n");
        // A library that does not exist makes the loader complain once for each program that it is meant for.
        let script = "LD_PRELOAD=/quire-no-such.so /bin/true";
        let ran = stand.shell(script).ends_with(0);
        assert_eq!(ran.stderr.matches("quire-no-such").count(), 1, "not told once, to the command: {}", ran.stderr);
    });
}

#[test]
fn keys_are_no_part_of_the_environment() {
    everywhere(|stand| {
        let mut command = stand.program(QUIRE, &["sandbox", "--backend", stand.means, "--", "/usr/bin/env"]);
        for name in ["OPENAI_API_KEY", "CODEX_API_KEY", "CODEX_ACCESS_TOKEN"] {
            command.env(name, crate::bed::KEY);
        }
        let ran = finish(command.spawn().unwrap()).ends_with(0);
        assert!(!ran.stdout.contains(crate::bed::KEY), "{}", ran.stdout);
        assert!(ran.stdout.contains("\nCODEX_SANDBOX_NETWORK_DISABLED=1\n") && ran.stdout.contains("TERM="));
    });
}

#[test]
fn odd_folders_work() {
    everywhere(|stand| {
        let long = format!("{}/deep", vec!["x".repeat(200); 8].join("/"));
        for name in [
            OsStr::new("a b"),
            OsStr::new("a\nb"),
            OsStr::from_bytes(b"a\xffb"),
            OsStr::new("--bind"),
            OsStr::new(&long),
        ] {
            let folder = stand.work().join(name);
            fs::create_dir_all(&folder).unwrap();
            stand.own(&stand.work());
            let mut command =
                stand.program(QUIRE, &["sandbox", "--backend", stand.means, "-s", "workspace-write", "-C"]);
            command.arg(&folder).args([
                "--",
                "/bin/sh",
                "-c",
                "echo x > made && ! mkdir .git/x 2>/dev/null && echo fine",
            ]);
            let ran = finish(command.spawn().unwrap()).ends_with(0);
            assert_eq!(ran.stdout, "fine\n");
            assert!(folder.join("made").exists());
            assert!(!folder.join(".git").exists());
        }
    });
}

#[test]
fn a_very_deep_folder_works() {
    everywhere(|stand| {
        // Near the longest path that the system takes.
        let name = "d".repeat(250);
        let mut folder = stand.work();
        while folder.as_os_str().len() < 3700 {
            folder.push(&name);
        }
        fs::create_dir_all(&folder).unwrap();
        stand.own(&stand.work());
        let mut command = stand.program(QUIRE, &["sandbox", "--backend", stand.means, "-s", "workspace-write", "-C"]);
        command.arg(&folder).args(["--", "/bin/sh", "-c", "echo x > made && ! mkdir .git/x 2>/dev/null && echo fine"]);
        assert_eq!(finish(command.spawn().unwrap()).ends_with(0).stdout, "fine\n");
        assert!(folder.join("made").exists() && !folder.join(".git").exists());
    });
}

#[test]
fn a_root_that_is_missing_or_too_wide_is_refused_by_name() {
    everywhere(|stand| {
        for (root, part) in [
            ("/quire-none", "writable root /quire-none does not exist. Create it, or take it out of `writable_roots`"),
            ("/", "/ cannot be a writable root."),
            ("/proc/sys", "/proc/sys cannot be a writable root."),
            ("/etc/passwd", "writable root /etc/passwd is not a folder."),
        ] {
            let setting = format!("sandbox_workspace_write.writable_roots=[\"{root}\"]");
            let options =
                ["sandbox", "--backend", stand.means, "-s", "workspace-write", "-c", &setting, "--", "echo", "ran"];
            let ran = finish(stand.program(QUIRE, &options).spawn().unwrap()).ends_with(125);
            assert_eq!(ran.stdout, "");
            assert!(ran.stderr.starts_with("error: Not run: ") && ran.stderr.contains(part), "{}", ran.stderr);
        }
        let gone = stand.program(QUIRE, &["sandbox", "-C", "none", "--", "echo", "ran"]).spawn().unwrap();
        let ran = finish(gone).ends_with(1);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("`none` cannot be entered"), "{}", ran.stderr);
    });
}

#[test]
fn without_bubblewrap_the_program_does_it_itself() {
    let stand = Stand::new(User::Own, "native");
    let missing = "test ! -e /usr/bin/bwrap || mount --bind /dev/null /usr/bin/bwrap; ";
    let Some(ran) = in_a_changed_machine(&stand, &format!("{missing} $1 sandbox -- echo fine")) else { return };
    assert_eq!(ran.ends_with(0).stdout, "fine\n");
    let ran = in_a_changed_machine(&stand, &format!("{missing} $1 sandbox --backend bubblewrap -- echo ran")).unwrap();
    let ran = ran.ends_with(1);
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        ("", "error: Not run: bubblewrap is not installed in a folder of the system.\n")
    );
}

#[test]
fn a_bubblewrap_of_the_repository_is_never_run() {
    everywhere(|stand| {
        let fake = stand.bed.file("home/work/bwrap", "#!/bin/sh\ntouch /tmp/quire-fake-ran\necho FAKE\n");
        fs::set_permissions(&fake, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        // A folder of the user that anybody may write in is no better.
        let open = stand.bed.file("home/bin/bwrap", fs::read(&fake).unwrap());
        fs::set_permissions(&open, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        stand.own(&stand.bed.path("home"));
        let folders = format!(".:{}:{}", stand.work().display(), open.parent().unwrap().display());
        let path = format!("{folders}:{}", stand.bed.variables()["PATH"]);
        let mut command = stand.program(QUIRE, &["sandbox", "--", "echo", "fine"]);
        let ran = finish(command.env("PATH", path).spawn().unwrap()).ends_with(0);
        assert_eq!(ran.stdout, "fine\n");
        assert!(!Path::new("/tmp/quire-fake-ran").exists());
    });
}

/// Runs a script as root in mount namespaces of its own, with the program's path as `$1`.
pub(super) fn in_a_changed_machine(stand: &Stand, script: &str) -> Option<Ran> {
    if !is_root() || !Path::new("/usr/bin/unshare").exists() {
        skip("only root with unshare can change the machine");
        return None;
    }
    let mut command = stand.bed.any("/usr/bin/unshare");
    command.args(["--mount", "/bin/sh", "-c", script, "sh", QUIRE]);
    Some(finish(command.spawn().unwrap()))
}

#[test]
fn a_broken_bubblewrap_is_not_the_end() {
    let stand = Stand::new(User::Own, "native");
    // Where there is none, the folder of the machine's own programs holds it meanwhile.
    let broken = "if test -e /usr/bin/bwrap; then mount --bind /bin/false /usr/bin/bwrap; \
                  else mount -t tmpfs -o mode=755 none /usr/local/bin && cp /bin/false /usr/local/bin/bwrap; fi && ";
    let Some(ran) = in_a_changed_machine(&stand, &format!("{broken} $1 sandbox -- echo fine")) else { return };
    assert_eq!(ran.ends_with(0).stdout, "fine\n");
    let script = format!("{broken} $1 sandbox --backend bubblewrap -- echo fine");
    let ran = in_a_changed_machine(&stand, &script).unwrap().ends_with(125);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.starts_with("error: Not run: the sandbox could not be set up: "), "{}", ran.stderr);
}

/// Bubblewrap's child waits for bubblewrap, so the agent's death must not end that one before it lets the child go on; and
/// then nothing of the command may run.
#[test]
fn an_agent_that_is_killed_while_bubblewrap_begins_leaves_nothing() {
    if !has(BUBBLEWRAP) {
        return;
    }
    let stand = Stand::new(User::Own, "bubblewrap");
    // What stands in for it waits, is told when the agent is gone, and becomes the real one.
    let script = r#"
        cp /usr/bin/bwrap real && mkfifo go
        printf '#!/bin/sh\necho $$ > begun.new; mv begun.new begun; read x < go; exec ./real "$@"\n' > slow
        sed -i "s|begun|$PWD/begun|g; s|< go|< $PWD/go|; s|./real|$PWD/real|" slow
        chmod 755 slow && mount --bind slow /usr/bin/bwrap
        $1 sandbox --backend bubblewrap -s workspace-write -- /bin/touch ran & agent=$!
        until [ -e begun ]; do :; done
        kill -9 $agent; wait $agent
        timeout 20 sh -c 'echo > go' || echo "it is gone"
        while grep -q '^State:.[^Z]' /proc/$(cat begun)/status 2>/dev/null; do :; done
        ls ran 2>/dev/null
        echo over"#;
    let Some(ran) = in_a_changed_machine(&stand, script) else { return };
    assert_eq!(ran.stdout, "over\n", "{}", ran.stderr);
    stand.bed.is_deserted();
}

#[test]
fn without_namespaces_only_reading_is_left() {
    let stand = Stand::new(User::Own, "native");
    let refused = "mount -o remount,rw /proc/sys 2>/dev/null; unshare --user --map-root-user --mount /bin/sh -c '\
                   echo 0 > /proc/sys/user/max_mnt_namespaces; shift 0; ";
    let script = format!("{refused} $1 sandbox -s workspace-write -- echo ran' sh $1");
    let Some(ran) = in_a_changed_machine(&stand, &script) else { return };
    let ran = ran.ends_with(125);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("no namespaces here (container?)"), "{}", ran.stderr);
    let script = format!("{refused} $1 sandbox -- echo ran' sh $1");
    assert_eq!(in_a_changed_machine(&stand, &script).unwrap().ends_with(0).stdout, "ran\n");
    let script = format!("{refused} $1 doctor sandbox' sh $1");
    let ran = in_a_changed_machine(&stand, &script).unwrap().ends_with(1);
    assert!(ran.stdout.contains("reduced: read-only commands run"), "{}", ran.stdout);
}

#[test]
fn the_doctor_names_every_layer() {
    let stand = Stand::new(User::Own, "native");
    let ran = stand.bed.run(&["doctor", "sandbox"]).ends_with(0);
    for name in ["kernel", "landlock", "bubblewrap", "native", "landlock alone", "sandbox         full"] {
        assert!(ran.stdout.lines().any(|line| line.starts_with(name)), "{name} is missing in:\n{}", ran.stdout);
    }
}

#[test]
fn profiles_are_modes_by_name() {
    let stand = Stand::new(User::Own, "native");
    let run = |profile: &str| stand.bed.run(&["sandbox", "-P", profile, "--", "/bin/sh", "-c", "echo x > made"]);
    assert_ne!(run(":read-only").code, Some(0));
    run(":workspace").ends_with(0);
    run(":danger-no-sandbox").ends_with(0);
    assert!(run(":nothing").ends_with(2).stderr.contains(":workspace"));
    let ran = stand.bed.run(&["sandbox", "macos", "--", "true"]).ends_with(2);
    assert!(ran.stderr.contains("not available on linux"), "{}", ran.stderr);
}
