//! Folders that would like to be taken for one that the user trusts. The victim is a later start of the program there:
//! rules of a trusted project let a command out of the sandbox, and a trusted folder can be written.

use std::{
    fs,
    os::unix::fs::{chown, symlink},
    path::Path,
};

use super::scene::{as_everybody, script, shell, stand};
use crate::{
    bed::{QUIRE, finish},
    sandbox::stand::{Stand, User, is_root},
    skip::skip,
};

/// Lets `touch` out of the sandbox.
const RULES: &str = "prefix_rule(pattern=[\"touch\"], decision=\"allow\")\n";

/// A main repository that the user trusts, at `home/main`, with a worktree of the name `w`.
fn main_repository(stand: &Stand, worktree: &Path) {
    for (name, text) in
        [("HEAD", "ref: refs/heads/main\n"), ("config", "[core]\n"), ("worktrees/w/commondir", "../..\n")]
    {
        stand.bed.file(&format!("home/main/.git/{name}"), text);
    }
    stand.bed.file("home/main/.git/worktrees/w/HEAD", "ref: refs/heads/side\n");
    stand.bed.file("home/main/.git/worktrees/w/gitdir", format!("{}/.git\n", worktree.display()));
}

/// What a start in this folder is let do when the user trusts that one: writing outside by a rule of the project, and
/// writing in the folder.
fn reaches(stand: &mut Stand, folder: &str, trusted: &str) -> (bool, bool) {
    let calls = [shell("touch ../outside"), shell("touch inside")];
    stand.bed.follow(&script(&calls));
    let config = fs::read_to_string(stand.bed.path("codex/config.toml")).unwrap();
    let trust = format!("{config}\n[projects.\"{trusted}\"]\ntrust_level = \"trusted\"\n");
    stand.bed.file("codex/config.toml", trust);
    stand.bed.file(&format!("{folder}/.codex/rules/p.rules"), RULES);
    stand.own(&stand.bed.root());
    let folder = stand.bed.path(folder);
    let (outside, inside) = (folder.parent().unwrap().join("outside"), folder.join("inside"));
    let folder = folder.to_str().unwrap();
    let no_tmp = ["-c", "sandbox_workspace_write.exclude_slash_tmp=true"];
    let arguments = [&["exec", "--skip-git-repo-check", "-C", folder], &no_tmp[..], &["go"]].concat();
    finish(stand.program(QUIRE, &arguments).spawn().unwrap()).ends_with(0);
    (fs::remove_file(outside).is_ok(), fs::remove_file(inside).is_ok())
}

/// Lays out a folder, and starts there as every user.
#[track_caller]
fn borrows(what: &str, is_let: bool, lay: impl Fn(&Stand)) {
    as_everybody(|stand| {
        lay(stand);
        let main = stand.bed.path("home/main").to_str().unwrap().to_owned();
        assert_eq!(reaches(stand, "home/work", &main), (is_let, is_let), "{what}");
    });
}

#[test]
fn a_worktree_that_its_main_repository_knows_is_trusted_with_it() {
    borrows("absolute", true, |stand| {
        main_repository(stand, &stand.work());
        let git = stand.bed.path("home/main/.git/worktrees/w");
        stand.bed.file("home/work/.git", format!("gitdir: {}\n", git.display()));
    });
    borrows("relative, as worktree.useRelativePaths writes it", true, |stand| {
        main_repository(stand, &stand.work());
        stand.bed.file("home/main/.git/worktrees/w/gitdir", "../../../../work/.git\n");
        stand.bed.file("home/work/.git", "gitdir: ../main/.git/worktrees/w\n");
    });
}

#[test]
fn a_git_folder_of_ones_own_making_borrows_nothing() {
    borrows("a common folder beside the project", false, |stand| {
        main_repository(stand, &stand.work());
        stand.bed.file("home/work/.git", "gitdir: y\n");
        stand.bed.file("home/work/y/HEAD", "ref: refs/heads/main\n");
        stand.bed.file("home/work/y/commondir", "../../main/.git\n");
        stand.bed.file("home/work/y/gitdir", format!("{}/.git\n", stand.work().display()));
    });
    borrows("one that calls itself a worktree", false, |stand| {
        main_repository(stand, &stand.work());
        let own = "home/work/m/.git/worktrees/w";
        stand.bed.file("home/work/.git", "gitdir: m/.git/worktrees/w\n");
        stand.bed.file("home/work/m/.git/HEAD", "ref: refs/heads/main\n");
        stand.bed.file(&format!("{own}/HEAD"), "ref: refs/heads/main\n");
        stand.bed.file(&format!("{own}/commondir"), stand.bed.path("home/main/.git").to_str().unwrap());
        stand.bed.file(&format!("{own}/gitdir"), format!("{}/.git\n", stand.work().display()));
    });
    borrows("a submodule whose commondir is forged", false, |stand| {
        main_repository(stand, &stand.bed.path("home/other"));
        stand.bed.file("home/work/.git", "gitdir: ../main/.git/modules/s\n");
        stand.bed.file("home/main/.git/modules/s/HEAD", "ref: refs/heads/main\n");
        stand.bed.file("home/main/.git/modules/s/commondir", "../..\n");
        stand.bed.file("home/main/.git/modules/s/gitdir", format!("{}/.git\n", stand.work().display()));
    });
}

