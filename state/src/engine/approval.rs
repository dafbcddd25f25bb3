//! Approvals: what the policy says of a call, and what the user answers.

pub mod respond;
pub mod vet;
