//! A machine with a canary outside, and a way to run a script inside by every means.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command},
};

use rustix::fs::{lgetxattr, llistxattr};
use tempfile::TempDir;

use super::{machine::Machine, reached::reached};
use crate::{
    bed::{Bed, QUIRE, Ran, finish},
    skip::{has, skip},
};

/// Interpreter for what a shell cannot do.
pub(crate) const PYTHON: &str = "/usr/bin/python3";
pub(crate) const BUBBLEWRAP: &str = "/usr/bin/bwrap";
/// Who has no rights anywhere.
const NOBODY: u32 = 65534;

/// Who runs the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// The user that runs the tests.
    Own,
    /// A user without rights; only root can try this.
    Nobody,
}

/// A machine. The canary lies outside every writable root, but anybody could write in it.
pub(crate) struct Stand {
    pub(crate) bed: Bed,
    canary: TempDir,
    before: Vec<String>,
    pub(crate) user: User,
    pub(crate) means: &'static str,
    /// Where programs run.
    pub(crate) machine: Machine,
}

/// Runs a test by every means that this machine has, as every user that it can become.
pub(crate) fn everywhere(test: impl Fn(&Stand)) {
    for user in users() {
        for means in ["bubblewrap", "native"] {
            if means == "bubblewrap" && !has(BUBBLEWRAP) {
                continue;
            }
            let stand = Stand::new(user, means);
            println!("by {means}, as {user:?}");
            test(&stand);
            stand.is_untouched();
        }
    }
}

pub(crate) fn users() -> Vec<User> {
    match reached() {
        Ok(_) => vec![User::Own, User::Nobody],
        Err(reason) => {
            skip(format_args!("as another user: {reason}"));
            vec![User::Own]
        }
    }
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl Stand {
    pub(crate) fn new(user: User, means: &'static str) -> Self {
        let bed = Bed::new();
        fs::remove_dir_all(bed.path("home/work/.git")).unwrap();
        bed.file("codex/auth.json", "canary-login");
        let canary = tempfile::Builder::new().prefix("quire-canary-").tempdir_in("/var/tmp").unwrap();
        fs::create_dir(canary.path().join("folder")).unwrap();
        fs::write(canary.path().join("file"), "canary").unwrap();
        let mut stand = Self { bed, canary, before: Vec::new(), user, means, machine: Machine::Own };
        stand.own(&stand.bed.root());
        stand.own(stand.canary.path());
        let path = stand.canary.path().to_str().unwrap().to_owned();
        stand.bed.set("CANARY", &path);
        stand.before = stand.seen();
        stand
    }

    /// The folder outside.
    pub(crate) fn canary(&self) -> &Path {
        self.canary.path()
    }

    /// The working folder.
    pub(crate) fn work(&self) -> PathBuf {
        self.bed.path("home/work")
    }

    /// Gives everything below a folder to the user of this stand.
    pub(crate) fn own(&self, folder: &Path) {
        if self.user == User::Nobody {
            let all = [vec![folder.to_owned()], entries(folder)].concat();
            for path in all {
                match std::os::unix::fs::lchown(&path, Some(NOBODY), Some(NOBODY)) {
                    // A test may swap names meanwhile.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    owned => owned.unwrap(),
                }
            }
        }
    }

    /// The words that start a program as the user of this stand, on its machine.
    pub(crate) fn line<'a>(&self, program: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
        let own = self.quire();
        let words = [&[program], arguments].concat().into_iter().map(|word| if word == QUIRE { own } else { word });
        self.machine.line(self.user).into_iter().chain(words).collect()
    }

    /// The path of the program for the user of this stand.
    pub(crate) fn quire(&self) -> &'static str {
        match (self.user, reached()) {
            (User::Nobody, Ok(reached)) => &reached.quire,
            _ => QUIRE,
        }
    }

    /// The path of the running test program for the user of this stand.
    pub(crate) fn tests(&self) -> PathBuf {
        match (self.user, reached()) {
            (User::Nobody, Ok(reached)) => reached.tests.clone(),
            _ => std::env::current_exe().unwrap(),
        }
    }

    /// Any program as the user of this stand.
    pub(crate) fn program(&self, program: &str, arguments: &[&str]) -> Command {
        let line = self.line(program, arguments);
        let mut command = self.bed.any(line[0]);
        command.args(&line[1..]);
        command
    }

    /// A command in the sandbox of this mode.
    pub(crate) fn start(&self, mode: &str, argv: &[&str]) -> Child {
        let before = ["sandbox", "--backend", self.means, "-s", mode, "--"];
        self.program(QUIRE, &[&before, argv].concat()).spawn().unwrap()
    }

    pub(crate) fn run(&self, mode: &str, argv: &[&str]) -> Ran {
        finish(self.start(mode, argv))
    }

    /// A shell script under workspace-write.
    pub(crate) fn shell(&self, script: &str) -> Ran {
        self.run("workspace-write", &["/bin/sh", "-c", script])
    }

    /// A Python script; `None` where there is no Python.
    pub(crate) fn python(&self, mode: &str, script: &str) -> Option<Ran> {
        has(PYTHON).then(|| self.run(mode, &[PYTHON, "-I", "-c", script]))
    }

    /// Every line of the script is a try to do harm; none may succeed.
    #[track_caller]
    pub(crate) fn none_succeeds(&self, mode: &str, tries: &[&str]) {
        self.none_succeeds_with(&["-s", mode], tries);
    }

    /// The same with these options instead of a mode.
    #[track_caller]
    pub(crate) fn none_succeeds_with(&self, options: &[&str], tries: &[&str]) {
        let script: String = tries
            .iter()
            .map(|each| format!("({each}) 2>/dev/null && echo \"HOLE: {}\"\n", each.replace('"', "'").replace('$', "")))
            .collect();
        let script = format!("{script}echo done");
        let line = [&["sandbox", "--backend", self.means], options, &["--", "/bin/sh", "-c", &script]].concat();
        let ran = finish(self.program(QUIRE, &line).spawn().unwrap()).ends_with(0);
        assert_eq!(ran.stdout, "done\n", "by {}, as {:?}: {}", self.means, self.user, ran.stderr);
    }

    /// Nothing changed outside.
    #[track_caller]
    pub(crate) fn is_untouched(&self) {
        assert_eq!(self.seen(), self.before, "the canary changed, by {}, as {:?}", self.means, self.user);
    }

    fn seen(&self) -> Vec<String> {
        picture(self.canary.path())
    }
}

