//! A bounded buffer that keeps the beginning and the end of a text and counts what it left out.

use serde::{Deserialize, Serialize};

use crate::limits::{OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES};

/// Head and tail of a text. As long as nothing is left out, `head` followed by `tail` is the whole text.
///
/// `head` is the longest prefix of at most [`OUTPUT_HEAD_BYTES`], `tail` the longest suffix of the rest of at most
/// [`OUTPUT_TAIL_BYTES`], both on character borders. So appending `a` and then `b` gives the same buffer
/// as appending both at once, which is what lets pieces be merged anywhere on their way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadTail {
    /// The beginning.
    pub head: String,
    /// Bytes left out between head and tail.
    pub omitted_bytes: u64,
    /// Line ends among the bytes left out.
    pub omitted_lines: u64,
    /// The end.
    pub tail: String,
}

impl HeadTail {
    /// The buffer of one text.
    pub fn of(text: &str) -> Self {
        let mut buffer = Self::default();
        buffer.push(text);
        buffer
    }

    /// Whether nothing was ever appended.
    pub fn is_empty(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty() && self.omitted_bytes == 0
    }

    /// Bytes appended so far.
    pub fn total_bytes(&self) -> u64 {
        self.head.len() as u64 + self.omitted_bytes + self.tail.len() as u64
    }

    /// Appends text.
    pub fn push(&mut self, mut text: &str) {
        if self.tail.is_empty() && self.omitted_bytes == 0 {
            let room = floor_border(text, OUTPUT_HEAD_BYTES.saturating_sub(self.head.len()));
            let (kept, rest) = text.split_at(room);
            self.head.push_str(kept);
            text = rest;
        }
        if text.is_empty() {
            return;
        }
        if text.len() >= OUTPUT_TAIL_BYTES {
            let cut = ceil_border(text, text.len() - OUTPUT_TAIL_BYTES);
            let tail = std::mem::take(&mut self.tail);
            self.leave_out(&tail);
            self.leave_out(&text[..cut]);
            self.tail.push_str(&text[cut..]);
            return;
        }
        self.tail.push_str(text);
        // Trimming only at twice the bound keeps appending cheap; `settle` makes the value canonical.
        if self.tail.len() > OUTPUT_TAIL_BYTES {
            self.settle();
        }
    }

    /// Appends another buffer, as if its text had been pushed.
    pub fn append(&mut self, other: &Self) {
        self.push(&other.head);
        if other.omitted_bytes > 0 {
            // What `other` left out lies between; everything that we hold in the tail lies before it.
            let tail = std::mem::take(&mut self.tail);
            self.leave_out(&tail);
            self.omitted_bytes += other.omitted_bytes;
            self.omitted_lines += other.omitted_lines;
        }
        self.push(&other.tail);
    }

    fn settle(&mut self) {
        let cut = ceil_border(&self.tail, self.tail.len() - OUTPUT_TAIL_BYTES);
        let kept = self.tail.split_off(cut);
        let cut = std::mem::replace(&mut self.tail, kept);
        self.leave_out(&cut);
    }

    fn leave_out(&mut self, text: &str) {
        self.omitted_bytes += text.len() as u64;
        self.omitted_lines += text.bytes().filter(|byte| *byte == b'\n').count() as u64;
    }
}

fn floor_border(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn ceil_border(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
