//! Tests of the fold as data: scripts of the turn engine, the laws over random messages, and planted bugs.

#![expect(clippy::unwrap_used, reason = "tests")]

mod alerts;
mod approvals;
mod attach;
mod audit;
mod background;
mod completion;
mod config_page;
mod editor;
mod escalations;
mod fold_notices;
mod forks;
mod items;
mod lab;
mod late;
mod laws;
mod machines;
mod pager;
mod patches;
mod pickers;
#[cfg(feature = "planted-bugs")]
mod planted;
mod purity;
mod rename;
mod replay;
mod requests;
mod resume;
mod retries;
mod rewind;
mod rollback;
mod screen;
mod scripts;
mod servers;
mod sessions;
mod shell_words;
mod sign_in;
#[cfg(test)]
#[path = "../../../tests/it/skip.rs"]
mod skip;
mod sources;
mod threads;
mod tools;
mod trust;
mod turns;
mod undo;
mod user_shell;
mod wildcards;
mod words;
mod working;
