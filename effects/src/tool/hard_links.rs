//! Files in the folders that commands may write in which have further names outside of them: hard links, as package managers
//! make them into their caches. To write one is to write what lies outside, so each stays as it is.
//!
//! Every folder is read once; later looks read those alone whose status-change time is another one. Where the system tells what
//! has happened in all of them, they ask for the times of those alone in which something has.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use quire_files::{News, Watches};
use quire_sandbox::plan::Plan;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, statat};

/// Most files and folders that are kept as they are for one command: each costs a mount.
const MOST_KEPT: usize = 100;
/// Most folders that are looked through for one command. What lies in others is as good as not linked.
const FOLDERS: usize = 50_000;
/// Most names that are read for one command. The next one goes on from there.
const NAMES: usize = 300_000;
/// How many folders deep is looked.
const DEPTH: usize = 128;
/// How long after a change a folder may change again with the same time, in nanoseconds.
const RACY_NS: i128 = 50_000_000;
/// Most paths that a sentence names.
const NAMED: usize = 3;

/// What was seen so far of the folders that commands may write in.
#[derive(Debug, Default)]
pub(super) struct HardLinks {
    roots: Mutex<BTreeMap<PathBuf, Tree>>,
    /// The system is asked to tell what happens where there is much to be looked through, because there will be more looks.
    is_watched: bool,
}

#[derive(Debug, Default)]
struct Tree {
    top: Folder,
    /// What happens in its folders; `None` where the system cannot tell, or is not asked.
    watches: Option<Watches>,
    /// The system is asked as soon as there is enough to be looked through.
    may_watch: bool,
}

#[derive(Debug, Default)]
struct Folder {
    /// When it was changed last, and which one it is. None while it may change without that.
    stamp: Option<(i128, u64)>,
    /// Files in it that have more than one name.
    linked: Vec<OsString>,
    /// How many names are in it.
    names: usize,
    below: BTreeMap<OsString, Folder>,
    /// Something has happened in it since it was looked at.
    is_told: bool,
}

/// A file with more than one name: its device and its number.
type File = (u64, u64);

/// A name of such a file.
struct Name {
    path: PathBuf,
    file: File,
    names: usize,
}

impl HardLinks {
    /// For more than one look.
    pub(super) fn watched() -> Self {
        Self { is_watched: true, ..Self::default() }
    }

    /// Takes out of what the plan lets be written the files that have names elsewhere. Gives the sentence about it.
    pub(super) fn keep(&self, plan: &mut Plan) -> Option<String> {
        let kept = self.kept(plan);
        let sentence = sentence(&kept)?;
        plan.linked.extend(kept);
        Some(sentence)
    }

    fn kept(&self, plan: &Plan) -> Vec<PathBuf> {
        let real = |path: &PathBuf| path.canonicalize().ok();
        // Whoever names a folder within another one as writable means what is in it, wherever else that is.
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
        let mut known = self.roots.lock().unwrap_or_else(PoisonError::into_inner);
        let mut look = LinkScan {
            began_ns: now(),
            left: FOLDERS,
            names_left: NAMES,
            names: 0,
            closed: &closed,
            is_sure: false,
            found: Vec::new(),
        };
        // One that holds the system is refused.
        for root in all.keys().filter(|path| !is_inner(path) && path.parent().is_some()) {
            let new = || Tree { may_watch: self.is_watched, ..Tree::default() };
            let tree = known.entry(root.clone()).or_insert_with(new);
            tree.look(root, &mut look);
        }
        drop(known);
        let mut inside: BTreeMap<File, usize> = BTreeMap::new();
        for name in &look.found {
            *inside.entry(name.file).or_default() += 1;
        }
        let outside = look.found.iter().filter(|name| inside.get(&name.file).is_none_or(|count| *count < name.names));
        few(outside.map(|name| name.path.clone()).collect())
    }
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

struct LinkScan<'a> {
    began_ns: i128,
    /// Nothing has happened in folders that were not told.
    is_sure: bool,
    left: usize,
    names_left: usize,
    /// Names in the folders so far.
    names: usize,
    closed: &'a BTreeSet<PathBuf>,
    found: Vec<Name>,
}

impl Tree {
    fn look(&mut self, root: &Path, look: &mut LinkScan<'_>) {
        let (left, names_left, found) = (look.left, look.names_left, look.found.len());
        look.names = 0;
        self.look_once(root, look);
        if self.may_watch && look.names >= Watches::FROM {
            self.may_watch = false;
            self.watches = Watches::new(Watches::allowed());
            if self.watches.is_some() {
                self.top = Folder::default();
                look.left = left;
                look.names_left = names_left;
                look.found.truncate(found);
                self.look_once(root, look);
            }
        }
    }

    fn look_once(&mut self, root: &Path, look: &mut LinkScan<'_>) {
        let news = self.watches.as_mut().map_or(News::Unsure, Watches::news);
        look.is_sure = match &news {
            News::Paths(paths) => {
                paths.iter().filter_map(|path| path.strip_prefix(root).ok()).for_each(|path| self.top.tell(path));
                true
            }
            News::Unsure => false,
        };
        self.top.enter(root, 0, look, &mut self.watches);
        self.watches.take_if(|watches| watches.is_exhausted());
    }
}

