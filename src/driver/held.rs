//! Notices that wait for the disk. Who reads that something is finished may end the program in the next moment, and
//! must find it when the session is gone on with; so nothing is told before it is written down. Each waits for its own thread:
//! a slow disk of one holds up no other.

use std::collections::{BTreeSet, VecDeque};

use quire_state::{Model, Notice, key::ThreadId};

/// What waits, in order, each with the append of its thread that writes down what it tells.
#[derive(Debug, Default)]
pub(super) struct Held {
    waiting: VecDeque<(u64, Notice)>,
}

impl Held {
    /// Adds what the last step told.
    pub(super) fn add(&mut self, model: &Model, notices: Vec<Notice>) {
        let append = |notice: &Notice| {
            let thread = notice.thread().and_then(|id| model.engine.threads.get(id));
            thread.map_or(0, |thread| thread.last_append())
        };
        self.waiting.extend(notices.into_iter().map(|notice| (append(&notice), notice)));
    }

    /// Takes what may be told now; everything when nothing more will be written. What is about no thread keeps its place
    /// behind everything that waits.
    pub(super) fn take(&mut self, model: &Model, is_over: bool) -> Vec<Notice> {
        let mut held: BTreeSet<ThreadId> = BTreeSet::new();
        let mut ready = Vec::new();
        for (append, notice) in std::mem::take(&mut self.waiting) {
            let waits = match notice.thread() {
                Some(id) => {
                    let thread = model.engine.threads.get(id);
                    held.contains(id) || thread.is_some_and(|thread| !thread.is_appended(append))
                }
                None => !held.is_empty(),
            };
            if waits && !is_over {
                held.extend(notice.thread().cloned());
                self.waiting.push_back((append, notice));
            } else {
                ready.push(notice);
            }
        }
        ready
    }
}