#[test]
fn a_worktree_of_another_place_borrows_nothing() {
    let point = |stand: &Stand| {
        stand.bed.file("home/work/.git", "gitdir: ../main/.git/worktrees/w\n");
    };
    borrows("the main repository names another folder", false, |stand| {
        main_repository(stand, &stand.bed.path("home/other"));
        point(stand);
    });
    borrows("it names a link, which the project could have turned here", false, |stand| {
        main_repository(stand, &stand.bed.path("home/link"));
        symlink(stand.work(), stand.bed.path("home/link")).unwrap();
        point(stand);
    });
    borrows("it names nothing", false, |stand| {
        main_repository(stand, &stand.work());
        fs::remove_file(stand.bed.path("home/main/.git/worktrees/w/gitdir")).unwrap();
        point(stand);
    });
    borrows("the .git file is a link to that of the worktree", false, |stand| {
        main_repository(stand, &stand.work());
        stand.bed.file("home/other/.git", "gitdir: ../main/.git/worktrees/w\n");
        symlink("../other/.git", stand.work().join(".git")).unwrap();
    });
    borrows("the .git folder is a link to that of the main repository", false, |stand| {
        main_repository(stand, &stand.work());
        symlink("../main/.git", stand.work().join(".git")).unwrap();
    });
    borrows("the worktrees of the main repository lie elsewhere", false, |stand| {
        main_repository(stand, &stand.work());
        let worktrees = stand.bed.path("home/main/.git/worktrees");
        fs::rename(&worktrees, stand.bed.path("home/elsewhere")).unwrap();
        symlink("../../elsewhere", worktrees).unwrap();
        point(stand);
    });
    borrows("the main repository is none", false, |stand| {
        main_repository(stand, &stand.work());
        fs::remove_file(stand.bed.path("home/main/.git/HEAD")).unwrap();
        point(stand);
    });
}

#[test]
fn what_lies_below_above_or_beside_a_trusted_folder_is_not_trusted_with_it() {
    as_everybody(|stand| {
        let at = |stand: &Stand, name: &str| stand.bed.path(name).to_str().unwrap().to_owned();
        stand.bed.file("home/main/.git/HEAD", "ref: refs/heads/main\n");
        stand.bed.file("home/main/nested/.git/HEAD", "ref: refs/heads/main\n");
        let main = at(stand, "home/main");
        assert_eq!(reaches(stand, "home/main/nested", &main), (false, false), "a repository of its own");
        let home = at(stand, "home");
        for trusted in ["/", &home, &format!("{main}/../work"), &format!("{home}/WORK")] {
            assert_eq!(reaches(stand, "home/work", trusted), (false, false), "{trusted}");
        }
        symlink("work", stand.bed.path("home/link")).unwrap();
        let link = at(stand, "home/link");
        assert_eq!(reaches(stand, "home/work", &link), (false, false), "a link can be turned to anything");
        // Trust in a folder of a repository is none in what the repository brings at its root.
        stand.bed.file("home/main/.codex/rules/p.rules", RULES);
        let sub = at(stand, "home/main/sub");
        assert_eq!(reaches(stand, "home/main/sub", &sub), (false, true), "rules of the root");
        let work = at(stand, "home/work");
        assert_eq!(reaches(stand, "home/work", &format!("{work}/")), (true, true), "the folder itself");
    });
}

#[test]
fn what_another_user_put_there_borrows_nothing() {
    if !is_root() {
        skip("only root can give files away");
        return;
    }
    let foreign = |name: &str, lay: &dyn Fn(&Stand)| {
        let mut stand = stand(User::Own);
        lay(&stand);
        chown(stand.bed.path(name), Some(12_345), Some(12_345)).unwrap();
        let main = stand.bed.path("home/main").to_str().unwrap().to_owned();
        assert!(!reaches(&mut stand, "home/work", &main).0, "{name}");
        stand.is_untouched();
    };
    let worktree = |stand: &Stand| {
        main_repository(stand, &stand.work());
        stand.bed.file("home/work/.git", "gitdir: ../main/.git/worktrees/w\n");
    };
    foreign("home/work/.git", &worktree);
    foreign("home/main/.git", &worktree);
    foreign("home/main/.git/worktrees/w", &worktree);
}

#[test]
fn variables_of_git_say_nothing_of_the_folder() {
    as_everybody(|stand| {
        main_repository(stand, &stand.work());
        let git = stand.bed.path("home/main/.git").to_str().unwrap().to_owned();
        for name in ["GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE"] {
            stand.bed.set(name, &git);
        }
        let main = stand.bed.path("home/main").to_str().unwrap().to_owned();
        assert_eq!(reaches(stand, "home/work", &main), (false, false));
    });
}
