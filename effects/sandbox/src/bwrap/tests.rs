use super::*;
use crate::layout::Known;

fn layout(covers: &[(&str, Cover)]) -> Layout {
    let roots = covers.iter().filter(|(_, cover)| *cover == Cover::Root);
    Layout {
        cwd: "/w/sub".into(),
        roots: roots.map(|(path, _)| Known { path: path.into(), device: 1, inode: 1 }).collect(),
        covers: covers.iter().map(|(path, cover)| (PathBuf::from(path), *cover)).collect(),
        missing: Vec::new(),
        is_narrow: false,
        notes: Vec::new(),
        thinned: Vec::new(),
        linked: Vec::new(),
        temporary: Vec::new(),
    }
}

fn rendered(layout: &Layout, network: Network, surroundings: Surroundings) -> String {
    let words: Vec<String> =
        arguments(layout, network, surroundings).iter().map(|word| word.to_string_lossy().into_owned()).collect();
    words.join(" ")
}

#[test]
fn a_workspace_is_its_roots_over_a_machine_that_can_only_be_read() {
    let layout = layout(&[
        ("/w", Cover::Root),
        ("/w/.git", Cover::Protected),
        ("/w/a", Cover::Pin),
        ("/w/a/home", Cover::HiddenFolder),
        ("/w/a/home/deep", Cover::Root),
        ("/w/key", Cover::HiddenFile),
    ]);
    let line = rendered(&layout, Network::Off, Surroundings { is_root: false, lock: Some(9), gate: Some([7, 8]) });
    let expected = "--unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try --unshare-net \
                    --die-with-parent --ro-bind / / --dev /dev --proc /proc --ro-bind /proc/sys /proc/sys \
                    --bind /w /w --ro-bind /w/.git /w/.git --bind /w/a /w/a --perms 0500 --tmpfs /w/a/home \
                    --bind /w/a/home/deep /w/a/home/deep --ro-bind /dev/null /w/key --remount-ro /w/a/home \
                    --sync-fd 9 --info-fd 7 --block-fd 8 --chdir /w/sub --";
    assert_eq!(line, expected);
}

#[test]
fn root_gets_no_user_namespace_and_the_network_stays_when_it_may() {
    let line = rendered(&layout(&[]), Network::On, Surroundings { is_root: true, lock: None, gate: None });
    for word in ["--unshare-user", "--unshare-net", "--sync-fd", "--bind", "--new-session"] {
        assert!(!line.split(' ').any(|each| each == word), "{word} in {line}");
    }
}

#[test]
fn a_program_that_others_can_replace_is_not_trusted() {
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("bwrap");
    fs::write(&program, "").unwrap();
    assert!(!is_the_systems(&program), "/tmp can be written by everybody");
    assert!(is_the_systems(Path::new("/usr/bin/env")));
}