/// Everything about a folder that a command could change.
pub(crate) fn picture(folder: &Path) -> Vec<String> {
    picture_without(folder, &|_| false)
}

/// The same but for the paths that are of no interest.
pub(crate) fn picture_without(folder: &Path, is_left_out: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let mut all = [vec![folder.to_owned()], entries(folder)].concat();
    all.retain(|path| !is_left_out(path));
    let line = |path: &PathBuf| {
        let facts = fs::symlink_metadata(path).unwrap();
        let content = if facts.is_file() { fs::read(path).unwrap() } else { Vec::new() };
        let (mode, owner, links, changed) = (facts.mode(), facts.uid(), facts.nlink(), facts.mtime_nsec());
        let target = fs::read_link(path).ok().map(|target| format!(" -> {}", target.display())).unwrap_or_default();
        let beside = attributes(path);
        format!("{} {mode:o} {owner} {links} {changed} {content:?}{target}{beside}", path.display())
    };
    all.iter().map(line).collect()
}

/// What a file carries beside its bytes: labels, access lists.
fn attributes(path: &Path) -> String {
    let mut names = [0; 4096];
    let length = llistxattr(path, &mut names[..]).unwrap_or(0);
    let names = names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let told = names.map(|name| {
        let mut value = [0; 4096];
        let length = lgetxattr(path, name, &mut value[..]).unwrap_or(0);
        format!(" {}={:?}", String::from_utf8_lossy(name), &value[..length])
    });
    told.collect()
}

/// Everything below a folder, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        found.push(entry.path());
        if entry.file_type().unwrap().is_dir() {
            found.extend(entries(&entry.path()));
        }
    }
    found.sort();
    found
}
