//! The set: every path that steers something later, what is done about it, and why.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use crate::{
    Places, Root,
    folders::{Folders, Found},
    git::{self, BARE, BARE_MORE},
    home,
    nested::Nested,
    real, sources,
};

/// Most repositories below the roots that are protected one by one; of more, the folders that hold them are.
const REPOSITORIES: usize = 512;

/// What is done about a path and all that lies below it. The later variant is the stricter one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// It is read as data: it starts no program, and opens nothing.
    Data,
    /// It stays writable, and a turn that changes it says so.
    Announced,
    /// It stays as it is.
    Protected,
    /// It stays as it is, and commands cannot read it.
    Hidden,
}

/// Whom a path steers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Git: its configuration, hooks and objects.
    Git,
    /// Git, or a manager of its hooks, runs it.
    GitRuns,
    /// Quire: configuration, rules, skills and hooks of a project or of the machine.
    Quire,
    /// Quire: instructions for the model.
    Instructions,
    /// Shells and other tools of the user, which read it when they start.
    StartFile,
    /// Quire: this link of its home leads there.
    Home(PathBuf),
}

/// What is known of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is done about it.
    pub hold: Hold,
    /// Whom it steers.
    pub why: Why,
}

/// The set for some roots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ground {
    entries: BTreeMap<PathBuf, Entry>,
    /// Links that commands could change, and over which something is reached that must stay as it is.
    pub loose: BTreeMap<PathBuf, Why>,
    /// Links in the roots that stay as they are, with what they lead to.
    pub links: BTreeSet<PathBuf>,
    /// What belongs to repositories that merely lie below a root: it is kept while it is there, and is not kept from coming
    /// to be.
    passing: BTreeSet<PathBuf>,
    roots: BTreeSet<PathBuf>,
    /// The folders of the roots and of the work: they are never held as a whole.
    used: BTreeSet<PathBuf>,
}

/// Start-up files and configuration of the user's own tools, below the user's home. They stay as they are.
const START_FILES: [&str; 27] = [
    ".bash_login",
    ".bash_logout",
    ".bash_profile",
    ".bashrc",
    ".cargo/config.toml",
    ".config/autostart",
    ".config/environment.d",
    ".config/fish",
    ".config/systemd",
    ".cshrc",
    ".emacs",
    ".gnupg",
    ".inputrc",
    ".kshrc",
    ".login",
    ".mkshrc",
    ".pam_environment",
    ".profile",
    ".ssh",
    ".tcshrc",
    ".tmux.conf",
    ".vimrc",
    ".xprofile",
    ".zlogin",
    ".zprofile",
    ".zshenv",
    ".zshrc",
];
/// Git's own configuration of the user, below the user's home.
const GIT_FILES: [&str; 2] = [".gitconfig", ".config/git"];
/// Git's configuration of the machine.
const SYSTEM_GIT: &str = "/etc/gitconfig";
/// What managers of git hooks run, or take from the top of a checkout, and what editors run on opening it.
const HOOK_MANAGERS: [&str; 16] = [
    ".envrc",
    ".githooks",
    ".husky",
    ".huskyrc",
    ".lefthook",
    ".lefthook.yml",
    ".overcommit.yml",
    ".pre-commit-config.yaml",
    ".pre-commit-hooks.yaml",
    ".simple-git-hooks.json",
    ".vscode/settings.json",
    ".vscode/tasks.json",
    "git-hooks",
    "lefthook.yaml",
    "lefthook.yml",
    "lefthook.toml",
];
/// What git and Quire read of any folder as data.
const DATA: [&str; 4] = [".gitattributes", ".gitignore", ".gitmodules", ".mailmap"];

impl Ground {
    /// What is known of an absolute path: the strictest entry at it or above it.
    pub fn entry(&self, path: &Path) -> Option<&Entry> {
        path.ancestors().filter_map(|above| self.entries.get(above)).max_by_key(|entry| entry.hold)
    }

