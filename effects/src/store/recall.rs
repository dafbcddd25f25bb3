//! `history.jsonl`: what was submitted, for recall with the arrow keys.

use std::{io, path::Path};

use quire_files::{Held, Links, limits};
use quire_state::{fault::Fault, key::ThreadId};
use quire_wire::rollout::HistoryEntry;

use super::place;

/// How much is read at a time, from the end.
const CHUNK_BYTES: u64 = 64 * 1024;

/// Adds one submission.
pub(crate) fn remember(home: &Path, thread: &ThreadId, text: &str, ts: i64) -> Result<(), Fault> {
    let path = place::history(home);
    place::append_line(&path, &HistoryEntry { session_id: (&thread.0).into(), ts, text: text.into() })
        .map_err(|error| place::storage("Writing the prompt history", &path, &error))
}

/// The newest `limit` submissions, oldest first. A history that cannot be read is empty.
pub fn recall(home: &Path, limit: usize) -> Vec<String> {
    let bytes = newest(&place::history(home), limit).unwrap_or_default();
    let entry = |line| serde_json::from_slice::<HistoryEntry<'_>>(line).ok();
    let newest_first = bytes.rsplit(|byte| *byte == b'\n').filter_map(entry).take(limit);
    let mut texts: Vec<String> = newest_first.map(|entry| entry.text.into_owned()).collect();
    texts.reverse();
    texts
}

/// The end of the file, with at least `limit` whole lines if it has so many.
fn newest(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let file = Held::open(path, Links::NotLast)?;
    let mut from = file.facts().size;
    let lowest = from.saturating_sub(limits::HISTORY);
    let (mut chunks, mut lines) = (Vec::new(), 0);
    // The line that the reading begins in does not count: it may be cut.
    while from > lowest && lines <= limit {
        let start = from.saturating_sub(CHUNK_BYTES).max(lowest);
        let chunk = file.part(start, from - start)?;
        lines += chunk.iter().filter(|byte| **byte == b'\n').count();
        chunks.push(chunk);
        from = start;
    }
    chunks.reverse();
    Ok(chunks.concat())
}
