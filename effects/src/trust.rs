//! What is remembered of folders that the user trusts: one small file each, outside of them, in the agent's home. Never decides
//! what is trusted.

#[cfg(test)]
mod tests;

use std::{
    io::{self, ErrorKind},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use quire_files::{Folder, Held, Links, New};
use quire_state::{
    fault::Fault,
    rules::RulesFile,
    trust::{Known, SeenFile, TrustRecord},
};
use serde::{Deserialize, Serialize};

use crate::{store::place, undo};

/// Largest record, in bytes.
const RECORD_BYTES: u64 = 1024 * 1024;

/// The version of the format.
const VERSION: u32 = 1;

/// The file's content.
#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    #[serde(flatten)]
    record: TrustRecord,
}

/// The folder of the records.
pub fn folder(home: &Path) -> PathBuf {
    home.join("quire").join("trust")
}

/// The name of the record of a folder.
fn name(folder: &str) -> String {
    format!("{}.json", undo::digest(folder.as_bytes()).as_str())
}

/// What is known of a folder. A record that is there and cannot be read is told with the reason.
pub fn read(home: &Path, folder: &str) -> (Known, Option<String>) {
    let path = self::folder(home).join(name(folder));
    match read_record(&path, folder) {
        Ok(record) => (Known::Record(Box::new(record)), None),
        Err(error) if error.kind() == ErrorKind::NotFound => (Known::Nothing, None),
        Err(error) => {
            let told = format!(
                "What you accepted in {folder} cannot be read: `{}`: {error}. Nothing there counts as accepted.",
                path.display()
            );
            (Known::Unreadable, Some(told))
        }
    }
}

fn read_record(path: &Path, folder: &str) -> io::Result<TrustRecord> {
    let held = Held::open(path, Links::NotLast)?;
    let facts = held.facts();
    // In the home of another user, where root may work, the files belong to that user.
    let owner = path.parent().and_then(|above| above.metadata().ok()).map(|above| above.uid());
    if facts.mode & 0o022 != 0 || !facts.is_own() && owner != Some(facts.owner) {
        return Err(io::Error::other("others can write it"));
    }
    let written: Written = serde_json::from_slice(&held.bytes(RECORD_BYTES)?).map_err(io::Error::other)?;
    if written.version != VERSION || written.record.folder != folder {
        return Err(io::Error::other("it is of another version, or of another folder"));
    }
    Ok(written.record)
}

/// Writes a record, in the place of the one before.
///
/// # Errors
/// Why it could not be written. The one before is there then.
pub fn write(home: &Path, record: &TrustRecord) -> Result<(), Fault> {
    let name = name(&record.folder);
    let path = folder(home).join(&name);
    let storage = |error: &io::Error| place::storage("Writing", &path, error);
    let written = Written { version: VERSION, record: record.clone() };
    let text = serde_json::to_vec_pretty(&written).map_err(|error| storage(&io::Error::other(error)))?;
    if text.len() as u64 > RECORD_BYTES {
        return Err(storage(&io::Error::other("it would be larger than 1 MiB")));
    }
    let folder = Folder::make(&folder(home), Links::Follow, 0o700).map_err(|error| storage(&error))?;
    folder.replace(&name, &text, New::PRIVATE.synced()).map_err(|error| storage(&error))
}

/// What tells a folder from another one that is put at its path later: its number in the file system, and when it was made.
/// What changes within it, changes neither.
pub fn identity(folder: &Path) -> Option<String> {
    let facts = folder.metadata().ok()?;
    let made = facts.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Some(match made {
        Some(made) => format!("{} {}", facts.ino(), made.as_nanos()),
        None => format!("{} on {}", facts.ino(), facts.dev()),
    })
}

/// A file of the project at `root`, with its digest.
pub fn seen(root: &Path, file: RulesFile) -> SeenFile {
    let name =
        Path::new(&file.path).strip_prefix(root).map_or(file.path.clone(), |name| name.to_string_lossy().into_owned());
    SeenFile { name, digest: undo::digest(file.text.as_bytes()).as_str().to_owned(), file }
}