    /// Why nothing may be written at a real path, if so.
    pub fn guards(&self, path: &Path) -> Option<&Why> {
        self.entry(path).filter(|entry| entry.hold >= Hold::Protected).map(|entry| &entry.why)
    }

    /// What stays as it is, and must not come to be where it is missing.
    pub fn protected(&self) -> impl Iterator<Item = &Path> {
        self.held(Hold::Protected).map(|(path, _)| path).filter(|path| !self.passing.contains(*path))
    }

    /// What stays as it is for as long as it is there.
    pub fn passing(&self) -> impl Iterator<Item = &Path> {
        self.held(Hold::Protected).map(|(path, _)| path).filter(|path| self.passing.contains(*path))
    }

    /// The paths with exactly this hold.
    pub fn held(&self, hold: Hold) -> impl Iterator<Item = (&Path, &Why)> {
        self.entries
            .iter()
            .filter(move |(_, entry)| entry.hold == hold)
            .map(|(path, entry)| (path.as_path(), &entry.why))
    }

    fn add(&mut self, path: &Path, hold: Hold, why: Why) {
        let path = resolved(path);
        // What was named to be written in, or worked in, is not taken away by what lies around it.
        if hold >= Hold::Protected && self.used.iter().any(|used| used.starts_with(&path)) {
            return;
        }
        let entry = self.entries.entry(path).or_insert_with(|| Entry { hold, why: why.clone() });
        if hold > entry.hold {
            *entry = Entry { hold, why };
        }
    }

    /// Keeps a path as it is: a link, and what it leads to.
    fn protect(&mut self, path: &Path, why: &Why) {
        if fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink())
            && let Some((folder, name)) = path.parent().map(real).zip(path.file_name())
            && self.is_writable(&folder)
        {
            self.links.insert(folder.join(name));
        }
        self.add(path, Hold::Protected, why.clone());
    }

    /// A link on the way to something: the folder that holds it stays as it is, where that can be.
    fn loosen(&mut self, link: &Path, why: &Why) {
        let Some((folder, name)) = link.parent().map(real).zip(link.file_name()) else { return };
        if !self.is_writable(&folder) {
            return;
        }
        match self.used.iter().any(|used| used.starts_with(&folder)) {
            true => drop(self.loose.insert(folder.join(name), why.clone())),
            false => self.add(&folder, Hold::Protected, why.clone()),
        }
    }

    fn is_writable(&self, path: &Path) -> bool {
        self.roots.iter().any(|root| path.starts_with(root))
    }
}

/// Works the set out.
pub(crate) fn of(
    places: &Places,
    roots: &[Root],
    workspace: &[PathBuf],
    nested: Option<(&mut Nested, &Folders)>,
) -> Ground {
    let real_roots: BTreeSet<PathBuf> = roots.iter().filter_map(|root| root.path.canonicalize().ok()).collect();
    let workspace: Vec<PathBuf> = workspace.iter().map(|folder| real(folder)).collect();
    let mut ground = Ground {
        used: real_roots.iter().chain(&workspace).cloned().collect(),
        roots: real_roots.clone(),
        ..Ground::default()
    };
    ground.home(places);
    // Where nothing can be written, nothing has to be kept.
    if real_roots.is_empty() {
        return ground;
    }
    let mut bare = Vec::new();
    for folder in ways(&real_roots, &workspace) {
        let own = roots.iter().find(|root| real(&root.path) == folder).map(|root| root.protected.as_slice());
        let is_work = workspace.iter().any(|work| work.starts_with(&folder));
        ground.folder(&folder, own, is_work, places, &mut bare);
    }
    if let Some((nested, folders)) = nested {
        let found = nested.below(&real_roots, folders);
        ground.nested(&real_roots, found, places);
    }
    for folder in bare {
        ground.forbid_bare(&folder);
    }
    ground.user(places);
    for path in [sources::SYSTEM_FOLDER, SYSTEM_GIT] {
        ground.add(Path::new(path), Hold::Protected, Why::Quire);
    }
    ground
}

