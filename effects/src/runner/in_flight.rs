//! The tasks in flight, by key, so that they can be dropped.

use std::{
    collections::BTreeMap,
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::FutureExt;
use quire_state::{
    fault::{Fault, FaultKind},
    key::Key,
    msg::{Msg, Report},
};
use tokio::task::AbortHandle;

use super::{guard, runtime::LazyRuntime};
use crate::inbox::Inbox;

/// Requests and timers that run.
#[derive(Debug)]
pub(crate) struct InFlight {
    runtime: LazyRuntime,
    inbox: Inbox,
    tasks: Arc<Mutex<BTreeMap<Key, AbortHandle>>>,
}

impl InFlight {
    /// Nothing in flight.
    pub(crate) fn new(runtime: LazyRuntime, inbox: Inbox) -> Self {
        Self { runtime, inbox, tasks: Arc::default() }
    }

    /// Starts `work` under `key`. When it panics, a failure of `kind` is reported.
    ///
    /// # Errors
    /// When there is no runtime to run it on.
    pub(crate) fn start(
        &self,
        key: &Key,
        kind: FaultKind,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Fault> {
        let (tasks, inbox, own) = (Arc::clone(&self.tasks), self.inbox.clone(), key.clone());
        // Held until the task is in the table: it takes itself out when it is done, which may be at once.
        let mut table = lock(&self.tasks);
        let handle = self.runtime.spawn(async move {
            if let Err(panic) = AssertUnwindSafe(work).catch_unwind().await {
                inbox.push(Msg::Report(own.clone(), Report::Failed(guard::fault(kind, panic.as_ref()))));
            }
            lock(&tasks).remove(&own);
        })?;
        table.insert(key.clone(), handle);
        Ok(())
    }

    /// Drops the work under `key`, if any.
    pub(crate) fn cancel(&self, key: &Key) {
        if let Some(task) = lock(&self.tasks).remove(key) {
            task.abort();
        }
    }

    /// Drops all work.
    pub(crate) fn cancel_all(&self) {
        for task in std::mem::take(&mut *lock(&self.tasks)).into_values() {
            task.abort();
        }
    }
}

fn lock(tasks: &Mutex<BTreeMap<Key, AbortHandle>>) -> MutexGuard<'_, BTreeMap<Key, AbortHandle>> {
    tasks.lock().unwrap_or_else(PoisonError::into_inner)
}
