//! Patches that lead out of the workspace or below a protected name: F26.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use super::scene::{Call, as_everybody, exec, patch};
use crate::{bed::files, sandbox::stand::Stand};

/// What is in the files outside the workspace that a patch could reach.
fn outside(stand: &Stand) -> Vec<(PathBuf, Vec<u8>)> {
    let home = stand.bed.path("home");
    let is_outside = |path: &PathBuf| !path.starts_with(stand.work());
    files(&home).into_iter().filter(is_outside).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn add(path: &str) -> Call {
    patch(&format!("*** Add File: {path}\n+harm"))
}

fn update(path: &str) -> Call {
    patch(&format!("*** Update File: {path}\n@@\n-canary\n+harm"))
}

#[test]
fn no_patch_leads_out_of_the_workspace() {
    as_everybody(|stand| {
        let work = stand.work();
        let canary = stand.canary().to_str().unwrap().to_owned();
        stand.bed.file("home/x", "canary\n");
        stand.bed.file("home/.bashrc", "canary\n");
        stand.bed.file("home/AGENTS.md", "canary\n");
        stand.bed.file("home/work/a/inside", "canary\n");
        stand.bed.file("home/work/move", "canary\n");
        stand.bed.file("home/work/.git/config", "canary\n");
        for (target, name) in [(canary.as_str(), "folder-link"), (&format!("{canary}/file"), "file-link"), ("..", "up")]
        {
            symlink(target, work.join(name)).unwrap();
        }
        let home = stand.bed.path("home");
        let bashrc = home.join(".bashrc");
        let calls = [
            update("../x"),
            update("a/../../x"),
            update("./a/.././../x"),
            update(bashrc.to_str().unwrap()),
            update(&format!("{canary}/file")),
            update("/etc/passwd"),
            update("folder-link/file"),
            update("file-link"),
            update("up/x"),
            update("up/AGENTS.md"),
            update("../AGENTS.md"),
            update(".git/config"),
            add("../new"),
            add("folder-link/new"),
            add("folder-link/deep/new"),
            add("up/new"),
            add(&format!("{canary}/new")),
            add(".git/hooks/pre-commit"),
            add("a/../.git/hooks/pre-commit"),
            add(".codex/config.toml"),
            add(".agents/skill"),
            add(&format!("{}/.codex/config.toml", work.display())),
            patch("*** Delete File: ../x"),
            patch("*** Delete File: folder-link/file"),
            patch("*** Update File: move\n*** Move to: ../moved\n@@\n-canary\n+harm"),
            patch("*** Update File: move\n*** Move to: folder-link/moved\n@@\n-canary\n+harm"),
            patch("*** Update File: move\n*** Move to: .git/hooks/post-commit\n@@\n-canary\n+harm"),
            patch("*** Update File: ../x\n*** Move to: stolen\n@@\n-canary\n+harm"),
        ];
        let before = outside(stand);
        for told in exec(stand, "workspace-write", &calls) {
            assert!(!told.contains("Success"), "{told}");
        }
        assert_eq!(outside(stand), before);
        for name in [".git/hooks", ".codex", ".agents", "stolen"] {
            assert!(!work.join(name).exists(), "{name}");
        }
        assert_eq!(fs::read_to_string(work.join(".git/config")).unwrap(), "canary\n");
        assert_eq!(fs::read_to_string(work.join("move")).unwrap(), "canary\n");
    });
}

/// Nothing expands in a path: a tilde and a variable are names.
#[test]
fn a_tilde_is_a_name() {
    as_everybody(|stand| {
        stand.bed.file("home/.bashrc", "canary\n");
        let before = outside(stand);
        let told = exec(stand, "workspace-write", &[add("~/.bashrc"), add("$HOME/.bashrc"), update("~/.profile")]);
        assert!(told[0].contains("Success") && told[1].contains("Success"), "{told:#?}");
        assert!(told[2].contains("does not exist"), "{}", told[2]);
        assert_eq!(outside(stand), before);
        let read = |name: &str| fs::read_to_string(stand.work().join(Path::new(name))).unwrap();
        assert_eq!((read("~/.bashrc"), read("$HOME/.bashrc")), ("harm\n".to_owned(), "harm\n".to_owned()));
    });
}
