//! Work that nothing waits for leaves the processors to others.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// How long work rests at most because something is being started: a login shell may hang.
const REST: Duration = Duration::from_millis(200);

/// How much later the thread is served.
#[cfg(target_os = "linux")]
const STEP: i32 = 10;

/// Has the system serve other threads and processes before this thread, for as long as it lives: a user without privileges
/// cannot take that back. What the thread starts is served later, too. Elsewhere than on Linux nothing happens, because there
/// the whole program would step back.
pub fn step_back() {
    #[cfg(target_os = "linux")]
    {
        // A thread that cannot step back works on as before.
        let _ = rustix::process::nice(STEP);
    }
}

/// What is being started that a user waits for, and work that rests meanwhile. Clones share it.
///
/// A thread that has [stepped back](step_back) is not enough for that: commands run in sessions of their own, and Linux shares
/// the processors among sessions first.
#[derive(Clone, Debug, Default)]
pub struct Pace(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// How many are being started.
    starting: AtomicUsize,
    /// Since when there has been one, without a pause.
    since: Mutex<Option<Instant>>,
    changed: Condvar,
}

/// Something is being started, until this is dropped.
#[derive(Debug)]
pub struct Starting(Pace);

impl Pace {
    /// Something is being started.
    pub fn start(&self) -> Starting {
        let mut since = self.since();
        self.0.starting.fetch_add(1, Ordering::Relaxed);
        since.get_or_insert_with(Instant::now);
        drop(since);
        Starting(self.clone())
    }

    /// Rests while something is being started, but for a fifth of a second at most. Who rests must hold nothing that a start
    /// waits for.
    pub fn rest(&self) {
        // Asked for each folder of a walk.
        if self.0.starting.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut since = self.since();
        while let Some(left) = since.and_then(|since| REST.checked_sub(since.elapsed())) {
            since = self.0.changed.wait_timeout(since, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        let mut since = self.0.since();
        if self.0.0.starting.fetch_sub(1, Ordering::Relaxed) == 1 {
            *since = None;
            self.0.0.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::Pace;

    #[test]
    fn work_rests_until_all_is_started() {
        let pace = Pace::default();
        pace.rest();
        let (one, other) = (pace.start(), pace.start());
        drop(one);
        let (tell, told) = mpsc::channel();
        let resting = pace.clone();
        let worker = thread::spawn(move || {
            resting.rest();
            tell.send(()).unwrap();
        });
        let is_early = told.try_recv().is_ok();
        drop(other);
        told.recv().unwrap();
        worker.join().unwrap();
        assert!(!is_early);
    }

    #[test]
    fn work_goes_on_beside_a_start_that_hangs() {
        let pace = Pace::default();
        let _hangs = pace.start();
        // Comes to an end.
        pace.rest();
        pace.rest();
    }
}
