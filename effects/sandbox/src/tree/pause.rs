//! Keeping every process of some commands from doing anything, and letting them go on.
//!
//! All are stopped by one call within their process namespace, or each by itself where they have none, until two looks in a row find that all stand still and that none ran between them. None can wake
//! another then, and what else could wake them (a timer, a descriptor that signals) is found here or refused by their
//! filter.

#[cfg(target_os = "linux")]
mod within;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use super::{Strays, Tree, members};
use crate::{
    process::{self, Process, Standing},
    target,
};

/// How long it is tried.
const PATIENCE: Duration = Duration::from_secs(3);
/// So many looks in a row must find nothing that runs where processes come and go elsewhere on the machine: one that
/// makes another and ends all the time can slip past a few.
const QUIET_LOOKS: u32 = 12;
/// How often all are told to go on.
const RESUMES: usize = 3;
/// How long something must have waited within the kernel, without once having gone on, until it counts as standing still.
const WAITS: Duration = Duration::from_millis(100);

/// Some process could not be stopped, or would not have stayed so. Whatever was stopped goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restless;

/// Commands that stand still. They go on when it is dropped.
#[derive(Debug, Default)]
pub struct Pause {
    trees: Vec<Tree>,
    /// Processes that stood still before, by process id: they stay so.
    still_before: BTreeMap<i32, Process>,
}

impl Pause {
    /// Stops these commands too. Blocks up to 3 s.
    ///
    /// # Errors
    /// When one of their processes goes on.
    pub fn stop(&mut self, trees: impl IntoIterator<Item = Tree>) -> Result<(), Restless> {
        let more: Vec<Tree> = trees.into_iter().filter(|tree| !self.trees.contains(tree)).collect();
        let found = members(&more, Strays::Spare).ok_or(Restless)?.into_iter();
        let still = found.filter(|each| matches!(process::standing(each.pid), Some(Standing::Stands { .. })));
        self.still_before.extend(still.map(|each| (each.pid, each)));
        self.trees.extend(more);
        if self.trees.is_empty() {
            return Ok(());
        }
        let until = Instant::now() + PATIENCE;
        let mut waiting = BTreeMap::new();
        // What stood still at the last look, and how many looks in a row it did.
        let (mut before, mut quiet) = (BTreeMap::new(), 0);
        let mut last = process::last_made();
        while Instant::now() < until {
            let all = members(&self.trees, Strays::Spare).ok_or(Restless)?;
            let still = look(&all, &mut waiting);
            #[cfg(target_os = "linux")]
            if still.is_none() {
                within::stop(&all);
            }
            if still.as_ref().is_some_and(|still| *still == before) {
                quiet += 1;
                let is_complete = last.is_some() && last == process::last_made();
                if is_complete || quiet >= QUIET_LOOKS {
                    let wakes = all.iter().any(|each| process::has_waking_timer(each.pid));
                    return if wakes { Err(Restless) } else { Ok(()) };
                }
            } else {
                quiet = 0;
            }
            last = process::last_made();
            before = still.unwrap_or_default();
        }
        Err(Restless)
    }

    /// Whether nothing is to be kept still.
    pub fn is_empty(&self) -> bool {
        self.trees.is_empty()
    }

    /// How many commands stand still.
    pub fn len(&self) -> usize {
        self.trees.len()
    }
}

impl Drop for Pause {
    /// The youngest first, so that no shell sees a job of its own stopped.
    fn drop(&mut self) {
        // More than once: one whose parent goes in a moment can be missed by a look.
        for _ in 0..RESUMES {
            let mut all = members(&self.trees, Strays::Spare).unwrap_or_default();
            all.retain(|process| self.still_before.get(&process.pid) != Some(process));
            all.sort_by_key(|process| std::cmp::Reverse((process.started, process.pid)));
            target::signal(&all.iter().filter_map(target::process).collect::<Vec<_>>(), Signal::CONT);
        }
    }
}

/// Stops those that run. How often each was put aside so far, if all of them stood still. `waiting` is what was seen so far
/// of those that wait within the kernel.
fn look(all: &[Process], waiting: &mut BTreeMap<i32, (u64, Instant)>) -> Option<BTreeMap<i32, u64>> {
    let (mut still, mut is_restless) = (BTreeMap::new(), false);
    // The youngest first: those are the ones that may be gone in a moment.
    for each in all.iter().rev() {
        match process::standing(each.pid) {
            Some(Standing::Stands { switches }) => {
                still.insert(each.pid, switches);
            }
            Some(Standing::Waits { switches }) if has_waited(each.pid, switches, waiting) => {
                still.insert(each.pid, switches);
            }
            Some(Standing::Waits { .. } | Standing::Runs) => {
                is_restless = true;
                target::signal(&target::process(each).into_iter().collect::<Vec<_>>(), Signal::STOP);
            }
            // Who ends has run, and may have left another.
            None => is_restless = true,
        }
    }
    (!is_restless).then_some(still)
}

/// Whether a process has waited within the kernel for long.
fn has_waited(pid: i32, switches: u64, waiting: &mut BTreeMap<i32, (u64, Instant)>) -> bool {
    let seen = waiting.entry(pid).or_insert((switches, Instant::now()));
    if seen.0 != switches {
        *seen = (switches, Instant::now());
    }
    seen.1.elapsed() >= WAITS
}

#[cfg(test)]
mod tests;
