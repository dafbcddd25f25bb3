//! A plan as it meets the file system: which path gets which mount, in which order. Reads the file system, changes nothing.

use std::{
    collections::BTreeMap,
    fs, io,
    ops::ControlFlow,
    os::unix::fs::MetadataExt,
    path::{Component, Path, PathBuf},
};

use quire_files::{Kind, LONGEST_CHAIN, Links, follow, limits};
use rustix::{
    fs::{CWD, Mode, OFlags, ResolveFlags},
    io::Errno,
};

use crate::{
    links::link_within,
    plan::{Crowded, Plan, Root},
    refusal::{Obstacle, Refusal},
    reserve::is_reserved,
};

/// Folders in `/` that are made anew in every sandbox.
pub(crate) const FRESH: [&str; 2] = ["/dev", "/proc"];
/// Where it can be read, programs can be started.
const SHELL: &str = "/bin/sh";

/// What is mounted over a path. Where two meet on one path the later variant wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cover {
    /// Itself, as it is. So the name cannot be moved or removed, and what lies below keeps its path.
    Pin,
    /// Itself, writable.
    Root,
    /// Itself, read-only.
    Protected,
    /// Itself, a symbolic link: where it leads is no matter of its mount.
    Link,
    /// Nothing to read: a file.
    HiddenFile,
    /// Nothing to read: a folder.
    HiddenFolder,
}

/// A folder and what it was when we looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) path: PathBuf,
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

/// A plan with every path real.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) cwd: PathBuf,
    pub(crate) roots: Vec<Known>,
    /// Mounts over `/`, parents before children.
    pub(crate) covers: BTreeMap<PathBuf, Cover>,
    /// Protected names that do not exist yet.
    pub(crate) missing: Vec<PathBuf>,
    /// Whether `/` itself is hidden, so that only what has a cover can be read.
    pub(crate) is_narrow: bool,
    /// What the plan lets a command do and it cannot do here, a sentence each.
    pub(crate) notes: Vec<String>,
    /// Folders that are hidden but for what is shown of them.
    pub(crate) thinned: Vec<PathBuf>,
    /// Protected as what they are now (hard links, repositories that merely lie in a root): they may be replaced.
    pub(crate) linked: Vec<PathBuf>,
    /// Roots for temporary files, where another user may replace what is protected.
    pub(crate) temporary: Vec<PathBuf>,
}

impl Layout {
    /// Looks at the paths of a plan.
    pub(crate) fn of(plan: &Plan) -> Result<Self, Obstacle> {
        let cwd = real(&plan.cwd).map_err(|error| {
            Refusal::plan(format_args!("the working folder {} cannot be entered: {error}.", plan.cwd.display()))
        })?;
        let mut layout = Self {
            cwd,
            roots: Vec::new(),
            covers: BTreeMap::new(),
            missing: Vec::new(),
            is_narrow: false,
            notes: Vec::new(),
            thinned: Vec::new(),
            linked: plan.linked.clone(),
            temporary: Vec::new(),
        };
        let is_there = |root: &&Root| !root.is_optional || fs::symlink_metadata(&root.path).is_ok();
        let roots: Vec<&Root> = plan.roots.iter().filter(is_there).collect();
        let real_paths = roots.iter().map(|root| &root.path).chain(&plan.workspace).filter_map(|path| real(path).ok());
        let loose: Vec<PathBuf> = real_paths.collect();
        let roots = without_led_astray(roots, &loose)?;
        let fault_of = |root: &Root| {
            let root = real(&root.path).unwrap_or_else(|_| root.path.clone());
            move |refusal| Obstacle { refusal, root: Some(root) }
        };
        for root in &roots {
            layout.add_root(root).map_err(fault_of(root))?;
        }
        let temporary = roots.iter().filter(|root| root.is_temporary);
        layout.temporary = temporary.filter_map(|root| real(&root.path).ok()).collect();
        for root in &roots {
            layout.protect_names(root).and_then(|()| layout.refuse_roots_in_protected()).map_err(fault_of(root))?;
        }
        for path in &plan.protected {
            layout.protect(path);
        }
        for path in &plan.passing {
            layout.keep(path);
        }
        for link in &plan.links {
            layout.keep_link(link);
        }
        layout.refuse_roots_in_protected()?;
        let hides = |path: &PathBuf| first_missing(path).is_ok_and(|path| path.parent().is_none());
        layout.is_narrow = plan.hidden.iter().any(hides);
        for path in plan.readable.iter().filter(|path| link_within(path, &loose).is_none()) {
            layout.allow(path);
        }
        for linked in plan.linked.iter().filter(|path| facts(path).is_ok_and(|facts| !facts.is_symlink())) {
            layout.cover(linked.clone(), Cover::Protected);
        }
        for hidden in &plan.hidden {
            layout.hide(hidden);
        }
        for crowded in &plan.crowded {
            layout.thin(crowded);
        }
        if layout.is_narrow {
            layout.hide_the_rest()?;
        }
        layout.drop_what_is_hidden_twice();
        layout.refuse_without_sight()?;
        layout.missing.sort();
        layout.missing.dedup();
        layout.pin();
        Ok(layout)
    }

