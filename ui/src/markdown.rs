//! Markdown to painted lines: [`render`](render::render) for a whole text, [`Stream`] for one that grows.

mod code;
mod inline;
mod render;
mod stream;
mod table;

pub(crate) use render::{Start, render};
pub(crate) use stream::{Brush, Stream};
