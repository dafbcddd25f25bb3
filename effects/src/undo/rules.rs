//! What git ignores: the rules of a folder and of those above it.

use std::{
    fs::File,
    io::Read as _,
    os::fd::AsFd,
    path::{Path, PathBuf},
    rc::Rc,
};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustix::fs::{Mode, OFlags};

/// Largest file of rules that is read.
const RULES_BYTES: u64 = 1024 * 1024;

/// The rules that hold in one folder, the nearest first.
#[derive(Clone, Default)]
pub(crate) struct Rules(Option<Rc<Level>>);

struct Level {
    rules: Gitignore,
    above: Rules,
}

impl Rules {
    /// The rules above a root: those of the person, of the repository that the root lies in, and of the folders between.
    pub(crate) fn above(root: &Path) -> Self {
        let (global, _) = Gitignore::global();
        let mut rules = Self::default().with(global);
        let Some(top) = root.ancestors().find(|folder| folder.join(".git").exists()) else { return rules };
        rules = rules.with_file(top, &top.join(".git/info/exclude"));
        let mut between: Vec<PathBuf> = root.ancestors().skip(1).map(Path::to_owned).collect();
        between.retain(|folder| folder.starts_with(top));
        for folder in between.iter().rev() {
            rules = rules.with_file(folder, &folder.join(".gitignore"));
        }
        rules
    }

    /// The rules in a folder that is held by descriptor: those above, and its own.
    pub(crate) fn inside(&self, path: &Path, folder: impl AsFd) -> Self {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        match rustix::fs::openat(folder, ".gitignore", flags, Mode::empty()) {
            Ok(file) => self.clone().with_text(path, File::from(file)),
            Err(_) => self.clone(),
        }
    }

    /// Whether a path is ignored. What is in an ignored folder is never asked for.
    pub(crate) fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let mut level = &self.0;
        while let Some(held) = level {
            let found = held.rules.matched(path, is_folder);
            if !found.is_none() {
                return found.is_ignore();
            }
            level = &held.above.0;
        }
        false
    }

    fn with(self, rules: Gitignore) -> Self {
        if rules.is_empty() { self } else { Self(Some(Rc::new(Level { rules, above: self }))) }
    }

    fn with_file(self, folder: &Path, path: &Path) -> Self {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(file) => self.with_text(folder, File::from(file)),
            Err(_) => self,
        }
    }

    fn with_text(self, folder: &Path, file: File) -> Self {
        let mut bytes = Vec::new();
        // A folder of that name, or a file that cannot be read, has no rules.
        if file.take(RULES_BYTES).read_to_end(&mut bytes).is_err() {
            return self;
        }
        let mut builder = GitignoreBuilder::new(folder);
        for line in String::from_utf8_lossy(&bytes).lines() {
            // A line that is no pattern ignores nothing.
            let _ = builder.add_line(None, line);
        }
        match builder.build() {
            Ok(rules) => self.with(rules),
            Err(_) => self,
        }
    }
}
