//! Instruction files: the user's own, then those of the project from its root down to the working folder.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use quire_files::{Held, Links, limits};
use quire_state::boot::Document;
use quire_steering::{git::Repository, sources};

/// Most bytes of all instruction files together.
const ALL_BYTES: usize = 64 * 1024;

/// Reads them, outermost first. What had to be left out is told in `warnings`.
pub(super) fn find(
    home: &Path,
    cwd: &Path,
    repository: Option<&Repository>,
    warnings: &mut Vec<String>,
) -> Vec<Document> {
    let root = repository.map_or(cwd, |repository| repository.root.as_path());
    let folders = sources::folders(root, cwd);
    let own = std::iter::once((home, None));
    let mut reading = Reading { left: ALL_BYTES, seen: BTreeSet::new(), warnings };
    own.chain(folders.into_iter().map(|folder| (folder, Some(root))))
        .filter_map(|(folder, within)| sources::instructions(folder).find_map(|path| reading.document(&path, within)))
        .collect()
}

struct Reading<'a> {
    left: usize,
    seen: BTreeSet<PathBuf>,
    warnings: &'a mut Vec<String>,
}

impl Reading<'_> {
    /// The document of a path. A project's file counts only when it lies within the project: a repository of
    /// a foreign one must not send the user's own files to a model by a symlink.
    fn document(&mut self, path: &Path, within: Option<&Path>) -> Option<Document> {
        let real = path.canonicalize().ok()?;
        if self.seen.contains(&real) {
            return None;
        }
        if within.is_some_and(|root| !real.starts_with(root)) {
            self.warnings.push(format!("`{}` was not read: it leads out of the project.", path.display()));
            return None;
        }
        let text = self.read(path, &real)?;
        self.seen.insert(real);
        Some(Document { path: path.to_string_lossy().into_owned(), text, is_global: within.is_none() })
    }

    fn read(&mut self, path: &Path, real: &Path) -> Option<String> {
        let limit = u64::try_from(self.left).unwrap_or(0) + 1;
        // Without links from here on: one that is put there meanwhile leads nowhere.
        let read = Held::open(real, Links::Never).and_then(|file| {
            let is_document = file.facts().size <= limits::INSTRUCTIONS;
            if is_document { file.first(limit) } else { file.bytes(limits::INSTRUCTIONS) }
        });
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(error) => {
                self.warnings.push(format!("`{}` was not read: {error}.", path.display()));
                return None;
            }
        };
        let is_cut = bytes.len() > self.left;
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if is_cut {
            text.truncate(text.floor_char_boundary(self.left));
            self.warnings.push(format!("`{}` was cut: instruction files may total 64 KiB.", path.display()));
        }
        self.left = self.left.saturating_sub(text.len());
        if text.trim().is_empty() { None } else { Some(text) }
    }
}
