//! An object store: contents by the digest that git names them by.

use std::{
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use flate2::read::ZlibDecoder;
use quire_files::{Folder, Held, Links, limits};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

use super::pack::Pack;

/// Largest content that is taken out of a store.
pub(super) const OBJECT_BYTES: u64 = 64 * 1024 * 1024;

/// Git's name of a content: the SHA-1 of it, with its kind and length before it.
pub(crate) type Oid = [u8; 20];

/// Most packs of a store that are open, and most stores that a store borrows from.
const PACKS: usize = 64;
const BORROWED: usize = 8;

/// The contents of a repository, with those of the stores that it borrows from.
#[derive(Debug)]
pub(crate) struct Store {
    folders: Vec<PathBuf>,
    packs: Mutex<Vec<Pack>>,
}

/// The name of a content.
pub(crate) fn oid(content: &[u8]) -> Oid {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(format!("blob {}\0", content.len()).as_bytes());
    context.update(content);
    let mut oid = [0; 20];
    oid.copy_from_slice(context.finish().as_ref());
    oid
}

impl Store {
    /// Opens a store. Its packs stay open, so that what they hold can be read after they were written anew.
    pub(crate) fn open(folder: &Path) -> Option<Self> {
        let mut folders = vec![folder.to_owned()];
        let borrowed = quire_files::read(&folder.join("info/alternates"), Links::NotLast, limits::POINTER);
        let borrowed = String::from_utf8(borrowed.unwrap_or_default()).unwrap_or_default();
        folders.extend(borrowed.lines().filter(|line| !line.is_empty()).take(BORROWED).map(|line| folder.join(line)));
        let store = Self { folders, packs: Mutex::default() };
        let packs = store.find_packs()?;
        *store.packs.lock().unwrap_or_else(PoisonError::into_inner) = packs;
        Some(store)
    }

    /// The packs that are there now. `None` if there are too many.
    fn find_packs(&self) -> Option<Vec<Pack>> {
        let mut packs = Vec::new();
        for folder in &self.folders {
            let Ok(folder) = Folder::open(&folder.join("pack"), Links::Follow) else { continue };
            for entry in folder.entries().ok()?.take(limits::ENTRIES) {
                let name = entry.ok()?.name;
                let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(".idx")) else { continue };
                // One that cannot be read holds nothing.
                packs.extend(Pack::open(&folder, stem));
                if packs.len() > PACKS {
                    return None;
                }
            }
        }
        Some(packs)
    }

    /// Those of these names, in their order, whose contents are not here.
    pub(crate) fn missing(&self, sorted: &[Oid]) -> Vec<Oid> {
        let packs = self.packs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut missing = sorted.to_vec();
        for pack in packs.iter() {
            missing = pack.missing(&missing);
        }
        drop(packs);
        missing.retain(|oid| self.loose(oid).is_none());
        missing
    }

    /// The content of a file of this size that was checked out.
    pub(crate) fn read(&self, wanted: &Oid, size: u64) -> Option<Vec<u8>> {
        let content = self.read_loose(wanted).or_else(|| self.read_packed(wanted)).or_else(|| {
            // What was loose may have been packed since, and packs may have been written anew.
            *self.packs.lock().unwrap_or_else(PoisonError::into_inner) = self.find_packs()?;
            self.read_packed(wanted)
        })?;
        if oid(&content) != *wanted {
            return None;
        }
        // Where git makes the lines of Windows of those that it keeps, each is longer by one. Other lengths say that the
        // file was something else.
        let lines = content.iter().filter(|byte| **byte == b'\n').count() as u64;
        match size.checked_sub(content.len() as u64)? {
            0 => Some(content),
            more if more == lines => {
                let line_end = |byte: &u8| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] };
                Some(content.iter().flat_map(line_end).collect())
            }
            _ => None,
        }
    }

    fn loose(&self, oid: &Oid) -> Option<Held> {
        let name: String = oid.iter().map(|byte| format!("{byte:02x}")).collect();
        let (folder, rest) = name.split_at(2);
        self.folders.iter().find_map(|store| Held::open(&store.join(folder).join(rest), Links::NotLast).ok())
    }

    fn read_loose(&self, oid: &Oid) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let stream = self.loose(oid)?.stream(0, u64::MAX).ok()?;
        ZlibDecoder::new(stream).take(OBJECT_BYTES).read_to_end(&mut bytes).ok()?;
        let head = bytes.iter().position(|byte| *byte == 0)?;
        bytes.starts_with(b"blob ").then(|| bytes.split_off(head + 1))
    }

    fn read_packed(&self, oid: &Oid) -> Option<Vec<u8>> {
        let packs = self.packs.lock().unwrap_or_else(PoisonError::into_inner);
        packs.iter().find_map(|pack| pack.read(oid))
    }
}

/// What a compressed stream holds: exactly so many bytes.
pub(super) fn inflated(stream: impl io::Read, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    ZlibDecoder::new(stream).take(size + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == size { Ok(bytes) } else { Err(io::ErrorKind::InvalidData.into()) }
}
