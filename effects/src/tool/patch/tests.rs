//! Patches on real files.

mod carried;
pub(super) mod killed;

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use quire_state::{
    patch::Rejection,
    policy::{Network, Root, SandboxPlan},
};
use quire_steering::Steering;
use tempfile::TempDir;

use super::{Planned, Roots};

fn apply(cwd: &Path, roots: &[PathBuf], text: &str) -> Result<Planned, Rejection> {
    super::apply(cwd, &Roots::open(roots, &Steering::default()).map_err(Rejection::new)?, text, None, |_| true)
}

/// A workspace with a neighbour that no patch may touch.
struct World {
    dir: TempDir,
}

impl World {
    fn of(files: &[(&str, &str)]) -> Self {
        let world = Self { dir: TempDir::new().unwrap() };
        fs::create_dir(world.path("out")).unwrap();
        fs::write(world.path("out/secret"), "a\n").unwrap();
        fs::create_dir(world.root()).unwrap();
        for (path, content) in files {
            let path = world.path("ws").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        world
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn root(&self) -> PathBuf {
        self.path("ws")
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    fn apply(&self, sections: &str) -> Result<String, Rejection> {
        let text = format!("*** Begin Patch\n{sections}*** End Patch\n");
        apply(&self.root(), &[self.root()], &text).map(|applied| super::patch::success(&applied.changes))
    }

    /// The same without a look at everything.
    fn refuse_unread(&self, sections: &str) -> String {
        self.apply(sections).expect_err(sections).to_string()
    }

    /// Applies a patch that must be refused without a trace, and tells why.
    fn refuse(&self, sections: &str) -> String {
        let before = picture(self.dir.path());
        let rejection = self.apply(sections).expect_err(sections);
        assert_eq!(picture(self.dir.path()), before, "{rejection}");
        rejection.to_string()
    }
}

/// Every file with its mode, its number and its content.
fn picture(folder: &Path) -> Vec<(PathBuf, u32, u64, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let meta = fs::symlink_metadata(&path).unwrap();
        let content = match meta.is_file() {
            true => fs::read(&path).unwrap_or_default(),
            false if meta.is_symlink() => fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes(),
            false => Vec::new(),
        };
        all.push((path.clone(), meta.mode(), meta.ino(), content));
        if meta.is_dir() {
            all.extend(picture(&path));
        }
    }
    all.sort();
    all
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const CHANGE: &str = "@@\n-a\n+b\n";

#[test]
fn all_kinds_of_changes_are_written() {
    let world = World::of(&[("m", "a\n"), ("d", "a\n"), ("v", "a\n"), ("o", "a\n")]);
    let told = world.apply(&format!(
        "*** Add File: n/deep/er\n+x\n*** Update File: m\n{CHANGE}*** Delete File: d\n*** Update File: v\n*** Move to: n/v\n{CHANGE}*** Add File: o\n+y\n"
    ));
    assert_eq!(told.unwrap(), "Success. Updated the following files:\nA n/deep/er\nA o\nM m\nM n/v\nD d\n");
    assert_eq!(
        (world.read("n/deep/er"), world.read("m"), world.read("n/v"), world.read("o")),
        ("x\n".into(), "b\n".into(), "b\n".into(), "y\n".into())
    );
    assert_eq!(names(&world.root()), ["m", "n", "o"]);
    assert_eq!(
        (names(&world.root().join("n")), names(&world.root().join("n/deep"))),
        (vec!["deep".into(), "v".into()], vec!["er".into()])
    );
}

#[test]
fn absolute_paths_and_paths_through_links_inside_are_followed() {
    let world = World::of(&[("d/f", "a\n"), ("g", "a\n")]);
    symlink("d", world.root().join("relative")).unwrap();
    symlink(world.root().join("d"), world.root().join("absolute")).unwrap();
    symlink("../g", world.root().join("d/link")).unwrap();
    symlink(world.root(), world.path("alias")).unwrap();
    let (root, alias) = (world.root(), world.path("alias"));
    world.apply(&format!("*** Update File: {}/g\n{CHANGE}", root.display())).unwrap();
    world.apply("*** Update File: relative/f\n@@\n-a\n+1\n").unwrap();
    world.apply("*** Update File: absolute/f\n@@\n-1\n+2\n").unwrap();
    world.apply(&format!("*** Update File: {}/d/f\n@@\n-2\n+3\n", alias.display())).unwrap();
    world.apply("*** Update File: relative/link\n@@\n-b\n+c\n").unwrap();
    world.apply("*** Add File: absolute/x/y\n+new\n").unwrap();
    assert_eq!((world.read("d/f"), world.read("g"), world.read("d/x/y")), ("3\n".into(), "c\n".into(), "new\n".into()));
    assert!(root.join("d/link").is_symlink() && root.join("relative").is_symlink());
    assert_eq!(names(&root), ["absolute", "d", "g", "relative"]);
}

#[test]
fn nothing_outside_is_reached() {
    let world = World::of(&[("f", "a\n")]);
    symlink("../out", world.root().join("folder")).unwrap();
    symlink(world.path("out"), world.root().join("absolute")).unwrap();
    symlink("../out/secret", world.root().join("file")).unwrap();
    symlink("/proc/self/cwd", world.root().join("magic")).unwrap();
    let secret = world.path("out/secret");
    let updates = ["../out/secret", "f/../../out/secret", "folder/secret", "absolute/secret", "file", "../ws2/f"];
    for path in updates.into_iter().chain(secret.to_str()) {
        let why = world.refuse(&format!("*** Update File: f\n{CHANGE}*** Update File: {path}\n{CHANGE}"));
        assert!(why.contains(&format!("{path}: the path leads out of the folders that may be written.")), "{why}");
    }
    for path in ["../x", "folder/x", "absolute/x", "folder/new/x", "magic/x"] {
        assert!(world.refuse(&format!("*** Add File: {path}\n+x\n")).contains("leads out of"), "{path}");
        assert!(world.refuse(&format!("*** Update File: f\n*** Move to: {path}\n")).contains("leads out of"), "{path}");
    }
    world.refuse("*** Delete File: file\n");
}

#[test]
fn a_home_is_only_a_name() {
    let world = World::of(&[]);
    world.apply("*** Add File: ~/.bashrc\n+x\n").unwrap();
    assert_eq!(world.read("~/.bashrc"), "x\n");
}

#[test]
fn protected_names_are_refused_whether_or_not_they_exist() {
    let world = World::of(&[("f", "a\n"), ("sub/.git/config", "a\n"), ("sub/.codex/x", "a\n")]);
    let adds =
        [".git", ".git/hooks/pre-commit", ".codex/config.toml", ".agents/x", "f/../.git/x", ".GIT/x", "sub/.git/x"];
    for round in ["missing", "present"] {
        for path in adds {
            let why = world.refuse(&format!("*** Add File: {path}\n+x\n"));
            assert!(why.contains("is protected"), "{round}: {why}");
        }
        assert!(world.refuse("*** Update File: f\n*** Move to: .git/x\n").contains("is protected"));
        for folder in [".git/hooks", ".codex", ".agents"] {
            fs::create_dir_all(world.root().join(folder)).unwrap();
        }
    }
    symlink(".git", world.root().join("innocent")).unwrap();
    symlink("sub", world.root().join(".agents/link")).unwrap();
    assert!(world.refuse("*** Add File: innocent/hooks/x\n+x\n").contains("is protected"));
    assert!(world.refuse("*** Update File: sub/.git/config\n@@\n-a\n+b\n").contains("is protected"));
    // At the top of a root only.
    world.apply(&format!("*** Update File: sub/.codex/x\n{CHANGE}")).unwrap();
}

#[test]
fn the_folder_that_a_git_file_points_to_is_protected() {
    let world = World::of(&[("store/config", "a\n"), ("f", "a\n")]);
    fs::write(world.root().join(".git"), "gitdir: store\n").unwrap();
    // Relative to the folder that the file is in, wherever the program runs.
    assert!(world.refuse(&format!("*** Update File: store/config\n{CHANGE}")).contains("git reads it"));
    assert!(world.refuse("*** Add File: store/hooks/x\n+x\n").contains("git reads it"));
}

#[test]
fn modes_are_kept() {
    let world = World::of(&[("x", "a\n"), ("s", "a\n"), ("o", "a\n")]);
    for (name, mode) in [("x", 0o755), ("s", 0o600), ("o", 0o640)] {
        fs::set_permissions(world.root().join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    world
        .apply(&format!(
            "*** Update File: x\n{CHANGE}*** Update File: s\n*** Move to: moved\n{CHANGE}*** Add File: o\n+y\n"
        ))
        .unwrap();
    let mode = |name: &str| fs::metadata(world.root().join(name)).unwrap().mode() & 0o7777;
    assert_eq!((mode("x"), mode("moved"), mode("o")), (0o755, 0o600, 0o640));
}

#[test]
fn the_last_of_many_files_refuses_the_whole() {
    let files: Vec<(String, &str)> = (1..=20).map(|number| (format!("f{number}"), "a\n")).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, content)| (path.as_str(), *content)).collect();
    let world = World::of(&files);
    fs::create_dir(world.root().join("folder")).unwrap();
    let many: String = (1..=20).map(|number| format!("*** Update File: f{number}\n{CHANGE}")).collect();
    let why = world.refuse(&format!("*** Add File: new/x\n+x\n{many}*** Update File: ./f20\n@@\n-a\n+b\n"));
    assert!(why.contains("./f20, hunk 1: these lines are not in the file"), "{why}");
    for (last, reason) in [
        ("*** Update File: folder\n-a\n+b\n", "folder: it is a folder"),
        ("*** Add File: folder\n+b\n", "folder: it is a folder"),
        ("*** Add File: f1/x\n+b\n", "f1/x: a part of the path is a file"),
        ("*** Update File: f1\n*** Move to: folder\n", "folder: it is a folder"),
        ("*** Update File: nothing\n-a\n", "nothing: the file does not exist"),
    ] {
        let why = world.refuse(&format!("{many}{last}"));
        assert!(why.contains(reason), "{why}");
    }
}

#[test]
fn a_file_that_changes_meanwhile_takes_everything_back() {
    let world = World::of(&[("a", "a\n"), ("b", "a\n"), ("v", "a\n"), ("z", "a\n")]);
    let text = format!(
        "*** Begin Patch\n*** Update File: a\n{CHANGE}*** Delete File: b\n*** Add File: c/new\n+x\n*** Update File: v\n*** Move to: w\n{CHANGE}*** Update File: z\n{CHANGE}*** End Patch\n"
    );
    let (planned, spots) =
        super::prepare(&world.root(), &Roots::open(&[world.root()], &Steering::default()).unwrap(), &text).unwrap();
    fs::write(world.root().join("z"), "another\n").unwrap();
    let before = picture(world.dir.path());
    let rejection = super::commit::commit(&planned.changes, &spots, None).unwrap_err();
    assert_eq!(rejection.path.as_deref(), Some("z"));
    assert!(rejection.reason.contains("something else changed the file meanwhile"), "{rejection}");
    assert_eq!(picture(world.dir.path()), before);
    // A file that appears where a new one should go is not replaced.
    fs::write(world.root().join("z"), "a\n").unwrap();
    let (planned, spots) =
        super::prepare(&world.root(), &Roots::open(&[world.root()], &Steering::default()).unwrap(), &text).unwrap();
    fs::write(world.root().join("w"), "another\n").unwrap();
    let before = picture(world.dir.path());
    assert!(super::commit::commit(&planned.changes, &spots, None).unwrap_err().reason.contains("file exists"));
    assert_eq!(picture(world.dir.path()), before);
}

#[test]
fn odd_files_are_refused() {
    let world = World::of(&[("f", "a\n"), ("twin", "a\n")]);
    fs::hard_link(world.root().join("twin"), world.root().join("other")).unwrap();
    symlink("nothing", world.root().join("dangling")).unwrap();
    symlink("loop", world.root().join("loop")).unwrap();
    symlink("f", world.root().join("link")).unwrap();
    assert!(Command::new("mkfifo").arg(world.root().join("pipe")).status().unwrap().success());
    for (patch, reason) in [
        (format!("*** Update File: twin\n{CHANGE}"), "hard links"),
        (format!("*** Update File: link\n*** Move to: x\n{CHANGE}"), "symbolic link"),
        ("*** Delete File: link\n".to_owned(), "symbolic link"),
        ("*** Add File: dangling\n+x\n".to_owned(), "broken symbolic link"),
        (format!("*** Update File: loop\n{CHANGE}"), "a broken symbolic link"),
        (format!("*** Update File: pipe\n{CHANGE}"), "not a regular file"),
        ("*** Add File: pipe\n+x\n".to_owned(), "not a regular file"),
        (format!("*** Update File: f\n{CHANGE}*** Update File: link\n{CHANGE}"), "by two paths"),
    ] {
        let why = world.refuse(&patch);
        assert!(why.contains(reason), "{why}");
    }
    // Removing one of several names harms nothing.
    world.apply("*** Delete File: other\n").unwrap();
    assert_eq!(world.read("twin"), "a\n");
}

#[test]
fn a_root_that_is_not_there_is_named() {
    let world = World::of(&[]);
    let text = "*** Begin Patch\n*** Add File: x\n*** End Patch";
    let why = apply(&world.root(), &[world.path("gone")], text).unwrap_err().to_string();
    assert!(why.contains("gone cannot be opened"), "{why}");
    let why = apply(&world.root(), &[], text).unwrap_err().to_string();
    assert!(why.contains("leads out of"), "{why}");
}

#[test]
fn several_roots_are_reached_each_with_its_protected_names() {
    let world = World::of(&[("f", "a\n")]);
    fs::create_dir(world.root().join("inner")).unwrap();
    let roots = [world.root(), world.root().join("inner"), world.path("out")];
    let apply = |sections: &str| apply(&world.root(), &roots, &format!("*** Begin Patch\n{sections}*** End Patch\n"));
    apply("*** Update File: ../out/secret\n@@\n-a\n+b\n*** Update File: f\n*** Move to: ../out/f\n").unwrap();
    assert_eq!(names(&world.path("out")), ["f", "secret"]);
    assert!(apply("*** Add File: inner/.codex/x\n+x\n").unwrap_err().reason.contains("protected"));
    assert!(apply("*** Add File: ../out/.agents\n+x\n").unwrap_err().reason.contains("protected"));
}

/// Runs one test of this file again in a process of its own, in the world given.
fn again(test: &str, world: &World, command: &mut Command) -> std::process::Output {
    let name = format!("tool::patch::tests::{test}");
    command.args([&name, "--exact", "--nocapture"]).env("QUIRE_PATCH_WORLD", world.root()).output().unwrap()
}

/// The workspace, in the process that [`again`] starts.
fn started_again() -> Option<PathBuf> {
    std::env::var_os("QUIRE_PATCH_WORLD").map(PathBuf::from)
}

#[test]
fn a_full_disk_changes_nothing() {
    let big = format!(
        "*** Begin Patch\n*** Add File: d/small\n+x\n*** Update File: f\n{CHANGE}*** Add File: large\n{}*** End Patch\n",
        "+xxxxxxx\n".repeat(4096)
    );
    if let Some(root) = started_again() {
        let why = apply(&root, std::slice::from_ref(&root), &big).unwrap_err().to_string();
        assert!(why.contains("large: the new content cannot be written: file too large"), "{why}");
        return;
    }
    let world = World::of(&[("f", "a\n")]);
    let before = picture(world.dir.path());
    // Sixteen blocks of 512 bytes, and a failing write instead of a signal.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    let output = again("a_full_disk_changes_nothing", &world, &mut shell);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(picture(world.dir.path()), before);
}

#[test]
fn what_may_not_be_written_stays() {
    if let Some(root) = started_again() {
        let text =
            format!("*** Begin Patch\n*** Update File: f\n{CHANGE}*** Update File: fixed\n{CHANGE}*** End Patch\n");
        let why = apply(&root, std::slice::from_ref(&root), &text).unwrap_err().to_string();
        assert!(why.contains("fixed: the file may not be written: permission denied"), "{why}");
        let text = format!("*** Begin Patch\n*** Update File: f\n{CHANGE}*** Add File: closed/x\n+x\n*** End Patch\n");
        let why = apply(&root, std::slice::from_ref(&root), &text).unwrap_err().to_string();
        assert!(why.contains("closed/x: the new content cannot be written: permission denied"), "{why}");
        return;
    }
    let world = World::of(&[("f", "a\n"), ("fixed", "a\n"), ("closed/y", "")]);
    let set = |path: PathBuf, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    set(world.root().join("fixed"), 0o444);
    set(world.root().join("closed"), 0o555);
    let mut command = Command::new(std::env::current_exe().unwrap());
    if rustix::process::geteuid().is_root() {
        // Nothing is closed to root, so another user has to try.
        use std::os::unix::process::CommandExt as _;
        command.uid(65534).gid(65534).current_dir("/");
        set(world.dir.path().to_owned(), 0o755);
        for path in [world.root(), world.root().join("f"), world.root().join("fixed"), world.root().join("closed")] {
            std::os::unix::fs::chown(path, Some(65534), Some(65534)).unwrap();
        }
    }
    let before = picture(world.dir.path());
    let output = again("what_may_not_be_written_stays", &world, &mut command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(picture(world.dir.path()), before);
}

#[test]
fn in_the_sandbox_of_commands_links_reach_no_further_than_commands() {
    let world = World::of(&[("f", "a\n"), ("agent/auth.json", "a\n"), ("kept/f", "a\n"), ("kept/open/f", "a\n")]);
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let root = |path: PathBuf, is_optional| Root {
        path: text(&path),
        protected: vec![".git".to_owned()],
        is_optional,
        is_temporary: false,
    };
    symlink("agent/auth.json", world.root().join("l")).unwrap();
    symlink("kept", world.root().join("k")).unwrap();
    symlink(world.path("out"), world.root().join("temporary")).unwrap();
    let plan = SandboxPlan {
        cwd: text(&world.root()),
        roots: vec![
            root(world.root(), false),
            root(world.root().join("kept/open"), false),
            root(world.root().join("temporary"), true),
            root(world.path("gone"), true),
        ],
        hidden: vec![text(&world.root().join("agent"))],
        readable: vec![text(&world.root().join("kept"))],
        patterns: Vec::new(),
        workspace: Vec::new(),
        network: Network::Off,
        local_sockets: false,
    };
    let change = |path: &str| {
        let patch = format!("*** Begin Patch\n*** Update File: {path}\n{CHANGE}*** End Patch\n");
        let roots = Roots::within(&plan, &Steering::default()).unwrap();
        super::apply(&world.root(), &roots, &patch, None, |_| true).map_err(|rejection| rejection.to_string())
    };
    let before = picture(world.dir.path());
    for path in ["agent/auth.json", "l", "kept/f", "k/f"] {
        assert!(change(path).unwrap_err().contains("hidden from commands"), "{path}");
    }
    assert!(change("temporary/secret").unwrap_err().contains("leads out"));
    assert_eq!(picture(world.dir.path()), before);
    change("f").unwrap();
    let planned = change("k/open/f").unwrap();
    let link = text(&world.root().join("k/open/f"));
    assert_eq!(planned.leads, [(link, text(&world.root().join("kept/open/f")))].into());
    let named =
        SandboxPlan { roots: vec![root(world.root().join("temporary"), false), root(world.root(), false)], ..plan };
    assert!(Roots::within(&named, &Steering::default()).unwrap_err().contains("can be changed"));
}
