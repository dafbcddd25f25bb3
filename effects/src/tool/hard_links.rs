//! Files in the folders that commands may write in which have further names outside of them: hard links, as package managers
//! make them into their caches. To write one is to write what lies outside, so each stays as it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use quire_sandbox::plan::Plan;
use quire_steering::folders::{Folders, Linked};

/// Most files and folders that are kept as they are for one command: each costs a mount.
const MOST_KEPT: usize = 100;
/// Most paths that a sentence names.
const NAMED: usize = 3;

/// What was told of hard links.
#[derive(Debug, Default)]
pub(super) struct HardLinks {
    /// Roots of which it was told that not all of their files were looked at.
    told: Mutex<BTreeSet<PathBuf>>,
}

/// What is to be told of them.
#[derive(Debug, Default)]
pub(super) struct Sentences {
    /// What commands cannot change.
    pub(super) kept: Option<String>,
    /// That not all files were looked at.
    pub(super) unseen: Option<String>,
}

impl HardLinks {
    /// Takes out of what the plan lets be written the files that have names elsewhere.
    pub(super) fn keep(&self, plan: &mut Plan, folders: &Folders) -> Sentences {
        let (kept, unseen) = kept(plan, folders);
        let told = || self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let unseen: Vec<PathBuf> = unseen.into_iter().filter(|root| told().insert(root.clone())).collect();
        let sentences = Sentences { kept: sentence(&kept), unseen: unseen_sentence(&unseen) };
        plan.linked.extend(kept);
        sentences
    }
}

/// The files to be kept, and the roots of which not all files were looked at.
fn kept(plan: &Plan, folders: &Folders) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let real = |path: &PathBuf| path.canonicalize().ok();
    // A folder that is named as writable within another one means what is in it, wherever else that is.
    let workspace: BTreeSet<PathBuf> = plan.workspace.iter().filter_map(real).collect();
    let all: BTreeMap<PathBuf, bool> = plan
        .roots
        .iter()
        .filter_map(|root| Some((real(&root.path)?, root.is_temporary)))
        .map(|(path, is_temporary)| (path.clone(), is_temporary || workspace.contains(&path)))
        .collect();
    let is_inner = |path: &Path| path.ancestors().skip(1).any(|above| all.contains_key(above));
    let mut closed: BTreeSet<PathBuf> = all
        .iter()
        .filter(|(path, is_looked_through)| !**is_looked_through && is_inner(path))
        .map(|(path, _)| path.clone())
        .collect();
    // What cannot be written is as good as outside.
    let protected = plan.roots.iter().filter_map(|root| Some((real(&root.path)?, root)));
    closed.extend(protected.flat_map(|(path, root)| root.protected.iter().map(move |name| path.join(name))));
    closed.extend(plan.hidden.iter().chain(&plan.readable).filter_map(real));
    closed.extend(plan.protected.iter().cloned());
    let (mut found, mut unseen) = (Vec::new(), Vec::new());
    // One that holds the system is refused.
    for root in all.keys().filter(|path| !is_inner(path) && path.parent().is_some()) {
        let Linked { names, is_whole } = folders.linked(root, &closed);
        found.extend(names);
        unseen.extend((!is_whole).then(|| root.clone()));
    }
    let mut inside: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for name in &found {
        *inside.entry(name.file).or_default() += 1;
    }
    let outside = found.iter().filter(|name| inside.get(&name.file).is_none_or(|count| *count < name.count));
    (few(outside.map(|name| name.path.clone()).collect()), unseen)
}

/// The same paths, or folders that hold them where they are too many: those with the most names to be kept in them first.
fn few(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut kept: BTreeSet<PathBuf> = paths.into_iter().collect();
    let mut most = MOST_KEPT;
    while kept.len() > MOST_KEPT {
        most /= 2;
        let mut by_folder: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for path in kept {
            let folder = path.parent().unwrap_or(&path).to_owned();
            by_folder.entry(folder).or_default().push(path);
        }
        // At last the deepest go, level by level, so that nothing nearer to the top has to.
        let depth = |path: &Path| path.components().count();
        let deepest = by_folder.keys().map(|folder| depth(folder)).max().unwrap_or(0);
        let merge = |(folder, paths): (PathBuf, Vec<PathBuf>)| {
            let goes = if most > 0 { paths.len() > most } else { depth(&folder) == deepest };
            if goes { vec![folder] } else { paths }
        };
        kept = by_folder.into_iter().flat_map(merge).collect();
    }
    // Nothing is kept twice.
    let is_below = |path: &PathBuf| path.ancestors().skip(1).any(|above| kept.contains(above));
    kept.iter().filter(|path| !is_below(path)).cloned().collect()
}

