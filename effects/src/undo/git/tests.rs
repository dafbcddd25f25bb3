//! What git itself has written is read here.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Repository, converts, oid};

/// A repository that git has made; `None` where there is no git.
struct World {
    _folder: tempfile::TempDir,
    top: PathBuf,
}

impl World {
    fn of(files: &[(&str, String)]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap().join("repository");
        fs::create_dir(&top).unwrap();
        let world = Self { _folder: folder, top };
        Command::new("git").arg("--version").output().ok()?;
        world.git(&["init", "-q"]);
        for (path, content) in files {
            let path = world.top.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        world.git(&["add", "-A"]);
        world.git(&["commit", "-qm", "all"]);
        Some(world)
    }

    fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
        command.args(identity).args(arguments).current_dir(&self.top);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Makes the index older than nothing that is checked out: every file's entry counts.
    fn settle(&self) {
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(60);
        fs::File::open(self.top.join(".git/index")).unwrap().set_modified(later).unwrap();
    }

    /// What the index says is checked out, with the contents that the store has of it.
    fn contents(&self) -> Vec<(String, Option<Vec<u8>>)> {
        let repository = Repository::of(&self.top).unwrap();
        let mut index = repository.index().unwrap();
        let mut all = Vec::new();
        while let Some((path, entry)) = index.next() {
            let content = repository.store().read(&entry.oid, u64::from(entry.size));
            all.push((String::from_utf8(path.to_vec()).unwrap(), content));
        }
        all
    }
}

fn files() -> Vec<(&'static str, String)> {
    let long: String = (0..3000).map(|at| format!("line {at}\n")).collect();
    vec![
        ("a", "1\n".to_owned()),
        ("deep/er/long", long.clone()),
        ("deep/er/longer", format!("{long}more\n")),
        ("deep/longest", format!("before\n{long}")),
        ("empty", String::new()),
        ("some name that is quite long/so that entries are filled up in all ways", "x".to_owned()),
    ]
}

fn expected() -> Vec<(String, Option<Vec<u8>>)> {
    files().into_iter().map(|(path, content)| (path.to_owned(), Some(content.into_bytes()))).collect()
}

#[test]
fn contents_are_those_that_were_checked_out_loose_and_packed() {
    let Some(world) = World::of(&files()) else { return };
    world.settle();
    assert_eq!(world.contents(), expected(), "loose");
    for version in ["2", "3", "4"] {
        world.git(&["update-index", "--index-version", version, "--force-write-index"]);
        world.settle();
        assert_eq!(world.contents(), expected(), "version {version}");
    }
    let held = Repository::of(&world.top).unwrap();
    world.git(&["repack", "-adq", "--depth=50", "--window=50"]);
    assert!(!world.top.join(".git/objects").join("d0").exists(), "nothing is loose any more");
    assert_eq!(world.contents(), expected(), "packed");
    let name = oid(b"1\n");
    assert_eq!(held.store().read(&name, 2), Some(b"1\n".to_vec()), "who opened the store before finds it, too");
    assert_eq!(held.store().missing(&[[0; 20], name, [0xFF; 20]]), [[0; 20], [0xFF; 20]]);
}

#[test]
fn an_entry_that_may_be_older_than_its_file_does_not_count() {
    let Some(world) = World::of(&files()) else { return };
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    fs::File::open(world.top.join(".git/index")).unwrap().set_modified(long_ago).unwrap();
    assert_eq!(world.contents(), []);
}

#[test]
fn a_worktree_and_a_clone_that_borrows_find_the_contents() {
    let Some(world) = World::of(&files()) else { return };
    let beside = |name: &str| world.top.with_file_name(name);
    world.git(&["worktree", "add", "-q", beside("tree").to_str().unwrap()]);
    world.git(&["clone", "-q", "--shared", ".", beside("borrowing").to_str().unwrap()]);
    for (name, store) in [("tree", Path::new("tree")), ("borrowing", Path::new("borrowing"))] {
        let repository = Repository::of(&beside(store.to_str().unwrap())).unwrap();
        assert_eq!(repository.store().read(&oid(b"1\n"), 2), Some(b"1\n".to_vec()), "{name}");
        assert!(repository.index().is_some(), "{name}");
    }
}

#[test]
fn lines_of_windows_are_given_back_and_other_lengths_are_not_believed() {
    let Some(world) = World::of(&[("a", "one\ntwo\n".to_owned())]) else { return };
    let repository = Repository::of(&world.top).unwrap();
    let read = |size| repository.store().read(&oid(b"one\ntwo\n"), size);
    assert_eq!((read(8), read(10)), (Some(b"one\ntwo\n".to_vec()), Some(b"one\r\ntwo\r\n".to_vec())));
    assert_eq!((read(7), read(9), read(11)), (None, None, None));
}

#[test]
fn what_could_be_anything_else_is_no_repository() {
    let Some(world) = World::of(&files()) else { return };
    let attributes = world.top.join(".gitattributes");
    for (text, differs) in
        [("* text=auto\n# filter=x\n", false), ("*.bin filter=lfs\n", true), ("a working-tree-encoding=UTF-16\n", true)]
    {
        fs::write(&attributes, text).unwrap();
        assert_eq!(converts(&attributes), differs, "{text}");
    }
    assert!(Repository::of(&world.top).is_some());
    fs::write(world.top.join(".git/info/attributes"), "* filter=x\n").unwrap();
    assert!(Repository::of(&world.top).is_none());
    fs::remove_file(world.top.join(".git/info/attributes")).unwrap();
    world.git(&["config", "extensions.objectFormat", "sha256"]);
    assert!(Repository::of(&world.top).is_none());
}

#[test]
fn damage_and_what_waits_is_passed_over() {
    let Some(world) = World::of(&files()) else { return };
    world.git(&["repack", "-adq"]);
    world.settle();
    let packs = world.top.join(".git/objects/pack");
    let file = |ending: &str| {
        let mut all = fs::read_dir(&packs).unwrap().map(|entry| entry.unwrap().path());
        all.find(|path| path.extension().is_some_and(|found| found == ending)).unwrap()
    };
    let whole = fs::read(file("pack")).unwrap();
    for at in (12..whole.len()).step_by(whole.len() / 40 + 1) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        let path = file("pack");
        fs::remove_file(&path).unwrap();
        fs::write(&path, damaged).unwrap();
        // Each content is whole or none.
        for ((path, content), (expected, right)) in world.contents().into_iter().zip(expected()) {
            assert!(path == expected && (content.is_none() || content == right), "{path} at {at}");
        }
    }
    let index = fs::read(world.top.join(".git/index")).unwrap();
    for length in (0..index.len()).step_by(7) {
        fs::write(world.top.join(".git/index"), &index[..length]).unwrap();
        if let Some(mut index) = Repository::of(&world.top).unwrap().index() {
            while index.next().is_some() {}
        }
    }
    fs::remove_file(world.top.join(".git/index")).unwrap();
    assert!(Command::new("mkfifo").arg(world.top.join(".git/index")).status().unwrap().success());
    assert!(Repository::of(&world.top).unwrap().index().is_none());
}
