//! Where the window on the transcript stands: at the end, or at a row of an item, so that it stands still whatever comes in
//! below. How many rows an item has is known to the painter alone: a movement is counted in rows, and the painter tells once
//! which row it led to.

use serde::{Deserialize, Serialize};

use crate::key::ItemId;

/// Where the window on the transcript stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scroll {
    /// At the end, moving with it.
    #[default]
    Follow,
    /// This many rows above the end.
    Up(u32),
    /// Its first row is this many rows above a row.
    At {
        /// The row.
        row: Row,
        /// Rows above it; negative below.
        up: i64,
    },
    /// At a hit of the pager's search, a few rows above it.
    Find {
        /// The row of a hit, or where to look for one from.
        row: Row,
        /// The how-manieth hit from the beginning of that row on, from 0.
        nth: u32,
        /// Hits further; negative before it.
        steps: i64,
    },
}

/// Rows that stand above a hit.
pub const FIND_ROWS: i64 = 5;

/// A row of the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The item; `None` for the welcome, which stands before all items.
    pub item: Option<ItemId>,
    /// The row of it, from 0; the blank row above an item is its first.
    pub row: u32,
}

impl Row {
    /// Below all rows.
    pub const END: Self = Self { item: None, row: u32::MAX };
}

impl Scroll {
    /// At the first row of all.
    pub const START: Self = Self::At { row: Row { item: None, row: 0 }, up: 0 };

    /// Moves by rows, positive is towards the beginning.
    #[must_use]
    pub fn by(self, rows: i64) -> Self {
        match self {
            Self::Follow => Self::above_end(rows),
            Self::Up(up) => Self::above_end(i64::from(up).saturating_add(rows)),
            Self::At { row, up } => Self::At { row, up: up.saturating_add(rows) },
            Self::Find { row, .. } => Self::At { row, up: rows.saturating_add(FIND_ROWS) },
        }
    }

    /// What comes of it when a frame for `from` shows `to`: what has been moved since is kept.
    #[must_use]
    pub fn led(self, from: Self, to: Self) -> Self {
        match (self, from) {
            (Self::Up(now), Self::Up(then)) => to.by(i64::from(now) - i64::from(then)),
            (Self::At { row, up }, Self::At { row: painted, up: then }) if row == painted => {
                to.by(up.saturating_sub(then))
            }
            (Self::Find { row, nth, steps: now }, Self::Find { row: painted, nth: found, steps: then })
                if (row, nth) == (painted, found) =>
            {
                match to {
                    Self::Find { row, nth, steps } => {
                        Self::Find { row, nth, steps: steps.saturating_add(now.saturating_sub(then)) }
                    }
                    Self::Follow | Self::Up(_) | Self::At { .. } => to,
                }
            }
            (
                Self::Follow | Self::Up(_) | Self::At { .. } | Self::Find { .. },
                Self::Follow | Self::Up(_) | Self::At { .. } | Self::Find { .. },
            ) => self,
        }
    }

    fn above_end(rows: i64) -> Self {
        match u32::try_from(rows.min(i64::from(u32::MAX))) {
            Ok(rows) if rows > 0 => Self::Up(rows),
            Ok(_) | Err(_) => Self::Follow,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, Scroll};
    use crate::key::ItemId;

    fn at(item: u64, row: u32, up: i64) -> Scroll {
        Scroll::At { row: Row { item: Some(ItemId(item)), row }, up }
    }

    fn find(item: u64, row: u32, steps: i64) -> Scroll {
        Scroll::Find { row: Row { item: Some(ItemId(item)), row }, nth: 0, steps }
    }

    #[test]
    fn rows_add_up() {
        let cases = [
            (Scroll::Follow, 3, Scroll::Up(3)),
            (Scroll::Follow, -3, Scroll::Follow),
            (Scroll::Up(3), 2, Scroll::Up(5)),
            (Scroll::Up(3), -3, Scroll::Follow),
            (Scroll::Up(3), i64::MIN, Scroll::Follow),
            (Scroll::Up(3), i64::MAX, Scroll::Up(u32::MAX)),
            (at(4, 2, 0), 5, at(4, 2, 5)),
            (at(4, 2, 5), -7, at(4, 2, -2)),
            (at(4, 2, 5), i64::MAX, at(4, 2, i64::MAX)),
            (find(4, 2, 1), 3, at(4, 2, 8)),
        ];
        for (from, rows, to) in cases {
            assert_eq!(from.by(rows), to, "{from:?} by {rows}");
        }
    }

    #[test]
    fn what_a_frame_shows_keeps_what_was_moved_since() {
        let shown = at(7, 1, 0);
        let cases = [
            // Nothing has happened since.
            (Scroll::Up(3), Scroll::Up(3), shown, shown),
            (at(4, 2, 5), at(4, 2, 5), shown, shown),
            // It was scrolled on.
            (Scroll::Up(8), Scroll::Up(3), shown, at(7, 1, 5)),
            (at(4, 2, 1), at(4, 2, 5), shown, at(7, 1, -4)),
            (at(4, 2, 9), at(4, 2, 5), Scroll::Follow, Scroll::Up(4)),
            // It went elsewhere.
            (Scroll::Follow, Scroll::Up(3), shown, Scroll::Follow),
            (Scroll::START, Scroll::Up(3), shown, Scroll::START),
            (at(9, 0, 0), at(4, 2, 5), shown, at(9, 0, 0)),
            // It was searched on.
            (find(4, 2, 3), find(4, 2, 1), find(7, 1, 0), find(7, 1, 2)),
            (find(4, 2, 3), find(4, 9, 1), find(7, 1, 0), find(4, 2, 3)),
        ];
        for (now, from, to, expected) in cases {
            assert_eq!(now.led(from, to), expected, "{now:?} after {from:?} led to {to:?}");
        }
    }
}
