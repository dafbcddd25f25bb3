//! What a hostile model, repository or command tries, through the whole program: the binary, a scripted model that
//! follows the attacker, and a canary folder outside that must stay as it is.

#![expect(clippy::print_stdout, reason = "what is skipped is said")]

mod calls;
mod fields;
mod floods;
mod grants;
mod harm;
mod jobs;
mod leftovers;
mod outputs;
mod outside;
mod patches;
mod paths;
mod questions;
mod readers;
mod rules;
mod runner;
mod scene;
mod secrets;
mod signs;
mod sockets;
mod steering;
mod trust;
mod trusted;
