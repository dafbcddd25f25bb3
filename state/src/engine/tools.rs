//! The tools that the model may call, each in its own file.

pub mod image;
pub mod one_shot;
pub mod patch;
pub mod permissions;
pub mod plan;
pub mod shell;
pub mod stdin;
pub mod user_input;
