//! Painted scenes, read like screenshots, and the rules of the painters.

mod coloured;
mod cost;
mod explored;
mod growth;
mod hostile;
mod inline;
mod long;
mod markdown;
mod mode;
mod offers;
mod pager;
mod patches;
mod pickers;
mod reader;
mod reading;
mod rewind;
mod rolled_back;
mod screens;
mod scroll;
mod sizes;
mod support;
mod tidy;
mod trust;
mod user_shell;
mod vim;
mod waiting;
