//! Deliberately wrong variants of single rules, switched on one at a time by a test on its own thread, to show that
//! the law tests catch them. Compiled only under the feature `planted-bugs`.

use std::cell::Cell;

thread_local! {
    static HIDDEN: Cell<u64> = const { Cell::new(0) };
    static BUG: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Whether this bug is switched on.
pub fn is(name: &str) -> bool {
    BUG.get() == Some(name)
}

/// Whether any bug is switched on. Then what cannot be may well be, and a law is to find it.
pub fn any() -> bool {
    BUG.get().is_some()
}

/// Runs `work` with one bug switched on.
pub fn with<T>(name: &'static str, work: impl FnOnce() -> T) -> T {
    let before = BUG.replace(Some(name));
    let result = work();
    BUG.set(before);
    result
}

/// State outside the model, which is just what must not be.
pub fn hidden_count() -> u64 {
    HIDDEN.set(HIDDEN.get() + 1);
    HIDDEN.get()
}
