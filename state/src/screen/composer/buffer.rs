//! The editing engine: text, caret, undo and yank. The only file that knows `tui-textarea`.
//!
//! Everything here speaks of one text with line ends and of byte offsets into it. Nothing that depends on a paint
//! (viewport, visual lines) or on time is used: the engine stamps its edits with the clock, but compares stamps only
//! when its own coalescing is on, so it stays off and edits are grouped here, by what was typed.

use std::{collections::VecDeque, fmt, ops::Range};

use tui_textarea::{AtomicRange, CursorMove, TextArea};

use super::motion::{Kind, settle};
use crate::limits::UNDO_EDITS;

/// Edits that one undo takes back at most.
const GROUP_EDITS: usize = 200;

/// Killed texts that are kept, and their bytes.
const KILLED: usize = 32;
const KILLED_BYTES: usize = 4 * 1024 * 1024;

/// A text being edited.
#[derive(Clone)]
pub(super) struct Buffer {
    area: TextArea<'static>,
    /// Edits of the engine in each step that undo takes back, oldest first.
    steps: VecDeque<usize>,
    /// The same for redo, next one last.
    undone: Vec<usize>,
    run: Option<Run>,
    /// What was killed before the text that is yanked next, the newest last.
    killed: VecDeque<String>,
    /// The text that was yanked last, while another one may take its place: where it stands, and how many are older.
    yanked: Option<(Range<usize>, usize)>,
}

/// What the edits just done are, as long as the next one may join them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    /// Typing; whether the last character was a space.
    Typing { space: bool },
    /// Taking characters away; whether the last one was a space.
    Erasing { space: bool },
    /// Killing: what is killed next joins the yank text.
    Killing,
}

/// On which side of the caret a text was killed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    Behind,
}

impl Buffer {
    /// A text with the caret at its end and nothing to undo.
    pub(super) fn new(text: &str) -> Self {
        let mut area = TextArea::default();
        area.set_max_histories(UNDO_EDITS + GROUP_EDITS);
        area.set_undo_coalescing(false);
        let mut buffer =
            Self { area, steps: VecDeque::new(), undone: Vec::new(), run: None, killed: VecDeque::new(), yanked: None };
        buffer.reset(text);
        buffer
    }

