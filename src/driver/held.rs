//! Notices that wait for the disk. Who reads that something is finished may end the program in the next moment, and
//! must find it when the session is gone on with; so nothing is told before it is written down.

use std::collections::VecDeque;

use quire_state::{Model, Notice};

/// What waits, in order, each batch with the append that writes down what it tells.
#[derive(Debug, Default)]
pub(super) struct Held {
    batches: VecDeque<(u64, Vec<Notice>)>,
}

impl Held {
    /// Adds what the last step told.
    pub(super) fn add(&mut self, model: &Model, notices: Vec<Notice>) {
        if !notices.is_empty() {
            let append = model.engine.thread().map_or(0, |thread| thread.last_append());
            self.batches.push_back((append, notices));
        }
    }

    /// Takes what may be told now; everything when nothing more will be written.
    pub(super) fn take(&mut self, model: &Model, is_over: bool) -> Vec<Notice> {
        let mut ready = Vec::new();
        while let Some((append, _)) = self.batches.front() {
            let is_written = model.engine.thread().is_none_or(|thread| thread.is_appended(*append));
            if !is_written && !is_over {
                break;
            }
            ready.extend(self.batches.pop_front().into_iter().flat_map(|(_, notices)| notices));
        }
        ready
    }
}
