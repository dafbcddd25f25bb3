//! What becomes of every file that a patch names, computed whole before anything may be written.
//!
//! Sections are applied in their order to files held in memory; the plan is the net result, one change a path. A patch
//! of which any part does not fit has no plan.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Hunk, Mark, Patch, REPEATED_BYTES, Rejection, Section, ShownHunk, TARGET_BYTES, edit::edit, lines::Lines,
    marked_lines, path::normalise,
};
use crate::changes::{KEPT_FILE_BYTES, hunks};

/// A file as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileContent {
    /// All its bytes.
    pub bytes: Vec<u8>,
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is nothing at the path.
    Missing,
    /// It may not be patched, or not be read; the reason as a clause without a full stop.
    Refused(String),
}

/// What happens at one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path, absolute and without `.` and `..`.
    pub path: String,
    /// The path as the patch wrote it.
    pub shown: String,
    /// What happens there.
    pub kind: ChangeKind,
    /// What stood there, or at the start of a move; none if nothing did.
    pub old: Option<Vec<u8>>,
    /// What stands there afterwards, or at the end of a move; none if nothing does.
    pub new: Option<Vec<u8>>,
    /// Lines that are new.
    pub added_lines: usize,
    /// Lines that go.
    pub removed_lines: usize,
    /// The hunks as they were applied, or as a diff tells them where the file is replaced or changed more than once.
    /// Empty when the file is new or gone.
    pub hunks: Vec<ShownHunk>,
}

/// The kinds of a [`Change`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The patch writes the whole file. A file that stood there is replaced.
    Add,
    /// The file is changed.
    Update {
        /// Where it is afterwards, if it moves. Nothing stood there before.
        move_to: Option<Target>,
    },
    /// The file is removed.
    Delete,
}

/// The end of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The path, absolute and without `.` and `..`.
    pub path: String,
    /// The path as the patch wrote it.
    pub shown: String,
}

/// Computes what a patch does in the folder `cwd`. `read` gets absolute paths, each once.
///
/// # Errors
/// When any part of the patch does not fit. The patch must then change nothing at all.
pub fn plan(
    patch: &Patch,
    cwd: &str,
    read: &mut dyn FnMut(&str) -> Result<FileContent, ReadError>,
) -> Result<Vec<Change>, Rejection> {
    plan_within(patch, cwd, read, REPEATED_BYTES)
}

/// [`plan`], with a bound on the bytes that are searched again.
pub(super) fn plan_within(
    patch: &Patch,
    cwd: &str,
    read: &mut dyn FnMut(&str) -> Result<FileContent, ReadError>,
    repeated_bytes: usize,
) -> Result<Vec<Change>, Rejection> {
    let mut desk = Desk { cwd, read, paths: BTreeMap::new(), files: Vec::new(), repeatable: repeated_bytes };
    for section in &patch.sections {
        match section {
            Section::Add { path, content } => desk.add(path, content)?,
            Section::Delete { path } => desk.delete(path)?,
            Section::Update { path, move_to, hunks } => desk.update(path, move_to.as_deref(), hunks)?,
        }
    }
    desk.finish()
}

/// All files that the patch has named so far.
struct Desk<'a> {
    cwd: &'a str,
    read: &'a mut dyn FnMut(&str) -> Result<FileContent, ReadError>,
    /// By absolute path.
    paths: BTreeMap<String, Place>,
    files: Vec<File>,
    /// Bytes that may still be searched again in files that were patched before.
    repeatable: usize,
}

struct Place {
    shown: String,
    /// What stood here before the patch; an index into `files`.
    before: Option<usize>,
    /// What stands here now.
    now: Option<usize>,
}

/// A file, wherever it is now.
#[derive(Default)]
struct File {
    /// The content before the patch; none for a new file.
    old: Option<Vec<u8>>,
    /// The content now, if it is another one or at another path.
    new: Option<Vec<u8>>,
    /// A section wrote it as a whole.
    is_whole: bool,
    /// Several sections changed it, so that what each of them did is not what becomes of it.
    is_repeated: bool,
    hunks: Vec<ShownHunk>,
    added_lines: usize,
    removed_lines: usize,
}

