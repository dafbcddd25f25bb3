//! What cannot be, said where it would be met.

use crate::{
    engine::{Ctx, Fold, Thread},
    item::Level,
};

/// States that this place cannot be reached. Tests fail here; a release warns the user and goes on, for the fold never fails.
macro_rules! never {
    (all: $ctx:expr, $($text:tt)+) => {
        $crate::never::reached_by_all($ctx, &format!($($text)+))
    };
    ($ctx:expr, $thread:expr, $($text:tt)+) => {
        $crate::never::reached($ctx, $thread, &format!($($text)+))
    };
}

/// States that this holds, and says whether it does. Where it does not, that is as [`never!`] has it.
macro_rules! always {
    ($ctx:expr, $thread:expr, $holds:expr, $($text:tt)+) => {
        $holds || {
            never!($ctx, $thread, $($text)+);
            false
        }
    };
}

/// Says that what cannot be has been met in work on all threads; where there is one, it is told there.
#[track_caller]
pub(crate) fn reached_by_all(ctx: &mut Fold<'_>, what: &str) {
    if is_fatal() {
        fail(what);
    }
    if let Some(id) = ctx.engine.active.clone() {
        ctx.with_thread(&id, |ctx, thread| warn(ctx, thread, what));
    }
}

/// Says that what cannot be has been met in work on a thread.
#[track_caller]
pub(crate) fn reached(ctx: &mut Ctx<'_>, thread: &mut Thread, what: &str) {
    if is_fatal() {
        fail(what);
    }
    warn(ctx, thread, what);
}

fn is_fatal() -> bool {
    #[cfg(feature = "planted-bugs")]
    if crate::planted::any() {
        return false;
    }
    cfg!(debug_assertions)
}

#[track_caller]
#[expect(clippy::panic, reason = "it is called where assertions are compiled only")]
fn fail(what: &str) {
    panic!("this cannot be: {what}");
}

/// What a release makes of it: the thread says so, and goes on.
fn warn(ctx: &mut Ctx<'_>, thread: &mut Thread, what: &str) {
    let text = format!("Quire has met what should not be possible: {what}. The work goes on; please report this.");
    ctx.note(thread, Level::Warning, text);
}
