//! How much of what is asked about has been on the screen.

use serde::{Deserialize, Serialize};

/// The rows of what is asked about that a frame shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The first of them, from 0.
    pub from: u32,
    /// The one behind the last; `from` when there was no room for any.
    pub to: u32,
    /// How many rows there are.
    pub of: u32,
    /// Columns of the screen, on which it depends what stands in a row.
    pub cols: u16,
}

impl Shown {
    /// All rows, which is what an older recording tells.
    pub fn whole() -> Self {
        Self { from: 0, to: 1, of: 1, cols: 0 }
    }

    /// How many rows are shown.
    pub fn rows(self) -> u32 {
        self.to.saturating_sub(self.from)
    }
}

/// The rows that have been on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// How many rows there are, at how many columns; what was seen of another division does not count.
    division: Option<(u32, u16)>,
    /// From and to, ascending, not touching.
    parts: Vec<(u32, u32)>,
}

/// Parts that are kept apart. A user who jumps about more often has to read the later ones again.
const PARTS: usize = 256;

impl Read {
    /// These rows have been on the screen.
    pub fn add(&mut self, shown: Shown) {
        if self.division != Some((shown.of, shown.cols)) {
            self.division = Some((shown.of, shown.cols));
            self.parts.clear();
        }
        let (mut from, mut to) = (shown.from, shown.to.min(shown.of));
        if from >= to {
            return;
        }
        self.parts.retain(|part| {
            let touches = part.0 <= to && from <= part.1;
            if touches {
                (from, to) = (from.min(part.0), to.max(part.1));
            }
            !touches
        });
        let at = self.parts.partition_point(|part| part.0 < from);
        if self.parts.len() < PARTS {
            self.parts.insert(at, (from, to));
        }
    }

    /// Whether these rows have been on the screen, as rows of the same division.
    pub fn has(&self, shown: Shown) -> bool {
        self.division == Some((shown.of, shown.cols))
            && (shown.from >= shown.to || self.parts.iter().any(|part| part.0 <= shown.from && shown.to <= part.1))
    }

    /// The first rows of this division that have not been on the screen: from and to. `None` when there are none.
    pub fn gap(&self, shown: Shown) -> Option<(u32, u32)> {
        if self.division != Some((shown.of, shown.cols)) {
            return Some((0, shown.of));
        }
        let first = self.parts.first().copied().unwrap_or((0, 0));
        let start = if first.0 == 0 { first.1 } else { 0 };
        let end = self.parts.iter().map(|part| part.0).find(|from| *from > start).unwrap_or(shown.of);
        (start < shown.of).then_some((start, end))
    }

    /// Nothing was seen.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_add_up_and_gaps_are_known() {
        let shown = |from, to| Shown { from, to, of: 10, cols: 80 };
        let whole = shown(0, 10);
        type Part = (u32, u32);
        let cases: [(&[Part], Option<Part>); 9] = [
            (&[], Some((0, 10))),
            (&[(0, 0)], Some((0, 10))),
            (&[(0, 3)], Some((3, 10))),
            (&[(0, 3), (7, 10)], Some((3, 7))),
            (&[(7, 10)], Some((0, 7))),
            (&[(0, 3), (4, 6), (7, 10)], Some((3, 4))),
            (&[(0, 3), (4, 6), (7, 10), (2, 8)], None),
            (&[(7, 10), (3, 7), (0, 3)], None),
            (&[(0, 99)], None),
        ];
        for (seen, gap) in cases {
            let mut read = Read::default();
            seen.iter().for_each(|(from, to)| read.add(shown(*from, *to)));
            assert_eq!(read.gap(whole), gap, "{seen:?}");
            assert_eq!(read.has(whole), gap.is_none(), "{seen:?}");
        }
    }

    #[test]
    fn another_division_begins_anew() {
        let mut read = Read::default();
        read.add(Shown { from: 0, to: 5, of: 10, cols: 80 });
        let narrow = Shown { from: 5, to: 10, of: 10, cols: 40 };
        read.add(narrow);
        assert_eq!(read.gap(narrow), Some((0, 5)));
    }

    #[test]
    fn parts_are_bounded() {
        let mut read = Read::default();
        for at in 0..2 * PARTS {
            let from = u32::try_from(at * 2).unwrap();
            read.add(Shown { from, to: from + 1, of: u32::MAX, cols: 80 });
        }
        assert_eq!(read.parts.len(), PARTS);
    }
}
