//! Tests of the whole program: the real binary in a terminal or between pipes, against the scripted server on
//! loopback. Nothing here sleeps: every test waits for a fact, within a generous limit.

#![expect(clippy::disallowed_methods, reason = "tests set up by other means than what they test")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod bed;
mod pty;
mod sequences;
#[cfg(test)]
mod skip;
mod tidy;

mod attacks;
mod colours;
mod composer;
mod demo;
mod edges;
mod ends;
mod exec_events;
mod exec_faults;
mod exec_inputs;
mod exec_patches;
mod exec_servers;
mod exec_sessions;
mod execpolicy;
mod inline;
mod kill;
mod life;
mod links;
mod pager;
mod painting;
mod pickers;
mod proxy;
mod reader;
mod replays;
mod rewind;
mod sandbox;
mod shelve;
mod sign_in;
mod start;
mod steering;
mod streams;
mod tmux;
mod tools;
mod travel;
mod undo;
mod work;
