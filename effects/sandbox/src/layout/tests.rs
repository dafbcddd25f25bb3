use std::os::unix::fs::{DirBuilderExt, symlink};

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
    let refusal = Layout::of(plan).unwrap_err().refusal;
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
    refused(
        &Plan { roots: vec![Root { is_temporary: true, ..Root::new(&top) }], ..Plan::read_only(&top) },
        "symbolic link",
    );
}

#[test]
fn links_at_the_top_are_kept_with_what_they_lead_to() {
    let (_place, top) = bed();
    made(top.join("real"));
    for (link, target) in [(".codex", "one"), ("one", "real"), (".agents", "not/there"), (".git", "/etc"), ("x", "y")] {
        symlink(target, top.join(link)).unwrap();
    }
    let layout = Layout::of(&Plan::workspace(&top, [])).unwrap();
    let cover = |name: &str| layout.covers.get(&top.join(name)).copied();
    for (name, wanted) in [
        (".codex", Some(Cover::Link)),
        ("one", Some(Cover::Link)),
        ("real", Some(Cover::Protected)),
        (".agents", Some(Cover::Link)),
        (".git", Some(Cover::Link)),
        ("x", None),
    ] {
        assert_eq!(cover(name), wanted, "{name}");
    }
    assert_eq!(layout.missing, [top.join("not")]);
    assert_eq!(layout.covers.get(Path::new("/etc")), None);
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
fn further_paths_stay_as_they_are_wherever_they_lie_in_a_root() {
    let (_place, top) = bed();
    let own = made(top.join("store/worktrees/one"));
    let plan = Plan::workspace(&top, []);
    let protected = vec![own.clone(), top.join("later/.codex"), "/elsewhere".into()];
    let layout = Layout::of(&Plan { protected, ..plan }).unwrap();
    assert_eq!(layout.protected().collect::<Vec<_>>(), [&own]);
    assert!(layout.missing.contains(&top.join("later")), "{:?}", layout.missing);
    // Another command has reserved it: what lies below it is not to be made.
    fs::DirBuilder::new().mode(0o1755).create(top.join("later")).unwrap();
    let protected = vec![top.join("later/.codex")];
    let layout = Layout::of(&Plan { protected, ..Plan::workspace(&top, []) }).unwrap();
    assert!(layout.missing.contains(&top.join("later")), "{:?}", layout.missing);
}

#[test]
fn what_is_open_in_something_hidden_stays_whole_and_nothing_above_it_shows() {
    let (_place, top) = bed();
    let open = made(top.join("shut/between/open"));
    made(top.join("shut/secret"));
    fs::write(top.join("shut/seen"), "").unwrap();
    let roots = vec![Root::new(&top), Root::new(&open)];
    let readable = vec![top.join("shut/seen"), top.join("later")];
    let plan = Plan { roots, readable, ..Plan::read_only(&top) }.hide(top.join("shut")).hide(top.join("shut/secret"));
    let layout = Layout::of(&plan).unwrap();
    let expected = [
        (top.clone(), Cover::Root),
        (top.join("shut"), Cover::HiddenFolder),
        (top.join("shut/between/open"), Cover::Root),
        (top.join("shut/seen"), Cover::Protected),
    ];
    assert_eq!(layout.covers, BTreeMap::from(expected));
    assert!(layout.missing.contains(&open.join(".git")), "{:?}", layout.missing);
    assert!(layout.missing.contains(&top.join("later")), "{:?}", layout.missing);
    assert!(!layout.is_narrow);
}

#[test]
fn without_the_root_everything_in_it_is_hidden_but_what_is_named() {
    let (_place, top) = bed();
    let work = made(top.join("work"));
    let readable = vec!["/usr".into(), "/bin".into(), "/etc/passwd".into(), "/quire-is-not-there".into()];
    let plan = Plan { roots: vec![Root::new(&work)], readable, ..Plan::read_only(&work) }.hide("/");
    let layout = Layout::of(&plan).unwrap();
    assert!(layout.is_narrow && layout.missing.iter().all(|missing| missing.starts_with(&work)));
    let cover = |path: &str| layout.covers.get(Path::new(path)).copied();
    assert_eq!([cover("/usr"), cover("/etc")], [Some(Cover::Protected), Some(Cover::HiddenFolder)]);
    assert_eq!(cover("/etc/passwd"), Some(Cover::Protected));
    assert_eq!([cover("/"), cover("/proc"), cover("/dev"), cover("/quire-is-not-there")], [None; 4]);
    let first = work.ancestors().filter(|path| path.parent().is_some()).last().unwrap();
    assert_eq!(
        [cover(first.to_str().unwrap()), cover(work.to_str().unwrap())],
        [Some(Cover::HiddenFolder), Some(Cover::Root)]
    );
    for entry in fs::read_dir("/").unwrap().flatten().filter(|entry| !entry.file_type().unwrap().is_symlink()) {
        let is_fresh = FRESH.iter().any(|fresh| entry.path() == Path::new(fresh));
        assert_eq!(layout.covers.contains_key(&entry.path()), !is_fresh, "{entry:?}");
    }
}

#[test]
fn a_command_that_could_see_neither_its_folder_nor_programs_is_refused() {
    let (_place, top) = bed();
    let plan = Plan { readable: vec!["/usr".into()], ..Plan::read_only(&top) };
    refused(&plan.clone().hide("/"), "the working folder");
    refused(&plan.clone().hide(&top), "the working folder");
    refused(&Plan { readable: vec![top.clone()], ..plan }.hide("/"), "the system's programs");
}

#[test]
fn a_root_of_a_profile_may_be_missing_or_a_file() {
    let (_place, top) = bed();
    let optional = |name: &str| Root { is_optional: true, ..Root::new(top.join(name)) };
    fs::write(top.join("file"), "").unwrap();
    let plan = Plan { roots: vec![optional("none"), optional("file")], ..Plan::read_only(&top) };
    let layout = Layout::of(&plan).unwrap();
    assert_eq!(layout.covers, BTreeMap::from([(top.join("file"), Cover::Root)]));
    assert_eq!((layout.roots.len(), layout.missing), (1, Vec::new()));
}

#[test]
fn no_link_that_commands_can_change_leads_to_a_root() {
    let (_place, top) = bed();
    let (work, out) = (made(top.join("work")), made(top.join("out")));
    std::os::unix::fs::symlink(&out, work.join("temporary")).unwrap();
    std::os::unix::fs::symlink(&work, top.join("ours")).unwrap();
    let plan = |root: Root| Plan { roots: vec![Root::new(&work), root], ..Plan::read_only(&work) };
    refused(&plan(Root::new(work.join("temporary"))), "a link that commands can change");
    let layout = Layout::of(&plan(Root { is_optional: true, ..Root::new(work.join("temporary")) })).unwrap();
    assert_eq!(layout.roots.iter().map(|root| &root.path).collect::<Vec<_>>(), [&work]);
    let layout = Layout::of(&plan(Root::new(top.join("ours/../out")))).unwrap();
    assert_eq!(layout.roots.len(), 2, "a link elsewhere is the user's own");
}

#[test]
fn a_link_of_the_project_leads_to_no_root_and_to_nothing_readable() {
    let (_place, top) = bed();
    let (work, out) = (made(top.join("work")), made(top.join("out")));
    std::os::unix::fs::symlink(&out, work.join("target")).unwrap();
    let optional = Root { is_optional: true, ..Root::new(work.join("target")) };
    let plan = Plan {
        roots: vec![optional],
        readable: vec![work.join("target")],
        workspace: vec![work.clone()],
        ..Plan::read_only(&work)
    };
    let layout = Layout::of(&plan).unwrap();
    assert!(layout.roots.is_empty() && layout.covers.is_empty(), "{layout:?}");
}
