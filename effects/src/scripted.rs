//! To be written.

/// A scripted model. To be written.
#[derive(Clone, Debug)]
pub struct Script;
