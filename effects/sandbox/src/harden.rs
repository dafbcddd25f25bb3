//! The agent's own hardening. Commands do not inherit it: each gets the user's settings back.

use std::sync::OnceLock;

use rustix::{fs::Mode, process::umask};

static USERS_UMASK: OnceLock<Mode> = OnceLock::new();

/// Makes everything that the agent creates private (umask 077), and the agent itself unreadable for other programs
/// of the same user: no core dump, no `ptrace`, no `/proc/PID/mem`. Call it once, before the first file or thread.
///
/// Not being dumpable ends with the next `exec`, so commands dump core and can be debugged as ever.
pub fn harden() {
    USERS_UMASK.get_or_init(|| umask(Mode::RWXU.complement()));
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // A kernel that refuses leaves us as we were, which is no reason not to run.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Unblocks every signal that the starter of this process had blocked: a blocked SIGTERM would be lost on us and on
/// every command. Call it before there are threads, which inherit what is blocked.
#[expect(unsafe_code, reason = "the signal mask has no safe interface")]
pub fn unblock_signals() {
    // SAFETY: an all-zero set is a valid place for `sigemptyset`, and both calls only read and write it.
    unsafe {
        let mut none = std::mem::zeroed::<libc::sigset_t>();
        libc::sigemptyset(&raw mut none);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// The mode that the user's own programs give a new file or folder that wants this one. `None` when the umask is
/// still the user's, so that every new file has it anyhow.
pub fn users_mode(wanted: u32) -> Option<Mode> {
    users_umask().map(|umask| Mode::from_raw_mode(wanted as rustix::fs::RawMode).difference(umask))
}

/// The umask that the user started us with, when [`harden`] has replaced it.
pub(crate) fn users_umask() -> Option<Mode> {
    USERS_UMASK.get().copied()
}
