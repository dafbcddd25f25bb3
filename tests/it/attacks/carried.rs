//! What a file carries beside its bytes, and what a killed patch leaves: through the whole program.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use rustix::{
    fs::{XattrFlags, getxattr, setxattr},
    process::{Signal, kill_process},
};

use super::scene::{as_everybody, exec, patch, script, stand};
use crate::{
    bed::{QUIRE, files, pid_of, until},
    sandbox::stand::User,
    skip::skip,
};

const CHANGE: &str = "@@\n-old\n+new";

/// An access list: user 1234 and the group read, others nothing.
fn access_list() -> Vec<u8> {
    let entries: [(u16, u16, u32); 5] =
        [(1, 6, u32::MAX), (2, 4, 1234), (4, 4, u32::MAX), (0x10, 6, u32::MAX), (0x20, 0, u32::MAX)];
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in entries {
        bytes.extend([&tag.to_le_bytes()[..], &rights.to_le_bytes(), &id.to_le_bytes()].concat());
    }
    bytes
}

fn attribute(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut value = vec![0; 1024];
    let count = getxattr(path, name, value.as_mut_slice()).ok()?;
    value.truncate(count);
    Some(value)
}

#[test]
fn what_a_file_carries_survives_a_patch_or_is_said_to_be_gone() {
    as_everybody(|stand| {
        for name in ["listed", "moving", "rights", "group"] {
            stand.bed.file(&format!("home/work/{name}"), "old\n");
        }
        stand.own(&stand.work());
        let work = stand.work();
        let list = access_list();
        let has_lists = ["listed", "moving"].iter().all(|name| {
            setxattr(work.join(name), "system.posix_acl_access", &list, XattrFlags::empty()).is_ok()
                && setxattr(work.join(name), "user.note", b"kept", XattrFlags::empty()).is_ok()
        });
        if !has_lists {
            skip("in part: this file system knows no access lists");
        }
        fs::set_permissions(work.join("rights"), fs::Permissions::from_mode(0o4755)).unwrap();
        fs::set_permissions(work.join("group"), fs::Permissions::from_mode(0o2755)).unwrap();
        let sections = format!(
            "*** Update File: listed\n{CHANGE}\n*** Update File: moving\n*** Move to: sub/moved\n{CHANGE}\n*** Update File: rights\n{CHANGE}\n*** Update File: group\n*** Move to: sub/group\n{CHANGE}"
        );
        let told = exec(stand, "workspace-write", &[patch(&sections)]).remove(0);
        assert!(told.contains("Success"), "{told}");
        for name in ["listed", "sub/moved"] {
            assert_eq!(fs::read(work.join(name)).unwrap(), b"new\n");
            if has_lists {
                assert_eq!(attribute(&work.join(name), "system.posix_acl_access"), Some(list.clone()), "{name}");
                assert_eq!(attribute(&work.join(name), "user.note").as_deref(), Some(&b"kept"[..]), "{name}");
            }
        }
        for name in ["rights", "sub/group"] {
            assert_eq!(fs::metadata(work.join(name)).unwrap().mode() & 0o7777, 0o755, "{name}");
        }
        // When a file changes its owner, these bits are removed already.
        if stand.user == User::Own {
            for name in ["rights", "group"] {
                let note = format!("{name}: its set-user-id and set-group-id bits were taken away");
                assert!(told.contains(&note), "{told}");
            }
        }
    });
}

/// The other name lies outside of everything that may be written.
#[test]
fn a_file_of_several_names_stays_what_it_is_outside() {
    as_everybody(|stand| {
        let outside = stand.bed.path("home/cache");
        fs::create_dir(&outside).unwrap();
        for name in ["updated", "moved", "deleted"] {
            stand.bed.file(&format!("home/cache/{name}"), "old\n");
            fs::set_permissions(outside.join(name), fs::Permissions::from_mode(0o640)).unwrap();
            fs::hard_link(outside.join(name), stand.work().join(name)).unwrap();
        }
        stand.own(&stand.bed.root());
        let calls = [
            patch(&format!("*** Update File: updated\n{CHANGE}")),
            patch(&format!("*** Update File: moved\n*** Move to: elsewhere\n{CHANGE}")),
            patch("*** Delete File: deleted"),
            patch("*** Add File: updated\n+whole"),
        ];
        let told = exec(stand, "workspace-write", &calls);
        assert!(told[0].contains("hard links") && !told[0].contains("Success"), "{}", told[0]);
        for told in &told[1..3] {
            assert!(told.contains("Success") && told.contains("one other name (hard links)"), "{told}");
        }
        for name in ["updated", "moved", "deleted"] {
            let facts = fs::metadata(outside.join(name)).unwrap();
            assert_eq!(
                (fs::read(outside.join(name)).unwrap(), facts.mode() & 0o7777),
                (b"old\n".to_vec(), 0o640),
                "{name}"
            );
        }
    });
}

/// SIGKILL as soon as the first name of a patch is seen, or a little later: after the next start there is none, and the
/// five files are all here or all there.
#[test]
fn a_killed_patch_leaves_nothing_behind() {
    let mut kills = 0;
    for round in 0..12_u32 {
        let mut stand = stand(User::Own);
        let large = format!("old\n{}", "filling\n".repeat(40_000));
        let sections: Vec<String> = (1..=5)
            .map(|at| {
                stand.bed.file(&format!("home/work/m{at}"), &large);
                format!("*** Update File: m{at}\n*** Move to: new/deep/m{at}\n{CHANGE}")
            })
            .collect();
        stand.bed.follow(&script(&[patch(&sections.join("\n"))]));
        let arguments = ["exec", "--skip-git-repo-check", "-s", "danger-full-access", "go"];
        let mut child = stand.bed.quire(&arguments).spawn().unwrap();
        let pid = pid_of(child.id());
        let work = stand.work();
        let staged = |folder: &Path| {
            let names = files(folder).into_iter();
            names.filter(|path| path.to_string_lossy().contains(".quire-patch-")).count()
        };
        let wanted = 1 + (round as usize % 5);
        until("a patch is being written, or is written", || {
            let is_over = work.join("new/deep/m5").exists() && !work.join("m5").exists();
            (staged(&work) >= wanted || is_over || has_ended(pid)).then_some(())
        });
        // It may have ended by itself meanwhile.
        let _ = kill_process(pid, Signal::KILL);
        child.wait().unwrap();
        kills += usize::from(staged(&work) > 0);
        stand.bed.is_deserted();
        stand.bed.follow("when\n  say \"Heard.\"\n");
        crate::bed::finish(stand.bed.any(QUIRE).args(["exec", "--skip-git-repo-check", "hello"]).spawn().unwrap())
            .ends_with(0);
        assert_eq!(staged(&work), 0, "round {round}: {:?}", files(&work));
        let here = (1..=5).filter(|at| work.join(format!("m{at}")).exists()).count();
        let there = (1..=5).filter(|at| work.join(format!("new/deep/m{at}")).exists()).count();
        assert!((here, there) == (5, 0) || (here, there) == (0, 5), "round {round}: {here} here, {there} there");
        assert_eq!(work.join("new").exists(), there == 5, "round {round}");
        let word = if there == 5 { "new\n" } else { "old\n" };
        for path in files(&work).into_iter().filter(|path| path.file_name().unwrap().to_string_lossy().starts_with('m'))
        {
            assert_eq!(fs::read_to_string(&path).unwrap(), large.replacen("old\n", word, 1), "round {round}");
        }
    }
    println!("{kills} of 12 kills came in the middle");
}

fn has_ended(pid: rustix::process::Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z'))
}