impl Folder {
    /// Something has happened at a path below.
    fn tell(&mut self, path: &Path) {
        let depth = path.components().count();
        let mut folder = self;
        for (at, name) in path.iter().enumerate() {
            let Some(below) = folder.below.get_mut(name) else { return };
            folder = below;
            // The folder that it happened in, and what it happened to.
            folder.is_told |= at + 2 >= depth;
        }
    }

    fn enter(&mut self, path: &Path, depth: usize, look: &mut LinkScan<'_>, watches: &mut Option<Watches>) {
        if look.left == 0 || depth > DEPTH || look.closed.contains(path) {
            return;
        }
        look.left -= 1;
        // The root itself may be another one without a word.
        let is_told = std::mem::take(&mut self.is_told) || depth == 0;
        if (is_told || !look.is_sure || self.stamp.is_none()) && self.renew(path, look, watches).is_none() {
            return;
        }
        look.names += self.names;
        for name in &self.linked {
            let path = path.join(name);
            let Ok(stat) = statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            let names = usize::try_from(stat.st_nlink).unwrap_or(usize::MAX);
            if names > 1 && is_file(&stat) && !look.closed.contains(&path) {
                look.found.push(Name { path, file: (stat.st_dev, stat.st_ino), names });
            }
        }
        for (name, folder) in &mut self.below {
            folder.enter(&path.join(name), depth + 1, look, watches);
        }
    }

    /// Reads the folder again if it has changed. None if it is gone, or there is no more to be read for this command.
    fn renew(&mut self, path: &Path, look: &mut LinkScan<'_>, watches: &mut Option<Watches>) -> Option<()> {
        let stat = statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let (changed_ns, number) = (changed_ns(&stat), stat.st_ino);
        let is_watched = watches.as_ref().is_none_or(|watches| watches.has(path));
        if self.stamp == Some((changed_ns, number)) && is_watched {
            return Some(());
        }
        if look.names_left == 0 {
            self.stamp = None;
            return None;
        }
        let is_read = self.read(path, &mut look.names_left, watches).is_some();
        let is_settled = changed_ns + RACY_NS < look.began_ns;
        self.stamp = (is_read && is_settled).then_some((changed_ns, number));
        Some(())
    }

    /// Lists the folder. None when that cannot be done to the end.
    fn read(&mut self, path: &Path, left: &mut usize, watches: &mut Option<Watches>) -> Option<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let dir = rustix::fs::open(path, flags, Mode::empty()).ok()?;
        // Before it is listed, so that nothing comes between.
        if let Some(watches) = watches {
            watches.add(path, &dir);
        }
        let mut before = std::mem::take(&mut self.below);
        self.linked.clear();
        for (number, entry) in Dir::read_from(&dir).ok()?.enumerate() {
            let entry = entry.ok()?;
            *left = left.checked_sub(1)?;
            self.names = number;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "."
                || name == ".."
                || !matches!(entry.file_type(), FileType::Directory | FileType::RegularFile | FileType::Unknown)
            {
                continue;
            }
            let is_folder = entry.file_type() == FileType::Directory;
            let stat = || statat(&dir, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW).ok();
            let stat = if is_folder { None } else { stat() };
            match stat {
                Some(stat) if is_file(&stat) && stat.st_nlink > 1 => self.linked.push(name.to_owned()),
                Some(stat) if FileType::from_raw_mode(stat.st_mode) != FileType::Directory => {}
                None if !is_folder => {}
                Some(_) | None => drop(self.below.insert(name.to_owned(), before.remove(name).unwrap_or_default())),
            }
        }
        Some(())
    }
}

fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

fn changed_ns(stat: &Stat) -> i128 {
    i128::from(stat.st_ctime) * 1_000_000_000 + i128::from(stat.st_ctime_nsec)
}

fn now() -> i128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos().cast_signed())
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        path::{Path, PathBuf},
    };

    use quire_files::Watches;
    use quire_sandbox::plan::{Plan, Root};

    use super::{HardLinks, few};

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

    fn kept(links: &HardLinks, plan: &Plan, top: &Path) -> Vec<String> {
        let kept = links.kept(plan);
        kept.iter().map(|path| path.strip_prefix(top).unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn what_has_all_its_names_inside_may_be_written() {
        for links in [HardLinks::default(), HardLinks::watched()] {
            what_has_all_its_names_inside(&links);
        }
    }

    fn what_has_all_its_names_inside(links: &HardLinks) {
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
    fn a_large_folder_is_watched_and_a_small_one_when_it_has_grown() {
        let (_folder, top) = world();
        let plan = Plan { workspace: vec![top.join("work")], ..Plan::workspace(top.join("work"), []) };
        let fill = |names: std::ops::Range<usize>| {
            names.for_each(|at| fs::write(top.join(format!("work/a/{at}")), "").unwrap());
        };
        let links = HardLinks::watched();
        let is_watched =
            || links.roots.lock().unwrap().get(&top.join("work")).is_some_and(|tree| tree.watches.is_some());
        fill(0..Watches::FROM - 10);
        linked(&top, "cache/one", "work/a/b/one");
        assert_eq!((kept(&links, &plan, &top).len(), is_watched()), (1, false));
        fill(Watches::FROM - 10..Watches::FROM + 10);
        assert_eq!((kept(&links, &plan, &top).len(), is_watched()), (1, true));
        linked(&top, "cache/two", "work/a/b/two");
        assert_eq!((kept(&links, &plan, &top).len(), is_watched()), (2, true));
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