impl Desk<'_> {
    /// The absolute path, with what stands there known.
    fn open(&mut self, shown: &str) -> Result<String, Rejection> {
        let path = normalise(self.cwd, shown).map_err(|fault| Rejection::path(shown, fault))?;
        if self.paths.contains_key(&path) {
            return Ok(path);
        }
        let file = match (self.read)(&path) {
            Ok(content) if content.bytes.len() > TARGET_BYTES => {
                let reason = format!("the file is larger than {} MiB", TARGET_BYTES / (1024 * 1024));
                return Err(Rejection::of(shown, reason));
            }
            Ok(content) => {
                self.files.push(File { old: Some(content.bytes), ..File::default() });
                Some(self.files.len() - 1)
            }
            Err(ReadError::Missing) => None,
            Err(ReadError::Refused(reason)) => return Err(Rejection::of(shown, reason)),
        };
        self.paths.insert(path.clone(), Place { shown: shown.to_owned(), before: file, now: file });
        Ok(path)
    }

    fn now(&self, path: &str) -> Option<usize> {
        self.paths.get(path).and_then(|place| place.now)
    }

    fn set(&mut self, path: &str, file: Option<usize>) {
        if let Some(place) = self.paths.get_mut(path) {
            place.now = file;
        }
    }

    fn existing(&self, shown: &str, path: &str) -> Result<usize, Rejection> {
        self.now(path).ok_or_else(|| Rejection::of(shown, "the file does not exist"))
    }

    fn add(&mut self, shown: &str, content: &str) -> Result<(), Rejection> {
        let path = self.open(shown)?;
        self.files.push(File { new: Some(content.as_bytes().to_vec()), is_whole: true, ..File::default() });
        let file = self.files.len() - 1;
        self.set(&path, Some(file));
        Ok(())
    }

    fn delete(&mut self, shown: &str) -> Result<(), Rejection> {
        let path = self.open(shown)?;
        self.existing(shown, &path)?;
        self.set(&path, None);
        Ok(())
    }

    fn update(&mut self, shown: &str, move_to: Option<&str>, hunks: &[Hunk]) -> Result<(), Rejection> {
        let path = self.open(shown)?;
        let number = self.existing(shown, &path)?;
        let target = move_to.map(|target| self.free(target, &path)).transpose()?;
        if !hunks.is_empty() {
            self.change(shown, number, hunks)?;
        }
        if let Some(target) = target.filter(|target| *target != path) {
            let file = &mut self.files[number];
            if file.new.is_none() {
                file.new.clone_from(&file.old);
            }
            self.set(&path, None);
            self.set(&target, Some(number));
        }
        Ok(())
    }

    /// The end of a move, where nothing may stand. The start itself will do.
    fn free(&mut self, shown: &str, start: &str) -> Result<String, Rejection> {
        let path = self.open(shown)?;
        match self.now(&path) {
            Some(_) if path != start => {
                let reason = "the file exists already, and a move does not replace files; delete it in the patch first";
                Err(Rejection::of(shown, reason))
            }
            Some(_) | None => Ok(path),
        }
    }

    fn change(&mut self, shown: &str, number: usize, hunks: &[Hunk]) -> Result<(), Rejection> {
        let file = &mut self.files[number];
        if let Some(again) = &file.new {
            let Some(left) = self.repeatable.checked_sub(again.len()) else {
                let reason = "too many sections change this file; put all its hunks into one section";
                return Err(Rejection::of(shown, reason));
            };
            self.repeatable = left;
            file.is_repeated = true;
        }
        let edited = edit(shown, file.new.as_deref().or(file.old.as_deref()).unwrap_or_default(), hunks)?;
        file.new = Some(edited.bytes);
        file.hunks.extend(edited.hunks);
        file.added_lines += edited.added_lines;
        file.removed_lines += edited.removed_lines;
        Ok(())
    }

    /// What the patch comes to, path by path in the order of the paths.
    fn finish(mut self) -> Result<Vec<Change>, Rejection> {
        self.check_folders()?;
        let ends = self.ends();
        let mut changes = Vec::new();
        for (path, place) in std::mem::take(&mut self.paths) {
            let Place { shown, before, now } = place;
            let end = before.and_then(|file| ends.get(&file)).filter(|_| now.is_none());
            let kind = match (before, now) {
                (None, None) => continue,
                (None, Some(file)) if ends.contains_key(&file) => continue,
                (None, Some(_)) => ChangeKind::Add,
                (Some(_), None) if end.is_none() => ChangeKind::Delete,
                (Some(_), Some(file)) if self.files[file].is_whole => ChangeKind::Add,
                (Some(_), Some(_) | None) => ChangeKind::Update { move_to: end.cloned() },
            };
            let old = before.and_then(|file| self.files[file].old.take());
            let now = if end.is_some() { before } else { now };
            let new = now.and_then(|file| self.files[file].new.take().or_else(|| old.clone()));
            let mut change =
                Change { path, shown, kind, old, new, added_lines: 0, removed_lines: 0, hunks: Vec::new() };
            match now.filter(|_| now == before).map(|file| &mut self.files[file]) {
                None if change.old.is_some() && change.new.is_some() && is_compared(&change) => net(&mut change),
                Some(file) if file.is_repeated && is_compared(&change) => net(&mut change),
                Some(file) => {
                    change.hunks = std::mem::take(&mut file.hunks);
                    (change.added_lines, change.removed_lines) = (file.added_lines, file.removed_lines);
                }
                None => {
                    change.added_lines = count_lines(change.new.as_deref());
                    change.removed_lines = count_lines(change.old.as_deref());
                }
            }
            changes.push(change);
        }
        Ok(changes)
    }

    /// The moves: for every file that left its path empty, the path where it is now, if that was empty before.
    fn ends(&self) -> BTreeMap<usize, Target> {
        let left: BTreeSet<usize> =
            self.paths.values().filter(|place| place.now.is_none()).filter_map(|place| place.before).collect();
        let arrived = |(path, place): (&String, &Place)| {
            let file = place.now.filter(|file| place.before.is_none() && left.contains(file))?;
            Some((file, Target { path: path.clone(), shown: place.shown.clone() }))
        };
        self.paths.iter().filter_map(arrived).collect()
    }

    /// Refuses a patch that needs a path both as a file and as a folder.
    fn check_folders(&self) -> Result<(), Rejection> {
        let stands = |path: &str| self.paths.get(path).is_some_and(|place| place.now.is_some());
        for (path, place) in self.paths.iter().filter(|(_, place)| place.now.is_some()) {
            let mut above = path.as_str();
            while let Some((folder, _)) = above.rsplit_once('/') {
                if stands(folder) {
                    return Err(Rejection::of(&place.shown, "the patch turns a folder of this path into a file"));
                }
                above = folder;
            }
        }
        Ok(())
    }
}

