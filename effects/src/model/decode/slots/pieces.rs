//! What has come of one item before its end, and what it completes in an end that says less. Servers send a text in
//! deltas, as a whole part, with the item's announcement, with its end, or in several of these ways.

use std::sync::Arc;

use quire_state::history::{HistoryItem, Part};

/// What a part takes beside its text.
pub(in crate::model::decode) const PART_BYTES: usize = 48;

/// The pieces of one item.
#[derive(Debug, Default)]
pub(in crate::model::decode) struct Pieces {
    /// A message's text, or a call's input.
    text: String,
    /// Where in the text the newest part begins.
    part_start: usize,
    /// The index of that part.
    part_index: Option<u64>,
    /// The input of the call was said as a whole; no more of it is due.
    is_whole: bool,
    /// Summary parts of reasoning.
    summary: Vec<String>,
    /// Raw parts of reasoning.
    content: Vec<String>,
    /// What all of them take.
    bytes: usize,
    /// The item as it was announced, where that said more than its name.
    opening: Option<HistoryItem>,
}

/// Which parts of reasoning are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model::decode) enum Thought {
    /// The summary.
    Summary,
    /// The raw text.
    Content,
}

impl Pieces {
    /// What they take.
    pub(in crate::model::decode) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The input of the call was said as a whole.
    pub(in crate::model::decode) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The text so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Keeps what the announcement said, if it said anything. Gives the bytes that this takes.
    pub(super) fn open(&mut self, item: HistoryItem) -> usize {
        if says_nothing(&item) {
            return 0;
        }
        let weight = item.weight();
        self.opening = Some(item);
        weight
    }

    /// Adds to the text of the part of that index.
    pub(in crate::model::decode) fn push(&mut self, index: Option<u64>, delta: &str) {
        self.turn_to(index);
        self.text.push_str(delta);
        self.bytes += delta.len();
    }

    fn turn_to(&mut self, index: Option<u64>) {
        if index.is_some() && index != self.part_index {
            // What came without an index belongs to the first part that has one.
            self.part_start = self.part_index.map_or(0, |_| self.text.len());
            self.part_index = index;
        }
    }

