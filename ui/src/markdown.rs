//! Markdown to painted lines: [`render`](render::render) for a whole text, [`Stream`] for one that grows.

mod blocks;
mod code;
mod fence;
mod flanks;
mod inline;
mod render;
mod stream;
mod table;

pub(crate) use blocks::line_start;
pub(crate) use render::{Start, render};
pub(crate) use stream::{Brush, Stream};
