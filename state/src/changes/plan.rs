//! The plan that takes changes back.
//!
//! A step is only made where the path is still exactly what the change left, and where both sides are kept: what cannot
//! be brought back afterwards is not taken away. Everything else is a conflict.

use std::{cmp::Reverse, collections::BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Change, Fact, RawPath};

/// One path, from what is there to what was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The absolute path.
    pub path: RawPath,
    /// What must be there when the step is made.
    pub from: Fact,
    /// What is there then.
    pub to: Fact,
}

/// A path that is not taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The absolute path.
    pub path: RawPath,
    /// Why not.
    pub obstacle: Obstacle,
}

/// Why a path is not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// It was changed since.
    ChangedSince,
    /// Something else changed it between two changes of the turn.
    ChangedBetween,
    /// There is no copy of what was there before.
    OldNotKept,
    /// There is no copy of what is there now, so that it could not be brought back.
    NewNotKept,
}

impl Obstacle {
    /// The reason, as a clause without a full stop.
    pub fn reason(self) -> &'static str {
        match self {
            Self::ChangedSince => "changed by something else since",
            Self::ChangedBetween => "also changed by something else during the turn",
            Self::OldNotKept => "no copy of its old content was kept",
            Self::NewNotKept => "no copy of its new content was kept, so it could not be brought back",
        }
    }
}

/// What the user agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Everything or nothing.
    Whole,
    /// What has no conflict, if not everything.
    Rest,
}

/// What is to be done, and what cannot be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The steps, in an order in which they can be made.
    pub steps: Vec<Step>,
    /// The paths that stay as they are, in their order.
    pub conflicts: Vec<Conflict>,
    /// Paths that have been taken back already.
    pub settled: Vec<RawPath>,
}

impl Plan {
    /// The steps that this consent covers; none when it does not cover the plan. The rest of nothing is nothing to agree to.
    pub fn steps(&self, consent: Consent) -> Option<&[Step]> {
        let has_rest = consent == Consent::Rest && !self.steps.is_empty();
        (has_rest || self.conflicts.is_empty()).then_some(self.steps.as_slice())
    }
}

/// Plans to restore what was before these changes, from what is at their paths now. Several changes of a path must have
/// been folded into one.
pub fn take_back(changes: &[Change], now: impl Fn(&RawPath) -> Fact) -> Plan {
    let mut plan = Plan::default();
    for change in changes.iter().filter(|change| !change.before.is_same(&change.after)) {
        let found = now(&change.path);
        if found.is_same(&change.before) {
            plan.settled.push(change.path.clone());
            continue;
        }
        match obstacle(change, &found) {
            Some(obstacle) => plan.conflicts.push(Conflict { path: change.path.clone(), obstacle }),
            None => plan.steps.extend(steps(change, found)),
        }
    }
    hold_back(&mut plan, now);
    plan.steps.sort_by_cached_key(order);
    plan
}

/// What was done, as changes, so that it can be taken back like any others.
impl From<&Step> for Change {
    fn from(step: &Step) -> Self {
        Self::new(step.path.clone(), step.from.clone(), step.to.clone())
    }
}

fn obstacle(change: &Change, found: &Fact) -> Option<Obstacle> {
    // A folder whose mode was changed, and which is removed, has no other contents.
    let is_folder_going = change.after.is_folder() && !change.before.is_folder() && found.is_folder();
    if !is_folder_going && !found.is_same(&change.after) {
        // It cannot be said of what was never read that it was changed.
        let was_never_read = match &change.after {
            Fact::Unknown => true,
            Fact::Opaque(_) => matches!(found, Fact::Opaque(_)),
            Fact::Missing | Fact::File { .. } | Fact::Link { .. } | Fact::Folder { .. } => false,
        };
        return Some(if was_never_read { Obstacle::NewNotKept } else { Obstacle::ChangedSince });
    }
    if change.is_mixed {
        return Some(Obstacle::ChangedBetween);
    }
    if !change.before.is_restorable() {
        return Some(Obstacle::OldNotKept);
    }
    (!change.after.is_restorable()).then_some(Obstacle::NewNotKept)
}

/// One step, or two where a folder and something else change places.
fn steps(change: &Change, found: Fact) -> Vec<Step> {
    let step = |from: Fact, to: Fact| Step { path: change.path.clone(), from, to };
    // The change knows whether a copy is kept; of a folder that goes, the mode that is found.
    let from = if found.is_folder() { found } else { change.after.clone() };
    let to = change.before.clone();
    match from.is_folder() != to.is_folder() && from != Fact::Missing && to != Fact::Missing {
        true => vec![step(from, Fact::Missing), step(Fact::Missing, to)],
        false => vec![step(from, to)],
    }
}

/// What lies beneath a conflict that is no folder now has no place to be restored to, and a folder with a conflict in it
/// cannot give way to something else.
fn hold_back(plan: &mut Plan, now: impl Fn(&RawPath) -> Fact) {
    let conflicts: BTreeSet<RawPath> = plan.conflicts.iter().map(|conflict| conflict.path.clone()).collect();
    let blockers: BTreeSet<&RawPath> = conflicts.iter().filter(|path| !now(path).is_folder()).collect();
    let needed: BTreeSet<RawPath> = conflicts.iter().flat_map(RawPath::folders).collect();
    let replaced: BTreeSet<RawPath> = plan
        .steps
        .iter()
        .filter(|step| step.from == Fact::Missing && !step.to.is_folder() && needed.contains(&step.path))
        .map(|step| step.path.clone())
        .collect();
    let is_held =
        |step: &Step| replaced.contains(&step.path) || step.path.folders().any(|folder| blockers.contains(&folder));
    let (held, free): (Vec<Step>, Vec<Step>) = std::mem::take(&mut plan.steps).into_iter().partition(is_held);
    plan.steps = free;
    for step in held {
        plan.conflicts.push(Conflict { path: step.path, obstacle: Obstacle::ChangedSince });
    }
    plan.conflicts.sort_by(|one, two| one.path.cmp(&two.path));
    plan.conflicts.dedup();
}

/// Folders are opened, files go, folders go, folders come, files come, folders are closed.
fn order(step: &Step) -> (u8, Option<Reverse<RawPath>>, Option<RawPath>) {
    let (top_down, bottom_up) = ((None, Some(step.path.clone())), (Some(Reverse(step.path.clone())), None));
    let (phase, (up, down)) = match (step.from.is_folder(), &step.to) {
        (true, Fact::Folder { mode }) if mode & 0o300 == 0o300 => (0, top_down),
        (true, Fact::Folder { .. }) => (5, bottom_up),
        (true, Fact::Missing | Fact::File { .. } | Fact::Link { .. } | Fact::Opaque(_) | Fact::Unknown) => {
            (2, bottom_up)
        }
        (false, Fact::Folder { .. }) => (3, top_down),
        (false, Fact::Missing) => (1, bottom_up),
        (false, Fact::File { .. } | Fact::Link { .. } | Fact::Opaque(_) | Fact::Unknown) => (4, top_down),
    };
    (phase, up, down)
}
