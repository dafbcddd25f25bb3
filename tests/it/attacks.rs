//! What a hostile model, repository or command tries, through the whole program: the binary, a scripted model that
//! follows the attacker, and a canary folder outside that must stay as it is.

#![expect(clippy::print_stdout, reason = "what is skipped is said")]

mod calls;
mod carried;
mod environment;
mod fields;
mod floods;
mod grants;
mod hard_links;
mod harm;
mod jobs;
mod leftovers;
mod links;
mod memory;
mod neighbours;
mod numbers;
mod outputs;
mod outside;
mod patches;
mod paths;
mod patterns;
mod peer;
mod questions;
mod readers;
mod replaced;
mod rules;
mod runner;
mod scene;
mod secrets;
mod shown;
mod signs;
mod sockets;
mod steering;
mod stored;
mod streams;
mod trust;
mod trusted;
mod typing;
