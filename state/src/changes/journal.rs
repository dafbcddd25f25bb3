//! What was changed and taken back in a thread, turn by turn: the lines of its journal, folded.

use serde::{Deserialize, Serialize};

use super::{Change, Net, RawPath};
use crate::key::TurnId;

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// A tool of this turn changed files.
    Changed {
        /// The turn.
        turn: TurnId,
        /// The changes.
        changes: Vec<Change>,
        /// Not everything was looked at, so that there may be more.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_partial: bool,
        /// How many commands began before the folders were known: what these changed is not known.
        #[serde(default, skip_serializing_if = "is_none")]
        early: u64,
    },
    /// The turn was taken back.
    Undone {
        /// The turn.
        turn: TurnId,
        /// What was done for it.
        changes: Vec<Change>,
    },
    /// Taking it back was taken back.
    Redone {
        /// The turn.
        turn: TurnId,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// A turn that changed files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnChanges {
    /// The turn.
    pub turn: TurnId,
    /// What it changed.
    pub net: Net,
    /// There may be more changes than these.
    pub is_partial: bool,
    /// How many of its commands, the first ones, are not covered.
    pub early: u64,
    /// Where it stands.
    pub status: Status,
}

/// Whether a turn's changes are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// They are.
    Done,
    /// They were taken back by these changes.
    Undone(Vec<Change>),
}

/// All turns of a thread that changed files, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The turns. One that comes to nothing is still here.
    pub turns: Vec<TurnChanges>,
}

impl History {
    /// The history that these lines tell.
    pub fn of(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut history = Self::default();
        entries.into_iter().for_each(|entry| history.add(entry));
        history
    }

    /// Adds the line that came next.
    pub fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Changed { turn, changes, is_partial, early } => {
                let held = self.place(turn);
                changes.into_iter().for_each(|change| held.net.add(change));
                held.is_partial |= is_partial;
                held.early += early;
            }
            Entry::Undone { turn, changes } => self.place(turn).status = Status::Undone(Net::of(changes).changes()),
            Entry::Redone { turn } => self.place(turn).status = Status::Done,
        }
    }

    /// The turn whose changes are taken back next: the newest one of these that stands and comes to something. `of` is empty
    /// for any turn.
    pub fn next_undo(&self, of: &[TurnId]) -> Option<&TurnChanges> {
        self.standing().rev().find(|turn| of.is_empty() || of.contains(&turn.turn))
    }

    /// The turns whose changes are there, in their order.
    pub fn standing(&self) -> impl DoubleEndedIterator<Item = &TurnChanges> {
        self.turns.iter().filter(|turn| turn.status == Status::Done && !turn.net.changes().is_empty())
    }

    /// The turn that is brought back next, with the changes to take back for that: the oldest of those that were taken
    /// back after the newest one that stands.
    pub fn next_redo(&self) -> Option<(&TurnChanges, &[Change])> {
        let undone = |turn| match turn {
            &TurnChanges { status: Status::Undone(ref changes), .. } => Some((turn, changes.as_slice())),
            TurnChanges { status: Status::Done, .. } => None,
        };
        self.turns.iter().rev().filter(|turn| !turn.net.changes().is_empty()).map_while(undone).last()
    }

    /// The changes of one turn, if it is known.
    pub fn turn(&self, turn: &TurnId) -> Option<&TurnChanges> {
        self.turns.iter().find(|held| held.turn == *turn)
    }

    /// All paths that it speaks of.
    pub fn paths(&self) -> impl Iterator<Item = RawPath> {
        self.turns.iter().flat_map(|turn| turn.net.changes()).map(|change| change.path)
    }

    fn place(&mut self, turn: TurnId) -> &mut TurnChanges {
        let at = self.turns.iter().position(|held| held.turn == turn).unwrap_or(self.turns.len());
        if at == self.turns.len() {
            let net = Net::default();
            self.turns.push(TurnChanges { turn, net, is_partial: false, early: 0, status: Status::Done });
        }
        &mut self.turns[at]
    }
}
