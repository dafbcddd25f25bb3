//! What the index says of the files that are checked out, read bit by bit.

use std::{
    io::{self, BufRead as _, Read},
    path::Path,
};

use quire_files::{Held, Links, Stream};

use super::Oid;

/// Largest index that is read: about ten million files.
const INDEX_BYTES: u64 = 1024 * 1024 * 1024;
/// Longest path in it.
const PATH_BYTES: usize = 4096;

/// The entries of an index, one after the other.
#[derive(Debug)]
pub(crate) struct Index {
    stream: Stream,
    version: u32,
    left: u32,
    /// When the index was written: a file that was changed at that time or later may be another one.
    written_ns: i64,
    path: Vec<u8>,
}

/// What it says of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) oid: Oid,
    pub(crate) changed_ns: i64,
    pub(crate) modified_ns: i64,
    /// The low 32 bits of the number of the file, and of its size.
    pub(crate) number: u32,
    pub(crate) size: u32,
    /// Type and permissions, as git keeps them.
    pub(crate) mode: u32,
}

impl Index {
    /// Opens an index file. `None` for one that is not understood.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        let file = Held::open(path, Links::NotLast).ok()?;
        let written_ns = file.facts().modified_ns;
        let mut stream = file.stream(0, INDEX_BYTES).ok()?;
        let head: [u8; 12] = take(&mut stream).ok()?;
        let (version, left) = (number(&head, 4), number(&head, 8));
        let is_known = head.starts_with(b"DIRC") && (2..=4).contains(&version);
        is_known.then_some(Self { stream, version, left, written_ns, path: Vec::new() })
    }

    /// The next file that is checked out and was not changed when the index was written, with its path from the top.
    pub(crate) fn next(&mut self) -> Option<(&[u8], Entry)> {
        while self.left > 0 {
            self.left -= 1;
            // What cannot be read any more is not known.
            let Ok((entry, stage)) = self.read() else {
                self.left = 0;
                return None;
            };
            let is_file = entry.mode & 0o170_000 == 0o100_000;
            let is_racy = entry.modified_ns.max(entry.changed_ns) >= self.written_ns;
            if stage == 0 && is_file && !is_racy {
                return Some((&self.path, entry));
            }
        }
        None
    }

    fn read(&mut self) -> io::Result<(Entry, u16)> {
        let fixed: [u8; 62] = take(&mut self.stream)?;
        let flags = u16::from_be_bytes([fixed[60], fixed[61]]);
        let is_extended = flags & 0x4000 != 0;
        if is_extended {
            let _: [u8; 2] = take(&mut self.stream)?;
        }
        let ns = |at: usize| i64::from(number(&fixed, at)) * 1_000_000_000 + i64::from(number(&fixed, at + 4));
        let mut oid = [0; 20];
        oid.copy_from_slice(&fixed[40..60]);
        let entry = Entry {
            oid,
            changed_ns: ns(0),
            modified_ns: ns(8),
            number: number(&fixed, 20),
            mode: number(&fixed, 24),
            size: number(&fixed, 36),
        };
        if self.version == 4 {
            let strip = usize::try_from(variable(&mut self.stream)?).unwrap_or(usize::MAX);
            let kept = self.path.len().checked_sub(strip).ok_or(io::ErrorKind::InvalidData)?;
            self.path.truncate(kept);
        } else {
            self.path.clear();
        }
        let read = (&mut self.stream).take(PATH_BYTES as u64).read_until(0, &mut self.path)?;
        if self.path.pop() != Some(0) || self.path.len() > PATH_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if self.version < 4 {
            // Entries are filled up to a multiple of eight bytes, with one at least.
            let length = 62 + if is_extended { 2 } else { 0 } + read - 1;
            let fill = 8 - length % 8 - 1;
            io::copy(&mut (&mut self.stream).take(fill as u64), &mut io::sink())?;
        }
        Ok((entry, flags >> 12 & 3))
    }
}

fn take<const N: usize>(stream: &mut Stream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let part = bytes.get(at..at + 4).and_then(|part| part.try_into().ok());
    part.map_or(0, u32::from_be_bytes)
}

/// A number of git's, seven bits a byte, the highest first.
pub(super) fn variable(stream: &mut impl Read) -> io::Result<u64> {
    let mut value = 0_u64;
    for at in 0..9 {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        value = (value + u64::from(at > 0)) << 7 | u64::from(byte[0] & 0x7F);
        if byte[0] & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}
