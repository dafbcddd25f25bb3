//! What the links of `$CODEX_HOME` lead to. Dotfile managers keep configuration, and people keep sessions, elsewhere.

use std::{
    collections::{BTreeSet, VecDeque},
    convert::Infallible,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use quire_files::{Folder, Kind, Links};

/// How many folders deep links are looked for.
const DEPTH: usize = 4;
/// Most entries that are looked at.
const ENTRIES: usize = 20_000;

/// Names at the top of the home that hold nothing secret: what their links lead to may be read.
const OPEN: [&str; 8] = ["AGENTS.md", "AGENTS.override.md", "agents", "hooks", "plugins", "prompts", "rules", "skills"];
/// Names at its top whose links lead to programs and caches of other tools.
const FOREIGN: [&str; 4] = ["bin", "packages", "tmp", "vendor"];
/// Folders that many programs need; a link to one of them, or into what comes with the system, hides nothing.
const SYSTEM: [&str; 10] = ["/bin", "/boot", "/dev", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr"];

/// A link in the home, and all that is on its way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link {
    /// The link.
    pub(crate) path: PathBuf,
    /// Further links over which it leads, each at its real place.
    pub(crate) over: Vec<PathBuf>,
    /// Where it leads in the end, whether or not anything is there.
    pub(crate) target: PathBuf,
    /// Whether what is there may be read by commands.
    pub(crate) is_open: bool,
}

/// All links below the home that lead out of it.
pub(crate) fn links(home: &Path) -> BTreeSet<Link> {
    let mut found = BTreeSet::new();
    let mut folders = VecDeque::from([(home.to_owned(), 0)]);
    let mut left = ENTRIES;
    while let Some((folder, depth)) = folders.pop_front() {
        let entries = Folder::open(&folder, Links::Follow).and_then(|folder| folder.entries());
        for entry in entries.into_iter().flatten().flatten().take(left) {
            left = left.saturating_sub(1);
            let path = folder.join(&entry.name);
            if entry.kind == Kind::Folder && depth < DEPTH && !is_own_store(home, &path) {
                folders.push_back((path, depth + 1));
            } else if entry.kind == Kind::Link
                && let Some(link) = link(home, &path)
            {
                found.insert(link);
            }
        }
    }
    found
}

/// Quire's own store: it has many files, and no links.
fn is_own_store(home: &Path, path: &Path) -> bool {
    path == home.join("quire/undo")
}

fn link(home: &Path, path: &Path) -> Option<Link> {
    let top = path.strip_prefix(home).ok()?.components().next()?;
    let is = |names: &[&str]| names.iter().any(|name| top.as_os_str() == *name);
    if is(&FOREIGN) {
        return None;
    }
    let (over, target) = followed(path);
    let is_system = SYSTEM.iter().any(|folder| target.starts_with(folder)) || target.parent().is_none();
    (!is_system && !target.starts_with(home)).then(|| Link { path: path.to_owned(), over, target, is_open: is(&OPEN) })
}

/// Where a link leads, name by name: the links on the way (the first one aside), and the end.
pub(crate) fn followed(link: &Path) -> (Vec<PathBuf>, PathBuf) {
    let mut over = Vec::new();
    let end = quire_files::follow(link, |each, _| {
        over.extend((each != link).then(|| each.to_owned()));
        ControlFlow::<Infallible>::Continue(())
    });
    match end {
        ControlFlow::Continue(target) => (over, target),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink, path::PathBuf};

    use super::links;

    #[test]
    fn links_are_followed_to_their_end_and_every_one_on_the_way_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let home = top.join("home");
        fs::create_dir_all(home.join("sessions/2026")).unwrap();
        fs::create_dir_all(home.join("tmp")).unwrap();
        fs::create_dir_all(top.join("dots/v1")).unwrap();
        fs::write(top.join("dots/v1/config.toml"), "").unwrap();
        symlink("v1", top.join("dots/current")).unwrap();
        symlink("../dots/current/config.toml", home.join("config.toml")).unwrap();
        symlink(top.join("cloud/missing"), home.join("sessions/2026/11")).unwrap();
        symlink(top.join("dots"), home.join("skills")).unwrap();
        symlink("config.toml", home.join("own")).unwrap();
        symlink("/usr/bin", home.join("usr")).unwrap();
        symlink(top.join("dots"), home.join("tmp/x")).unwrap();
        let found: Vec<_> = links(&home)
            .into_iter()
            .map(|link| {
                let name = |path: &PathBuf| path.strip_prefix(&top).unwrap().display().to_string();
                (name(&link.path), link.over.iter().map(name).collect::<Vec<_>>(), name(&link.target), link.is_open)
            })
            .collect();
        let row = |path: &str, over: &[&str], target: &str, is_open| {
            (path.to_owned(), over.iter().map(|each| (*each).to_owned()).collect(), target.to_owned(), is_open)
        };
        assert_eq!(
            found,
            [
                row("home/config.toml", &["dots/current"], "dots/v1/config.toml", false),
                row("home/own", &["home/config.toml", "dots/current"], "dots/v1/config.toml", false),
                row("home/sessions/2026/11", &[], "cloud/missing", false),
                row("home/skills", &[], "dots", true),
            ]
        );
    }
}