/// The roots, and every folder from the outermost root above, or from the top of the repository, to a folder of the work.
fn ways(roots: &BTreeSet<PathBuf>, workspace: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut ways = roots.clone();
    for folder in workspace {
        let top = git::find(folder).map(|repository| repository.root);
        let is_on_the_way = |above: &&Path| {
            roots.iter().any(|root| above.starts_with(root)) || top.as_ref().is_some_and(|top| above.starts_with(top))
        };
        ways.extend(folder.ancestors().take_while(is_on_the_way).map(Path::to_owned));
        ways.insert(folder.clone());
    }
    ways.retain(|folder| folder.is_dir());
    ways
}

impl Ground {
    /// A folder that Quire or the user's tools may be started in. `own` are the protected names of a root that it is;
    /// `is_work` says that it is, or lies above, a folder of the work.
    fn folder(
        &mut self,
        folder: &Path,
        own: Option<&[String]>,
        is_work: bool,
        places: &Places,
        bare: &mut Vec<PathBuf>,
    ) {
        let keeps = |name: &str| own.is_none_or(|names| names.iter().any(|each| each == name));
        for name in sources::PROJECT_FOLDERS.into_iter().filter(|name| keeps(name)) {
            self.project_folder(&folder.join(name), own.is_some());
        }
        if keeps(".git") {
            self.repository(folder, own.is_some(), places);
            // In a temporary folder for all users no repository is expected, and one that appears is told.
            if is_work {
                bare.push(folder.to_owned());
            }
        }
        for path in sources::instructions(folder) {
            self.add(&path, Hold::Announced, Why::Instructions);
        }
        for name in DATA {
            self.add(&folder.join(name), Hold::Data, Why::Git);
        }
    }

    /// The sandbox says by itself that a link at the top of a root cannot be kept.
    fn project_folder(&mut self, path: &Path, is_at_top: bool) {
        if is_at_top {
            self.add(path, Hold::Protected, Why::Quire);
        } else {
            self.protect(path, &Why::Quire);
        }
    }

    /// The repository of a folder, whether or not there is one.
    fn repository(&mut self, folder: &Path, is_at_top: bool, places: &Places) {
        let entry = folder.join(".git");
        if is_at_top {
            self.add(&entry, Hold::Protected, Why::Git);
        } else {
            self.protect(&entry, &Why::Git);
        }
        let git_folders = git::folders(&entry);
        for path in &git_folders {
            self.add(path, Hold::Protected, Why::Git);
        }
        if !git_folders.is_empty() {
            self.configured(&git_folders, folder, places);
        }
        for name in HOOK_MANAGERS {
            self.add(&folder.join(name), Hold::Announced, Why::GitRuns);
        }
    }

    /// What the configuration of a repository names: files that are read with it stay as they are, programs of the
    /// project stay writable.
    fn configured(&mut self, git_folders: &BTreeSet<PathBuf>, folder: &Path, places: &Places) {
        let own = git_folders.iter().flat_map(|path| [path.join("config"), path.join("config.worktree")]);
        let named = git::named(own.chain(user_git(places)), places.user_home.as_deref());
        for path in &named.included {
            self.protect(path, &Why::Git);
        }
        for path in named.programs.iter().map(|path| folder.join(path)) {
            let path = resolved(&path);
            if self.is_writable(&path) && path.exists() && !self.used.iter().any(|used| used.starts_with(&path)) {
                self.add(&path, Hold::Announced, Why::GitRuns);
            }
        }
    }

