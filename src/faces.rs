//! The faces. Which one is used is decided once, by `launch`.

mod editor;
pub mod exec_json;
pub mod exec_text;
pub mod full;
pub mod inline;
pub mod reader;
mod terminal;
