//! Rows of which one is marked.

use super::Handled;
use crate::{
    msg::KeyPress,
    screen::keymap::{Action, Context, Keymap},
};

/// Rows of a page.
const PAGE_ROWS: isize = 8;

/// Rows of which one is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picker<T> {
    rows: Vec<T>,
    at: usize,
}

impl<T: PartialEq> Picker<T> {
    /// These rows, the first one marked.
    pub fn new(rows: Vec<T>) -> Self {
        Self { rows, at: 0 }
    }

    /// All rows, in the order in which they are listed.
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// The marked row.
    pub fn marked(&self) -> Option<&T> {
        self.rows.get(self.at)
    }

    /// The number of the marked row, from 0.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Marks a row, and says whether it is there.
    pub fn mark(&mut self, row: &T) -> bool {
        let at = self.rows.iter().position(|candidate| candidate == row);
        self.at = at.unwrap_or(self.at);
        at.is_some()
    }

    /// Marks the row of this number, and says whether there is one.
    pub fn mark_at(&mut self, at: usize) -> bool {
        let is_there = at < self.rows.len();
        if is_there {
            self.at = at;
        }
        is_there
    }

    /// Moves the mark by some rows, not beyond the first and the last.
    pub fn step(&mut self, rows: isize) {
        self.at = self.at.saturating_add_signed(rows).min(self.rows.len().saturating_sub(1));
    }

    /// Moves the mark as a key says, and says whether it is such a key.
    pub(super) fn moved(&mut self, action: Action) -> bool {
        let rows = if action == Action::Previous {
            -1
        } else if action == Action::Next {
            1
        } else if action == Action::PageUp {
            -PAGE_ROWS
        } else if action == Action::PageDown {
            PAGE_ROWS
        } else if action == Action::First {
            isize::MIN
        } else if action == Action::Last {
            isize::MAX
        } else {
            return false;
        };
        self.step(rows);
        true
    }

    /// Lists these rows from now on. The mark stays on its row; if that is gone, it goes to the first.
    pub fn offer(&mut self, rows: Vec<T>) {
        self.at = self.marked().and_then(|marked| rows.iter().position(|row| row == marked)).unwrap_or(0);
        self.rows = rows;
    }
}

/// What becomes of a key that a list of choices does not know: it does nothing, unless it works everywhere.
pub(super) fn unknown(keymap: &Keymap, press: KeyPress) -> Handled {
    let anywhere = [Action::Suspend, Action::Repaint].map(Some);
    if anywhere.contains(&keymap.action(Context::Screen, press)) { Handled::Ignored } else { Handled::Taken }
}

/// The row, from 0, that a digit names: they are numbered from 1.
pub(super) fn number(letter: char) -> Option<usize> {
    letter.to_digit(10).and_then(|number| usize::try_from(number).ok()?.checked_sub(1))
}

#[cfg(test)]
mod tests {
    use super::{Action, Picker, number};

    #[test]
    fn the_mark_stays_on_a_row() {
        let mut picker = Picker::new(vec!['a', 'b', 'c']);
        picker.step(-1);
        assert_eq!(picker.marked(), Some(&'a'));
        picker.step(5);
        assert_eq!((picker.marked(), picker.at()), (Some(&'c'), 2));
        let moves = [Action::First, Action::PageDown, Action::Previous, Action::PageUp, Action::Last];
        let marked = moves.map(|action| picker.moved(action).then(|| picker.at()));
        assert_eq!(marked, [Some(0), Some(2), Some(1), Some(0), Some(2)]);
        assert!(!picker.moved(Action::Take));
        assert!(picker.mark(&'b') && !picker.mark(&'x') && !picker.mark_at(3));
        assert_eq!(picker.marked(), Some(&'b'));
        picker.offer(vec!['z', 'b']);
        assert_eq!((picker.marked(), picker.at()), (Some(&'b'), 1));
        picker.offer(vec!['z', 'c']);
        assert_eq!(picker.marked(), Some(&'z'));
        picker.offer(Vec::new());
        picker.step(1);
        assert_eq!(picker.marked(), None);
    }

    #[test]
    fn digits_count_from_one() {
        assert_eq!(['1', '9', '0', 'a'].map(number), [Some(0), Some(8), None, None]);
    }
}
