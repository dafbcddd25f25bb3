//! What is known of the folders of a workspace: for each one that was listed, what is in it. Small, because there may be
//! hundreds of thousands of files.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use quire_state::changes::RawPath;

use super::sources::Known;

/// The folders by their real paths.
#[derive(Debug, Default)]
pub(crate) struct Table {
    folders: BTreeMap<PathBuf, Listing>,
    /// Paths that are known.
    count: usize,
    /// Files among them that were not read.
    unread: usize,
}

/// What is in a folder.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// By their names, in order.
    pub(crate) entries: Vec<(Box<OsStr>, Known)>,
    /// Names that were passed over, in order.
    pub(crate) passed: Vec<Box<OsStr>>,
    /// It may hold more than was seen.
    pub(crate) is_partial: bool,
}

impl Listing {
    pub(crate) fn get(&self, name: &OsStr) -> Option<&Known> {
        self.place(name).ok().and_then(|at| self.entries.get(at)).map(|(_, known)| known)
    }

    pub(crate) fn passes(&self, name: &OsStr) -> bool {
        self.is_partial || self.has_passed(name)
    }

    fn has_passed(&self, name: &OsStr) -> bool {
        self.passed.binary_search_by(|each| (**each).cmp(name)).is_ok()
    }

    /// Notes that a name is passed over.
    pub(crate) fn pass(&mut self, name: &OsStr) {
        if let Err(at) = self.passed.binary_search_by(|each| (**each).cmp(name)) {
            self.passed.insert(at, name.into());
        }
    }

    fn place(&self, name: &OsStr) -> Result<usize, usize> {
        self.entries.binary_search_by(|(each, _)| (**each).cmp(name))
    }
}

impl Table {
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn unread(&self) -> usize {
        self.unread
    }

    pub(crate) fn folder(&self, path: &Path) -> Option<&Listing> {
        self.folders.get(path)
    }

    pub(crate) fn folder_mut(&mut self, path: &Path) -> &mut Listing {
        self.folders.entry(path.to_owned()).or_default()
    }

    /// What is known of a path.
    pub(crate) fn get(&self, path: &Path) -> Option<&Known> {
        self.folders.get(path.parent()?)?.get(path.file_name()?)
    }

    /// Whether a path, or a folder above it, was passed over.
    pub(crate) fn passes(&self, path: &Path) -> bool {
        let steps = path.ancestors().filter_map(|each| Some((self.folders.get(each.parent()?)?, each.file_name()?)));
        steps.into_iter().any(|(listing, name)| listing.passes(name))
    }

    /// Notes what is at a path now. A folder that is none any more is to be taken out before.
    pub(crate) fn set(&mut self, path: &Path, known: Option<Known>) {
        let Some((folder, name)) = path.parent().zip(path.file_name()) else { return };
        let listing = self.folders.entry(folder.to_owned()).or_default();
        let unread = |known: Option<&Known>| usize::from(known.is_some_and(Known::is_unread));
        self.unread += unread(known.as_ref());
        match (listing.place(name), known) {
            (Ok(at), Some(known)) => {
                self.unread -= unread(Some(&std::mem::replace(&mut listing.entries[at].1, known)));
            }
            (Ok(at), None) => {
                self.unread -= unread(Some(&listing.entries.remove(at).1));
                self.count -= 1;
            }
            (Err(at), Some(known)) => {
                listing.entries.insert(at, (name.into(), known));
                self.count += 1;
            }
            (Err(_), None) => {}
        }
    }

    /// Takes a folder out.
    pub(crate) fn take(&mut self, path: &Path) -> Option<Listing> {
        let listing = self.folders.remove(path)?;
        self.count -= listing.entries.len();
        self.unread -= listing.entries.iter().filter(|(_, known)| known.is_unread()).count();
        Some(listing)
    }

    /// Puts a folder in. It is not there.
    pub(crate) fn put(&mut self, path: &Path, mut listing: Listing) {
        listing.entries.shrink_to_fit();
        self.count += listing.entries.len();
        self.unread += listing.entries.iter().filter(|(_, known)| known.is_unread()).count();
        self.folders.insert(path.to_owned(), listing);
    }

    /// The folders at and below a path.
    pub(crate) fn below(&self, path: &Path) -> Vec<PathBuf> {
        let below = self.folders.range(path.to_owned()..).take_while(|(each, _)| each.starts_with(path));
        below.map(|(path, _)| path.clone()).collect()
    }

    /// The next folder from this one on that holds files which were not read, with their names.
    pub(crate) fn unread_from(&self, path: &Path) -> Option<(PathBuf, Vec<OsString>)> {
        self.folders.range(path.to_owned()..).find_map(|(path, listing)| {
            let unread = listing.entries.iter().filter(|(_, known)| known.is_unread());
            let names: Vec<OsString> = unread.map(|(name, _)| (**name).to_owned()).collect();
            (!names.is_empty()).then(|| (path.clone(), names))
        })
    }

    /// Files that may change without their stamp, or without being told of by their names here.
    pub(crate) fn restless(&self) -> BTreeSet<PathBuf> {
        let entries = |(path, listing): (&PathBuf, &Listing)| {
            let names = listing.entries.iter().filter(|(_, known)| known.is_restless());
            names.map(|(name, _)| path.join(&**name)).collect::<Vec<_>>()
        };
        self.folders.iter().flat_map(entries).collect()
    }

    /// Every listing, to be changed in place; the counts are taken anew afterwards.
    pub(crate) fn change(&mut self, mut change: impl FnMut(&mut BTreeMap<PathBuf, Listing>)) {
        change(&mut self.folders);
        let entries = || self.folders.values().flat_map(|listing| &listing.entries);
        let (count, unread) = (entries().count(), entries().filter(|(_, known)| known.is_unread()).count());
        (self.count, self.unread) = (count, unread);
    }
}

/// The path as the journal has it.
pub(crate) fn raw(path: &Path) -> RawPath {
    RawPath::from(path.as_os_str().as_bytes().to_vec())
}