    /// Repositories below the roots that were there at first.
    fn nested(&mut self, roots: &BTreeSet<PathBuf>, found: BTreeSet<Found>, places: &Places) {
        let before: BTreeSet<PathBuf> = self.entries.keys().cloned().collect();
        let found: Vec<_> = found.into_iter().filter(Found::is_live).collect();
        let (found, crowds) = thinned(found, roots);
        for folder in crowds {
            self.add(&folder, Hold::Protected, Why::Git);
        }
        for each in found {
            // What the roots and the way to the work have to say of it was said before.
            if self.used.contains(&each.folder) {
                continue;
            }
            if each.is_bare {
                self.add(&each.folder, Hold::Protected, Why::Git);
                continue;
            }
            self.repository(&each.folder, false, places);
            for name in sources::PROJECT_FOLDERS {
                let path = each.folder.join(name);
                if path.symlink_metadata().is_ok() {
                    self.protect(&path, &Why::Quire);
                }
            }
        }
        self.passing = self.entries.keys().filter(|path| !before.contains(*path)).cloned().collect();
    }

    /// Without a `.git`, a folder must not become a repository by what lies in it. Where it is one, it stays as it is.
    fn forbid_bare(&mut self, folder: &Path) {
        if !self.is_writable(folder) || git::is_repository(&folder.join(".git")) || folder.join(".git").is_file() {
            return;
        }
        match git::missing_of_bare(folder) {
            Some(missing) => self.add(&folder.join(missing), Hold::Protected, Why::Git),
            None => BARE.into_iter().chain(BARE_MORE).for_each(|name| self.protect(&folder.join(name), &Why::Git)),
        }
    }

    fn home(&mut self, places: &Places) {
        let Some(home) = places.home.as_deref().map(real) else { return };
        for link in home::links(&home) {
            let why = Why::Home(link.path);
            for over in &link.over {
                self.loosen(over, &why);
            }
            let hold = if link.is_open { Hold::Protected } else { Hold::Hidden };
            self.add(&link.target, hold, why);
        }
    }

    fn user(&mut self, places: &Places) {
        let Some(home) = &places.user_home else { return };
        let start = START_FILES.iter().map(|name| (home.join(name), Why::StartFile));
        let git = GIT_FILES.iter().map(|name| (home.join(name), Why::Git));
        let skills = [(home.join(".agents"), Why::Quire)];
        for (path, why) in start.chain(git).chain(skills) {
            let real_path = resolved(&path);
            if !self.is_writable(&real_path) {
                continue;
            }
            let is_itself = home.canonicalize().is_ok_and(|home| real_path.starts_with(home)) && real_path.exists();
            // What a dotfile manager keeps in the workspace is what the user works on there.
            let hold = if is_itself && self.is_writable(&real(home)) { Hold::Protected } else { Hold::Announced };
            self.add(&real_path, hold, why);
        }
    }
}

/// Git's configuration files of the user and the machine.
fn user_git(places: &Places) -> Vec<PathBuf> {
    let home = places.user_home.iter().flat_map(|home| [home.join(".gitconfig"), home.join(".config/git/config")]);
    let config = places.user_config.iter().map(|config| config.join("git/config"));
    home.chain(config).chain([PathBuf::from(SYSTEM_GIT)]).collect()
}

/// Repositories that can be protected one by one, and folders that hold too many of them.
fn thinned(mut found: Vec<Found>, roots: &BTreeSet<PathBuf>) -> (Vec<Found>, BTreeSet<PathBuf>) {
    let mut crowds = BTreeSet::new();
    while found.len() > REPOSITORIES {
        let mut counts: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for each in &found {
            let Some(root) = roots.iter().find(|root| each.folder.starts_with(root)) else { continue };
            let depth = root.components().count() + 1;
            let crowd: PathBuf = each.folder.components().take(depth).collect();
            *counts.entry(crowd).or_default() += 1;
        }
        let Some((crowd, _)) = counts.into_iter().max_by_key(|(_, count)| *count) else { break };
        found.retain(|each| !each.folder.starts_with(&crowd));
        crowds.insert(crowd);
    }
    (found, crowds)
}

/// Where a path leads, over links that lead to nothing as well.
fn resolved(path: &Path) -> PathBuf {
    match quire_files::follow(path, |_, _| ControlFlow::<Infallible>::Continue(())) {
        ControlFlow::Continue(real) => real,
        ControlFlow::Break(never) => match never {},
    }
}

#[cfg(test)]
mod tests;
