//! Work that nothing waits for leaves the processors to others.

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
