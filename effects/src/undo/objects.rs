//! Contents by their digest, each in a file of its own, within bounds.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

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
    folder: PathBuf,
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
        place::make_folder(&folder)?;
        let mut objects = Self { folder, bounds, known: BTreeMap::new(), used_bytes: 0 };
        for entry in fs::read_dir(&objects.folder)? {
            let entry = entry?;
            let name = entry.file_name().into_string().unwrap_or_default();
            if name.starts_with(UNFINISHED) {
                // If it cannot be removed it is in nobody's way.
                let _ = fs::remove_file(entry.path());
            } else if let Ok(digest) = Digest::try_from(name) {
                let size = entry.metadata()?.len();
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
        let unfinished = self.folder.join(format!("{UNFINISHED}{}", digest.as_str()));
        let written = write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, self.path(digest)));
        if let Err(error) = written {
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
        self.known.insert(digest.clone(), size);
        self.used_bytes += size;
        Ok(true)
    }

    /// Reads a content and checks that it is what its name says.
    ///
    /// # Errors
    /// When it is not kept, cannot be read or is damaged.
    pub fn read(&self, wanted: &Digest) -> io::Result<Vec<u8>> {
        let file = OpenOptions::new().read(true).custom_flags(nofollow()).open(self.path(wanted))?;
        let mut bytes = Vec::new();
        file.take(self.bounds.file_bytes.max(KEPT_FILE_BYTES) + 1).read_to_end(&mut bytes)?;
        match digest(&bytes) == *wanted {
            true => Ok(bytes),
            false => Err(io::Error::new(io::ErrorKind::InvalidData, "the kept copy is damaged")),
        }
    }

    /// Removes all contents but these.
    pub fn retain(&mut self, wanted: &BTreeSet<Digest>) {
        let unwanted: Vec<Digest> = self.known.keys().filter(|digest| !wanted.contains(digest)).cloned().collect();
        for digest in unwanted {
            if fs::remove_file(self.path(&digest)).is_ok()
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

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.as_str())
    }
}

fn nofollow() -> i32 {
    rustix::fs::OFlags::NOFOLLOW.bits().cast_signed()
}

/// Writes a private file whole. It need not last: what is read is checked.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).custom_flags(nofollow());
    options.open(path)?.write_all(bytes)
}
