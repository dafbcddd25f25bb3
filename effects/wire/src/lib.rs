//! The shapes that Quire reads and writes outside. No logic: what a shape means is decided by `effects`.

pub mod exec;
pub mod responses;
pub mod rollout;
