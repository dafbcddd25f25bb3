//! The painters of Quire: a [`Model`](quire_state::Model) becomes a [`Scene`], plain data that says what the terminal
//! should look like.
//!
//! [`view`] paints the full screen, [`inline`] the live area below the terminal's own scrollback, and
//! [`plain::plain_item`] one item as plain text. Nothing here changes the Model, performs I/O or knows a terminal
//! backend. What was painted before is kept in a [`Memo`], which never changes what a frame shows.

#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "tests set up by other means than what they test"))]

mod bottom;
mod canvas;
mod highlight;
mod inline;
mod layout;
mod markdown;
mod memo;
mod overlay;
pub mod plain;
mod reader;
mod scene;
mod text;
mod theme;
mod transcript;
mod view;

#[cfg(test)]
mod tests;

pub use inline::inline;
pub use memo::Memo;
pub use reader::{Reading, Told, reader};
pub use scene::{Flushed, InlineScene, Scene};
pub use text::links::Links;
pub use theme::{Depth, Theme, Token};
pub use view::view;
