//! What the session files themselves tell: which there are, and what each is about. Knows nothing of the index.

use std::{
    io,
    path::{Path, PathBuf},
};

use quire_files::{Facts, Folder, Held, Kind, Links, limits};
use quire_state::{key::ThreadId, rollout::RolloutItem};

use super::{decode::decode, lines::Lines, list::ThreadSummary, place, read};

/// Folders under `sessions`: year, month, day.
const DEPTH: u32 = 3;
/// How much of a file's beginning is read for its summary.
const HEAD_BYTES: u64 = 128 * 1024;
/// How much of a file's end is read for its latest counts.
const TAIL_BYTES: u64 = 64 * 1024;
/// Longest title, in characters.
const TITLE_CHARS: usize = 200;

/// A session file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The thread that its name tells.
    pub(crate) thread: ThreadId,
    /// The file.
    pub(crate) path: PathBuf,
}

/// Size and time of a file, by which a cached summary is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stat {
    /// Last change, nanoseconds since 1970.
    pub(crate) changed_ns: i64,
    /// Size.
    pub(crate) bytes: i64,
}

impl Stat {
    /// Size and time of the file at `path`.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let (folder, name) = Folder::above(path, Links::Follow)?;
        let facts = folder.look(&name)?.ok_or(io::ErrorKind::NotFound)?;
        Self::of_plain(&facts).ok_or_else(|| io::Error::other("it is not a regular file"))
    }

    fn of_plain(facts: &Facts) -> Option<Self> {
        let bytes = i64::try_from(facts.size).unwrap_or(i64::MAX);
        (facts.kind == Kind::File).then_some(Self { changed_ns: facts.modified_ns, bytes })
    }
}

/// All session files below a folder, in no order. What cannot be read is not there.
pub(crate) fn files(folder: &Path) -> Vec<Found> {
    let mut found = Vec::new();
    if let Ok(open) = Folder::open(folder, Links::Follow) {
        walk(&open, DEPTH, &mut found);
    }
    found
}

/// The session files below a folder with size and time, last changed first.
pub(crate) fn newest_first(folder: &Path) -> Vec<(Stat, Found)> {
    let files = files(folder).into_iter();
    let mut files: Vec<_> = files.filter_map(|file| Some((Stat::of(&file.path).ok()?, file))).collect();
    files.sort_by(|a, b| (b.0.changed_ns, &b.1.path).cmp(&(a.0.changed_ns, &a.1.path)));
    files
}

fn walk(folder: &Folder, depth: u32, found: &mut Vec<Found>) {
    let Ok(entries) = folder.entries() else { return };
    for entry in entries.flatten().take(limits::SESSIONS) {
        let path = folder.path().join(&entry.name);
        if entry.kind != Kind::Folder {
            found.extend(place::thread_of(&path).map(|thread| Found { thread, path }));
        } else if depth > 0
            && let Ok(below) = folder.folder(&entry.name)
        {
            walk(&below, depth - 1, found);
        }
    }
}

/// What a session file is about, from its beginning and its end. `None` for a file that does not begin as one.
pub(crate) fn summary(file: &Found, stat: Stat) -> Option<ThreadSummary> {
    let open = Held::open(&file.path, Links::NotLast).ok()?;
    let head = head(&open).ok()?;
    let bytes = u64::try_from(stat.bytes).unwrap_or(0);
    let mut records = Vec::new();
    let mut lines = Lines::new(head.as_slice());
    while let Ok(Some(line)) = lines.next() {
        decode(line, &mut records);
    }
    // What is longer than the head, or damaged, is known to the reader that opens the file.
    let meta = match records.first().and_then(|line| line.item.meta()) {
        Some(meta) => meta.clone(),
        None => read::identity(&file.path).ok()??,
    };
    let mut summary = ThreadSummary {
        id: meta.id.clone(),
        path: file.path.to_string_lossy().into_owned(),
        cwd: meta.cwd.clone(),
        created_unix_ms: meta.started_unix_ms,
        updated_unix_ms: stat.changed_ns / 1_000_000,
        title: None,
        name: None,
        model: None,
        provider: meta.model_provider.clone(),
        source: meta.source.clone(),
        tokens: 0,
        bytes,
    };
    if bytes > head.len() as u64 {
        let from = (head.len() as u64).max(bytes.saturating_sub(TAIL_BYTES));
        for line in open.part(from, TAIL_BYTES).unwrap_or_default().split(|byte| *byte == b'\n') {
            decode(line, &mut records);
        }
    }
    for stamped in &records {
        absorb(&mut summary, &stamped.item);
    }
    Some(summary)
}

fn absorb(summary: &mut ThreadSummary, record: &RolloutItem) {
    match record {
        RolloutItem::TurnContext(context) => summary.model = Some(context.model.clone()),
        RolloutItem::UserMessage { text, .. } if summary.title.is_none() => summary.title = title(text),
        RolloutItem::TokenCount { total, .. } => summary.tokens = total.total_tokens,
        RolloutItem::Meta(_)
        | RolloutItem::History(_)
        | RolloutItem::Compacted { .. }
        | RolloutItem::TurnStarted { .. }
        | RolloutItem::UserMessage { .. }
        | RolloutItem::AgentMessage { .. }
        | RolloutItem::AgentReasoning { .. }
        | RolloutItem::Command(_)
        | RolloutItem::TurnCompleted { .. }
        | RolloutItem::TurnAborted { .. }
        | RolloutItem::RolledBack { .. }
        | RolloutItem::TurnError { .. } => {}
    }
}

/// The first line that says something, cut to a title's length.
fn title(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().take(TITLE_CHARS).collect())
}

fn head(file: &Held) -> io::Result<Vec<u8>> {
    file.first(HEAD_BYTES)
}
