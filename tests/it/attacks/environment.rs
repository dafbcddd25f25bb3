//! `[shell_environment_policy]` and `allow_login_shell`: what they leave out reaches no command, from the environment of the program
//! or from start files; and what start files do to the folder and the path of commands.

use std::fs;

use serde_json::json;

use super::{
    runner::{Ground, in_every_mode},
    scene::{Call, shell},
};
use crate::{
    bed::{Bed, QUIRE, finish},
    sandbox::stand::everywhere as by_every_means,
    skip::has,
};

/// Every variable of the test that is in a command's environment, in this order, with its value.
const LOOK: &str = "for n in FOO FOOBAR GITHUB_TOKEN api_key HOME TMPDIR LC_TIME TERM NEW GIVEN PATH; do \
                    /usr/bin/env | /usr/bin/grep \"^$n=\" | /usr/bin/head -c 60; done; echo \"<$FOO$LOCAL>\"";

fn variables(bed: &mut Bed) {
    for (name, value) in
        [("FOO", "foo"), ("FOOBAR", "bar"), ("GITHUB_TOKEN", "tok"), ("api_key", "key"), ("LC_TIME", "C")]
    {
        bed.set(name, value);
    }
    bed.set("PATH", "/usr/bin:/bin");
}

/// The start files of every shell set this.
fn start_files(bed: &Bed, text: &str) {
    for name in [".bash_profile", ".profile", ".zprofile", ".zshenv", ".each"] {
        bed.file(&format!("home/{name}"), text);
    }
}

/// The variables of the test that a command got.
fn names(told: &str) -> Vec<&str> {
    assert!(told.contains("exited with code 0"), "{told}");
    let lines = told.lines().filter_map(|line| line.split_once('='));
    lines.map(|(name, _)| name).filter(|name| *name != "HOME" && *name != "PATH").collect()
}

/// The shells of this machine, as login shells and not.
fn by_every_shell() -> Vec<Call> {
    let all = ["/bin/bash", "/usr/bin/bash", "/bin/sh", "/usr/bin/zsh", "/usr/bin/fish"];
    let shells = all.into_iter().filter(|shell| !shell.ends_with("fish") && has(shell));
    let call = |name: &str, login: bool| ("exec_command", json!({ "cmd": LOOK, "shell": name, "login": login }));
    shells.flat_map(|name| [call(name, true), call(name, false)]).collect()
}

/// What each policy leaves of the variables above.
const POLICIES: [(&str, &[&str]); 9] = [
    ("exclude = [\"foo\", \"git*\"]", &["FOOBAR", "api_key", "LC_TIME", "TERM", "NEW"]),
    ("exclude = [\"F?O*\", \"*_KEY\", \"n?w\"]", &["GITHUB_TOKEN", "LC_TIME", "TERM"]),
    ("ignore_default_excludes = false", &["FOO", "FOOBAR", "LC_TIME", "TERM", "NEW"]),
    ("inherit = \"core\"", &["TERM"]),
    ("inherit = \"none\"", &["TERM"]),
    ("include_only = [\"path\", \"foo*\"]", &["FOO", "FOOBAR", "TERM"]),
    ("inherit = \"none\"\nset = { GIVEN = \"1\", FOO = \"set\", PATH = \"/bin\" }", &["FOO", "TERM", "GIVEN"]),
    (
        "exclude = [\"GIVEN\", \"FOO\"]\nset = { GIVEN = \"1\", FOO = \"set\" }",
        &["FOO", "FOOBAR", "GITHUB_TOKEN", "api_key", "LC_TIME", "TERM", "NEW", "GIVEN"],
    ),
    ("include_only = [\"FOO\"]\nset = { GIVEN = \"1\" }", &["FOO", "TERM"]),
];

fn with_policy(ground: &mut Ground, policy: &str) {
    variables(&mut ground.bed);
    start_files(&ground.bed, "export FOO=start FOOBAR=start GITHUB_TOKEN=start api_key=start NEW=start\nLOCAL=plain\n");
    ground.config = format!("[shell_environment_policy]\n{policy}\n");
    // A table of the configuration is no profile.
    ground.options = ["-s", ground.mode].map(str::to_owned).to_vec();
}

#[test]
fn what_a_policy_leaves_out_reaches_no_command() {
    in_every_mode(|ground| {
        // Which mode it is makes no difference to what a policy says.
        let most = if ground.mode == "read-only" { POLICIES.len() } else { 2 };
        for (policy, wanted) in POLICIES.into_iter().take(most) {
            with_policy(ground, policy);
            let calls = [vec![shell(LOOK), shell(LOOK)], by_every_shell()].concat();
            for (call, told) in calls.iter().zip(ground.exec(&calls)) {
                let mut wanted = wanted.to_vec();
                // A shell of another name, or a plain one, reads no start files then.
                let is_first =
                    call.1.get("shell").is_none() || call.1["shell"] == "/bin/bash" && call.1["login"] == true;
                wanted.retain(|name| is_first || *name != "NEW");
                assert_eq!(names(&told), wanted, "{policy}: {call:?}: {told}");
                if policy.contains("FOO = ") {
                    assert!(told.contains("FOO=set\n") && told.contains("<set"), "{policy}: {call:?}: {told}");
                } else if policy.contains("[\"foo\"") || policy.contains("F?O") || policy.contains("inherit") {
                    assert!(!told.contains("<foo") && !told.contains("<start"), "{policy}: {call:?}: {told}");
                }
            }
        }
    });
}

