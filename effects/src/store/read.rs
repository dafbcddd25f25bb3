//! A session file, or the head of one, as records. Lines that cannot be read are counted, never an error.

use std::{collections::VecDeque, io, path::Path};

use quire_files::{Held, Links, Stream, limits};
use quire_state::{
    fault::{Fault, FaultKind},
    key::ThreadId,
    rollout::{RolloutItem, RolloutLine, SessionMeta},
};
use quire_wire::rollout::{self as wire, Line};

use super::{
    decode::{LineOutcome, decode},
    find,
    lines::Lines,
    place,
};

/// Longest chain of forks that is followed.
const FORKS: u32 = 16;
/// Most that the records of a session may hold; of a longer one the newest are kept. No model could be told more.
const SESSION_BYTES: usize = 48 * 1024 * 1024;
/// Records before the one that tells the folder of a session whose first line is damaged.
const HEAD_RECORDS: usize = 1000;

/// What a session file holds.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    /// Its records in order; the first is always a meta.
    pub(crate) records: Vec<RolloutLine>,
    /// Lines that could not be read.
    pub(crate) skipped: u64,
    /// The oldest records that are left out, because the session is too long.
    pub(crate) left_out: u64,
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
    while let Some(line) = lines.next()? {
        if !line.is_empty() {
            return Ok(serde_json::from_slice::<Line<'_, wire::SessionMeta<'static>>>(line)
                .ok()
                .map(|line| line.payload));
        }
    }
    Ok(None)
}

/// Whose session the file is: what [`read`] would say. `None` for a file that holds no session.
pub(crate) fn identity(path: &Path) -> io::Result<Option<SessionMeta>> {
    let mut lines = lines(path, limits::SESSION)?;
    let mut records: Vec<RolloutLine> = Vec::new();
    let (mut begun_ms, mut count) = (None, 0);
    while let Some(line) = lines.next()? {
        decode(line, &mut records);
        for stamped in records.drain(..) {
            match stamped.item {
                RolloutItem::Meta(meta) if begun_ms.is_none() => return Ok(Some(*meta)),
                RolloutItem::TurnContext(context) => {
                    let unix_ms = begun_ms.unwrap_or(stamped.unix_ms);
                    return Ok(Some(meta_of_name(path, unix_ms, Some(context.cwd))));
                }
                _ => {}
            }
            begun_ms.get_or_insert(stamped.unix_ms);
            count += 1;
        }
        if count >= HEAD_RECORDS {
            break;
        }
    }
    Ok(begun_ms.map(|unix_ms| meta_of_name(path, unix_ms, None)))
}

/// Records within a bound: the oldest go first.
struct Kept {
    meta: Option<RolloutLine>,
    records: VecDeque<RolloutLine>,
    room: usize,
    bytes: usize,
    skipped: u64,
    left_out: u64,
}

impl Kept {
    fn within(room: usize) -> Self {
        Self { meta: None, records: VecDeque::new(), room, bytes: 0, skipped: 0, left_out: 0 }
    }

    fn add(&mut self, stamped: RolloutLine) {
        if self.meta.is_none() && self.records.is_empty() && matches!(stamped.item, RolloutItem::Meta(_)) {
            self.meta = Some(stamped);
            return;
        }
        self.bytes += weight(&stamped.item);
        self.records.push_back(stamped);
        while self.bytes > self.room
            && let Some(oldest) = self.records.pop_front()
        {
            self.bytes -= weight(&oldest.item);
            self.left_out += 1;
        }
    }
}

/// Bytes that a record holds, roughly.
fn weight(record: &RolloutItem) -> usize {
    const BASE: usize = 320;
    BASE + match record {
        RolloutItem::History(item) => item.weight(),
        RolloutItem::Compacted { message, replacement } => {
            message.len() + replacement.iter().map(|item| BASE + item.weight()).sum::<usize>()
        }
        RolloutItem::UserMessage { text, images } => text.len() + images.iter().map(|image| image.len()).sum::<usize>(),
        RolloutItem::AgentMessage { text, .. } => text.len(),
        RolloutItem::AgentReasoning { text } => text.len(),
        RolloutItem::TurnCompleted { last_message, .. } => last_message.as_ref().map_or(0, |text| text.len()),
        RolloutItem::TurnError { message } => message.len(),
        RolloutItem::Meta(meta) => meta.instructions.as_ref().map_or(0, String::len),
        RolloutItem::Command(_)
        | RolloutItem::TurnContext(_)
        | RolloutItem::TurnStarted { .. }
        | RolloutItem::TokenCount { .. }
        | RolloutItem::TurnAborted { .. }
        | RolloutItem::RolledBack { .. } => 0,
    }
}

