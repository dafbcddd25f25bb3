//! A session file, or the head of one, as records. Lines that cannot be read are counted, never an error.

use std::{
    io::{self, BufRead, Read},
    path::Path,
};

use quire_files::{Held, Links, Stream, limits};
use quire_state::{
    fault::{Fault, FaultKind},
    key::ThreadId,
    record::{Record, SessionMeta, Stamped},
};
use quire_wire::rollout::{self as wire, Line};

use super::{
    decode::{Fate, decode},
    find, place,
};

/// Longest line that is read; a longer one is skipped like a damaged one.
const LINE_BYTES: u64 = 64 * 1024 * 1024;
/// Longest chain of forks that is followed.
const FORKS: u32 = 16;

/// What a session file holds.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    /// Its records in order; the first is always a meta.
    pub(crate) records: Vec<Stamped>,
    /// Lines that could not be read.
    pub(crate) skipped: u64,
}

/// The lines of a file, one at a time, in a buffer that is used again.
pub(crate) struct Lines<R> {
    reader: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The lines of this reader.
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, line: Vec::new() }
    }

    /// The next line without its line end; an overlong one is cut.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let count = (&mut self.reader).take(LINE_BYTES).read_until(b'\n', &mut self.line)?;
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        } else if count as u64 == LINE_BYTES {
            self.reader.skip_until(b'\n')?;
        }
        Ok((count > 0).then_some(&self.line))
    }
}

/// The lines of the file at `path`, which holds at most `limit` bytes.
pub(crate) fn lines(path: &Path, limit: u64) -> io::Result<Lines<Stream>> {
    Ok(Lines::new(Held::open(path, Links::NotLast)?.stream(0, limit)?))
}

/// The meta line that the file begins with, in the file's own shape.
pub(crate) fn first_meta(path: &Path) -> io::Result<Option<wire::SessionMeta<'static>>> {
    meta_of(&Held::open(path, Links::NotLast)?)
}

/// The same of an open file.
pub(crate) fn meta_of(file: &Held) -> io::Result<Option<wire::SessionMeta<'static>>> {
    let mut lines = Lines::new(file.stream(0, limits::SESSION)?);
    let Some(line) = lines.next()? else { return Ok(None) };
    Ok(serde_json::from_slice::<Line<'_, wire::SessionMeta<'static>>>(line).ok().map(|line| line.payload))
}

/// Reads the whole session, earlier lines of a fork's origin included.
pub(crate) fn read(home: &Path, path: &Path) -> Result<Stored, Fault> {
    let failed = |error| place::storage("Reading the session file", path, &error);
    let mut stored = Stored::default();
    let origin = first_meta(path)
        .map_err(failed)?
        .and_then(|meta| Some((ThreadId(meta.forked_from_id?.into_owned()), meta.forked_from_ordinal_exclusive?)));
    read_lines(path, None, &mut stored).map_err(failed)?;
    if let Some((thread, before)) = origin {
        read_origin(home, &thread, before, FORKS, &mut stored);
    }
    if stored.records.is_empty() {
        let summary = format!("{} holds no session that can be read.", path.display());
        return Err(Fault::new(FaultKind::Storage, summary).with_hint("Name another session."));
    }
    if !matches!(stored.records.first(), Some(Stamped { record: Record::Meta(_), .. })) {
        stored.records.insert(0, meta_of_name(path, &stored.records));
    }
    Ok(stored)
}

fn read_lines(path: &Path, before: Option<u64>, stored: &mut Stored) -> io::Result<()> {
    let mut lines = lines(path, limits::SESSION)?;
    while let Some(line) = lines.next()? {
        if line.is_empty() {
            continue;
        }
        let count = stored.records.len();
        let seen = decode(line, &mut stored.records);
        if before.is_some_and(|before| seen.ordinal.is_some_and(|ordinal| ordinal >= before)) {
            stored.records.truncate(count);
            break;
        }
        stored.skipped += u64::from(seen.fate == Fate::Skipped);
    }
    Ok(())
}

/// Puts the lines of the thread that this one was forked from behind the meta. A fork whose origin is gone still
/// holds what came after it.
fn read_origin(home: &Path, thread: &ThreadId, before: u64, depth: u32, stored: &mut Stored) {
    let mut earlier = Stored::default();
    let found = find::by_id(home, thread);
    let is_read = found.as_ref().is_some_and(|path| read_lines(path, Some(before), &mut earlier).is_ok());
    if !is_read {
        stored.skipped += 1;
        return;
    }
    let origin = found.and_then(|path| first_meta(&path).ok()?).and_then(|meta| {
        let before_this = meta.forked_from_ordinal_exclusive?;
        Some((ThreadId(meta.forked_from_id?.into_owned()), before_this.min(before)))
    });
    if let (Some((thread, before)), true) = (origin, depth > 0) {
        read_origin(home, &thread, before, depth - 1, &mut earlier);
    }
    stored.skipped += earlier.skipped;
    let inherited = earlier.records.into_iter().filter(|stamped| !matches!(stamped.record, Record::Meta(_)));
    let at = usize::from(matches!(stored.records.first(), Some(Stamped { record: Record::Meta(_), .. })));
    stored.records.splice(at..at, inherited);
}

/// A meta for a file whose own was damaged: what the file's name and the other lines tell.
fn meta_of_name(path: &Path, records: &[Stamped]) -> Stamped {
    let unix_ms = records.first().map_or(0, |stamped| stamped.unix_ms);
    let cwd = records.iter().find_map(|stamped| match &stamped.record {
        Record::TurnContext(context) => Some(context.cwd.clone()),
        _ => None,
    });
    let meta = SessionMeta {
        id: place::thread_of(path).unwrap_or_else(|| ThreadId(String::new())),
        started_unix_ms: unix_ms,
        cwd: cwd.unwrap_or_default(),
        originator: String::new(),
        cli_version: String::new(),
        source: String::new(),
        model_provider: String::new(),
        instructions: None,
        forked_from: None,
    };
    Stamped { unix_ms, record: Record::Meta(Box::new(meta)) }
}
