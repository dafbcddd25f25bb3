//! Reads configuration files and `-c` values into layers for [`quire_state::config::resolve()`]. Never decides what
//! a value means: that is the resolution's work.

mod assign;
mod excerpt;
pub mod load;
mod parse;

pub use assign::assignment;
pub use load::{Files, Loaded, load};