/// Reads the whole session, earlier lines of a fork's origin included.
pub(crate) fn read(home: &Path, path: &Path) -> Result<Stored, Fault> {
    let failed = |error| place::storage("Reading the session file", path, &error);
    let mut kept = Kept::within(SESSION_BYTES);
    let origin = first_meta(path)
        .map_err(failed)?
        .and_then(|meta| Some((ThreadId(meta.forked_from_id?.into_owned()), meta.forked_from_ordinal_exclusive?)));
    read_lines(path, None, &mut kept).map_err(failed)?;
    if let Some((thread, before)) = origin {
        read_origin(home, &thread, before, FORKS, &mut kept);
    }
    let Kept { meta, records, skipped, left_out, .. } = kept;
    if meta.is_none() && records.is_empty() && left_out == 0 {
        let summary = format!("{} contains no session that can be read.", path.display());
        return Err(Fault::new(FaultKind::Storage, summary).with_hint("Choose another session."));
    }
    let mut records = Vec::from(records);
    let meta = meta.unwrap_or_else(|| {
        let unix_ms = records.first().map_or(0, |stamped| stamped.unix_ms);
        let meta = meta_of_name(path, unix_ms, cwd_of(&records));
        RolloutLine::new(unix_ms, RolloutItem::Meta(Box::new(meta)))
    });
    records.insert(0, meta);
    Ok(Stored { records, skipped, left_out })
}

fn read_lines(path: &Path, before: Option<u64>, kept: &mut Kept) -> io::Result<()> {
    let mut lines = lines(path, limits::SESSION)?;
    let mut records = Vec::new();
    while let Some(line) = lines.next()? {
        if line.is_empty() {
            continue;
        }
        let seen = decode(line, &mut records);
        if before.is_some_and(|before| seen.ordinal.is_some_and(|ordinal| ordinal >= before)) {
            break;
        }
        kept.skipped += u64::from(seen.outcome == LineOutcome::Skipped);
        records.drain(..).for_each(|stamped| kept.add(stamped));
    }
    Ok(())
}

/// Puts the lines of the thread that this one was forked from before the others, as far as there is room. A fork whose origin
/// is gone still holds what came after it.
fn read_origin(home: &Path, thread: &ThreadId, before: u64, depth: u32, kept: &mut Kept) {
    // Where something is left out already, what is older is, too.
    let room = if kept.left_out > 0 { 0 } else { kept.room.saturating_sub(kept.bytes) };
    let mut earlier = Kept::within(room);
    let found = find::by_id(home, thread);
    let is_read = found.as_ref().is_some_and(|path| read_lines(path, Some(before), &mut earlier).is_ok());
    if !is_read {
        kept.skipped += 1;
        return;
    }
    let origin = found.and_then(|path| first_meta(&path).ok()?).and_then(|meta| {
        let before_this = meta.forked_from_ordinal_exclusive?;
        Some((ThreadId(meta.forked_from_id?.into_owned()), before_this.min(before)))
    });
    if let (Some((thread, before)), true) = (origin, depth > 0) {
        read_origin(home, &thread, before, depth - 1, &mut earlier);
    }
    kept.skipped += earlier.skipped;
    kept.left_out += earlier.left_out;
    kept.bytes += earlier.bytes;
    earlier.records.retain(|stamped| !matches!(stamped.item, RolloutItem::Meta(_)));
    earlier.records.append(&mut kept.records);
    kept.records = earlier.records;
}

/// A meta for a file whose own was damaged: what the file's name and the other lines tell.
fn meta_of_name(path: &Path, unix_ms: i64, cwd: Option<String>) -> SessionMeta {
    SessionMeta {
        id: place::thread_of(path).unwrap_or_else(|| ThreadId(String::new())),
        started_unix_ms: unix_ms,
        cwd: cwd.unwrap_or_default(),
        originator: String::new(),
        cli_version: String::new(),
        source: String::new(),
        model_provider: String::new(),
        instructions: None,
        forked_from: None,
    }
}

fn cwd_of(records: &[RolloutLine]) -> Option<String> {
    records.iter().find_map(|stamped| match &stamped.item {
        RolloutItem::TurnContext(context) => Some(context.cwd.clone()),
        _ => None,
    })
}
