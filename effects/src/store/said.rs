//! What was said in stored sessions: searched through, and its end.

use std::{collections::BTreeMap, path::Path};

use quire_files::{Held, Links, limits};
use quire_state::{
    fault::{Fault, FaultKind},
    key::ThreadId,
    msg::StoredMessage,
    rollout::{RolloutItem, RolloutLine},
};

use super::{decode::decode, find, lines::Lines, place, read, scan};

/// Bytes at the beginning of a line in which its kind stands.
const KIND_BYTES: usize = 512;
/// Characters of a line that is found, and of a message of a preview.
const EXCERPT_CHARS: usize = 200;
const MESSAGE_CHARS: usize = 600;
/// Messages of a preview, and how much of a file's end is read for them.
const MESSAGES: usize = 12;
const END_BYTES: u64 = 1024 * 1024;

/// A search in what was said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search<'a> {
    /// The words, in lower case; all of them must occur.
    pub(crate) words: &'a [String],
    /// Where to look, in order.
    pub(crate) among: &'a [ThreadId],
}

impl Search<'_> {
    /// Looks through the threads as long as that is current. `found` gets each in which all words occur, and the line with the first
    /// of them.
    pub(super) fn run(&self, home: &Path, is_current: &dyn Fn() -> bool, mut found: impl FnMut(&ThreadId, String)) {
        let folders = [place::sessions(home), place::archived(home)];
        let files: BTreeMap<ThreadId, _> =
            folders.iter().flat_map(|folder| scan::files(folder)).map(|file| (file.thread, file.path)).collect();
        for thread in self.among.iter().take_while(|_| is_current()) {
            if let Some(line) = files.get(thread).and_then(|path| self.file(path, is_current)) {
                found(thread, line);
            }
        }
    }

    /// The line that has the first word, if all words occur in the file. What cannot be read has none.
    fn file(&self, path: &Path, is_current: &dyn Fn() -> bool) -> Option<String> {
        let mut lines = read::lines(path, limits::SESSION).ok()?;
        let (mut records, mut missing) = (Vec::new(), self.words.to_vec());
        let mut excerpt = None;
        while let Ok(Some(line)) = lines.next() {
            let Some(message) = message(line, &mut records) else { continue };
            if !is_current() {
                return None;
            }
            let text = message.text.to_lowercase();
            missing.retain(|word| !text.contains(word));
            let first = self.words.first().map_or("", String::as_str);
            if excerpt.is_none() && text.contains(first) {
                let line = message.text.lines().find(|line| line.to_lowercase().contains(first));
                excerpt = line.map(|line| around(line, first));
            }
            if missing.is_empty() {
                return excerpt;
            }
        }
        None
    }
}

/// The part of a long line that has the word.
fn around(line: &str, word: &str) -> String {
    let line = line.trim();
    let lower = line.to_lowercase();
    let before = lower.find(word).map_or(0, |at| lower[..at].chars().count());
    let start = if before > EXCERPT_CHARS / 2 { before - EXCERPT_CHARS / 4 } else { 0 };
    let part: String = line.chars().skip(start).take(EXCERPT_CHARS).collect();
    if start > 0 { format!("\u{2026}{part}") } else { part }
}

/// What was said last in a thread, in order.
pub(super) fn last(home: &Path, thread: &ThreadId) -> Result<Vec<StoredMessage>, Fault> {
    let path = find::by_id(home, thread)
        .ok_or_else(|| Fault::new(FaultKind::Missing, "The session is not there any more."))?;
    let failed = |error| place::storage("Reading the session", &path, &error);
    let file = Held::open(&path, Links::NotLast).map_err(failed)?;
    let from = file.facts().size.saturating_sub(END_BYTES);
    let end = file.part(from, END_BYTES).map_err(failed)?;
    let (mut lines, mut records, mut said) = (Lines::new(end.as_slice()), Vec::new(), Vec::new());
    while let Ok(Some(line)) = lines.next() {
        said.extend(
            message(line, &mut records)
                .map(|message| StoredMessage { text: message.text.chars().take(MESSAGE_CHARS).collect(), ..message }),
        );
    }
    said.drain(..said.len().saturating_sub(MESSAGES));
    Ok(said)
}

/// The message that a line of a session holds, if it holds one.
fn message(line: &[u8], records: &mut Vec<RolloutLine>) -> Option<StoredMessage> {
    // `user_message`, `agent_message`; `UserMessage`, `AgentMessage` of newer versions of the Codex CLI.
    const KIND: &[u8] = b"essage\"";
    // Most of a session is the output of tools: that is told by a look at the beginning of its line.
    let head = line.get(..KIND_BYTES).unwrap_or(line);
    head.windows(KIND.len()).any(|window| window == KIND).then(|| decode(line, records))?;
    records.drain(..).find_map(|stamped| match stamped.item {
        RolloutItem::UserMessage { text, .. } => Some(StoredMessage { is_user: true, text }),
        RolloutItem::AgentMessage { text, .. } => Some(StoredMessage { is_user: false, text: text.to_string() }),
        RolloutItem::Meta(_)
        | RolloutItem::History(_)
        | RolloutItem::Compacted { .. }
        | RolloutItem::TurnContext(_)
        | RolloutItem::TurnStarted { .. }
        | RolloutItem::TokenCount { .. }
        | RolloutItem::AgentReasoning { .. }
        | RolloutItem::Command(_)
        | RolloutItem::TurnCompleted { .. }
        | RolloutItem::TurnAborted { .. }
        | RolloutItem::RolledBack { .. }
        | RolloutItem::TurnError { .. } => None,
    })
}
