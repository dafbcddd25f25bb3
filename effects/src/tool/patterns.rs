//! What a permission profile denies by patterns, as the files that are there now. Which names fit is said by the fold.
//!
//! Nothing that the folders hold stops a command: a folder that cannot be looked through is hidden whole, and where more fits than
//! can be hidden one by one, all of a folder is hidden but for what is shown of it by name.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use quire_files::{Kind, Links};
use quire_sandbox::plan::Crowded;
use quire_state::policy::{Found, Pattern, Search};

/// What bounds the work for one plan.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// Most files and folders that are hidden one by one: each costs a mount, and the time for mounts grows with their square.
    hidden: usize,
    /// Most that is shown of a folder that is hidden but for that.
    shown: usize,
    /// Most names that are looked at. What lies in the folders behind them is hidden with them.
    names: usize,
    /// Longest path of a folder that is looked through: what lies in it must have a path, also where the sandbox is made.
    path: usize,
}

const BOUNDS: Bounds = Bounds { hidden: 300, shown: 100, names: 1_000_000, path: 3800 };

/// What is hidden.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    /// The files and folders, none within another of its pattern.
    pub(super) paths: Vec<PathBuf>,
    /// Folders that are hidden but for what is shown of them.
    pub(super) crowded: Vec<Crowded>,
}

impl Hidden {
    fn mounts(&self) -> usize {
        self.paths.len() + self.crowded.iter().map(|each| each.shown.len()).sum::<usize>()
    }
}

/// The files and folders that fit. `path` makes paths of texts. A link is none: what it leads to has a name of its own.
/// Each folder of `kept`, and those above it, stays one that is looked into, however much fits there.
pub(super) fn found(patterns: &[Pattern], kept: &[PathBuf], path: impl Fn(&str) -> PathBuf) -> Hidden {
    found_within(patterns, kept, path, BOUNDS)
}

fn found_within(patterns: &[Pattern], kept: &[PathBuf], path: impl Fn(&str) -> PathBuf, bounds: Bounds) -> Hidden {
    let kept: Vec<PathBuf> = kept.iter().filter_map(|path| path.canonicalize().ok()).collect();
    let share = bounds.hidden / patterns.len().max(1);
    let mut all = Hidden::default();
    for pattern in patterns {
        let top = match reached(&path(&pattern.folder)) {
            Ok(top) => top,
            Err(shut) => {
                all.paths.extend(shut);
                continue;
            }
        };
        let tree = Tree::of(top, pattern, bounds);
        // The fewer may be in one folder, the less is hidden in all.
        let mut most = share;
        let mut hidden = tree.hidden(most, &kept, bounds.shown);
        while hidden.mounts() > share && most > 0 {
            most /= 2;
            hidden = tree.hidden(most, &kept, bounds.shown);
        }
        all.paths.extend(hidden.paths);
        all.crowded.extend(hidden.crowded);
    }
    all.crowded = merged(all.crowded);
    all
}

/// Where a folder really is; what to hide instead when something on the way cannot be looked through.
fn reached(folder: &Path) -> Result<PathBuf, Option<PathBuf>> {
    let error = match folder.canonicalize() {
        Ok(real) => return Ok(real),
        Err(error) => error,
    };
    if is_nothing(&error) {
        return Err(None);
    }
    Err(folder.ancestors().find_map(|above| above.canonicalize().ok()).filter(|above| above.parent().is_some()))
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// What several patterns leave to be seen of a folder is what each of them leaves.
fn merged(crowded: Vec<Crowded>) -> Vec<Crowded> {
    let mut by_folder: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for Crowded { folder, shown } in crowded {
        let shown: BTreeSet<PathBuf> = shown.into_iter().collect();
        match by_folder.get_mut(&folder) {
            Some(held) => held.retain(|path| shown.contains(path)),
            None => drop(by_folder.insert(folder, shown)),
        }
    }
    by_folder.into_iter().map(|(folder, shown)| Crowded { folder, shown: shown.into_iter().collect() }).collect()
}

/// The folders that may hold what fits, the nearer before the deeper.
struct Tree<'a> {
    folders: Vec<Folder<'a>>,
}

struct Folder<'a> {
    path: PathBuf,
    search: Search<'a>,
    above: Option<usize>,
    /// It cannot be looked through.
    is_shut: bool,
    /// When it was changed last, which no command can set back.
    changed: (i64, i64),
    /// What fits in it.
    fits: Vec<PathBuf>,
    /// What does not, as far as it may have to be shown.
    others: Vec<PathBuf>,
    /// Folders in it that may hold what fits.
    inner: Vec<usize>,
    /// Whether something fits below it.
    holds_below: bool,
}

