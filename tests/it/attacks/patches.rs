//! Patches that must change everything or nothing, odd files, and large ones: F27 to F29.

use std::{
    fmt::Write as _,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink},
};

use super::scene::{as_everybody, exec, patch, peak, stand, terminal};
use crate::{
    sandbox::stand::{Stand, User, is_root, picture},
    work::told,
};

fn updates(count: usize) -> String {
    (1..=count).map(|number| format!("*** Update File: f{number}\n@@\n-a\n+b\n")).collect()
}

#[test]
fn a_patch_that_fails_changes_nothing() {
    as_everybody(|stand| {
        let work = stand.work();
        for number in 1..=20 {
            stand.bed.file(&format!("home/work/f{number}"), "a\n");
        }
        let many: String = (1..=20).map(|number| format!("line {number}\n")).collect();
        stand.bed.file("home/work/many", &many);
        fs::create_dir(work.join("folder")).unwrap();
        let hunks: String = (1..=20)
            .map(|n| format!("@@\n-line {}\n+x\n", if n == 19 { "nowhere".to_owned() } else { n.to_string() }))
            .collect();
        let nineteenth = updates(20).replace("f19\n@@\n-a", "f19\n@@\n-not this");
        let mut cases = vec![
            (nineteenth, "f19, hunk 1: these lines are not in the file"),
            (
                format!("{}*** Update File: many\n{hunks}", updates(18)),
                "many, hunk 19: these lines are not in the file",
            ),
            (format!("{}*** Update File: folder\n@@\n-a\n+b\n", updates(19)), "folder: it is a folder"),
            (format!("{}*** Add File: folder\n+b\n", updates(19)), "folder: it is a folder"),
            (format!("{}*** Add File: f20/x\n+b\n", updates(19)), "f20/x: a part of the path is a file"),
            (format!("{}*** Delete File: missing\n", updates(19)), "missing: the file does not exist"),
            (
                format!("{}*** Update File: f20\n*** Move to: folder\n@@\n-a\n+b\n", updates(19)),
                "folder: it is a folder",
            ),
            (format!("{}*** Frobnicate: f20\n", updates(19)), "line "),
        ];
        stand.own(&work);
        if stand.user == User::Nobody || !is_root() {
            // Read-only for everybody but root.
            fs::set_permissions(work.join("f20"), fs::Permissions::from_mode(0o444)).unwrap();
            cases.push((updates(20), "f20: the file may not be written"));
            fs::create_dir(work.join("closed")).unwrap();
            fs::set_permissions(work.join("closed"), fs::Permissions::from_mode(0o555)).unwrap();
            cases.push((
                format!("{}*** Add File: closed/x\n+b\n", updates(19)),
                "closed/x: the new content cannot be written",
            ));
        }
        for (sections, said) in cases {
            if stand.user == User::Nobody {
                // What is closed stays closed when the folder is given to its user again.
                lchown(work.join("f20"), Some(65534), Some(65534)).unwrap();
            }
            stand.own(&work);
            let before = picture(&work);
            let told = exec(stand, "workspace-write", &[patch(sections.trim_end())]);
            assert!(told[0].starts_with("apply_patch verification failed: ") && told[0].contains(said), "{}", told[0]);
            assert!(told[0].contains("Nothing was changed."), "{}", told[0]);
            assert_eq!(picture(&work), before, "{said}");
        }
    });
}

#[test]
fn everything_but_the_hunk_stays_as_it_was() {
    as_everybody(|stand| {
        let work = stand.work();
        // Name, bytes before, what replaces the line `old`, bytes after.
        let files: [(&str, &[u8], &str, &[u8]); 10] = [
            ("crlf", b"one\r\nold\r\nthree\r\n", "new", b"one\r\nnew\r\nthree\r\n"),
            ("mixed", b"one\nold\r\nthree\r\nfour\n", "new", b"one\nnew\r\nthree\r\nfour\n"),
            ("bom", b"\xef\xbb\xbfold\ntwo\n", "new", b"\xef\xbb\xbfnew\ntwo\n"),
            ("no-end", b"one\nold", "new", b"one\nnew"),
            ("nul", b"a\0b\nold\n\0\0", "new", b"a\0b\nnew\n\0\0"),
            ("latin-1", b"caf\xe9\nold\n\xff\xfe\n", "new", b"caf\xe9\nnew\n\xff\xfe\n"),
            ("cr", b"a\rb\nold\nc\rd\n", "new", b"a\rb\nnew\nc\rd\n"),
            ("tabs", b"\told \t\nold\n  x\n", "new", b"\told \t\nnew\n  x\n"),
            ("run.sh", b"#!/bin/sh\nold\n", "new", b"#!/bin/sh\nnew\n"),
            ("secret", b"old\n", "new", b"new\n"),
        ];
        let mut sections = String::new();
        for (name, before, new, _) in files {
            stand.bed.file(&format!("home/work/{name}"), before);
            write!(sections, "*** Update File: {name}\n@@\n-old\n+{new}\n").unwrap();
        }
        stand.bed.file("home/work/target", "old\n");
        symlink("target", work.join("link")).unwrap();
        sections.push_str("*** Update File: link\n@@\n-old\n+new\n");
        let mode = |name: &str, mode| fs::set_permissions(work.join(name), fs::Permissions::from_mode(mode)).unwrap();
        mode("run.sh", 0o755);
        mode("secret", 0o600);
        let told = exec(stand, "workspace-write", &[patch(sections.trim_end())]);
        assert!(told[0].contains("Success"), "{}", told[0]);
        for (name, _, _, after) in files {
            assert_eq!(fs::read(work.join(name)).unwrap(), after, "{name}");
        }
        let mode = |name: &str| fs::metadata(work.join(name)).unwrap().mode() & 0o7777;
        assert_eq!((mode("run.sh"), mode("secret")), (0o755, 0o600));
        assert_eq!(fs::read_link(work.join("link")).unwrap().to_str(), Some("target"));
        assert_eq!(fs::read(work.join("target")).unwrap(), b"new\n");
    });
}