fn sentence(kept: &[PathBuf]) -> Option<String> {
    let named: Vec<String> = kept.iter().take(NAMED).map(|path| path.display().to_string()).collect();
    let first = kept.first()?;
    let more = kept.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let folder = if first.is_dir() { first } else { first.parent().unwrap_or(first) };
    Some(format!(
        "Commands cannot change {}{more}: hard links, whose files lie outside of the writable folders, too. To let commands \
         change these files there as well, name the folder: writable_roots = [\"{}\"].",
        named.join(", "),
        folder.display()
    ))
}

fn unseen_sentence(roots: &[PathBuf]) -> Option<String> {
    let first = roots.first()?;
    Some(format!(
        "Not all files below {} were looked at before the command began: one that has another name outside, a hard link, can be \
         changed there, too.",
        first.display()
    ))
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use quire_sandbox::plan::{Plan, Root};
    use quire_steering::{Places, Steering, folders::Folders};

    use super::few;

    fn world() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        fs::create_dir_all(top.join("work/a/b")).unwrap();
        fs::create_dir_all(top.join("work/.git")).unwrap();
        fs::create_dir_all(top.join("cache")).unwrap();
        (folder, top)
    }

    fn linked(top: &Path, from: &str, to: &str) {
        fs::write(top.join(from), "").unwrap();
        fs::hard_link(top.join(from), top.join(to)).unwrap();
    }

    fn kept(links: &Folders, plan: &Plan, top: &Path) -> Vec<String> {
        let (kept, unseen) = super::kept(plan, links);
        assert!(unseen.is_empty());
        kept.iter().map(|path| path.strip_prefix(top).unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn what_has_all_its_names_inside_may_be_written() {
        for steering in [Steering::default(), Steering::once(Places::default())] {
            what_has_all_its_names_inside(steering.folders());
        }
    }

    fn what_has_all_its_names_inside(links: &Folders) {
        let (_folder, top) = world();
        let plan = Plan { workspace: vec![top.join("work")], ..Plan::workspace(top.join("work"), []) };
        linked(&top, "work/a/one", "work/a/b/one");
        assert_eq!(kept(links, &plan, &top), Vec::<String>::new());
        linked(&top, "cache/two", "work/a/b/two");
        linked(&top, "work/.git/three", "work/a/three");
        assert_eq!(kept(links, &plan, &top), ["work/a/b/two", "work/a/three"]);
        fs::hard_link(top.join("work/a/one"), top.join("cache/one")).unwrap();
        assert_eq!(kept(links, &plan, &top).len(), 4, "both names of it");
        fs::remove_file(top.join("cache/two")).unwrap();
        assert!(!kept(links, &plan, &top).contains(&"work/a/b/two".to_owned()), "it has one name now");
        // Where the cache may be written, too, nothing is outside; where the folder is named for it, it may go there.
        let wide = Plan { roots: vec![Root::new(top.join("work")), Root::new(top.join("cache"))], ..plan.clone() };
        assert_eq!(kept(links, &wide, &top), ["work/a/three"]);
        let named = Plan { roots: vec![Root::new(top.join("work")), Root::new(top.join("work/a"))], ..plan };
        assert_eq!(kept(links, &named, &top), Vec::<String>::new());
    }

    #[test]
    fn too_many_are_kept_by_their_folders() {
        let many =
            |folder: &'static str, count: usize| (0..count).map(move |at| PathBuf::from(format!("/w/{folder}/{at}")));
        let all: Vec<PathBuf> = many("a", 90).chain(many("b", 9)).collect();
        assert_eq!(few(all.clone()).len(), 99);
        let all: Vec<PathBuf> = all.into_iter().chain(many("c/d", 60)).collect();
        assert_eq!(few(all).len(), 11, "the fullest folders go first");
        let wide = (0..500).map(|at| PathBuf::from(format!("/w/m/{at}/x"))).chain([PathBuf::from("/w/one")]);
        assert_eq!(few(wide.collect()), ["/w/m", "/w/one"].map(PathBuf::from), "and what is near to the top stays");
    }
}
