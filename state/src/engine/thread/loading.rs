//! A stored thread on its way.

use std::sync::Arc;

use crate::{engine::thread::settings::ThreadSettings, item::UserInput, msg::Origin};

/// A stored thread that is being read, and what follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Loading {
    /// Who asked for it, and is answered when it has been read.
    pub origin: Origin,
    /// What it works under.
    pub settings: Arc<ThreadSettings>,
    /// What is said first.
    pub first: Option<UserInput>,
}

/// Why the records end in the middle of a turn, if they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The program was ended.
    Killed,
    /// They were copied from a thread that goes on.
    Copied,
}
