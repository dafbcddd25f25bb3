use std::os::unix::fs::symlink;

use super::*;

fn bed() -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().canonicalize().unwrap();
    (place, path)
}

fn made(path: PathBuf) -> PathBuf {
    fs::create_dir_all(&path).unwrap();
    path
}

fn refused(plan: &Plan, part: &str) {
    let refusal = Layout::of(plan).unwrap_err();
    assert!(refusal.message.starts_with("Not run: ") && refusal.message.contains(part), "{}", refusal.message);
}

#[test]
fn folders_above_a_root_in_a_root_and_above_what_is_hidden_cannot_be_moved() {
    let (_place, top) = bed();
    let inner = made(top.join("a/b/work"));
    let secret = made(top.join("c/secret"));
    let layout = Layout::of(&Plan::workspace(&inner, [top.clone()]).hide(&secret)).unwrap();
    let expected = [
        (top.clone(), Cover::Root),
        (top.join("a"), Cover::Pin),
        (top.join("a/b"), Cover::Pin),
        (inner.clone(), Cover::Root),
        (top.join("c"), Cover::Pin),
        (secret, Cover::HiddenFolder),
    ];
    assert_eq!(layout.covers, BTreeMap::from(expected));
    let names = |folder: &Path| [".agents", ".codex", ".git"].map(|name| folder.join(name)).to_vec();
    assert_eq!(layout.missing, [names(&top), names(&inner)].concat());
}

#[test]
fn roots_that_cannot_be_kept_are_refused_with_the_reason() {
    let (_place, top) = bed();
    let plan = |root: PathBuf| Plan { roots: vec![Root::new(root)], ..Plan::read_only(&top) };
    refused(&plan(top.join("none")), "does not exist.");
    refused(&plan("/".into()), "cannot be a writable root");
    refused(&plan("/proc/sys".into()), "cannot be a writable root");
    refused(&plan("relative".into()), "not absolute");
    fs::write(top.join("file"), "").unwrap();
    refused(&plan(top.join("file")), "is not a folder");
    refused(&Plan::read_only(top.join("gone")), "working folder");
    let hooks = made(top.join(".git/hooks"));
    refused(&Plan::workspace(&top, [hooks]), "which is protected");
    symlink("/tmp", top.join(".codex")).unwrap();
    refused(&plan(top.clone()), "symbolic link");
}

#[test]
fn links_to_roots_are_followed_and_a_hidden_name_in_a_root_does_not_come_to_be() {
    let (_place, top) = bed();
    let real = made(top.join("real"));
    symlink(&real, top.join("link")).unwrap();
    let layout = Layout::of(&Plan::workspace(top.join("link"), []).hide(real.join("home/auth"))).unwrap();
    assert_eq!(layout.roots.iter().map(|root| &root.path).collect::<Vec<_>>(), [&real]);
    assert!(layout.missing.contains(&real.join("home")));
}

#[test]
fn a_working_tree_of_a_shared_repository_protects_both_of_its_folders() {
    let (_place, top) = bed();
    let own = made(top.join("store/worktrees/one"));
    fs::write(own.join("commondir"), "../..\n").unwrap();
    fs::write(top.join(".git"), format!("gitdir: {}\r\n", own.display())).unwrap();
    let layout = Layout::of(&Plan::workspace(&top, [])).unwrap();
    let kept: Vec<_> = layout.protected().collect();
    assert_eq!(kept, [&top.join(".git"), &top.join("store"), &own]);
}
