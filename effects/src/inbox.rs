//! The one way into the fold: a bounded queue of messages that merges pieces of the same stream on entry.
//!
//! Senders live on any thread or task; the driver takes all that waits in one go.

use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use quire_state::{
    coalesce::{add, weight},
    limits::{INBOX_BYTES, INBOX_MESSAGES},
    msg::Msg,
};

use crate::sealed::Sealed;

/// A handle to the queue; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    shared: Arc<Shared>,
    sealed: Sealed,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    filled: Condvar,
    drained: tokio::sync::Notify,
    drained_sync: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Msg>,
    bytes: usize,
    woken: bool,
}

impl Queue {
    fn is_full(&self) -> bool {
        self.bytes > INBOX_BYTES || self.messages.len() > INBOX_MESSAGES
    }
}

impl Inbox {
    /// An empty queue.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is typed and must not become a message.
    pub fn sealed(&self) -> &Sealed {
        &self.sealed
    }

    /// Adds a message without waiting. For senders that must not block: the terminal, signals, single facts.
    pub fn push(&self, msg: Msg) {
        let mut queue = self.lock();
        queue.bytes += weight(&msg);
        add(&mut queue.messages, msg);
        drop(queue);
        self.shared.filled.notify_one();
    }

    /// Adds a message, waiting while more than [`INBOX_BYTES`] or [`INBOX_MESSAGES`] wait for the fold. For streams inside tasks.
    pub async fn send(&self, msg: Msg) {
        loop {
            let drained = self.shared.drained.notified();
            tokio::pin!(drained);
            drained.as_mut().enable();
            if !self.lock().is_full() {
                break;
            }
            drained.await;
        }
        self.push(msg);
    }

    /// The same for streams that are read on a thread of their own.
    pub fn send_blocking(&self, msg: Msg) {
        let mut queue = self.lock();
        while queue.is_full() {
            queue = self.shared.drained_sync.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        drop(queue);
        self.push(msg);
    }

    /// Makes a waiting `take` return, with nothing if nothing waits.
    pub fn wake(&self) {
        self.lock().woken = true;
        self.shared.filled.notify_one();
    }

    /// All waiting messages; waits for the first one until `deadline` (for ever without one).
    pub fn take(&self, deadline: Option<Instant>) -> Vec<Msg> {
        let mut queue = self.lock();
        while queue.messages.is_empty() && !queue.woken {
            match deadline {
                None => queue = self.shared.filled.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left == Duration::ZERO {
                        break;
                    }
                    queue = self.shared.filled.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
        queue.woken = false;
        queue.bytes = 0;
        let messages = std::mem::take(&mut queue.messages);
        drop(queue);
        self.shared.drained.notify_waiters();
        self.shared.drained_sync.notify_all();
        messages.into()
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
