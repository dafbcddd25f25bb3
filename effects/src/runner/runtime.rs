//! The runtime of requests and timers: one worker thread, made when the first task comes.

use std::{
    future::Future,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use quire_state::fault::{Fault, FaultKind};
use tokio::{runtime, task::AbortHandle};

/// A runtime that is made when it is needed; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct LazyRuntime {
    phase: Arc<Mutex<Phase>>,
}

#[derive(Debug, Default)]
enum Phase {
    #[default]
    Unborn,
    Alive(runtime::Runtime),
    Over,
}

impl LazyRuntime {
    /// Starts a task.
    ///
    /// # Errors
    /// When the system gives no thread for the runtime, or the runner has been shut down.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> Result<AbortHandle, Fault> {
        self.with(|runtime| Ok(runtime.spawn(task).abort_handle()))
    }

    /// Does `work` with the runtime entered.
    pub(crate) fn with<Made>(&self, work: impl FnOnce(&runtime::Handle) -> io::Result<Made>) -> Result<Made, Fault> {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*phase, Phase::Unborn) {
            *phase = Phase::Alive(build().map_err(|error| refused(&error))?);
        }
        match &*phase {
            Phase::Alive(runtime) => {
                let _entered = runtime.enter();
                work(runtime.handle()).map_err(|error| refused(&error))
            }
            Phase::Unborn | Phase::Over => {
                Err(Fault::new(FaultKind::Spawn, "Nothing new can be started: the program is shutting down."))
            }
        }
    }

    /// Drops every task. Nothing can be started afterwards.
    pub(crate) fn shutdown(&self) {
        let mut phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        if let Phase::Alive(runtime) = std::mem::replace(&mut *phase, Phase::Over) {
            // A name lookup in progress cannot be stopped, and must not hold us up.
            runtime.shutdown_background();
        }
    }
}

fn build() -> io::Result<runtime::Runtime> {
    runtime::Builder::new_multi_thread().worker_threads(1).thread_name("quire-tasks").enable_all().build()
}

fn refused(error: &io::Error) -> Fault {
    Fault::new(FaultKind::Spawn, format!("No thread for network and timers could be started: {error}."))
        .with_hint("Close other programs, or raise the limit of processes.")
}
