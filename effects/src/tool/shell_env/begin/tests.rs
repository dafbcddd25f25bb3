//! Real shells with real start files, that the shell reads itself.

use std::{fs, path::Path, process::Command};

use quire_state::config::{Inherit, ShellEnvironment};
use tempfile::TempDir;

use super::*;
use crate::skip::has;

const SHELLS: [&str; 6] = ["/bin/bash", "/bin/sh", "/usr/bin/dash", "/usr/bin/zsh", "/usr/bin/ksh", "/usr/bin/fish"];

/// Shells of this machine, each with start files that hold this, once for shells like sh and once for fish.
fn shells(sh: &str, fish: &str) -> impl Iterator<Item = (&'static str, TempDir)> {
    SHELLS.into_iter().filter(|shell| has(shell)).map(move |shell| {
        let home = tempfile::tempdir().unwrap();
        for name in [".bash_profile", ".profile", ".zprofile", ".zshenv"] {
            fs::write(home.path().join(name), sh).unwrap();
        }
        fs::create_dir_all(home.path().join(".config/fish")).unwrap();
        fs::write(home.path().join(".config/fish/config.fish"), fish).unwrap();
        (shell, home)
    })
}

fn env(home: &Path, more: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    let pairs = [("PATH", "/opt/front/bin:/usr/bin:/bin"), ("TERM", "dumb")];
    let pairs = pairs.iter().chain(more).map(|(name, value)| (OsString::from(name), OsString::from(value)));
    pairs.chain([("HOME".into(), home.into())]).collect()
}

/// What a start prints, and its exit code.
fn run(start: &Start, cwd: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(&start.argv[0]);
    command.args(&start.argv[1..]).env_clear().envs(start.env.iter().cloned()).current_dir(cwd);
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn no_start_file_moves_a_command() {
    let other = tempfile::tempdir().unwrap();
    let text = format!("\\cd {}; cd() {{ :; }}\n", other.path().display());
    for (shell, home) in shells(&text, &format!("cd {}\n", other.path().display())) {
        let cwd = home.path().join("it's a folder");
        fs::create_dir(&cwd).unwrap();
        let held = Folder::open(&cwd, quire_files::Links::Follow).unwrap();
        let gone = home.path().join("gone");
        fs::create_dir(&gone).unwrap();
        let replaced = Folder::open(&gone, quire_files::Links::Follow).unwrap();
        for flag in ["-lc", "-c"] {
            let start = |text: &str| Start {
                argv: [shell, flag, text].map(str::to_owned).to_vec(),
                env: env(home.path(), &[]),
            };
            for folder in [None, Some(&held)] {
                let start = back(start("/bin/pwd"), cwd.to_str().unwrap(), folder);
                assert_eq!(run(&start, &cwd), (Some(0), format!("{}\n", cwd.display())), "{shell} {flag}");
            }
            // Another folder that was put there meanwhile is not entered.
            let moves = Shell::of(shell).reads(flag, false);
            fs::rename(&gone, home.path().join("old")).unwrap();
            fs::create_dir(&gone).unwrap();
            let start = back(start("/bin/pwd"), gone.to_str().unwrap(), Some(&replaced));
            let (code, told) = run(&start, &home.path().join("old"));
            let wanted = if moves { "The working folder has been replaced.\n" } else { "/old\n" };
            assert_eq!(
                (code, told.ends_with(wanted)),
                (Some(if moves { 126 } else { 0 }), true),
                "{shell} {flag}: {told}"
            );
            fs::remove_dir(&gone).unwrap();
            fs::rename(home.path().join("old"), &gone).unwrap();
        }
    }
}

#[test]
fn what_was_in_front_of_the_path_stays_there() {
    for (shell, home) in shells("export PATH=/usr/bin:/bin\n", "set -gx PATH /usr/bin /bin\n") {
        let argv = [shell, "-lc", "echo $PATH"].map(str::to_owned);
        let env = env(home.path(), &[]);
        let own = Own { names: BTreeSet::new(), policy: None, kept: &[], env: &env };
        let start = Start { argv: begin(&argv, &own).unwrap(), env: env.clone() };
        let (code, told) = run(&start, home.path());
        assert_eq!((code, told.starts_with("/opt/front/bin")), (Some(0), true), "{shell}: {told}");
    }
}

#[test]
fn what_a_policy_leaves_out_is_not_brought_back_by_a_start_file() {
    let names = ["FOO", "MY_TOKEN", "GIVEN", "OTHER"];
    let sh: String = names.iter().map(|name| format!("export {name}=canary\n")).collect();
    let fish: String = names.iter().map(|name| format!("set -gx {name} canary\n")).collect();
    let list = |patterns: &[&str]| patterns.iter().map(|each| (*each).to_owned()).collect::<Vec<String>>();
    let all = ShellEnvironment::default();
    for (shell, home) in shells(&sh, &fish) {
        for policy in [
            ShellEnvironment { exclude: list(&["f?o", "*token", "OTHER", "given", ""]), ..all.clone() },
            ShellEnvironment { inherit: Inherit::Core, ..all.clone() },
            ShellEnvironment { inherit: Inherit::None, ..all.clone() },
            ShellEnvironment { include_only: list(&["PATH", "home"]), ..all.clone() },
        ] {
            for flag in ["-lc", "-c"] {
                let argv = [shell, flag, "/usr/bin/env\necho end"].map(str::to_owned);
                let kept = [("TERM".to_owned(), "dumb".to_owned())];
                // As a file of the system would have it that no zsh can do without.
                let system = if shell.ends_with("zsh") { &[("FOO", "canary"), ("a_token", "canary")][..] } else { &[] };
                let env = env(home.path(), system);
                let own = Own { names: BTreeSet::new(), policy: Some(&policy), kept: &kept, env: &env };
                let argv = begin(&argv, &own).unwrap_or(argv.to_vec());
                let (code, told) = run(&Start { argv, env: env.clone() }, home.path());
                assert!(code == Some(0) && told.ends_with("end\n"), "{shell} {flag} {policy:?}: {told}");
                assert!(!told.contains("canary") && told.contains("TERM=dumb"), "{shell} {flag} {policy:?}: {told}");
            }
        }
    }
}
