//! What cannot be, said where it would be met.

use crate::{
    engine::{Ctx, Thread},
    item::Level,
};

/// States that this place cannot be reached. Tests fail here; a release warns the user and goes on, for the fold never fails.
macro_rules! never {
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

/// Says that what cannot be has been met.
#[track_caller]
pub(crate) fn reached(ctx: &mut Ctx<'_>, thread: &mut Thread, what: &str) {
    if cfg!(debug_assertions) {
        fail(what);
    }
    warn(ctx, thread, what);
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
