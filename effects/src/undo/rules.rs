//! What git ignores: the rules of a folder and of those above it, as far as they are within bounds. A file of rules that is
//! not within them is not applied at all: a part of it could ignore what the rest does not.

use std::{
    cell::Cell,
    os::fd::AsFd,
    path::{Path, PathBuf},
    rc::Rc,
};

use ignore::gitignore::{Gitignore, GitignoreBuilder, gitconfig_excludes_path};
use quire_files::{Held, Links, limits, unfit};

/// Longest rule, and the most wildcards in one.
const RULE_BYTES: usize = 1024;
const WILDCARDS: usize = 32;
/// Most rules that a walk holds at the same time, and the most files of them: each is a set of automata.
const RULES: usize = 4000;
const FILES: usize = 400;

/// What the rules of one walk take.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    rules: Cell<usize>,
    files: Cell<usize>,
    is_exceeded: Cell<bool>,
}

impl Budget {
    /// Whether some rules were not applied.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.is_exceeded.get()
    }

    /// Makes room for a file of so many rules.
    fn takes(&self, rules: usize) -> bool {
        let fits = self.rules.get() + rules <= RULES && self.files.get() < FILES;
        if fits {
            self.rules.set(self.rules.get() + rules);
            self.files.set(self.files.get() + 1);
        }
        fits
    }
}

/// The rules that hold in one folder, the nearest first.
#[derive(Clone)]
pub(crate) struct Rules {
    level: Option<Rc<Level>>,
    budget: Rc<Budget>,
}

struct Level {
    rules: Gitignore,
    count: usize,
    above: Rules,
}

impl Drop for Level {
    fn drop(&mut self) {
        let budget = &self.above.budget;
        budget.rules.set(budget.rules.get().saturating_sub(self.count));
        budget.files.set(budget.files.get().saturating_sub(1));
    }
}

impl Rules {
    /// The rules above a root: those of the user, of the repository that the root lies in, and of the folders between.
    pub(crate) fn above(root: &Path, budget: &Rc<Budget>) -> Self {
        let mut rules = Self { level: None, budget: Rc::clone(budget) };
        let top = root.ancestors().find(|folder| is_git(&folder.join(".git")));
        if let Some(global) = global() {
            rules = rules.with_file(top.unwrap_or(root), &global);
        }
        let Some(top) = top else { return rules };
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
        match Held::open_in(folder, ".gitignore") {
            Ok(file) => self.clone().with_text(path, &file),
            Err(_) => self.clone(),
        }
    }

    /// Whether a path is ignored. What is in an ignored folder is never asked for.
    pub(crate) fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let mut level = &self.level;
        while let Some(held) = level {
            let found = held.rules.matched(path, is_folder);
            if !found.is_none() {
                return found.is_ignore();
            }
            level = &held.above.level;
        }
        false
    }

    fn with_file(self, folder: &Path, path: &Path) -> Self {
        match Held::open(path, Links::Follow) {
            Ok(file) => self.with_text(folder, &file),
            Err(_) => self,
        }
    }

    fn with_text(self, folder: &Path, file: &Held) -> Self {
        // A file that cannot be read has no rules.
        let Ok(bytes) = file.first(limits::IGNORE + 1) else { return self };
        let text = String::from_utf8_lossy(&bytes);
        let rules: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).collect();
        if rules.is_empty() {
            return self;
        }
        let is_bounded = bytes.len() as u64 <= limits::IGNORE && rules.iter().all(|rule| is_bounded(rule));
        if !is_bounded || !self.budget.takes(rules.len()) {
            self.budget.is_exceeded.set(true);
            return self;
        }
        let mut builder = GitignoreBuilder::new(folder);
        for line in &rules {
            // A line that is no pattern ignores nothing.
            let _ = builder.add_line(None, line);
        }
        let (rules, count) = (builder.build().unwrap_or_else(|_| Gitignore::empty()), rules.len());
        let budget = Rc::clone(&self.budget);
        Self { level: Some(Rc::new(Level { rules, count, above: self })), budget }
    }
}

