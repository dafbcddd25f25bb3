//! Names that nobody can guess.

use std::{
    ffi::OsString,
    hash::{BuildHasher as _, Hasher as _, RandomState},
};

use rustix::rand::{GetRandomFlags, getrandom};

/// Beginning of the names under which new contents wait for a moment.
const PREFIX: &str = ".quire-new-";

/// A name that nobody can have made ready.
pub(crate) fn random() -> OsString {
    let mut bytes = [0_u8; 16];
    if getrandom(&mut bytes, GetRandomFlags::empty()) != Ok(bytes.len()) {
        // The standard library keys its hashers from the system's randomness.
        let word = || RandomState::new().build_hasher().finish();
        bytes = ((u128::from(word()) << 64) | u128::from(word())).to_ne_bytes();
    }
    OsString::from(format!("{PREFIX}{:032x}", u128::from_ne_bytes(bytes)))
}