/// Whether a file is small enough to be compared as a whole: no larger than those of which a turn's diff tells lines.
fn is_compared(change: &Change) -> bool {
    let is_small = |bytes: &Option<Vec<u8>>| bytes.as_ref().is_none_or(|bytes| bytes.len() as u64 <= KEPT_FILE_BYTES);
    is_small(&change.old) && is_small(&change.new)
}

/// What becomes of a file that is not changed hunk by hunk, once.
fn net(change: &mut Change) {
    let (old, new) = (change.old.as_deref().unwrap_or_default(), change.new.as_deref().unwrap_or_default());
    let found = hunks(old, new);
    change.added_lines = found.added_lines;
    change.removed_lines = found.removed_lines;
    change.hunks = found.hunks;
    if let Some(first) = change.hunks.first_mut() {
        first.body = without_mark(&first.body, (first.old_start, first.new_start));
    }
}

/// The lines of a hunk; a byte order mark belongs to the file, not to its first line.
fn without_mark(body: &str, starts: (usize, usize)) -> String {
    let (mut old, mut new) = starts;
    let mut out = String::with_capacity(body.len());
    for (mark, text) in marked_lines(body) {
        let is_first = mark != Mark::Added && old == 1 || mark != Mark::Removed && new == 1;
        out.push(mark.sign());
        out.push_str(text.strip_prefix('\u{feff}').filter(|_| is_first).unwrap_or(text));
        out.push('\n');
        old += usize::from(mark != Mark::Added);
        new += usize::from(mark != Mark::Removed);
    }
    out
}

fn count_lines(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(0, |bytes| Lines::of(bytes).len())
}
