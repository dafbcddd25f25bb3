//! Reads configuration files and `-c` values into layers for [`quire_state::config::resolve()`]. Never decides what
//! a value means: that is the resolution's work. Writes single keys of the user's files ([`save`]), the rest stays byte for byte.

mod assign;
mod edit;
mod excerpt;
pub mod load;
mod parse;
mod profiles;
mod save;

pub use assign::assignment;
pub use load::{Files, Loaded, load};
pub use profiles::not_in_use;
pub use save::save;

/// The line of a text with a caret under the place, for messages; both numbers are from 1.
pub fn excerpt(text: &str, line: u32, column: u32) -> Option<String> {
    excerpt::Lines::of(text).excerpt(quire_state::config::Place { line, column })
}
