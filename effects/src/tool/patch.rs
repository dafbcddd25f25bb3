//! Applies patches to real files: beneath the roots that it is given, all files or none.
//!
//! Every target is opened by descriptor beneath a root, so that no link leads out of it, not even one that is put there
//! meanwhile. New contents are written whole beside their targets and then change places with them; until the last
//! one has, everything can be put back. Which roots a patch may have is decided elsewhere.

pub(crate) mod beneath;
mod commit;
pub(crate) mod names;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use quire_state::patch::{self, Change, FileContent, ReadError, Rejection, TARGET_BYTES};

use beneath::{Roots, Spot};

/// What a patch did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The net changes, with old and new contents; [`patch::success`] and [`patch::views`] tell of them.
    pub changes: Vec<Change>,
}

/// What a patch would do in the folder `cwd`, read through the same rules that writing keeps.
///
/// # Errors
/// When it is malformed, does not fit, or leads where it may not write.
pub fn plan(cwd: &Path, roots: &[PathBuf], patch_text: &str) -> Result<Vec<Change>, Rejection> {
    prepare(cwd, roots, patch_text).map(|(changes, _)| changes)
}

/// Applies a patch in the folder `cwd`, beneath `roots`. The names `.git`, `.codex` and `.agents` are out of its reach
/// there, unless a root is `/`: who may write everything may write these, too.
///
/// # Errors
/// As for [`plan`], or when the system refuses to write. No file is changed then.
pub fn apply(cwd: &Path, roots: &[PathBuf], patch_text: &str) -> Result<Applied, Rejection> {
    apply_if(cwd, roots, patch_text, |_| true)
}

/// The same, when `is_expected` says of the changes that they are what was expected. Files may have changed since the
/// patch was planned.
///
/// # Errors
/// As for [`apply`], and when it is not.
pub fn apply_if(
    cwd: &Path,
    roots: &[PathBuf],
    patch_text: &str,
    is_expected: impl FnOnce(&[Change]) -> bool,
) -> Result<Applied, Rejection> {
    let (changes, spots) = prepare(cwd, roots, patch_text)?;
    if !is_expected(&changes) {
        let text =
            "the files have changed since the patch was shown, so it would do something else now; nothing was written";
        return Err(Rejection::new(text));
    }
    commit::commit(&changes, &spots)?;
    Ok(Applied { changes })
}

/// The plan, and where each of its paths is.
type Prepared = (Vec<Change>, BTreeMap<String, Spot>);

fn prepare(cwd: &Path, roots: &[PathBuf], patch_text: &str) -> Result<Prepared, Rejection> {
    let patch = patch::parse(patch_text)?;
    let Some(cwd) = cwd.to_str() else {
        return Err(Rejection::new("the working folder's name is not UTF-8 text"));
    };
    let roots = Roots::open(roots).map_err(Rejection::new)?;
    let mut spots: BTreeMap<String, Spot> = BTreeMap::new();
    let mut known = BTreeSet::new();
    let changes = patch::plan(&patch, cwd, &mut |path| {
        let spot = roots.find(Path::new(path)).map_err(ReadError::Refused)?;
        if !known.insert(spot.identity()) {
            return Err(ReadError::Refused("the patch names this file by two paths".to_owned()));
        }
        let content = spot.stat.is_some().then(|| read(&spot)).transpose();
        spots.insert(path.to_owned(), spot);
        content.map_err(ReadError::Refused)?.ok_or(ReadError::Missing)
    })?;
    Ok((changes, spots))
}

fn read(spot: &Spot) -> Result<FileContent, String> {
    let descriptor = spot.open().map_err(|error| format!("the file cannot be read: {}", reason(error)))?;
    let mut bytes = Vec::new();
    let limit = TARGET_BYTES as u64 + 1;
    let read = File::from(descriptor).take(limit).read_to_end(&mut bytes);
    read.map_err(|error| format!("the file cannot be read: {error}"))?;
    Ok(FileContent { bytes })
}

/// The system's words without its number.
fn reason(error: rustix::io::Errno) -> String {
    let text = std::io::Error::from(error).to_string();
    text.split(" (os error").next().map_or_else(String::new, |words| words.to_lowercase())
}
