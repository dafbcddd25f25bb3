//! The terminal layer: what the painting faces write to and read from.
//!
//! Writers turn a wanted picture into bytes and never touch a file descriptor; [`tty`] is the one place that
//! does. [`modes`] owns every mode that was set, [`restore`] undoes them however the program ends. Nothing
//! here looks into the model or decides what is shown.

pub mod alert;
pub mod clipboard;
pub mod decode;
pub mod events;
pub mod full;
pub mod glyph;
pub mod ground;
pub mod inline;
pub mod modes;
pub mod pen;
pub mod place;
pub mod progress;
pub mod reflow;
pub mod restore;
pub mod sight;
pub mod tty;

mod burst;
#[cfg(test)]
mod models;
mod sequence;
#[cfg(test)]
mod windows;

pub use modes::{Mode, Modes};
pub use tty::Tty;
