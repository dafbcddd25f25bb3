//! The shapes that Quire reads and writes outside. No logic: what a shape means is decided by `effects`.

pub mod responses;
pub mod rollout;
