//! Several changes of a path as one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Fact, RawPath};

/// What became of one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The absolute path.
    pub path: RawPath,
    /// What was there.
    pub before: Fact,
    /// What is there now.
    pub after: Fact,
    /// Between its parts something else changed the path, so that the change is not the turn's alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_mixed: bool,
}

impl Change {
    /// A change made in one go.
    pub fn new(path: RawPath, before: Fact, after: Fact) -> Self {
        Self { path, before, after, is_mixed: false }
    }
}

/// What a turn comes to. A move is a path that goes and a path that comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Net {
    /// Paths that are back at what they were stay here: what follows is still counted from their beginning.
    paths: BTreeMap<RawPath, Change>,
}

impl Net {
    /// The net of changes in their order.
    pub fn of(changes: impl IntoIterator<Item = Change>) -> Self {
        let mut net = Self::default();
        changes.into_iter().for_each(|change| net.add(change));
        net
    }

    /// Adds the change that came next. One that was told already, by another tool that ran at the same time, is the
    /// same change.
    pub fn add(&mut self, change: Change) {
        match self.paths.get_mut(&change.path) {
            None => {
                self.paths.insert(change.path.clone(), change);
            }
            Some(held) if held.before.is_same(&change.before) && held.after.is_same(&change.after) => {}
            Some(held) => {
                held.is_mixed |= change.is_mixed || !held.after.is_same(&change.before);
                held.after = change.after;
            }
        }
    }

    /// The paths that are not what they were, in the order of the paths.
    pub fn changes(&self) -> Vec<Change> {
        self.paths.values().filter(|change| !change.before.is_same(&change.after)).cloned().collect()
    }
}
