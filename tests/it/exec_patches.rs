//! Patches through the whole program: what reaches the disk, what the events say, what the model is told.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
};

use serde_json::Value;

use crate::bed::{Bed, QUIRE};

/// A machine whose model answers with this one patch and then says that it is done.
fn bed(sections: &str) -> Bed {
    let patch = format!("*** Begin Patch\n{sections}\n*** End Patch\n");
    let arguments = serde_json::json!({ "input": patch });
    let bed = Bed::with_script(&format!("when\n  call apply_patch {arguments}\nthen\n  say \"Done.\"\n"));
    bed.file("home/work/a.txt", "one\r\ntwo\r\nthree");
    bed
}

/// The events about files, and the output that the model got.
fn exec(bed: &Bed, sandbox: &str) -> (Vec<Value>, String) {
    let ran =
        bed.run(&["exec", "--json", "--skip-git-repo-check", "-s", sandbox, "-c", NO_TMP, "change it"]).ends_with(0);
    let changes = ran.events().into_iter().filter(|event| event["item"]["type"] == "file_change").collect();
    let bodies = bed.bodies();
    let output = bodies[1]["input"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(output["type"], "function_call_output");
    (changes, output["output"].as_str().unwrap().to_owned())
}

/// The test's own machine lies in `/tmp`, where commands and patches may write otherwise.
const NO_TMP: &str = "sandbox_workspace_write.exclude_slash_tmp=true";

const EDIT: &str = "*** Update File: a.txt\n@@\n one\n-two\n+2\n three";

#[test]
fn a_patch_in_the_workspace_is_written_and_told() {
    let bed = bed(&format!("{EDIT}\n*** Add File: sub/new.txt\n+new"));
    let (changes, output) = exec(&bed, "workspace-write");
    assert_eq!(fs::read(bed.path("home/work/a.txt")).unwrap(), b"one\r\n2\r\nthree");
    assert_eq!(fs::read_to_string(bed.path("home/work/sub/new.txt")).unwrap(), "new\n");
    assert!(output.ends_with("Success. Updated the following files:\nA sub/new.txt\nM a.txt\n"), "{output}");
    let statuses: Vec<&str> = changes.iter().map(|event| event["item"]["status"].as_str().unwrap()).collect();
    assert_eq!(statuses.last(), Some(&"completed"));
    let kinds: Vec<&Value> =
        changes.last().unwrap()["item"]["changes"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
}

#[test]
fn what_a_patch_makes_has_the_modes_of_the_users_own_programs() {
    for (umask, file, folder) in [("022", 0o644, 0o755), ("027", 0o640, 0o750)] {
        let bed = bed("*** Add File: sub/deeper/new.txt\n+new");
        let line = format!("umask {umask}; exec {QUIRE} exec --skip-git-repo-check -s workspace-write go");
        let mut shell = bed.any("/bin/sh");
        shell.args(["-c", &line]);
        crate::bed::finish(shell.spawn().unwrap()).ends_with(0);
        let mode = |path: &str| fs::metadata(bed.path(path)).unwrap().permissions().mode() & 0o777;
        let made = ["home/work/sub/deeper/new.txt", "home/work/sub", "home/work/sub/deeper"].map(mode);
        assert_eq!(made, [file, folder, folder], "{umask}");
        assert_eq!(mode(bed.rollouts()[0].to_str().unwrap()), 0o600, "the session is the agent's own");
    }
}

#[test]
fn nothing_is_written_where_it_may_not_be() {
    let outside = |bed: &Bed| bed.file("home/outside.txt", "keep");
    let cases = [
        ("read-only", EDIT, "nothing may be written here"),
        ("workspace-write", "*** Update File: ../outside.txt\n@@\n-keep\n+lost", "outside the writable folders"),
        (
            "workspace-write",
            "*** Add File: .git/hooks/pre-commit\n+sh",
            "outside the writable folders or below a protected name",
        ),
        (
            "workspace-write",
            "*** Update File: a.txt\n*** Move to: ../moved.txt\n@@\n-two\n+2",
            "outside the writable folders",
        ),
        ("workspace-write", "*** Update File: link.txt\n@@\n-keep\n+lost", ""),
        ("workspace-write", "*** Update File: a.txt\n@@\n-no such line\n+x", "apply_patch verification failed"),
        ("workspace-write", &format!("{EDIT}\n*** Delete File: missing.txt"), "apply_patch verification failed"),
    ];
    for (sandbox, sections, said) in cases {
        let bed = bed(sections);
        let outside = outside(&bed);
        symlink(&outside, bed.path("home/work/link.txt")).unwrap();
        let (changes, output) = exec(&bed, sandbox);
        assert!(output.contains(said), "{sections}: {output}");
        assert!(!output.contains("Success"), "{sections}: {output}");
        assert_eq!(fs::read_to_string(&outside).unwrap(), "keep", "{sections}");
        assert_eq!(fs::read(bed.path("home/work/a.txt")).unwrap(), b"one\r\ntwo\r\nthree", "{sections}");
        assert!(!bed.path("home/work/.git/hooks/pre-commit").exists());
        assert!(changes.iter().all(|event| event["item"]["status"] != "completed"), "{sections}");
    }
}
