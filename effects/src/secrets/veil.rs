//! Secrets out of a stream that is cut anywhere. What comes out is the same however it was cut; held back is only what may be
//! the beginning of a secret.

use std::collections::VecDeque;

use super::{Secrets, matcher::START};

/// So many bytes of a beginning may be shown when nothing more comes for a while: they tell nothing.
const SHOWN_BYTES: usize = 3;

/// One stream.
#[derive(Debug)]
pub struct Veil {
    secrets: Secrets,
    mark: &'static str,
    at: u32,
    /// What was taken in and is not out yet.
    held: Vec<u8>,
    /// How many bytes are out: where `held` begins in the stream.
    out: usize,
    /// What in the stream belongs to secrets, in order, without overlaps. Nothing before `out`.
    covered: VecDeque<(usize, usize)>,
    /// The last byte that is out belonged to a secret.
    in_secret: bool,
}

impl Veil {
    pub(super) fn new(secrets: Secrets, mark: &'static str) -> Self {
        let secrets = Secrets { inner: secrets.newest().clone() };
        Self { secrets, mark, at: START, held: Vec::new(), out: 0, covered: VecDeque::new(), in_secret: false }
    }

    /// Takes the next bytes in and appends what is certain to `clean`.
    pub fn feed(&mut self, bytes: &[u8], clean: &mut Vec<u8>) {
        if self.secrets.inner.values.is_empty() {
            clean.extend_from_slice(bytes);
            return;
        }
        let secrets = self.secrets.clone();
        let matcher = secrets.inner.matcher();
        let mut end = self.out + self.held.len();
        self.held.extend_from_slice(bytes);
        let mut rest = bytes;
        while let Some((byte, behind)) = rest.split_first() {
            if self.at == START {
                let idle = matcher.idle(rest);
                if idle > 0 {
                    end += idle;
                    rest = &rest[idle..];
                    continue;
                }
            }
            self.at = matcher.step(self.at, *byte);
            end += 1;
            rest = behind;
            match matcher.found(self.at) {
                0 => {}
                long => self.cover(end - long, end),
            }
        }
        self.let_out(end - matcher.depth(self.at), clean);
    }

    /// Nothing has come for a while: lets out a beginning that is too short to tell anything, so that a question of a program is
    /// not missing its last letter. What goes on with it is still found.
    pub fn pause(&mut self, clean: &mut Vec<u8>) {
        if self.held.len() <= SHOWN_BYTES {
            self.let_out(self.out + self.held.len(), clean);
        }
    }

    /// Whether something is held back.
    pub fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// The stream has ended. Most of a secret that was cut off is none of its text, either.
    pub fn finish(&mut self, clean: &mut Vec<u8>) {
        if self.held.is_empty() {
            return;
        }
        let secrets = self.secrets.clone();
        let matcher = secrets.inner.matcher();
        let end = self.out + self.held.len();
        if matcher.is_most(self.at) {
            self.cover(end - matcher.depth(self.at), end);
        }
        self.at = START;
        self.let_out(end, clean);
    }

    fn cover(&mut self, from: usize, to: usize) {
        let mut from = from.max(self.out);
        while let Some(last) = self.covered.back().copied().filter(|last| last.1 >= from) {
            self.covered.pop_back();
            from = from.min(last.0);
        }
        self.covered.push_back((from, to));
    }

    fn let_out(&mut self, to: usize, clean: &mut Vec<u8>) {
        let begin = self.out;
        while self.out < to {
            let (from, until) = self.covered.front().copied().unwrap_or((usize::MAX, usize::MAX));
            if self.out < from {
                let next = from.min(to);
                clean.extend_from_slice(&self.held[self.out - begin..next - begin]);
                self.out = next;
                self.in_secret = false;
                continue;
            }
            if !self.in_secret {
                clean.extend_from_slice(self.mark.as_bytes());
                self.in_secret = true;
            }
            self.out = until.min(to);
            if self.out == until {
                self.covered.pop_front();
            }
        }
        self.held.drain(..self.out - begin);
    }
}