    /// Names that did not exist have been made: they are protected like the others.
    pub(crate) fn reserved(&mut self) {
        for path in std::mem::take(&mut self.missing) {
            self.cover(path, Cover::Protected);
        }
        self.pin();
    }

    /// What stays as it is.
    pub(crate) fn protected(&self) -> impl Iterator<Item = &PathBuf> {
        self.covers.iter().filter(|(_, cover)| **cover == Cover::Protected).map(|(path, _)| path)
    }

    fn cover(&mut self, path: PathBuf, cover: Cover) {
        let entry = self.covers.entry(path).or_insert(cover);
        *entry = cover.max(*entry);
    }

    fn add_root(&mut self, root: &Root) -> Result<(), Refusal> {
        let shown = root.path.display();
        let path = real(&root.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Refusal::plan(format_args!(
                "writable root {shown} does not exist. Create it, or take it out of `writable_roots` (or `--add-dir`)."
            )),
            _ => Refusal::plan(format_args!("writable root {shown} cannot be used: {error}.")),
        })?;
        let facts = facts(&path)
            .map_err(|error| Refusal::plan(format_args!("writable root {shown} cannot be used: {error}.")))?;
        let is_usable = facts.is_dir() || root.is_optional && facts.is_file();
        if !is_usable {
            return Err(Refusal::plan(format_args!("writable root {shown} is not a folder.")));
        }
        let is_the_systems = ["/proc", "/sys", "/dev"].iter().any(|system| path.starts_with(system));
        if path.parent().is_none() || is_the_systems {
            return Err(Refusal::plan(format_args!(
                "{shown} cannot be a writable root. Work in a folder below it, or use --sandbox read-only."
            )));
        }
        if !self.roots.iter().any(|known| known.path == path) {
            self.roots.push(Known { path: path.clone(), device: facts.dev(), inode: facts.ino() });
        }
        self.cover(path, Cover::Root);
        Ok(())
    }

    fn protect_names(&mut self, root: &Root) -> Result<(), Refusal> {
        let Some(top) = real(&root.path).ok().filter(|top| top.is_dir()) else { return Ok(()) };
        for name in &root.protected {
            let path = top.join(name);
            match fs::symlink_metadata(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => self.missing.push(path),
                Err(error) => {
                    return Err(Refusal::plan(format_args!("{} cannot be protected: {error}.", path.display())));
                }
                Ok(facts) if facts.is_symlink() && root.is_temporary => {
                    return Err(Refusal::plan(format_args!(
                        "{} belongs to another user, or could be replaced by one, and is a symbolic link.",
                        path.display()
                    )));
                }
                Ok(facts) if facts.is_symlink() => self.keep_link(&path),
                Ok(facts) if !facts.is_dir() && !facts.is_file() => {
                    return Err(Refusal::plan(format_args!(
                        "{} is neither a folder nor a file, and cannot be protected. Remove it, or use --sandbox \
                         read-only.",
                        path.display()
                    )));
                }
                Ok(_) if is_reserved(&path) => self.missing.push(path),
                Ok(_) => self.cover(path, Cover::Protected),
            }
        }
        Ok(())
    }

    /// Keeps a link as it is, and what it leads to over however many others, whether or not that is there. What the user works in is
    /// not kept, whatever leads to it.
    fn keep_link(&mut self, link: &Path) {
        let mut over = Vec::new();
        let target = follow(link, |link, count| {
            over.push(link.to_owned());
            if count > LONGEST_CHAIN { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        over.retain(|link| self.is_in_root(link));
        for link in over {
            self.cover(link, Cover::Link);
        }
        if let ControlFlow::Continue(target) = target
            && !self.roots.iter().any(|root| root.path.starts_with(&target))
        {
            self.protect_place(&target);
        }
    }

    /// Protects a path anywhere.
    fn protect(&mut self, path: &Path) {
        match fs::symlink_metadata(path).is_ok_and(|facts| facts.is_symlink()) {
            true => self.keep_link(path),
            false => self.protect_place(path),
        }
    }

    /// Outside the roots nothing is to be done.
    fn protect_place(&mut self, path: &Path) {
        match first_missing(path) {
            Ok(existing) if self.is_in_root(&existing) => self.cover(existing, Cover::Protected),
            Err(missing) if self.is_in_root(&missing) => self.missing.push(missing),
            Ok(_) | Err(_) => {}
        }
    }

    /// Protects what is there in a root.
    fn keep(&mut self, path: &Path) {
        if let Ok(existing) = first_missing(path)
            && self.is_in_root(&existing)
            && !self.covers.contains_key(&existing)
        {
            self.linked.push(existing.clone());
            self.cover(existing, Cover::Protected);
        }
    }

    fn hide(&mut self, path: &Path) {
        let path = match first_missing(path) {
            Ok(path) => path,
            // It shall not come to be, either.
            Err(missing) if self.is_in_root(&missing) => {
                let error = fs::symlink_metadata(&missing).err().map(|error| error.kind());
                return match missing.parent().filter(|_| error == Some(io::ErrorKind::PermissionDenied)) {
                    // A user without access may still grant it to themselves.
                    Some(shut) => self.cover(shut.to_owned(), Cover::HiddenFolder),
                    None => self.missing.push(missing),
                };
            }
            Err(_) => return,
        };
        if path.parent().is_none() {
            // What lies in it is hidden one by one: the root of the file system has no mount point.
            return;
        }
        let cover = if path.is_dir() { Cover::HiddenFolder } else { Cover::HiddenFile };
        self.cover(path, cover);
    }

    /// Lets a path be read and not written. What is not there needs nothing, unless it could come to be.
    fn allow(&mut self, path: &Path) {
        match first_missing(path) {
            Ok(existing) if existing.parent().is_none() => {}
            Ok(existing) => self.cover(existing, Cover::Protected),
            Err(missing) if self.is_in_root(&missing) => self.missing.push(missing),
            Err(_) => {}
        }
    }

    /// Hides a folder but for what is shown of it, which keeps the rights that it has there.
    fn thin(&mut self, crowded: &Crowded) {
        let folder = &crowded.folder;
        let above = self.covers.get(folder).copied().filter(|cover| *cover != Cover::Pin);
        let rights = match above.or_else(|| self.nearest(folder)) {
            Some(Cover::Root) => Cover::Root,
            Some(Cover::HiddenFile | Cover::HiddenFolder) => return,
            Some(Cover::Pin | Cover::Protected | Cover::Link) | None => Cover::Protected,
        };
        for path in &crowded.shown {
            if self.covers.contains_key(path) || self.missing.contains(path) {
                continue;
            }
            // A link cannot be shown by itself.
            let Some(facts) = facts(path).ok().filter(|facts| !facts.is_symlink()) else { continue };
            if rights == Cover::Root {
                self.roots.push(Known { path: path.clone(), device: facts.dev(), inode: facts.ino() });
            }
            self.covers.insert(path.clone(), rights);
        }
        self.roots.retain(|root| root.path != *folder);
        self.covers.insert(folder.clone(), Cover::HiddenFolder);
        self.thinned.push(folder.clone());
        self.notes.push(format!(
            "In {} more files match what the permission profile denies than can be hidden one by one. Commands see \
             only the other entries that already existed, and can create nothing directly in it. Remove these files, \
             or deny the folder.",
            folder.display()
        ));
    }

    /// Hides what lies in `/` but for what has a cover and what is made anew.
    fn hide_the_rest(&mut self) -> Result<(), Refusal> {
        let listing = quire_files::list(Path::new("/"), Links::Follow, limits::ENTRIES);
        let listing = listing.map_err(|error| Refusal::plan(format_args!("/ cannot be read: {error}.")))?;
        if !listing.is_whole {
            return Err(Refusal::plan(format_args!("/ contains more than can be hidden.")));
        }
        for entry in listing.entries {
            let path = Path::new("/").join(&entry.name);
            let is_new = FRESH.iter().any(|fresh| path == Path::new(fresh));
            // What a link points to has a place of its own.
            let is_link = entry.kind == Kind::Link;
            if !is_new && !is_link && !self.covers.contains_key(&path) {
                let cover = if path.is_dir() { Cover::HiddenFolder } else { Cover::HiddenFile };
                self.cover(path, cover);
            }
        }
        Ok(())
    }

    /// Nothing is to be hidden in what is hidden already.
    fn drop_what_is_hidden_twice(&mut self) {
        let is_hidden = |path: &PathBuf| self.nearest(path).is_some_and(|cover| cover == Cover::HiddenFolder);
        let twice: Vec<PathBuf> = self
            .covers
            .iter()
            .filter(|(path, cover)| {
                let hides = matches!(cover, Cover::HiddenFile | Cover::HiddenFolder);
                hides && is_hidden(path) && !self.thinned.contains(path)
            })
            .map(|(path, _)| path.clone())
            .collect();
        self.covers.retain(|path, _| !twice.contains(path));
        let is_gone = |path: &PathBuf| self.nearest(path) == Some(Cover::HiddenFolder);
        let unseen: Vec<PathBuf> = self.covers.keys().filter(|path| is_gone(path)).cloned().collect();
        self.covers.retain(|path, cover| *cover != Cover::Link || !unseen.contains(path));
        // Nothing can come to be but where something can be written.
        let missing = std::mem::take(&mut self.missing);
        self.missing = missing.into_iter().filter(|path| self.nearest(path) == Some(Cover::Root)).collect();
    }

    /// A command needs its folder, and programs theirs.
    fn refuse_without_sight(&self) -> Result<(), Refusal> {
        // Where something in the folder itself was opened, the rest of it is what is meant to be hidden.
        let is_open = |(path, cover): (&PathBuf, &Cover)| {
            matches!(cover, Cover::Root | Cover::Protected) && path.starts_with(&self.cwd)
        };
        let is_bare = self.covers.get(&self.cwd) == Some(&Cover::HiddenFolder) && self.covers.iter().any(is_open);
        if self.is_hidden(&self.cwd) && !is_bare && !self.thinned.contains(&self.cwd) {
            return Err(Refusal::plan(format_args!(
                "the working folder {} cannot be read under these permissions. Allow it, for instance with \
                 \":workspace_roots\" = \"read\".",
                self.cwd.display()
            )));
        }
        if real(Path::new(SHELL)).is_ok_and(|shell| self.is_hidden(&shell)) {
            return Err(Refusal::plan(
                "the system's programs cannot be read under these permissions. Allow them with \":minimal\" = \
                 \"read\".",
            ));
        }
        Ok(())
    }

    fn is_hidden(&self, path: &Path) -> bool {
        let cover = self.covers.get(path).copied().or_else(|| self.nearest(path));
        cover.is_some_and(|cover| matches!(cover, Cover::HiddenFile | Cover::HiddenFolder))
    }

    /// The cover above a path that decides what can be done there.
    pub(crate) fn nearest(&self, path: &Path) -> Option<Cover> {
        let above = path.ancestors().skip(1).filter_map(|above| self.covers.get(above));
        above.copied().find(|cover| *cover != Cover::Pin)
    }

    fn refuse_roots_in_protected(&self) -> Result<(), Refusal> {
        for root in &self.roots {
            let within = self.protected().find(|path| root.path.starts_with(path));
            if let Some(protected) = within {
                return Err(Refusal::plan(format_args!(
                    "writable root {} lies in {}, which is protected. Take it out of the writable roots.",
                    root.path.display(),
                    protected.display()
                )));
            }
        }
        Ok(())
    }

    /// A folder above a mount could be moved away, and another put into its place. A mount of its own stops that.
    fn pin(&mut self) {
        let paths: Vec<PathBuf> = self.covers.keys().cloned().collect();
        for path in paths {
            let above: Vec<PathBuf> = path
                .ancestors()
                .skip(1)
                .filter(|above| self.roots.iter().any(|root| above.starts_with(&root.path) && **above != root.path))
                .map(Path::to_owned)
                .collect();
            for folder in above {
                // In a hidden folder nothing can be moved, and nothing shall be seen.
                if self.nearest(&folder) == Some(Cover::HiddenFolder) {
                    continue;
                }
                // What lies below something that is covered already is not reachable by this path.
                self.cover(folder, Cover::Pin);
            }
        }
    }

    fn is_in_root(&self, path: &Path) -> bool {
        self.roots.iter().any(|root| path.starts_with(&root.path))
    }
}

/// The roots to which no link leads that commands can change: they could lead it anywhere. One that was named for sure is
/// a reason to refuse; any other is none of the roots.
fn without_led_astray<'a>(roots: Vec<&'a Root>, loose: &[PathBuf]) -> Result<Vec<&'a Root>, Refusal> {
    let (kept, astray): (Vec<&Root>, Vec<&Root>) =
        roots.into_iter().partition(|root| link_within(&root.path, loose).is_none());
    match astray.into_iter().find(|root| !root.is_optional) {
        Some(root) => Err(Refusal::plan(format_args!(
            "the path of writable root {} contains a link that commands can change. Name the folder that it points to.",
            root.path.display()
        ))),
        None => Ok(kept),
    }
}

