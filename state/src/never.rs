//! What cannot be, said where it would be met.

/// States that this place cannot be reached. Tests fail here; a release goes on, for the fold never fails.
macro_rules! never {
    ($($text:tt)+) => {
        if cfg!(debug_assertions) {
            $crate::never::reached(format_args!($($text)+));
        }
    };
}

/// Fails a test that has reached what cannot be.
#[track_caller]
#[expect(clippy::panic, reason = "it is called where assertions are compiled only")]
pub(crate) fn reached(what: std::fmt::Arguments<'_>) {
    panic!("this cannot be: {what}");
}
