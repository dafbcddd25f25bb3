//! Contents by their digest, each in a file of its own, within bounds.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
};

use quire_files::{Folder, Kind, New, limits};
use quire_state::changes::{Digest, KEPT_FILE_BYTES, KEPT_THREAD_BYTES};
use ring::digest::SHA256;

use crate::store::place;

/// How the name of a file begins that is not whole yet.
const UNFINISHED: &str = "new-";

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Largest content.
    pub file_bytes: u64,
    /// All contents together.
    pub total_bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { file_bytes: KEPT_FILE_BYTES, total_bytes: KEPT_THREAD_BYTES }
    }
}

/// The contents that are kept for one thread. One process writes them at a time.
#[derive(Debug)]
pub struct Objects {
    folder: Folder,
    bounds: Bounds,
    known: BTreeMap<Digest, u64>,
    used_bytes: u64,
}

/// The digest of a content.
pub fn digest(bytes: &[u8]) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&SHA256, bytes).as_ref());
    Digest::of_bytes(&out)
}

impl Objects {
    /// Opens the contents in a folder, which is made if it is missing. Unfinished files of a former run are removed.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: PathBuf, bounds: Bounds) -> io::Result<Self> {
        let mut objects = Self { folder: place::make_folder(&folder)?, bounds, known: BTreeMap::new(), used_bytes: 0 };
        for entry in objects.folder.entries()?.take(limits::SESSIONS) {
            let name = entry?.name.into_string().unwrap_or_default();
            let Some(facts) = objects.folder.look(&name)? else { continue };
            if name.starts_with(UNFINISHED) {
                // If it cannot be removed it does no harm.
                let _ = objects.folder.remove(&name);
            } else if let (Ok(digest), Kind::File) = (Digest::try_from(name), facts.kind) {
                let size = facts.size;
                objects.used_bytes += size;
                objects.known.insert(digest, size);
            }
        }
        Ok(objects)
    }

    /// The bounds.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Whether a content is kept.
    pub fn has(&self, digest: &Digest) -> bool {
        self.known.contains_key(digest)
    }

    /// Keeps a content. False if it does not fit within the bounds.
    ///
    /// # Errors
    /// When it cannot be written; nothing is kept then.
    pub fn put(&mut self, digest: &Digest, bytes: &[u8]) -> io::Result<bool> {
        if self.has(digest) {
            return Ok(true);
        }
        let size = bytes.len() as u64;
        if size > self.bounds.file_bytes || self.used_bytes + size > self.bounds.total_bytes {
            return Ok(false);
        }
        // It need not last: what is read is checked.
        self.folder.replace(digest.as_str(), bytes, New::PRIVATE)?;
        self.known.insert(digest.clone(), size);
        self.used_bytes += size;
        Ok(true)
    }

    /// Reads a content and checks that it is what its name says.
    ///
    /// # Errors
    /// When it is not kept, cannot be read or is damaged.
    pub fn read(&self, wanted: &Digest) -> io::Result<Vec<u8>> {
        let bytes = self.folder.read(wanted.as_str(), self.bounds.file_bytes.max(KEPT_FILE_BYTES))?;
        match digest(&bytes) == *wanted {
            true => Ok(bytes),
            false => Err(io::Error::new(io::ErrorKind::InvalidData, "the kept copy is damaged")),
        }
    }

    /// Removes all contents but these.
    pub fn retain(&mut self, wanted: &BTreeSet<Digest>) {
        let unwanted: Vec<Digest> = self.known.keys().filter(|digest| !wanted.contains(digest)).cloned().collect();
        for digest in unwanted {
            if self.folder.remove(digest.as_str()).is_ok()
                && let Some(size) = self.known.remove(&digest)
            {
                self.used_bytes -= size;
            }
        }
    }

    /// How many bytes are kept.
    pub fn used_bytes(&self) -> u64 {
        self.used_bytes
    }
}