impl Folder<'_> {
    /// Whether something in it is hidden, or all of it.
    fn holds(&self) -> bool {
        self.holds_below || self.is_shut || !self.fits.is_empty()
    }
}

impl<'a> Tree<'a> {
    fn of(top: PathBuf, pattern: &'a Pattern, bounds: Bounds) -> Self {
        let mut tree = Self { folders: Vec::new() };
        tree.add(top, Search::new(pattern), None);
        let (mut at, mut names) = (0, 0);
        while at < tree.folders.len() {
            let is_far = tree.folders[at].path.as_os_str().len() > bounds.path;
            if is_far
                || names > bounds.names
                || tree.look(at, &mut names, bounds).is_err_and(|error| !is_nothing(&error))
            {
                tree.folders[at].is_shut = true;
            }
            at += 1;
        }
        for at in (0..tree.folders.len()).rev() {
            let folder = &tree.folders[at];
            if let (true, Some(above)) = (folder.holds(), folder.above) {
                tree.folders[above].holds_below = true;
            }
        }
        tree
    }

    fn add(&mut self, path: PathBuf, search: Search<'a>, above: Option<usize>) -> usize {
        let (fits, others, inner) = (Vec::new(), Vec::new(), Vec::new());
        self.folders.push(Folder {
            path,
            search,
            above,
            is_shut: false,
            changed: (0, 0),
            fits,
            others,
            inner,
            holds_below: false,
        });
        self.folders.len() - 1
    }

    /// Looks through one folder.
    fn look(&mut self, at: usize, names: &mut usize, bounds: Bounds) -> io::Result<()> {
        let path = self.folders[at].path.clone();
        let folder = quire_files::Folder::open(&path, Links::Follow)?;
        // A folder that can be listed may have contents that cannot be reached.
        let facts = fs::symlink_metadata(path.join("."))?;
        self.folders[at].changed = (facts.ctime(), facts.ctime_nsec());
        for entry in folder.entries()? {
            let entry = entry?;
            *names += 1;
            if *names > bounds.names {
                return Err(io::Error::from(io::ErrorKind::QuotaExceeded));
            }
            let inner = path.join(&entry.name);
            let mut search = self.folders[at].search.clone();
            match search.enter(&entry.name.to_string_lossy()) {
                _ if entry.kind == Kind::Link => {}
                Found::Whole => self.folders[at].fits.push(inner),
                Found::Within if entry.kind == Kind::Folder => {
                    let inner = self.add(inner, search, Some(at));
                    self.folders[at].inner.push(inner);
                }
                Found::Within | Found::Nothing if self.folders[at].others.len() < bounds.shown => {
                    self.folders[at].others.push(inner);
                }
                Found::Within | Found::Nothing => {}
            }
        }
        Ok(())
    }

    /// What is hidden when a folder with more than `most` names to hide in it is hidden but for the rest.
    fn hidden(&self, most: usize, kept: &[PathBuf], shown: usize) -> Hidden {
        let mut hidden = Hidden::default();
        let mut open = vec![0];
        while let Some(at) = open.pop() {
            let folder = &self.folders[at];
            if folder.is_shut {
                hidden.paths.push(folder.path.clone());
                continue;
            }
            let mut inner = folder.inner.clone();
            inner.sort_by_key(|at| self.folders[*at].changed);
            let (holding, empty): (Vec<usize>, Vec<usize>) =
                inner.into_iter().partition(|at| self.folders[*at].holds());
            if folder.fits.len() <= most && holding.len() <= most {
                hidden.paths.extend(folder.fits.iter().cloned());
                open.extend(holding);
                continue;
            }
            let is_kept = |at: &usize| kept.iter().any(|kept| kept.starts_with(&self.folders[*at].path));
            // Of too many those are seen that have been there the longest: what is new may be there to be in the way.
            let (way, other): (Vec<usize>, Vec<usize>) = holding.into_iter().partition(is_kept);
            let seen: Vec<usize> = way.into_iter().chain(other.into_iter().take(most)).collect();
            let names = seen.iter().chain(&empty).map(|at| self.folders[*at].path.clone());
            let names: Vec<PathBuf> = names.chain(folder.others.iter().cloned()).take(shown).collect();
            hidden.crowded.push(Crowded { folder: folder.path.clone(), shown: names });
            open.extend(seen);
        }
        hidden
    }
}

