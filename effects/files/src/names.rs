//! Names that cannot be guessed.

use std::{
    ffi::OsString,
    hash::{BuildHasher as _, Hasher as _, RandomState},
};

/// Beginning of the names under which new contents wait for a moment.
const PREFIX: &str = ".quire-new-";

/// A name that cannot have been prepared.
pub(crate) fn random() -> OsString {
    let number = of_the_kernel().unwrap_or_else(|| {
        // The standard library keys its hashers from the system's randomness.
        let word = || RandomState::new().build_hasher().finish();
        (u128::from(word()) << 64) | u128::from(word())
    });
    OsString::from(format!("{PREFIX}{number:032x}"))
}

#[cfg(target_os = "linux")]
fn of_the_kernel() -> Option<u128> {
    let mut bytes = [0_u8; 16];
    let count = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()).ok()?;
    (count == bytes.len()).then(|| u128::from_ne_bytes(bytes))
}

#[cfg(not(target_os = "linux"))]
fn of_the_kernel() -> Option<u128> {
    None
}
