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

/// How much is kept.
#[derive(Clone, Copy)]
struct Bounds {
    head: usize,
    tail: usize,
}

const BOUNDS: Bounds = Bounds { head: OUTPUT_HEAD_BYTES, tail: OUTPUT_TAIL_BYTES };

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
    pub fn push(&mut self, text: &str) {
        self.push_within(text, BOUNDS);
    }

    /// Appends another buffer, as if its text had been pushed.
    pub fn append(&mut self, other: &Self) {
        self.append_within(other, BOUNDS);
    }

    fn push_within(&mut self, mut text: &str, bounds: Bounds) {
        if self.tail.is_empty() && self.omitted_bytes == 0 {
            let (kept, rest) = text.split_at(text.floor_char_boundary(bounds.head.saturating_sub(self.head.len())));
            self.head.push_str(kept);
            text = rest;
        }
        if text.len() >= bounds.tail {
            self.leave_out_tail(self.tail.len());
            let (left_out, kept) = text.split_at(text.ceil_char_boundary(text.len() - bounds.tail));
            self.omitted_bytes += left_out.len() as u64;
            self.omitted_lines += line_ends(left_out);
            self.tail.push_str(kept);
            return;
        }
        self.tail.push_str(text);
        let surplus = self.tail.len().saturating_sub(bounds.tail);
        self.leave_out_tail(self.tail.ceil_char_boundary(surplus));
    }

    fn append_within(&mut self, other: &Self, bounds: Bounds) {
        self.push_within(&other.head, bounds);
        if other.omitted_bytes > 0 {
            // What `other` left out lies behind everything that we hold in the tail.
            self.leave_out_tail(self.tail.len());
            self.omitted_bytes += other.omitted_bytes;
            self.omitted_lines += other.omitted_lines;
        }
        self.push_within(&other.tail, bounds);
    }

    /// Leaves out the first bytes of the tail.
    fn leave_out_tail(&mut self, bytes: usize) {
        self.omitted_bytes += bytes as u64;
        self.omitted_lines += line_ends(&self.tail[..bytes]);
        self.tail.drain(..bytes);
    }
}

fn line_ends(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests;