fn is_bounded(rule: &str) -> bool {
    let wildcards = rule.bytes().filter(|byte| matches!(byte, b'*' | b'?' | b'[' | b'{')).count();
    rule.len() <= RULE_BYTES && wildcards <= WILDCARDS
}

/// Whether git takes a `.git` for a repository's folder, or for the file that names it. An empty one is what a sandbox leaves in
/// the way of commands that would make one.
pub(crate) fn is_git(entry: &Path) -> bool {
    let is_file = |stat: rustix::fs::Stat| {
        rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::RegularFile && stat.st_size > 0
    };
    let has = |name: &str| rustix::fs::stat(entry.join(name)).is_ok();
    rustix::fs::stat(entry).is_ok_and(is_file) || has("HEAD") || has("info/exclude")
}

/// What the rules above a root are read from. Each may be missing.
pub(crate) fn read_above(root: &Path) -> Vec<PathBuf> {
    let above: Vec<&Path> = root.ancestors().collect();
    let git = above.iter().flat_map(|folder| [folder.join(".git"), folder.join(".git/info/exclude")]);
    let ignored = above.iter().skip(1).map(|folder| folder.join(".gitignore"));
    git.chain(ignored).chain(git_configs()).chain(global()).collect()
}

/// The user's own file of rules, which his git configuration names. That is read by the library, and so only where all of it is
/// plain files.
fn global() -> Option<PathBuf> {
    let is_plain = |path: &PathBuf| match Held::open(path, Links::Follow) {
        Ok(file) => file.facts().size <= limits::CONFIG,
        Err(error) => unfit(&error).is_none(),
    };
    git_configs().iter().all(is_plain).then(gitconfig_excludes_path).flatten()
}

/// The configuration of git that is read.
fn git_configs() -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = variable("HOME");
    let config = variable("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
    let files = [
        variable("GIT_CONFIG_GLOBAL"),
        variable("GIT_CONFIG_SYSTEM"),
        Some(PathBuf::from("/etc/gitconfig")),
        home.map(|home| home.join(".gitconfig")),
        config.map(|config| config.join("git/config")),
    ];
    files.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> (Rules, Rc<Budget>) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".gitignore"), text).unwrap();
        let budget = Rc::new(Budget::default());
        let above = Rules { level: None, budget: Rc::clone(&budget) };
        (above.inside(Path::new("/w"), std::fs::File::open(folder.path()).unwrap()), budget)
    }

    #[test]
    fn what_is_over_a_bound_is_not_applied_and_told() {
        let many = |count: usize| (0..count).map(|at| format!("x{at}\n")).collect::<String>();
        for (text, is_applied) in [
            ("*.log\n!keep.log\n".to_owned(), true),
            (format!("*.log\n{}", many(RULES - 1)), true),
            (format!("*.log\n{}", many(RULES)), false),
            (format!("*.log\n# {}\n", "x".repeat(RULE_BYTES * 2)), true),
            (format!("*.log\n{}\n", "x".repeat(RULE_BYTES + 1)), false),
            (format!("*.log\n{}b\n", "*a".repeat(WILDCARDS + 1)), false),
            (format!("*.log\n{}", "# a comment\n".repeat(20_000)), false),
        ] {
            let (rules, budget) = rules(&text);
            assert_eq!(rules.ignores(Path::new("/w/a.log"), false), is_applied, "{text:.40}");
            assert_eq!(budget.is_exceeded(), !is_applied, "{text:.40}");
        }
    }

    #[test]
    fn rules_that_are_held_no_more_make_room() {
        let (held, budget) = rules("a\nb\n");
        assert_eq!((budget.rules.get(), budget.files.get()), (2, 1));
        drop(held);
        assert_eq!((budget.rules.get(), budget.files.get()), (0, 0));
    }
}