#[cfg(test)]
mod tests {
    use std::{
        ffi::OsStr,
        fs::{self, Permissions},
        os::unix::{
            ffi::OsStrExt,
            fs::{PermissionsExt, symlink},
        },
        path::{Path, PathBuf},
    };

    use quire_state::policy::Pattern;

    use super::{BOUNDS, Bounds, Hidden, found_within};

    fn world(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        for path in files {
            fs::create_dir_all(top.join(path).parent().unwrap()).unwrap();
            fs::write(top.join(path), "").unwrap();
        }
        (folder, top)
    }

    fn look(top: &Path, glob: &str, depth: Option<u64>, bounds: Bounds) -> Hidden {
        let pattern = Pattern { folder: top.to_str().unwrap().to_owned(), glob: glob.to_owned(), depth };
        found_within(&[pattern], &[top.join("work")], |path| PathBuf::from(path), bounds)
    }

    fn names(top: &Path, paths: &[PathBuf]) -> Vec<String> {
        let mut names: Vec<String> =
            paths.iter().map(|path| path.strip_prefix(top).unwrap().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_there_is_found_and_links_are_not_followed() {
        let (_folder, top) = world(&["a.env", "b/.env", "b/c/d.env", "b/keys.env/x.env", "b/x"]);
        symlink(top.join("b/x"), top.join("link.env")).unwrap();
        symlink(top.join("b"), top.join("c")).unwrap();
        fs::write(top.join(OsStr::from_bytes(b"\xff.env")), "").unwrap();
        let of = |glob: &str, depth| names(&top, &look(&top, glob, depth, BOUNDS).paths);
        assert_eq!(of("**/*.env", None), ["a.env", "b/.env", "b/c/d.env", "b/keys.env", "\u{fffd}.env"]);
        assert_eq!(of("**/*.env", Some(2)), ["a.env", "b/.env", "b/keys.env", "\u{fffd}.env"]);
        assert_eq!(of("*/*.env", None), ["b/.env", "b/keys.env"]);
        assert_eq!(of("missing/*", None), Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_looked_through_is_hidden_whole() {
        let (_folder, top) = world(&["a/b/c/d.env", "a/x.env"]);
        // Root looks through every folder, but not through one without a bound of names or of its path.
        for (bounds, hidden) in [
            (Bounds { names: 2, ..BOUNDS }, &["a"][..]),
            (Bounds { path: top.as_os_str().len() + 3, ..BOUNDS }, &["a/b", "a/x.env"]),
        ] {
            assert_eq!(names(&top, &look(&top, "**/*.env", None, bounds).paths), hidden);
        }
        fs::set_permissions(top.join("a/b"), Permissions::from_mode(0o311)).unwrap();
        let is_root = fs::read_dir(top.join("a/b")).is_ok();
        let found = |folder: &str, glob: &str| names(&top, &look(&top.join(folder), glob, None, BOUNDS).paths);
        if !is_root {
            assert_eq!(found("", "**/*.env"), ["a/b", "a/x.env"]);
            fs::set_permissions(top.join("a/b"), Permissions::from_mode(0o0)).unwrap();
            assert_eq!(found("a/b/c", "*.env"), ["a/b"]);
            fs::set_permissions(top.join("a/b"), Permissions::from_mode(0o600)).unwrap();
            assert_eq!(found("", "**/*.env"), ["a/b", "a/x.env"]);
        }
        fs::set_permissions(top.join("a/b"), Permissions::from_mode(0o700)).unwrap();
    }

    #[test]
    fn of_a_folder_where_too_much_fits_only_the_rest_is_shown() {
        let (_folder, top) = world(&["a.env", "b.env", "c.env", "other", "x/d.env", "y/plain", "work/e.env", "work/f"]);
        let crowd = |hidden: usize| {
            let found = look(&top, "**/*.env", None, Bounds { hidden, ..BOUNDS });
            let crowded: Vec<_> = found
                .crowded
                .iter()
                .map(|each| (names(&top, std::slice::from_ref(&each.folder)), names(&top, &each.shown)))
                .collect();
            (names(&top, &found.paths), crowded)
        };
        let everything = ["a.env", "b.env", "c.env", "work/e.env", "x/d.env"].map(str::to_owned).to_vec();
        assert_eq!(crowd(5), (everything, Vec::new()));
        let top = (vec![String::new()], ["other", "work", "y"].map(str::to_owned).to_vec());
        let work = (vec!["work".to_owned()], vec!["work/f".to_owned()]);
        for hidden in [4, 0] {
            assert_eq!(crowd(hidden), (Vec::new(), vec![top.clone(), work.clone()]), "{hidden}");
        }
    }
}