#[test]
fn the_command_line_and_a_profile_say_what_commands_get_and_so_does_a_shell_without_snapshot() {
    let cases: [(&str, &[&str], &str); 6] = [
        ("", &["-c", "shell_environment_policy.exclude=[\"FOO\"]"], "FOOBAR GITHUB_TOKEN api_key"),
        ("exclude = [\"FOO\"]", &["-c", "shell_environment_policy.exclude=[\"api*\"]"], "FOO FOOBAR GITHUB_TOKEN"),
        (
            "set = { GIVEN = \"file\" }",
            &["-c", "shell_environment_policy.set.FOOBAR=mine"],
            "FOO FOOBAR GITHUB_TOKEN api_key GIVEN",
        ),
        ("exclude = [\"FOO*\"]", &["-c", "features.shell_snapshot=false"], "GITHUB_TOKEN api_key"),
        ("exclude = [\"FOO*\"]", &["-p", "work"], "FOO"),
        ("exclude = [\"FOO*\"]", &["-c", "allow_login_shell=false"], "GITHUB_TOKEN api_key"),
    ];
    for (policy, options, wanted) in cases {
        let mut bed = Bed::with_script(&super::scene::script(&[shell(LOOK)]));
        variables(&mut bed);
        start_files(&bed, "export FOO=start FOOBAR=start\n");
        let config = fs::read_to_string(bed.path("codex/config.toml")).unwrap();
        let profile = "[profiles.work.shell_environment_policy]\nexclude = []\ninclude_only = [\"FOO\"]\n";
        bed.file("codex/config.toml", format!("{config}\n[shell_environment_policy]\n{policy}\n{profile}"));
        bed.run(&[&["exec", "--skip-git-repo-check"], options, &["go"]].concat()).ends_with(0);
        let told = crate::work::told(&bed);
        let got = names(&told[0]).into_iter().filter(|name| !["TERM", "LC_TIME"].contains(name)).collect::<Vec<_>>();
        assert_eq!(got.join(" "), wanted, "{policy} {options:?}: {}", told[0]);
        assert!(!policy.contains("set") || told[0].contains("FOOBAR=mine"), "{}", told[0]);
    }
}

#[test]
fn a_command_of_the_user_gets_what_the_policy_leaves() {
    by_every_means(|stand| {
        for (policy, wanted) in POLICIES {
            let script = format!("unset LOCAL\n{LOOK}");
            let lines = [format!("[shell_environment_policy]\n{policy}\n")];
            stand.bed.file("codex/config.toml", lines.concat());
            stand.own(&stand.bed.root());
            let mut command =
                stand.program(QUIRE, &["sandbox", "--backend", stand.means, "--", "/bin/sh", "-c", &script]);
            for (name, value) in
                [("FOO", "foo"), ("FOOBAR", "bar"), ("GITHUB_TOKEN", "t"), ("api_key", "k"), ("LC_TIME", "C")]
            {
                command.env(name, value);
            }
            let ran = finish(command.spawn().unwrap()).ends_with(0);
            let got: Vec<&str> =
                ran.stdout.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
            let got: Vec<&str> = got.into_iter().filter(|name| !["HOME", "PATH", "TERM"].contains(name)).collect();
            let wanted: Vec<&str> = wanted.iter().copied().filter(|name| !["TERM", "NEW"].contains(name)).collect();
            assert_eq!(got, wanted, "{policy}: {}", ran.stdout);
        }
    });
}

#[test]
fn a_policy_that_is_wrong_stops_the_start_with_its_line() {
    for (policy, told) in [
        ("inherit = \"cor\"", "config.toml:10:11: `shell_environment_policy.inherit` cannot be \"cor\""),
        ("inherit = \"Core\"", "Did you mean \"core\"?"),
        ("exclude = \"FOO\"", "config.toml:10:11: `shell_environment_policy.exclude` must be a list of strings"),
        ("include_only = [1]", "must be a list of strings"),
        ("ignore_default_excludes = \"no\"", "must be true or false"),
        ("set = { A = 1 }", "`shell_environment_policy.set.A` must be text"),
        ("set = \"A\"", "`shell_environment_policy.set` must be a table"),
        ("set = { \"A=B\" = \"x\" }", "does not end in a name that a variable can have"),
    ] {
        let bed = Bed::with_script("when\n  say \"Heard.\"\n");
        let config = fs::read_to_string(bed.path("codex/config.toml")).unwrap();
        bed.file("codex/config.toml", format!("{config}\n[shell_environment_policy]\n{policy}\n"));
        let ran = bed.run(&["exec", "--skip-git-repo-check", "go"]).ends_with(1);
        assert!(ran.stderr.contains(told), "{policy}: {}", ran.stderr);
    }
}

