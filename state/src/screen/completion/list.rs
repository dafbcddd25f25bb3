//! Rows of which one may be marked.

/// Rows of which one may be marked. The mark goes round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T> {
    rows: Vec<T>,
    at: Option<usize>,
}

impl<T> List<T> {
    /// These rows, the first one marked if `is_marked`.
    pub fn new(rows: Vec<T>, is_marked: bool) -> Self {
        let at = (is_marked && !rows.is_empty()).then_some(0);
        Self { rows, at }
    }

    /// All rows.
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// The number of the marked row, from 0.
    pub fn at(&self) -> Option<usize> {
        self.at
    }

    /// The marked row.
    pub fn marked(&self) -> Option<&T> {
        self.rows.get(self.at?)
    }

    /// Marks the row of this number, if there is one.
    pub(super) fn mark(&mut self, at: usize) {
        self.at = (at < self.rows.len()).then_some(at).or(self.at);
    }

    /// Marks the row behind the marked one, or the one before it.
    pub fn step(&mut self, is_down: bool) {
        let last = self.rows.len().saturating_sub(1);
        self.at = match (self.at, is_down) {
            _ if self.rows.is_empty() => None,
            (Some(at), true) => Some(if at == last { 0 } else { at + 1 }),
            (Some(at), false) => Some(at.checked_sub(1).unwrap_or(last)),
            (None, true) => Some(0),
            (None, false) => Some(last),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::List;

    #[test]
    fn the_mark_goes_round() {
        let mut list = List::new(vec!['a', 'b', 'c'], true);
        let marks = [true, true, true, false, false].map(|is_down| {
            list.step(is_down);
            list.marked().copied()
        });
        assert_eq!(marks, ['b', 'c', 'a', 'c', 'b'].map(Some));
        let mut list = List::new(vec!['a', 'b'], false);
        assert_eq!(list.marked(), None);
        list.step(false);
        assert_eq!((list.at(), list.marked()), (Some(1), Some(&'b')));
        let mut list = List::<char>::new(Vec::new(), true);
        list.step(true);
        assert_eq!(list.marked(), None);
    }
}
