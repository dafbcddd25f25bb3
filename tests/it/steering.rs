//! A new source cannot be forgotten: what a start, a turn and the user's next git command really open is traced, and all
//! of it has to be in the set of what steers.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    mem::MaybeUninit,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::{Path, PathBuf},
    process::Command,
};

use quire_steering::{Places, Root, Steering};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};

use crate::{
    bed::{Bed, finish},
    skip::has,
};

/// Sees which files below a folder are opened, by whomever.
struct Trace {
    events: OwnedFd,
    folders: BTreeMap<i32, PathBuf>,
}

impl Trace {
    fn begin(top: &Path) -> Self {
        let events = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
        let mut folders = BTreeMap::new();
        let mut ahead = vec![top.to_owned()];
        while let Some(folder) = ahead.pop() {
            let number = inotify::add_watch(&events, &folder, WatchFlags::OPEN).unwrap();
            let entries = fs::read_dir(&folder).unwrap().flatten();
            ahead.extend(entries.filter(|entry| entry.file_type().unwrap().is_dir()).map(|entry| entry.path()));
            folders.insert(number, folder);
        }
        let mut trace = Self { events, folders };
        // Our own look at the folders.
        trace.opened();
        trace
    }

    /// The files that were opened since the last call.
    fn opened(&mut self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        let mut space = [MaybeUninit::uninit(); 64 * 1024];
        let mut reader = inotify::Reader::new(&self.events, &mut space);
        while let Ok(event) = reader.next() {
            assert!(!event.events().contains(ReadFlags::QUEUE_OVERFLOW), "too many events");
            let name = event.file_name().filter(|_| !event.events().contains(ReadFlags::ISDIR));
            if let (Some(name), Some(folder)) = (name, self.folders.get(&event.wd())) {
                found.insert(folder.join(OsStr::from_bytes(name.to_bytes())));
            }
        }
        found
    }
}

/// A checkout with everything that Quire and git look for, and a repository within it.
fn world() -> Bed {
    let mut bed = Bed::with_script("when\n  say \"Done.\"\n");
    fs::remove_dir_all(bed.path("home/work/.git")).unwrap();
    bed.set("GIT_AUTHOR_NAME", "x");
    for (path, text) in [
        ("home/work/.gitignore", "ignored\n"),
        ("home/work/.gitattributes", "*.txt text\n"),
        ("home/work/.gitmodules", ""),
        ("home/work/AGENTS.md", "Be brief."),
        ("home/work/app/AGENTS.override.md", "Be briefer."),
        ("home/work/.codex/rules/a.rules", "prefix_rule(pattern = [\"x\"], decision = \"forbidden\")\n"),
        ("home/work/.agents/skills/x/SKILL.md", "---\nname: x\ndescription: y\n---\n"),
        ("home/work/shared.gitconfig", "[user]\n\tname = x\n"),
        ("home/.gitconfig", "[user]\n\temail = x@x\n[include]\n\tpath = .more\n"),
        ("home/.more", "[core]\n\tpager = cat\n"),
        ("codex/AGENTS.md", "Everywhere."),
        ("codex/rules/default.rules", ""),
    ] {
        bed.file(path, text);
    }
    let config = fs::read_to_string(bed.path("codex/config.toml")).unwrap();
    let trust = format!("{config}\n[projects.{:?}]\ntrust_level = \"trusted\"\n", bed.path("home/work"));
    bed.file("codex/config.toml", trust);
    let git = |arguments: &[&str]| {
        let mut command: Command = bed.any("git");
        finish(command.args(arguments).spawn().unwrap()).ends_with(0);
    };
    git(&["init", "--quiet", "."]);
    git(&["config", "include.path", "../shared.gitconfig"]);
    git(&["init", "--quiet", "vendor/x"]);
    git(&["-c", "user.name=x", "commit", "--quiet", "--allow-empty", "-m", "x"]);
    git(&["worktree", "add", "--quiet", "../tree"]);
    bed
}

#[test]
fn whatever_a_start_a_turn_and_git_open_is_known_to_steer_or_to_be_data() {
    if !has("git") {
        return;
    }
    let bed = world();
    let home = bed.path("home");
    let places = Places { home: Some(bed.path("codex")), user_home: Some(home.clone()), user_config: None };
    let root = Root { path: home.clone(), protected: [".git", ".codex", ".agents"].map(str::to_owned).to_vec() };
    let app = bed.path("home/work/app");
    let ground = Steering::new(places).ground(&[root], std::slice::from_ref(&app));

    let mut trace = Trace::begin(&home);
    let folder = app.to_str().unwrap();
    finish(bed.quire(&["exec", "-C", folder, "go"]).spawn().unwrap()).ends_with(0);
    let mut opened = trace.opened();
    for place in ["home/work/app", "home/work/vendor/x", "home/tree"] {
        for arguments in [["status", "--short"], ["config", "--list"]] {
            let mut command = bed.any("git");
            finish(command.arg("-C").arg(bed.path(place)).args(arguments).spawn().unwrap()).ends_with(0);
        }
    }
    opened.extend(trace.opened());

    let unknown: Vec<&PathBuf> = opened.iter().filter(|path| ground.entry(path).is_none()).collect();
    assert!(unknown.is_empty(), "opened, and not in the set: {unknown:#?}");
    // The trace sees them.
    for path in [
        "work/AGENTS.md",
        "work/app/AGENTS.override.md",
        "work/.codex/rules/a.rules",
        "work/.git/HEAD",
        "work/.git/config",
        "work/shared.gitconfig",
        "work/vendor/x/.git/config",
        "tree/.git",
        ".gitconfig",
        ".more",
    ] {
        assert!(opened.contains(&home.join(path)), "{path}: {opened:#?}");
    }
}