/// What cannot be changed without harm to another name, or is no file, is reported and left alone.
#[test]
fn what_cannot_be_patched_safely_is_said() {
    as_everybody(|stand| {
        let work = stand.work();
        stand.bed.file("home/work/twin", "old\n");
        fs::hard_link(work.join("twin"), work.join("other")).unwrap();
        symlink("nowhere", work.join("dangling")).unwrap();
        symlink("loop", work.join("loop")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, work.join("pipe"), rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
        stand.own(&work);
        let change = "@@\n-old\n+new";
        let calls = [
            (format!("*** Update File: twin\n{change}"), "hard links"),
            ("*** Add File: dangling\n+x".to_owned(), "broken symbolic link"),
            (format!("*** Update File: loop\n{change}"), "a broken symbolic link"),
            (format!("*** Update File: pipe\n{change}"), "not a regular file"),
            (format!("*** Update File: /dev/null\n{change}"), ""),
        ];
        let patches: Vec<_> = calls.iter().map(|(sections, _)| patch(sections)).collect();
        let told = exec(stand, "workspace-write", &patches);
        for ((sections, said), told) in calls.iter().zip(&told) {
            assert!(told.contains(said) && !told.contains("Success"), "{sections}: {told}");
        }
        assert_eq!(fs::metadata(work.join("twin")).unwrap().nlink(), 2);
        assert_eq!(fs::read(work.join("other")).unwrap(), b"old\n");
    });
}

/// How the work grows is counted in steps beside the patch engine; here it goes through the whole program.
#[test]
fn large_patches_and_targets_go_through() {
    let mut stand = stand(User::Own);
    let lines: String = (0..200_000).map(|number| format!("line {number}\n")).collect();
    stand.bed.file("home/work/lines", &lines);
    let hunks: String = (0..50_000).map(|at| format!("@@\n-line {}\n+x\n", at * 4)).collect();
    let told = exec(&mut stand, "workspace-write", &[patch(&format!("*** Update File: lines\n{}", hunks.trim_end()))]);
    assert!(told[0].contains("Success"), "{:.300}", told[0]);
    let changed = fs::read_to_string(stand.work().join("lines")).unwrap();
    assert_eq!(changed.lines().filter(|line| *line == "x").count(), 50_000);

    // Hunks that match only at the last step, and whose every line stands all over the file.
    stand.bed.file("home/work/worst", "a\n\u{a0}b\na\nc\nb\n".repeat(10_000));
    let worst = format!("*** Update File: worst\n{}@@\n-nowhere\n+x", "@@\n a\n-b\n+x\n".repeat(10_000));
    let told = exec(&mut stand, "workspace-write", &[patch(&worst)]);
    assert!(told[0].contains("worst, hunk 10001: these lines are not in the file"), "{:.300}", told[0]);

    let line = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n";
    stand.bed.file("home/work/target", format!("{0}old\n{0}", line.repeat(TARGET / 2 / line.len())));
    let added = format!("+{line}").repeat(PATCH / line.len());
    for (sections, memory) in [
        ("*** Update File: target\n@@\n-old\n+new".to_owned(), 3 * TARGET),
        (format!("*** Add File: added\n{}", added.trim_end()), 5 * PATCH),
    ] {
        let mut terminal = terminal(&mut stand, (100, 40), &[], &[patch(&sections)]);
        let before = peak(&terminal);
        terminal.shows("It is over.");
        let grown = peak(&terminal) - before;
        assert!(grown < memory as u64 + (32 << 20), "{} MiB", grown >> 20);
        terminal.keys("\x04");
        assert_eq!(terminal.end().code, 0);
        assert!(told_success(&stand));
    }
    let changed = fs::read(stand.work().join("target")).unwrap();
    assert!(changed.windows(5).any(|text| text == b"\nnew\n"));
    assert_eq!(fs::metadata(stand.work().join("added")).unwrap().len() as usize, PATCH / line.len() * line.len());
}

fn told_success(stand: &Stand) -> bool {
    told(&stand.bed).iter().all(|told| told.contains("Success"))
}

/// Bytes of a large file, and of a large patch.
const TARGET: usize = 100_000_000;
const PATCH: usize = 20_000_000;
