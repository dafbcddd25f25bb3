//! Files that Quire writes for the user, `exec -o` and `--record`: what the repository or a command puts in their way leads
//! nowhere, and nothing waits.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{
    runner::everywhere,
    scene::{NO_TMP, as_everybody, script, shell},
};
use crate::{
    bed::{QUIRE, Ran, finish},
    sandbox::stand::Stand,
};

/// What a shell of the user reads at its next start.
const VICTIM: &str = "home/.config/fish/config.fish";

fn victim(stand: &Stand) {
    stand.bed.file(VICTIM, "set -x KEPT 1\n");
}

/// Runs the program with these options; the model first runs a command, then answers.
fn run(stand: &mut Stand, command: &str, options: &[&str]) -> Ran {
    stand.bed.follow(&script(&[shell(command)]));
    stand.own(&stand.bed.root());
    let all = [&["exec", "--skip-git-repo-check", "-s", "workspace-write", "-c", NO_TMP], options, &["go"]].concat();
    finish(stand.program(QUIRE, &all).spawn().unwrap())
}

#[track_caller]
fn is_kept(stand: &Stand, what: &str) {
    assert_eq!(fs::read_to_string(stand.bed.path(VICTIM)).unwrap(), "set -x KEPT 1\n", "{what}");
    let folder = stand.bed.path("home/.config/fish");
    assert_eq!(names(&folder), ["config.fish"], "{what}");
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn no_link_that_a_command_plants_leads_an_answer_out() {
    let to = "../../.config/fish";
    for (plant, is_written) in [
        (format!("ln -s {to}/config.fish out/config.fish.part"), true),
        (format!("ln -s {to}/config.fish out/config.fish"), false),
        ("rm -rf out; ln -s ../.config/fish out".to_owned(), false),
        ("rm -rf out; mkdir deep; ln -s ../.config deep/way; ln -s deep/way/fish out".to_owned(), false),
        ("mkfifo out/config.fish.part".to_owned(), true),
        ("mkfifo out/config.fish".to_owned(), false),
        ("mkdir out/config.fish".to_owned(), false),
        ("rm -rf out; mkfifo out".to_owned(), false),
    ] {
        for json in [&["--json"][..], &[]] {
            everywhere(|stand| {
                victim(stand);
                fs::create_dir_all(stand.work().join("out")).unwrap();
                let ran = run(stand, &plant, &[json, &["-o", "out/config.fish"]].concat());
                let what = format!("{plant} {json:?}\n{}{}", ran.stdout, ran.stderr);
                assert_eq!(ran.code, Some(i32::from(!is_written)), "{what}");
                is_kept(stand, &what);
                stand.is_kept_by_its_machine();
                let target = stand.work().join("out/config.fish");
                let written = fs::symlink_metadata(&target).ok().filter(fs::Metadata::is_file);
                let text = written.filter(|_| is_written).map(|_| fs::read_to_string(&target).unwrap());
                assert_eq!(text.as_deref(), is_written.then_some("It is over."), "{what}");
                let is_told = ran.stderr.contains("could not be written to out/config.fish: it is");
                assert_eq!(is_told, !is_written, "{what}");
            });
        }
    }
}

#[test]
fn nothing_that_the_repository_holds_leads_a_recording_or_an_answer_out() {
    for is_recording in [true, false] {
        for (name, plant) in [
            ("config.fish", (|work, victim| symlink(victim, work)) as fn(&Path, &Path) -> std::io::Result<()>),
            ("config.fish.part", |work, victim| symlink(victim, work)),
            ("config.fish", |work, victim| fs::hard_link(victim, work)),
            ("config.fish.part", |work, victim| fs::hard_link(victim, work)),
            ("config.fish", |work, _| Ok(mknodat(CWD, work, FileType::Fifo, Mode::RWXU, 0)?)),
            ("config.fish", |work, _| symlink("/dev/full", work)),
        ] {
            as_everybody(|stand| {
                victim(stand);
                plant(&stand.work().join(name), &stand.bed.path(VICTIM)).unwrap();
                let option = if is_recording { "--record" } else { "-o" };
                let ran = run(stand, "true", &[option, "config.fish"]);
                let what = format!("{option} {name}\n{}{}", ran.stdout, ran.stderr);
                assert!(matches!(ran.code, Some(0 | 1)), "{what}");
                is_kept(stand, &what);
                // Written as a file of its own, or told why not.
                let written = fs::symlink_metadata(stand.work().join("config.fish")).unwrap();
                let is_own = written.is_file() && written.nlink() == 1 && written.len() > 0;
                assert!(is_own || ran.stderr.contains("config.fish") && ran.stderr.contains("it is a"), "{what}");
            });
        }
        // The folder of the file, too.
        as_everybody(|stand| {
            victim(stand);
            symlink("../.config/fish", stand.work().join("out")).unwrap();
            let option = if is_recording { "--record" } else { "-o" };
            let ran = run(stand, "true", &[option, "out/new.txt"]);
            is_kept(stand, &ran.stderr);
            assert!(ran.stderr.contains("out/new.txt") && ran.stderr.contains("symbolic link"), "{}", ran.stderr);
        });
    }
}

#[test]
fn a_link_of_the_users_own_place_is_followed_and_a_file_keeps_its_permissions() {
    as_everybody(|stand| {
        stand.bed.file("home/real/old.txt", "old");
        fs::set_permissions(stand.bed.path("home/real/old.txt"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real", stand.bed.path("home/results")).unwrap();
        symlink("real/old.txt", stand.bed.path("home/last.txt")).unwrap();
        run(stand, "true", &["-o", "../results/new.txt"]).ends_with(0);
        run(stand, "true", &["-o", "../last.txt", "--record", "../results/record.jsonl"]).ends_with(0);
        let real = stand.bed.path("home/real");
        assert_eq!(names(&real), ["new.txt", "old.txt", "record.jsonl"]);
        for (name, mode) in [("new.txt", 0o600), ("old.txt", 0o640)] {
            assert_eq!(fs::read_to_string(real.join(name)).unwrap(), "It is over.");
            assert_eq!(fs::metadata(real.join(name)).unwrap().mode() & 0o777, mode, "{name}");
        }
        assert!(stand.bed.path("home/last.txt").is_symlink());
    });
}

#[test]
fn a_link_where_others_can_write_is_not_followed() {
    as_everybody(|stand| {
        victim(stand);
        // A folder like `/tmp`: every user can write there.
        let shared = stand.bed.path("home/shared");
        fs::create_dir(&shared).unwrap();
        symlink("../.config/fish/config.fish", shared.join("answer.txt")).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
        for option in ["-o", "--record"] {
            let ran = run(stand, "true", &[option, "../shared/answer.txt"]);
            is_kept(stand, option);
            assert!(ran.stderr.contains("symbolic link"), "{option}: {}", ran.stderr);
        }
    });
}

#[test]
fn what_steers_a_later_start_is_not_written_by_an_answer_or_a_recording() {
    as_everybody(|stand| {
        stand.bed.file("home/work/.git/HEAD", "ref: refs/heads/main\n");
        for (option, file) in [
            ("-o", ".git/config"),
            ("-o", ".codex/config.toml"),
            ("-o", ".codex/rules/x.rules"),
            ("--record", ".git/hooks/pre-commit"),
            ("--record", "vendor/x/.git/config"),
        ] {
            fs::create_dir_all(stand.work().join(file).parent().unwrap()).unwrap();
            let ran = run(stand, "true", &[option, file]);
            assert!(ran.stderr.contains("reads this file when it starts"), "{file}: {}", ran.stderr);
            assert!(!stand.work().join(file).exists(), "{file}");
        }
        run(stand, "true", &["-o", "answer.txt"]).ends_with(0);
        assert!(stand.work().join("answer.txt").exists());
    });
}
