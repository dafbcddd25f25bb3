//! What git ignores: the rules of a folder and of those above it.

use std::{
    os::fd::AsFd,
    path::{Path, PathBuf},
    rc::Rc,
};

use ignore::gitignore::{Gitignore, GitignoreBuilder, gitconfig_excludes_path};
use quire_files::{Held, Links, limits, unfit};

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
        let mut rules = Self::default();
        if let (Some(global), Ok(here)) = (global(), std::env::current_dir()) {
            rules = rules.with_file(&here, &global);
        }
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
        match Held::open_in(folder, ".gitignore") {
            Ok(file) => self.clone().with_text(path, &file),
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
        match Held::open(path, Links::Follow) {
            Ok(file) => self.with_text(folder, &file),
            Err(_) => self,
        }
    }

    fn with_text(self, folder: &Path, file: &Held) -> Self {
        // What is beyond the limit ignores nothing.
        let Ok(bytes) = file.first(limits::IGNORE) else { return self };
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

/// The user's own file of rules, which his git configuration names. That is read by the library, and so only where all of it is
/// plain files.
fn global() -> Option<PathBuf> {
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
    let is_plain = |path: &PathBuf| match Held::open(path, Links::Follow) {
        Ok(file) => file.facts().size <= limits::CONFIG,
        Err(error) => unfit(&error).is_none(),
    };
    files.iter().flatten().all(is_plain).then(gitconfig_excludes_path).flatten()
}
