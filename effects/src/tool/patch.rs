//! Applies patches to real files: beneath the roots that it is given, all files or none.
//!
//! Every target is opened by descriptor beneath a root, so that no link leads out of it, not even one that is put there
//! meanwhile. New contents are written whole beside their targets and then change places with them; until the last
//! one has, everything can be put back. Which roots a patch may have is decided elsewhere.

pub(crate) mod carried;
mod commit;
pub(crate) mod contained_fs;
pub(crate) mod names;
mod record;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::Read as _,
    os::unix::ffi::OsStrExt as _,
    path::Path,
};

use quire_state::patch::{self, Change, ChangeKind, FileContent, ReadError, Rejection, TARGET_BYTES};
use ring::digest::{Context, SHA256};

use contained_fs::Spot;

pub use contained_fs::Roots;
pub use record::sweep;

/// What a patch does, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The net changes, with old and new contents; [`patch::success`] and [`patch::views`] tell of them.
    pub changes: Vec<Change>,
    /// Where links lead, for each of their absolute paths that is not where the file really is.
    pub leads: BTreeMap<String, String>,
    /// The digest of all of it: places, kinds and modes of the files, whole old and new contents.
    pub digest: String,
    /// What there is to say of what was written: what a file carried and lost, names that keep the old content.
    pub notes: Vec<String>,
}

/// What a patch would do in the folder `cwd`, read through the same rules that writing keeps.
///
/// # Errors
/// When it is malformed, does not fit, or leads where it may not write.
pub fn plan(cwd: &Path, roots: &Roots, patch_text: &str) -> Result<Planned, Rejection> {
    prepare(cwd, roots, patch_text).map(|(planned, _)| planned)
}

/// Applies a patch in the folder `cwd`, beneath `roots`, when `is_expected` says of what it does that it was expected. Files
/// may have changed since the patch was planned. The names `.git`, `.codex` and `.agents` are out of its reach, unless a
/// root is `/`: who may write everything may write these, too. `registry` is the folder in which what is being written is noted,
/// so that the next start can put right what a kill leaves ([`sweep`]).
///
/// # Errors
/// As for [`plan`], when it does something else by now, or when the system refuses to write. No file is changed then.
pub fn apply(
    cwd: &Path,
    roots: &Roots,
    patch_text: &str,
    registry: Option<&Path>,
    is_expected: impl FnOnce(&Planned) -> bool,
) -> Result<Planned, Rejection> {
    let (mut planned, spots) = prepare(cwd, roots, patch_text)?;
    if !is_expected(&planned) {
        let text =
            "the files have changed since the patch was shown, so it would do something else now; nothing was written";
        return Err(Rejection::new(text));
    }
    planned.notes = commit::commit(&planned.changes, &spots, registry)?;
    Ok(planned)
}

/// The plan, and where each of its paths is.
type Prepared = (Planned, BTreeMap<String, Spot>);

fn prepare(cwd: &Path, roots: &Roots, patch_text: &str) -> Result<Prepared, Rejection> {
    let patch = patch::parse(patch_text)?;
    let Some(cwd) = cwd.to_str() else {
        return Err(Rejection::new("the working folder's name is not UTF-8 text"));
    };
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
    let elsewhere = spots.iter().filter(|(path, spot)| spot.real != Path::new(path));
    let leads = elsewhere.map(|(path, spot)| (path.clone(), spot.real.to_string_lossy().into_owned())).collect();
    let digest = digest(&changes, &spots);
    Ok((Planned { changes, leads, digest, notes: Vec::new() }, spots))
}

/// What a plan does, in one word. Every part is preceded by its length, so that no two plans read the same.
fn digest(changes: &[Change], spots: &BTreeMap<String, Spot>) -> String {
    let mut context = Context::new(&SHA256);
    let mut part = |bytes: Option<&[u8]>| {
        let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
        context.update(&length.to_le_bytes());
        context.update(bytes.unwrap_or_default());
    };
    for change in changes {
        let (kind, target) = match &change.kind {
            ChangeKind::Add => ("add", None),
            ChangeKind::Update { move_to } => ("update", move_to.as_ref()),
            ChangeKind::Delete => ("delete", None),
        };
        part(Some(kind.as_bytes()));
        for path in [Some(&change.path), target.map(|target| &target.path)] {
            part(path.map(String::as_bytes));
            let spot = path.and_then(|path| spots.get(path));
            part(spot.map(|spot| spot.real.as_os_str().as_bytes()));
            let stat = spot.and_then(|spot| spot.stat.as_ref());
            part(stat.map(|stat| stat.st_mode.to_le_bytes()).as_ref().map(|mode| mode.as_slice()));
        }
        part(change.old.as_deref());
        part(change.new.as_deref());
    }
    context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(spot: &Spot) -> Result<FileContent, String> {
    let size = spot.stat.as_ref().map_or(0, |stat| stat.st_size);
    if usize::try_from(size).is_ok_and(|size| size > TARGET_BYTES) {
        return Err(format!("the file is larger than {} MiB", TARGET_BYTES / (1024 * 1024)));
    }
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