#[test]
fn what_is_set_for_commands_is_in_no_recording() {
    let bed = Bed::with_script(&super::scene::script(&[shell("test \"$GIVEN\" = canary-given-1 && echo it is there")]));
    let config = fs::read_to_string(bed.path("codex/config.toml")).unwrap();
    bed.file(
        "codex/config.toml",
        format!("{config}\n[shell_environment_policy]\nset = {{ GIVEN = \"canary-given-1\" }}\n"),
    );
    let record = bed.path("record");
    let options = ["exec", "--skip-git-repo-check", "--record", record.to_str().unwrap(), "go"];
    bed.run(&options).ends_with(0);
    assert!(crate::work::told(&bed)[0].contains("it is there"));
    let recorded = fs::read_to_string(record).unwrap().replace("test \\\\\\\"$GIVEN\\\\\\\" = canary-given-1", "");
    assert!(!recorded.contains("\"canary-given-1"), "{recorded}");
}

#[test]
fn where_login_shells_are_switched_off_none_is_started() {
    in_every_mode(|ground| {
        start_files(&ground.bed, "export FROM_LOGIN=yes\n");
        ground.options = ["-c", "allow_login_shell=false"].map(str::to_owned).to_vec();
        let look = "shopt login_shell; echo \"<$FROM_LOGIN>\"; true";
        let told = ground.exec(&[
            shell(look),
            ("exec_command", json!({ "cmd": look, "login": false })),
            ("exec_command", json!({ "cmd": look, "login": true })),
            ("exec_command", json!({ "cmd": look, "tty": true, "yield_time_ms": 5000 })),
            ("shell_command", json!({ "command": look })),
            ("shell_command", json!({ "command": look, "login": true })),
            ("shell", json!({ "command": ["bash", "-lc", look] })),
            ("shell", json!({ "command": ["/bin/bash", "--login", "-c", look] })),
            ("shell", json!({ "command": ["bash", "-c", look] })),
        ]);
        for (at, is_refused) in [false, false, true, false, false, true, true, true, false].into_iter().enumerate() {
            let told = &told[at];
            assert_eq!(told.contains("allow_login_shell"), is_refused, "{at}: {told}");
            assert!(is_refused || told.contains("off") && told.contains("<>"), "{at}: {told}");
        }
        let tools = ground.bed.bodies().last().unwrap()["tools"].to_string();
        assert!(!tools.contains("\"login\""), "{tools}");
    });
}

#[test]
fn a_start_file_moves_no_command_and_loses_nothing_of_the_path() {
    in_every_mode(|ground| {
        ground.bed.set("PATH", "/opt/front/bin:/usr/bin:/opt/behind/bin:/bin");
        start_files(&ground.bed, "cd /\nPATH=/usr/bin:/bin\nexport PATH\n");
        let each = ground.bed.path("home/.each");
        ground.bed.set("BASH_ENV", each.to_str().unwrap());
        let look = "pwd; echo $PATH";
        let work = ground.work();
        let sub = work.join("sub dir");
        fs::create_dir_all(&sub).unwrap();
        let mut calls = vec![shell(look), ("exec_command", json!({ "cmd": look, "workdir": "sub dir" }))];
        for name in ["/bin/bash", "/usr/bin/bash", "/bin/sh", "/usr/bin/zsh"] {
            if has(name) {
                for login in [true, false] {
                    calls.push(("exec_command", json!({ "cmd": look, "shell": name, "login": login })));
                }
            }
        }
        calls.push(("exec_command", json!({ "cmd": look, "tty": true, "yield_time_ms": 5000 })));
        for snapshot in ["true", "false"] {
            ground.options = ["-c".to_owned(), format!("features.shell_snapshot={snapshot}")].to_vec();
            for (call, told) in calls.iter().zip(ground.exec(&calls)) {
                let folder = if call.1.get("workdir").is_some() { &sub } else { &work };
                let folder = format!("{}\n", folder.display());
                assert!(told.replace('\r', "").contains(&folder), "{snapshot} {call:?}: {told}");
                let is_login = call.1.get("login") != Some(&json!(false));
                assert!(!is_login || told.contains("/opt/front/bin:/"), "{snapshot} {call:?}: {told}");
                let is_kept = snapshot == "true" && call.1.get("shell").is_none();
                assert!(!is_kept || told.contains("/opt/behind/bin"), "{snapshot} {call:?}: {told}");
            }
        }
    });
}