    /// Another text, caret at its end, nothing to undo. The yank text stays.
    pub(super) fn reset(&mut self, text: &str) {
        self.area.set_lines(text.split('\n').map(str::to_owned).collect(), (usize::MAX, usize::MAX));
        self.steps.clear();
        self.undone.clear();
        (self.run, self.yanked) = (None, None);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    pub(super) fn begins_with(&self, character: char) -> bool {
        self.area.lines().first().is_some_and(|line| line.starts_with(character))
    }

    pub(super) fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// How many steps can be undone.
    pub(super) fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Makes one step of all after the first ones.
    pub(super) fn join_steps(&mut self, first: usize) {
        self.run = None;
        let joined: usize = self.steps.drain(first.min(self.steps.len())..).sum();
        if joined > 0 {
            self.steps.push_back(joined);
        }
    }

    /// Sets what is yanked next.
    pub(super) fn set_yank(&mut self, text: &str) {
        self.run = None;
        self.area.set_yank_text(text.to_owned());
    }

    pub(super) fn yank_text(&self) -> String {
        self.area.yank_text()
    }

    /// The caret's byte offset.
    pub(super) fn caret(&self) -> usize {
        let (row, col) = self.area.cursor();
        let lines = self.area.lines();
        let before: usize = lines.iter().take(row).map(|line| line.len() + 1).sum();
        before + lines.get(row).map_or(0, |line| byte_of(line, col))
    }

    /// Moves the caret, out of any cluster, and ends the run of edits.
    pub(super) fn set_caret(&mut self, text: &str, at: usize) {
        (self.run, self.yanked) = (None, None);
        self.go(settle(text, at));
    }

    /// Types at the caret. Characters of one word and the spaces behind it are undone together.
    pub(super) fn type_char(&mut self, character: char) {
        let space = character.is_whitespace();
        let joins = match self.run {
            Some(Run::Typing { space: last }) => space || !last,
            Some(Run::Erasing { .. } | Run::Killing) | None => false,
        };
        self.area.insert_char(character);
        self.record(1, joins);
        self.run = Some(Run::Typing { space });
        self.settle_caret();
    }

    /// Inserts at the caret, undone in one.
    pub(super) fn insert(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.area.insert_str(text);
        self.record(1, false);
        self.run = None;
        self.settle_caret();
    }

    /// Takes away a stretch of the text.
    pub(super) fn erase(&mut self, text: &str, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let space = Kind::of(&text[range.clone()]) == Kind::Space;
        let joins = match self.run {
            Some(Run::Erasing { space: last }) => space || !last,
            Some(Run::Typing { .. } | Run::Killing) | None => false,
        };
        let yank = self.area.yank_text();
        self.delete(text, range);
        self.area.set_yank_text(yank);
        self.record(1, joins);
        self.run = Some(Run::Erasing { space });
        self.settle_caret();
    }

    /// Puts a text in the place of a stretch, undone in one.
    pub(super) fn replace(&mut self, text: &str, range: Range<usize>, with: &str) {
        let mut edits = 0;
        self.go(range.start);
        if !range.is_empty() {
            let yank = self.area.yank_text();
            self.delete(text, range);
            self.area.set_yank_text(yank);
            edits += 1;
        }
        if !with.is_empty() {
            self.area.insert_str(with);
            edits += 1;
        }
        if edits > 0 {
            self.record(edits, false);
        }
        self.run = None;
        self.settle_caret();
    }

    /// Takes away a stretch of the text for yanking. Kills in a row gather.
    pub(super) fn kill(&mut self, text: &str, range: Range<usize>, side: Side) {
        if range.is_empty() {
            return;
        }
        let before = self.area.yank_text();
        let gathered = if self.run == Some(Run::Killing) {
            before
        } else {
            self.keep_killed(before);
            String::new()
        };
        let killed = &text[range.clone()];
        let yank = match side {
            Side::Before => format!("{killed}{gathered}"),
            Side::Behind => format!("{gathered}{killed}"),
        };
        self.delete(text, range);
        self.area.set_yank_text(yank);
        self.record(1, false);
        self.run = Some(Run::Killing);
        self.settle_caret();
    }

    fn keep_killed(&mut self, text: String) {
        if !text.is_empty() && self.killed.back() != Some(&text) {
            self.killed.push_back(text);
        }
        let mut bytes: usize = self.killed.iter().map(String::len).sum();
        while self.killed.len() > KILLED || bytes > KILLED_BYTES {
            bytes -= self.killed.pop_front().map_or(bytes, |oldest| oldest.len());
        }
    }

    /// Inserts what was killed last.
    pub(super) fn yank(&mut self) {
        let from = self.caret();
        if self.area.paste() {
            self.record(1, false);
        }
        self.run = None;
        self.settle_caret();
        self.yanked = Some((from..self.caret(), 0));
    }

    /// Right after a yank: what was killed before it in its place, the newest again behind the oldest.
    pub(super) fn yank_pop(&mut self) {
        let Some((range, older)) = self.yanked.take().filter(|(range, _)| range.end == self.caret()) else { return };
        let ring = self.killed.len() + 1;
        let next = (older + 1) % ring;
        let text = match next {
            0 => self.area.yank_text(),
            older => self.killed.get(self.killed.len() - older).cloned().unwrap_or_default(),
        };
        let whole = self.text();
        let from = range.start;
        self.replace(&whole, range, &text);
        self.yanked = Some((from..self.caret(), next));
    }

    /// Takes back the last step; `false` if there is none.
    pub(super) fn undo(&mut self) -> bool {
        self.run = None;
        let Some(edits) = self.steps.pop_back() else { return false };
        for _ in 0..edits {
            self.area.undo();
        }
        self.undone.push(edits);
        self.settle_caret();
        true
    }

    /// Does the last undone step again; `false` if there is none.
    pub(super) fn redo(&mut self) -> bool {
        self.run = None;
        let Some(edits) = self.undone.pop() else { return false };
        for _ in 0..edits {
            self.area.redo();
        }
        self.steps.push_back(edits);
        self.settle_caret();
        true
    }

    fn record(&mut self, edits: usize, joins: bool) {
        self.yanked = None;
        self.undone.clear();
        match self.steps.back_mut() {
            Some(last) if joins && *last < GROUP_EDITS => *last += edits,
            Some(_) | None => self.steps.push_back(edits),
        }
        let mut total: usize = self.steps.iter().sum();
        while total > UNDO_EDITS {
            total -= self.steps.pop_front().unwrap_or(total);
        }
    }

    fn delete(&mut self, text: &str, range: Range<usize>) {
        self.go(range.start);
        self.area.delete_str(text[range].chars().count());
    }

    /// After an edit, clusters may have grown together around the caret.
    fn settle_caret(&mut self) {
        let (row, col) = self.area.cursor();
        let Some(line) = self.area.lines().get(row) else { return };
        let at = byte_of(line, col);
        let settled = settle(line, at);
        if settled != at {
            let col = col + line[at..settled].chars().count();
            self.jump(row, col);
        }
    }

    fn go(&mut self, at: usize) {
        let mut rest = at;
        for (row, line) in self.area.lines().iter().enumerate() {
            if rest <= line.len() {
                let col = line[..rest].chars().count();
                return self.jump(row, col);
            }
            rest -= line.len() + 1;
        }
    }

    /// The engine's jump knows 16-bit places only. Behind column 65,535 the caret gets by entering an atomic range
    /// that ends there; behind row 65,535 by loading the text anew, which costs the undo history.
    fn jump(&mut self, row: usize, col: usize) {
        match (u16::try_from(row), u16::try_from(col)) {
            (Ok(row), Ok(col)) => self.area.move_cursor(CursorMove::Jump(row, col)),
            (Ok(short_row), Err(_)) => {
                let range = AtomicRange { row, start_col: 0, end_col: col };
                if self.area.try_set_atomic_ranges([range]).is_ok() {
                    self.area.move_cursor(CursorMove::Jump(short_row, 1));
                }
                self.area.clear_atomic_ranges();
            }
            (Err(_), Ok(_) | Err(_)) => {
                self.area.set_lines(self.area.lines().to_vec(), (row, col));
                self.steps.clear();
                self.undone.clear();
            }
        }
    }
}

impl PartialEq for Buffer {
    /// Compares text, caret and yank text; the engine keeps its undo history to itself.
    fn eq(&self, other: &Self) -> bool {
        self.area.lines() == other.area.lines()
            && self.area.cursor() == other.area.cursor()
            && self.area.yank_text() == other.area.yank_text()
            && self.steps == other.steps
            && self.undone == other.undone
            && self.killed == other.killed
            && self.yanked == other.yanked
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Buffer")
            .field("lines", &self.area.lines())
            .field("caret", &self.area.cursor())
            .field("yank", &self.area.yank_text())
            .finish_non_exhaustive()
    }
}

fn byte_of(line: &str, col: usize) -> usize {
    line.char_indices().nth(col).map_or(line.len(), |(at, _)| at)
}
