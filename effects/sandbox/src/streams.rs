//! Which of its standard streams this process was started with.
//!
//! The runtime opens `/dev/null` in the place of a closed one before `main` begins, and every write to it succeeds. So this looks
//! earlier, where the loader calls what it finds in a section made for that.

use std::sync::atomic::{AtomicBool, Ordering};

static OUTPUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

#[expect(unsafe_code, reason = "a function that runs before `main` is named in a section of its own")]
#[used]
#[cfg_attr(target_os = "linux", unsafe(link_section = ".init_array"))]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
static LOOK: extern "C" fn() = look;

#[expect(unsafe_code, reason = "a descriptor is asked for by its number, which may be closed")]
extern "C" fn look() {
    // SAFETY: asks about a number and touches nothing; the loader has set the C library up.
    let flags = unsafe { libc::fcntl(1, libc::F_GETFD) };
    OUTPUT_WAS_CLOSED.store(flags == -1, Ordering::Relaxed);
}

/// Whether standard output was closed when the process began.
pub fn output_was_closed() -> bool {
    OUTPUT_WAS_CLOSED.load(Ordering::Relaxed)
}
