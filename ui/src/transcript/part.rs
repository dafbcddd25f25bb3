//! A part of many rows: those outside of it are counted and not made.

use crate::text::Rows;

/// Rows from one on, as many as there is room for.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// The rows of the part.
    pub(crate) rows: Rows,
    /// All rows so far.
    pub(crate) total: usize,
    skip: usize,
    room: usize,
}

impl Part {
    /// The part that begins behind `skip` rows.
    pub(crate) fn new(skip: usize, room: usize) -> Self {
        Self { skip, room, ..Self::default() }
    }

    /// Takes rows, of which it is known how many they are; they are made when one of them is in the part.
    pub(crate) fn take(&mut self, count: usize, make: impl FnOnce() -> Rows) {
        let (start, end) = (self.total, self.total + count);
        self.total = end;
        let last = self.skip.saturating_add(self.room);
        if start < last && end > self.skip {
            let rows = make().into_iter().skip(self.skip.saturating_sub(start));
            self.rows.extend(rows.take(last - start.max(self.skip)));
        }
    }

    /// Takes rows that are there already.
    pub(crate) fn put(&mut self, rows: Rows) {
        self.take(rows.len(), || rows);
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;
    use crate::text::{line, plain_text, span};

    #[test]
    fn a_part_is_what_the_whole_has_there() {
        let blocks = [3, 0, 1, 5, 2];
        let block = |at: usize| -> Rows {
            (0..blocks[at]).map(|row| line(vec![span(&format!("{at}.{row}"), Style::new())])).collect()
        };
        let texts = |rows: &Rows| rows.iter().map(plain_text).collect::<Vec<_>>();
        let whole: Rows = (0..blocks.len()).flat_map(block).collect();
        for skip in 0..13 {
            for room in 0..13 {
                let mut part = Part::new(skip, room);
                (0..blocks.len()).for_each(|at| part.take(blocks[at], || block(at)));
                let wanted = whole.iter().skip(skip).take(room).cloned().collect();
                assert_eq!((part.total, texts(&part.rows)), (whole.len(), texts(&wanted)), "{skip} {room}");
            }
        }
    }
}
