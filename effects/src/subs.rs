//! Subscriptions: what the fold wants to hear about without asking each time.
//!
//! Only the clock is ours: a tick wakes the driver, which puts the time at the head of the batch. The terminal is read by
//! the driver itself. With nothing subscribed nothing wakes up.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use quire_state::sub::Sub;
use tokio::{
    task::AbortHandle,
    time::{Instant, MissedTickBehavior, interval_at},
};

use crate::{inbox::Inbox, runner::runtime::LazyRuntime};

/// The running subscriptions. They end when this is dropped.
#[derive(Debug)]
pub struct Subs {
    inbox: Inbox,
    runtime: LazyRuntime,
    running: BTreeMap<Sub, AbortHandle>,
}

impl Subs {
    pub(crate) fn new(inbox: Inbox, runtime: LazyRuntime) -> Self {
        Self { inbox, runtime, running: BTreeMap::new() }
    }

    /// Starts what is wanted and does not run, and ends what runs and is not wanted.
    pub fn diff(&mut self, wanted: &BTreeSet<Sub>) {
        self.running.retain(|sub, task| {
            let is_wanted = wanted.contains(sub);
            if !is_wanted {
                task.abort();
            }
            is_wanted
        });
        for sub in wanted {
            if self.running.contains_key(sub) {
                continue;
            }
            match sub {
                Sub::Terminal => {}
                Sub::Tick { every_ms } => self.tick(*sub, Duration::from_millis((*every_ms).max(1))),
            }
        }
    }

    fn tick(&mut self, sub: Sub, every: Duration) {
        let inbox = self.inbox.clone();
        let task = self.runtime.spawn(async move {
            let mut ticks = interval_at(Instant::now() + every, every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            loop {
                ticks.tick().await;
                inbox.wake();
            }
        });
        // Without a runtime there is no tick, and an animation stands still; the next diff tries again.
        if let Ok(task) = task {
            self.running.insert(sub, task);
        }
    }
}

impl Drop for Subs {
    fn drop(&mut self) {
        for task in self.running.values() {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticking(subs: &Subs) -> Vec<u64> {
        subs.running
            .keys()
            .filter_map(|sub| match sub {
                Sub::Tick { every_ms } => Some(*every_ms),
                Sub::Terminal => None,
            })
            .collect()
    }

    #[test]
    fn a_tick_wakes_the_driver_with_nothing_in_hand() {
        let inbox = Inbox::new();
        let mut subs = Subs::new(inbox.clone(), LazyRuntime::default());
        subs.diff(&BTreeSet::from([Sub::Tick { every_ms: 1 }]));
        // Returns only because of a tick; twice, because it goes on.
        assert_eq!(inbox.take(None), vec![]);
        assert_eq!(inbox.take(None), vec![]);
    }

    #[test]
    fn what_is_not_wanted_any_more_is_ended_and_the_rest_goes_on() {
        let mut subs = Subs::new(Inbox::new(), LazyRuntime::default());
        subs.diff(&BTreeSet::from([Sub::Terminal, Sub::Tick { every_ms: 80 }, Sub::Tick { every_ms: 1000 }]));
        assert_eq!(ticking(&subs), [80, 1000]);
        let kept = subs.running[&Sub::Tick { every_ms: 1000 }].id();
        subs.diff(&BTreeSet::from([Sub::Tick { every_ms: 1000 }, Sub::Tick { every_ms: 50 }]));
        assert_eq!(ticking(&subs), [50, 1000]);
        assert_eq!(subs.running[&Sub::Tick { every_ms: 1000 }].id(), kept);
        subs.diff(&BTreeSet::new());
        assert!(ticking(&subs).is_empty());
    }
}