/// What is at a real path. A link that has come into it since is not followed.
fn facts(path: &Path) -> io::Result<fs::Metadata> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    match rustix::fs::openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
        Ok(descriptor) => fs::File::from(descriptor).metadata(),
        // Kernels before 5.6, and containers that do not know the call.
        Err(Errno::NOSYS | Errno::PERM) => fs::symlink_metadata(path),
        Err(error) => Err(error.into()),
    }
}

fn real(path: &Path) -> io::Result<PathBuf> {
    if !path.is_absolute() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path is not absolute"));
    }
    path.canonicalize()
}

/// The real path, or where the first name of it that does not exist would lie. A name that is only reserved does not exist.
fn first_missing(path: &Path) -> Result<PathBuf, PathBuf> {
    let mut reached = PathBuf::from("/");
    for part in path.components() {
        let next = match part {
            Component::RootDir | Component::Prefix(_) | Component::CurDir => continue,
            Component::ParentDir => reached.join(".."),
            Component::Normal(name) => reached.join(name),
        };
        match next.canonicalize() {
            Ok(real) => reached = real,
            Err(_) if is_reserved(&reached) => return Err(reached),
            Err(_) => return Err(next),
        }
    }
    if is_reserved(&reached) { Err(reached) } else { Ok(reached) }
}

#[cfg(test)]
mod tests;
