//! One pack: many contents in a file, with an index of their names; most are told as differences from another.

use std::io::Read as _;

use quire_files::{Folder, Held, Stream};

use super::{
    index::variable,
    objects::{OBJECT_BYTES, Oid, inflated},
};

/// Largest pack and index of one.
const PACK_BYTES: u64 = 1 << 40;
/// Most differences from one content to another.
const CHAIN: usize = 256;
/// Where the table of names begins, after head and fan-out.
const NAMES: u64 = 8 + 1024;
/// Kinds of contents in a pack.
const BLOB: u8 = 3;
const BY_OFFSET: u8 = 6;
const BY_NAME: u8 = 7;

/// A pack that is held open.
#[derive(Debug)]
pub(super) struct Pack {
    index: Held,
    pack: Held,
    /// How many names begin with this byte or a lower one.
    fan: Vec<u32>,
}

impl Pack {
    pub(super) fn open(folder: &Folder, stem: &str) -> Option<Self> {
        let index = folder.hold(format!("{stem}.idx")).ok()?;
        let pack = folder.hold(format!("{stem}.pack")).ok()?;
        let head = index.first(NAMES).ok()?;
        if !head.starts_with(b"\xfftOc\0\0\0\x02") || head.len() as u64 != NAMES || pack.facts().size > PACK_BYTES {
            return None;
        }
        let fan: Vec<u32> = head[8..].chunks_exact(4).map(big_endian).collect();
        fan.is_sorted().then_some(Self { index, pack, fan })
    }

    fn count(&self) -> u64 {
        self.fan.last().map_or(0, |count| u64::from(*count))
    }

    /// The names that begin with this byte, and the place of the first of them.
    fn names(&self, first: u8) -> (Vec<u8>, u64) {
        let upto = |byte: usize| u64::from(self.fan.get(byte).copied().unwrap_or_default());
        let from = usize::from(first).checked_sub(1).map_or(0, upto);
        let count = upto(usize::from(first)) - from;
        (self.index.part(NAMES + from * 20, count * 20).unwrap_or_default(), from)
    }

    /// Those of these names, in their order, that are not in the pack.
    pub(super) fn missing(&self, sorted: &[Oid]) -> Vec<Oid> {
        let mut missing = Vec::new();
        for same in sorted.chunk_by(|one, other| one[0] == other[0]) {
            let Some(first) = same.first() else { continue };
            let (names, _) = self.names(first[0]);
            missing.extend(same.iter().filter(|oid| place(&names, oid).is_none()));
        }
        missing
    }

    fn offset(&self, oid: &Oid) -> Option<u64> {
        let (names, from) = self.names(oid[0]);
        let at = from + place(&names, oid)? as u64;
        let word = |from: u64| Some(big_endian(&self.index.part(from, 4).ok()?));
        let offset = word(NAMES + self.count() * 24 + at * 4)?;
        if offset & 0x8000_0000 == 0 {
            return Some(u64::from(offset));
        }
        let far = NAMES + self.count() * 28 + u64::from(offset & 0x7FFF_FFFF) * 8;
        Some(u64::from(word(far)?) << 32 | u64::from(word(far + 4)?))
    }

    /// A content. Whether it is the one that was asked for, the caller checks.
    pub(super) fn read(&self, oid: &Oid) -> Option<Vec<u8>> {
        let mut differences = Vec::new();
        let mut at = self.offset(oid)?;
        let mut content = loop {
            let mut stream = self.pack.stream(at, PACK_BYTES).ok()?;
            let (kind, length) = head(&mut stream)?;
            if length > OBJECT_BYTES {
                return None;
            }
            let base = match kind {
                BLOB => break inflated(stream, length).ok()?,
                BY_OFFSET => at.checked_sub(variable(&mut stream).ok()?).filter(|base| *base < at)?,
                BY_NAME => {
                    let mut base = [0; 20];
                    stream.read_exact(&mut base).ok()?;
                    self.offset(&base)?
                }
                _ => return None,
            };
            differences.push(inflated(stream, length).ok()?);
            if differences.len() > CHAIN {
                return None;
            }
            at = base;
        };
        while let Some(difference) = differences.pop() {
            content = applied(&content, &difference)?;
        }
        Some(content)
    }
}

/// Where a name is in a sorted table of them.
fn place(names: &[u8], oid: &Oid) -> Option<usize> {
    let (names, _) = names.as_chunks::<20>();
    names.binary_search(oid).ok()
}

fn big_endian(bytes: &[u8]) -> u32 {
    bytes.try_into().map_or(0, u32::from_be_bytes)
}

/// The kind of an object and its length.
fn head(stream: &mut Stream) -> Option<(u8, u64)> {
    let mut byte = [0];
    stream.read_exact(&mut byte).ok()?;
    let (kind, mut length, mut shift) = (byte[0] >> 4 & 7, u64::from(byte[0] & 15), 4);
    while byte[0] & 0x80 != 0 {
        stream.read_exact(&mut byte).ok()?;
        length |= u64::from(byte[0] & 0x7F).checked_shl(shift).filter(|_| shift < 57)?;
        shift += 7;
    }
    Some((kind, length))
}

/// A content with a difference applied to it.
fn applied(base: &[u8], mut difference: &[u8]) -> Option<Vec<u8>> {
    let mut next = || {
        let (first, rest) = difference.split_first()?;
        difference = rest;
        Some(*first)
    };
    let mut length = || {
        let (mut length, mut shift) = (0_u64, 0);
        loop {
            let byte = next()?;
            length |= u64::from(byte & 0x7F).checked_shl(shift).filter(|_| shift < 57)?;
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(length);
            }
        }
    };
    let (from, to) = (length()?, length()?);
    if from != base.len() as u64 || to > OBJECT_BYTES {
        return None;
    }
    let to = usize::try_from(to).ok()?;
    let mut content = Vec::with_capacity(to);
    while let Some((order, rest)) = difference.split_first() {
        difference = rest;
        if order & 0x80 == 0 {
            let (new, rest) = difference.split_at_checked(usize::from(*order)).filter(|(new, _)| !new.is_empty())?;
            content.extend_from_slice(new);
            difference = rest;
        } else {
            let mut words = [0_u32; 2];
            for bit in 0..7_u32 {
                if order >> bit & 1 == 1 {
                    let (byte, rest) = difference.split_first()?;
                    difference = rest;
                    let (word, shift) = if bit < 4 { (0, bit * 8) } else { (1, (bit - 4) * 8) };
                    words[word] |= u32::from(*byte) << shift;
                }
            }
            let from = usize::try_from(words[0]).ok()?;
            let count = if words[1] == 0 { 0x10000 } else { usize::try_from(words[1]).ok()? };
            content.extend_from_slice(base.get(from..from.checked_add(count)?)?);
        }
        if content.len() > to {
            return None;
        }
    }
    (content.len() == to).then_some(content)
}