    /// A part of a message is whole. Adds what had not come of it, and gives that. A part that says something else than its
    /// deltas adds nothing: they were shown, and the item's end has the last word.
    pub(in crate::model::decode) fn end_part<'a>(&mut self, index: Option<u64>, whole: &'a str) -> &'a str {
        if index.zip(self.part_index).is_some_and(|(index, newest)| index < newest) {
            return "";
        }
        let is_new = index.is_some() && self.part_index.is_some() && index != self.part_index;
        let so_far = if is_new { "" } else { &self.text[self.part_start..] };
        let Some(rest) = whole.strip_prefix(so_far).filter(|rest| !rest.is_empty()) else { return "" };
        self.push(index, rest);
        rest
    }

    /// The input of a call is whole. Gives the bytes that are new.
    pub(in crate::model::decode) fn end_input(&mut self, whole: &str) -> usize {
        if self.is_whole || is_hollow(whole) && !self.text.is_empty() {
            return 0;
        }
        self.is_whole = !whole.trim().is_empty();
        let before = self.text.len();
        whole.clone_into(&mut self.text);
        self.bytes = (self.bytes + whole.len()).saturating_sub(before);
        whole.len().saturating_sub(before)
    }

    /// Adds to the part of that index, at most one part beyond the last; without an index to the last part. Gives the
    /// part's number.
    pub(in crate::model::decode) fn think(&mut self, thought: Thought, index: Option<u64>, delta: &str) -> usize {
        let parts = self.parts(thought);
        let last = parts.len().saturating_sub(1);
        let index = index.map_or(last, |index| usize::try_from(index).unwrap_or(usize::MAX).min(parts.len()));
        let mut grown = delta.len();
        if index == parts.len() {
            parts.push(String::new());
            grown += PART_BYTES;
        }
        parts[index].push_str(delta);
        self.bytes += grown;
        index
    }

    /// A part of reasoning is whole. Gives its number and what had not come of it, if there is any.
    pub(in crate::model::decode) fn end_thought<'a>(
        &mut self,
        thought: Thought,
        index: Option<u64>,
        whole: &'a str,
    ) -> Option<(usize, &'a str)> {
        let parts = self.parts(thought);
        let last = parts.len().saturating_sub(1);
        // Behind the next part there is none: a number that is out of all order means the last.
        let index = index.and_then(|index| usize::try_from(index).ok()).filter(|index| *index <= parts.len());
        let index = index.unwrap_or(last);
        let so_far = parts.get(index).map_or("", String::as_str);
        let rest = whole.strip_prefix(so_far).filter(|rest| !rest.is_empty())?;
        Some((self.think(thought, Some(index as u64), rest), rest))
    }

    /// A new summary part begins.
    pub(in crate::model::decode) fn begin_summary(&mut self) {
        self.summary.push(String::new());
        self.bytes += PART_BYTES;
    }

    fn parts(&mut self, thought: Thought) -> &mut Vec<String> {
        match thought {
            Thought::Summary => &mut self.summary,
            Thought::Content => &mut self.content,
        }
    }

    /// Whether these pieces can be what `done` is the end of; `None` where there are none to tell by.
    pub(super) fn agree(&self, done: &HistoryItem) -> Option<bool> {
        match done {
            HistoryItem::Message { content, .. } => {
                let text = content.iter().map(|part| if let Part::Text(text) = part { text.as_str() } else { "" });
                begins(text, std::iter::once(self.text.as_str()))
            }
            HistoryItem::Call { arguments, .. } if is_hollow(arguments) => None,
            HistoryItem::Call { arguments, .. } => {
                begins(std::iter::once(arguments.as_ref()), std::iter::once(self.text.as_str()))
            }
            HistoryItem::Reasoning { summary, content, .. } => {
                let of = |whole: &[String], so_far: &[String]| {
                    begins(whole.iter().map(String::as_str), so_far.iter().map(String::as_str))
                };
                of(summary, &self.summary).or_else(|| of(content, &self.content))
            }
            HistoryItem::Output { .. } | HistoryItem::Opaque(_) => None,
        }
    }

    /// Completes an end that says nothing by what came before it.
    pub(super) fn complete(&mut self, done: &mut HistoryItem) {
        let pieces = std::mem::take(self);
        match done {
            HistoryItem::Message { content, .. } if is_empty(content) => {
                if !pieces.text.is_empty() {
                    *content = vec![Part::Text(pieces.text)];
                } else if let Some(HistoryItem::Message { content: opening, .. }) = pieces.opening {
                    *content = opening;
                }
            }
            HistoryItem::Reasoning { summary, content, .. } if are_empty(summary) && are_empty(content) => {
                if !(pieces.summary.is_empty() && pieces.content.is_empty()) {
                    (*summary, *content) = (pieces.summary, pieces.content);
                } else if let Some(HistoryItem::Reasoning { summary: parts, content: texts, .. }) = pieces.opening {
                    (*summary, *content) = (parts, texts);
                }
            }
            HistoryItem::Call { arguments, .. } if is_hollow(arguments) => {
                let opening = match pieces.opening {
                    Some(HistoryItem::Call { arguments, .. }) => Some(arguments),
                    _ => None,
                };
                let text = Some(pieces.text.into()).filter(|text: &Arc<str>| !text.trim().is_empty());
                let full = [&text, &opening].into_iter().flatten().find(|input| !is_hollow(input)).cloned();
                let better = full.or(text.filter(|_| arguments.trim().is_empty()));
                if let Some(better) = better {
                    *arguments = better;
                }
            }
            HistoryItem::Message { .. }
            | HistoryItem::Reasoning { .. }
            | HistoryItem::Call { .. }
            | HistoryItem::Output { .. }
            | HistoryItem::Opaque(_) => {}
        }
    }

    /// Whether nothing is known of the input of a call that ends with these arguments.
    pub(super) fn lack(&self, arguments: &str) -> bool {
        arguments.trim().is_empty() && self.text.trim().is_empty() && self.opening.is_none()
    }
}

/// Arguments that servers send in place of those that they did not put together.
fn is_hollow(arguments: &str) -> bool {
    matches!(arguments.trim(), "" | "{}" | "null")
}

fn is_empty(content: &[Part]) -> bool {
    content.iter().all(|part| matches!(part, Part::Text(text) if text.is_empty()))
}

fn are_empty(parts: &[String]) -> bool {
    parts.iter().all(String::is_empty)
}

/// Whether an item has nothing but its name.
pub(super) fn says_nothing(item: &HistoryItem) -> bool {
    match item {
        HistoryItem::Message { content, .. } => is_empty(content),
        HistoryItem::Reasoning { summary, content, .. } => are_empty(summary) && are_empty(content),
        HistoryItem::Call { arguments, .. } => is_hollow(arguments),
        HistoryItem::Output { .. } | HistoryItem::Opaque(_) => true,
    }
}

/// Whether the whole begins with what has come so far, without a look at where parts end; `None` where one of them is empty.
fn begins<'a>(whole: impl Iterator<Item = &'a str>, so_far: impl Iterator<Item = &'a str>) -> Option<bool> {
    let mut whole = whole.flat_map(str::bytes).peekable();
    let mut so_far = so_far.flat_map(str::bytes).peekable();
    whole.peek()?;
    so_far.peek()?;
    Some(so_far.all(|byte| whole.next() == Some(byte)))
}
