//! The sandbox around commands, tried from the inside: every case by every means, as root and as another user.

#![expect(clippy::print_stdout, reason = "what is skipped is said")]

mod denials;
mod files;
mod foreign;
mod kernel;
pub(crate) mod machine;
mod network;
mod patterns;
pub(crate) mod places;
mod powers;
mod profiles;
mod reached;
mod refused;
mod setup;
mod sockets;
pub(crate) mod stand;
mod terminal;
mod within;
